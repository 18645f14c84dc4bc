import type {PoiCategory} from './vocabulary.ts';

/** What is near a point, for one category. A category with no known place at all is absent from `PoiAccess`. */
export interface NearbyPois {
  /** Straight-line metres to the nearest one; null when none lies within the search limit (20 km). */
  readonly nearestM: number | null;
  readonly nearestId: string | null;
  /** Within 500, 1,000 and 2,000 m. A main road counts once for every 50 m of it. */
  readonly within500M: number;
  readonly within1000M: number;
  readonly within2000M: number;
}

export type PoiAccess = Readonly<Partial<Record<PoiCategory, NearbyPois>>>;

/** A GeoJSON area in WGS84 degrees, longitude first; rings are closed, the first ring of a polygon is its outline. */
export type AreaGeometry =
  | {readonly type: 'Polygon'; readonly coordinates: number[][][]}
  | {readonly type: 'MultiPolygon'; readonly coordinates: number[][][][]};
