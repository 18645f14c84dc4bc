import {type Policy, refreshRulesOf, scopesOf} from '../config/policy.ts';
import type {CrawlOptions} from '../crawl/crawl.ts';
import {runOfJob} from '../db/runs.ts';
import {ConfigError} from '../domain/errors.ts';
import {bogotaDay} from '../lib/bogota-day.ts';
import type {Portal} from '../portal/define-portal.ts';
import type {CrawlJob} from './job.ts';
import {budgetOfShard, scopesOfShard} from './shards.ts';
import type {JobResult} from './worker.ts';

export interface CrawlShardOptions
  extends Pick<
    CrawlOptions,
    'database' | 'dataDir' | 'contact' | 'chromium' | 'hashKey' | 'now' | 'isSynthetic' | 'signal'
  > {
  readonly policy: Policy;
  readonly portal: Portal;
  readonly jobId: string;
  /** Loopback only, milliseconds; see `CrawlOptions`. */
  readonly delayMs?: number | undefined;
}

/**
 * Crawls the shard of a job: one run a job, however many workers it takes. A run that an earlier worker began is gone on
 * with, one that it finished is left as it is.
 *
 * @throws ConfigError when the portal is not in the policy, or the shard is empty; everything that `crawl` throws.
 */
export async function crawlShard(job: CrawlJob, options: CrawlShardOptions): Promise<JobResult> {
  const {policy, portal, jobId, database, now} = options;
  const known = await runOfJob(database.orm, jobId);
  if (known !== undefined && known.verdict !== null) {
    return {isInterrupted: false, output: {runId: known.runId, verdict: known.verdict}};
  }
  const scopes = scopesOfShard(scopesOf(policy, portal.id), job.shard, job.shards);
  if (scopes.length === 0) {
    throw new ConfigError(
      `shard ${job.shard} of ${job.shards} of ${portal.id} has no place: the policy has fewer places. Register the schedule anew: raiz schedule`,
    );
  }
  const {maxPagesPerRun = 0, maxPagesPerDay} = policy.portals[portal.id] ?? {};
  const allowed = Math.min(maxPagesPerRun, portal.politeness.maxPagesPerRun);
  // Crawlee takes seconds to load: only where something is crawled.
  const {crawl} = await import('../crawl/crawl.ts');
  const {runId, verdict, pages, isInterrupted} = await crawl({
    ...options,
    scopes,
    baseUrl: job.baseUrl,
    limits: {
      maxPages: budgetOfShard(allowed, job.shards),
      maxPagesPerDay,
      ...refreshRulesOf(policy, portal.id),
    },
    resume: known?.runId,
    observedOn: bogotaDay(now()),
  });
  return {isInterrupted, output: {runId, verdict, pages}};
}
