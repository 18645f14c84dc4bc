import type {LinkPlan} from '../domain/detail-plan.ts';
import type {FetchError} from '../domain/errors.ts';
import type {Issue} from '../domain/issue.ts';
import {listingId, type Offer, type StagedListing} from '../domain/listing.ts';
import type {Scope} from '../domain/page.ts';
import type {PageKind, Verdict} from '../domain/vocabulary.ts';
import {slugify} from '../lib/spanish.ts';
import type {Portal, PortalExpectation, SearchReading, SitemapLink} from '../portal/define-portal.ts';
import type {ListingLink} from './refresh.ts';
import type {ScopeWalk} from './verdict.ts';

/** Refusals without a good page between them after which a scope counts as blocked. */
const MAX_REFUSALS = 3;
/** Requests that failed without a good page between them after which the server is left alone: it is ill. */
const MAX_FAILURES = 50;
/** Share of advert pages not found above which the addresses of a sitemap are doubted. */
const MAX_NOT_FOUND_SHARE = 0.8;
/** Advert pages after which that ends the walk, and those it takes at its end. */
const MIN_PAGES_TO_STOP = 20;
const MIN_PAGES_TO_DOUBT = 5;

/** As much of a listing of a search page as tells whether its own page is worth a visit: runs keep it of all they see. */
export interface ShownListing extends Pick<StagedListing, 'updatedOn'> {
  readonly url: string;
  readonly prices: readonly Pick<Offer, 'operation' | 'price'>[];
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
  /** Why the adverts that the sitemaps list can't be found at their addresses. */
  #vanishedReason: string | null = null;
  /** Why the first sitemap that could not be had could not; null: all were. */
  #listFailedReason: string | null = null;
  /** Search pages that showed only listings of earlier ones. */
  pagesRepeated = 0;
  /** Pages of parts that were another page than the part. */
  partsRefused = 0;
  /** True once the sitemaps that complete a split search were asked for. */
  isCompleting = false;
  /** Every listing that sitemaps gave, by listing id. */
  readonly links = new Map<string, ListingLink>();
  /** Which of them are visited, where sitemaps say what the scope has; null: not decided yet. */
  linkPlan: LinkPlan | null = null;
  readonly seen = new Set<string>();
  #searchTotal: number | null = null;
  /** Listings, linked or not, that the portal says are gone. */
  readonly #gone = new Set<string>();
  #hasSitemap = false;
  #advertsNotFound = 0;
  #advertPages = 0;
  /** What a smaller search was cut out of: listings announced there, by address. */
  readonly #parts = new Map<string, number>();
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
    return this.blockedReason ?? this.illReason ?? this.#vanishedReason ?? this.budgetReason;
  }

  /** True when smaller searches took the place of the search's further pages. */
  get isSplit(): boolean {
    return this.#parts.size > 0;
  }

  /** True when sitemaps, not a search, say what the scope has. */
  get #isListed(): boolean {
    return this.#hasSitemap && this.#searchTotal === null;
  }

  /** True while the listing pages that its sitemaps name wait for the run's plan. */
  get awaitsLinkPlan(): boolean {
    return (
      this.phase === 'searching' &&
      this.#isListed &&
      this.links.size > 0 &&
      this.linkPlan === null &&
      this.stopReason === null
    );
  }

  /**
   * Listings the portal says the scope has: the total of its search, else the distinct listings its sitemaps hold, less
   * those whose own page says they are gone, as sitemaps are always somewhat old.
   */
  get announcedTotal(): number | null {
    if (!this.#isListed) return this.#searchTotal;
    return [...this.links.keys()].filter(id => !this.#gone.has(id)).length;
  }

  /** A page answered as asked. */
  countDone(): void {
    this.pagesDone += 1;
    this.#refusals = 0;
    this.#failures = 0;
  }

  /** A page was given up. A sitemap that can't be read says nothing of how adverts are built, only that they are missing. */
  countFailed(kind: PageKind, reason: string, how: 'failed' | 'misshapen'): void {
    this.pagesFailed += 1;
    this.failedReason ??= reason;
    if (kind === 'sitemap') this.#listFailedReason ??= reason;
    else if (how === 'misshapen') this.pagesMisshapen += 1;
  }

  /**
   * A page was another than the one asked for. A search or sitemap that is not the scope's spoils all of the walk, but
   * not a part of a split search: what it would have shown is missing from the total. An advert's page is one failure.
   */
  countRejected(kind: PageKind, reason: string): void {
    if (kind === 'listing') this.countFailed(kind, reason, 'failed');
    else if (this.isSplit) this.partsRefused += 1;
    else {
      this.pagesFailed += 1;
      this.rejectedReason ??= reason;
    }
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

  /** Smaller searches take the place of one that announced `total` listings. */
  split(urls: readonly string[], total: number): void {
    for (const url of urls) if (!this.#parts.has(url)) this.#parts.set(url, total);
  }

  /** Why the answer to a smaller search is not one: it announces as many listings as the search it was cut out of. */
  refuse(url: string, {announcedTotal}: SearchReading): string | undefined {
    const whole = this.#parts.get(url);
    if (whole === undefined || announcedTotal === null || announcedTotal < whole) return undefined;
    return `asked a part of a search of ${whole}, portal announced ${announcedTotal}: the filter was ignored`;
  }

  /**
   * Listings of a search page, and what the portal announced first.
   * @returns false when the page shows listings, but only those of earlier pages: it leads nowhere. Parts of a split
   *   search overlap, so that there it means nothing.
   */
  countListings(reading: SearchReading, expect: PortalExpectation): boolean {
    const seenBefore = this.seen.size;
    this.#searchTotal ??= reading.announcedTotal;
    for (const {listing} of reading.listings) {
      const id = this.#countListing(listing, expect);
      const {url, offers, updatedOn} = listing;
      if (url === null || this.shown.has(id)) continue;
      const prices = offers.map(({operation, price}) => ({operation, price}));
      this.shown.set(id, {url, prices, updatedOn});
    }
    const isRepeated = !this.isSplit && reading.listings.length > 0 && this.seen.size === seenBefore;
    if (isRepeated) this.pagesRepeated += 1;
    return !isRepeated;
  }

  /** The page of a listing that was only linked to. Beside the total of a search only its own listings count. */
  countListingPage(listing: StagedListing, expect: PortalExpectation): void {
    this.#advertPages += 1;
    if (this.#searchTotal === null || isOf(listing, this.scope)) this.#countListing(listing, expect);
  }

  #countListing(listing: StagedListing, expect: PortalExpectation): string {
    const id = listingId(listing.portal, listing.idSpace, listing.portalListingId);
    if (this.seen.has(id)) return id;
    this.seen.add(id);
    for (const field of Object.keys(expect.fill)) {
      if (isFilled(listing, field)) this.#filled[field] = (this.#filled[field] ?? 0) + 1;
    }
    return id;
  }

  /**
   * What a sitemap lists. @returns the sitemaps; and, where they complete a search, the listings that were not seen yet,
   * each once. Where they stand for the search, listing pages wait until all sitemaps are read.
   */
  countLinks(portal: Portal, links: readonly SitemapLink[]): SitemapLink[] {
    this.#hasSitemap = true;
    return links.filter(({kind, url, lastmod}) => {
      if (kind !== 'listing') return true;
      const id = idOf(portal, url);
      if (id === undefined) return false;
      const known = this.links.get(id);
      if (known === undefined || (lastmod ?? '') > (known.lastmod ?? ''))
        this.links.set(id, {listingId: id, url: known?.url ?? url, lastmod});
      return !this.#isListed && known === undefined && !this.seen.has(id);
    });
  }

  /**
   * The page of a linked listing answered that it is gone. Where nearly every page that a sitemap lists is simply not
   * found, the addresses are wrong (ours are shortened) and prove nothing: the walk stops, and none counts as gone.
   */
  countGone(portal: Portal, url: string, how: 'said' | 'not found'): Issue[] {
    const id = idOf(portal, url);
    if (id !== undefined) this.#gone.add(id);
    this.#advertPages += 1;
    if (how === 'not found') this.#advertsNotFound += 1;
    if (this.#vanishedReason !== null || this.#advertPages < MIN_PAGES_TO_STOP) return [];
    this.#vanishedReason = this.#notFoundReason();
    return this.#vanishedReason === null ? [] : [{code: 'adverts_not_found', message: this.#vanishedReason}];
  }

  #notFoundReason(): string | null {
    // A few pages chosen for what is known of them may well be gone together.
    const leastPages = (this.linkPlan?.left ?? 0) > 0 ? MIN_PAGES_TO_STOP : MIN_PAGES_TO_DOUBT;
    const isDoubtful =
      this.#advertPages >= leastPages && this.#advertsNotFound > MAX_NOT_FOUND_SHARE * this.#advertPages;
    if (this.#searchTotal !== null || !isDoubtful) return null;
    return `${this.#advertsNotFound} of ${this.#advertPages} adverts that the sitemaps list answer 404: their addresses are not the portal's`;
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
      isListed: this.#isListed,
      linkPlan: this.linkPlan,
      listFailedReason: this.#searchTotal === null ? this.#listFailedReason : null,
      notFoundReason: this.#vanishedReason ?? this.#notFoundReason(),
      parts: this.#parts.size,
      partsRefused: this.partsRefused,
    };
  }
}

function idOf(portal: Portal, url: string): string | undefined {
  const identity = portal.identify(url);
  return identity === undefined
    ? undefined
    : listingId(portal.id, identity.idSpace, identity.portalListingId);
}

/** False for a listing that states another type, operation or municipality than the scope's. */
function isOf({propertyType, offers, municipality}: StagedListing, scope: Scope): boolean {
  const isThere = municipality === null || scope.place.split('/').includes(slugify(municipality));
  const isOffered = offers.some(({operation}) => operation === scope.operation);
  return propertyType === scope.propertyType && isOffered && isThere;
}

function isFilled(listing: StagedListing, field: string): boolean {
  if (field === 'price') return listing.offers.some(offer => offer.price !== null);
  if (field === 'areaM2')
    return (listing.privateAreaM2 ?? listing.builtAreaM2 ?? listing.landAreaM2) !== null;
  const values: Readonly<Record<string, unknown>> = {...listing};
  return values[field] !== null && values[field] !== undefined;
}
