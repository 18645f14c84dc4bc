/** One crawl of one portal. */
import {type ArchiveReader, openArchiveReader} from '../archive/reader.ts';
import type {Database, Db} from '../db/client.ts';
import {withAdvisoryLock} from '../db/locks.ts';
import {saveIssues} from '../db/observations.ts';
import {releaseLeases} from '../db/pages.ts';
import {finishRun, scopesOfRun} from '../db/runs.ts';
import type {DetailPlan} from '../domain/detail-plan.ts';
import {ConfigError} from '../domain/errors.ts';
import {type Scope, scopeKey} from '../domain/page.ts';
import type {Verdict} from '../domain/vocabulary.ts';
import type {Portal} from '../portal/define-portal.ts';
import {type PortalAddress, portalAddress} from './address.ts';
import {type CurrentRun, openRun} from './current-run.ts';
import {DayBudget} from './day-budget.ts';
import type {FetchLimits} from './fetch-limits.ts';
import {requireReview} from './guard.ts';
import type {RetryPolicy} from './retry.ts';
import {fetchRobots, type RobotsAnswer} from './robots-source.ts';
import {requireTransport} from './transport.ts';
import {PRODUCT, userAgentOf} from './user-agent.ts';
import {BY_PLAN, worstVerdict} from './verdict.ts';
import {visitAll} from './visit-all.ts';
import {RunWalks} from './walks.ts';

export interface CrawlLimits {
  /** Pages of the run, all scopes together. */
  readonly maxPages?: number | undefined;
  /** Pages of a Bogotá day, all runs of the portal together; never above what the portal file allows. */
  readonly maxPagesPerDay?: number | undefined;
  /** Pages of each scope; a sampled scope is never complete. */
  readonly sample?: number | undefined;
  /**
   * Listing pages of the run at most, as a share of the listings its searches saw, within the other limits. 0 unless told:
   * only those that confirm removals.
   */
  readonly detailShare?: number | undefined;
  /**
   * Days after which a scope that sitemaps list is visited whole again, counted from its last complete run. 0 unless told:
   * every run asks for every listing page the sitemaps name.
   */
  readonly fullPassDays?: number | undefined;
}

export interface CrawlOptions {
  readonly database: Database;
  readonly dataDir: string;
  readonly portal: Portal;
  /** What to search; ignored by a resumed run, which keeps its own. */
  readonly scopes: readonly Scope[];
  /** Loopback server that stands in for the portal. Without it the real site is crawled, which needs a review. */
  readonly baseUrl?: string | undefined;
  /** Address named in the user agent; required for a real site. */
  readonly contact: string | undefined;
  /** Chromium program for portals whose pages need a browser; looked for in the usual places unless told. */
  readonly chromium?: string | undefined;
  /** Secret of the advertisers' pseudonyms. */
  readonly hashKey: string;
  /** Clock of everything that is stored. */
  readonly now: () => Date;
  readonly limits?: CrawlLimits;
  /** Go on with this unfinished run, or with the newest of the portal. */
  readonly resume?: number | 'newest' | undefined;
  /**
   * Job of which this crawl is the work, kept with the run. Several jobs may crawl parts of one portal at once, at the
   * one pace of its host; each job must be worked on by one process at a time.
   */
  readonly jobId?: string | undefined;
  readonly isSynthetic: boolean;
  /** Bogotá day the run speaks of, `YYYY-MM-DD`. */
  readonly observedOn: string;
  readonly onProgress?: ((progress: CrawlProgress) => void) | undefined;
  /** Ends the crawl: pages in flight are kept, the run can be resumed. */
  readonly signal?: AbortSignal | undefined;
  /** Loopback only: the least distance between requests, milliseconds; 0 unless told. */
  readonly delayMs?: number | undefined;
  /** Pages in flight at most; 32 without a delay, 4 with one or in a browser, unless told. */
  readonly concurrency?: number | undefined;
  readonly retry?: RetryPolicy | undefined;
  /** What one request may cost; the usual unless told. */
  readonly fetchLimits?: Partial<FetchLimits> | undefined;
}

export interface CrawlProgress {
  readonly pagesTaken: number;
  readonly pagesOpen: number;
  readonly listingsSeen: number;
  readonly scopesClosed: number;
  readonly scopes: number;
}

export interface ScopeReport {
  readonly scope: string;
  /** Null: not judged yet, the run was interrupted. */
  readonly verdict: Verdict | null;
  readonly reason: string | null;
  readonly announcedTotal: number | null;
  readonly listingsSeen: number;
  readonly pagesDone: number;
  readonly pagesFailed: number;
  /** Incomplete because links were left for a later run, and for nothing else. */
  readonly isByPlan: boolean;
}

export interface CrawlReport {
  readonly runId: number;
  readonly portal: string;
  /** That of the worst scope; null: interrupted, to be resumed. */
  readonly verdict: Verdict | null;
  readonly isInterrupted: boolean;
  /** Requests for pages in this process. */
  readonly pages: number;
  readonly bytesReceived: number;
  readonly seconds: number;
  readonly robots: string;
  readonly delayMs: number;
  readonly scopes: readonly ScopeReport[];
  /** What the run decided about listing pages; null: interrupted before its searches were walked. */
  readonly detailPlan: DetailPlan | null;
}

/**
 * Crawls the scopes of a portal, or goes on with an unfinished run. One crawl of a portal at a time, or the jobs of one
 * schedule: a portal has one pace, whoever asks.
 *
 * @throws ConfigError: no loopback base URL, no review, no contact, no browser where one is needed, nothing to resume. LockHeldError: the portal is
 *   being crawled. StorageError: disk or database failed; the run can be resumed. Anything a portal answers is in the report.
 */
export async function crawl(options: CrawlOptions): Promise<CrawlReport> {
  const {database, portal} = options;
  const address = portalAddress(portal.homepage, options.baseUrl);
  if (!address.isLoopback) await requireReview(database.orm, portal, options.now());
  const userAgent = userAgentOf(address, options.contact);
  requireTransport(portal, options.chromium);
  const work = async () => {
    const robots = await readRobots(options, address, userAgent);
    const opened = await openRun(options, address);
    return crawlRun(options, opened, address, userAgent, robots);
  };
  return withAdvisoryLock(
    database,
    `crawl:${portal.id}`,
    work,
    options.jobId === undefined ? 'alone' : 'shared',
  );
}

async function crawlRun(
  options: CrawlOptions,
  run: CurrentRun,
  address: PortalAddress,
  userAgent: string,
  robots: RobotsAnswer,
): Promise<CrawlReport> {
  const {database, portal, now} = options;
  const {runId, maxPages, sample, detailShare, fullPassDays} = run;
  const started = performance.now();
  const delayMs = address.isLoopback
    ? (options.delayMs ?? 0)
    : Math.max(portal.politeness.minDelayMs, robots.rules.crawlDelayMs);
  const limits = {maxPages, sample, detailShare, fullPassDays};
  const dayBudget = openDayBudget(options, address);
  await dayBudget.recount();
  const scopes = await scopesOfRun(database.orm, runId);
  const walks = new RunWalks({database, portal, address, runId, limits, dayBudget, now}, scopes);
  // Nobody else works on this run: whatever is leased was left by a process that is gone.
  await releaseLeases(database.orm, runId);
  await withReader(options.dataDir, reader => walks.restore(reader));
  const takenBefore = walks.pagesTaken;
  const bytesReceived = await visitAll({options, run, address, userAgent, robots, delayMs, walks, dayBudget});
  const verdict = walks.areClosed ? worstVerdict(walks.all.map(walk => walk.verdict ?? 'incomplete')) : null;
  if (verdict !== null) await finishRun(database.orm, runId, verdict, now());
  return {
    ...{runId, verdict, bytesReceived, delayMs},
    portal: portal.id,
    isInterrupted: verdict === null,
    pages: walks.pagesTaken - takenBefore,
    seconds: (performance.now() - started) / 1000,
    robots: robots.found,
    scopes: await scopeReports(database.orm, runId),
    detailPlan: walks.detailPlan,
  };
}

/** The portal's budget of a day, narrowed by the caller's. A stand-in on this machine has only the caller's. */
function openDayBudget(
  {database, portal, now, limits}: CrawlOptions,
  {isLoopback}: PortalAddress,
): DayBudget {
  const {maxPagesPerDay, maxPagesPerRun} = portal.politeness;
  const allowed = isLoopback ? Number.POSITIVE_INFINITY : (maxPagesPerDay ?? maxPagesPerRun);
  const maxPages = Math.min(allowed, limits?.maxPagesPerDay ?? Number.POSITIVE_INFINITY);
  return new DayBudget({db: database.orm, portalId: portal.id, isLoopback, maxPages, now});
}

/** @throws ConfigError when the simulated market would be crawled among real data. */
async function readRobots(
  {database, portal, now, isSynthetic, fetchLimits}: CrawlOptions,
  address: PortalAddress,
  userAgent: string,
): Promise<RobotsAnswer> {
  const robots = await fetchRobots(address, userAgent, PRODUCT, fetchLimits?.robotsDeadlineMs);
  const {issue, isSimulated} = robots;
  if (isSimulated && !isSynthetic) {
    throw new ConfigError(
      'the server is the simulated market: crawl it into the simulated installation, with --demo',
    );
  }
  if (issue !== undefined) await database.orm.transaction(tx => saveIssues(tx, portal.id, [issue], now()));
  return robots;
}

async function scopeReports(db: Db, runId: number): Promise<ScopeReport[]> {
  return (await scopesOfRun(db, runId)).map(result => ({
    scope: scopeKey(result.scope),
    verdict: result.verdict,
    reason: result.reason,
    announcedTotal: result.announcedTotal,
    listingsSeen: result.listingsSeen,
    pagesDone: result.pagesDone,
    pagesFailed: result.pagesFailed,
    isByPlan: result.verdict === 'incomplete' && (result.reason ?? '').startsWith(BY_PLAN),
  }));
}

async function withReader(dataDir: string, work: (reader: ArchiveReader) => Promise<void>): Promise<void> {
  const reader = openArchiveReader(dataDir);
  try {
    await work(reader);
  } finally {
    await reader.close();
  }
}
