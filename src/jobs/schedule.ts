/** Cron of the policy → schedules of pg-boss, and what they look like. */
import cronParser from 'cron-parser';
import {CRON_HINT, CRON_ZONE, isCron, type Policy} from '../config/policy.ts';
import {loopbackUrl} from '../crawl/address.ts';
import type {Db} from '../db/client.ts';
import {type DeadJob, deadJobs, dropQueue, type QueueHealth, queueHealth} from '../db/jobs.ts';
import {ConfigError} from '../domain/errors.ts';
import type {Boss} from './boss.ts';
import {type CrawlJob, crawlQueue, portalOfQueue, readJob} from './job.ts';

export interface ScheduledCrawl {
  readonly queue: string;
  readonly cron: string;
  readonly job: CrawlJob;
}

export interface ScheduleOptions {
  readonly isDemo: boolean;
  readonly baseUrl?: string | undefined;
  /** Parts of each crawl instead of the policy's number. */
  readonly shards?: number | undefined;
  /** Instead of the policy's, in the simulated installation. */
  readonly cron?: string | undefined;
}

/**
 * The crawls that the policy wants at certain times, one a shard.
 * @throws ConfigError when no portal has a cadence, or the base URL is not for this installation or no loopback address.
 */
export function scheduledCrawls(policy: Policy, options: ScheduleOptions): ScheduledCrawl[] {
  const {baseUrl, isDemo, cron} = options;
  if (cron !== undefined) requireDemoCron(cron, isDemo);
  if (baseUrl !== undefined) loopbackUrl(baseUrl);
  const crawls = Object.entries(policy.portals).flatMap(([portal, {cadence, places}]) => {
    if (cadence === undefined) return [];
    const shards = Math.min(options.shards ?? cadence.shards, places.length);
    return Array.from({length: shards}, (_, n) => {
      const job: CrawlJob = {
        ...{kind: 'crawl', portal, shard: n + 1, shards},
        ...(baseUrl === undefined ? {} : {baseUrl}),
      };
      readJob(job, {isDemo});
      return {queue: crawlQueue(portal, n + 1), cron: cron ?? cadence.cron, job};
    });
  });
  if (crawls.length === 0) {
    throw new ConfigError(
      "no portal of raiz.config.ts has a cadence: add cadence: {cron: '30 2 * * *', shards: 1} to one",
    );
  }
  return crawls;
}

/** @throws ConfigError: what a real installation does stands in its policy, where it can be reviewed. */
function requireDemoCron(cron: string, isDemo: boolean): void {
  if (!isDemo)
    throw new ConfigError('--cron is for --demo: real crawls have their cadence in raiz.config.ts');
  if (!isCron(cron)) throw new ConfigError(`--cron "${cron}": ${CRON_HINT}`);
}

/** Makes the schedules those of the policy: new and changed ones are set, others end with their queues. */
export async function registerSchedule(
  {queues, ensureQueue}: Boss,
  db: Db,
  crawls: readonly ScheduledCrawl[],
): Promise<void> {
  const wanted = new Set(crawls.map(({queue}) => queue));
  for (const {name} of await queues.getQueues()) {
    if (portalOfQueue(name) !== undefined && !wanted.has(name)) await dropQueue(db, name);
  }
  for (const {queue, cron, job} of crawls) {
    await ensureQueue(queue);
    await queues.schedule(queue, cron, job, {tz: CRON_ZONE});
  }
}

/** Sends the crawls now, whatever their cron says. @returns how many; one that waits already is not doubled. */
export async function sendNow({queues}: Boss, crawls: readonly ScheduledCrawl[]): Promise<number> {
  const ids: (string | null)[] = [];
  for (const {queue, job} of crawls) ids.push(await queues.send(queue, job));
  return ids.filter(id => id !== null).length;
}

export interface ScheduleHealth {
  readonly queues: readonly (QueueHealth & {readonly nextAt: Date | null})[];
  readonly dead: readonly DeadJob[];
}

const DEAD_SHOWN = 20;

/** Queues with what waits in them and when they are sent next, and the newest jobs that were given up. */
export async function scheduleHealth(db: Db, now: Date): Promise<ScheduleHealth> {
  const queues = (await queueHealth(db)).map(queue => ({...queue, nextAt: nextRun(queue, now)}));
  return {queues, dead: await deadJobs(db, DEAD_SHOWN)};
}

function nextRun({cron, zone}: QueueHealth, now: Date): Date | null {
  if (cron === null) return null;
  return cronParser
    .parseExpression(cron, {currentDate: now, tz: zone ?? CRON_ZONE})
    .next()
    .toDate();
}
