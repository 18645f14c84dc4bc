import {describe, expect, it} from 'vitest';
import {fillGradients, heldCost, startOf} from '../../../../src/ml/gbdt/losses.ts';

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

describe('the pinball loss', () => {
  const loss = {huberDelta: null, quantile: 0.9};

  it('pulls upwards with the share, downwards with what is left of it', () => {
    const gradient = new Float64Array(3);
    fillGradients(loss, Float64Array.from([5, 5, 5]), Float64Array.from([4, 5, 6]), gradient);
    expect([...gradient].map(value => Number(value.toFixed(9)))).toEqual([-0.9, -0.9, 0.1]);
  });

  it('costs 0.9 a unit below the target and 0.1 above', () => {
    expect(heldCost(loss, 10, 8)).toBeCloseTo(1.8, 12);
    expect(heldCost(loss, 10, 12)).toBeCloseTo(0.2, 12);
    expect(heldCost({huberDelta: 0.1}, 10, 12)).toBe(2);
  });

  it('is least at the quantile, where boosting starts', () => {
    const target = Array.from({length: 101}, (_, at) => at);
    const cost = (at: number) => target.reduce((sum, value) => sum + heldCost(loss, value, at), 0);
    expect(startOf(loss, target)).toBe(90);
    expect(cost(90)).toBeLessThan(cost(89));
    expect(cost(90)).toBeLessThan(cost(91));
  });
});

describe('startOf', () => {
  it('starts at the mean for squares, at the median for Huber', () => {
    expect(startOf({huberDelta: null}, [1, 2, 9])).toBe(4);
    expect(startOf({huberDelta: 1}, [1, 2, 9])).toBe(2);
  });
});
