/** What workers do: crawl a shard of a portal, and run every stage. */
import {z} from 'zod';
import {ConfigError} from '../domain/errors.ts';

const crawlJob = z.strictObject({
  kind: z.literal('crawl'),
  portal: z.string(),
  /** 1 to `shards`. */
  shard: z.int().min(1),
  shards: z.int().min(1),
  /** Loopback server that stands in for the portal; in the simulated installation always, elsewhere never. */
  baseUrl: z.string().optional(),
});

const pipelineJob = z.strictObject({kind: z.literal('pipeline')});

const jobSchema = z.discriminatedUnion('kind', [crawlJob, pipelineJob]);

export type CrawlJob = z.infer<typeof crawlJob>;
export type Job = z.infer<typeof jobSchema>;

export const PIPELINE_QUEUE = 'pipeline';
/** Where jobs go that failed at every attempt. */
export const DEAD_QUEUE = 'dead';

/** One queue a shard: its lock is what makes a job of it the only one. */
export function crawlQueue(portal: string, shard: number): string {
  return `crawl-${portal}-${shard}`;
}

/** Undefined for queues that hold no crawls. */
export function portalOfQueue(queue: string): string | undefined {
  return /^crawl-(.+)-\d+$/.exec(queue)?.[1];
}

/**
 * Reads a job as it lies in the database.
 * @throws ConfigError when it is not one that this version can do in this installation.
 */
export function readJob(data: unknown, {isDemo}: {isDemo: boolean}): Job {
  const read = jobSchema.safeParse(data);
  if (!read.success) {
    throw new ConfigError(
      `this version of Raíz can't do such a job: ${z.prettifyError(read.error)}\nRegister the schedule anew: raiz schedule`,
    );
  }
  if (read.data.kind === 'crawl') requirePlace(read.data, isDemo);
  return read.data;
}

/** @throws ConfigError: simulated data only where they belong, and real sites never from there. */
function requirePlace(job: CrawlJob, isDemo: boolean): void {
  if (isDemo && job.baseUrl === undefined) {
    throw new ConfigError(
      '--demo holds simulated data only: say where the simulator answers, with --base-url',
    );
  }
  if (!isDemo && job.baseUrl !== undefined) {
    throw new ConfigError(
      `a job with a base URL (${job.baseUrl}) belongs into the simulated installation: use --demo`,
    );
  }
}
