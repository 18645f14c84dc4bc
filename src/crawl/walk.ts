import type {FetchError} from '../domain/errors.ts';
import {listingId, type StagedListing} from '../domain/listing.ts';
import type {Scope} from '../domain/page.ts';
import type {Verdict} from '../domain/vocabulary.ts';
import type {Portal, PortalExpectation, SearchReading} from '../portal/define-portal.ts';
import type {ScopeWalk} from './verdict.ts';

/** Refusals without a good page between them after which a scope counts as blocked. */
const MAX_REFUSALS = 3;
/** Requests that failed without a good page between them after which the server is left alone: it is ill. */
const MAX_FAILURES = 50;

/** As much of a listing of a search page as tells whether its own page is worth a visit. */
export interface ShownListing extends Pick<StagedListing, 'offers' | 'updatedOn'> {
  readonly url: string;
}

/** One scope while it is crawled: first its search is walked, then listing pages are visited, then it is closed. */
export class Walk {
  readonly runScopeId: number;
  readonly scope: Scope;
  phase: 'searching' | 'confirming' | 'closed' = 'searching';
  verdict: Verdict | null = null;
  /** Pages that wait in the frontier or are being visited, as committed. */
  openPages = 0;
  /** Pages visited or being visited in this run. */
  pagesTaken = 0;
  pagesDone = 0;
  pagesFailed = 0;
  pagesMisshapen = 0;
  rejectedReason: string | null = null;
  failedReason: string | null = null;
  blockedReason: string | null = null;
  budgetReason: string | null = null;
  /** Why the server was left alone: request after request failed. */
  illReason: string | null = null;
  /** Search pages that showed only listings of earlier ones. */
  pagesRepeated = 0;
  announcedTotal: number | null = null;
  readonly seen = new Set<string>();
  /** What the search says of each listing it shows, by listing id. */
  readonly shown = new Map<string, ShownListing>();
  readonly #found = new Set<string>();
  readonly #filled: Record<string, number> = {};
  #refusals = 0;
  #failures = 0;

  constructor(runScopeId: number, scope: Scope) {
    this.runScopeId = runScopeId;
    this.scope = scope;
  }

  /** Why nothing of this scope is visited any more; null while it is. */
  get stopReason(): string | null {
    return this.blockedReason ?? this.illReason ?? this.budgetReason;
  }

  /** A page answered as asked. */
  countDone(): void {
    this.pagesDone += 1;
    this.#refusals = 0;
    this.#failures = 0;
  }

  /** A page was given up. */
  countFailed(reason: string, kind: 'failed' | 'misshapen' | 'rejected'): void {
    this.pagesFailed += 1;
    if (kind === 'misshapen') this.pagesMisshapen += 1;
    if (kind === 'rejected') this.rejectedReason ??= reason;
    else this.failedReason ??= reason;
  }

  /** A request got no answer that could be used; refusals are counted apart. */
  countFailure(message: string): void {
    this.#failures += 1;
    if (this.#failures >= MAX_FAILURES)
      this.illReason ??= `left alone after ${this.#failures} failed requests in a row; last: ${message}`;
  }

  /**
   * The portal refused a request. It has blocked us when it shows a challenge, refuses its first page or several in a
   * row, or still asks for pauses after all attempts.
   */
  countRefusal(error: FetchError, isGivenUp: boolean): void {
    if (error.failure === 'throttled') {
      if (isGivenUp) this.blockedReason ??= `still throttled after all attempts: ${error.message}`;
      return;
    }
    this.#refusals += 1;
    const isFirst = isGivenUp && this.pagesDone === 0;
    if (error.context.isChallenge === true || isFirst) this.blockedReason ??= error.message;
    if (this.#refusals >= MAX_REFUSALS)
      this.blockedReason ??= `${this.#refusals} refusals in a row; last: ${error.message}`;
  }

  /**
   * Listings of a search page, and what the portal announced first.
   * @returns false when the page shows listings, but only those of earlier pages: it leads nowhere.
   */
  countListings(reading: SearchReading, expect: PortalExpectation): boolean {
    const seenBefore = this.seen.size;
    this.announcedTotal ??= reading.announcedTotal;
    for (const {listing} of reading.listings) {
      const id = listingId(listing.portal, listing.idSpace, listing.portalListingId);
      if (this.seen.has(id)) continue;
      this.seen.add(id);
      const {url, offers, updatedOn} = listing;
      if (url !== null) this.shown.set(id, {url, offers, updatedOn});
      for (const field of Object.keys(expect.fill)) {
        if (isFilled(listing, field)) this.#filled[field] = (this.#filled[field] ?? 0) + 1;
      }
    }
    const isRepeated = reading.listings.length > 0 && this.seen.size === seenBefore;
    if (isRepeated) this.pagesRepeated += 1;
    return !isRepeated;
  }

  /** A listing page that the search only linked to. Visits that confirm a removal don't belong to the search. */
  countListingPage(portal: Portal, url: string): void {
    const identity = portal.identify(url);
    if (identity === undefined || this.phase !== 'searching') return;
    this.seen.add(listingId(portal.id, identity.idSpace, identity.portalListingId));
  }

  /** True the first time an address is found: each search page names all the others, the frontier needs to hear it once. */
  isNew(url: string): boolean {
    return this.#found.size < this.#found.add(url).size;
  }

  summary(): ScopeWalk {
    return {
      pagesDone: this.pagesDone,
      pagesFailed: this.pagesFailed,
      pagesMisshapen: this.pagesMisshapen,
      rejectedReason: this.rejectedReason,
      failedReason: this.failedReason,
      blockedReason: this.blockedReason,
      budgetReason: this.illReason ?? this.budgetReason,
      pagesRepeated: this.pagesRepeated,
      announcedTotal: this.announcedTotal,
      listingsSeen: this.seen.size,
      filled: this.#filled,
    };
  }
}

function isFilled(listing: StagedListing, field: string): boolean {
  if (field === 'price') return listing.offers.some(offer => offer.price !== null);
  const values: Readonly<Record<string, unknown>> = {...listing};
  return values[field] !== null && values[field] !== undefined;
}
