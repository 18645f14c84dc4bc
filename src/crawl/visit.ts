import type {ArchiveWriter} from '../archive/warc.ts';
import type {FrontierChange, LeasedPage, NewFrontierPage, NewPage} from '../db/pages.ts';
import {FetchError} from '../domain/errors.ts';
import type {Issue} from '../domain/issue.ts';
import type {Page, PageRef} from '../domain/page.ts';
import type {PageOutcome} from '../domain/vocabulary.ts';
import type {Portal, SearchReading} from '../portal/define-portal.ts';
import {readPage} from '../portal/read-page.ts';
import {redactUrl} from '../portal/redact.ts';
import type {Download, Downloader} from './downloader.ts';
import {attempt, judge} from './judge.ts';
import type {Pace} from './pace.ts';
import {type RetryPolicy, restBeforeRetry} from './retry.ts';
import type {Walk} from './walk.ts';

export interface VisitTools {
  readonly portal: Portal;
  readonly downloader: Downloader;
  readonly archive: ArchiveWriter;
  readonly pace: Pace;
  readonly retry: RetryPolicy;
  readonly hashKey: string;
  readonly isSynthetic: boolean;
  /** The crawl's clock, for pages that never answered. */
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** What became of one leased page; committed with others of its batch. */
export interface Visit {
  readonly walk: Walk;
  readonly change: FrontierChange;
  /** Null while the page is to be tried again, and when it was never asked for. */
  readonly page: NewPage | null;
  readonly found: readonly NewFrontierPage[];
  readonly issues: readonly Issue[];
}

/**
 * Visits one page: download, keep, redact, judge, archive, find links. What the portal answered is in the result;
 * only our own troubles (disk, database, a bug) throw.
 */
export async function visitPage(lease: LeasedPage, walk: Walk, tools: VisitTools): Promise<Visit> {
  if (walk.stopReason !== null) return endWithout(lease, walk, 'skipped', walk.stopReason);
  walk.pagesTaken += 1;
  let download: Download;
  try {
    download = await tools.downloader.download({kind: lease.kind, url: lease.url});
  } catch (error) {
    if (error instanceof FetchError)
      return failFetch(lease, walk, redactError(error, lease, tools.portal), tools);
    // Stopped while waiting for its turn: the page goes back as if it had never been taken.
    if (tools.signal.aborted) return giveBack(lease, walk);
    throw error;
  }
  return readDownload(lease, walk, download, tools);
}

async function failFetch(
  lease: LeasedPage,
  walk: Walk,
  error: FetchError,
  tools: VisitTools,
): Promise<Visit> {
  const {failure, message} = error;
  if (failure === 'gone' && lease.kind === 'listing') {
    walk.countDone();
    const page = emptyPage(lease, error, 'gone', tools.now());
    return {walk, change: changed(lease, 'done', null), page, found: [], issues: []};
  }
  if (failure === 'robots') {
    walk.countFailed(message, 'failed');
    return endWithout(lease, walk, 'skipped', message);
  }
  const attempts = lease.attempts + 1;
  const restMs = restBeforeRetry(error, attempts, tools.retry);
  if (failure === 'blocked' || failure === 'throttled') walk.countRefusal(error, restMs === undefined);
  else walk.countFailure(message);
  if (failure === 'throttled') await tools.pace.pause(restMs ?? 0);
  if (restMs !== undefined) {
    const {frontierId} = lease;
    const change = {frontierId, state: 'queued', attempts, delayMs: restMs, error: message} as const;
    return {walk, change, page: null, found: [], issues: []};
  }
  walk.countFailed(message, 'failed');
  return {
    walk,
    change: {...changed(lease, 'failed', message), attempts},
    page: emptyPage(lease, error, 'error', tools.now()),
    found: [],
    issues: [{code: `page_${failure}`, message}],
  };
}

/** The same error with the page's address first, and without what a redirect may have put into addresses. */
function redactError(error: FetchError, lease: LeasedPage, portal: Portal): FetchError {
  const {failure, context, retryAfterMs, cause} = error;
  const said = error.message.replace(/https?:\/\/\S*[^\s:,;.]/g, url => redactUrl(url, portal.redact));
  const message = said.includes(lease.url) ? said : `${lease.url}: ${said}`;
  return new FetchError(failure, message, {
    context,
    cause,
    ...(retryAfterMs === undefined ? {} : {retryAfterMs}),
  });
}

async function readDownload(
  lease: LeasedPage,
  walk: Walk,
  download: Download,
  tools: VisitTools,
): Promise<Visit> {
  const {portal} = tools;
  const {status, fetchedAt} = download.page;
  const finalUrl = redactUrl(download.page.finalUrl, portal.redact);
  const row: Omit<NewPage, 'outcome'> = {
    ...rowOf(lease, finalUrl, status, fetchedAt),
    bytesReceived: download.bytesReceived,
  };
  const kept = attempt(() => readPage(portal, walk.scope, download.page, tools.hashKey));
  if ('failure' in kept) return misshapen(lease, walk, row, kept.failure);
  // The address of the lease went through redaction when it was found; it is the key of the frontier and stays as it is.
  const ref: PageRef = {kind: lease.kind, url: lease.url};
  const page: Page = {...kept.value, ref};
  const judged = attempt(() => judge(portal, page));
  if ('failure' in judged) return misshapen(lease, walk, row, judged.failure);
  const {outcome, reason, reading} = judged.value;
  if (outcome === 'rejected') {
    walk.countFailed(reason ?? 'rejected', 'rejected');
    return {
      walk,
      change: changed(lease, 'failed', reason),
      page: {...row, outcome, reason},
      found: [],
      issues: [{code: 'page_rejected', message: `${lease.url}: ${reason}`, value: reason ?? ''}],
    };
  }
  // Everything that needs the page comes before the wait, so that it dies young.
  const archived = tools.archive.append(page);
  const found = outcome === 'error' ? [] : countPage(lease, walk, reading, outcome, portal);
  const span = await archived;
  if (outcome === 'error') return misshapen(lease, walk, {...row, ...span}, reason ?? 'unknown');
  return {
    walk,
    change: changed(lease, 'done', null),
    page: {...row, ...span, outcome, reason},
    found,
    issues: [],
  };
}

/** Counts a good page in its walk. @returns the pages it makes known. */
function countPage(
  lease: LeasedPage,
  walk: Walk,
  reading: SearchReading | null,
  outcome: PageOutcome,
  portal: Portal,
): NewFrontierPage[] {
  walk.countDone();
  if (reading === null) {
    if (outcome === 'ok') walk.countListingPage(portal, lease.url);
    return [];
  }
  if (walk.phase !== 'searching') return [];
  const leadsOn = walk.countListings(reading, portal.expect);
  return linksOf(lease, walk, leadsOn ? reading : {...reading, nextPages: []}, portal);
}

function misshapen(lease: LeasedPage, walk: Walk, row: Omit<NewPage, 'outcome'>, failure: string): Visit {
  walk.countFailed(failure, 'misshapen');
  return {
    walk,
    change: changed(lease, 'failed', failure),
    page: {...row, outcome: 'error', reason: failure},
    found: [],
    issues: [{code: 'page_misshapen', message: `${lease.url}: ${failure}`, value: failure.slice(0, 60)}],
  };
}

/** Further pages of the search, and the detail pages of listings that this page did not give itself. */
function linksOf(lease: LeasedPage, walk: Walk, reading: SearchReading, portal: Portal): NewFrontierPage[] {
  const given = new Set(reading.listings.map(({listing}) => `${listing.idSpace}:${listing.portalListingId}`));
  const missing = reading.links.filter(link => {
    const identity = portal.identify(link.url);
    return identity !== undefined && !given.has(`${identity.idSpace}:${identity.portalListingId}`);
  });
  const found = [...reading.nextPages, ...missing].filter(({url}) => walk.isNew(url));
  return found.map(({kind, url}) => ({runScopeId: lease.runScopeId, kind, url}));
}

function endWithout(lease: LeasedPage, walk: Walk, state: 'skipped', reason: string): Visit {
  return {walk, change: changed(lease, state, reason), page: null, found: [], issues: []};
}

function giveBack(lease: LeasedPage, walk: Walk): Visit {
  const {frontierId, attempts} = lease;
  const change = {frontierId, state: 'queued', attempts, delayMs: null, error: null} as const;
  return {walk, change, page: null, found: [], issues: []};
}

function changed(lease: LeasedPage, state: FrontierChange['state'], error: string | null): FrontierChange {
  return {frontierId: lease.frontierId, state, attempts: lease.attempts, delayMs: null, error};
}

function rowOf(lease: LeasedPage, finalUrl: string, status: number, fetchedAt: Date) {
  return {runScopeId: lease.runScopeId, kind: lease.kind, url: lease.url, finalUrl, status, fetchedAt};
}

/** A page without content: the server answered an error, or not at all (status 0). */
function emptyPage(
  lease: LeasedPage,
  error: FetchError,
  outcome: 'gone' | 'error',
  fetchedAt: Date,
): NewPage {
  const {status, bytesReceived} = error.context;
  return {
    ...rowOf(lease, lease.url, typeof status === 'number' ? status : 0, fetchedAt),
    outcome,
    reason: outcome === 'gone' ? `HTTP ${status}` : error.message.slice(0, 500),
    bytesReceived: typeof bytesReceived === 'number' ? bytesReceived : 0,
  };
}
