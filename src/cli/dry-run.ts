/** `raiz crawl --dry-run`: what a crawl would ask for, from what earlier ones saw. Asks no portal and starts no server. */
import type {Database, Db} from '../db/client.ts';
import {forecastSearches, hasTables, type SearchForecast} from '../db/forecast.ts';
import {openRunningDatabase} from '../db/open.ts';
import {countPagesOnDay} from '../db/pages.ts';
import {scopeKey} from '../domain/page.ts';
import {bogotaDay} from '../lib/bogota-day.ts';
import type {CrawlFlags, CrawlPlan} from './commands/crawl.ts';
import {installationOf} from './context.ts';
import {formatCount, print, printJson} from './output.ts';

/** What an earlier crawl tells, as far as there is a database to ask. */
interface Knowledge {
  readonly forecasts: readonly SearchForecast[];
  readonly pagesToday: number;
}

export async function printDryRun(plans: readonly CrawlPlan[], flags: CrawlFlags, now: Date): Promise<void> {
  const database = await openRunningDatabase(installationOf(flags));
  try {
    const dryRuns = [];
    for (const plan of plans) dryRuns.push(await dryRun(plan, flags, database, now));
    if (flags.json === true) return printJson(dryRuns);
    for (const each of dryRuns) printOne(each);
  } finally {
    await database?.close();
  }
}

type DryRun = Awaited<ReturnType<typeof dryRun>>;

async function dryRun(plan: CrawlPlan, flags: CrawlFlags, database: Database | undefined, now: Date) {
  const {portal, scopes, refresh} = plan;
  const [{portalAddress}, {PRODUCT, userAgentOf}, {fetchRobots}] = await Promise.all([
    import('../crawl/address.ts'),
    import('../crawl/user-agent.ts'),
    import('../crawl/robots-source.ts'),
  ]);
  const address = portalAddress(portal.homepage, flags.baseUrl);
  const answer = address.isLoopback
    ? await fetchRobots(address, userAgentOf(address, undefined), PRODUCT)
    : undefined;
  const delayMs = address.isLoopback ? 0 : portal.politeness.minDelayMs;
  const maxPages = Math.min(
    plan.maxPages,
    flags.sample === undefined ? plan.maxPages : scopes.length * flags.sample,
  );
  const known =
    database === undefined ? undefined : await knowledgeOf(database, plan, address.isLoopback, now);
  const allowedToday = dayLeftOf(plan, address.isLoopback, known?.pagesToday ?? 0);
  const estimate = known === undefined ? null : estimateOf(known.forecasts, plan, flags.sample);
  const requests = Math.min(
    estimate === null || estimate.searchesUnknown > 0 ? maxPages : estimate.pages,
    maxPages,
    allowedToday ?? maxPages,
  );
  // Sitemaps are shared by searches.
  const seeds = new Set(scopes.flatMap(scope => portal.seeds(scope).map(({url}) => url)));
  return {
    portal: portal.id,
    scopes: scopes.length,
    searches: [...seeds].map(url => ({url, isAllowed: answer?.rules.allows(address.toPath(url)) ?? null})),
    robots: answer?.found ?? 'read when the crawl begins; nothing it disallows is requested',
    ...{...refresh, maxPages, delayMs},
    /** Null: no budget of the day, or nobody knows what was asked for today. */
    dayLeft: known === undefined ? null : allowedToday,
    /** Null: no database is running, so that nothing is known of earlier crawls. */
    estimate,
    requests,
    hours: (requests * delayMs) / 3_600_000,
  };
}

async function knowledgeOf(
  database: Database,
  {portal, scopes}: CrawlPlan,
  isLoopback: boolean,
  now: Date,
): Promise<Knowledge> {
  const forecasts = await forecastSearches(database, scopes.map(scopeKey));
  const db: Db = database.orm;
  const pagesToday = (await hasTables(database))
    ? await countPagesOnDay(db, portal.id, isLoopback, bogotaDay(now))
    : 0;
  return {forecasts, pagesToday};
}

/** Null: a stand-in on this machine has no budget of a day, unless the policy gives it one. */
function dayLeftOf(
  {portal, maxPagesPerDay}: CrawlPlan,
  isLoopback: boolean,
  pagesToday: number,
): number | null {
  const {maxPagesPerDay: allowed, maxPagesPerRun} = portal.politeness;
  const ofPortal = isLoopback ? Number.POSITIVE_INFINITY : (allowed ?? maxPagesPerRun);
  const maxPages = Math.min(ofPortal, maxPagesPerDay ?? Number.POSITIVE_INFINITY);
  return maxPages === Number.POSITIVE_INFINITY ? null : Math.max(0, maxPages - pagesToday);
}

function estimateOf(
  forecasts: readonly SearchForecast[],
  {portal, scopes, refresh}: CrawlPlan,
  sample: number | undefined,
) {
  // Where sitemaps list the adverts, a full pass visits each of them.
  const isListed = scopes.every(scope => portal.seeds(scope).every(({kind}) => kind === 'sitemap'));
  const share = isListed ? 1 : refresh.detailShare;

  const sum = (count: (forecast: SearchForecast) => number) =>
    forecasts.reduce((total, forecast) => total + count(forecast), 0);
  const listings = sum(forecast => forecast.listings);
  const searchPages = sum(forecast => Math.min(forecast.searchPages, sample ?? forecast.searchPages));
  const detailPages = sample === undefined ? Math.floor(share * listings) : 0;
  const searchesUnknown = scopes.length - forecasts.length;
  return {listings, searchPages, detailPages, pages: searchPages + detailPages, searchesUnknown};
}

function printOne({
  portal,
  scopes,
  searches,
  robots,
  estimate,
  requests,
  maxPages,
  dayLeft,
  delayMs,
  hours,
}: DryRun): void {
  print(`${portal}: ${formatCount(scopes)} searches, nothing visited`);
  for (const {url, isAllowed} of searches) print(`  ${isAllowed === false ? '✖ disallowed ' : ''}${url}`);
  print(`robots.txt: ${robots}`);
  print(`requests: ${requestsLine(estimate)}`);
  const today = dayLeft === null ? '' : `, ${formatCount(dayLeft)} left today`;
  print(`budget: at most ${formatCount(maxPages)} pages${today}`);
  const pace = delayMs === 0 ? 'no pause between requests' : `one page in ${delayMs / 1000} s`;
  print(`so: up to ${formatCount(requests)} pages, ${pace}: up to ${formatCount(hours)} hours`);
}

function requestsLine(estimate: DryRun['estimate']): string {
  if (estimate === null)
    return 'not known: no database is running here (raiz db up), so the budget is assumed';
  const {listings, searchPages, detailPages, pages, searchesUnknown} = estimate;
  const unknown = `${formatCount(searchesUnknown)} searches have never been walked, so the budget is assumed`;
  if (listings === 0 && searchesUnknown > 0) return `not known: ${unknown}`;
  const known = `about ${formatCount(searchPages)} search pages for ${formatCount(listings)} adverts announced last time, at most ${formatCount(detailPages)} listing pages: ${formatCount(pages)} in all`;
  return searchesUnknown === 0 ? known : `${known}; ${unknown}`;
}
