/** What is wrong with the areas and points of a file, before anything of it is written. Pure but for its errors. */
import {ConfigError} from '../domain/errors.ts';
import type {AreaGeometry} from '../domain/market.ts';
import {eastM, northM, type Point, planeDistanceM, polygonsOf} from '../lib/geo.ts';
import {foldName} from '../lib/place-names.ts';

/** Official layers have rings that touch or overlap themselves by less than this when simplified. */
const CROSSING_TOLERANCE_M = 15;

/**
 * Where an outline crosses itself, or null. Crossings whose loop is smaller than 15 m are taken as drawing noise.
 * @returns the crossing point in words
 */
export function findSelfCrossing(geometry: AreaGeometry): string | null {
  for (const ring of polygonsOf(geometry).flat()) {
    const vertices = ring.map(([longitude = 0, latitude = 0]) => ({
      x: eastM(longitude),
      y: northM(latitude),
    }));
    const crossing = crossingOf(vertices);
    const vertex = crossing === null ? undefined : ring[crossing];
    if (vertex !== undefined) return `near ${vertex[1]}, ${vertex[0]}`;
  }
  return null;
}

interface Vertex {
  readonly x: number;
  readonly y: number;
}

/** Edges from west to east, so that only those that overlap in x are compared. @returns index of an edge that crosses */
function crossingOf(ring: readonly Vertex[]): number | null {
  const edges = ring.slice(1).map((to, index) => {
    const from = ring[index] ?? to;
    return {from, to, index, west: Math.min(from.x, to.x), east: Math.max(from.x, to.x)};
  });
  const sorted = edges.toSorted((a, b) => a.west - b.west);
  for (const [at, edge] of sorted.entries()) {
    for (let next = at + 1; next < sorted.length; next++) {
      const other = sorted[next];
      if (other === undefined || other.west > edge.east) break;
      if (!doCross(edge.from, edge.to, other.from, other.to)) continue;
      const [first, last] = [Math.min(edge.index, other.index), Math.max(edge.index, other.index)];
      const inside = ring.slice(first + 1, last + 1);
      const outside = [...ring.slice(last + 1), ...ring.slice(0, first + 1)];
      if (Math.min(sizeOf(inside), sizeOf(outside)) > CROSSING_TOLERANCE_M) return edge.index;
    }
  }
  return null;
}

/** Longer side of the box around vertices. */
function sizeOf(vertices: readonly Vertex[]): number {
  const side = (values: number[]) => Math.max(...values) - Math.min(...values);
  return vertices.length === 0 ? 0 : Math.max(side(vertices.map(v => v.x)), side(vertices.map(v => v.y)));
}

/** Proper crossings only: edges that touch in an end don't. */
function doCross(a: Vertex, b: Vertex, c: Vertex, d: Vertex): boolean {
  const side = (p: Vertex, q: Vertex, r: Vertex) => (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** How a set of areas covers its ground. */
export interface Coverage {
  readonly areaM2: number;
  /** Ground that two areas claim. */
  readonly overlapM2: number;
  /** Ground of none that areas enclose on all sides. */
  readonly holesM2: number;
}

/** More overlap or holes than this share of the ground are worth a word. */
export const COVERAGE_TOLERANCE = 0.002;

/** Cells of the raster along the longer side. */
const RASTER = 800;

/** Measured on a raster of 800 cells along the longer side, by scan lines through the middles of cells. */
export function measureCoverage(geometries: readonly AreaGeometry[]): Coverage {
  const shapes = geometries.map(geometry =>
    polygonsOf(geometry).map(rings =>
      rings.map(ring =>
        ring.map(([longitude = 0, latitude = 0]) => ({x: eastM(longitude), y: northM(latitude)})),
      ),
    ),
  );
  const all = shapes.flat(3);
  const bound = (pick: (v: Vertex) => number, better: (a: number, b: number) => number) =>
    all.map(pick).reduce((a, b) => better(a, b));
  if (all.length === 0) return {areaM2: 0, overlapM2: 0, holesM2: 0};
  const west = bound(v => v.x, Math.min);
  const south = bound(v => v.y, Math.min);
  const width = bound(v => v.x, Math.max) - west;
  const height = bound(v => v.y, Math.max) - south;
  const cellM = Math.max(width, height) / RASTER;
  const across = Math.ceil(width / cellM) + 2;
  const up = Math.ceil(height / cellM) + 2;
  const claims = new Uint8Array(across * up);
  for (const polygons of shapes) {
    for (let row = 0; row < up; row++) {
      const y = south + (row - 0.5) * cellM;
      for (const rings of polygons)
        claimRow(rings, y, west, cellM, claims.subarray(row * across, (row + 1) * across));
    }
  }
  const cellM2 = cellM ** 2;
  const holes = countEnclosed(claims, across, up);
  return {
    areaM2: Math.round(claims.filter(claim => claim > 0).length * cellM2),
    overlapM2: Math.round(claims.filter(claim => claim > 1).length * cellM2),
    holesM2: Math.round(holes * cellM2),
  };
}

function claimRow(
  rings: readonly (readonly Vertex[])[],
  y: number,
  west: number,
  cellM: number,
  claims: Uint8Array,
): void {
  const crossings: number[] = [];
  for (const ring of rings) {
    for (let index = 1; index < ring.length; index++) {
      const a = ring[index - 1];
      const b = ring[index];
      if (a === undefined || b === undefined || a.y > y === b.y > y) continue;
      crossings.push(a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x));
    }
  }
  crossings.sort((a, b) => a - b);
  for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
    // Column c has its middle at west + (c − 0.5) cells.
    const first = Math.ceil(((crossings[pair] ?? 0) - west) / cellM + 0.5);
    const last = Math.ceil(((crossings[pair + 1] ?? 0) - west) / cellM + 0.5) - 1;
    for (let column = first; column <= last; column++)
      claims[column] = Math.min(255, (claims[column] ?? 0) + 1);
  }
}

/** Unclaimed cells that can't be reached from the rim. */
function countEnclosed(claims: Uint8Array, across: number, up: number): number {
  const isReached = new Uint8Array(claims.length);
  const queue = [0];
  isReached[0] = 1;
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const column = at % across;
    const row = (at - column) / across;
    const visit = (next: number, isInside: boolean): void => {
      if (!isInside || isReached[next] === 1 || (claims[next] ?? 0) > 0) return;
      isReached[next] = 1;
      queue.push(next);
    };
    visit(at - 1, column > 0);
    visit(at + 1, column < across - 1);
    visit(at - across, row > 0);
    visit(at + across, row < up - 1);
  }
  return claims.reduce((holes, claim, index) => holes + (claim === 0 && isReached[index] === 0 ? 1 : 0), 0);
}

/** Objects with one id may differ by this much: parts of one campus, a station's platforms. */
const SAME_OBJECT_M = 250;

/** @throws ConfigError when points with one id stand far apart: the id is not one, or rows were mixed up. */
export function refuseScatteredIds(groups: ReadonlyMap<string, readonly Point[]>): void {
  const scattered = [...groups].filter(([, points]) => {
    const [first] = points;
    return first !== undefined && points.some(point => planeDistanceM(first, point) > SAME_OBJECT_M);
  });
  if (scattered.length === 0) return;
  throw new ConfigError(
    `${scattered.length} ids come twice, for points more than ${SAME_OBJECT_M} m apart: ${scattered
      .slice(0, 5)
      .map(([id]) => id)
      .join(', ')}. Nothing was imported: say which field is the id with --id, or repair the file.`,
  );
}

/** Middles of one area in two files lie this near each other; with one name, in two editions of its borders. */
const SAME_MIDDLE_M = 1;
const SAME_NAME_M = 100;

interface CodedArea {
  readonly placeCode: string;
  readonly name: string;
  readonly latitude?: number | null | undefined;
  readonly longitude?: number | null | undefined;
}

/**
 * @param known areas of the same kind, under other codes
 * @throws ConfigError when an area is known already under another code: each home would lie in two places.
 */
export function refuseSecondCodes(areas: readonly CodedArea[], known: readonly CodedArea[]): void {
  const twins = areas.flatMap(area => {
    const twin = known.find(other => isSameArea(area, other));
    return twin === undefined ? [] : [`${area.placeCode} (${area.name}) is ${twin.placeCode} (${twin.name})`];
  });
  if (twins.length === 0) return;
  throw new ConfigError(
    `${twins.length} of ${areas.length} areas are known already under other codes: ${twins.slice(0, 3).join('; ')}. ` +
      'Both would hold the same homes; nothing was imported. Say the field (--code-field) and --within they were imported with, ' +
      'or remove those first: raiz db psql, delete from core.place where source = …',
  );
}

function isSameArea(one: CodedArea, other: CodedArea): boolean {
  const [a, b] = [middleOf(one), middleOf(other)];
  if (a === null || b === null) return false;
  const metres = planeDistanceM(a, b);
  return metres <= SAME_MIDDLE_M || (metres <= SAME_NAME_M && foldName(one.name) === foldName(other.name));
}

function middleOf({latitude, longitude}: CodedArea): Point | null {
  return typeof latitude === 'number' && typeof longitude === 'number' ? {latitude, longitude} : null;
}

/** Corners of one outline lie this near each other, or have been drawn one after the other. */
const CORNER_M = 40;
const DRAWN_TOGETHER_M = 250;
const DRAWN_TOGETHER_IDS = 60;

export interface Corner extends Point {
  readonly nodeId: number;
}

/**
 * Gathers corners of outlines into objects: corners within 40 m of each other, or within 250 m and drawn in one go
 * (ids of OpenStreetMap nodes at most 60 apart), belong together.
 * @returns lists of positions in `corners`
 */
export function clusterCorners(corners: readonly Corner[]): number[][] {
  const parent = corners.map((_, index) => index);
  const rootOf = (index: number): number => {
    let at = index;
    while ((parent[at] ?? at) !== at) at = parent[at] ?? at;
    parent[index] = at;
    return at;
  };
  const order = [...corners.keys()].sort(
    (a, b) => (corners[a]?.longitude ?? 0) - (corners[b]?.longitude ?? 0),
  );
  order.forEach((index, place) => {
    const corner = corners[index];
    for (let next = place + 1; corner !== undefined && next < order.length; next++) {
      const other = corners[order[next] ?? -1];
      if (other === undefined || eastM(other.longitude) - eastM(corner.longitude) > DRAWN_TOGETHER_M) break;
      const metres = planeDistanceM(corner, other);
      const isDrawnTogether = Math.abs(corner.nodeId - other.nodeId) <= DRAWN_TOGETHER_IDS;
      if (metres <= CORNER_M || (isDrawnTogether && metres <= DRAWN_TOGETHER_M))
        parent[rootOf(order[next] ?? index)] = rootOf(index);
    }
  });
  const clusters = new Map<number, number[]>();
  corners.forEach((_, index) => {
    const root = rootOf(index);
    clusters.set(root, [...(clusters.get(root) ?? []), index]);
  });
  return [...clusters.values()];
}
