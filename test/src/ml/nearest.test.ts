import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import type {Matrix} from '../../../src/ml/matrix.ts';
import {fitNearest, predictNearest} from '../../../src/ml/nearest.ts';

function randomMatrix(rows: number, columns: number, seed: number): Matrix {
  const random = createRandom(seed);
  return {rows, columns, values: Float32Array.from({length: rows * columns}, () => random.normal())};
}

describe('fitNearest', () => {
  it('finds the very neighbours that a walk over all rows finds', () => {
    const x = randomMatrix(300, 3, 1);
    const target = Float64Array.from({length: 300}, (_, row) => row);
    const asked = randomMatrix(40, 3, 2);
    const weights = [
      [2, 1.5],
      [0, 0.7],
    ] as const;
    const predicted = predictNearest(fitNearest(x, target, weights, 7), asked);
    for (let row = 0; row < asked.rows; row++) {
      const distance = (other: number) =>
        Math.sqrt(
          weights.reduce(
            (sum, [column, weight]) =>
              sum + (weight * x.values[other * 3 + column]! - weight * asked.values[row * 3 + column]!) ** 2,
            0,
          ),
        );
      const nearest = [...target.keys()].sort((a, b) => distance(a) - distance(b)).slice(0, 7);
      const weightOf = (other: number) => 1 / (0.2 + distance(other));
      const total = nearest.reduce((sum, other) => sum + weightOf(other), 0);
      const expected = nearest.reduce((sum, other) => sum + weightOf(other) * other, 0) / total;
      expect(predicted[row]).toBeCloseTo(expected, 6);
    }
  });

  it('takes all rows when there are fewer than asked, and refuses nothing to go by', () => {
    const x = randomMatrix(3, 1, 3);
    const model = fitNearest(x, Float64Array.of(1, 2, 3), [[0, 1]], 10);
    expect(predictNearest(model, x).every(value => value > 1 && value < 3)).toBe(true);
    expect(() => fitNearest(x, Float64Array.of(1, 2, 3), [], 10)).toThrow(/0 columns, 3 rows/);
  });
});
