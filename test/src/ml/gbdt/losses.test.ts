import {describe, expect, it} from 'vitest';
import {fillGradients, startOf} from '../../../../src/ml/gbdt/losses.ts';

const gradients = (huberDelta: number | null) => {
  const gradient = new Float64Array(4);
  fillGradients({huberDelta}, Float64Array.from([0, 0, 0, 0]), Float64Array.from([3, -3, 0.5, 0]), gradient);
  return [...gradient];
};

describe('fillGradients', () => {
  it('is the error for squares, the error cut at delta for Huber', () => {
    expect(gradients(null)).toEqual([3, -3, 0.5, 0]);
    expect(gradients(1)).toEqual([1, -1, 0.5, 0]);
  });
});

describe('startOf', () => {
  it('starts at the mean for squares, at the median for Huber', () => {
    expect(startOf({huberDelta: null}, [1, 2, 9])).toBe(4);
    expect(startOf({huberDelta: 1}, [1, 2, 9])).toBe(2);
  });
});
