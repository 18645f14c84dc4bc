/** Which municipality, district and neighbourhood a point lies in. Pure. */
import Flatbush from 'flatbush';
import pointInPolygon from 'point-in-polygon-hao';
import type {AreaGeometry} from '../domain/market.ts';
import type {PlaceKind} from '../domain/vocabulary.ts';
import {distanceToBorderM, measureArea, planeDistanceM, planeRingsOf, polygonsOf} from './geo.ts';

export interface IndexedPlace {
  readonly placeCode: string;
  readonly kind: PlaceKind;
  readonly name: string;
  readonly parentCode: string | null;
  readonly geometry: AreaGeometry | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** Place codes of a point; null where no known area holds it. */
export type PlaceCodes = Readonly<Record<PlaceKind, string | null>>;

interface IndexedPolygon {
  readonly place: IndexedPlace;
  readonly polygon: number[][][];
  /** The same as longitudes and latitudes in turn, ring by ring. */
  readonly rings: readonly Float64Array[];
  /** Of the whole place: where areas overlap, the smaller one is meant. */
  readonly areaM2: number;
}

/** A fixed set of places. Points on a border count as inside. */
export class PlaceIndex {
  readonly #polygons: readonly IndexedPolygon[];
  readonly #byCode: ReadonlyMap<string, IndexedPlace>;
  readonly #tree: Flatbush | null;
  /** Of the places that a distance was asked to. */
  readonly #rings = new Map<IndexedPlace, readonly Float64Array[]>();

  constructor(places: readonly IndexedPlace[]) {
    this.#byCode = new Map(places.map(place => [place.placeCode, place]));
    this.#polygons = places.flatMap(listPolygons).sort(bySizeThenCode);
    this.#tree = buildTree(this.#polygons);
  }

  place(code: string): IndexedPlace | undefined {
    return this.#byCode.get(code);
  }

  /**
   * The places that hold a point. The smallest place known decides and names its parents: official neighbourhoods
   * are drawn more exactly than the municipal borders around them.
   */
  locate(latitude: number, longitude: number): PlaceCodes {
    const codes: Record<PlaceKind, string | null> = {municipality: null, district: null, neighbourhood: null};
    const hits = this.#tree?.search(longitude, latitude, longitude, latitude) ?? [];
    // Polygons are sorted by size, so the first of a kind is the smallest.
    for (const hit of hits.sort((a, b) => a - b)) {
      const candidate = this.#polygons[hit];
      if (candidate === undefined || codes[candidate.place.kind] !== null) continue;
      if (isHolding(candidate, longitude, latitude)) codes[candidate.place.kind] = candidate.place.placeCode;
    }
    for (const kind of ['neighbourhood', 'district'] as const) {
      const parent = this.#byCode.get(this.#byCode.get(codes[kind] ?? '')?.parentCode ?? '');
      if (parent !== undefined) codes[parent.kind] = parent.placeCode;
    }
    return codes;
  }

  /**
   * Metres from a point to a place: 0 inside its area, else to the border; without a known area to its centre.
   * Null when nothing of the place but its name is known.
   */
  distanceM(
    code: string,
    latitude: number,
    longitude: number,
  ): {metres: number; to: 'area' | 'centre'} | null {
    const place = this.#byCode.get(code);
    const point = {latitude, longitude};
    if (place === undefined) return null;
    if (place.geometry !== null) {
      const isInside = polygonsOf(place.geometry).some(
        rings => pointInPolygon([longitude, latitude], rings) !== false,
      );
      return {
        metres: isInside ? 0 : distanceToBorderM(this.#ringsOf(place, place.geometry), point),
        to: 'area',
      };
    }
    if (place.latitude === null || place.longitude === null) return null;
    const centre = {latitude: place.latitude, longitude: place.longitude};
    return {metres: planeDistanceM(centre, point), to: 'centre'};
  }

  #ringsOf(place: IndexedPlace, geometry: AreaGeometry): readonly Float64Array[] {
    const rings = this.#rings.get(place) ?? planeRingsOf(geometry);
    this.#rings.set(place, rings);
    return rings;
  }
}

function listPolygons(place: IndexedPlace): IndexedPolygon[] {
  if (place.geometry === null) return [];
  const {areaM2} = measureArea(place.geometry);
  return polygonsOf(place.geometry).map(polygon => ({
    place,
    polygon,
    rings: polygon.map(ring =>
      Float64Array.from(ring.flatMap(([longitude = 0, latitude = 0]) => [longitude, latitude])),
    ),
    areaM2,
  }));
}

/** Beyond this share of its terms a cross product's sign is certain. */
const ROUNDING = 1e-12;

/**
 * Whether a ray from the point to the east leaves the polygon more often than it enters. Where rounding might decide
 * (on a border, at a corner's latitude) the exact predicates do, which cost ten times as much.
 */
function isHolding({polygon, rings}: IndexedPolygon, longitude: number, latitude: number): boolean {
  let isInside = false;
  for (const ring of rings) {
    for (let at = 2; at < ring.length; at += 2) {
      const south = (ring[at - 1] ?? 0) - latitude;
      const north = (ring[at + 1] ?? 0) - latitude;
      if ((south > 0 && north > 0) || (south < 0 && north < 0)) continue;
      const left = ((ring[at - 2] ?? 0) - longitude) * north;
      const right = ((ring[at] ?? 0) - longitude) * south;
      const turn = left - right;
      const isCertain = Math.abs(turn) > ROUNDING * (Math.abs(left) + Math.abs(right));
      if (!isCertain || south === 0 || north === 0)
        return pointInPolygon([longitude, latitude], polygon) !== false;
      if (turn > 0 === north > south) isInside = !isInside;
    }
  }
  return isInside;
}

function bySizeThenCode(a: IndexedPolygon, b: IndexedPolygon): number {
  return a.areaM2 - b.areaM2 || (a.place.placeCode < b.place.placeCode ? -1 : 1);
}

function buildTree(polygons: readonly IndexedPolygon[]): Flatbush | null {
  if (polygons.length === 0) return null;
  const tree = new Flatbush(polygons.length);
  for (const {polygon} of polygons) {
    let west = Number.POSITIVE_INFINITY;
    let south = Number.POSITIVE_INFINITY;
    let east = Number.NEGATIVE_INFINITY;
    let north = Number.NEGATIVE_INFINITY;
    for (const [longitude = 0, latitude = 0] of polygon[0] ?? []) {
      west = Math.min(west, longitude);
      east = Math.max(east, longitude);
      south = Math.min(south, latitude);
      north = Math.max(north, latitude);
    }
    tree.add(west, south, east, north);
  }
  tree.finish();
  return tree;
}
