/** The three nearest, counts and gravity of points of interest, all categories in one sweep over a uniform grid. Pure. */
import type {LineGeometry, PoiAccess} from '../domain/market.ts';
import {POI_CATEGORIES, POI_RADII_M, type PoiCategory} from '../domain/vocabulary.ts';
import {eastM, northM} from './geo.ts';
import {type Pieces, piecesOf} from './geo-pieces.ts';

/** Beyond this, "nearest" tells nobody anything. */
const SEARCH_LIMIT_M = 20_000;
const [NEAR_M, MIDDLE_M, WIDE_M] = POI_RADII_M;
const NEAR_M2 = NEAR_M ** 2;
const MIDDLE_M2 = MIDDLE_M ** 2;
const WIDE_M2 = WIDE_M ** 2;
const RADII = POI_RADII_M.length;
/** How many of the nearest are kept. */
const NEAREST = 3;

const FINEST_CELL_M = 250;
/** A set spread over a country gets coarser cells instead of more memory. */
const MAX_CELLS = 1_000_000;

export interface GridPoi {
  readonly poiId: string;
  /** Number by which homes name it. */
  readonly poiNumber: number;
  readonly category: PoiCategory;
  readonly latitude: number;
  readonly longitude: number;
  /** Of lines: distances are measured to it, not to the point. */
  readonly geometry?: LineGeometry | null;
}

/**
 * Metres over which a category's pull falls to 1/e: a walk of 5 minutes (80 m a minute) for daily goods and what is
 * felt next door, 10 for schools, parks and stations, 15 for what people travel to.
 */
const PULL_M: Readonly<Record<PoiCategory, number>> = {
  metro_station: 800,
  cable_station: 800,
  tram_station: 800,
  brt_station: 800,
  school: 800,
  university: 1200,
  hospital: 1200,
  pharmacy: 400,
  supermarket: 400,
  mall: 1200,
  park: 800,
  main_road: 400,
  police: 400,
  prison: 400,
};

/**
 * What one place adds to the gravity of its category: e^(−d ÷ pull), less its value at 2 km and stretched so that it
 * is 1 at the door and 0 from 2 km on, without a step.
 */
export function gravityWeight(category: PoiCategory, metres: number): number {
  const end = Math.exp(-WIDE_M / PULL_M[category]);
  return metres >= WIDE_M ? 0 : (Math.exp(-metres / PULL_M[category]) - end) / (1 - end);
}

/** Results of a batch, row by row. Column `c` of row `r` stands at `slot = r * categories + c`; three a slot but for `gravity`. */
export interface PoiSweep {
  /** Straight-line metres, ascending; `Infinity` when none lies within 20 km. */
  readonly nearestM: Float64Array;
  /** Position in `PoiGrid.pois`; -1 when none. */
  readonly nearest: Int32Array;
  /** Within 500, 1,000 and 2,000 m. */
  readonly counts: Int32Array;
  /** Sum of `gravityWeight`, distances cut to whole metres. */
  readonly gravity: Float64Array;
}

/**
 * A fixed set of points and lines of interest on the local plane.
 *
 * Pieces are sorted by grid cell, row by row, so that all cells of one row within reach are one slice of memory.
 * Equal distances are decided by the smaller id: results don't depend on the order points came in.
 */
export class PoiGrid {
  /** Sorted by id. */
  readonly pois: readonly GridPoi[];
  /** Categories with at least one point, in the vocabulary's order: the columns of a sweep. */
  readonly categories: readonly PoiCategory[];
  readonly #cells: Cells;
  readonly #far: readonly Pieces[];
  readonly #oneRow: PoiSweep;
  /** Of every category of the vocabulary; -1 when it has no point. */
  readonly #columnOfCategory: readonly number[];

  constructor(pois: readonly GridPoi[]) {
    this.pois = pois.toSorted((a, b) => (a.poiId < b.poiId ? -1 : 1));
    this.categories = POI_CATEGORIES.filter(category => pois.some(poi => poi.category === category));
    const pieces = piecesOf(this.pois, this.categories);
    this.#cells = sortIntoCells(pieces, this.categories);
    this.#far = this.categories.map((_, column) => pieces.ofColumn(column));
    this.#oneRow = this.#newSweep(1);
    this.#columnOfCategory = POI_CATEGORIES.map(category => this.categories.indexOf(category));
  }

  /** Sweeps many points; degrees, both arrays of the same length. Points must be finite. */
  sweep(latitudes: Float64Array, longitudes: Float64Array): PoiSweep {
    const into = this.#newSweep(latitudes.length);
    for (let row = 0; row < latitudes.length; row++) {
      this.#sweepRow(eastM(longitudes[row] ?? 0), northM(latitudes[row] ?? 0), into, row);
    }
    return into;
  }

  /** What is near one point. */
  access(latitude: number, longitude: number): PoiAccess {
    const row = this.#oneRow;
    row.nearestM.fill(Number.POSITIVE_INFINITY);
    row.nearest.fill(-1);
    row.counts.fill(0);
    row.gravity.fill(0);
    this.#sweepRow(eastM(longitude), northM(latitude), row, 0);
    const access = {
      nearestPoi: [] as (number | null)[][],
      nearestM: [] as (number | null)[][],
      poiCounts: [] as (number | null)[][],
      poiGravity: [] as (number | null)[],
    };
    for (const column of this.#columnOfCategory) {
      const first = column * NEAREST;
      access.nearestPoi.push(column < 0 ? UNKNOWN : this.#numbersOf(row.nearest, first));
      access.nearestM.push(column < 0 ? UNKNOWN : wholeMetres(row.nearestM, first));
      access.poiCounts.push(column < 0 ? UNKNOWN : threeOf(row.counts, first));
      access.poiGravity.push(column < 0 ? null : Math.round((row.gravity[column] ?? 0) * 1000) / 1000);
    }
    return access;
  }

  #numbersOf(nearest: Int32Array, first: number): (number | null)[] {
    return [
      this.#numberOf(nearest[first]),
      this.#numberOf(nearest[first + 1]),
      this.#numberOf(nearest[first + 2]),
    ];
  }

  #numberOf(position = -1): number | null {
    return this.pois[position]?.poiNumber ?? null;
  }

  #newSweep(rows: number): PoiSweep {
    const size = rows * this.categories.length;
    return {
      nearestM: new Float64Array(size * NEAREST).fill(Number.POSITIVE_INFINITY),
      nearest: new Int32Array(size * NEAREST).fill(-1),
      counts: new Int32Array(size * RADII),
      gravity: new Float64Array(size),
    };
  }

  /** Fills one row, which must be fresh. `nearestM` holds squares until the end. */
  #sweepRow(x: number, y: number, into: PoiSweep, row: number): void {
    const {nearestM, counts} = into;
    const columns = this.categories.length;
    const first = row * columns;
    sweepCells(this.#cells, x, y, into, first);
    for (let column = 0; column < columns; column++) {
      const slot = first + column;
      for (let ring = slot * RADII + 1; ring < (slot + 1) * RADII; ring++)
        counts[ring] = (counts[ring] ?? 0) + (counts[ring - 1] ?? 0);
      const far = this.#far[column];
      const last = slot * NEAREST + NEAREST - 1;
      // A line's piece whose middle lies beyond 2 km may come nearer than that by half its length.
      if (far !== undefined && (nearestM[last] ?? 0) > (WIDE_M - far.maxHalfM) ** 2)
        findFarNearest(far, x, y, into, slot);
      for (let rank = slot * NEAREST; rank <= last; rank++) nearestM[rank] = Math.sqrt(nearestM[rank] ?? 0);
    }
  }
}

/** Three nothings: a category with no known place. */
const UNKNOWN: (number | null)[] = [null, null, null];

function threeOf(numbers: Int32Array, first: number): number[] {
  return [numbers[first] ?? 0, numbers[first + 1] ?? 0, numbers[first + 2] ?? 0];
}

function wholeMetres(metres: Float64Array, first: number): (number | null)[] {
  return [wholeOrNull(metres[first]), wholeOrNull(metres[first + 1]), wholeOrNull(metres[first + 2])];
}

function wholeOrNull(metres = Number.POSITIVE_INFINITY): number | null {
  return metres === Number.POSITIVE_INFINITY ? null : Math.round(metres);
}

interface Cells {
  readonly west: number;
  readonly south: number;
  readonly cellM: number;
  readonly across: number;
  readonly up: number;
  /** Where each cell's pieces start; one more entry than cells. */
  readonly starts: Int32Array;
  readonly pieces: Pieces;
  /** Gravity by whole metre, one table after another. */
  readonly weights: Float64Array;
  /** Where a column's table starts. */
  readonly weightStarts: Int32Array;
}

/** Categories of one pull share a table: three small ones stay in the processor's cache, fourteen don't. */
function weightTables(categories: readonly PoiCategory[]): Pick<Cells, 'weights' | 'weightStarts'> {
  const pulls = [...new Set(categories.map(category => PULL_M[category]))];
  const tables = pulls.flatMap(pull => {
    const category = categories.find(each => PULL_M[each] === pull);
    return category === undefined
      ? []
      : Array.from({length: WIDE_M + 1}, (_, metres) => gravityWeight(category, metres));
  });
  const start = (category: PoiCategory) => pulls.indexOf(PULL_M[category]) * (WIDE_M + 1);
  return {weights: Float64Array.from(tables), weightStarts: Int32Array.from(categories.map(start))};
}

function sortIntoCells(pieces: Pieces, categories: readonly PoiCategory[]): Cells {
  const {west, south, east, north} = pieces.box;
  let cellM = FINEST_CELL_M;
  while (((east - west) / cellM + 1) * ((north - south) / cellM + 1) > MAX_CELLS) cellM *= 2;
  const across = Math.floor((east - west) / cellM) + 1;
  const up = Math.floor((north - south) / cellM) + 1;
  const cellOf = (x: number, y: number): number =>
    Math.floor((y - south) / cellM) * across + Math.floor((x - west) / cellM);
  const sorted = pieces.sortedBy(cellOf);
  const starts = new Int32Array(across * up + 1);
  for (let at = 0; at < sorted.xs.length; at++) {
    const next = cellOf(sorted.xs[at] ?? 0, sorted.ys[at] ?? 0) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let cell = 1; cell < starts.length; cell++)
    starts[cell] = (starts[cell] ?? 0) + (starts[cell - 1] ?? 0);
  return {west, south, cellM, across, up, starts, pieces: sorted, ...weightTables(categories)};
}

/**
 * Every piece within 2 km: counts, gravity, and squared distance and position of the nearest of each column. Rows of
 * cells are taken from the middle outwards: what is met first is near, so that little is moved afterwards.
 */
function sweepCells(cells: Cells, x: number, y: number, into: PoiSweep, first: number): void {
  const {south, cellM, up} = cells;
  const bottom = Math.max(0, Math.floor((y - WIDE_M - south) / cellM));
  const top = Math.min(up - 1, Math.floor((y + WIDE_M - south) / cellM));
  const middle = Math.max(bottom, Math.min(top, Math.floor((y - south) / cellM)));
  for (let away = 0; middle - away >= bottom || middle + away <= top; away++) {
    if (middle + away <= top) sweepRowOfCells(cells, middle + away, x, y, into, first);
    if (away > 0 && middle - away >= bottom) sweepRowOfCells(cells, middle - away, x, y, into, first);
  }
}

function sweepRowOfCells(cells: Cells, row: number, x: number, y: number, into: PoiSweep, first: number) {
  const {west, south, cellM, across, starts, pieces, weights, weightStarts} = cells;
  const {xs, ys, columns, indexes, maxHalfM} = pieces;
  const {nearestM, counts, gravity} = into;
  const low = south + row * cellM;
  const gap = y < low ? low - y : Math.max(0, y - low - cellM);
  const reach = Math.sqrt(Math.max(0, WIDE_M2 - gap * gap));
  const left = Math.max(0, Math.floor((x - reach - west) / cellM));
  const right = Math.min(across - 1, Math.floor((x + reach - west) / cellM));
  if (left > right) return;
  const end = starts[row * across + right + 1] ?? 0;
  for (let at = starts[row * across + left] ?? 0; at < end; at++) {
    const dx = (xs[at] ?? 0) - x;
    const dy = (ys[at] ?? 0) - y;
    const middle = dx * dx + dy * dy;
    if (middle > WIDE_M2) continue;
    const column = columns[at] ?? 0;
    const slot = first + column;
    // One ring a piece; the rings are summed up to circles when all pieces are counted.
    const ring = slot * RADII + (middle <= NEAR_M2 ? 0 : middle <= MIDDLE_M2 ? 1 : 2);
    counts[ring] = (counts[ring] ?? 0) + 1;
    const metres = Math.sqrt(middle);
    gravity[slot] = (gravity[slot] ?? 0) + (weights[(weightStarts[column] ?? 0) + (metres | 0)] ?? 0);
    const third = nearestM[slot * NEAREST + NEAREST - 1] ?? 0;
    if (maxHalfM === 0) {
      if (middle <= third) keepNearer(into, slot, middle, indexes[at] ?? 0);
    } else if (metres - maxHalfM <= Math.sqrt(third)) {
      const squared = pieces.distance2(at, dx, dy, middle);
      if (squared <= third) keepNearer(into, slot, squared, indexes[at] ?? 0);
    }
  }
}

/** Places one among the three nearest; a line that is there with another piece keeps the nearer of both. */
function keepNearer({nearestM, nearest}: PoiSweep, slot: number, squared: number, index: number): void {
  const first = slot * NEAREST;
  let at = first + NEAREST - 1;
  for (let rank = first; rank < at; rank++) if (nearest[rank] === index) at = rank;
  const held = nearest[at] ?? -1;
  if (held === index ? squared >= (nearestM[at] ?? 0) : !isBefore(squared, index, nearestM[at] ?? 0, held))
    return;
  for (; at > first && isBefore(squared, index, nearestM[at - 1] ?? 0, nearest[at - 1] ?? -1); at--) {
    nearestM[at] = nearestM[at - 1] ?? 0;
    nearest[at] = nearest[at - 1] ?? -1;
  }
  nearestM[at] = squared;
  nearest[at] = index;
}

function isBefore(squared: number, index: number, other: number, otherIndex: number): boolean {
  return squared < other || (squared === other && (otherIndex < 0 || index < otherIndex));
}

/** The three nearest beyond the grid's reach: walks outwards east and west until no longitude can be nearer. */
function findFarNearest(far: Pieces, x: number, y: number, into: PoiSweep, slot: number): void {
  const start = far.firstNotWestOf(x);
  walk(far, start, 1, x, y, into, slot);
  walk(far, start - 1, -1, x, y, into, slot);
}

function walk(
  far: Pieces,
  start: number,
  step: 1 | -1,
  x: number,
  y: number,
  into: PoiSweep,
  slot: number,
): void {
  const {xs, ys, indexes, maxHalfM} = far;
  const last = slot * NEAREST + NEAREST - 1;
  for (let at = start; at >= 0 && at < xs.length; at += step) {
    const dx = (xs[at] ?? 0) - x;
    const limit = Math.min(into.nearestM[last] ?? 0, SEARCH_LIMIT_M ** 2);
    const gap = Math.abs(dx) - maxHalfM;
    if (gap > 0 && gap * gap > limit) return;
    const dy = (ys[at] ?? 0) - y;
    const squared = far.distance2(at, dx, dy, dx * dx + dy * dy);
    if (squared < SEARCH_LIMIT_M ** 2) keepNearer(into, slot, squared, indexes[at] ?? 0);
  }
}
