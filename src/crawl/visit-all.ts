/** The visits of a run: tools, frontier and engine put together. */
import {randomUUID} from 'node:crypto';
import {readArchived} from '../archive/reader.ts';
import {openArchive} from '../archive/warc.ts';
import {releaseLeases} from '../db/pages.ts';
import type {PortalAddress} from './address.ts';
import {Committer} from './committer.ts';
import type {CrawlOptions, CrawlProgress} from './crawl.ts';
import type {CurrentRun} from './current-run.ts';
import type {DayBudget} from './day-budget.ts';
import {openEngine} from './engine.ts';
import {FETCH_LIMITS} from './fetch-limits.ts';
import {Frontier} from './frontier.ts';
import {openPace} from './pace.ts';
import {RETRY_POLICY} from './retry.ts';
import type {RobotsAnswer} from './robots-source.ts';
import {SharedSitemaps} from './shared-sitemaps.ts';
import {openTransport, permitOf} from './transport.ts';
import {type VisitTools, visitPage} from './visit.ts';
import type {Walk} from './walk.ts';
import type {RunWalks} from './walks.ts';

/** Pages leased at once; with a delay, as many as are visited in this time. */
const LEASE_BLOCK = 100;
const LEASE_MS = 60_000;

export interface CrawlSetup {
  readonly options: CrawlOptions;
  readonly run: CurrentRun;
  readonly address: PortalAddress;
  readonly userAgent: string;
  readonly robots: RobotsAnswer;
  readonly delayMs: number;
  readonly walks: RunWalks;
  readonly dayBudget: DayBudget;
}

/** Opens the tools of a visit; `close` ends connections and the archive file. */
function openTools(setup: CrawlSetup, signal: AbortSignal) {
  const {options, run, address, userAgent, robots, delayMs, walks} = setup;
  const {database, dataDir, portal, now, hashKey} = options;
  const {runId, isSynthetic, observedOn} = run;
  const isBrowser = portal.politeness.transport === 'browser';
  const concurrency = options.concurrency ?? (delayMs > 0 || isBrowser ? 4 : 32);
  const pace = openPace(database.orm, address.host, delayMs, signal);
  const archive = openArchive({dataDir, portal: portal.id, runId, year: observedOn.slice(0, 4), isSynthetic});
  const downloader = openTransport(portal, options.chromium, {
    ...{address, userAgent, now},
    permit: permitOf(address, robots, pace.waitForSlot),
    connections: concurrency,
    observe: pace.observe,
    ...FETCH_LIMITS,
    ...options.fetchLimits,
  });
  const retry = options.retry ?? RETRY_POLICY;
  const sitemaps = new SharedSitemaps(walks.sitemaps, async span => {
    await archive.sync();
    return readArchived(dataDir, span);
  });
  const tools: VisitTools = {
    ...{portal, downloader, archive, sitemaps, pace, now, retry, hashKey, isSynthetic, signal},
  };
  const close = async () => {
    await downloader.close();
    await archive.close();
  };
  return {tools, archive, concurrency, close};
}

/** Visits what the frontier holds until every walk is closed or the crawl is stopped. @returns bytes received. */
export async function visitAll(setup: CrawlSetup): Promise<number> {
  const {options, run, address, delayMs, walks, dayBudget} = setup;
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
    afterCommit: async () => {
      await dayBudget.recount();
      await walks.endFinished();
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
    if (lease.kind !== 'sitemap' || !tools.sitemaps.holds(lease.url, lease.attempts)) walks.charge(walk);
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
    // A block that is being leased while the crawl is stopped would stay leased.
    await frontier.settle();
    await releaseLeases(database.orm, runId, owner);
  } finally {
    options.signal?.removeEventListener('abort', interrupt);
    await close();
  }
  return bytesReceived;
}

function progressOf(walks: RunWalks): CrawlProgress {
  const all = walks.all;
  const sum = (count: (walk: Walk) => number) => all.reduce((total, walk) => total + count(walk), 0);
  return {
    pagesTaken: walks.pagesTaken,
    pagesOpen: sum(walk => walk.openPages),
    listingsSeen: sum(walk => walk.seen.size),
    scopesClosed: sum(walk => (walk.phase !== 'searching' && walk.openPages <= 0 ? 1 : 0)),
    scopes: all.length,
  };
}
