/** Nearest homes on the map, and most similar homes by map and attributes together. */
import type {FeatureRow} from '../domain/model.ts';
import {PROPERTY_TYPES} from '../domain/vocabulary.ts';
import {mean} from '../lib/stats.ts';
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
const PART = 11;
/** From here on, what a regression on the attributes left of the target: of all homes, then without each inner part. */
const RESIDUALS = 12;

/** Decimals kept of stored residuals. */
const RESIDUAL_DECIMALS = 4;

/** Homes as one flat list of `width` numbers each, ordered by x: a plain value that is fast to walk. */
export interface Neighbours {
  readonly count: number;
  readonly width: number;
  readonly values: readonly number[];
}

/** A home as numbers; what follows its type is known of homes that were fitted. */
export function homeVector(attributes: AttributeEncoder, row: FeatureRow): number[] {
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
  ];
}

/** Homes with their target, inner part and residuals (`hedonicResiduals`). */
export interface FittedHomes {
  readonly rows: readonly FeatureRow[];
  readonly target: ArrayLike<number>;
  readonly part: ArrayLike<number>;
  readonly residuals: readonly ArrayLike<number>[];
}

export function listNeighbours(
  attributes: AttributeEncoder,
  {rows, target, part, residuals}: FittedHomes,
): Neighbours {
  const vectors = rows.map((row, index) => [
    ...homeVector(attributes, row),
    target[index] ?? 0,
    part[index] ?? 0,
    ...residuals.map(values => round(values[index] ?? 0)),
  ]);
  vectors.sort((a, b) => (a[X] ?? 0) - (b[X] ?? 0));
  return {count: rows.length, width: RESIDUALS + residuals.length, values: vectors.flat()};
}

/** Never −0: files don't tell it from 0. */
function round(value: number): number {
  return Number(value.toFixed(RESIDUAL_DECIMALS)) + 0;
}

export interface Nearest {
  /** Mean target of the nearest on the map. */
  readonly nearMean: number;
  readonly similarMean: number;
  readonly similarSpread: number;
  readonly similarDistance: number;
  /** Mean of what their attributes don't explain; 0 where several parts are hidden: no regression left them all out. */
  readonly nearResidual: number;
  readonly similarResidual: number;
}

/**
 * Walks outwards from the home's x, so that it ends as soon as nobody further can be nearer.
 * @param hidden bits of the inner parts whose homes are passed over.
 * @returns undefined when nobody is left.
 */
export function findNearest(among: Neighbours, home: readonly number[], hidden: number): Nearest | undefined {
  const near = new Closest(NEAREST);
  const similar = new Closest(NEAREST);
  const {count, width, values} = among;
  const x = home[X] ?? 0;
  const y = home[Y] ?? 0;
  let right = firstAtOrAfter(among, x);
  let left = right - 1;
  while (left >= 0 || right < count) {
    const leftGap = left >= 0 ? x - (values[left * width] ?? 0) : Number.POSITIVE_INFINITY;
    const rightGap = right < count ? (values[right * width] ?? 0) - x : Number.POSITIVE_INFINITY;
    const gapX = Math.min(leftGap, rightGap);
    if (gapX >= near.limit && gapX >= similar.limit) break;
    const at = (leftGap < rightGap ? left-- : right++) * width;
    if ((hidden >> (values[at + PART] ?? 0)) & 1) continue;
    const gapY = (values[at + Y] ?? 0) - y;
    const km = Math.sqrt(gapX * gapX + gapY * gapY) + (values[at + BORROWED] ?? 0);
    if (km < near.limit) near.offer(km, at);
    if (km >= similar.limit) continue;
    const distance = km + attributeDistance(values, at, home);
    if (distance < similar.limit) similar.offer(distance, at);
  }
  if (near.isEmpty) return undefined;
  const isOne = (hidden & (hidden - 1)) === 0;
  const residual = isOne ? RESIDUALS + (hidden === 0 ? 0 : 32 - Math.clz32(hidden)) : undefined;
  const similarMean = similar.mean(values, TARGET);
  return {
    nearMean: near.mean(values, TARGET),
    similarMean,
    similarSpread: similar.spread(values, TARGET, similarMean),
    similarDistance: similar.meanDistance,
    nearResidual: residual === undefined ? 0 : near.mean(values, residual),
    similarResidual: residual === undefined ? 0 : similar.mean(values, residual),
  };
}

function firstAtOrAfter({count, width, values}: Neighbours, x: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle * width] ?? 0) < x) low = middle + 1;
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

/** The k smallest distances and where their homes stand. */
class Closest {
  readonly #distances: Float64Array;
  readonly #places: Int32Array;
  #size = 0;
  /** Only a distance below it is worth offering. */
  limit = Number.POSITIVE_INFINITY;

  constructor(most: number) {
    this.#distances = new Float64Array(most);
    this.#places = new Int32Array(most);
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get meanDistance(): number {
    return mean(this.#distances.subarray(0, this.#size));
  }

  offer(distance: number, at: number): void {
    const most = this.#distances.length;
    let place = Math.min(this.#size, most - 1);
    while (place > 0 && (this.#distances[place - 1] ?? 0) > distance) {
      this.#distances[place] = this.#distances[place - 1] ?? 0;
      this.#places[place] = this.#places[place - 1] ?? 0;
      place--;
    }
    this.#distances[place] = distance;
    this.#places[place] = at;
    this.#size = Math.min(this.#size + 1, most);
    if (this.#size === most) this.limit = this.#distances[most - 1] ?? this.limit;
  }

  /** Of one number of the homes, weighted by 1 / (0.2 + distance). */
  mean(values: readonly number[], number: number): number {
    return this.#weighted(place => values[place + number] ?? 0);
  }

  /** Standard deviation of one number around its mean. */
  spread(values: readonly number[], number: number, centre: number): number {
    return Math.sqrt(this.#weighted(place => ((values[place + number] ?? 0) - centre) ** 2));
  }

  #weighted(valueAt: (place: number) => number): number {
    let weights = 0;
    let sum = 0;
    for (let index = 0; index < this.#size; index++) {
      const weight = 1 / (0.2 + (this.#distances[index] ?? 0));
      weights += weight;
      sum += weight * valueAt(this.#places[index] ?? 0);
    }
    return sum / weights;
  }
}
