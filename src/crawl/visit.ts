import type {ArchivedSpan, ArchiveWriter} from '../archive/warc.ts';
import type {FrontierChange, LeasedPage, NewFrontierPage, NewPage} from '../db/pages.ts';
import {FetchError} from '../domain/errors.ts';
import type {Issue} from '../domain/issue.ts';
import type {Page, PageRef} from '../domain/page.ts';
import type {Portal} from '../portal/define-portal.ts';
import {readPage} from '../portal/read-page.ts';
import {redactUrl} from '../portal/redact.ts';
import type {Downloader} from './downloader.ts';
import {attempt, type Judged, judge} from './judge.ts';
import {foundBy} from './links.ts';
import type {Pace} from './pace.ts';
import {type RetryPolicy, restBeforeRetry} from './retry.ts';
import type {Answer, SharedSitemaps} from './shared-sitemaps.ts';
import type {Walk} from './walk.ts';

export interface VisitTools {
  readonly portal: Portal;
  readonly downloader: Downloader;
  readonly archive: ArchiveWriter;
  readonly sitemaps: SharedSitemaps;
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
  let answer: Answer;
  let bytesReceived = 0;
  const fetch = async () => {
    const fetched = await fetchAnswer(lease, walk, tools);
    bytesReceived = fetched.bytesReceived;
    return fetched;
  };
  try {
    answer =
      lease.kind === 'sitemap'
        ? await tools.sitemaps.answer(lease.url, lease.attempts, fetch)
        : await fetch();
  } catch (error) {
    if (error instanceof FetchError)
      return failFetch(lease, walk, redactError(error, lease, tools.portal), tools);
    // Stopped while waiting for its turn: the page goes back as if it had never been taken.
    if (tools.signal.aborted) return giveBack(lease, walk);
    throw error;
  }
  return readAnswer(lease, walk, {...answer, bytesReceived}, tools);
}

/** Downloads, keeps and redacts. What is kept of a page depends on the portal alone, so that scopes may share it. */
async function fetchAnswer(lease: LeasedPage, walk: Walk, tools: VisitTools): Promise<Answer> {
  const {portal, archive} = tools;
  const {page, bytesReceived} = await tools.downloader.download({kind: lease.kind, url: lease.url});
  const {status, fetchedAt} = page;
  const finalUrl = redactUrl(page.finalUrl, portal.redact);
  const kept = attempt(() => readPage(portal, walk.scope, page, tools.hashKey).content);
  const facts = {status, finalUrl, fetchedAt, bytesReceived};
  if ('failure' in kept) {
    const store = () => Promise.reject(new Error(`${lease.url} has nothing to archive`));
    return {...facts, content: null, failure: kept.failure, store};
  }
  const content = kept.value;
  // The address of the lease went through redaction when it was found; it is the key of the frontier and stays as it is.
  const ref: PageRef = {kind: lease.kind, url: lease.url};
  let span: Promise<ArchivedSpan> | undefined;
  const store = () => {
    span ??= archive.append({ref, status, finalUrl, fetchedAt, content});
    return span;
  };
  return {...facts, content, failure: null, store};
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
    const issues = walk.phase === 'searching' ? walk.countGone(tools.portal, lease.url, 'not found') : [];
    const page = emptyPage(lease, error, 'gone', tools.now());
    return {walk, change: changed(lease, 'done', null), page, found: [], issues};
  }
  if (failure === 'robots') {
    walk.countFailed(lease.kind, message, 'failed');
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
  walk.countFailed(lease.kind, message, 'failed');
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

async function readAnswer(lease: LeasedPage, walk: Walk, answer: Answer, tools: VisitTools): Promise<Visit> {
  const {portal} = tools;
  const {status, finalUrl, fetchedAt, bytesReceived, content} = answer;
  const row: Omit<NewPage, 'outcome'> = {...rowOf(lease, finalUrl, status, fetchedAt), bytesReceived};
  if (content === null) return misshapen(lease, walk, row, answer.failure ?? 'unknown');
  const ref: PageRef = {kind: lease.kind, url: lease.url};
  const page: Page = {ref, scope: walk.scope, status, finalUrl, fetchedAt, content};
  const judged = attempt(() => judgeIn(walk, portal, page));
  if ('failure' in judged) return misshapen(lease, walk, row, judged.failure);
  const {outcome, reason} = judged.value;
  if (outcome === 'rejected') {
    walk.countRejected(lease.kind, reason ?? 'rejected');
    return {
      walk,
      change: changed(lease, 'failed', reason),
      page: {...row, outcome, reason},
      found: [],
      issues: [{code: 'page_rejected', message: `${lease.url}: ${reason}`, value: reason ?? ''}],
    };
  }
  // Everything that needs the page comes before the wait, so that it dies young.
  const archived = answer.store();
  const counted = outcome === 'error' ? null : countPage(page, walk, judged.value, portal);
  const span = await archived;
  if (counted === null) return misshapen(lease, walk, {...row, ...span}, reason ?? 'unknown');
  const {runScopeId} = lease;
  return {
    walk,
    change: changed(lease, 'done', null),
    page: {...row, ...span, outcome, reason},
    found: counted.found.map(({kind, url}) => ({runScopeId, kind, url})),
    issues: counted.issues,
  };
}

/** The walk knows one thing more than the portal file: what a part of a search was cut out of. */
function judgeIn(walk: Walk, portal: Portal, page: Page): Judged {
  const judged = judge(portal, page);
  if (judged.reading?.kind !== 'search') return judged;
  const refusal = walk.refuse(page.ref.url, judged.reading.search);
  return refusal === undefined ? judged : {outcome: 'rejected', reason: refusal, reading: null};
}

/** Counts a good page in its walk. @returns the pages it makes known, and what is odd about it. */
function countPage(
  page: Page,
  walk: Walk,
  {outcome, reading}: Judged,
  portal: Portal,
): {readonly found: readonly PageRef[]; readonly issues: readonly Issue[]} {
  walk.countDone();
  if (walk.phase !== 'searching') return {found: [], issues: []};
  if (outcome === 'gone') walk.countGone(portal, page.ref.url, 'said');
  if (reading === null) return {found: [], issues: []};
  return foundBy(page, walk, reading, portal);
}

function misshapen(lease: LeasedPage, walk: Walk, row: Omit<NewPage, 'outcome'>, failure: string): Visit {
  walk.countFailed(lease.kind, failure, 'misshapen');
  return {
    walk,
    change: changed(lease, 'failed', failure),
    page: {...row, outcome: 'error', reason: failure},
    found: [],
    issues: [{code: 'page_misshapen', message: `${lease.url}: ${failure}`, value: failure.slice(0, 60)}],
  };
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
