/** pg-boss on Raíz's own database: schema `jobs`, through the one driver. */
import PgBoss from 'pg-boss';
import {connectDatabase, type Database} from '../db/client.ts';
import {openLockSession} from '../db/locks.ts';
import {DEAD_QUEUE, PIPELINE_QUEUE} from './job.ts';

export interface Boss {
  readonly queues: PgBoss;
  /** Creates a queue unless it exists: at most one job waits in it, failures rest longer each time, then go to `dead`. */
  readonly ensureQueue: (name: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface BossOptions {
  /** Send jobs when their cron says so, and tidy up; of many such processes one does it at a time. */
  readonly isTimekeeper: boolean;
  /** Errors of the timekeeper; it goes on. */
  readonly onError: (error: Error) => void;
}

const QUEUE = {
  policy: 'short',
  retryLimit: 5,
  retryDelay: 60,
  retryBackoff: true,
  /** pg-boss allows less than a day. A dead worker is found by its lock, long before. */
  expireInSeconds: 23 * 3600,
  deadLetter: DEAD_QUEUE,
} as const;

/** Opens the queues, making their tables when they are missing. */
export async function openBoss(database: Pick<Database, 'url'>, options: BossOptions): Promise<Boss> {
  const {isTimekeeper, onError} = options;
  // One connection: pg-boss sends its own BEGIN and COMMIT.
  const own = await connectDatabase(database.url, {max: 1, applicationName: `raiz[${process.pid}] jobs`});
  const queues = new PgBoss({
    db: {executeSql: (text, values) => execute(own, text, values)},
    schema: 'jobs',
    schedule: isTimekeeper,
    supervise: isTimekeeper,
  });
  queues.on('error', onError);
  const ensureQueue = async (name: string) => {
    await queues.createQueue(name, {name, ...QUEUE});
  };
  const close = async () => {
    await queues.stop({graceful: false});
    await own.close();
  };
  try {
    await inTurn(database, async () => {
      await queues.start();
      await queues.createQueue(DEAD_QUEUE);
      await ensureQueue(PIPELINE_QUEUE);
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {queues, ensureQueue, close};
}

/** pg-boss leaves a connection unusable when two processes make its tables at once: they take turns. */
async function inTurn(database: Pick<Database, 'url'>, work: () => Promise<void>): Promise<void> {
  const locks = openLockSession(database, 'jobs set-up');
  try {
    await locks.lock('jobs:set-up');
    await work();
  } finally {
    await locks.close();
  }
}

async function execute({sql}: Database, text: string, values?: readonly unknown[]) {
  const rows =
    values === undefined
      ? await sql.unsafe(text)
      : await sql.unsafe(
          text,
          // The driver refuses undefined, which pg-boss means as null.
          values.map(value => (value ?? null) as Parameter),
        );
  return {rows: [...rows]};
}

type Parameter = NonNullable<Parameters<Database['sql']['unsafe']>[1]>[number];
