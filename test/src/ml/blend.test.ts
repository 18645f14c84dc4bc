import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {fitBlendWeights} from '../../../src/ml/blend.ts';

describe('fitBlendWeights', () => {
  const random = createRandom(1);
  const actual = Float64Array.from({length: 2000}, () => random.normal());
  const noisy = (sd: number) => actual.map(value => value + sd * random.normal());
  const all = [...actual.keys()];

  it('shares alike between equally good models that err apart, and leaves the bad one out', () => {
    const weights = fitBlendWeights([noisy(0.3), noisy(3), noisy(0.3)], actual, all);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(weights[1]).toBe(0);
    expect(Math.abs(weights[0]! - weights[2]!)).toBeLessThanOrEqual(0.1);
  });

  it('learns from the chosen rows only', () => {
    const half = all.filter(row => row < 1000);
    const misleading = actual.map((value, row) => (row < 1000 ? value : value + 50));
    expect(fitBlendWeights([noisy(0.3), misleading], actual, half)).toEqual([0, 1]);
    expect(fitBlendWeights([noisy(0.3), misleading], actual, all)[0]).toBeGreaterThan(0.9);
  });
});
