/**
 * Piecewise linear encoding of numbers (Gorishniy, Rubachev and Babenko 2022, "On Embeddings for Numerical Features in
 * Tabular Deep Learning"): quantiles cut a column into pieces, and each piece becomes an input that goes from 0 to 1
 * while the number crosses it. A network can then bend where the data are, as trees do.
 */
import {quantileOfSorted} from '../../lib/stats.ts';
import {emptyMatrix, type Matrix} from '../matrix.ts';

/** Columns with fewer different values are flags and counts: the raw number says it all. */
const MIN_DISTINCT = 12;
/** Narrower pieces are joined. */
const MIN_WIDTH = 1e-4;

/** Pieces of one column; a plain value. */
export interface ColumnPieces {
  readonly column: number;
  /** Ascending, at least two. */
  readonly edges: readonly number[];
}

/** Cuts the columns that have enough different values. @param skip columns that are left as they are. */
export function fitPieces(x: Matrix, most: number, skip: ReadonlySet<number>): ColumnPieces[] {
  const pieces: ColumnPieces[] = [];
  for (let column = 0; column < x.columns; column++) {
    if (skip.has(column)) continue;
    const values = Float64Array.from({length: x.rows}, (_, row) => x.values[row * x.columns + column] ?? 0);
    if (new Set(values).size < MIN_DISTINCT) continue;
    values.sort();
    const edges: number[] = [];
    for (let edge = 0; edge <= most; edge++) {
      const value = quantileOfSorted(values, edge / most);
      if (edge === 0 || value > (edges.at(-1) ?? 0) + MIN_WIDTH) edges.push(value);
    }
    if (edges.length > 2) pieces.push({column, edges});
  }
  return pieces;
}

/** Columns `encodePieces` gives. */
export function countPieces(columns: number, pieces: readonly ColumnPieces[]): number {
  return pieces.reduce((sum, {edges}) => sum + edges.length - 1, columns);
}

/** The columns as they are, then all pieces. */
export function encodePieces(x: Matrix, pieces: readonly ColumnPieces[]): Matrix {
  const result = emptyMatrix(x.rows, countPieces(x.columns, pieces));
  for (let row = 0; row < x.rows; row++) {
    const from = row * x.columns;
    let at = row * result.columns;
    result.values.set(x.values.subarray(from, from + x.columns), at);
    at += x.columns;
    for (const {column, edges} of pieces) {
      const value = x.values[from + column] ?? 0;
      for (let piece = 1; piece < edges.length; piece++) {
        const low = edges[piece - 1] ?? 0;
        const share = (value - low) / ((edges[piece] ?? 0) - low);
        result.values[at++] = Math.min(Math.max(share, 0), 1);
      }
    }
  }
  return result;
}
