/** One crawl of one portal. */
import {randomUUID} from 'node:crypto';
import {type ArchiveReader, openArchive, openArchiveReader} from '../archive/warc.ts';
import type {Database, Db} from '../db/client.ts';
import {withAdvisoryLock} from '../db/locks.ts';
import {saveIssues} from '../db/observations.ts';
import {releaseLeases} from '../db/pages.ts';
import {finishRun, scopesOfRun} from '../db/runs.ts';
import {ConfigError, FetchError} from '../domain/errors.ts';
import {type Scope, scopeKey} from '../domain/page.ts';
import type {Verdict} from '../domain/vocabulary.ts';
import type {Portal} from '../portal/define-portal.ts';
import {type PortalAddress, portalAddress} from './address.ts';
import {Committer} from './committer.ts';
import {type CurrentRun, openRun} from './current-run.ts';
import {openDownloader} from './downloader.ts';
import {openEngine} from './engine.ts';
import {Frontier} from './frontier.ts';
import {requireReview} from './guard.ts';
import {openPace} from './pace.ts';
import {RETRY_POLICY, type RetryPolicy} from './retry.ts';
import {fetchRobots, type RobotsAnswer} from './robots-source.ts';
import {PRODUCT, userAgentOf} from './user-agent.ts';
import {worstVerdict} from './verdict.ts';
import {type VisitTools, visitPage} from './visit.ts';
import type {Walk} from './walk.ts';
import {RunWalks} from './walks.ts';

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
  /** Secret of the advertisers' pseudonyms. */
  readonly hashKey: string;
  /** Clock of everything that is stored. */
  readonly now: () => Date;
  readonly limits?: {readonly maxPages?: number | undefined; readonly sample?: number | undefined};
  /** Go on with this unfinished run, or with the newest of the portal. */
  readonly resume?: number | 'newest' | undefined;
  readonly isSynthetic: boolean;
  /** Bogotá day the run speaks of, `YYYY-MM-DD`. */
  readonly observedOn: string;
  readonly onProgress?: ((progress: CrawlProgress) => void) | undefined;
  /** Ends the crawl: pages in flight are kept, the run can be resumed. */
  readonly signal?: AbortSignal | undefined;
  /** Loopback only: the least distance between requests, milliseconds; 0 unless told. */
  readonly delayMs?: number | undefined;
  /** Pages in flight at most; 32 without a delay, 4 with one, unless told. */
  readonly concurrency?: number | undefined;
  readonly retry?: RetryPolicy | undefined;
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
}

const DEADLINE_MS = 45_000;
const MAX_BYTES_RECEIVED = 10 * 1024 * 1024;
const MAX_BYTES_UNPACKED = 30 * 1024 * 1024;
/** Pages leased at once; with a delay, as many as are visited in this time. */
const LEASE_BLOCK = 100;
const LEASE_MS = 60_000;

/**
 * Crawls the scopes of a portal, or goes on with an unfinished run. One crawl of a portal at a time: a portal has one
 * pace, two processes would not be faster.
 *
 * @throws ConfigError: no loopback base URL, no review, no contact, nothing to resume. LockHeldError: the portal is
 *   being crawled. StorageError: disk or database failed; the run can be resumed. Anything a portal answers is in the report.
 */
export async function crawl(options: CrawlOptions): Promise<CrawlReport> {
  const {database, portal} = options;
  const address = portalAddress(portal.homepage, options.baseUrl);
  if (!address.isLoopback) await requireReview(database.orm, portal, options.now());
  const userAgent = userAgentOf(address, options.contact);
  return withAdvisoryLock(database, `crawl:${portal.id}`, async () => {
    const robots = await readRobots(options, address, userAgent);
    const opened = await openRun(options, address);
    return crawlRun(options, opened, address, userAgent, robots);
  });
}

async function crawlRun(
  options: CrawlOptions,
  run: CurrentRun,
  address: PortalAddress,
  userAgent: string,
  robots: RobotsAnswer,
): Promise<CrawlReport> {
  const {database, portal, now} = options;
  const {runId, maxPages, sample} = run;
  const started = performance.now();
  const delayMs = address.isLoopback
    ? (options.delayMs ?? 0)
    : Math.max(portal.politeness.minDelayMs, robots.rules.crawlDelayMs);
  const limits = {maxPages, sample};
  const scopes = await scopesOfRun(database.orm, runId);
  const walks = new RunWalks({database, portal, address, runId, limits, now}, scopes);
  // Nobody else crawls this portal: whatever is leased was left by a process that is gone.
  await releaseLeases(database.orm, runId);
  await withReader(options.dataDir, reader => walks.restore(reader));
  const takenBefore = walks.pagesTaken;
  const bytesReceived = await visitAll({options, run, address, userAgent, robots, delayMs, walks});
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
  };
}

/** @throws ConfigError when the simulated market would be crawled among real data. */
async function readRobots(
  {database, portal, now, isSynthetic}: CrawlOptions,
  address: PortalAddress,
  userAgent: string,
): Promise<RobotsAnswer> {
  const robots = await fetchRobots(address, userAgent, PRODUCT);
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
  }));
}

interface CrawlSetup {
  readonly options: CrawlOptions;
  readonly run: CurrentRun;
  readonly address: PortalAddress;
  readonly userAgent: string;
  readonly robots: RobotsAnswer;
  readonly delayMs: number;
  readonly walks: RunWalks;
}

/** Opens the tools of a visit; `close` ends connections and the archive file. */
function openTools({options, run, address, userAgent, robots, delayMs}: CrawlSetup, signal: AbortSignal) {
  const {database, dataDir, portal, now, hashKey} = options;
  const {runId, isSynthetic, observedOn} = run;
  const concurrency = options.concurrency ?? (delayMs > 0 ? 4 : 32);
  const pace = openPace(database.orm, address.host, delayMs, signal);
  const archive = openArchive({dataDir, portal: portal.id, runId, year: observedOn.slice(0, 4), isSynthetic});
  const downloader = openDownloader({
    ...{address, userAgent, now},
    permit: permitOf(address, robots, pace.waitForSlot),
    connections: concurrency,
    deadlineMs: DEADLINE_MS,
    maxBytesReceived: MAX_BYTES_RECEIVED,
    maxBytesUnpacked: MAX_BYTES_UNPACKED,
  });
  const retry = options.retry ?? RETRY_POLICY;
  const tools: VisitTools = {portal, downloader, archive, pace, now, retry, hashKey, isSynthetic, signal};
  const close = async () => {
    await downloader.close();
    await archive.close();
  };
  return {tools, archive, concurrency, close};
}

/** Visits what the frontier holds until every walk is closed or the crawl is stopped. @returns bytes received. */
async function visitAll(setup: CrawlSetup): Promise<number> {
  const {options, run, address, delayMs, walks} = setup;
  const {database, portal, now} = options;
  const {runId} = run;
  const stop = new AbortController();
  const {tools, archive, concurrency, close} = openTools(setup, stop.signal);
  const owner = `${process.pid}-${randomUUID()}`;
  let bytesReceived = 0;
  const committer = new Committer({
    ...{database, archive, runId, now},
    portalId: portal.id,
    host: address.host,
    afterCommit: async touched => {
      await walks.endFinished(touched);
      options.onProgress?.(progressOf(walks));
      frontier.wake();
      engine.notify();
    },
    onFailure: () => frontier.stop(),
  });
  const frontier = new Frontier({
    ...{db: database.orm, runId, owner},
    block: delayMs > 0 ? Math.max(1, Math.min(LEASE_BLOCK, Math.floor(LEASE_MS / delayMs))) : LEASE_BLOCK,
    isFinished: () => walks.areClosed,
    onDry: () => committer.flushSoon(),
  });
  const visit = async (requestId: string) => {
    const lease = frontier.take(requestId);
    const walk = walks.of(lease);
    walks.charge(walk);
    const wasBlocked = walk.blockedReason !== null;
    const result = await visitPage(lease, walk, tools);
    walks.watch(result, wasBlocked);
    bytesReceived += result.page?.bytesReceived ?? 0;
    await committer.add(result);
    if (frontier.isDry) committer.flushSoon();
  };
  const engine = openEngine(frontier, visit, concurrency);
  const interrupt = () => {
    frontier.stop();
    stop.abort();
  };
  options.signal?.addEventListener('abort', interrupt, {once: true});
  if (options.signal?.aborted === true) interrupt();
  try {
    await engine.run();
    await committer.drain();
    await releaseLeases(database.orm, runId, owner);
  } finally {
    options.signal?.removeEventListener('abort', interrupt);
    await close();
  }
  return bytesReceived;
}

/** robots.txt first, then the host's pace: before every request, redirects too. */
function permitOf(address: PortalAddress, robots: RobotsAnswer, waitForSlot: () => Promise<void>) {
  return async (portalUrl: string): Promise<void> => {
    if (robots.rules.allows(address.toPath(portalUrl))) return waitForSlot();
    const why = robots.issue === undefined ? 'robots.txt disallows it' : robots.found;
    throw new FetchError('robots', `${portalUrl} is not requested: ${why}`);
  };
}

async function withReader(dataDir: string, work: (reader: ArchiveReader) => Promise<void>): Promise<void> {
  const reader = openArchiveReader(dataDir);
  try {
    await work(reader);
  } finally {
    await reader.close();
  }
}

function progressOf(walks: RunWalks): CrawlProgress {
  const all = walks.all;
  const sum = (count: (walk: Walk) => number) => all.reduce((total, walk) => total + count(walk), 0);
  return {
    pagesTaken: walks.pagesTaken,
    pagesOpen: sum(walk => walk.openPages),
    listingsSeen: sum(walk => walk.seen.size),
    scopesClosed: sum(walk => (walk.phase === 'closed' ? 1 : 0)),
    scopes: all.length,
  };
}
