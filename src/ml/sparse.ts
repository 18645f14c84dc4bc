/** Sparse row-major matrices (CSR), and what text needs of them: thin products and a ridge regression. */
export interface SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Entries of row r: places starts[r] … starts[r + 1] − 1. */
  readonly starts: Int32Array;
  /** Column of each entry. */
  readonly at: Int32Array;
  readonly values: Float64Array;
}

/** @param entries of each row: columns and values. */
export function sparseMatrix(
  columns: number,
  entries: readonly (readonly (readonly [column: number, value: number])[])[],
): SparseMatrix {
  const starts = new Int32Array(entries.length + 1);
  for (const [row, own] of entries.entries()) starts[row + 1] = (starts[row] ?? 0) + own.length;
  const flat = entries.flat();
  return {
    rows: entries.length,
    columns,
    starts,
    at: Int32Array.from(flat, ([column]) => column),
    values: Float64Array.from(flat, ([, value]) => value),
  };
}

/** A · B for a dense B of `width` columns: [rows, width], row-major. */
export function multiply(a: SparseMatrix, b: Float64Array, width: number): Float64Array {
  const {rows, starts, at, values} = a;
  const result = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const to = row * width;
    for (let entry = starts[row] ?? 0; entry < (starts[row + 1] ?? 0); entry++) {
      const from = (at[entry] ?? 0) * width;
      const value = values[entry] ?? 0;
      for (let k = 0; k < width; k++) result[to + k] = (result[to + k] ?? 0) + value * (b[from + k] ?? 0);
    }
  }
  return result;
}

/** Aᵀ · B for a dense B of `width` columns: [columns, width], row-major. */
export function multiplyTransposed(a: SparseMatrix, b: Float64Array, width: number): Float64Array {
  const {rows, columns, starts, at, values} = a;
  const result = new Float64Array(columns * width);
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    for (let entry = starts[row] ?? 0; entry < (starts[row + 1] ?? 0); entry++) {
      const to = (at[entry] ?? 0) * width;
      const value = values[entry] ?? 0;
      for (let k = 0; k < width; k++) result[to + k] = (result[to + k] ?? 0) + value * (b[from + k] ?? 0);
    }
  }
  return result;
}

const MAX_STEPS = 40;
/** Steps end when the gradient has shrunk to this share of what it was. */
const TOLERANCE = 1e-4;

/**
 * Weights w that lower ‖y − A w‖² + penalty · ‖w‖² over the chosen rows, by conjugate gradients on the normal
 * equations (Hestenes and Stiefel 1952). The target should be centred: there is no intercept.
 * @param isChosen 1: the row is learnt from.
 */
export function fitSparseRidge(
  a: SparseMatrix,
  y: Float64Array,
  penalty: number,
  isChosen: Uint8Array,
): Float64Array {
  const weights = new Float64Array(a.columns);
  const masked = (values: Float64Array): Float64Array =>
    values.map((value, row) => (isChosen[row] === 1 ? value : 0));
  const normal = (of: Float64Array): Float64Array => {
    const product = multiplyTransposed(a, masked(multiply(a, of, 1)), 1);
    return product.map((value, column) => value + penalty * (of[column] ?? 0));
  };
  const wanted = multiplyTransposed(a, masked(y), 1);
  const residual = Float64Array.from(wanted);
  let direction = Float64Array.from(residual);
  let size = dot(residual, residual);
  const enough = TOLERANCE ** 2 * dot(wanted, wanted);
  for (let step = 0; step < MAX_STEPS && size > enough; step++) {
    const image = normal(direction);
    const length = size / dot(direction, image);
    for (let column = 0; column < a.columns; column++) {
      weights[column] = (weights[column] ?? 0) + length * (direction[column] ?? 0);
      residual[column] = (residual[column] ?? 0) - length * (image[column] ?? 0);
    }
    const next = dot(residual, residual);
    const turn = next / size;
    direction = direction.map((value, column) => (residual[column] ?? 0) + turn * value);
    size = next;
  }
  return weights;
}

/** Sum of products. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}
