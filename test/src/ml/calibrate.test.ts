import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {type CalibrationRow, fitCalibration, rangeOf} from '../../../src/ml/calibrate.ts';
import {crossFittedCoverage, reportCoverage} from '../../../src/ml/coverage.ts';
import {dealGroups} from '../../../src/ml/split.ts';

interface WorldSettings {
  readonly count: number;
  readonly seed: number;
  /** What the quantile models say: nothing, the truth, or noise. */
  readonly quantiles?: 'none' | 'true' | 'noise';
}

/** Residuals whose spread grows with the price, with the estrato and, unseen by any group, from home to home. */
function residualWorld({count, seed, quantiles = 'none'}: WorldSettings): CalibrationRow[] {
  const random = createRandom(seed);
  return Array.from({length: count}, () => {
    const predicted = random.between(18, 21);
    const stratum = random.int(1, 6);
    const own = quantiles === 'none' ? 1 : random.pick([0.3, 2]);
    const spread = (predicted < 19 ? 0.05 : predicted < 20 ? 0.1 : 0.2) * (stratum === 6 ? 2 : 1) * own;
    const reach = quantiles === 'noise' ? random.between(0.01, 0.9) : 1.2816 * spread;
    return {
      row: {
        propertyType: random.pick(['apartment', 'house'] as const),
        municipality: random.pick(['Medellín', 'Envigado']),
        stratum,
      },
      predicted,
      quantiles: quantiles === 'none' ? null : ([predicted - reach, predicted + reach] as const),
      actual: predicted + spread * random.normal(),
    };
  });
}

const alone = (rows: readonly unknown[]) => Int32Array.from(rows.keys());

describe('fitCalibration', () => {
  const rows = residualWorld({count: 6000, seed: 1});
  const calibration = fitCalibration(rows, alone(rows), 1);
  const inside = (fresh: CalibrationRow[], by = calibration) =>
    fresh.filter(row => {
      const {low, high} = rangeOf(by, row);
      return low <= row.actual && row.actual <= high;
    }).length / fresh.length;

  it('holds 80 % of fresh prices, also within each price level, type, municipality and estrato', () => {
    const fresh = residualWorld({count: 12_000, seed: 2});
    expect(inside(fresh)).toBeGreaterThan(0.785);
    expect(inside(fresh)).toBeLessThan(0.815);
    const segments = [
      ...[18, 19, 20].map(low => fresh.filter(row => row.predicted >= low && row.predicted < low + 1)),
      ...[1, 2, 3, 4, 5, 6].map(stratum => fresh.filter(({row}) => row.stratum === stratum)),
      fresh.filter(({row}) => row.propertyType === 'house'),
      fresh.filter(({row}) => row.municipality === 'Envigado'),
    ];
    for (const segment of segments) {
      expect(inside(segment)).toBeGreaterThan(0.76);
      expect(inside(segment)).toBeLessThan(0.84);
    }
  });

  it('reaches as far as the known spread: ± 1.28 standard deviations', () => {
    const home = (predicted: number, stratum: number) =>
      ({
        row: {propertyType: 'house', municipality: 'Medellín', stratum},
        predicted,
        quantiles: null,
      }) as const;
    const widths = [home(18.5, 3), home(20.5, 6)].map(own => {
      const {low, high} = rangeOf(calibration, own);
      expect((low + high) / 2).toBeCloseTo(own.predicted, 9);
      return (high - low) / 2;
    });
    expect(Math.abs(widths[0]! / (1.2816 * 0.05) - 1)).toBeLessThan(0.15);
    expect(Math.abs(widths[1]! / (1.2816 * 0.4) - 1)).toBeLessThan(0.15);
  });

  it('estimates the spread of each level without being moved by outliers', () => {
    const wild = residualWorld({count: 3000, seed: 3}).map((row, index) =>
      index % 40 === 0 ? {...row, actual: row.actual + 3} : row,
    );
    const plain = wild.filter(({row}) => row.stratum !== 6);
    const {scale} = rangeOf(fitCalibration(plain, alone(plain), 1), plain.find(row => row.predicted < 18.9)!);
    expect(scale).toBeCloseTo(0.05, 2);
  });

  it('calibrates groups that are too small together, or as everybody', () => {
    const studio = {
      row: {propertyType: 'studio', municipality: 'Nowhere', stratum: null},
      predicted: 19,
      quantiles: null,
      actual: 25,
    } as const;
    const more = [...rows, studio];
    const own = fitCalibration(more, alone(more), 1);
    const {low, high} = rangeOf(own, studio);
    expect((high - low) / 2).toBeCloseTo(Math.exp(own.reach.base), 9);
  });

  it('takes ranges by quantiles where they know the spread, and not where they know nothing', () => {
    const knowing = residualWorld({count: 3000, seed: 4, quantiles: 'true'});
    const guessing = residualWorld({count: 3000, seed: 5, quantiles: 'noise'});
    const byQuantile = fitCalibration(knowing, alone(knowing), 1);
    expect(byQuantile.method).toBe('quantile');
    expect(fitCalibration(guessing, alone(guessing), 1).method).toBe('split');
    const fresh = residualWorld({count: 6000, seed: 6, quantiles: 'true'});
    expect(inside(fresh, byQuantile)).toBeGreaterThan(0.78);
    expect(inside(fresh, byQuantile)).toBeLessThan(0.82);
    // Each home's own spread counts: those of 0.3 and of 2 are both held.
    for (const own of [0.3, 2]) {
      const alike = fresh.filter(({quantiles, predicted, row}) => {
        const base = (predicted < 19 ? 0.05 : predicted < 20 ? 0.1 : 0.2) * (row.stratum === 6 ? 2 : 1);
        return Math.abs((predicted - quantiles![0]) / (1.2816 * base) - own) < 0.01;
      });
      expect(alike.length).toBeGreaterThan(2000);
      expect(Math.abs(inside(alike, byQuantile) - 0.8)).toBeLessThan(0.06);
    }
    expect(() => rangeOf(byQuantile, {...fresh[0]!, quantiles: null})).toThrow(/quantiles of every home/);
  });

  it('uses calibration rows for nothing else: what chose the method does not move the ranges', () => {
    const world = residualWorld({count: 3000, seed: 7, quantiles: 'true'});
    const groups = alone(world);
    const usual = fitCalibration(world, groups, 1);
    expect(usual.rows).toBe(2400);
    // A fifth of the groups, dealt by a seed of its own, chooses.
    const choosing = dealGroups(groups, 5, 1 + 3).map(part => (part === 0 ? 1 : 0));
    const moved = (which: number) =>
      world.map((row, index) => (choosing[index] === which ? {...row, actual: row.actual + 1e-5} : row));
    expect(fitCalibration(moved(1), groups, 1)).toEqual(usual);
    expect(fitCalibration(moved(0), groups, 1)).not.toEqual(usual);
  });

  it('survives JSON', () => {
    const again = JSON.parse(JSON.stringify(calibration));
    for (const row of rows.slice(0, 50)) expect(rangeOf(again, row)).toEqual(rangeOf(calibration, row));
  });
});

describe('crossFittedCoverage', () => {
  it('measures on folds that did not set the range, by segment', () => {
    const rows = residualWorld({count: 4000, seed: 8});
    const fold = Uint8Array.from(rows, (_, index) => index % 5);
    const report = crossFittedCoverage(rows, {splitId: 's', folds: 5, fold, group: alone(rows)}, 1);
    expect(report.rows).toBe(4000);
    expect(report.methods).toEqual(new Array(5).fill('split'));
    expect(report.coverage).toBeGreaterThan(0.775);
    expect(report.coverage).toBeLessThan(0.825);
    expect(Object.keys(report.byStratum)).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(Object.keys(report.byMunicipality).sort()).toEqual(['Envigado', 'Medellín']);
    const houses = report.byType.house!;
    expect(houses.rows + report.byType.apartment!.rows).toBe(4000);
  });
});

describe('reportCoverage', () => {
  it('counts by hand', () => {
    const price = (actual: number) => {
      return {
        row: {propertyType: 'house', municipality: 'Bello', stratum: null},
        low: 1,
        high: 2,
        actual,
      } as const;
    };
    const prices = [...new Array(90).fill(price(1.5)), ...new Array(30).fill(price(3))];
    expect(reportCoverage(prices)).toEqual({
      rows: 120,
      coverage: 0.75,
      meanWidth: expect.closeTo(Math.E - 1, 9),
      byType: {house: {rows: 120, coverage: 0.75}},
      byMunicipality: {Bello: {rows: 120, coverage: 0.75}},
      byStratum: {},
    });
    expect(reportCoverage(prices.slice(0, 99)).byType).toEqual({});
  });
});
