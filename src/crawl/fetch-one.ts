import type {Database} from '../db/client.ts';
import {ConfigError} from '../domain/errors.ts';
import type {FetchedPage} from '../domain/page.ts';
import type {Portal} from '../portal/define-portal.ts';
import {portalAddress} from './address.ts';
import {DayBudget} from './day-budget.ts';
import {FETCH_LIMITS} from './fetch-limits.ts';
import {requireReview} from './guard.ts';
import {openPace} from './pace.ts';
import {fetchRobots} from './robots-source.ts';
import {openTransport, permitOf} from './transport.ts';
import {PRODUCT, userAgentOf} from './user-agent.ts';

export interface FetchOneOptions {
  readonly database: Database;
  readonly portal: Portal;
  /** The page: the portal's own address, or one of a server on this machine that stands in for the portal. */
  readonly url: string;
  readonly contact: string | undefined;
  readonly chromium: string | undefined;
  readonly now: () => Date;
}

/**
 * One page, asked for as a crawl would: review, robots.txt, the host's pace, the day's budget, refusals.
 * @throws ConfigError without a review of a real site or a contact, or when the day's budget is spent; FetchError.
 */
export async function fetchOnePage(options: FetchOneOptions): Promise<FetchedPage> {
  const {database, portal, contact, chromium, now} = options;
  const given = new URL(options.url);
  const isOwn = given.origin === portal.homepage;
  const address = portalAddress(portal.homepage, isOwn ? undefined : given.origin);
  if (!address.isLoopback) {
    await requireReview(database.orm, portal, now());
    await requireBudget(options);
  }
  const userAgent = userAgentOf(address, contact);
  const robots = await fetchRobots(address, userAgent, PRODUCT);
  const delayMs = address.isLoopback ? 0 : Math.max(portal.politeness.minDelayMs, robots.rules.crawlDelayMs);
  const pace = openPace(database.orm, address.host, delayMs, new AbortController().signal);
  const downloader = openTransport(portal, chromium, {
    ...{address, userAgent, now, connections: 1, observe: pace.observe, ...FETCH_LIMITS},
    permit: permitOf(address, robots, pace.waitForSlot),
  });
  try {
    const url = `${portal.homepage}${given.pathname}${given.search}`;
    const kind = portal.identify(url) === undefined ? 'search' : 'listing';
    return (await downloader.download({kind, url})).page;
  } finally {
    await downloader.close();
  }
}

async function requireBudget({database, portal, now}: FetchOneOptions): Promise<void> {
  const {maxPagesPerDay, maxPagesPerRun} = portal.politeness;
  const budget = new DayBudget({
    ...{db: database.orm, portalId: portal.id, isLoopback: false, now},
    maxPages: maxPagesPerDay ?? maxPagesPerRun,
  });
  await budget.recount();
  const spent = budget.take();
  if (spent !== undefined) throw new ConfigError(`${spent}: try tomorrow, or save the page in a browser`);
}
