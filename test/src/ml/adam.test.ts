import {describe, expect, it} from 'vitest';
import {Adam} from '../../../src/ml/adam.ts';

describe('Adam', () => {
  it('moves each weight by the learning rate at the first step, against its gradient', () => {
    const weights = Float32Array.from([1, 1, 1]);
    new Adam([weights], [0]).step([Float32Array.from([0.001, -50, 0])], 0.1);
    expect([...weights].map(value => Math.round(value * 1000) / 1000)).toEqual([0.9, 1.1, 1]);
  });

  it('finds the bottom of a bowl', () => {
    const weights = Float32Array.from([5, -3]);
    const adam = new Adam([weights], [0]);
    for (let step = 0; step < 800; step++)
      adam.step([weights.map((value, index) => 2 * (value - index))], 0.05);
    expect(weights[0]).toBeCloseTo(0, 2);
    expect(weights[1]).toBeCloseTo(1, 2);
  });

  it('shrinks weights without gradient by rate × decay', () => {
    const weights = Float32Array.from([2]);
    new Adam([weights], [0.5]).step([Float32Array.from([0])], 0.1);
    expect(weights[0]).toBeCloseTo(1.9, 6);
  });
});
