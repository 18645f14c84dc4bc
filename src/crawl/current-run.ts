import {addToFrontier} from '../db/pages.ts';
import {findUnfinishedRun, openCrawlRun, type ResumableRun, unfinishedRun} from '../db/runs.ts';
import {ConfigError} from '../domain/errors.ts';
import type {PortalAddress} from './address.ts';
import type {CrawlOptions} from './crawl.ts';

/** The run this process works on. */
export interface CurrentRun {
  readonly runId: number;
  readonly observedOn: string;
  readonly isSynthetic: boolean;
  readonly isResumed: boolean;
  readonly maxPages: number;
  readonly sample: number | null;
  /** Listing pages, as a share of the listings seen. */
  readonly detailShare: number;
  /** Days between two full passes over what sitemaps list; 0: each run is one. */
  readonly fullPassDays: number;
}

/** Opens a run with its scopes and first pages, or takes up an unfinished one. @throws ConfigError when there is none. */
export async function openRun(options: CrawlOptions, address: PortalAddress): Promise<CurrentRun> {
  const {database, portal, limits = {}} = options;
  if (options.resume !== undefined) return resumeRun(options, address, options.resume);
  const {isSynthetic, observedOn} = options;
  const maxPages = Math.min(limits.maxPages ?? Number.POSITIVE_INFINITY, portal.politeness.maxPagesPerRun);
  const {sample = null, detailShare = 0, fullPassDays = 0} = limits;
  const runId = await database.orm.transaction(async tx => {
    const run = await openCrawlRun(tx, {
      portal: portal.id,
      scopes: options.scopes,
      observedOn,
      startedAt: options.now(),
      isSynthetic,
      options: {
        ...{maxPages, sample, detailShare, fullPassDays, isLoopback: address.isLoopback},
        ...(options.jobId === undefined ? {} : {jobId: options.jobId}),
      },
    });
    const seeds = run.scopes.flatMap(({runScopeId, scope}) =>
      portal.seeds(scope).map(({kind, url}) => ({runScopeId, kind, url})),
    );
    await addToFrontier(tx, run.runId, address.host, seeds);
    return run.runId;
  });
  return {runId, observedOn, isSynthetic, isResumed: false, maxPages, sample, detailShare, fullPassDays};
}

async function resumeRun(
  options: CrawlOptions,
  address: PortalAddress,
  which: number | 'newest',
): Promise<CurrentRun> {
  const {orm} = options.database;
  const {portal} = options;
  const found: ResumableRun | undefined =
    which === 'newest' ? await findUnfinishedRun(orm, portal.id) : await unfinishedRun(orm, portal.id, which);
  if (found === undefined) {
    throw new ConfigError(
      `no unfinished crawl of ${portal.id} to resume. Start one with: raiz crawl ${portal.id}`,
    );
  }
  const {runId, observedOn, isSynthetic} = found;
  const {maxPages, sample, detailShare, fullPassDays, isLoopback} = found.options;
  if (isLoopback !== address.isLoopback) {
    throw new ConfigError(
      `run ${runId} was begun on ${isLoopback === true ? 'a loopback server' : 'the real site'}: resume it there ` +
        `(${isLoopback === true ? 'with' : 'without'} --base-url)`,
    );
  }
  return {
    runId,
    observedOn,
    isSynthetic,
    isResumed: true,
    maxPages: typeof maxPages === 'number' ? maxPages : portal.politeness.maxPagesPerRun,
    sample: typeof sample === 'number' ? sample : null,
    detailShare: typeof detailShare === 'number' ? detailShare : 0,
    fullPassDays: typeof fullPassDays === 'number' ? fullPassDays : 0,
  };
}
