import {describe, expect, it} from 'vitest';
import type {Matrix} from '../../../../src/ml/matrix.ts';
import {countPieces, encodePieces, fitPieces} from '../../../../src/ml/network/pieces.ts';

/** Columns: 0, 1, …, 100; a flag; always 3. */
const x: Matrix = {
  rows: 101,
  columns: 3,
  values: Float32Array.from({length: 303}, (_, at) => [Math.floor(at / 3), at % 2, 3][at % 3]!),
};

describe('fitPieces', () => {
  it('cuts at quantiles, and leaves flags and constants alone', () => {
    expect(fitPieces(x, 4, new Set())).toEqual([{column: 0, edges: [0, 25, 50, 75, 100]}]);
  });

  it('leaves the columns it is told to', () => {
    expect(fitPieces(x, 4, new Set([0]))).toEqual([]);
  });

  it('joins pieces without width', () => {
    const heaped = {...x, values: x.values.map((value, at) => (at % 3 === 0 && value < 60 ? 0 : value))};
    expect(fitPieces(heaped, 4, new Set())).toEqual([{column: 0, edges: [0, 75, 100]}]);
  });
});

describe('encodePieces', () => {
  it('fills the pieces below a number, crosses its own, and stays within 0 and 1 beyond the ends', () => {
    const pieces = [{column: 1, edges: [0, 10, 30]}];
    const rows = {rows: 4, columns: 2, values: Float32Array.from([7, -5, 7, 5, 7, 20, 7, 99])};
    expect(countPieces(2, pieces)).toBe(4);
    expect([...encodePieces(rows, pieces).values]).toEqual(
      [
        [7, -5, 0, 0],
        [7, 5, 0.5, 0],
        [7, 20, 1, 0.5],
        [7, 99, 1, 1],
      ].flat(),
    );
  });
});
