/** Match, first cut: adverts that agree in everything a home is told by are one home. Pure. */
import {sha256Hex} from '../../src/lib/hash.ts';
import {foldText} from '../../src/lib/spanish.ts';

/** An advert as it stands now. `prices`: COP by operation. */
export interface Advert {
  readonly listingId: string;
  readonly propertyType: string | null;
  readonly municipality: string | null;
  readonly neighbourhood: string | null;
  readonly stratum: number | null;
  readonly areaM2: number | null;
  readonly bedrooms: number | null;
  readonly bathrooms: number | null;
  readonly isUsable: boolean;
  readonly prices: Readonly<Record<string, number>>;
}

export interface Membership {
  readonly listingId: string;
  readonly propertyId: string;
  readonly reason: 'single' | 'exact_twin';
  /** How sure, 0–1. */
  readonly score: number;
}

/** A home of one advert is certainly its own; twins that agree in eight fields and the price rarely are two homes. */
const SCORES = {single: 1, exact_twin: 0.95} as const;

/**
 * Groups adverts into homes. Twins share type, municipality, estrato, rounded area, bedrooms, bathrooms and the price
 * of every operation, all of them known, and don't name two neighbourhoods. The home is named after its smallest
 * listing id, so the same adverts give the same homes in any order.
 */
export function groupTwins(adverts: readonly Advert[]): Membership[] {
  const groups = new Map<string, Advert[]>();
  for (const advert of adverts) {
    const key = twinKey(advert) ?? `single:${advert.listingId}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [advert]);
    else group.push(advert);
  }
  return [...groups.values()]
    .flatMap(splitByNeighbourhood)
    .flatMap(membersOf)
    .sort((a, b) => (a.listingId < b.listingId ? -1 : 1));
}

/** What twins have in common; undefined when anything of it isn't known. */
function twinKey(advert: Advert): string | undefined {
  const {propertyType, municipality, stratum, areaM2, bedrooms, bathrooms, prices} = advert;
  const offers = Object.entries(prices).sort(([a], [b]) => (a < b ? -1 : 1));
  if (!advert.isUsable || offers.length === 0 || municipality === null || areaM2 === null) return undefined;
  if (propertyType === null || stratum === null || bedrooms === null || bathrooms === null) return undefined;
  return JSON.stringify([
    propertyType,
    foldText(municipality),
    stratum,
    Math.round(areaM2),
    bedrooms,
    bathrooms,
    offers,
  ]);
}

/** An advert that names no neighbourhood goes with the others only while those agree on one. */
function splitByNeighbourhood(group: readonly Advert[]): Advert[][] {
  if (group.length === 1) return [[...group]];
  const named = new Map<string, Advert[]>();
  const unnamed: Advert[] = [];
  for (const advert of group) {
    if (advert.neighbourhood === null) {
      unnamed.push(advert);
      continue;
    }
    const name = foldText(advert.neighbourhood);
    named.set(name, [...(named.get(name) ?? []), advert]);
  }
  const groups = [...named.values()];
  if (unnamed.length === 0) return groups;
  const [only] = groups;
  return groups.length === 1 && only !== undefined ? [[...only, ...unnamed]] : [...groups, unnamed];
}

function membersOf(group: readonly Advert[]): Membership[] {
  const ids = group.map(advert => advert.listingId).sort();
  const propertyId = `p:${sha256Hex(ids[0] ?? '').slice(0, 16)}`;
  const reason = ids.length === 1 ? 'single' : 'exact_twin';
  return ids.map(listingId => ({listingId, propertyId, reason, score: SCORES[reason]}));
}
