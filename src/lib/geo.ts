/** Plane geometry of the Valle de Aburrá: metres, boxes, polygons. Pure. */
import type {AreaGeometry} from '../domain/market.ts';

/** Mean radius of the Earth, metres (IUGG). */
const EARTH_RADIUS_M = 6_371_008.8;
const RADIANS = Math.PI / 180;

/** Where the local plane touches the Earth: the middle of the Valle de Aburrá. */
const PLANE_ORIGIN = {latitude: 6.25, longitude: -75.57} as const;

const METRES_PER_DEGREE_NORTH = EARTH_RADIUS_M * RADIANS;
const METRES_PER_DEGREE_EAST = METRES_PER_DEGREE_NORTH * Math.cos(PLANE_ORIGIN.latitude * RADIANS);

/** Degrees. `west < east`, `south < north`. */
export interface Box {
  readonly south: number;
  readonly north: number;
  readonly west: number;
  readonly east: number;
}

/** Continental Colombia with San Andrés and Providencia. */
export const COLOMBIA: Box = {south: -4.3, north: 13.5, west: -82, east: -66.8};

/** The ten municipalities of the Valle de Aburrá, with about 1 km around (DANE MGN 2018). */
export const VALLE_DE_ABURRA: Box = {south: 5.97, north: 6.52, west: -75.73, east: -75.21};

export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

/** Great-circle distance in metres. */
export function haversineM(a: Point, b: Point): number {
  const halfLatitude = ((b.latitude - a.latitude) * RADIANS) / 2;
  const halfLongitude = ((b.longitude - a.longitude) * RADIANS) / 2;
  const h =
    Math.sin(halfLatitude) ** 2 +
    Math.cos(a.latitude * RADIANS) * Math.cos(b.latitude * RADIANS) * Math.sin(halfLongitude) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Metres east of the plane's origin. The scale is true at 6.25° N: 0.05 % off within the valley, 0.3 % in Bogotá. */
export function eastM(longitude: number): number {
  return (longitude - PLANE_ORIGIN.longitude) * METRES_PER_DEGREE_EAST;
}

/** Metres north of the plane's origin. */
export function northM(latitude: number): number {
  return (latitude - PLANE_ORIGIN.latitude) * METRES_PER_DEGREE_NORTH;
}

/** Straight-line metres on the local plane. */
export function planeDistanceM(a: Point, b: Point): number {
  return Math.hypot(eastM(a.longitude) - eastM(b.longitude), northM(a.latitude) - northM(b.latitude));
}

export function isWithin(box: Box, latitude: number, longitude: number): boolean {
  return latitude >= box.south && latitude <= box.north && longitude >= box.west && longitude <= box.east;
}

/**
 * What a pair of coordinates is worth. `absent`: none, not finite, or about 0, 0 (portals write 0 for "not stated");
 * `swapped`: the other way round it lies in Colombia; `abroad`: outside Colombia either way.
 */
export type CoordinateVerdict = 'plausible' | 'absent' | 'swapped' | 'abroad';

export function judgeCoordinates(latitude: number | null, longitude: number | null): CoordinateVerdict {
  if (latitude === null || longitude === null) return 'absent';
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return 'absent';
  if (Math.abs(latitude) < 0.01 && Math.abs(longitude) < 0.01) return 'absent';
  if (isWithin(COLOMBIA, latitude, longitude)) return 'plausible';
  return isWithin(COLOMBIA, longitude, latitude) ? 'swapped' : 'abroad';
}

/** The polygons of an area, each a list of closed rings of `[longitude, latitude]`. */
export function polygonsOf(geometry: AreaGeometry): number[][][][] {
  return geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
}

/** The rings of an area on the local plane: metres east and north in turn. */
export function planeRingsOf(geometry: AreaGeometry): Float64Array[] {
  return polygonsOf(geometry)
    .flat()
    .map(ring =>
      Float64Array.from(
        ring.flatMap(([longitude = Number.NaN, latitude = Number.NaN]) => [
          eastM(longitude),
          northM(latitude),
        ]),
      ),
    );
}

/** Metres from a point to the nearest edge of an area's rings, inside or outside of it. */
export function distanceToBorderM(rings: readonly Float64Array[], point: Point): number {
  const x = eastM(point.longitude);
  const y = northM(point.latitude);
  let nearest = Number.POSITIVE_INFINITY;
  for (const ring of rings) {
    for (let at = 2; at < ring.length; at += 2) {
      const ax = ring[at - 2] ?? 0;
      const ay = ring[at - 1] ?? 0;
      const dx = (ring[at] ?? 0) - ax;
      const dy = (ring[at + 1] ?? 0) - ay;
      const length2 = dx * dx + dy * dy;
      const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length2));
      nearest = Math.min(nearest, (ax + t * dx - x) ** 2 + (ay + t * dy - y) ** 2);
    }
  }
  return Math.sqrt(nearest);
}

/** Centre of mass and size of an area; holes count against it. A degenerate area gives the mean of its vertices. */
export function measureArea(geometry: AreaGeometry): {readonly centre: Point; readonly areaM2: number} {
  let doubled = 0;
  let momentX = 0;
  let momentY = 0;
  for (const polygon of polygonsOf(geometry)) {
    polygon.forEach((ring, index) => {
      const sum = ringMoments(ring);
      // The outline adds, holes take away, whatever way round the file wrote them.
      const sign = (index === 0 ? 1 : -1) * Math.sign(sum.doubled);
      doubled += sign * sum.doubled;
      momentX += sign * sum.momentX;
      momentY += sign * sum.momentY;
    });
  }
  if (doubled <= 0) return {centre: meanVertex(geometry), areaM2: 0};
  return {centre: pointAt(momentX / (3 * doubled), momentY / (3 * doubled)), areaM2: doubled / 2};
}

/**
 * Points along a line, at most `stepM` metres apart, both ends included.
 * @param line vertices as `[longitude, latitude]`
 */
export function densifyLine(line: readonly (readonly number[])[], stepM: number): Point[] {
  const points: Point[] = [];
  let previous: Point | undefined;
  for (const vertex of line) {
    const next = pointOf(vertex);
    if (previous !== undefined) {
      const steps = Math.ceil(planeDistanceM(previous, next) / stepM);
      for (let step = 1; step < steps; step++) points.push(pointBetween(previous, next, step / steps));
    }
    points.push(next);
    previous = next;
  }
  return points;
}

function pointBetween(a: Point, b: Point, share: number): Point {
  return {
    latitude: a.latitude + (b.latitude - a.latitude) * share,
    longitude: a.longitude + (b.longitude - a.longitude) * share,
  };
}

function pointOf(vertex: readonly number[]): Point {
  return {latitude: vertex[1] ?? Number.NaN, longitude: vertex[0] ?? Number.NaN};
}

function pointAt(x: number, y: number): Point {
  return {
    latitude: PLANE_ORIGIN.latitude + y / METRES_PER_DEGREE_NORTH,
    longitude: PLANE_ORIGIN.longitude + x / METRES_PER_DEGREE_EAST,
  };
}

function forEachEdge(
  ring: readonly (readonly number[])[],
  visit: (ax: number, ay: number, bx: number, by: number) => void,
): void {
  for (let index = 1; index < ring.length; index++) {
    const a = pointOf(ring[index - 1] ?? []);
    const b = pointOf(ring[index] ?? []);
    visit(eastM(a.longitude), northM(a.latitude), eastM(b.longitude), northM(b.latitude));
  }
}

function ringMoments(ring: readonly (readonly number[])[]): {
  doubled: number;
  momentX: number;
  momentY: number;
} {
  const sum = {doubled: 0, momentX: 0, momentY: 0};
  forEachEdge(ring, (ax, ay, bx, by) => {
    const cross = ax * by - bx * ay;
    sum.doubled += cross;
    sum.momentX += (ax + bx) * cross;
    sum.momentY += (ay + by) * cross;
  });
  return sum;
}

function meanVertex(geometry: AreaGeometry): Point {
  const vertices = polygonsOf(geometry).flat(2).map(pointOf);
  const count = Math.max(1, vertices.length);
  return {
    latitude: vertices.reduce((sum, vertex) => sum + vertex.latitude, 0) / count,
    longitude: vertices.reduce((sum, vertex) => sum + vertex.longitude, 0) / count,
  };
}
