import type {FoundBy, PoiCategory} from './vocabulary.ts';

/** One of the nearest points of interest. */
export interface NearestPoi {
  readonly id: string;
  /** Null where the source has none. */
  readonly name: string | null;
  /** Straight-line metres; to a road, to the nearest point of it. */
  readonly metres: number;
}

/** What is near a point, for one category. A category with no known place at all is absent from `PoiAccess`. */
export interface NearbyPois {
  /** The three nearest within the search limit (20 km), nearest first; fewer where there are fewer. */
  readonly nearest: readonly NearestPoi[];
  /** Within 500, 1,000 and 2,000 m. A main road counts once for every 50 m of it. */
  readonly within500M: number;
  readonly within1000M: number;
  readonly within2000M: number;
  /** How much of the category is how near, see `gravityWeight`; 0: nothing within 2 km. */
  readonly gravity: number;
}

export type PoiAccess = Readonly<Partial<Record<PoiCategory, NearbyPois>>>;

/** A GeoJSON area in WGS84 degrees, longitude first; rings are closed, the first ring of a polygon is its outline. */
export type AreaGeometry =
  | {readonly type: 'Polygon'; readonly coordinates: number[][][]}
  | {readonly type: 'MultiPolygon'; readonly coordinates: number[][][][]};

/** A GeoJSON line in WGS84 degrees, longitude first: a road, perhaps in several parts. */
export interface LineGeometry {
  readonly type: 'MultiLineString';
  readonly coordinates: number[][][];
}

/** How a listing came to its places and its quality: what a person needs to agree or object. */
export interface LocationEvidence {
  readonly municipality: PlaceEvidence | null;
  readonly district: PlaceEvidence | null;
  readonly neighbourhood: PlaceEvidence | null;
  /** Why the point has its quality, in one sentence. */
  readonly point: string;
  /** One sentence for each conflict. */
  readonly conflicts: readonly string[];
}

interface PlaceEvidence {
  readonly by: FoundBy;
  /** The words of the advert, where a name decided. */
  readonly stated?: string;
}
