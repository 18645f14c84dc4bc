/** Clean: what to believe of each observation of one advert, and the history they make. Pure. */
import type {CleanListing, RuleFinding, StagedListing} from '../../src/domain/listing.ts';
import {foldHistory, type History} from './fold.ts';
import type {CompleteRun, Sighting} from './fold-status.ts';
import {applyRules} from './rules/draft.ts';
import {CLEAN_RULES} from './rules/index.ts';

export interface ListingInput {
  /** Listing id. */
  readonly key: string;
  readonly isSynthetic: boolean;
  readonly observations: readonly {readonly payloadHash: string; readonly payload: StagedListing}[];
  readonly sightings: readonly Sighting[];
  /** Complete runs of every scope the advert was ever seen in. */
  readonly completeRuns: readonly CompleteRun[];
}

export interface CleanedListing {
  readonly isSynthetic: boolean;
  readonly history: History;
  readonly findings: readonly (RuleFinding & {readonly payloadHash: string})[];
}

/** Judges one observation. A listing without exclusions is usable: it has a type, an area and a price to believe. */
export function cleanListing(staged: StagedListing): {
  readonly listing: CleanListing;
  readonly findings: readonly RuleFinding[];
} {
  const {draft, findings} = applyRules(staged, CLEAN_RULES);
  return {listing: draft, findings};
}

/** @returns undefined for an advert that was never seen, only said to be gone: there is nothing to say about it. */
export function foldListing(input: ListingInput): CleanedListing | undefined {
  const listings = new Map<string, CleanListing>();
  const findings: (RuleFinding & {payloadHash: string})[] = [];
  for (const {payloadHash, payload} of input.observations) {
    const cleaned = cleanListing(payload);
    listings.set(payloadHash, cleaned.listing);
    for (const finding of cleaned.findings) findings.push({...finding, payloadHash});
  }
  const history = foldHistory(input.sightings, input.completeRuns, listings);
  return history === undefined ? undefined : {isSynthetic: input.isSynthetic, history, findings};
}
