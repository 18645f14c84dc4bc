/** Nearest metres and counts of points of interest, all categories in one sweep over a uniform grid. Pure. */
import type {NearbyPois, PoiAccess} from '../domain/market.ts';
import {POI_CATEGORIES, POI_RADII_M, type PoiCategory} from '../domain/vocabulary.ts';
import {eastM, northM} from './geo.ts';

/** Beyond this, "nearest" tells nobody anything. */
const SEARCH_LIMIT_M = 20_000;
const [NEAR_M, MIDDLE_M, WIDE_M] = POI_RADII_M;
const NEAR_M2 = NEAR_M ** 2;
const MIDDLE_M2 = MIDDLE_M ** 2;
const WIDE_M2 = WIDE_M ** 2;
const RADII = POI_RADII_M.length;

const FINEST_CELL_M = 250;
/** A set spread over a country gets coarser cells instead of more memory. */
const MAX_CELLS = 1_000_000;

export interface GridPoi {
  readonly poiId: string;
  readonly category: PoiCategory;
  readonly latitude: number;
  readonly longitude: number;
}

/** Results of a batch, row by row. Column `c` of row `r` stands at `r * categories + c`; counts have three a column. */
export interface PoiSweep {
  /** Straight-line metres; `Infinity` when none lies within 20 km. */
  readonly nearestM: Float64Array;
  /** Position in `PoiGrid.pois`; -1 when none. */
  readonly nearest: Int32Array;
  /** Within 500, 1,000 and 2,000 m. */
  readonly counts: Int32Array;
}

/**
 * A fixed set of points of interest on the local plane.
 *
 * Points are sorted by grid cell, row by row, so that all cells of one row within reach are one slice of memory.
 * Equal distances are decided by the smaller id: results don't depend on the order points came in.
 */
export class PoiGrid {
  /** Sorted by id. */
  readonly pois: readonly GridPoi[];
  /** Categories with at least one point, in the vocabulary's order: the columns of a sweep. */
  readonly categories: readonly PoiCategory[];
  readonly #cells: Cells;
  readonly #far: readonly SortedByEast[];
  readonly #oneRow: PoiSweep;

  constructor(pois: readonly GridPoi[]) {
    this.pois = pois.toSorted((a, b) => (a.poiId < b.poiId ? -1 : 1));
    this.categories = POI_CATEGORIES.filter(category => pois.some(poi => poi.category === category));
    const xs = Float64Array.from(this.pois, poi => eastM(poi.longitude));
    const ys = Float64Array.from(this.pois, poi => northM(poi.latitude));
    const columns = Int32Array.from(this.pois, poi => this.categories.indexOf(poi.category));
    this.#cells = sortIntoCells(xs, ys, columns);
    this.#far = this.categories.map((_, column) => sortByEast(xs, ys, columns, column));
    this.#oneRow = this.#newSweep(1);
  }

  /** Sweeps many points; degrees, both arrays of the same length. Points must be finite. */
  sweep(latitudes: Float64Array, longitudes: Float64Array): PoiSweep {
    const into = this.#newSweep(latitudes.length);
    for (let row = 0; row < latitudes.length; row++) {
      this.#sweepRow(eastM(longitudes[row] ?? 0), northM(latitudes[row] ?? 0), into, row);
    }
    return into;
  }

  /** What is near one point, in whole metres. */
  access(latitude: number, longitude: number): PoiAccess {
    const row = this.#oneRow;
    row.nearestM.fill(Number.POSITIVE_INFINITY);
    row.nearest.fill(-1);
    row.counts.fill(0);
    this.#sweepRow(eastM(longitude), northM(latitude), row, 0);
    const access: Partial<Record<PoiCategory, NearbyPois>> = {};
    this.categories.forEach((category, column) => {
      const poi = this.pois[row.nearest[column] ?? -1];
      access[category] = {
        nearestM: poi === undefined ? null : Math.round(row.nearestM[column] ?? 0),
        nearestId: poi === undefined ? null : poi.poiId,
        within500M: row.counts[column * RADII] ?? 0,
        within1000M: row.counts[column * RADII + 1] ?? 0,
        within2000M: row.counts[column * RADII + 2] ?? 0,
      };
    });
    return access;
  }

  #newSweep(rows: number): PoiSweep {
    const size = rows * this.categories.length;
    return {
      nearestM: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
      nearest: new Int32Array(size).fill(-1),
      counts: new Int32Array(size * RADII),
    };
  }

  /** Fills one row, which must be fresh. `nearestM` holds squares until the end. */
  #sweepRow(x: number, y: number, into: PoiSweep, row: number): void {
    const columns = this.categories.length;
    const first = row * columns;
    sweepCells(this.#cells, x, y, into, first);
    for (let column = 0; column < columns; column++) {
      const slot = first + column;
      const far = this.#far[column];
      if ((into.nearest[slot] ?? -1) < 0 && far !== undefined) findFarNearest(far, x, y, into, slot);
      into.nearestM[slot] = Math.sqrt(into.nearestM[slot] ?? 0);
    }
  }
}

interface Cells {
  readonly west: number;
  readonly south: number;
  readonly cellM: number;
  readonly across: number;
  readonly up: number;
  /** Where each cell's points start; one more entry than cells. */
  readonly starts: Int32Array;
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly columns: Int32Array;
  readonly indexes: Int32Array;
}

function sortIntoCells(xs: Float64Array, ys: Float64Array, columns: Int32Array): Cells {
  const west = xs.length === 0 ? 0 : xs.reduce((a, b) => Math.min(a, b));
  const east = xs.length === 0 ? 0 : xs.reduce((a, b) => Math.max(a, b));
  const south = ys.length === 0 ? 0 : ys.reduce((a, b) => Math.min(a, b));
  const north = ys.length === 0 ? 0 : ys.reduce((a, b) => Math.max(a, b));
  let cellM = FINEST_CELL_M;
  while (((east - west) / cellM + 1) * ((north - south) / cellM + 1) > MAX_CELLS) cellM *= 2;
  const across = Math.floor((east - west) / cellM) + 1;
  const up = Math.floor((north - south) / cellM) + 1;
  const cellOf = (index: number): number =>
    Math.floor(((ys[index] ?? 0) - south) / cellM) * across + Math.floor(((xs[index] ?? 0) - west) / cellM);
  const indexes = Int32Array.from(xs.keys()).sort((a, b) => cellOf(a) - cellOf(b) || a - b);
  const starts = new Int32Array(across * up + 1);
  for (const index of indexes) {
    const next = cellOf(index) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let cell = 1; cell < starts.length; cell++)
    starts[cell] = (starts[cell] ?? 0) + (starts[cell - 1] ?? 0);
  return {
    west,
    south,
    cellM,
    across,
    up,
    starts,
    indexes,
    xs: Float64Array.from(indexes, index => xs[index] ?? 0),
    ys: Float64Array.from(indexes, index => ys[index] ?? 0),
    columns: Int32Array.from(indexes, index => columns[index] ?? 0),
  };
}

/** Every point within 2 km: counts, and squared distance and position of the nearest of each column. */
function sweepCells(cells: Cells, x: number, y: number, into: PoiSweep, first: number): void {
  const {west, south, cellM, across, up, starts, xs, ys, columns, indexes} = cells;
  const {nearestM, nearest, counts} = into;
  const top = Math.min(up - 1, Math.floor((y + WIDE_M - south) / cellM));
  for (let row = Math.max(0, Math.floor((y - WIDE_M - south) / cellM)); row <= top; row++) {
    const low = south + row * cellM;
    const gap = y < low ? low - y : Math.max(0, y - low - cellM);
    const reach = Math.sqrt(Math.max(0, WIDE_M2 - gap * gap));
    const left = Math.max(0, Math.floor((x - reach - west) / cellM));
    const right = Math.min(across - 1, Math.floor((x + reach - west) / cellM));
    if (left > right) continue;
    const end = starts[row * across + right + 1] ?? 0;
    for (let at = starts[row * across + left] ?? 0; at < end; at++) {
      const dx = (xs[at] ?? 0) - x;
      const dy = (ys[at] ?? 0) - y;
      const squared = dx * dx + dy * dy;
      if (squared > WIDE_M2) continue;
      const slot = first + (columns[at] ?? 0);
      const counter = slot * RADII;
      counts[counter + 2] = (counts[counter + 2] ?? 0) + 1;
      if (squared <= MIDDLE_M2) counts[counter + 1] = (counts[counter + 1] ?? 0) + 1;
      if (squared <= NEAR_M2) counts[counter] = (counts[counter] ?? 0) + 1;
      keepNearer(nearestM, nearest, slot, squared, indexes[at] ?? 0);
    }
  }
}

function keepNearer(
  nearestM: Float64Array,
  nearest: Int32Array,
  slot: number,
  squared: number,
  index: number,
): void {
  const best = nearestM[slot] ?? 0;
  if (squared > best || (squared === best && index > (nearest[slot] ?? 0))) return;
  nearestM[slot] = squared;
  nearest[slot] = index;
}

/** The points of one category from west to east. */
interface SortedByEast {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly indexes: Int32Array;
}

function sortByEast(xs: Float64Array, ys: Float64Array, columns: Int32Array, column: number): SortedByEast {
  const indexes = Int32Array.from(xs.keys())
    .filter(index => columns[index] === column)
    .sort((a, b) => (xs[a] ?? 0) - (xs[b] ?? 0) || a - b);
  return {
    indexes,
    xs: Float64Array.from(indexes, index => xs[index] ?? 0),
    ys: Float64Array.from(indexes, index => ys[index] ?? 0),
  };
}

/** The nearest beyond the grid's reach: walks outwards east and west until no longitude can be nearer. */
function findFarNearest(sorted: SortedByEast, x: number, y: number, into: PoiSweep, slot: number): void {
  into.nearestM[slot] = SEARCH_LIMIT_M ** 2;
  const start = firstNotWestOf(sorted.xs, x);
  walk(sorted, start, 1, x, y, into, slot);
  walk(sorted, start - 1, -1, x, y, into, slot);
  if ((into.nearest[slot] ?? -1) < 0) into.nearestM[slot] = Number.POSITIVE_INFINITY;
}

function walk(
  sorted: SortedByEast,
  start: number,
  step: 1 | -1,
  x: number,
  y: number,
  into: PoiSweep,
  slot: number,
): void {
  const {xs, ys, indexes} = sorted;
  for (let at = start; at >= 0 && at < xs.length; at += step) {
    const dx = (xs[at] ?? 0) - x;
    if (dx * dx > (into.nearestM[slot] ?? 0)) return;
    const dy = (ys[at] ?? 0) - y;
    keepNearer(into.nearestM, into.nearest, slot, dx * dx + dy * dy, indexes[at] ?? 0);
  }
}

function firstNotWestOf(xs: Float64Array, x: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
