/** A database of its own for a bench, and what its server costs. */
import {readdirSync} from 'node:fs';
import {env} from '../../src/config/env.ts';
import {connectDatabase, type Database} from '../../src/db/client.ts';
import {startEmbedded, stopEmbedded} from '../../src/db/embedded/server.ts';
import {migrateDatabase} from '../../src/db/migrate.ts';
import {withDatabase} from '../../src/db/open.ts';
import {statOf, TICKS_PER_SECOND} from './cpu.ts';

export interface BenchDatabase {
  readonly database: Database;
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Migrated and empty; dropped by `close`. On the server of RAIZ_DATABASE_URL, or an embedded one in the folder. */
export async function openBenchDatabase(folder: string): Promise<BenchDatabase> {
  const {databaseUrl} = env();
  const name = `raiz_bench_${process.pid}`;
  const serverUrl = databaseUrl ?? (await startEmbedded({dataDir: folder, database: 'raiz'})).url;
  const server = await connectDatabase(serverUrl, {max: 1});
  await server.sql`create database ${server.sql(name)}`;
  const url = withDatabase(serverUrl, name);
  await migrateDatabase(url);
  const database = await connectDatabase(url);
  return {
    database,
    url,
    close: async () => {
      await database.close();
      await server.sql`drop database ${server.sql(name)} with (force)`;
      await server.close();
      if (databaseUrl === undefined) await stopEmbedded(folder);
    },
  };
}

/** CPU of the server's processes, those that ended included; 0 where /proc doesn't show them (macOS, another host). */
export async function postgresCpuSeconds(database: Database): Promise<number> {
  const [row] = await database.sql<{pid: number}[]>`select pg_backend_pid() as pid`;
  const own = statOf(row?.pid ?? 0);
  if (own === undefined) return 0;
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    if (stat === undefined) continue;
    if (Number(name) === own.parent) ticks += stat.own + stat.children;
    else if (stat.parent === own.parent) ticks += stat.own;
  }
  return ticks / TICKS_PER_SECOND;
}
