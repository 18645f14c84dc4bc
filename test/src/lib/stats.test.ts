import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {mean, median, medianAbsoluteDeviation, quantile, robustSd} from '../../../src/lib/stats.ts';

describe('quantile', () => {
  it('interpolates between order statistics and leaves its input alone', () => {
    const values = [4, 1, 3, 2];
    expect(quantile(values, 0.25)).toBe(1.75);
    expect(quantile(values, 0)).toBe(1);
    expect(quantile(values, 1)).toBe(4);
    expect(median(values)).toBe(2.5);
    expect(values).toEqual([4, 1, 3, 2]);
  });

  it('gives NaN for an empty list', () => {
    expect(median([])).toBeNaN();
    expect(mean([])).toBeNaN();
  });
});

describe('robustSd', () => {
  it('estimates the spread of a normal sample in spite of outliers', () => {
    const random = createRandom(1);
    const values = Array.from({length: 4000}, (_, index) => (index % 50 === 0 ? 1000 : random.normal(7, 2)));
    expect(robustSd(values)).toBeGreaterThan(1.9);
    expect(robustSd(values)).toBeLessThan(2.15);
    expect(medianAbsoluteDeviation([1, 2, 3, 4, 100])).toBe(1);
  });
});
