/** Homes from pairs: strongest evidence first, and never a member that contradicts another. */
import type {PropertyVerdict} from '../../src/domain/vocabulary.ts';
import type {PreparedAdvert} from './advert.ts';
import type {Market} from './market.ts';
import {areApart, type PairReason, scorePair} from './pair.ts';
import {CONTRADICTED_AT, JOIN_AT} from './weights.ts';

/** A person's word on two adverts; it outweighs all evidence. */
export interface Decision {
  readonly listingId: string;
  readonly otherListingId: string;
  readonly verdict: PropertyVerdict;
}

export interface Link {
  readonly first: number;
  readonly second: number;
  readonly logOdds: number;
  readonly reason: PairReason | 'by_hand';
}

/** More adverts than this are no home but an estate or an agency's template. */
const LARGEST_HOME = 40;

/**
 * Groups adverts. A link joins two groups only when no member of one contradicts a member of the other and, on the
 * average over all their pairs, they would be joined: a chain of weak links makes no home.
 * @returns groups of positions, each sorted; adverts without a link are groups of one.
 */
export function clusterAdverts(
  adverts: readonly PreparedAdvert[],
  links: readonly Link[],
  market: Market,
  splits: ReadonlySet<string>,
): number[][] {
  const groupOf = adverts.map((_, position) => [position]);
  const ordered = [...links].sort(
    (a, b) => b.logOdds - a.logOdds || a.first - b.first || a.second - b.second,
  );
  for (const {first, second, reason} of ordered) {
    const left = groupOf[first] ?? [];
    const right = groupOf[second] ?? [];
    if (left === right) continue;
    const isForced = reason === 'by_hand';
    if (!agree(left, right, isForced)) continue;
    const joined = [...left, ...right];
    for (const position of joined) groupOf[position] = joined;
  }
  return [...new Set(groupOf)].map(group => group.sort((a, b) => a - b));

  function agree(left: readonly number[], right: readonly number[], isForced: boolean): boolean {
    if (left.length + right.length > LARGEST_HOME && !isForced) return false;
    let sum = 0;
    for (const own of left) {
      for (const other of right) {
        const [a, b] = [adverts[own], adverts[other]];
        if (a === undefined || b === undefined) return false;
        if (splits.has(pairKey(a.listingId, b.listingId))) return false;
        if (isForced) continue;
        if (areApart(a, b)) return false;
        const {logOdds} = scorePair(a, b, market);
        if (logOdds < CONTRADICTED_AT) return false;
        sum += logOdds;
      }
    }
    return isForced || sum / (left.length * right.length) >= JOIN_AT;
  }
}

/** One key for two listings, in any order. */
export function pairKey(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
