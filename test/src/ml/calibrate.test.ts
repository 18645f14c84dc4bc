import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {
  type CalibrationRow,
  calibrationOf,
  crossFittedCoverage,
  fitCalibration,
} from '../../../src/ml/calibrate.ts';

/** Residuals whose spread grows with the price. */
function residualWorld(count: number, seed: number): CalibrationRow[] {
  const random = createRandom(seed);
  return Array.from({length: count}, () => {
    const predicted = random.between(18, 21);
    const spread = predicted < 19 ? 0.05 : predicted < 20 ? 0.1 : 0.2;
    return {
      propertyType: random.pick(['apartment', 'house'] as const),
      predicted,
      actual: predicted + spread * random.normal(),
    };
  });
}

describe('fitCalibration', () => {
  it('holds 80 % of fresh prices, also within each price level', () => {
    const calibration = fitCalibration(residualWorld(4000, 1));
    const fresh = residualWorld(4000, 2);
    const inside = (rows: CalibrationRow[]) =>
      rows.filter(row => {
        const {halfWidth} = calibrationOf(calibration, row.propertyType, row.predicted);
        return Math.abs(row.actual - row.predicted) <= halfWidth;
      }).length / rows.length;
    expect(inside(fresh)).toBeGreaterThan(0.78);
    expect(inside(fresh)).toBeLessThan(0.82);
    for (const [low, high] of [
      [18, 19],
      [19, 20],
      [20, 21],
    ] as const) {
      const level = inside(fresh.filter(row => row.predicted >= low && row.predicted < high));
      expect(level).toBeGreaterThan(0.76);
      expect(level).toBeLessThan(0.84);
    }
  });

  it('estimates the spread of each level without being moved by outliers', () => {
    const rows = residualWorld(3000, 3).map((row, index) =>
      index % 40 === 0 ? {...row, actual: row.actual + 3} : row,
    );
    const calibration = fitCalibration(rows);
    expect(calibrationOf(calibration, 'apartment', 18.2).scale).toBeCloseTo(0.05, 2);
    expect(calibrationOf(calibration, 'house', 20.8).scale).toBeCloseTo(0.2, 1);
  });

  it('lends small groups the calibration of all', () => {
    const rows = [...residualWorld(1000, 4), {propertyType: 'studio', predicted: 19, actual: 25} as const];
    const calibration = fitCalibration(rows);
    expect(calibrationOf(calibration, 'studio', 19)).toBe(calibration.groups.all);
  });

  it('measures coverage on folds that did not set the range', () => {
    const rows = residualWorld(3000, 5);
    const coverage = crossFittedCoverage(
      rows,
      rows.map((_, index) => index % 5),
      5,
    );
    expect(coverage).toBeGreaterThan(0.775);
    expect(coverage).toBeLessThan(0.825);
  });
});
