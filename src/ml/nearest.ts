/**
 * k nearest neighbours on chosen columns of a matrix (Fix and Hodges 1951; Dudani 1976 for the weights): the rung of
 * the ladder that does what a person does, look at the most similar homes and take their mean.
 */
import type {Matrix} from './matrix.ts';

/** What a unit of a column is worth, as a distance. */
export type ColumnWeights = readonly (readonly [column: number, weight: number])[];

/** Training rows as points, ordered by their first coordinate: a plain value. */
export interface NearestModel {
  readonly neighbours: number;
  readonly weights: ColumnWeights;
  /** Coordinates of each point, one point after the other. */
  readonly points: readonly number[];
  /** Target of each point. */
  readonly targets: readonly number[];
}

/** Nearer than this counts as equally near. */
const NEAR = 0.2;

/** @throws RangeError without columns or rows. */
export function fitNearest(
  x: Matrix,
  target: Float64Array,
  weights: ColumnWeights,
  neighbours: number,
): NearestModel {
  if (weights.length === 0 || x.rows === 0)
    throw new RangeError(`neighbours need a column and a row, got ${weights.length} columns, ${x.rows} rows`);
  const points = Array.from({length: x.rows}, (_, row) => pointOf(x, row, weights));
  const order = [...points.keys()].sort((a, b) => (points[a]?.[0] ?? 0) - (points[b]?.[0] ?? 0) || a - b);
  return {
    neighbours: Math.min(neighbours, x.rows),
    weights,
    points: order.flatMap(row => points[row] ?? []),
    targets: order.map(row => target[row] ?? 0),
  };
}

/** Mean of the nearest targets, weighted by 1 / (0.2 + distance). */
export function predictNearest(model: NearestModel, x: Matrix): Float64Array {
  return Float64Array.from({length: x.rows}, (_, row) => meanNear(model, pointOf(x, row, model.weights)));
}

function pointOf(x: Matrix, row: number, weights: ColumnWeights): number[] {
  return weights.map(([column, weight]) => weight * (x.values[row * x.columns + column] ?? 0));
}

/** Walks outwards along the first coordinate: it ends when nobody further can be nearer. */
function meanNear({neighbours, points, targets}: NearestModel, at: readonly number[]): number {
  const width = at.length;
  const first = at[0] ?? 0;
  const distances = new Float64Array(neighbours).fill(Number.POSITIVE_INFINITY);
  const found = new Float64Array(neighbours);
  let right = firstNotBelow(points, width, first);
  let left = right - 1;
  while (left >= 0 || right < targets.length) {
    const gapLeft = left < 0 ? Number.POSITIVE_INFINITY : first - (points[left * width] ?? 0);
    const gapRight =
      right >= targets.length ? Number.POSITIVE_INFINITY : (points[right * width] ?? 0) - first;
    const limit = distances[neighbours - 1] ?? 0;
    if (Math.min(gapLeft, gapRight) ** 2 > limit) break;
    const point = gapLeft < gapRight ? left-- : right++;
    let squared = 0;
    for (let axis = 0; axis < width && squared < limit; axis++) {
      squared += ((points[point * width + axis] ?? 0) - (at[axis] ?? 0)) ** 2;
    }
    if (squared < limit) insert(distances, found, squared, targets[point] ?? 0);
  }
  let weights = 0;
  let sum = 0;
  for (const [place, squared] of distances.entries()) {
    const weight = 1 / (NEAR + Math.sqrt(squared));
    weights += weight;
    sum += weight * (found[place] ?? 0);
  }
  return sum / weights;
}

function insert(distances: Float64Array, found: Float64Array, squared: number, target: number): void {
  let place = distances.length - 1;
  while (place > 0 && (distances[place - 1] ?? 0) > squared) {
    distances[place] = distances[place - 1] ?? 0;
    found[place] = found[place - 1] ?? 0;
    place--;
  }
  distances[place] = squared;
  found[place] = target;
}

function firstNotBelow(points: readonly number[], width: number, value: number): number {
  let low = 0;
  let high = points.length / width;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle * width] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
