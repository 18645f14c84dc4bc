/** Homes one would compare an advert with: same kind and estrato, about the same area, as near by as there are enough. */
import type {FeatureRow} from '../domain/model.ts';
import type {PropertyType} from '../domain/vocabulary.ts';
import {eastM, northM} from '../lib/geo.ts';
import {median} from '../lib/stats.ts';
import {placeKeys} from './attributes.ts';

const AREA_TOLERANCE = 0.25;
/** Circles searched one after the other until there are enough. In the widest, a municipality stands for a point. */
export const CIRCLES_M = [1500, 3000, 6000] as const;
/** Fewer say too little to call a price low or high. */
export const ENOUGH_COMPARABLES = 8;

/** A home as it is compared: its point in metres where it has one of its own, else its barrio (or district). */
interface ComparedHome {
  readonly groupId: string;
  readonly areaM2: number;
  readonly stratum: number | null;
  readonly point: {readonly eastM: number; readonly northM: number} | null;
  readonly place: string | undefined;
  readonly municipality: string | undefined;
  /** COP. */
  readonly perM2: number;
}

/** Adverts of one operation, by type, ordered by area. */
export interface ComparableIndex {
  readonly byType: ReadonlyMap<PropertyType, readonly ComparedHome[]>;
}

export interface Comparables {
  /** Other homes; adverts of the same home count once at most, its own not at all. */
  readonly count: number;
  /** COP per m²; null without comparables. */
  readonly medianPerM2: number | null;
  /** The circle they were found in, metres. */
  readonly radiusM: number;
}

export function indexComparables(rows: readonly FeatureRow[]): ComparableIndex {
  const byType = new Map<PropertyType, ComparedHome[]>();
  for (const row of rows) {
    const list = byType.get(row.propertyType);
    if (list === undefined) byType.set(row.propertyType, [comparedHome(row)]);
    else list.push(comparedHome(row));
  }
  for (const list of byType.values()) list.sort((a, b) => a.areaM2 - b.areaM2);
  return {byType};
}

/**
 * Same type, area ± 25 %, same estrato where both are known, and within a circle (both points their own) or, without
 * such points, in the same barrio or district. The circle grows from 1.5 to 6 km until eight homes are in it.
 */
export function findComparables(index: ComparableIndex, row: FeatureRow): Comparables {
  const homes = index.byType.get(row.propertyType) ?? [];
  const of = comparedHome(row);
  const alike = homesAlike(homes, of);
  let found: Comparables = {count: 0, medianPerM2: null, radiusM: CIRCLES_M[0]};
  for (const radiusM of CIRCLES_M) {
    const perM2 = new Map<string, number>();
    for (const home of alike) if (isNear(home, of, radiusM)) perM2.set(home.groupId, home.perM2);
    found = {count: perM2.size, medianPerM2: perM2.size === 0 ? null : median([...perM2.values()]), radiusM};
    if (found.count >= ENOUGH_COMPARABLES) break;
  }
  return found;
}

function homesAlike(homes: readonly ComparedHome[], of: ComparedHome): ComparedHome[] {
  const most = of.areaM2 * (1 + AREA_TOLERANCE);
  const alike: ComparedHome[] = [];
  for (let at = firstOfArea(homes, of.areaM2 * (1 - AREA_TOLERANCE)); at < homes.length; at++) {
    const home = homes[at];
    if (home === undefined || home.areaM2 > most) break;
    if (home.groupId !== of.groupId && isSameStratum(home, of)) alike.push(home);
  }
  return alike;
}

function comparedHome(row: FeatureRow): ComparedHome {
  const {groupId, areaM2, stratum, latitude, longitude, isSharedPin} = row;
  const point =
    latitude === null || longitude === null || isSharedPin
      ? null
      : {eastM: eastM(longitude), northM: northM(latitude)};
  // A whole municipality is not near.
  const keys = placeKeys(row);
  const place = keys.find(key => !key.startsWith('m:'));
  const municipality = keys.find(key => key.startsWith('m:'));
  return {groupId, areaM2, stratum, point, place, municipality, perM2: row.priceCop / areaM2};
}

function firstOfArea(homes: readonly ComparedHome[], areaM2: number): number {
  let low = 0;
  let high = homes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((homes[middle]?.areaM2 ?? 0) < areaM2) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSameStratum(a: ComparedHome, b: ComparedHome): boolean {
  return a.stratum === null || b.stratum === null || a.stratum === b.stratum;
}

function isNear(a: ComparedHome, b: ComparedHome, radiusM: number): boolean {
  if (a.point === null || b.point === null) {
    const isWidest = radiusM === CIRCLES_M.at(-1);
    return isSamePlace(a.place, b.place) || (isWidest && isSamePlace(a.municipality, b.municipality));
  }
  const east = a.point.eastM - b.point.eastM;
  const north = a.point.northM - b.point.northM;
  return east * east + north * north <= radiusM * radiusM;
}

function isSamePlace(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a === b;
}
