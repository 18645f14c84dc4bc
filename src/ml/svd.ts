/** The truncated singular value decomposition of a sparse matrix. */
import {createRandom} from '../lib/random.ts';
import {dot, multiply, multiplyTransposed, type SparseMatrix} from './sparse.ts';

/** Directions beyond those wanted, and passes over the matrix: Halko et al. 2011, §4.4 and §9.3. */
const OVERSAMPLING = 8;
const PASSES = 4;

export interface RightVectors {
  /** Descending. */
  readonly singular: Float64Array;
  /** [columns, rank], row-major; the entry of greatest size in each vector is positive. */
  readonly vectors: Float64Array;
  readonly rank: number;
}

/**
 * The leading right singular vectors by randomised subspace iteration (Halko, Martinsson and Tropp 2011, "Finding
 * structure with randomness", algorithms 4.4 and 5.1). The same seed gives the same bits.
 * @param rank at most; fewer when the matrix has no more.
 */
export function truncatedSvd(a: SparseMatrix, rank: number, seed: number | string): RightVectors {
  const width = Math.min(rank + OVERSAMPLING, a.rows, a.columns);
  const random = createRandom(`svd/${seed}`);
  let basis = orthonormalise(
    Float64Array.from({length: a.columns * width}, () => random.normal()),
    width,
  );
  for (let pass = 0; pass < PASSES; pass++) {
    basis = orthonormalise(
      multiplyTransposed(a, orthonormalise(multiply(a, basis, width), width), width),
      width,
    );
  }
  // A ≈ (A Z) Zᵀ: the eigenvectors of (A Z)ᵀ(A Z) turn the basis Z into singular vectors.
  const image = multiply(a, basis, width);
  const gram = new Float64Array(width * width);
  for (let row = 0; row < a.rows; row++) {
    for (let i = 0; i < width; i++) {
      const left = image[row * width + i] ?? 0;
      for (let j = 0; j < width; j++) {
        gram[i * width + j] = (gram[i * width + j] ?? 0) + left * (image[row * width + j] ?? 0);
      }
    }
  }
  const {values, vectors} = eigenSymmetric(gram, width);
  const order = [...values.keys()].sort((i, j) => (values[j] ?? 0) - (values[i] ?? 0));
  const largest = Math.max(values[order[0] ?? 0] ?? 0, 0);
  const kept = order.slice(0, rank).filter(at => (values[at] ?? 0) > 1e-12 * largest);
  const result = new Float64Array(a.columns * kept.length);
  for (const [place, at] of kept.entries()) {
    let peak = 0;
    for (let column = 0; column < a.columns; column++) {
      let sum = 0;
      for (let k = 0; k < width; k++)
        sum += (basis[column * width + k] ?? 0) * (vectors[k * width + at] ?? 0);
      result[column * kept.length + place] = sum;
      if (Math.abs(sum) > Math.abs(peak)) peak = sum;
    }
    if (peak >= 0) continue;
    for (let column = 0; column < a.columns; column++) {
      result[column * kept.length + place] = -(result[column * kept.length + place] ?? 0);
    }
  }
  return {
    singular: Float64Array.from(kept, at => Math.sqrt(values[at] ?? 0)),
    vectors: result,
    rank: kept.length,
  };
}

/** Orthonormal columns of the same span, by Gram and Schmidt done twice; a column without anything new becomes 0. */
function orthonormalise(values: Float64Array, width: number): Float64Array {
  const rows = values.length / width;
  const columns = Array.from({length: width}, (_, k) =>
    Float64Array.from({length: rows}, (_, row) => values[row * width + k] ?? 0),
  );
  for (const [k, column] of columns.entries()) {
    const before = Math.sqrt(dot(column, column));
    for (let round = 0; round < 2; round++) {
      for (const earlier of columns.slice(0, k)) {
        const share = dot(earlier, column);
        for (let row = 0; row < rows; row++) column[row] = (column[row] ?? 0) - share * (earlier[row] ?? 0);
      }
    }
    const size = Math.sqrt(dot(column, column));
    const scale = size > 1e-10 * before ? 1 / size : 0;
    for (let row = 0; row < rows; row++) column[row] = scale * (column[row] ?? 0);
  }
  const result = new Float64Array(values.length);
  for (const [k, column] of columns.entries()) {
    for (let row = 0; row < rows; row++) result[row * width + k] = column[row] ?? 0;
  }
  return result;
}

const MAX_SWEEPS = 60;

/** Eigenvalues and eigenvectors (columns) of a symmetric matrix of order n, by Jacobi's rotations. */
function eigenSymmetric(matrix: Float64Array, n: number): {values: Float64Array; vectors: Float64Array} {
  const a = Float64Array.from(matrix);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const size = dot(a, a);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let off = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) off += (a[i * n + j] ?? 0) ** 2;
    if (off <= 1e-24 * size) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
  }
  return {values: Float64Array.from({length: n}, (_, i) => a[i * n + i] ?? 0), vectors};
}

/** Turns the plane of p and q so that a[p, q] becomes 0 (Golub and Van Loan 2013, §8.5.2). */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const between = a[p * n + q] ?? 0;
  if (between === 0) return;
  const tau = ((a[q * n + q] ?? 0) - (a[p * n + p] ?? 0)) / (2 * between);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = t * c;
  const turn = (of: Float64Array, first: number, second: number): void => {
    const [x, y] = [of[first] ?? 0, of[second] ?? 0];
    of[first] = c * x - s * y;
    of[second] = s * x + c * y;
  };
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q);
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k);
  for (let k = 0; k < n; k++) turn(vectors, k * n + p, k * n + q);
}
