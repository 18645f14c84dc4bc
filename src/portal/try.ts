import {PageShapeError, RecordShapeError} from '../domain/errors.ts';
import type {Issue} from '../domain/issue.ts';
import type {ListingReading, StagedListing} from '../domain/listing.ts';
import {type FetchedPage, type Page, placelessScope} from '../domain/page.ts';
import type {PageKind} from '../domain/vocabulary.ts';
import type {Portal, SitemapLink} from './define-portal.ts';
import {cutCanonicalUrl} from './embedded.ts';
import {readPage} from './read-page.ts';
import {looksLikeSitemap} from './sitemap.ts';

/** A page to try: what was saved or fetched. Without an address the page's own canonical one stands in. */
export interface TriedPage {
  readonly body: string;
  readonly url?: string;
  /** HTTP status; 200 when unknown. */
  readonly status?: number;
  /** Place whose links are wanted of a sitemap, as `antioquia/medellin`; all of them unless told. */
  readonly place?: string;
}

/** What a portal file makes of one page. `gone`: the advert was withdrawn; `rejected`: not a page to read (challenge). */
export interface PageTrial {
  readonly kind: PageKind | 'gone' | 'rejected';
  readonly announcedTotal: number | null;
  readonly placeEcho: string | null;
  readonly listings: readonly StagedListing[];
  /** What a sitemap leads to, over all operations and types of the portal. */
  readonly links: readonly SitemapLink[];
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
  if (looksLikeSitemap(tried.body)) return trySitemap(portal, tried);
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
export function pageToTry(portal: Portal, tried: TriedPage, kind: PageKind, url: string, place = ''): Page {
  const scope = {...placelessScope(portal.id), place};
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

/** A sitemap says something to each scope: all it leads to is put together. */
function trySitemap(portal: Portal, tried: TriedPage): PageTrial {
  const {parseSitemap} = portal;
  if (parseSitemap === undefined)
    throw new PageShapeError(`this is a sitemap, and ${portal.name} is not walked by sitemaps`);
  const page = pageToTry(
    portal,
    tried,
    'sitemap',
    tried.url ?? `${portal.homepage}/sitemap.xml`,
    tried.place,
  );
  const readings = portal.operations.flatMap(operation =>
    portal.propertyTypes.map(propertyType =>
      parseSitemap({...page, scope: {...page.scope, operation, propertyType}}),
    ),
  );
  const links = new Map(readings.flatMap(reading => reading.links.map(link => [link.url, link] as const)));
  const issues = new Map(
    readings.flatMap(reading => reading.issues.map(issue => [JSON.stringify(issue), issue] as const)),
  );
  return {...NOTHING, kind: 'sitemap', links: [...links.values()], issues: [...issues.values()]};
}

function tryKind(portal: Portal, tried: TriedPage, kind: PageKind, url: string): PageTrial {
  const page = pageToTry(portal, tried, kind, url);
  const gone = portal.gone(page);
  if (gone !== undefined) return unreadable('gone', {code: 'gone', message: gone});
  if (page.content.state === null) {
    const message = String(portal.accept(page.scope, page));
    return unreadable('rejected', {code: 'page_rejected', message});
  }
  return kind === 'search' ? trySearch(portal, page) : tryListing(portal.parseListing(page));
}

const NOTHING = {
  kind: 'rejected' as PageTrial['kind'],
  announcedTotal: null,
  placeEcho: null,
  listings: [],
  links: [],
  unread: [],
};

function unreadable(kind: 'gone' | 'rejected', issue: Issue): PageTrial {
  return {...NOTHING, kind, issues: [issue]};
}

function trySearch(portal: Portal, page: Page): PageTrial {
  const reading = portal.parseSearch(page);
  const rejected = reading.rejected.map(({path, message}) => ({code: 'record_rejected', message, path}));
  return {
    ...NOTHING,
    kind: 'search',
    announcedTotal: reading.announcedTotal,
    placeEcho: reading.placeEcho,
    ...joinReadings(reading.listings, [...reading.issues, ...rejected]),
  };
}

function tryListing(reading: ListingReading): PageTrial {
  return {...NOTHING, kind: 'listing', ...joinReadings([reading], [])};
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
