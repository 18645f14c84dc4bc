/** Nearest homes on the map, and most similar homes by map and attributes together. */
import type {FeatureRow} from '../domain/model.ts';
import {PROPERTY_TYPES} from '../domain/vocabulary.ts';
import {type AttributeEncoder, positionOf} from './attributes.ts';

const NEAREST = 8;
/** Kilometres added to a neighbour whose point is only its place's middle. */
const KM_BORROWED_POINT = 0.3;
/** What a difference costs, in kilometres of distance. */
const KM_PER_LOG_AREA = 3;
const KM_PER_STRATUM = 0.8;
const KM_PER_BATHROOM = 0.4;
const KM_PER_PARKING = 0.4;
const KM_PER_BEDROOM = 0.3;
const KM_OTHER_AGE_CLASS = 0.6;
const KM_OTHER_TYPE = 2;

/** Stands for an attribute nobody stated. */
const UNKNOWN = -1;
/** Places in a home's vector. */
const X = 0;
const Y = 1;
const BORROWED = 2;
const LOG_AREA = 3;
const STRATUM = 4;
const BEDROOMS = 5;
const BATHROOMS = 6;
const PARKING = 7;
const AGE = 8;
const TYPE = 9;
const TARGET = 10;
const WIDTH = 11;

/** Homes as one flat list of `WIDTH` numbers each, ordered by x: a plain value that is fast to walk. */
export interface Neighbours {
  readonly count: number;
  readonly values: readonly number[];
}

/** A home as numbers; the last is its target, 0 when not known. */
export function homeVector(attributes: AttributeEncoder, row: FeatureRow, target = 0): number[] {
  const {x, y, isOwn} = positionOf(attributes, row);
  return [
    x,
    y,
    isOwn ? 0 : KM_BORROWED_POINT,
    Math.log(row.areaM2),
    row.stratum ?? UNKNOWN,
    row.bedrooms ?? UNKNOWN,
    row.bathrooms ?? UNKNOWN,
    row.parkingSpaces ?? UNKNOWN,
    row.ageYearsMin ?? UNKNOWN,
    PROPERTY_TYPES.indexOf(row.propertyType),
    target,
  ];
}

export function listNeighbours(
  attributes: AttributeEncoder,
  rows: readonly FeatureRow[],
  target: ArrayLike<number>,
): Neighbours {
  const vectors = rows.map((row, index) => homeVector(attributes, row, target[index] ?? 0));
  vectors.sort((a, b) => (a[X] ?? 0) - (b[X] ?? 0));
  return {count: rows.length, values: vectors.flat()};
}

export interface Nearest {
  /** Mean target of the nearest on the map. */
  readonly nearMean: number;
  readonly similarMean: number;
  readonly similarSpread: number;
  readonly similarDistance: number;
}

/** Walks outwards from the home's x, so that it ends as soon as nobody further can be nearer. */
export function findNearest(among: Neighbours, home: readonly number[]): Nearest | undefined {
  if (among.count === 0) return undefined;
  const near = new Closest(NEAREST);
  const similar = new Closest(NEAREST);
  const {count, values} = among;
  const x = home[X] ?? 0;
  const y = home[Y] ?? 0;
  let right = firstAtOrAfter(among, x);
  let left = right - 1;
  while (left >= 0 || right < count) {
    const leftGap = left >= 0 ? x - (values[left * WIDTH] ?? 0) : Number.POSITIVE_INFINITY;
    const rightGap = right < count ? (values[right * WIDTH] ?? 0) - x : Number.POSITIVE_INFINITY;
    const gapX = Math.min(leftGap, rightGap);
    if (gapX >= near.limit && gapX >= similar.limit) break;
    const at = (leftGap < rightGap ? left-- : right++) * WIDTH;
    const gapY = (values[at + Y] ?? 0) - y;
    const km = Math.sqrt(gapX * gapX + gapY * gapY) + (values[at + BORROWED] ?? 0);
    if (km < near.limit) near.offer(km, values[at + TARGET] ?? 0);
    if (km >= similar.limit) continue;
    const distance = km + attributeDistance(values, at, home);
    if (distance < similar.limit) similar.offer(distance, values[at + TARGET] ?? 0);
  }
  const {mean, spread, distance} = similar.summary();
  return {nearMean: near.summary().mean, similarMean: mean, similarSpread: spread, similarDistance: distance};
}

function firstAtOrAfter({count, values}: Neighbours, x: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle * WIDTH] ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

function attributeDistance(values: readonly number[], at: number, home: readonly number[]): number {
  return (
    KM_PER_LOG_AREA * Math.abs((values[at + LOG_AREA] ?? 0) - (home[LOG_AREA] ?? 0)) +
    KM_PER_STRATUM * gap(values[at + STRATUM] ?? UNKNOWN, home[STRATUM] ?? UNKNOWN) +
    KM_PER_BATHROOM * gap(values[at + BATHROOMS] ?? UNKNOWN, home[BATHROOMS] ?? UNKNOWN) +
    KM_PER_PARKING * gap(values[at + PARKING] ?? UNKNOWN, home[PARKING] ?? UNKNOWN) +
    KM_PER_BEDROOM * gap(values[at + BEDROOMS] ?? UNKNOWN, home[BEDROOMS] ?? UNKNOWN) +
    (values[at + AGE] === home[AGE] ? 0 : KM_OTHER_AGE_CLASS) +
    (values[at + TYPE] === home[TYPE] ? 0 : KM_OTHER_TYPE)
  );
}

/** Difference of two counts, at most 3; unknown against known counts half. */
function gap(a: number, b: number): number {
  if (a === UNKNOWN || b === UNKNOWN) return a === b ? 0 : 0.5;
  return Math.min(Math.abs(a - b), 3);
}

/** The k smallest distances and their targets. */
class Closest {
  readonly #distances: Float64Array;
  readonly #targets: Float64Array;
  #size = 0;
  /** Only a distance below it is worth offering. */
  limit = Number.POSITIVE_INFINITY;

  constructor(most: number) {
    this.#distances = new Float64Array(most);
    this.#targets = new Float64Array(most);
  }

  offer(distance: number, target: number): void {
    const most = this.#distances.length;
    let place = Math.min(this.#size, most - 1);
    while (place > 0 && (this.#distances[place - 1] ?? 0) > distance) {
      this.#distances[place] = this.#distances[place - 1] ?? 0;
      this.#targets[place] = this.#targets[place - 1] ?? 0;
      place--;
    }
    this.#distances[place] = distance;
    this.#targets[place] = target;
    this.#size = Math.min(this.#size + 1, most);
    if (this.#size === most) this.limit = this.#distances[most - 1] ?? this.limit;
  }

  /** Weighted by 1 / (0.2 + distance). */
  summary(): {mean: number; spread: number; distance: number} {
    let weights = 0;
    let sum = 0;
    let squares = 0;
    let distances = 0;
    for (let index = 0; index < this.#size; index++) {
      const distance = this.#distances[index] ?? 0;
      const target = this.#targets[index] ?? 0;
      const weight = 1 / (0.2 + distance);
      weights += weight;
      sum += weight * target;
      squares += weight * target * target;
      distances += distance;
    }
    const mean = sum / weights;
    return {
      mean,
      spread: Math.sqrt(Math.max(squares / weights - mean * mean, 0)),
      distance: distances / this.#size,
    };
  }
}
