/** Match: which adverts offer one home, within a portal and across portals, and why. Pure. */
import {sha256Hex} from '../../src/lib/hash.ts';
import {type Advert, type PreparedAdvert, prepareAdverts} from './advert.ts';
import {eachCandidate} from './candidates.ts';
import {clusterAdverts, type Decision, type Link, pairKey} from './cluster.ts';
import {Market} from './market.ts';
import {areApart, type PairReason, scorePair} from './pair.ts';
import {JOIN_AT} from './weights.ts';

export interface Membership {
  readonly listingId: string;
  readonly propertyId: string;
  /** What tied the advert to the home most strongly; `single`: no other advert of it is known. */
  readonly reason: PairReason | 'by_hand' | 'single';
  /** How sure, 0–1, by the strongest tie. */
  readonly score: number;
}

export interface MatchInput {
  readonly adverts: readonly Advert[];
  /** Home of each listing after the last run. */
  readonly known: ReadonlyMap<string, string>;
  /** What people decided, oldest first: of two on one pair the later counts. */
  readonly decisions: readonly Decision[];
}

/**
 * Groups adverts into homes. The same adverts give the same homes in any order. A home keeps its id while one of its
 * adverts stays in it: of two homes that are joined, the one with more adverts in it gives the name.
 * @returns one membership an advert, by listing id.
 */
export function matchAdverts({adverts, known, decisions}: MatchInput): Membership[] {
  const prepared = prepareAdverts([...adverts].sort((a, b) => (a.listingId < b.listingId ? -1 : 1)));
  const market = new Market(prepared);
  const {joins, splits} = readDecisions(prepared, decisions);
  const links = [...joins, ...findLinks(prepared, market)];
  const groups = clusterAdverts(prepared, links, market, splits);
  const strongest = strongestTies(groups, links);
  const listingIds = groups.map(group => group.map(position => prepared[position]?.listingId ?? ''));
  const propertyIds = nameHomes(listingIds, known);
  return groups
    .flatMap((group, home) =>
      group.map(position => {
        const tie = strongest.get(position);
        return {
          listingId: prepared[position]?.listingId ?? '',
          propertyId: propertyIds[home] ?? '',
          reason: tie?.reason ?? ('single' as const),
          score: tie === undefined ? 1 : probabilityOf(tie.logOdds),
        };
      }),
    )
    .sort((a, b) => (a.listingId < b.listingId ? -1 : 1));
}

function findLinks(adverts: readonly PreparedAdvert[], market: Market): Link[] {
  const links: Link[] = [];
  eachCandidate(adverts, market, (first, second) => {
    const [a, b] = [adverts[first], adverts[second]];
    if (a === undefined || b === undefined || areApart(a, b)) return;
    const {logOdds, reason, isDistinctive} = scorePair(a, b, market);
    if (isDistinctive && logOdds >= JOIN_AT) links.push({first, second, logOdds, reason});
  });
  return links;
}

/** Certain, and before any evidence. */
const BY_HAND = Number.POSITIVE_INFINITY;

function readDecisions(
  adverts: readonly PreparedAdvert[],
  decisions: readonly Decision[],
): {joins: Link[]; splits: Set<string>} {
  const positions = new Map(adverts.map((advert, position) => [advert.listingId, position]));
  const latest = new Map(
    decisions.map(decision => [pairKey(decision.listingId, decision.otherListingId), decision]),
  );
  const joins: Link[] = [];
  const splits = new Set<string>();
  for (const [key, {listingId, otherListingId, verdict}] of latest) {
    if (verdict === 'split') {
      splits.add(key);
      continue;
    }
    const first = positions.get(listingId);
    const second = positions.get(otherListingId);
    if (first !== undefined && second !== undefined)
      joins.push({first, second, logOdds: BY_HAND, reason: 'by_hand'});
  }
  return {joins, splits};
}

function strongestTies(groups: readonly (readonly number[])[], links: readonly Link[]): Map<number, Link> {
  const homeOf = new Map(groups.flatMap((group, home) => group.map(position => [position, home] as const)));
  const strongest = new Map<number, Link>();
  for (const link of links) {
    if (homeOf.get(link.first) !== homeOf.get(link.second)) continue;
    for (const position of [link.first, link.second]) {
      const best = strongest.get(position);
      if (best === undefined || link.logOdds > best.logOdds) strongest.set(position, link);
    }
  }
  return strongest;
}

function probabilityOf(logOdds: number): number {
  return Math.round(1000 / (1 + Math.exp(-logOdds))) / 1000;
}

/**
 * Names of homes. A known name goes to the group that holds most of its adverts, and a group takes the known name most
 * of its adverts had; ties go to the smaller text. Other groups are named after their smallest listing id,
 * by a name that nobody had.
 */
function nameHomes(groups: readonly (readonly string[])[], known: ReadonlyMap<string, string>): string[] {
  const claims: {home: number; propertyId: string; adverts: number}[] = [];
  for (const [home, listingIds] of groups.entries()) {
    const counts = new Map<string, number>();
    for (const listingId of listingIds) {
      const propertyId = known.get(listingId);
      if (propertyId !== undefined) counts.set(propertyId, (counts.get(propertyId) ?? 0) + 1);
    }
    for (const [propertyId, adverts] of counts) claims.push({home, propertyId, adverts});
  }
  claims.sort(
    (a, b) =>
      b.adverts - a.adverts ||
      (a.propertyId < b.propertyId ? -1 : a.propertyId > b.propertyId ? 1 : a.home - b.home),
  );
  const names: string[] = groups.map(() => '');
  const used = new Set(known.values());
  const given = new Set<string>();
  for (const {home, propertyId} of claims) {
    if (names[home] !== '' || given.has(propertyId)) continue;
    names[home] = propertyId;
    given.add(propertyId);
  }
  for (const [home, listingIds] of groups.entries()) {
    if (names[home] !== '') continue;
    const [first = ''] = listingIds;
    let name = nameAfter(first);
    for (let attempt = 2; used.has(name) || given.has(name); attempt += 1)
      name = nameAfter(`${first} ${attempt}`);
    names[home] = name;
    given.add(name);
  }
  return names;
}

function nameAfter(text: string): string {
  return `p:${sha256Hex(text).slice(0, 16)}`;
}
