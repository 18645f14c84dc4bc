/** Proves that a copy of a release is whole: checksums, and every table opened and read to its end. */
import {createReadStream} from 'node:fs';
import {access, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {createGunzip} from 'node:zlib';
import {parse} from 'csv-parse';
import {asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema} from 'hyparquet';
import {CHECKSUMS, fingerprint, MANIFEST, readManifest} from './folder.ts';
import type {ManifestFile, ReleaseManifest} from './manifest.ts';

interface FileCheck {
  readonly name: string;
  readonly rows: number | null;
  readonly bytes: number | null;
  /** What is wrong with it; empty: whole. */
  readonly faults: readonly string[];
}

export interface ReleaseCheck {
  readonly folder: string;
  readonly manifest: ReleaseManifest;
  readonly files: readonly FileCheck[];
}

/** @throws ContractError when the folder holds no readable manifest. */
export async function verifyRelease(folder: string): Promise<ReleaseCheck> {
  const manifest = await readManifest(folder);
  const sums = await readChecksums(folder);
  const files: FileCheck[] = [];
  for (const file of manifest.files) files.push(await checkFile(folder, file, manifest, sums));
  files.push(await checkManifest(folder, sums));
  return {folder, manifest, files};
}

async function checkFile(
  folder: string,
  file: ManifestFile,
  manifest: ReleaseManifest,
  sums: ReadonlyMap<string, string>,
): Promise<FileCheck> {
  const {name} = file;
  const path = join(folder, name);
  if (!(await exists(path))) return {name, rows: null, bytes: null, faults: ['is missing']};
  const found = await fingerprint(path);
  const faults: string[] = [];
  if (found.bytes !== file.bytes) faults.push(`has ${found.bytes} bytes, not ${file.bytes}`);
  if (found.sha256 !== file.sha256) faults.push('has another SHA-256 than manifest.json says');
  if (sums.get(name) !== file.sha256) faults.push(`stands otherwise, or not at all, in ${CHECKSUMS}`);
  if (file.table === null) return {name, rows: null, bytes: found.bytes, faults};
  const table = manifest.tables.find(({name: table}) => table === file.table);
  try {
    const opened = await inspectTable(path, table?.key ?? []);
    if (opened.rows !== file.rows) faults.push(`holds ${opened.rows} rows, not ${file.rows}`);
    if (opened.repeatedKey !== null) faults.push(`repeats the key ${opened.repeatedKey}`);
    const expected = table?.columns.map(column => column.name) ?? [];
    if (opened.columns.join() !== expected.join()) faults.push('has other columns than manifest.json says');
    return {name, rows: opened.rows, bytes: found.bytes, faults};
  } catch (error) {
    // Whatever a reader chokes on is the finding itself.
    return {name, rows: null, bytes: found.bytes, faults: [...faults, `can't be opened: ${String(error)}`]};
  }
}

async function checkManifest(folder: string, sums: ReadonlyMap<string, string>): Promise<FileCheck> {
  const {bytes, sha256} = await fingerprint(join(folder, MANIFEST));
  const faults = sums.get(MANIFEST) === sha256 ? [] : [`has another SHA-256 than ${CHECKSUMS} says`];
  return {name: MANIFEST, rows: null, bytes, faults};
}

/** Lines of `sha256sum`: hash, two spaces, name. Empty when the file is missing: every file then shows a fault. */
async function readChecksums(folder: string): Promise<ReadonlyMap<string, string>> {
  const path = join(folder, CHECKSUMS);
  if (!(await exists(path))) return new Map();
  const lines = (await readFile(path, 'utf8')).split('\n').filter(line => line !== '');
  return new Map(lines.map(line => [line.slice(66), line.slice(0, 64)]));
}

interface OpenedTable {
  readonly rows: number;
  readonly columns: readonly string[];
  /** A key that two neighbouring rows share; rows are sorted by key, so this finds every repetition. */
  readonly repeatedKey: string | null;
}

/** Reads a table file to its end, one row group or line at a time. */
function inspectTable(path: string, key: readonly string[]): Promise<OpenedTable> {
  return path.endsWith('.parquet') ? inspectParquet(path, key) : inspectCsv(path, key);
}

async function inspectParquet(path: string, key: readonly string[]): Promise<OpenedTable> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const columns = parquetSchema(metadata).children.map(child => child.element.name);
  const watch = watchKeys();
  let rows = 0;
  for (const group of metadata.row_groups) {
    const rowStart = rows;
    const read = await parquetReadObjects({
      file,
      metadata,
      rowStart,
      rowEnd: rowStart + Number(group.num_rows),
    });
    for (const row of read) watch.see(key.map(column => keyText(row[column])).join(' '));
    rows += read.length;
  }
  return {rows, columns, repeatedKey: watch.repeated()};
}

async function inspectCsv(path: string, key: readonly string[]): Promise<OpenedTable> {
  const watch = watchKeys();
  let rows = 0;
  let columns: string[] = [];
  await pipeline(
    createReadStream(path),
    createGunzip(),
    parse({}),
    async (lines: AsyncIterable<string[]>) => {
      for await (const line of lines) {
        if (columns.length === 0) {
          columns = line;
          continue;
        }
        rows += 1;
        watch.see(key.map(column => line[columns.indexOf(column)]).join(' '));
      }
    },
  );
  return {rows, columns, repeatedKey: watch.repeated()};
}

function watchKeys(): {see: (key: string) => void; repeated: () => string | null} {
  let last: string | null = null;
  let repeated: string | null = null;
  return {
    see: key => {
      if (key === last && key !== '') repeated ??= key;
      last = key;
    },
    repeated: () => repeated,
  };
}

function keyText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
