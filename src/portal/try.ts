import {RecordShapeError} from '../domain/errors.ts';
import type {Issue} from '../domain/issue.ts';
import type {ListingReading, StagedListing} from '../domain/listing.ts';
import type {FetchedPage, Page, Scope} from '../domain/page.ts';
import type {PageKind} from '../domain/vocabulary.ts';
import type {Portal} from './define-portal.ts';
import {cutCanonicalUrl} from './embedded.ts';
import {readPage} from './read-page.ts';

/** A page to try: what was saved or fetched. Without an address the page's own canonical one stands in. */
export interface TriedPage {
  readonly body: string;
  readonly url?: string;
  /** HTTP status; 200 when unknown. */
  readonly status?: number;
}

/** What a portal file makes of one page. `gone`: the advert was withdrawn; `rejected`: not a page to read (challenge). */
export interface PageTrial {
  readonly kind: PageKind | 'gone' | 'rejected';
  readonly announcedTotal: number | null;
  readonly placeEcho: string | null;
  readonly listings: readonly StagedListing[];
  /** JSON paths nobody read or declared ignored, over all listings. */
  readonly unread: readonly string[];
  readonly issues: readonly Issue[];
}

/** Nothing of a trial is stored, so its pseudonyms need no secret. */
const TRIAL_HASH_KEY = 'trial';

/**
 * Runs a page through keep, redaction and parsing as a crawl would, and writes nothing.
 * Throws `PageShapeError` or `RecordShapeError` when the page is not built as the portal file expects.
 */
export function tryPage(portal: Portal, tried: TriedPage): PageTrial {
  const url = tried.url ?? cutCanonicalUrl(tried.body);
  const kinds: readonly PageKind[] =
    url === null ? ['search', 'listing'] : [portal.identify(url) === undefined ? 'search' : 'listing'];
  let failure: unknown;
  for (const kind of kinds) {
    try {
      return tryKind(portal, tried, kind, url ?? portal.homepage);
    } catch (error) {
      if (!(error instanceof RecordShapeError)) throw error;
      failure ??= error;
    }
  }
  throw failure;
}

/** The page as a crawl would keep it. */
export function pageToTry(portal: Portal, tried: TriedPage, kind: PageKind, url: string): Page {
  const scope: Scope = {portal: portal.id, operation: 'sale', propertyType: 'house', place: ''};
  const fetched: FetchedPage = {
    ref: {kind, url},
    status: tried.status ?? 200,
    finalUrl: url,
    headers: {},
    fetchedAt: new Date(0),
    body: tried.body,
  };
  return readPage(portal, scope, fetched, TRIAL_HASH_KEY);
}

function tryKind(portal: Portal, tried: TriedPage, kind: PageKind, url: string): PageTrial {
  const page = pageToTry(portal, tried, kind, url);
  const gone = portal.gone(page);
  if (gone !== undefined) return unreadable('gone', {code: 'gone', message: gone});
  if (page.content.state === null) {
    return unreadable('rejected', {code: 'page_rejected', message: String(portal.accept(page.scope, page))});
  }
  return kind === 'search' ? trySearch(portal, page) : tryListing(portal.parseListing(page));
}

function unreadable(kind: 'gone' | 'rejected', issue: Issue): PageTrial {
  return {kind, announcedTotal: null, placeEcho: null, listings: [], unread: [], issues: [issue]};
}

function trySearch(portal: Portal, page: Page): PageTrial {
  const reading = portal.parseSearch(page);
  const rejected = reading.rejected.map(({path, message}) => ({code: 'record_rejected', message, path}));
  return {
    kind: 'search',
    announcedTotal: reading.announcedTotal,
    placeEcho: reading.placeEcho,
    ...joinReadings(reading.listings, [...reading.issues, ...rejected]),
  };
}

function tryListing(reading: ListingReading): PageTrial {
  return {kind: 'listing', announcedTotal: null, placeEcho: null, ...joinReadings([reading], [])};
}

function joinReadings(
  readings: readonly ListingReading[],
  pageIssues: readonly Issue[],
): Pick<PageTrial, 'listings' | 'unread' | 'issues'> {
  return {
    listings: readings.map(reading => reading.listing),
    unread: [...new Set(readings.flatMap(reading => reading.unread))].sort(),
    issues: [...pageIssues, ...readings.flatMap(reading => reading.issues)],
  };
}
