/** Homes one would compare an advert with: same kind and estrato, about the same area, as near by as there are enough. */
import type {FeatureRow} from '../domain/model.ts';
import type {PropertyType} from '../domain/vocabulary.ts';
import {eastM, northM} from '../lib/geo.ts';
import {groupBy} from '../lib/group-by.ts';
import {median} from '../lib/stats.ts';
import {placeKeys} from './attributes.ts';

const AREA_TOLERANCE = 0.25;
/** Circles searched one after the other until there are enough. In the widest, a municipality stands for a point. */
export const CIRCLES_M = [1500, 3000, 6000] as const;
const WIDEST_M = Math.max(...CIRCLES_M);
/** Place of no circle. */
const OUTSIDE = -1;
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

/** Adverts of one type, ordered by area; what is read of each for every comparison stands column by column. */
interface ComparedHomes {
  readonly homes: readonly ComparedHome[];
  readonly areaM2: Float64Array;
  /** NONE: not known. */
  readonly stratum: Int8Array;
  /** Metres; NaN: no point of its own. */
  readonly eastM: Float64Array;
  readonly northM: Float64Array;
  /** Numbers of names; NONE: it has none. */
  readonly group: Int32Array;
  readonly place: Int32Array;
  readonly municipality: Int32Array;
}

/** Adverts of one operation. */
export interface ComparableIndex {
  readonly byType: ReadonlyMap<PropertyType, ComparedHomes>;
  /** Of each group and place. */
  readonly numbers: ReadonlyMap<string, number>;
}

const NONE = -1;
/** A name no advert of the index has: equal to nothing in it. */
const UNHEARD = -2;

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
  const numbers = new Map<string, number>();
  const numberOf = (name: string | undefined): number => {
    if (name === undefined) return NONE;
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  };
  const byType = new Map<PropertyType, ComparedHomes>();
  for (const [type, own] of groupBy(rows, ({propertyType}) => propertyType)) {
    const homes = own
      .map(comparedHome)
      .sort((a, b) => a.areaM2 - b.areaM2 || (a.listingId < b.listingId ? -1 : 1));
    byType.set(type, {
      homes,
      areaM2: Float64Array.from(homes, ({areaM2}) => areaM2),
      stratum: Int8Array.from(homes, ({stratum}) => stratum ?? NONE),
      eastM: Float64Array.from(homes, ({point}) => point?.eastM ?? Number.NaN),
      northM: Float64Array.from(homes, ({point}) => point?.northM ?? Number.NaN),
      group: Int32Array.from(homes, ({groupId}) => numberOf(groupId)),
      place: Int32Array.from(homes, ({place}) => numberOf(place)),
      municipality: Int32Array.from(homes, ({municipality}) => numberOf(municipality)),
    });
  }
  return {byType, numbers};
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
  index: ComparableIndex,
  of: ComparedHome,
  type: PropertyType,
): {readonly homes: readonly ComparedHome[]; readonly radiusM: number} {
  const near = findNear(index, of, type);
  let found: ComparedHome[] = [];
  for (const [circle, radiusM] of CIRCLES_M.entries()) {
    const byGroup = new Map<string, ComparedHome>();
    for (const {home, circle: own} of near) if (own <= circle) byGroup.set(home.groupId, home);
    found = [...byGroup.values()];
    if (found.length >= ENOUGH_COMPARABLES) return {homes: found, radiusM};
  }
  return {homes: found, radiusM: WIDEST_M};
}

/** Homes like it in the widest circle, by area, and the narrowest circle that each is in. */
function findNear(
  {byType, numbers}: ComparableIndex,
  of: ComparedHome,
  type: PropertyType,
): {readonly home: ComparedHome; readonly circle: number}[] {
  const indexed = byType.get(type);
  if (indexed === undefined) return [];
  const {homes, areaM2, stratum, eastM, northM, group, place, municipality} = indexed;
  const numberOf = (name: string | undefined) =>
    name === undefined ? UNHEARD : (numbers.get(name) ?? UNHEARD);
  const own = {
    stratum: of.stratum ?? NONE,
    eastM: of.point?.eastM ?? Number.NaN,
    northM: of.point?.northM ?? Number.NaN,
    group: numberOf(of.groupId),
    place: numberOf(of.place),
    municipality: numberOf(of.municipality),
  };
  const mostM2 = of.areaM2 * (1 + AREA_TOLERANCE);
  const near: {home: ComparedHome; circle: number}[] = [];
  for (let at = firstOfArea(homes, of.areaM2 * (1 - AREA_TOLERANCE)); at < homes.length; at++) {
    if ((areaM2[at] ?? 0) > mostM2) break;
    const theirs = stratum[at] ?? NONE;
    if (theirs !== own.stratum && theirs !== NONE && own.stratum !== NONE) continue;
    if (group[at] === own.group) continue;
    const east = (eastM[at] ?? 0) - own.eastM;
    const north = (northM[at] ?? 0) - own.northM;
    const metres = Math.sqrt(east * east + north * north);
    let circle = OUTSIDE;
    if (Number.isNaN(metres)) {
      if (place[at] === own.place) circle = 0;
      else if (municipality[at] === own.municipality) circle = CIRCLES_M.length - 1;
    } else if (metres <= WIDEST_M) circle = CIRCLES_M.findIndex(radiusM => metres <= radiusM);
    const home = homes[at];
    if (circle !== OUTSIDE && home !== undefined) near.push({home, circle});
  }
  return near;
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

/** Place of the first home of at least this area. */
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

function metresBetween(a: ComparedHome, b: ComparedHome): number | null {
  if (a.point === null || b.point === null) return null;
  const east = a.point.eastM - b.point.eastM;
  const north = a.point.northM - b.point.northM;
  return Math.sqrt(east * east + north * north);
}
