import {describe, expect, it} from 'vitest';
import {solveSymmetric, takeRows} from '../../../src/ml/matrix.ts';

describe('solveSymmetric', () => {
  it('solves a system with a known answer', () => {
    const x = solveSymmetric(Float64Array.from([4, 2, 2, 3]), Float64Array.from([10, 8]));
    expect(x[0]).toBeCloseTo(1.75, 12);
    expect(x[1]).toBeCloseTo(1.5, 12);
  });

  it('refuses a matrix that is not positive definite', () => {
    expect(() => solveSymmetric(Float64Array.from([1, 2, 2, 1]), Float64Array.from([1, 1]))).toThrow(
      /ridge penalty/,
    );
  });
});

describe('takeRows', () => {
  it('copies rows in the order asked', () => {
    const matrix = {rows: 3, columns: 2, values: Float32Array.from([1, 2, 3, 4, 5, 6])};
    expect([...takeRows(matrix, [2, 0, 2]).values]).toEqual([5, 6, 1, 2, 5, 6]);
  });
});
