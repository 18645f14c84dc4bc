/**
 * Points that stand far from where other adverts put the place they state.
 *
 * Official areas contradict a point only where the stated name is official and its area known; adverts of "Loma de los
 * Parra" agree among themselves where it is. A price says nothing of a wrong point: the model only expects another one.
 */
import type {FeatureRow} from '../../domain/model.ts';
import {eastM, northM} from '../../lib/geo.ts';
import {groupBy} from '../../lib/group-by.ts';
import {hash32} from '../../lib/random.ts';
import {quantile} from '../../lib/stats.ts';
import {placeKeys} from '../attributes.ts';

/** A place of fewer homes with a point of their own is not known well enough. */
const MIN_HOMES = 8;
/** So many other homes of the place have to be near: one or two may be wrong like the point itself. */
const WITNESSES = 3;
/** Adverts draw their places wider than anybody: nearer than this to the witnesses nothing is wrong. */
const MIN_REACH_M = 800;
/** The usual distance to the witnesses is that of four in five homes of the place: the fifth may be wrong itself. */
const USUAL_SHARE = 0.8;
/** Times the usual distance from which a point is elsewhere. */
const REACH_FACTOR = 2;
/** Homes kept of one place: more tell nothing new. */
const MOST_HOMES = 400;

interface PlacedHome {
  readonly groupId: string;
  readonly eastM: number;
  readonly northM: number;
}

interface StatedPlace {
  readonly homes: readonly PlacedHome[];
  /** Beyond this from its witnesses, a point is elsewhere. */
  readonly reachM: number;
}

/** Neighbourhoods and districts as adverts state them, by the place keys of `attributes.ts`. */
export type StatedPlaces = ReadonlyMap<string, StatedPlace>;

/** A point that contradicts the stated place. */
export interface PlaceContradiction {
  /** The place as the advert states it. */
  readonly place: string;
  /** To the third nearest home that states it too. */
  readonly metres: number;
  /** Homes that state it. */
  readonly homes: number;
}

export function fitStatedPlaces(rows: readonly FeatureRow[]): StatedPlaces {
  const stated = rows.flatMap(row => statedKeys(row).map(key => ({key, row})));
  return new Map(
    [...groupBy(stated, ({key}) => key)].flatMap(([key, own]) => {
      const homes = placedHomes(own.map(({row}) => row));
      if (homes.length < MIN_HOMES) return [];
      const usual = homes.map(home => witnessDistanceM(homes, home) ?? 0);
      return [
        [key, {homes, reachM: Math.max(MIN_REACH_M, REACH_FACTOR * quantile(usual, USUAL_SHARE))}] as const,
      ];
    }),
  );
}

/** Null: the point agrees, or too little is known of it or of every place it states. */
export function contradictStatedPlace(places: StatedPlaces, row: FeatureRow): PlaceContradiction | null {
  const home = placedHome(row);
  const key = statedKeys(row).find(candidate => places.has(candidate));
  const place = places.get(key ?? '');
  if (home === null || key === undefined || place === undefined) return null;
  const metres = witnessDistanceM(place.homes, home);
  if (metres === null || metres <= place.reachM) return null;
  const name = key.startsWith('n:') ? row.neighbourhood : row.district;
  return {place: name ?? '', metres, homes: place.homes.length};
}

/** Neighbourhood, then district; a municipality is too wide to be missed. */
function statedKeys(row: FeatureRow): string[] {
  return placeKeys(row).filter(key => !key.startsWith('m:'));
}

/** One a home, the same ones whatever the order of the rows. */
function placedHomes(rows: readonly FeatureRow[]): PlacedHome[] {
  const byGroup = new Map<string, PlacedHome>();
  for (const row of rows) {
    const home = placedHome(row);
    if (home !== null) byGroup.set(home.groupId, home);
  }
  return [...byGroup.values()]
    .sort((a, b) => hash32(a.groupId) - hash32(b.groupId) || (a.groupId < b.groupId ? -1 : 1))
    .slice(0, MOST_HOMES);
}

function placedHome({groupId, latitude, longitude, isSharedPin}: FeatureRow): PlacedHome | null {
  if (latitude === null || longitude === null || isSharedPin) return null;
  return {groupId, eastM: eastM(longitude), northM: northM(latitude)};
}

/** Metres to the third nearest home of another group; null without as many. */
function witnessDistanceM(homes: readonly PlacedHome[], of: PlacedHome): number | null {
  const nearest: number[] = [];
  for (const home of homes) {
    if (home.groupId === of.groupId) continue;
    const metres = Math.hypot(home.eastM - of.eastM, home.northM - of.northM);
    if (nearest.length === WITNESSES && metres >= (nearest[WITNESSES - 1] ?? 0)) continue;
    nearest.push(metres);
    nearest.sort((a, b) => a - b);
    nearest.length = Math.min(nearest.length, WITNESSES);
  }
  return nearest.length < WITNESSES ? null : (nearest[WITNESSES - 1] ?? null);
}
