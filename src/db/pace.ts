import {sql} from 'drizzle-orm';
import type {Db} from './client.ts';

/**
 * Takes the next free instant at which a host may be asked, in one statement, by the database's clock.
 * @param delayMs least distance to the slot before, and kept free after this one.
 * @returns milliseconds to wait until the slot; 0: now.
 */
export async function reserveSlot(db: Db, host: string, delayMs: number): Promise<number> {
  const [row] = await db.execute<{wait_ms: number}>(sql`
    insert into ops.host_pace as p (host, next_at, delay_ms)
    values (${host}, clock_timestamp() + ${delayMs} * interval '1 millisecond', ${delayMs}::int)
    on conflict (host) do update
      set next_at = greatest(p.next_at, clock_timestamp()) + ${delayMs} * interval '1 millisecond', delay_ms = excluded.delay_ms
    returning extract(epoch from next_at - clock_timestamp())::float8 * 1000 - ${delayMs}::float8 as wait_ms`);
  return Math.max(0, row?.wait_ms ?? 0);
}

/** No slot of this host begins before so many milliseconds from now. */
export async function pauseHost(db: Db, host: string, pauseMs: number): Promise<void> {
  await db.execute(sql`
    insert into ops.host_pace as p (host, next_at, delay_ms)
    values (${host}, clock_timestamp() + ${pauseMs} * interval '1 millisecond', 0)
    on conflict (host) do update set next_at = greatest(p.next_at, excluded.next_at)`);
}
