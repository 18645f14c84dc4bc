import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {mean, median, quantile} from '../../../src/lib/stats.ts';
import {type BootstrapSettings, comparePaired} from '../../../src/ml/bootstrap.ts';

/** Errors of two models that share each home's difficulty; `gain`: how much less the first errs. */
function pairedErrors(rows: number, gain: number, seed: number) {
  const random = createRandom(seed);
  const hard = Array.from({length: rows}, () => Math.abs(random.normal(0, 0.15)));
  return {
    own: hard.map(value => value * (1 - gain) * Math.exp(random.normal(0, 0.2))),
    other: hard.map(value => value * Math.exp(random.normal(0, 0.2))),
  };
}

/** The first of two models, set against the second. */
function relativeMedian(
  own: readonly number[],
  other: readonly number[],
  group: Int32Array,
  settings: BootstrapSettings,
) {
  return comparePaired([Float64Array.from(own), Float64Array.from(other)], group, 1, settings)[0]!;
}

const singles = (rows: number) => Int32Array.from({length: rows}, (_, row) => row);

describe('comparePaired, two models', () => {
  it('tells the quotient of the medians of all rows', () => {
    const {own, other} = pairedErrors(501, 0.1, 1);
    const {relative, low, high} = relativeMedian(own, other, singles(501), {seed: 1});
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
    const {low, high} = relativeMedian(own, other, group, {seed: 9, resamples: 400});
    expect(low).toBeCloseTo(quantile(draws, 0.025), 12);
    expect(high).toBeCloseTo(quantile(draws, 0.975), 12);
  });

  it('finds a gain of a tenth, and none where there is none', () => {
    const better = pairedErrors(3000, 0.1, 3);
    expect(relativeMedian(better.own, better.other, singles(3000), {seed: 1}).high).toBeLessThan(0);
    const same = pairedErrors(3000, 0, 4);
    const {low, high} = relativeMedian(same.own, same.other, singles(3000), {seed: 1});
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
  });

  it('holds the truth in about 19 of 20 samples', () => {
    const holds = Array.from({length: 120}, (_, seed) => {
      const {own, other} = pairedErrors(300, 0.1, 100 + seed);
      const {low, high} = relativeMedian(own, other, singles(300), {seed, resamples: 300});
      return low <= -0.1 && high >= -0.1 ? 1 : 0;
    });
    expect(mean(holds)).toBeGreaterThan(0.88);
  });

  it('is wider when rows come in groups that err together', () => {
    const {own, other} = pairedErrors(300, 0.05, 5);
    const repeat = <T>(values: readonly T[]) =>
      values.flatMap(value => Array.from({length: 10}, () => value));
    const widthOf = (group: Int32Array) => {
      const {low, high} = relativeMedian(repeat(own), repeat(other), group, {seed: 1});
      return high - low;
    };
    const byHome = widthOf(Int32Array.from({length: 3000}, (_, row) => Math.floor(row / 10)));
    expect(byHome).toBeGreaterThan(2 * widthOf(singles(3000)));
  });
});

const ROWS = 600;
const random = createRandom('losses');
const base = Float64Array.from({length: ROWS}, () => Math.abs(random.normal()) * 0.1);
const alone = Int32Array.from(base.keys());

describe('comparePaired, many models', () => {
  it('gives the reference 0 and another model its relative error with an interval around it', () => {
    const better = base.map(loss => 0.95 * loss);
    const [reference, other] = comparePaired([base, better], alone, 0, {seed: 1, resamples: 200});
    expect(reference).toEqual({relative: 0, low: 0, high: 0});
    // Exactly 5 % less in every resample: pairing cancels all luck.
    for (const value of Object.values(other!)) expect(value).toBeCloseTo(-0.05, 10);
  });

  it('sees no difference between models that differ by chance', () => {
    const noisy = base.map(loss => Math.abs(loss + 0.02 * random.normal()));
    const same = base.map(loss => Math.abs(loss + 0.02 * random.normal()));
    const [, other] = comparePaired([noisy, same], alone, 0, {seed: 1, resamples: 300});
    expect(other!.low).toBeLessThan(0);
    expect(other!.high).toBeGreaterThan(0);
  });

  it('is wider when rows are copies of few homes: homes are drawn, not adverts', () => {
    const noisy = base.map(loss => Math.abs(loss + 0.03 * random.normal()));
    const width = (losses: readonly Float64Array[], group: Int32Array) => {
      const {low, high} = comparePaired(losses, group, 0, {seed: 2, resamples: 300})[1]!;
      return high - low;
    };
    const copies = [base, noisy].map(losses =>
      Float64Array.from({length: ROWS}, (_, row) => losses[row % 30]!),
    );
    const homes = Int32Array.from(base.keys()).map(row => row % 30);
    expect(width(copies, homes)).toBeGreaterThan(2 * width(copies, alone));
  });

  it('gives the same interval from the same seed, and leaves rows out that somebody did not predict', () => {
    const other = base.map((loss, row) => (row < 5 ? Number.NaN : 0.9 * loss));
    const first = comparePaired([base, other], alone, 0, {seed: 3, resamples: 50});
    expect(comparePaired([base, other], alone, 0, {seed: 3, resamples: 50})).toEqual(first);
    expect(first[1]!.relative).toBeCloseTo(-0.1, 10);
    expect(() => comparePaired([base, new Float64Array(3)], alone, 0, {seed: 1})).toThrow(RangeError);
  });

  it('compares means as well', () => {
    const losses = [Float64Array.of(1, 1, 4), Float64Array.of(2, 2, 8)];
    const [, twice] = comparePaired(losses, [0, 1, 2], 0, {seed: 1, resamples: 20, summary: 'mean'});
    expect(twice).toEqual({relative: 1, low: 1, high: 1});
  });
});
