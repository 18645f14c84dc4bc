/** Restoring a backup: into an empty database, in one transaction, compared row for row with what was backed up. */
import {randomBytes} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {cp, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {fileURLToPath} from 'node:url';
import {createGunzip} from 'node:zlib';
import {drizzle} from 'drizzle-orm/postgres-js';
import {migrate} from 'drizzle-orm/postgres-js/migrator';
import type {Sql, TransactionSql} from 'postgres';
import {z} from 'zod';
import {ConfigError, ContractError} from '../domain/errors.ts';
import {
  type BackupManifest,
  type BackupTable,
  hashing,
  LAYERS,
  quoted,
  readManifest,
  schemaVersion,
  tableState,
} from './backup.ts';
import {openPool} from './client.ts';
import {codeOf, explainDatabaseError} from './explain.ts';
import {migrateDatabase} from './migrate.ts';
import {withDatabase} from './open.ts';

const MIGRATIONS = fileURLToPath(new URL('../../drizzle/migrations', import.meta.url));

export interface Restored {
  readonly manifest: BackupManifest;
  readonly tables: number;
  readonly rows: number;
  readonly seconds: number;
}

/**
 * Restores a backup into an empty database, at the backup's version of the tables, and brings it up to date. All or
 * nothing: every file's digest, every table's row count and checksum must be those of the manifest.
 *
 * @throws ConfigError database not empty, backup of a newer Raíz; ContractError the backup is damaged.
 */
export async function restoreBackup(url: string, folder: string): Promise<Restored> {
  const manifest = await readManifest(folder);
  const started = performance.now();
  const session = openPool(url, {max: 1, lifetime: 'unlimited'});
  try {
    await requireEmpty(session, url, manifest);
    await migrateTo(session, manifest.schemaVersion);
    await session.begin(async tx => {
      for (const table of manifest.tables) await loadTable(tx, folder, table);
      for (const {name, lastValue} of manifest.sequences)
        await tx`select setval(${name}::regclass, ${lastValue})`;
    });
  } catch (error) {
    throw explainDatabaseError(error, url) ?? error;
  } finally {
    await session.end({timeout: 5});
  }
  await migrateDatabase(url);
  return {
    manifest,
    tables: manifest.tables.length,
    rows: manifest.tables.reduce((total, table) => total + table.rows, 0),
    seconds: (performance.now() - started) / 1000,
  };
}

/** Restores into a new database of the same server. @returns its address. */
export async function restoreInto(
  serverUrl: string,
  name: string,
  folder: string,
): Promise<Restored & {url: string}> {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) {
    throw new ConfigError(
      `"${name}" is no name for a database here: small letters, digits and _, a letter first.`,
    );
  }
  await readManifest(folder);
  await onServer(serverUrl, async sql => {
    const [known] = await sql`select 1 from pg_database where datname = ${name}`;
    if (known === undefined) await sql`create database ${sql(name)}`;
  });
  const url = withDatabase(serverUrl, name);
  return {...(await restoreBackup(url, folder)), url};
}

/** The drill: restores into a scratch database, which compares everything, and drops it. */
export async function checkRestore(serverUrl: string, folder: string): Promise<Restored> {
  const name = `raiz_restore_check_${randomBytes(4).toString('hex')}`;
  try {
    return await restoreInto(serverUrl, name, folder);
  } finally {
    await onServer(serverUrl, sql => sql`drop database if exists ${sql(name)} with (force)`);
  }
}

async function requireEmpty(sql: Sql, url: string, manifest: BackupManifest): Promise<void> {
  const tables = await sql<{name: string}[]>`
    select schemaname || '.' || tablename as name from pg_tables where schemaname in ${sql([...LAYERS])}`;
  for (const {name} of tables) {
    const [row] = await sql.unsafe(`select 1 from ${name} limit 1`);
    if (row === undefined) continue;
    throw new ConfigError(
      `The database "${new URL(url).pathname.slice(1)}" is not empty (${name} has rows): nothing is restored over it. Restore into another one with --into <name>.`,
    );
  }
  const applied = await schemaVersion(sql);
  if (applied > manifest.schemaVersion) {
    throw new ConfigError(
      'The empty database has newer tables than the backup. Restore into a new one with --into <name>: it begins with the tables of the backup.',
    );
  }
}

const journalSchema = z.looseObject({entries: z.array(z.looseObject({when: z.int(), tag: z.string()}))});

/** Applies the migrations up to a version, so that later ones change the restored rows as they changed the living. */
async function migrateTo(session: Sql, version: number): Promise<void> {
  const journal = journalSchema.parse(
    JSON.parse(await readFile(join(MIGRATIONS, 'meta', '_journal.json'), 'utf8')),
  );
  const entries = journal.entries.filter(entry => entry.when <= version);
  if (entries.at(-1)?.when !== version) {
    throw new ConfigError(
      'The backup is of another version of Raíz than this one knows. Update Raíz (git pull, npm ci).',
      {
        context: {schemaVersion: version},
      },
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'raiz-migrations-'));
  try {
    await mkdir(join(folder, 'meta'));
    await writeFile(join(folder, 'meta', '_journal.json'), JSON.stringify({...journal, entries}));
    for (const {tag} of entries) await cp(join(MIGRATIONS, `${tag}.sql`), join(folder, `${tag}.sql`));
    await migrate(drizzle(session), {migrationsFolder: folder});
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

async function loadTable(tx: TransactionSql, folder: string, table: BackupTable): Promise<void> {
  const {name, columns, file, rows, checksum} = table;
  const {through, sha256} = hashing();
  const rowsIn = await tx.unsafe(`copy ${name} (${quoted(columns)}) from stdin`).writable();
  try {
    await pipeline(createReadStream(join(folder, file)), through, createGunzip(), rowsIn);
  } catch (cause) {
    throw damaged(folder, file, codeOf(cause) ?? String(cause), cause);
  }
  if (sha256() !== table.sha256) throw damaged(folder, file, 'its digest is another');
  const state = await tableState(tx, table);
  if (state.rows !== rows || state.checksum !== checksum) {
    throw damaged(folder, file, `${state.rows} rows came back of ${rows}, or they differ`);
  }
}

function damaged(folder: string, file: string, why: string, cause?: unknown): ContractError {
  return new ContractError(
    `The backup file ${join(folder, file)} is damaged: ${why}. Nothing was restored; use another backup.`,
    {cause},
  );
}

async function onServer(url: string, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const sql = openPool(url, {max: 1, lifetime: 'unlimited'});
  try {
    await work(sql);
  } catch (error) {
    throw explainDatabaseError(error, url) ?? error;
  } finally {
    await sql.end({timeout: 5});
  }
}
