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
  readonly listingId: string;
  readonly groupId: string;
  readonly bedrooms: number | null;
  readonly bathrooms: number | null;
  readonly parkingSpaces: number | null;
  readonly areaM2: number;
  readonly stratum: number | null;
  readonly point: {readonly eastM: number; readonly northM: number} | null;
  readonly place: string | undefined;
  readonly municipality: string | undefined;
  readonly priceCop: number;
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

/** One home of those compared with. */
export interface ComparableHome {
  readonly listingId: string;
  readonly areaM2: number;
  readonly stratum: number | null;
  readonly bedrooms: number | null;
  readonly bathrooms: number | null;
  readonly priceCop: number;
  /** COP per m². */
  readonly perM2: number;
  /** Metres between the two points; null: one of them has no point of its own. */
  readonly distanceM: number | null;
}

export function indexComparables(rows: readonly FeatureRow[]): ComparableIndex {
  const byType = new Map<PropertyType, ComparedHome[]>();
  for (const row of rows) {
    const list = byType.get(row.propertyType);
    if (list === undefined) byType.set(row.propertyType, [comparedHome(row)]);
    else list.push(comparedHome(row));
  }
  for (const list of byType.values())
    list.sort((a, b) => a.areaM2 - b.areaM2 || (a.listingId < b.listingId ? -1 : 1));
  return {byType};
}

/**
 * Same type, area ± 25 %, same estrato where both are known, and within a circle (both points their own) or, without
 * such points, in the same barrio or district. The circle grows from 1.5 to 6 km until eight homes are in it.
 */
export function findComparables(index: ComparableIndex, row: FeatureRow): Comparables {
  const {homes, radiusM} = gatherComparables(index, comparedHome(row), row.propertyType);
  return {...summarise(homes), radiusM};
}

/** As `findComparables`, with the homes themselves: the most alike first, the same in any order of the adverts. */
export function listComparables(
  index: ComparableIndex,
  row: FeatureRow,
): Comparables & {readonly homes: readonly ComparableHome[]} {
  const of = comparedHome(row);
  const {homes, radiusM} = gatherComparables(index, of, row.propertyType);
  const listed = homes
    .map(home => ({home, distanceM: metresBetween(home, of)}))
    .sort(
      (a, b) =>
        unlikeness(a.home, of, a.distanceM) - unlikeness(b.home, of, b.distanceM) ||
        (a.home.listingId < b.home.listingId ? -1 : 1),
    )
    .map(({home, distanceM}): ComparableHome => {
      const {listingId, areaM2, stratum, bedrooms, bathrooms, priceCop, perM2} = home;
      return {listingId, areaM2, stratum, bedrooms, bathrooms, priceCop, perM2, distanceM};
    });
  return {...summarise(homes), radiusM, homes: listed};
}

function gatherComparables(
  {byType}: ComparableIndex,
  of: ComparedHome,
  type: PropertyType,
): {readonly homes: readonly ComparedHome[]; readonly radiusM: number} {
  const alike = homesAlike(byType.get(type) ?? [], of);
  let found: ComparedHome[] = [];
  for (const radiusM of CIRCLES_M) {
    const byGroup = new Map<string, ComparedHome>();
    for (const home of alike) if (isNear(home, of, radiusM)) byGroup.set(home.groupId, home);
    found = [...byGroup.values()];
    if (found.length >= ENOUGH_COMPARABLES) return {homes: found, radiusM};
  }
  return {homes: found, radiusM: CIRCLES_M.at(-1) ?? 0};
}

function summarise(homes: readonly ComparedHome[]): Pick<Comparables, 'count' | 'medianPerM2'> {
  return {
    count: homes.length,
    medianPerM2: homes.length === 0 ? null : median(homes.map(({perM2}) => perM2)),
  };
}

/** What differences cost, in kilometres of distance: the weights of the nearest-neighbour features. */
const KM_PER_LOG_AREA = 3;
const KM_PER_ROOM = 0.4;
/** Stands for the distance to a home without a point of its own. */
const KM_UNKNOWN = 1;

function unlikeness(home: ComparedHome, of: ComparedHome, distanceM: number | null): number {
  const rooms = (['bedrooms', 'bathrooms', 'parkingSpaces'] as const).reduce((sum, name) => {
    const [a, b] = [home[name], of[name]];
    return sum + (a === null || b === null ? 0.5 : Math.min(Math.abs(a - b), 3));
  }, 0);
  const km = distanceM === null ? KM_UNKNOWN : distanceM / 1000;
  return km + KM_PER_LOG_AREA * Math.abs(Math.log(home.areaM2 / of.areaM2)) + KM_PER_ROOM * rooms;
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
  const {latitude, longitude, isSharedPin} = row;
  const {listingId, groupId, areaM2, stratum, bedrooms, bathrooms, parkingSpaces, priceCop} = row;
  const point =
    latitude === null || longitude === null || isSharedPin
      ? null
      : {eastM: eastM(longitude), northM: northM(latitude)};
  // A whole municipality is not near.
  const keys = placeKeys(row);
  const place = keys.find(key => !key.startsWith('m:'));
  const municipality = keys.find(key => key.startsWith('m:'));
  return {
    ...{listingId, groupId, areaM2, stratum, bedrooms, bathrooms, parkingSpaces, priceCop},
    ...{point, place, municipality, perM2: priceCop / areaM2},
  };
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
  return (metresBetween(a, b) ?? Number.POSITIVE_INFINITY) <= radiusM;
}

function metresBetween(a: ComparedHome, b: ComparedHome): number | null {
  if (a.point === null || b.point === null) return null;
  const east = a.point.eastM - b.point.eastM;
  const north = a.point.northM - b.point.northM;
  return Math.sqrt(east * east + north * north);
}

function isSamePlace(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a === b;
}
