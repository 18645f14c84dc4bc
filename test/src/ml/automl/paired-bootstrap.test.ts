import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../../src/lib/random.ts';
import {comparePaired} from '../../../../src/ml/automl/paired-bootstrap.ts';

const ROWS = 600;
const random = createRandom('losses');
const base = Float64Array.from({length: ROWS}, () => Math.abs(random.normal()) * 0.1);
const alone = Int32Array.from(base.keys());

describe('comparePaired', () => {
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
