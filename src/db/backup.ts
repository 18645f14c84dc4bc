/**
 * A backup of the database: a folder with one gzip file of COPY text a table, all of one snapshot, and `manifest.json`
 * with the schema's version, row counts and checksums. It needs no PostgreSQL program, streams in bounded memory, and is
 * also the way over a major version of PostgreSQL. The archive, models and the hash key are files: copy them beside it.
 */
import {createHash} from 'node:crypto';
import {createWriteStream} from 'node:fs';
import {mkdir, open, readFile, rename, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {Transform} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {createGzip} from 'node:zlib';
import type {Sql, TransactionSql} from 'postgres';
import {z} from 'zod';
import {ConfigError, StorageError} from '../domain/errors.ts';
import {RAIZ_VERSION} from '../domain/version.ts';
import type {Database} from './client.ts';
import {codeOf} from './explain.ts';

/** Layers that hold rows; `api` holds views, which are made anew. */
export const LAYERS = ['ops', 'raw', 'core', 'ml'] as const;
const FORMAT = 1;

const tableSchema = z.object({
  /** With its schema: `core.listing`. */
  name: z.string().regex(/^\w+\.\w+$/),
  columns: z.array(z.string()),
  file: z.string().regex(/^\w+\.\w+\.copy\.gz$/),
  rows: z.int(),
  /** Of the rows, whatever their order; a decimal number. */
  checksum: z.string(),
  bytes: z.int(),
  sha256: z.string(),
});
const manifestSchema = z.object({
  format: z.literal(FORMAT),
  raiz: z.string(),
  postgres: z.string(),
  /** Creation time of the newest migration applied, as in the migrations' journal. */
  schemaVersion: z.int(),
  takenAt: z.iso.datetime(),
  isSynthetic: z.boolean(),
  /** In an order that respects references. */
  tables: z.array(tableSchema),
  sequences: z.array(z.object({name: z.string().regex(/^\w+\.\w+$/), lastValue: z.int()})),
});

export type BackupManifest = z.infer<typeof manifestSchema>;
export type BackupTable = z.infer<typeof tableSchema>;

/**
 * Writes a backup into a new folder. It bears its name only when it is whole.
 * @throws ConfigError when the folder exists; StorageError when the disk is full or the database fails.
 */
export async function backUp(database: Database, folder: string, now: Date): Promise<BackupManifest> {
  const unfinished = `${folder}.unfinished-${process.pid}`;
  await mkdir(dirname(folder), {recursive: true});
  try {
    await mkdir(unfinished, {mode: 0o700});
    const manifest = await database.sql.begin('isolation level repeatable read read only', tx =>
      copyAll(tx, unfinished, now),
    );
    await writeSynced(join(unfinished, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    await giveName(unfinished, folder);
    return manifest;
  } catch (error) {
    throw diskError(folder, error) ?? error;
  } finally {
    await rm(unfinished, {recursive: true, force: true});
  }
}

/** The manifest of a backup. @throws ConfigError when there is none or it is not one of ours. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const path = join(folder, 'manifest.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(
      `${path} can't be read (${codeOf(cause)}). Name the folder that \`raiz db backup\` wrote.`,
      {cause},
    );
  }
  const parsed = manifestSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    `${path} is not the manifest of a backup of format ${FORMAT}: ${z.prettifyError(parsed.error)}. Take another backup.`,
  );
}

/** Number of rows and a checksum that doesn't depend on their order. */
export async function tableState(
  sql: Sql | TransactionSql,
  {name, columns}: Pick<BackupTable, 'name' | 'columns'>,
): Promise<{rows: number; checksum: string}> {
  const [state] = await sql.unsafe<{rows: number; checksum: string}[]>(
    `select count(*)::int as rows, coalesce(sum(hashtextextended(row(${quoted(columns)})::text, 0)::numeric), 0)::text as checksum
     from ${name}`,
  );
  if (state === undefined) throw new StorageError(`the database gave no count of ${name}`);
  return state;
}

/** Creation time of the newest migration applied; 0 before the first. */
export async function schemaVersion(sql: Sql | TransactionSql): Promise<number> {
  const [journal] = await sql<{known: boolean}[]>`
    select to_regclass('drizzle.__drizzle_migrations') is not null as known`;
  if (journal?.known !== true) return 0;
  const [newest] = await sql<{at: number | string | null}[]>`
    select max(created_at) as at from drizzle.__drizzle_migrations`;
  return Number(newest?.at ?? 0);
}

export function quoted(columns: readonly string[]): string {
  return columns.map(column => `"${column.replaceAll('"', '""')}"`).join(', ');
}

async function copyAll(tx: TransactionSql, folder: string, now: Date): Promise<BackupManifest> {
  const tables: BackupTable[] = [];
  for (const {name, columns} of await tablesInOrder(tx)) {
    const file = `${name}.copy.gz`;
    const written = await copyTable(tx, name, columns, join(folder, file));
    tables.push({name, columns, file, ...(await tableState(tx, {name, columns})), ...written});
  }
  const [about] = await tx<{postgres: string; is_synthetic: boolean}[]>`
    select current_setting('server_version') as postgres, exists (select from ops.run where is_synthetic) as is_synthetic`;
  const sequences = await tx<{name: string; lastValue: number}[]>`
    select schemaname || '.' || sequencename as name, last_value as "lastValue" from pg_sequences
    where schemaname in ${tx([...LAYERS])} and last_value is not null order by 1`;
  return {
    format: FORMAT,
    raiz: RAIZ_VERSION,
    postgres: about?.postgres ?? 'unknown',
    schemaVersion: await schemaVersion(tx),
    takenAt: now.toISOString(),
    isSynthetic: about?.is_synthetic === true,
    tables,
    sequences: [...sequences],
  };
}

async function copyTable(
  tx: TransactionSql,
  name: string,
  columns: readonly string[],
  path: string,
): Promise<{bytes: number; sha256: string}> {
  const rows = await tx.unsafe(`copy ${name} (${quoted(columns)}) to stdout`).readable();
  // The driver pauses its socket when the reader is slow and wakes it on the next read; after the last row there is none.
  rows.once('end', () => rows._read(0));
  const {through, bytes, sha256} = hashing();
  await pipeline(rows, createGzip({level: 3}), through, createWriteStream(path, {flags: 'wx', flush: true}));
  return {bytes: bytes(), sha256: sha256()};
}

/** Every table, those that are referred to first. @throws StorageError when references go round in a circle. */
async function tablesInOrder(tx: TransactionSql): Promise<{name: string; columns: string[]}[]> {
  const tables = await tx<{name: string; columns: string[]; needs: string[]}[]>`
    select n.nspname || '.' || c.relname as name,
      (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      (select coalesce(array_agg(distinct rn.nspname || '.' || r.relname), '{}') from pg_constraint k
        join pg_class r on r.oid = k.confrelid join pg_namespace rn on rn.oid = r.relnamespace
        where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as needs
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname in ${tx([...LAYERS])} order by 1`;
  const ordered: {name: string; columns: string[]}[] = [];
  const done = new Set<string>();
  while (ordered.length < tables.length) {
    const ready = tables.filter(({name, needs}) => !done.has(name) && needs.every(need => done.has(need)));
    if (ready.length === 0)
      throw new StorageError('tables refer to each other in a circle: a backup has no order for them');
    for (const {name, columns} of ready) {
      ordered.push({name, columns});
      done.add(name);
    }
  }
  return ordered;
}

async function giveName(unfinished: string, folder: string): Promise<void> {
  try {
    await rename(unfinished, folder);
  } catch (cause) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(cause) ?? '')) throw cause;
    throw new ConfigError(
      `${folder} exists already. Name a folder that does not; no backup is written over.`,
      {cause},
    );
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function diskError(folder: string, error: unknown): StorageError | undefined {
  const code = codeOf(error);
  if (!['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM'].includes(code ?? '')) return undefined;
  return new StorageError(
    `The backup can't be written to ${folder} (${code}). Free space or name a folder on another disk; nothing was left there.`,
    {cause: error},
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError('The manifest of the backup is no JSON: it was cut off. Take another backup.', {
      cause,
    });
  }
}

/** Lets bytes through and hashes them. */
export function hashing(): {through: Transform; bytes: () => number; sha256: () => string} {
  const hash = createHash('sha256');
  let bytes = 0;
  const through = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return {through, bytes: () => bytes, sha256: () => hash.digest('hex')};
}
