/**
 * What a ridge regression on the attributes leaves of the prices: what neighbours and words may still tell.
 *
 * Fitted once on all rows, and once without each inner part, so that nothing made of it for the homes of a part has
 * seen their prices. The normal equations of a part are summed once and left out of the sum by turns.
 */
import {type Matrix, solveSymmetric} from './matrix.ts';

/** In rows. */
const PENALTY = 30;

/** Sums of a part: [1, x]ᵀ[1, x] and [1, x]ᵀ y. */
interface NormalSums {
  readonly gram: Float64Array;
  readonly moment: Float64Array;
}

/**
 * Residuals of every row: of the regression on all rows first, then of each that left out an inner part.
 * @param x attributes of about unit scale; @param part inner part of each row, below `parts`.
 */
export function hedonicResiduals(
  x: Matrix,
  target: Float64Array,
  part: ArrayLike<number>,
  parts: number,
): Float64Array[] {
  const sums = sumParts(x, target, part, parts);
  return [-1, ...sums.keys()].map(left => residualsOf(x, target, solve(sums, left, x.columns + 1)));
}

function sumParts(
  {rows, columns, values}: Matrix,
  target: Float64Array,
  part: ArrayLike<number>,
  parts: number,
): NormalSums[] {
  const width = columns + 1;
  const sums = Array.from({length: parts}, () => {
    return {gram: new Float64Array(width * width), moment: new Float64Array(width)};
  });
  const own = new Float64Array(width).fill(1);
  for (let row = 0; row < rows; row++) {
    const into = sums[part[row] ?? 0];
    if (into === undefined) throw new RangeError(`row ${row} is of part ${part[row]}, of ${parts}`);
    own.set(values.subarray(row * columns, (row + 1) * columns), 1);
    const {gram, moment} = into;
    for (let i = 0; i < width; i++) {
      const left = own[i] ?? 0;
      if (left === 0) continue;
      moment[i] = (moment[i] ?? 0) + left * (target[row] ?? 0);
      for (let j = 0; j <= i; j++) gram[i * width + j] = (gram[i * width + j] ?? 0) + left * (own[j] ?? 0);
    }
  }
  return sums;
}

/** Intercept and weights from all parts but one; −1: from all. The intercept pays no penalty. */
function solve(sums: readonly NormalSums[], left: number, width: number): Float64Array {
  const gram = new Float64Array(width * width);
  const moment = new Float64Array(width);
  for (const [part, own] of sums.entries()) {
    if (part === left) continue;
    for (let at = 0; at < gram.length; at++) gram[at] = (gram[at] ?? 0) + (own.gram[at] ?? 0);
    for (let at = 0; at < width; at++) moment[at] = (moment[at] ?? 0) + (own.moment[at] ?? 0);
  }
  // A part may hold all rows: the regression without it is 0.
  if ((gram[0] ?? 0) === 0) return moment;
  for (let i = 1; i < width; i++) gram[i * width + i] = (gram[i * width + i] ?? 0) + PENALTY;
  return solveSymmetric(gram, moment);
}

function residualsOf({columns, values}: Matrix, target: Float64Array, weights: Float64Array): Float64Array {
  return target.map((value, row) => {
    let known = weights[0] ?? 0;
    for (let column = 0; column < columns; column++) {
      known += (values[row * columns + column] ?? 0) * (weights[column + 1] ?? 0);
    }
    return value - known;
  });
}
