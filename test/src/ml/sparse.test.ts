import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {fitRidge} from '../../../src/ml/ridge.ts';
import {fitSparseRidge, multiply, multiplyTransposed, sparseMatrix} from '../../../src/ml/sparse.ts';

// [[1, 0, 2], [0, 0, 0], [0, 3, 0]]
const small = sparseMatrix(3, [
  [
    [0, 1],
    [2, 2],
  ],
  [],
  [[1, 3]],
]);

describe('products', () => {
  it('are those a hand computes', () => {
    expect([...multiply(small, Float64Array.from([1, 10, 2, 20, 3, 30]), 2)]).toEqual([7, 70, 0, 0, 6, 60]);
    expect([...multiplyTransposed(small, Float64Array.from([1, 10, 2]), 1)]).toEqual([1, 6, 2]);
  });
});

describe('fitSparseRidge', () => {
  const random = createRandom(1);
  const dense = Array.from({length: 120}, () => Array.from({length: 7}, () => random.normal()));
  const y = Float64Array.from(dense, own => 2 * own[0]! - own[3]! + 0.1 * random.normal());
  const x = sparseMatrix(
    7,
    dense.map(own => own.map((value, at) => [at, value] as const)),
  );
  const all = new Uint8Array(120).fill(1);

  it('agrees with the closed form', () => {
    // Mirrored rows make every column and the target centred, as the closed form centres them.
    const mirrored = [...dense, ...dense.map(own => own.map(value => -value))];
    const twice = sparseMatrix(
      7,
      mirrored.map(own => own.map((value, at) => [at, value] as const)),
    );
    const target = Float64Array.from([...y, ...y.map(value => -value)]);
    const closed = fitRidge({rows: 240, columns: 7, values: Float32Array.from(mirrored.flat())}, target, 5);
    const found = fitSparseRidge(twice, target, 5, new Uint8Array(240).fill(1));
    for (const [at, weight] of closed.weights.entries()) expect(found[at]).toBeCloseTo(weight, 3);
  });

  it('learns from the chosen rows only', () => {
    const half = all.map((_, row) => (row < 60 ? 1 : 0));
    const wild = y.map((value, row) => (row < 60 ? value : 1e6));
    expect(fitSparseRidge(x, wild, 5, half)).toEqual(fitSparseRidge(x, y, 5, half));
    expect(fitSparseRidge(x, wild, 5, all)).not.toEqual(fitSparseRidge(x, y, 5, all));
  });

  it('is 0 where there is nothing to learn', () => {
    expect([...fitSparseRidge(x, y, 5, new Uint8Array(120))]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
});
