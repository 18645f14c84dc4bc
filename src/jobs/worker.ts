/**
 * Takes jobs and does them, one at a time. Any number of workers on any number of machines may run.
 *
 * A worker holds the lock of a queue from before it takes a job until the job has ended. So a job that was taken from a
 * queue whose lock is free has lost its worker, whatever happened to that; whoever gets the lock gives it out again.
 */
import {setTimeout as sleep} from 'node:timers/promises';
import type {Database} from '../db/client.ts';
import {withoutParameters} from '../db/explain.ts';
import {activeJobs, countOpenCrawls, queuesWithWork, returnJob} from '../db/jobs.ts';
import {type LockSession, openLockSession} from '../db/locks.ts';
import type {Boss} from './boss.ts';
import {type CrawlJob, type Job, PIPELINE_QUEUE, portalOfQueue, readJob} from './job.ts';

export interface JobResult {
  /** The signal was set before the work was done: the job goes back and does not count as tried. */
  readonly isInterrupted: boolean;
  /** Kept with the job, for `raiz schedule list`. */
  readonly output: Readonly<Record<string, unknown>>;
}

export interface WorkerOptions {
  readonly database: Database;
  readonly boss: Boss;
  readonly isDemo: boolean;
  /** Crawls of these portals only; of all unless told. The pipeline in any case. */
  readonly portals?: readonly string[] | undefined;
  /** End when nothing can be done now, instead of waiting for more. */
  readonly once: boolean;
  /** Ends the worker: work in hand is broken off where it can be resumed, and the job goes back. */
  readonly signal: AbortSignal;
  readonly crawl: (job: CrawlJob, jobId: string, signal: AbortSignal) => Promise<JobResult>;
  readonly pipeline: (signal: AbortSignal) => Promise<JobResult>;
  readonly onEvent: (event: WorkerEvent) => void;
  /** Milliseconds between two looks at the queues; 3000 unless told. */
  readonly pollMs?: number | undefined;
}

export interface WorkerEvent {
  readonly queue: string;
  readonly jobId: string;
  readonly what: 'begun' | 'given out again' | 'done' | 'given back' | 'failed';
  /** Of `done` what the job left behind, of `failed` the message. */
  readonly output?: Readonly<Record<string, unknown>>;
}

interface TakenJob {
  readonly queue: string;
  readonly id: string;
  readonly data: unknown;
}

/**
 * Works until the signal is set, or with `once` until nothing can be done now.
 * @returns jobs that ended here, done or failed.
 * @throws StorageError when the database is lost; the job in hand is then another worker's.
 */
export async function runWorker(options: WorkerOptions): Promise<{done: number; failed: number}> {
  const {database, once, signal, pollMs = 3000} = options;
  const ended = {done: 0, failed: 0};
  const locks = openLockSession(database, 'worker');
  try {
    while (!signal.aborted) {
      locks.lost.throwIfAborted();
      const job = await takeJob(options, locks);
      if (job !== undefined) {
        const end = await workOn(job, options, locks);
        if (end !== 'given back') ended[end] += 1;
      } else if (once) break;
      else await restUntil(pollMs, signal);
    }
  } finally {
    await locks.close();
  }
  return ended;
}

async function restUntil(pollMs: number, signal: AbortSignal): Promise<void> {
  await sleep(pollMs, undefined, {signal}).catch(error => {
    if (!signal.aborted) throw error;
  });
}

/** The next job that nobody works on; its queue is then locked. */
async function takeJob(options: WorkerOptions, locks: LockSession): Promise<TakenJob | undefined> {
  const {database, boss, portals} = options;
  const known = await boss.queues.getQueues();
  const crawls = known.map(({name}) => name).filter(name => isOf(portalOfQueue(name), portals));
  // What was collected is interpreted before more is collected.
  const queues = [PIPELINE_QUEUE, ...crawls.sort()];
  const hopeful = await queuesWithWork(database.orm, queues);
  for (const queue of queues) {
    if (!hopeful.has(queue) || !(await locks.tryLock(lockOf(queue)))) continue;
    await giveOutAgain(queue, options, locks);
    const [job] = await boss.queues.fetch(queue);
    if (job !== undefined) return {queue, id: job.id, data: job.data};
    await locks.unlock(lockOf(queue));
  }
  return undefined;
}

function isOf(portal: string | undefined, portals: readonly string[] | undefined): boolean {
  return portal !== undefined && (portals?.includes(portal) ?? true);
}

const lockOf = (queue: string) => `job:${queue}`;

/** Jobs whose worker is gone: due again at once, or dead when that was their last attempt. */
async function giveOutAgain(queue: string, options: WorkerOptions, locks: LockSession): Promise<void> {
  const {database, onEvent} = options;
  const output = {message: 'each of its workers ended without a word'};
  for (const {id, retryCount, retryLimit} of await activeJobs(database.orm, queue)) {
    if (retryCount < retryLimit) await returnJob(database.orm, {queue, id, isAttempt: true});
    else await failJob({queue, id, output}, options, locks);
    onEvent({queue, jobId: id, what: 'given out again'});
  }
}

async function workOn(
  {queue, id, data}: TakenJob,
  options: WorkerOptions,
  locks: LockSession,
): Promise<'done' | 'failed' | 'given back'> {
  const {database, signal, onEvent} = options;
  onEvent({queue, jobId: id, what: 'begun'});
  try {
    const job = readJob(data, options);
    const {isInterrupted, output} = await doJob(job, id, options, AbortSignal.any([signal, locks.lost]));
    // Whoever has the lock now answers for the job.
    locks.lost.throwIfAborted();
    if (isInterrupted) {
      await returnJob(database.orm, {queue, id, isAttempt: false});
      onEvent({queue, jobId: id, what: 'given back'});
      return 'given back';
    }
    await endJob({queue, id, job, output}, options, locks);
    onEvent({queue, jobId: id, what: 'done', output});
    return 'done';
  } catch (error) {
    locks.lost.throwIfAborted();
    const bare = withoutParameters(error);
    const output = {message: bare instanceof Error ? bare.message : String(bare)};
    await failJob({queue, id, output}, options, locks);
    onEvent({queue, jobId: id, what: 'failed', output});
    return 'failed';
  } finally {
    await locks.unlock(lockOf(queue));
  }
}

function doJob(job: Job, id: string, options: WorkerOptions, signal: AbortSignal): Promise<JobResult> {
  return job.kind === 'crawl' ? options.crawl(job, id, signal) : options.pipeline(signal);
}

/**
 * Completes a job; the last crawl of a portal's round sends the pipeline first. A kill in between sends it again, which
 * costs a look at what changed.
 */
async function endJob(
  {queue, id, job, output}: {queue: string; id: string; job: Job; output: JobResult['output']},
  options: WorkerOptions,
  locks: LockSession,
): Promise<void> {
  const {queues} = options.boss;
  const complete = async () => {
    await queues.complete(queue, id, output);
  };
  if (job.kind !== 'crawl') return complete();
  await inTurn(locks, async () => {
    await sendPipelineUnless(options, job.portal, id);
    await complete();
  });
}

/** What other shards collected is interpreted even when this one has failed for good. */
async function failJob(
  {queue, id, output}: {queue: string; id: string; output: JobResult['output']},
  options: WorkerOptions,
  locks: LockSession,
): Promise<void> {
  const portal = portalOfQueue(queue);
  await inTurn(locks, async () => {
    await options.boss.queues.fail(queue, id, output);
    if (portal !== undefined) await sendPipelineUnless(options, portal, null);
  });
}

/** Sends the pipeline unless other crawls of the portal are still to be done. */
async function sendPipelineUnless(
  {database, boss}: WorkerOptions,
  portal: string,
  exceptId: string | null,
): Promise<void> {
  if ((await countOpenCrawls(database.orm, portal, exceptId)) > 0) return;
  await boss.queues.send(PIPELINE_QUEUE, {kind: 'pipeline'});
}

/** Of two jobs that end at once, the second must see that the first has ended. */
async function inTurn(locks: LockSession, work: () => Promise<void>): Promise<void> {
  await locks.lock('job:end');
  try {
    await work();
  } finally {
    await locks.unlock('job:end');
  }
}
