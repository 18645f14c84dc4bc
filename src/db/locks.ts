/** One process at a time for one kind of work, on any number of machines: session locks of PostgreSQL. */
import type {Sql} from 'postgres';
import {LockHeldError, StorageError} from '../domain/errors.ts';
import {type Database, openPool} from './client.ts';
import {explainDatabaseError} from './explain.ts';

/**
 * Runs `fn` while this process alone holds the lock `name` of this database. The lock lives on a connection of its own
 * and ends with it: a killed process leaves none behind.
 *
 * @param mode `shared`: together with others that share it, and with none that holds it alone.
 * @throws LockHeldError at once when another session holds it, naming who.
 */
export async function withAdvisoryLock<T>(
  database: Pick<Database, 'url'>,
  name: string,
  fn: () => Promise<T>,
  mode: 'alone' | 'shared' = 'alone',
): Promise<T> {
  const session = openPool(database.url, {
    max: 1,
    lifetime: 'unlimited',
    applicationName: lockSessionName(name),
  });
  try {
    const [row] = await session<{taken: boolean}[]>`
      select case when ${mode === 'shared'} then pg_try_advisory_lock_shared(hashtextextended(${name}, 0))
        else pg_try_advisory_lock(hashtextextended(${name}, 0)) end as taken`;
    if (row?.taken !== true) throw await lockHeldError(session, name);
    return await fn();
  } catch (error) {
    throw explainDatabaseError(error, database.url) ?? error;
  } finally {
    await session.end({timeout: 5});
  }
}

/** Locks of one session, for a process that takes and gives back many. */
export interface LockSession {
  /** False when another session holds it. */
  readonly tryLock: (name: string) => Promise<boolean>;
  /** Waits until the lock is free. */
  readonly lock: (name: string) => Promise<void>;
  readonly unlock: (name: string) => Promise<void>;
  /** Set when the connection ended before `close`: every lock is gone with it, and others may hold them. */
  readonly lost: AbortSignal;
  readonly close: () => Promise<void>;
}

/** Opens a session of locks on a connection of its own. A killed process leaves none behind. */
export function openLockSession(database: Pick<Database, 'url'>, purpose: string): LockSession {
  const lost = new AbortController();
  let isClosing = false;
  const session = openPool(database.url, {
    max: 1,
    lifetime: 'unlimited',
    applicationName: lockSessionName(purpose),
    onClose: () => {
      if (!isClosing) lost.abort(new StorageError('the connection that holds the locks was lost'));
    },
  });
  return {
    tryLock: async name => {
      lost.signal.throwIfAborted();
      const [row] = await session<
        {taken: boolean}[]
      >`select pg_try_advisory_lock(hashtextextended(${name}, 0)) as taken`;
      return row?.taken === true;
    },
    lock: async name => {
      lost.signal.throwIfAborted();
      await session`select pg_advisory_lock(hashtextextended(${name}, 0))`;
    },
    unlock: async name => {
      // Of a lost session nothing is left to give back.
      if (!lost.signal.aborted) await session`select pg_advisory_unlock(hashtextextended(${name}, 0))`;
    },
    lost: lost.signal,
    close: async () => {
      isClosing = true;
      await session.end({timeout: 5});
    },
  };
}

/** What pg_stat_activity shows of a holder; PostgreSQL cuts it at 63 bytes. */
function lockSessionName(name: string): string {
  return `raiz[${process.pid}] ${name}`;
}

/** PostgreSQL keeps a 64-bit advisory key as two halves, `classid` and `objid`. */
async function lockHeldError(session: Sql, name: string): Promise<LockHeldError> {
  const [holder] = await session<{pid: number; application: string; address: string | null; since: Date}[]>`
    select a.pid, a.application_name as application, host(a.client_addr) as address, a.backend_start as since
    from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted and l.objsubid = 1
      and l.database = (select oid from pg_database where datname = current_database())
      and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(${name}, 0)`;
  const who = holder
    ? `${holder.application || 'an unnamed program'} from ${holder.address ?? 'this machine'} (server pid ${holder.pid}) since ${holder.since.toISOString()}`
    : 'a session that ended just now';
  return new LockHeldError(
    `"${name}" is being done already by ${who}. Wait for it to end, or stop that program, then run this again.`,
    {context: {lock: name, ...holder}},
  );
}
