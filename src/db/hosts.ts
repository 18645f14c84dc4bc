/** Machines on which workers ran. */
import {gte, sql} from 'drizzle-orm';
import {workerHost} from '../../drizzle/schema/ops.ts';
import type {Db, Tx} from './client.ts';

/** Registers a machine with the word it leaves in its folder. Others that register it wait until this transaction ends. */
export async function registerHost(
  tx: Tx,
  {host, token, now}: {host: string; token: string; now: Date},
): Promise<void> {
  await tx
    .insert(workerHost)
    .values({host, token, seenAt: now})
    .onConflictDoUpdate({
      target: workerHost.host,
      set: {token: sql`excluded.token`, seenAt: sql`excluded.seen_at`},
    });
}

export type WorkerHost = typeof workerHost.$inferSelect;

/** Machines on which a worker did something since an instant, by name. */
export function hostsSince(db: Db, since: Date): Promise<WorkerHost[]> {
  return db.select().from(workerHost).where(gte(workerHost.seenAt, since)).orderBy(workerHost.host);
}
