import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {multiply, sparseMatrix} from '../../../src/ml/sparse.ts';
import {truncatedSvd} from '../../../src/ml/svd.ts';

function denseMatrix(rows: readonly (readonly number[])[]) {
  return sparseMatrix(
    rows[0]!.length,
    rows.map(own => own.map((value, at) => [at, value] as const)),
  );
}

describe('truncatedSvd', () => {
  it('finds known values: a diagonal of 3, 2, 1 and a rotated pair', () => {
    const {singular, vectors, rank} = truncatedSvd(
      denseMatrix([
        [0, 3, 0],
        [2, 0, 0],
        [0, 0, 1],
      ]),
      2,
      1,
    );
    expect(rank).toBe(2);
    expect(singular[0]).toBeCloseTo(3, 9);
    expect(singular[1]).toBeCloseTo(2, 9);
    // [columns, rank]: the first direction is column 1, the second column 0.
    for (const [at, value] of [0, 1, 1, 0, 0, 0].entries()) expect(vectors[at]).toBeCloseTo(value, 9);
  });

  it('finds the directions of a matrix of low rank under noise', () => {
    const random = createRandom(2);
    const directions = [0, 1, 2].map(() => Array.from({length: 40}, () => random.normal()));
    const rows = Array.from({length: 300}, () => {
      const weights = [9, 5, 2].map(size => size * random.normal());
      return directions[0]!.map(
        (_, column) =>
          weights.reduce((sum, weight, k) => sum + weight * directions[k]![column]!, 0) +
          0.05 * random.normal(),
      );
    });
    const x = denseMatrix(rows);
    const {vectors, singular, rank} = truncatedSvd(x, 3, 1);
    const image = multiply(x, vectors, rank);
    const total = rows.flat().reduce((sum, value) => sum + value ** 2, 0);
    const held = image.reduce((sum, value) => sum + value ** 2, 0);
    expect(held / total).toBeGreaterThan(0.999);
    expect(held).toBeCloseTo(
      singular.reduce((sum, value) => sum + value ** 2, 0),
      3,
    );
    for (let i = 0; i < rank; i++) {
      for (let j = 0; j <= i; j++) {
        let product = 0;
        for (let column = 0; column < 40; column++)
          product += vectors[column * rank + i]! * vectors[column * rank + j]!;
        expect(product).toBeCloseTo(i === j ? 1 : 0, 9);
      }
    }
  });

  it('gives the same bits from the same seed, and no more directions than there are', () => {
    const x = denseMatrix([
      [1, 2, 3],
      [2, 4, 6],
      [1, 2, 3],
    ]);
    const first = truncatedSvd(x, 3, 7);
    expect(truncatedSvd(x, 3, 7)).toEqual(first);
    expect(first.rank).toBe(1);
    expect(first.singular[0]).toBeCloseTo(Math.sqrt(14 * 6), 9);
    expect(truncatedSvd(sparseMatrix(0, [[], []]), 3, 7).rank).toBe(0);
  });
});
