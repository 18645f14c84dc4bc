import {describe, expect, it} from 'vitest';
import {median} from '../../../../src/lib/stats.ts';
import {areaResiduals, fitExpectedArea} from '../../../../src/ml/anomaly/expected-area.ts';
import {knownWorld} from '../../../support/housing-world.ts';

const world = knownWorld({homes: 900, seed: 9}).map((row, at) =>
  // One in fifty lost its decimal point: 85.0 became 850.
  at % 50 === 0 ? {...row, areaM2: row.areaM2 * 10} : row,
);
const group = Int32Array.from(world.keys());

describe('expected area', () => {
  const fitted = fitExpectedArea(world, group, 1);
  const residuals = areaResiduals(fitted, world);

  it('finds areas ten times too large, though they stand among the homes it learnt from', () => {
    const isWrong = (at: number) => at % 50 === 0;
    const wrong = [...residuals].filter((_, at) => isWrong(at));
    const right = [...residuals].filter((_, at) => !isWrong(at));
    expect(Math.min(...wrong)).toBeGreaterThan(Math.log(4));
    expect(right.filter(value => Math.abs(value) > Math.log(4))).toEqual([]);
    expect(Math.abs(median(right))).toBeLessThan(0.05);
  });

  it('knows homes that came later', () => {
    const [later] = knownWorld({homes: 1, seed: 10}).map(row => ({...row, listingId: 'later'}));
    const [right, wrong] = areaResiduals(fitted, [later!, {...later!, areaM2: later!.areaM2 / 10}]);
    expect(Math.abs(right!)).toBeLessThan(1);
    expect(wrong! - right!).toBeCloseTo(-Math.log(10), 6);
  });

  it('says nothing with few homes', () => {
    const few = fitExpectedArea(world.slice(0, 50), group.slice(0, 50), 1);
    expect([...areaResiduals(few, world.slice(0, 2))]).toEqual([0, 0]);
  });

  it('gives the same bits with the same seed', () => {
    expect(fitExpectedArea(world, group, 1)).toEqual(fitted);
  });
});
