/** Dense row-major matrices and the one solver the models need. */

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

export function emptyMatrix(rows: number, columns: number): Matrix {
  return {rows, columns, values: new Float32Array(rows * columns)};
}

/** The chosen rows, in that order. */
export function takeRows(matrix: Matrix, chosen: ArrayLike<number>): Matrix {
  const {columns, values} = matrix;
  const result = emptyMatrix(chosen.length, columns);
  for (let row = 0; row < chosen.length; row++) {
    const start = (chosen[row] ?? 0) * columns;
    result.values.set(values.subarray(start, start + columns), row * columns);
  }
  return result;
}

/**
 * Solves A x = b for a symmetric positive definite A (order n, row-major) by Cholesky's decomposition.
 * A is overwritten. @throws RangeError when A is not positive definite.
 */
export function solveSymmetric(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const at = (row: number, column: number): number => a[row * n + column] ?? 0;
  for (let column = 0; column < n; column++) {
    let pivot = at(column, column);
    for (let k = 0; k < column; k++) pivot -= at(column, k) ** 2;
    if (!(pivot > 0))
      throw new RangeError(`matrix is not positive definite at column ${column}; raise the ridge penalty`);
    const root = Math.sqrt(pivot);
    a[column * n + column] = root;
    for (let row = column + 1; row < n; row++) {
      let sum = at(row, column);
      for (let k = 0; k < column; k++) sum -= at(row, k) * at(column, k);
      a[row * n + column] = sum / root;
    }
  }
  const x = Float64Array.from(b);
  for (let row = 0; row < n; row++) {
    let sum = x[row] ?? 0;
    for (let k = 0; k < row; k++) sum -= at(row, k) * (x[k] ?? 0);
    x[row] = sum / at(row, row);
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = x[row] ?? 0;
    for (let k = row + 1; k < n; k++) sum -= at(k, row) * (x[k] ?? 0);
    x[row] = sum / at(row, row);
  }
  return x;
}
