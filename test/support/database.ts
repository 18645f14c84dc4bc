/** Databases for tests: fresh, migrated, dropped on close. */
import {randomBytes} from 'node:crypto';
import {inject} from 'vitest';
import {connectDatabase, type Database, openPool} from '../../src/db/client.ts';
import {startEmbedded} from '../../src/db/embedded/server.ts';
import {migrateDatabase} from '../../src/db/migrate.ts';
import {withDatabase} from '../../src/db/open.ts';

/** A fresh database with all tables, on the one server of the test run; `close` drops it. */
export async function testDatabase(): Promise<Database> {
  const serverUrl = await testServerUrl();
  await ensureTemplate(serverUrl);
  const name = `raiz_test_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, sql => sql`create database ${sql(name)} template ${sql(inject('templateName'))}`);
  const database = await connectDatabase(withDatabase(serverUrl, name), {max: 5});
  const close = async () => {
    await database.close();
    await onServer(serverUrl, sql => sql`drop database if exists ${sql(name)} with (force)`);
  };
  return {...database, close};
}

/** Address of the server of the test run: any database on it, with the right to make others. */
export async function testServerUrl(): Promise<string> {
  return (
    inject('databaseUrl') ?? (await startEmbedded({dataDir: inject('serverFolder'), database: 'raiz'})).url
  );
}

/** Makes the migrated template once a run: other workers wait for it. It bears its name only when it is whole. */
async function ensureTemplate(serverUrl: string): Promise<void> {
  const name = inject('templateName');
  await onServer(serverUrl, async sql => {
    await sql`select pg_advisory_lock(hashtextextended(${name}, 0))`;
    const [known] = await sql`select 1 from pg_database where datname = ${name}`;
    if (known !== undefined) return;
    const unfinished = `${name}_new`;
    await sql`create database ${sql(unfinished)}`;
    await migrateDatabase(withDatabase(serverUrl, unfinished));
    await sql`alter database ${sql(unfinished)} rename to ${sql(name)}`;
  });
}

async function onServer(
  url: string,
  work: (sql: ReturnType<typeof openPool>) => Promise<unknown>,
): Promise<void> {
  const sql = openPool(url, {max: 1, lifetime: 'unlimited'});
  try {
    await work(sql);
  } finally {
    await sql.end({timeout: 5});
  }
}
