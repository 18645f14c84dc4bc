import type {FoundBy} from './vocabulary.ts';

/** A column of numbers by category, in the order of `POI_CATEGORIES`; each entry as long as the other ones. */
type ByCategory = (readonly (number | null)[])[];

/**
 * What is near a point, category by category in the order of `POI_CATEGORIES`, as it is stored. A category with no known
 * place at all holds nulls.
 */
export interface PoiAccess {
  /** `core.poi.poi_number` of the three nearest within the search limit (20 km), nearest first; null where there are fewer. */
  readonly nearestPoi: ByCategory;
  /** Whole straight-line metres to each of them; to a road, to the nearest point of it. */
  readonly nearestM: ByCategory;
  /** Within 500, 1,000 and 2,000 m. A main road counts once for every 50 m of it. */
  readonly poiCounts: ByCategory;
  /** How much of the category is how near, see `gravityWeight`; 0: nothing within 2 km. */
  readonly poiGravity: (number | null)[];
}

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
