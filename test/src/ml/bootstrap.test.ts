import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {mean, median, quantile} from '../../../src/lib/stats.ts';
import {bootstrapRelativeMedian} from '../../../src/ml/bootstrap.ts';

/** Errors of two models that share each home's difficulty; `gain`: how much less the first errs. */
function pairedErrors(rows: number, gain: number, seed: number) {
  const random = createRandom(seed);
  const hard = Array.from({length: rows}, () => Math.abs(random.normal(0, 0.15)));
  return {
    own: hard.map(value => value * (1 - gain) * Math.exp(random.normal(0, 0.2))),
    other: hard.map(value => value * Math.exp(random.normal(0, 0.2))),
  };
}

const singles = (rows: number) => Int32Array.from({length: rows}, (_, row) => row);

describe('bootstrapRelativeMedian', () => {
  it('tells the quotient of the medians of all rows', () => {
    const {own, other} = pairedErrors(501, 0.1, 1);
    const {relative, low, high} = bootstrapRelativeMedian(own, other, singles(501), {seed: 1});
    expect(relative).toBeCloseTo(median(own) / median(other) - 1, 12);
    expect(low).toBeLessThan(relative);
    expect(high).toBeGreaterThan(relative);
  });

  it('agrees with resampling done the long way', () => {
    const {own, other} = pairedErrors(120, 0.1, 2);
    const group = Int32Array.from({length: 120}, (_, row) => Math.floor(row / 3));
    const random = createRandom('bootstrap/9');
    const draws = Array.from({length: 400}, () => {
      const rows = Array.from({length: 40}, () => Math.floor(random.next() * 40)).flatMap(drawn =>
        [...group.keys()].filter(row => group[row] === drawn),
      );
      return median(rows.map(row => own[row]!)) / median(rows.map(row => other[row]!)) - 1;
    });
    const {low, high} = bootstrapRelativeMedian(own, other, group, {seed: 9, resamples: 400});
    expect(low).toBeCloseTo(quantile(draws, 0.025), 12);
    expect(high).toBeCloseTo(quantile(draws, 0.975), 12);
  });

  it('finds a gain of a tenth, and none where there is none', () => {
    const better = pairedErrors(3000, 0.1, 3);
    expect(bootstrapRelativeMedian(better.own, better.other, singles(3000), {seed: 1}).high).toBeLessThan(0);
    const same = pairedErrors(3000, 0, 4);
    const {low, high} = bootstrapRelativeMedian(same.own, same.other, singles(3000), {seed: 1});
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
  });

  it('holds the truth in about 19 of 20 samples', () => {
    const holds = Array.from({length: 120}, (_, seed) => {
      const {own, other} = pairedErrors(300, 0.1, 100 + seed);
      const {low, high} = bootstrapRelativeMedian(own, other, singles(300), {seed, resamples: 300});
      return low <= -0.1 && high >= -0.1 ? 1 : 0;
    });
    expect(mean(holds)).toBeGreaterThan(0.88);
  });

  it('is wider when rows come in groups that err together', () => {
    const {own, other} = pairedErrors(300, 0.05, 5);
    const repeat = <T>(values: readonly T[]) =>
      values.flatMap(value => Array.from({length: 10}, () => value));
    const widthOf = (group: Int32Array) => {
      const {low, high} = bootstrapRelativeMedian(repeat(own), repeat(other), group, {seed: 1});
      return high - low;
    };
    const byHome = widthOf(Int32Array.from({length: 3000}, (_, row) => Math.floor(row / 10)));
    expect(byHome).toBeGreaterThan(2 * widthOf(singles(3000)));
  });

  it('gives the same interval for the same seed and refuses lists that are not pairs', () => {
    const {own, other} = pairedErrors(200, 0.1, 6);
    const settings = {seed: 3, resamples: 200};
    expect(bootstrapRelativeMedian(own, other, singles(200), settings)).toEqual(
      bootstrapRelativeMedian(own, other, singles(200), settings),
    );
    expect(() => bootstrapRelativeMedian(own, other.slice(1), singles(200), settings)).toThrow(
      '200 and 199 errors',
    );
    expect(() => bootstrapRelativeMedian([], [], [], settings)).toThrow(RangeError);
  });
});
