/**
 * Columns as small whole numbers, so that a split is sought among bins instead of values
 * (Ke et al. 2017, "LightGBM", §2; Chen and Guestrin 2016, "XGBoost", §3.2).
 */
import type {Matrix} from '../matrix.ts';

/** Bin 0 holds the missing values (NaN); values fill bins 1 … at most `MAX_BINS`. */
export const MISSING_BIN = 0;
export const MAX_BINS = 255;

/** A matrix in bins, column by column. */
export interface BinnedMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Bin of row r in column c at c · rows + r. */
  readonly bins: Uint8Array;
  /** Of each column: cut b lies between bins b + 1 and b + 2; a value ≤ the cut is on the left. Ascending. */
  readonly cuts: readonly Float32Array[];
}

/**
 * Cuts every column at about equal counts, between values that differ.
 * @param x NaN is missing; infinite values must not stand in it.
 * @param mostBins bins for values a column, at most 255.
 */
export function binMatrix(x: Matrix, mostBins = MAX_BINS): BinnedMatrix {
  const {rows, columns, values} = x;
  const most = Math.min(mostBins, MAX_BINS);
  const bins = new Uint8Array(rows * columns);
  const cuts: Float32Array[] = [];
  const column = new Float32Array(rows);
  for (let at = 0; at < columns; at++) {
    for (let row = 0; row < rows; row++) column[row] = values[row * columns + at] ?? Number.NaN;
    const own = cutColumn(column, most);
    cuts.push(own);
    for (let row = 0; row < rows; row++) {
      const value = column[row] ?? Number.NaN;
      bins[at * rows + row] = Number.isNaN(value) ? MISSING_BIN : countBelow(own, value) + 1;
    }
  }
  return {rows, columns, bins, cuts};
}

/** Cuts halfway between neighbouring distinct values, about equally many rows in each bin. */
function cutColumn(column: Float32Array, mostBins: number): Float32Array {
  // Typed arrays sort NaN to the end.
  const sorted = Float32Array.from(column).sort();
  let stated = sorted.length;
  while (stated > 0 && Number.isNaN(sorted[stated - 1] ?? 0)) stated--;
  let distinct = stated > 0 ? 1 : 0;
  for (let at = 1; at < stated; at++) if (sorted[at] !== sorted[at - 1]) distinct++;
  const rowsPerBin = distinct <= mostBins ? 1 : stated / mostBins;
  const cuts: number[] = [];
  let wanted = rowsPerBin;
  for (let at = 1; at < stated && cuts.length < mostBins - 1; at++) {
    const low = sorted[at - 1] ?? 0;
    const high = sorted[at] ?? 0;
    if (low === high || at < wanted) continue;
    const middle = Math.fround((low + high) / 2);
    cuts.push(middle < high ? middle : low);
    wanted = at + rowsPerBin;
  }
  return Float32Array.from(cuts);
}

/** How many cuts are below the value. */
function countBelow(cuts: Float32Array, value: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
