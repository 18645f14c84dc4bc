import {eq} from 'drizzle-orm';
import {run} from '../../drizzle/schema/ops.ts';
import policy from '../../raiz.config.ts';
import {findPortal} from '../../scrapers/index.ts';
import {scopesOf} from '../config/policy.ts';
import {type CrawlReport, crawl} from '../crawl/crawl.ts';
import type {Db} from '../db/client.ts';
import type {Scope} from '../domain/page.ts';
import {createMarket, type Market, type MarketOptions} from '../simulator/market/market.ts';
import {addDays} from '../simulator/market/truth.ts';
import type {FaultHook} from '../simulator/site/faults.ts';
import {type Site, startSite} from '../simulator/site/start-site.ts';
import type {StageReport} from '../stage/define-stage.ts';
import type {CommandContext} from './context.ts';
import {reviewRun} from './health.ts';
import {formatCount, formatSeconds} from './output.ts';
import {stageSteps, stages, stagesNamed} from './pipeline.ts';
import {crawlLine, type Step} from './progress.ts';

const PORTAL = findPortal('fincaraiz');

export {DEMO_MARKET} from '../simulator/market/market.ts';

/** The day on which one search breaks off, so that an incomplete run can be seen to withdraw nothing. */
export const BROKEN_DAY = 3;
export const BROKEN_SEARCH = '/venta/apartamentos/medellin/antioquia';

/** From page 3 on, the broken search repeats its first page, as portals do when pagination fails without an error. */
const breakOneSearch: FaultHook = ({day, search}) =>
  day === BROKEN_DAY && search !== undefined && search.basePath === BROKEN_SEARCH && search.page >= 3
    ? {kind: 'serve', path: search.basePath}
    : undefined;

export interface DemoResult {
  readonly crawls: CrawlReport[];
  readonly stages: StageReport[];
}

export interface Demo {
  readonly market: Market;
  readonly steps: readonly Step[];
  /** Filled while the steps run. */
  readonly result: DemoResult;
  readonly close: () => Promise<void>;
}

/**
 * The whole pipeline on a simulated market: each day crawled and parsed in turn, then every other stage once.
 * A day that was crawled to its end is not crawled again; one that was cut off goes on.
 */
export async function prepareDemo(context: CommandContext, options: MarketOptions): Promise<Demo> {
  const market = createMarket(options);
  const site = await startSite(market, {day: 0, faults: breakOneSearch});
  const result: DemoResult = {crawls: [], stages: []};
  const scopes = scopesOf(policy, PORTAL.id);
  const parse = stagesNamed('parse');
  const days = Array.from({length: market.days}, (_, day) => day);
  const lastNoon = noonOf(market, market.days - 1);
  const settings = {
    now: clockFrom(lastNoon),
    onReport: (report: StageReport) => result.stages.push(report),
  };
  const later = stages.filter(stage => stage.name !== 'parse');
  return {
    market,
    result,
    steps: [
      ...days.map(day => ({
        title: `day ${day + 1} of ${market.days}, ${addDays(market.startOn, day)}`,
        run: (say: (line: string) => void) =>
          crawlDay({context, site, market, day, scopes, result}, parse, say),
      })),
      ...stageSteps(context, later, settings),
      {title: 'health', run: () => reviewStep(context, lastNoon)},
    ],
    close: () => site.close(),
  };
}

async function reviewStep(context: CommandContext, now: Date): Promise<string> {
  const review = await reviewRun(context, now);
  return review === undefined ? 'not reviewed' : `${review.open.length} open incidents · ${review.page}`;
}

interface DayOfDemo {
  readonly context: CommandContext;
  readonly site: Site;
  readonly market: Market;
  readonly day: number;
  readonly scopes: readonly Scope[];
  readonly result: DemoResult;
}

async function crawlDay(
  today: DayOfDemo,
  parse: ReturnType<typeof stagesNamed>,
  say: (line: string) => void,
): Promise<string> {
  const {context, site, market, day, scopes, result} = today;
  const {database, dataDir, hashKey} = context;
  const observedOn = addDays(market.startOn, day);
  const now = clockFrom(noonOf(market, day));
  const known = await runOfDay(database.orm, observedOn);
  let summary = 'crawled before';
  if (known?.finishedAt === undefined || known.finishedAt === null) {
    site.setDay(day);
    const report = await crawl({
      database,
      dataDir,
      portal: PORTAL,
      scopes,
      baseUrl: site.baseUrl,
      contact: undefined,
      hashKey,
      now,
      resume: known?.runId,
      isSynthetic: true,
      observedOn,
      onProgress: crawlLine(say),
    });
    result.crawls.push(report);
    summary = crawlSummary(report);
  }
  for (const stage of parse) {
    result.stages.push(await stage.run(database, {now, dataDir}));
  }
  return summary;
}

/** `247 pages · 2,412 listings · 158 scopes complete, 1 incomplete · 4.1 s`. */
export function crawlSummary(report: CrawlReport): string {
  const listings = report.scopes.reduce((sum, scope) => sum + scope.listingsSeen, 0);
  const verdicts = new Map<string, number>();
  for (const {verdict} of report.scopes)
    verdicts.set(verdict ?? 'open', (verdicts.get(verdict ?? 'open') ?? 0) + 1);
  const scopes = [...verdicts].map(([verdict, n]) => `${n} ${verdict}`).join(', ');
  return [
    `${formatCount(report.pages)} pages`,
    `${formatCount(listings)} listings`,
    `scopes: ${scopes}`,
    formatSeconds(report.seconds),
  ].join(' · ');
}

async function runOfDay(
  db: Db,
  observedOn: string,
): Promise<{runId: number; finishedAt: Date | null} | undefined> {
  const [found] = await db
    .select({runId: run.runId, finishedAt: run.finishedAt})
    .from(run)
    .where(eq(run.observedOn, observedOn));
  return found;
}

function noonOf(market: Market, day: number): Date {
  return new Date(`${addDays(market.startOn, day)}T12:00:00-05:00`);
}

/** A clock that starts at an instant and runs as fast as the real one. */
function clockFrom(start: Date): () => Date {
  const began = performance.now();
  return () => new Date(start.getTime() + performance.now() - began);
}
