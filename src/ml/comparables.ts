/** Homes one would compare an advert with: same kind and estrato, about the same area, near by. */
import type {FeatureRow} from '../domain/model.ts';
import type {PropertyType} from '../domain/vocabulary.ts';
import {eastM, northM} from '../lib/geo.ts';
import {median} from '../lib/stats.ts';
import {placeKeys} from './attributes.ts';

const AREA_TOLERANCE = 0.25;
const RADIUS_M = 1500;

/** A home as it is compared: its point in metres where it has one of its own, else its barrio (or district). */
interface ComparedHome {
  readonly groupId: string;
  readonly areaM2: number;
  readonly stratum: number | null;
  readonly point: {readonly eastM: number; readonly northM: number} | null;
  readonly place: string | undefined;
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
 * Same type, area ± 25 %, same estrato where both are known, and within 1.5 km (both points their own) or, without
 * such points, in the same barrio or district.
 */
export function findComparables(index: ComparableIndex, row: FeatureRow): Comparables {
  const homes = index.byType.get(row.propertyType) ?? [];
  const of = comparedHome(row);
  const most = of.areaM2 * (1 + AREA_TOLERANCE);
  const perM2 = new Map<string, number>();
  for (let at = firstOfArea(homes, of.areaM2 * (1 - AREA_TOLERANCE)); at < homes.length; at++) {
    const home = homes[at];
    if (home === undefined || home.areaM2 > most) break;
    if (home.groupId !== of.groupId && isSameStratum(home, of) && isNear(home, of))
      perM2.set(home.groupId, home.perM2);
  }
  return {count: perM2.size, medianPerM2: perM2.size === 0 ? null : median([...perM2.values()])};
}

function comparedHome(row: FeatureRow): ComparedHome {
  const {groupId, areaM2, stratum, latitude, longitude, isSharedPin} = row;
  const point =
    latitude === null || longitude === null || isSharedPin
      ? null
      : {eastM: eastM(longitude), northM: northM(latitude)};
  // A whole municipality is not near.
  const place = placeKeys(row).find(key => !key.startsWith('m:'));
  return {groupId, areaM2, stratum, point, place, perM2: row.priceCop / areaM2};
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

function isNear(a: ComparedHome, b: ComparedHome): boolean {
  if (a.point === null || b.point === null) return a.place !== undefined && a.place === b.place;
  const east = a.point.eastM - b.point.eastM;
  const north = a.point.northM - b.point.northM;
  return east * east + north * north <= RADIUS_M * RADIUS_M;
}
