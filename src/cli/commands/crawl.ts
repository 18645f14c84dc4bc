import {Command, InvalidArgumentError, Option} from 'commander';
import policy from '../../../raiz.config.ts';
import {findPortal} from '../../../scrapers/index.ts';
import {type RefreshRules, refreshRulesOf, scopesOf} from '../../config/policy.ts';
import type {CrawlOptions, CrawlReport} from '../../crawl/crawl.ts';
import {reviewRefusal} from '../../crawl/guard.ts';
import {
  type DetailPlan,
  detailPagesOf,
  REFRESH_REASONS,
  type RefreshReason,
  savedPagesOf,
} from '../../domain/detail-plan.ts';
import {ConfigError, EXIT, type ExitCode} from '../../domain/errors.ts';
import type {Scope} from '../../domain/page.ts';
import {OPERATIONS, type Operation, PROPERTY_TYPES, type PropertyType} from '../../domain/vocabulary.ts';
import {bogotaDay} from '../../lib/bogota-day.ts';
import type {Portal} from '../../portal/define-portal.ts';
import {type CommandContext, withDatabase} from '../context.ts';
import {printDryRun} from '../dry-run.ts';
import {reviewRun} from '../health.ts';
import {formatCount, formatSeconds, formatTable, print, printJson} from '../output.ts';
import {crawlLine, runSteps, type Step} from '../progress.ts';

export interface CrawlFlags {
  readonly city?: string[];
  readonly operation?: Operation[];
  readonly type?: PropertyType[];
  readonly sample?: number;
  readonly maxPages?: number;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly baseUrl?: string;
  readonly demo?: boolean;
  readonly json?: boolean;
}

/** What one portal is to be asked for. */
export interface CrawlPlan {
  readonly portal: Portal;
  readonly scopes: readonly Scope[];
  readonly maxPages: number;
  /** Of one Bogotá day; undefined: what the portal file allows. */
  readonly maxPagesPerDay: number | undefined;
  readonly refresh: RefreshRules;
  /** One of "all": left out, with a word, while nobody has decided that it may be crawled. */
  readonly isOptional: boolean;
}

export function crawlCommand(): Command {
  return new Command('crawl')
    .description(
      'walk the searches or sitemaps of portals, archive what they say, redacted, and judge each search',
    )
    .argument('<portal...>', 'ids of portals, or "all" of raiz.config.ts')
    .option('--city <slug...>', 'only these places of raiz.config.ts: bello, or antioquia/bello')
    .addOption(new Option('--operation <operation...>', 'only these operations').choices(OPERATIONS))
    .addOption(new Option('--type <type...>', 'only these property types').choices(PROPERTY_TYPES))
    .option('--sample <n>', 'at most n pages of each search; never counts as complete', count)
    .option('--max-pages <n>', 'at most n pages in all', count)
    .option('--resume', 'go on with the newest unfinished crawl')
    .option('--dry-run', 'print searches, robots decision, requests, budget and hours; visit nothing')
    .option('--base-url <address>', 'a server on this machine that stands in for the portal')
    .option('--demo', 'into the simulated installation')
    .option('--json', 'print the reports as JSON')
    .addHelpText(
      'after',
      '\nA real site is crawled only after: raiz portal review <portal>\n\nExamples:\n' +
        '  raiz crawl fincaraiz --city bello --operation rent --dry-run\n' +
        '  raiz crawl fincaraiz --sample 2\n' +
        '  raiz crawl all --resume\n' +
        '  raiz crawl fincaraiz --demo --base-url http://127.0.0.1:8080\n\n' +
        'Exit codes: 0 complete or incomplete by plan, 3 incomplete or interrupted, 5 blocked, 75 another crawl of the portal is running.',
    )
    .action(async (ids: string[], flags: CrawlFlags) => {
      const plans = planCrawls(ids, flags);
      if (flags.dryRun === true) await printDryRun(plans, flags, new Date());
      else process.exitCode = await runCrawls(plans, flags);
    });
}

function count(text: string): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1) throw new InvalidArgumentError('It must be a whole number, 1 or more.');
  return n;
}

/** @throws ConfigError on unknown portals and places; the message lists the known ones. */
export function planCrawls(ids: readonly string[], flags: CrawlFlags): CrawlPlan[] {
  if (flags.demo === true && flags.baseUrl === undefined) {
    throw new ConfigError(
      '--demo holds simulated data only: say where the simulator answers, with --base-url',
    );
  }
  const chosen = ids.includes('all') ? Object.keys(policy.portals) : [...new Set(ids)];
  return chosen.map(id => {
    const portal = findPortal(id);
    const scopes = scopesOf(policy, id, {
      ...(flags.city === undefined ? {} : {cities: flags.city}),
      ...(flags.operation === undefined ? {} : {operations: flags.operation}),
      ...(flags.type === undefined ? {} : {propertyTypes: flags.type}),
    });
    const allowed = Math.min(policy.portals[id]?.maxPagesPerRun ?? 0, portal.politeness.maxPagesPerRun);
    const {maxPagesPerDay} = policy.portals[id] ?? {};
    const maxPages = Math.min(allowed, flags.maxPages ?? allowed);
    return {
      ...{portal, scopes, maxPages, maxPagesPerDay},
      refresh: refreshRulesOf(policy, id),
      isOptional: ids.includes('all'),
    };
  });
}

async function runCrawls(plans: readonly CrawlPlan[], flags: CrawlFlags): Promise<ExitCode> {
  const reports: CrawlReport[] = [];
  await withInterrupt(signal =>
    withDatabase({demo: flags.demo}, async context => {
      await runSteps(
        plans.map(plan => crawlStep(context, plan, flags, signal, reports)),
        {quiet: flags.json === true},
      );
      await reviewRun(context, new Date());
    }),
  );
  if (flags.json === true) printJson(reports);
  else for (const report of reports) printReport(report);
  return reports.length === 0 ? EXIT.incomplete : exitCodeOf(reports);
}

/**
 * Gives `work` a signal that Ctrl-C and SIGTERM set: pages in flight are kept and the run can be resumed. A second one
 * ends the process.
 */
export async function withInterrupt<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const stop = new AbortController();
  const interrupt = () => {
    stop.abort();
    // Not `once`: a listener of Crawlee's kills the process when it finds itself alone, as `once` would leave it.
    setImmediate(forget);
  };
  const forget = () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await work(stop.signal);
  } finally {
    forget();
  }
}

export function crawlStep(
  context: CommandContext,
  plan: CrawlPlan,
  flags: CrawlFlags,
  signal: AbortSignal,
  reports: CrawlReport[],
): Step {
  const {portal, scopes, maxPages, maxPagesPerDay, refresh} = plan;
  const {database, dataDir, env, hashKey, log} = context;
  return {
    title: portal.name,
    run: async say => {
      const options: CrawlOptions = {
        ...{database, dataDir, portal, scopes, hashKey, signal},
        baseUrl: flags.baseUrl,
        contact: env.contact,
        chromium: env.chromium,
        now: () => new Date(),
        limits: {maxPages, maxPagesPerDay, ...refresh, sample: flags.sample},
        resume: flags.resume === true ? 'newest' : undefined,
        isSynthetic: flags.demo === true,
        observedOn: bogotaDay(new Date()),
        onProgress: crawlLine(say),
      };
      if (plan.isOptional && flags.baseUrl === undefined) {
        const refusal = await reviewRefusal(database.orm, portal, new Date());
        if (refusal !== undefined) return `left out: ${refusal}`;
      }
      // Crawlee takes seconds to load: only where something is crawled.
      const {crawl} = await import('../../crawl/crawl.ts');
      const report = await crawl(options);
      reports.push(report);
      const {runId, verdict, pages, seconds} = report;
      log.info({runId, verdict, pages, seconds}, `crawl ${portal.id}`);
      return `${report.verdict ?? 'interrupted'} · ${formatCount(report.pages)} pages · ${formatSeconds(report.seconds)}`;
    },
  };
}

/** That of the worst report. */
export function exitCodeOf(reports: readonly Pick<CrawlReport, 'verdict' | 'scopes'>[]): ExitCode {
  if (reports.some(({verdict}) => verdict === 'blocked')) return EXIT.blocked;
  return reports.every(isAsWanted) ? EXIT.ok : EXIT.incomplete;
}

/** Complete, or all that it meant to visit. */
function isAsWanted({verdict, scopes}: Pick<CrawlReport, 'verdict' | 'scopes'>): boolean {
  return verdict === 'complete' || (verdict === 'incomplete' && scopes.every(isWalked));
}

function isWalked({verdict, isByPlan}: CrawlReport['scopes'][number]): boolean {
  return verdict === 'complete' || isByPlan;
}

function printReport(report: CrawlReport): void {
  print();
  print(`Run ${report.runId} of ${report.portal}: ${report.verdict ?? 'interrupted'} · ${report.robots}`);
  print(
    formatTable(report.scopes, [
      {title: 'search', value: row => row.scope},
      {title: 'verdict', value: row => row.verdict ?? 'open'},
      {title: 'announced', align: 'right', value: row => row.announcedTotal},
      {title: 'seen', align: 'right', value: row => row.listingsSeen},
      {title: 'pages', align: 'right', value: row => row.pagesDone},
      {title: 'failed', align: 'right', value: row => row.pagesFailed},
      {title: 'why', value: row => (row.verdict === 'complete' ? '' : (row.reason ?? ''))},
    ]),
  );
  if (report.detailPlan !== null) print(detailLine(report.detailPlan, report.scopes));
  if (report.isInterrupted) print(`\nGo on with: raiz crawl ${report.portal} --resume`);
}

/** `listing pages: 12 of 600 (9 changed, 3 by value), 588 saved: 6.4 % of a crawl of every page`. */
function detailLine(plan: DetailPlan, scopes: CrawlReport['scopes']): string {
  const {listings, linked, planned, dirtyLeft} = plan;
  const details = detailPagesOf(plan);
  const searches = Math.max(0, scopes.reduce((total, scope) => total + scope.pagesDone, 0) - details);
  const share = (100 * (searches + details)) / Math.max(1, searches + listings);
  const reasons = [
    ...(linked > 0 ? [`${formatCount(linked)} gone or linked only`] : []),
    ...REFRESH_REASONS.flatMap(reason =>
      planned[reason] === undefined ? [] : [`${formatCount(planned[reason])} ${REASON_WORDS[reason]}`],
    ),
  ];
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
  const left =
    dirtyLeft === 0 ? '' : `; ${formatCount(dirtyLeft)} new or changed ones wait for the next runs`;
  return `\nlisting pages: ${formatCount(details)} of ${formatCount(listings)}${why}, ${formatCount(savedPagesOf(plan))} saved: ${share.toFixed(1)} % of a crawl of every page${left}`;
}

const REASON_WORDS: Readonly<Record<RefreshReason, string>> = {
  changed: 'changed',
  reappeared: 'back again',
  lastmod: 'changed by the sitemap',
  new: 'new',
  overdue: 'too old',
  value: 'by value',
};
