import {and, eq, inArray, sql} from 'drizzle-orm';
import {issue, stageRun, stageState} from '../../drizzle/schema/ops.ts';
import type {Database, Tx} from '../db/client.ts';
import {withoutParameters} from '../db/explain.ts';
import {withAdvisoryLock} from '../db/locks.ts';
import {ContractError} from '../domain/errors.ts';
import type {StageContext, StageDefinition, StageReport, StageSettings} from './define-stage.ts';

/** A stage that fails for more than this share of its keys is broken, not unlucky. */
const MAX_FAILED_SHARE = 0.02;
/** Below this many failures the share says nothing. */
const MIN_FAILED_KEYS = 3;

interface WorkRow {
  readonly key: string;
  readonly inputHash: string;
}

interface FailedKey extends WorkRow {
  readonly error: unknown;
}

/** From so many keys on, what the planner knows of the written tables is old. */
const MANY_KEYS = 500;

/** Signals that a dry run's batch is to be rolled back; never leaves this file. */
class DryRunRollback extends Error {}

/**
 * Runs one stage: lock, find work, then one transaction a batch (load → core → save → remember the hash).
 *
 * A kill between batches loses nothing: what is remembered was saved in the same transaction.
 * @throws LockHeldError when another process runs this stage; ContractError when more than 2 % of the keys throw.
 */
export async function runStage<Shared, Input extends {readonly key: string}, Output>(
  stage: StageDefinition<Shared, Input, Output>,
  database: Database,
  settings: StageSettings,
): Promise<StageReport> {
  return withAdvisoryLock(database, `stage:${stage.name}`, () => runLocked(stage, database, settings));
}

async function runLocked<Shared, Input extends {readonly key: string}, Output>(
  stage: StageDefinition<Shared, Input, Output>,
  database: Database,
  settings: StageSettings,
): Promise<StageReport> {
  const {onProgress, options = {}} = settings;
  const started = settings.now();
  const clock = performance.now();
  await stage.refresh?.(database);
  const {work, vanished} = await findWork(stage, database, options.rebuild ?? false, settings);
  const stageRunId = await openStageRun(database, stage, started, work.length);
  const counts: Record<string, number> = {};
  const failed: FailedKey[] = [];
  let done = 0;
  const report = (note?: string) =>
    onProgress?.({stage: stage.name, done, total: work.length, ...(note === undefined ? {} : {note})});
  const context: StageContext = {
    stageRunId,
    now: started,
    dataDir: settings.dataDir,
    options,
    note: line => report(line),
  };
  try {
    if (work.length > 0 || vanished.length > 0) {
      if (vanished.length > 0 && options.dryRun !== true) await removeVanished(stage, database, vanished);
      const shared = await stage.prepare(database, context);
      let next = 0;
      const takeBatches = async (): Promise<void> => {
        while (next < work.length) {
          const batch = work.slice(next, next + stage.batchSize);
          next += batch.length;
          // After a failure elsewhere nothing new is begun; what is under way ends in its own transaction.
          const result = await runBatch(stage, database, batch, shared, context).catch((error: unknown) => {
            next = work.length;
            throw error;
          });
          for (const [name, count] of Object.entries(result.counts))
            counts[name] = (counts[name] ?? 0) + count;
          failed.push(...result.failed);
          done += batch.length;
          report();
        }
      };
      const takers = Array.from({length: stage.batchesAtOnce ?? 1}, takeBatches);
      for (const end of await Promise.allSettled(takers)) if (end.status === 'rejected') throw end.reason;
    }
    refuseTooManyFailures(stage.name, work.length, failed);
    if (work.length >= MANY_KEYS && options.dryRun !== true) await renewStatistics(stage, database);
  } catch (error) {
    await closeStageRun(
      database,
      stageRunId,
      'failed',
      settings.now(),
      clock,
      done,
      failed.length,
      counts,
      messageOf(error),
    );
    throw error;
  }
  const seconds = (performance.now() - clock) / 1000;
  await closeStageRun(database, stageRunId, 'done', settings.now(), clock, done, failed.length, counts, null);
  return {
    stage: stage.name,
    keysFound: work.length,
    keysDone: done - failed.length,
    keysFailed: failed.length,
    seconds,
    counts,
  };
}

async function findWork<Shared, Input extends {readonly key: string}, Output>(
  stage: StageDefinition<Shared, Input, Output>,
  database: Database,
  rebuild: boolean,
  settings: StageSettings,
): Promise<{work: WorkRow[]; vanished: string[]}> {
  const options = settings.options ?? {};
  const rows = await database.orm.execute<{key: string; input_hash: string | null}>(sql`
    with work as (${stage.work(options)})
    select coalesce(w.key, s.key) as key, w.input_hash
    from work w
    full join (select * from ops.stage_state where stage = ${stage.name}) s on s.key = w.key
    where w.key is null or ${rebuild} or s.input_hash is distinct from w.input_hash or s.version <> ${stage.version}
    order by 1`);
  const work: WorkRow[] = [];
  const vanished: string[] = [];
  for (const row of rows) {
    if (row.input_hash === null) vanished.push(row.key);
    else work.push({key: row.key, inputHash: row.input_hash});
  }
  // A narrowed run sees only part of the keys: what it doesn't see hasn't vanished.
  return {work, vanished: options.portal === undefined ? vanished : []};
}

async function runBatch<Shared, Input extends {readonly key: string}, Output>(
  stage: StageDefinition<Shared, Input, Output>,
  database: Database,
  batch: readonly WorkRow[],
  shared: Shared,
  context: StageContext,
): Promise<{counts: Readonly<Record<string, number>>; failed: FailedKey[]}> {
  const failed: FailedKey[] = [];
  let counts: Readonly<Record<string, number>> = {};
  try {
    await database.orm.transaction(async tx => {
      const hashes = new Map(batch.map(row => [row.key, row.inputHash]));
      const results: {key: string; output: Output}[] = [];
      for (const input of await stage.load(tx, [...hashes.keys()], shared, context)) {
        try {
          results.push({key: input.key, output: await stage.core(input, shared, context)});
        } catch (error) {
          if (stage.onKeyError === 'fail') throw error;
          failed.push({key: input.key, inputHash: hashes.get(input.key) ?? '', error});
        }
      }
      counts = await stage.save(tx, results, shared, context);
      await rememberBatch(tx, stage.name, stage.version, context, batch, failed);
      if (context.options.dryRun === true) throw new DryRunRollback();
    });
  } catch (error) {
    if (!(error instanceof DryRunRollback)) throw error;
  }
  return {counts, failed};
}

async function rememberBatch(
  tx: Tx,
  name: string,
  version: number,
  context: StageContext,
  batch: readonly WorkRow[],
  failed: readonly FailedKey[],
): Promise<void> {
  const hashes = Object.fromEntries(batch.map(({key, inputHash}) => [key, inputHash]));
  const errors = Object.fromEntries(failed.map(({key, error}) => [key, messageOf(error)]));
  // What the keys share is said once: rows of their own would cost twice as much.
  await tx.execute(sql`
    insert into ${stageState} (stage, key, input_hash, version, stage_run_id, error)
    select ${name}, given.key, given.value, ${version}::int, ${context.stageRunId}::bigint, failed.value
    from jsonb_each_text(${JSON.stringify(hashes)}::jsonb) given
      left join jsonb_each_text(${JSON.stringify(errors)}::jsonb) failed using (key)
    on conflict (stage, key) do update set input_hash = excluded.input_hash, version = excluded.version,
      stage_run_id = excluded.stage_run_id, error = excluded.error`);
  if (failed.length === 0) return;
  const occurrences = new Map<string, number>();
  for (const message of Object.values(errors)) occurrences.set(message, (occurrences.get(message) ?? 0) + 1);
  for (const [message, count] of occurrences) {
    await tx
      .insert(issue)
      .values({
        fingerprint: `stage:${name}:${message}`,
        code: 'stage_key_failed',
        source: name,
        message,
        occurrences: count,
        firstSeenAt: context.now,
        lastSeenAt: context.now,
      })
      .onConflictDoUpdate({
        target: issue.fingerprint,
        set: {occurrences: sql`${issue.occurrences} + ${count}`, lastSeenAt: context.now},
      });
  }
}

async function removeVanished<Shared, Input extends {readonly key: string}, Output>(
  stage: StageDefinition<Shared, Input, Output>,
  database: Database,
  keys: readonly string[],
): Promise<void> {
  await database.orm.transaction(async tx => {
    await stage.remove?.(tx, keys);
    for (let start = 0; start < keys.length; start += 1000) {
      const some = keys.slice(start, start + 1000);
      await tx.delete(stageState).where(and(eq(stageState.stage, stage.name), inArray(stageState.key, some)));
    }
  });
}

function refuseTooManyFailures(stage: string, total: number, failed: readonly FailedKey[]): void {
  const first = failed[0];
  if (first === undefined) return;
  if (failed.length < MIN_FAILED_KEYS || failed.length / total <= MAX_FAILED_SHARE) return;
  throw new ContractError(
    `stage ${stage}: ${failed.length} of ${total} keys failed, more than 2 %. First: ${first.key}: ${messageOf(first.error)}. ` +
      'Everything else is saved; mend the cause and run the stage again.',
    {context: {stage, failed: failed.length, total}, cause: first.error},
  );
}

/**
 * PostgreSQL does it by itself within a minute or so; the next stage begins at once, and without statistics its search
 * for work took 9 s instead of 0.1 s on the demo.
 */
async function renewStatistics({writes}: {readonly writes: readonly string[]}, {orm}: Database) {
  await orm.execute(sql.raw(`analyze ${[...writes, 'ops.stage_state'].join(', ')}`));
}

async function openStageRun(
  database: Database,
  stage: {name: string; version: number},
  startedAt: Date,
  keysFound: number,
): Promise<number> {
  const [row] = await database.orm
    .insert(stageRun)
    .values({stage: stage.name, version: stage.version, status: 'running', startedAt, keysFound})
    .returning({id: stageRun.stageRunId});
  if (row === undefined) throw new ContractError(`stage ${stage.name}: the database gave no stage run id`);
  return row.id;
}

async function closeStageRun(
  database: Database,
  stageRunId: number,
  status: 'done' | 'failed',
  finishedAt: Date,
  clock: number,
  keysDone: number,
  keysFailed: number,
  counts: Record<string, number>,
  message: string | null,
): Promise<void> {
  await database.orm
    .update(stageRun)
    .set({
      status,
      finishedAt,
      keysDone,
      keysFailed,
      counts,
      message,
      seconds: (performance.now() - clock) / 1000,
    })
    .where(eq(stageRun.stageRunId, stageRunId));
}

/**
 * For people and for storage: without the values a failed query was given, which may be anything, and without what
 * PostgreSQL can't hold (U+0000, half of a letter cut in two).
 */
function messageOf(error: unknown): string {
  const bare = withoutParameters(error);
  const text = (bare instanceof Error ? bare.message : String(bare)).slice(0, 300);
  return text.replaceAll('\u0000', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD');
}
