/** Questions about the job tables that pg-boss has no words for; it owns schema `jobs`, which `openBoss` makes. */
import {sql} from 'drizzle-orm';
import type {Db} from './client.ts';

/** Of these queues, those that may hold work: a job that is due, or one that somebody works on or has left behind. */
export async function queuesWithWork(db: Db, queues: readonly string[]): Promise<Set<string>> {
  const rows = await db.execute<{name: string}>(sql`
    select distinct name from jobs.job
    where name in (select jsonb_array_elements_text(${JSON.stringify(queues)}::text::jsonb))
      and (state = 'active' or (state < 'active' and start_after < now()))`);
  return new Set(rows.map(({name}) => name));
}

export interface LeftJob {
  readonly id: string;
  readonly retryCount: number;
  readonly retryLimit: number;
}

/** Jobs of a queue that were taken and neither ended nor given back. */
export async function activeJobs(db: Db, queue: string): Promise<LeftJob[]> {
  return [
    ...(await db.execute<{id: string; retryCount: number; retryLimit: number}>(sql`
      select id, retry_count as "retryCount", retry_limit as "retryLimit"
      from jobs.job where name = ${queue} and state = 'active'`)),
  ];
}

/** Makes a taken job due again at once. `isAttempt`: it counts against the limit of attempts when it is taken next. */
export async function returnJob(
  db: Db,
  {queue, id, isAttempt}: {queue: string; id: string; isAttempt: boolean},
): Promise<void> {
  // pg-boss counts an attempt when it takes a job that was started before.
  await db.execute(sql`
    update jobs.job set state = 'retry', start_after = now(),
      started_on = case when ${isAttempt} then started_on end
    where name = ${queue} and id = ${id}::uuid and state = 'active'`);
}

/** How many crawls of a portal are neither done nor given up, not counting one. */
export async function countOpenCrawls(db: Db, portal: string, exceptId: string | null): Promise<number> {
  const [row] = await db.execute<{n: number}>(sql`
    select count(*)::int as n from jobs.job
    where name like 'crawl-%' and data ->> 'portal' = ${portal} and state <= 'active'
      and id is distinct from ${exceptId}::uuid`);
  return row?.n ?? 0;
}

/** Takes a queue away with everything in it. Whoever works on a job of it ends that job without effect on the queue. */
export async function dropQueue(db: Db, queue: string): Promise<void> {
  await db.transaction(async tx => {
    await tx.execute(sql`delete from jobs.job where name = ${queue}`);
    await tx.execute(sql`select jobs.delete_queue(${queue})`);
  });
}

export interface QueueHealth {
  readonly queue: string;
  readonly cron: string | null;
  readonly zone: string | null;
  readonly waiting: number;
  /** Tried before, to be tried again. */
  readonly retrying: number;
  readonly active: number;
  readonly doneAt: Date | null;
  /** What the newest ended job left behind, as `{"verdict": "complete", "pages": 120}` or the message of its error. */
  readonly output: Readonly<Record<string, unknown>> | null;
}

/** Every queue of crawls and the pipeline, by name. */
export async function queueHealth(db: Db): Promise<QueueHealth[]> {
  const rows = await db.execute<Record<keyof QueueHealth, never>>(sql`
    with job as (
      select name, state, completed_on, output from jobs.job
      union all select name, state, completed_on, output from jobs.archive
    ), ended as (
      select distinct on (name) name, completed_on, output from job
      where state in ('completed', 'failed') order by name, completed_on desc
    )
    select q.name as queue, s.cron, s.timezone as zone,
      (select count(*)::int from jobs.job j where j.name = q.name and j.state = 'created') as waiting,
      (select count(*)::int from jobs.job j where j.name = q.name and j.state = 'retry') as retrying,
      (select count(*)::int from jobs.job j where j.name = q.name and j.state = 'active') as active,
      e.completed_on as "doneAt", e.output
    from jobs.queue q left join jobs.schedule s using (name) left join ended e using (name)
    where q.name = 'pipeline' or q.name like 'crawl-%'
    order by q.name`);
  return rows.map(row => ({...row, doneAt: row.doneAt === null ? null : new Date(row.doneAt)}));
}

export interface DeadJob {
  readonly diedAt: Date;
  readonly data: Readonly<Record<string, unknown>>;
  readonly output: Readonly<Record<string, unknown>> | null;
}

/** Jobs given up after all attempts, newest first; they are kept for weeks. */
export async function deadJobs(db: Db, limit: number): Promise<DeadJob[]> {
  const rows = await db.execute<Record<keyof DeadJob, never>>(sql`
    select created_on as "diedAt", data, output from jobs.job
    where name = 'dead' order by created_on desc limit ${limit}`);
  return rows.map(row => ({...row, diedAt: new Date(row.diedAt)}));
}
