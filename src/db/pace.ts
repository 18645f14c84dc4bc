import {sql} from 'drizzle-orm';
import type {Db} from './client.ts';

/**
 * No slot or pause lies further ahead (a longer pause is a refusal): one that does was written before the database's
 * clock was set back, and says nothing any more.
 */
const FURTHEST_SLOT = sql`clock_timestamp() + interval '1 hour'`;

/**
 * Takes the next free instant at which a host may be asked, in one statement, by the database's clock.
 * @param delayMs least distance to the slot before, and kept free after this one.
 * @returns milliseconds to wait until the slot; 0: now.
 */
export async function reserveSlot(db: Db, host: string, delayMs: number): Promise<number> {
  const delay = sql`${delayMs} * interval '1 millisecond'`;
  const [row] = await db.execute<{wait_ms: number}>(sql`
    insert into ops.host_pace as p (host, next_at, delay_ms)
    values (${host}, clock_timestamp() + ${delay}, ${delayMs}::int)
    on conflict (host) do update
      set next_at = ${delay} + case when p.next_at > ${FURTHEST_SLOT} then clock_timestamp() + ${delay}
                                    else greatest(p.next_at, clock_timestamp()) end,
          delay_ms = excluded.delay_ms
    returning extract(epoch from next_at - clock_timestamp())::float8 * 1000 - ${delayMs}::float8 as wait_ms`);
  return Math.max(0, row?.wait_ms ?? 0);
}

/** No slot of this host begins before so many milliseconds from now. */
export async function pauseHost(db: Db, host: string, pauseMs: number): Promise<void> {
  await db.execute(sql`
    insert into ops.host_pace as p (host, next_at, delay_ms)
    values (${host}, clock_timestamp() + ${pauseMs} * interval '1 millisecond', 0)
    on conflict (host) do update
      set next_at = case when p.next_at > ${FURTHEST_SLOT} then excluded.next_at else greatest(p.next_at, excluded.next_at) end`);
}
