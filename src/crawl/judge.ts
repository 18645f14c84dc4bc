import type {StagedListing} from '../domain/listing.ts';
import type {Page} from '../domain/page.ts';
import type {PageOutcome} from '../domain/vocabulary.ts';
import type {Portal, SearchReading, SitemapReading} from '../portal/define-portal.ts';

/** What a good page says to its walk. */
export type Reading =
  | {readonly kind: 'search'; readonly search: SearchReading}
  | {readonly kind: 'sitemap'; readonly sitemap: SitemapReading}
  | {readonly kind: 'listing'; readonly listing: StagedListing};

export interface Judged {
  readonly outcome: PageOutcome;
  readonly reason: string | null;
  readonly reading: Reading | null;
}

/** What the page is. The right page that can't be read is an error. */
export function judge(portal: Portal, page: Page): Judged {
  if (page.ref.kind === 'listing') {
    const gone = portal.gone(page);
    if (gone !== undefined) return {outcome: 'gone', reason: gone, reading: null};
  }
  const accepted = portal.accept(page.scope, page);
  if (accepted !== true) return {outcome: 'rejected', reason: accepted, reading: null};
  const read = attempt(() => readingOf(portal, page));
  if ('failure' in read) return {outcome: 'error', reason: read.failure, reading: null};
  return {outcome: 'ok', reason: null, reading: read.value};
}

/** @throws PageShapeError or RecordShapeError when the page is not built as the portal file expects. */
export function readingOf(portal: Portal, page: Page): Reading {
  const {kind} = page.ref;
  if (kind === 'search') return {kind, search: portal.parseSearch(page)};
  if (kind === 'listing') return {kind, listing: portal.parseListing(page).listing};
  if (portal.parseSitemap === undefined) throw new Error(`${portal.name} reads no sitemaps`);
  return {kind, sitemap: portal.parseSitemap(page)};
}

/** A portal's function either answers or says why the page is not built as it expects; the visit reports it. */
export function attempt<T>(work: () => T): {readonly value: T} | {readonly failure: string} {
  try {
    return {value: work()};
  } catch (error) {
    return {failure: (error instanceof Error ? error.message : String(error)).slice(0, 500)};
  }
}
