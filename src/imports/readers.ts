/** Tables in files, row by row: CSV, JSON, JSON lines and Parquet, each also gzipped. Memory doesn't grow with the file. */
import {createReadStream} from 'node:fs';
import {open, readFile} from 'node:fs/promises';
import {basename} from 'node:path';
import {createInterface} from 'node:readline';
import {pipeline, type Readable} from 'node:stream';
import {promisify} from 'node:util';
import {createGunzip, gunzip} from 'node:zlib';
import {parse} from 'csv-parse';
import {ConfigError} from '../domain/errors.ts';
import {readParquetRows} from './readers-parquet.ts';
import {type Table, type TableRow, toCell} from './readers-table.ts';

/** JSON lists are read whole; larger ones must come as JSON lines. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;
/** Columns of JSON are the keys of its first rows. */
const JSON_ROWS_FOR_COLUMNS = 200;

/**
 * Opens a table; the name without `.gz` tells the format: `.csv`, `.tsv`, `.json`, `.jsonl`, `.ndjson`, `.parquet`.
 * @throws ConfigError when the file can't be read or isn't what its name says; while rows are read too (truncated gzip).
 */
export async function openTable(path: string): Promise<Table> {
  const isGzip = await isGzipFile(path);
  const name = basename(path).toLowerCase().replace(/\.gz$/, '');
  const extension = name.slice(name.lastIndexOf('.') + 1);
  const table = await explained(path, () => openKind(path, extension, isGzip));
  return {columns: table.columns, rows: explainedRows(path, table.rows)};
}

function openKind(path: string, extension: string, isGzip: boolean): Promise<Table> {
  switch (extension) {
    case 'csv':
    case 'tsv':
      return openCsv(path, isGzip, extension === 'tsv');
    case 'jsonl':
    case 'ndjson':
      return openJsonRows(parseLines(openBytes(path, isGzip)));
    case 'json':
      return openJson(path, isGzip);
    case 'parquet':
      return readParquetRows(path, isGzip);
    default:
      throw new ConfigError(
        `${path}: unknown kind of file. Tables are read from .csv, .tsv, .json, .jsonl and .parquet, each also with .gz.`,
      );
  }
}

async function isGzipFile(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      const {buffer, bytesRead} = await file.read(Buffer.alloc(2), 0, 2, 0);
      if (bytesRead === 0)
        throw new ConfigError(`${path}: the file is empty. Check that it was copied whole.`);
      return buffer[0] === 0x1f && buffer[1] === 0x8b;
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(
      `${path}: can't be read (${firstLine(cause)}). Check the path and its permissions.`,
      {cause},
    );
  }
}

function openBytes(path: string, isGzip: boolean): Readable {
  const file = createReadStream(path, {highWaterMark: 1 << 18});
  return isGzip ? pipeline(file, createGunzip({chunkSize: 1 << 18}), ignoreError) : file;
}

/** The stream that is read throws the error itself. */
function ignoreError(): void {}

async function openCsv(path: string, isGzip: boolean, isTabs: boolean): Promise<Table> {
  const delimiter = isTabs ? '\t' : await guessDelimiter(path, isGzip);
  const parser = pipeline(
    openBytes(path, isGzip),
    parse({bom: true, delimiter, relax_column_count: true, skip_empty_lines: true}),
    ignoreError,
  );
  const records: AsyncIterator<string[]> = parser[Symbol.asyncIterator]();
  const header = await records.next();
  if (header.done === true)
    throw new ConfigError(`${path}: no header line. The first line must name the columns.`);
  const columns = header.value.map(column => column.trim());
  return {columns, rows: csvRows(records, columns.length)};
}

async function* csvRows(records: AsyncIterator<string[]>, width: number): AsyncGenerator<TableRow> {
  for (let row = 1; ; row += 1) {
    const next = await records.next();
    if (next.done === true) return;
    const cells = next.value;
    if (cells.length === width) yield {row, cells};
    else yield {row, cells, fault: `${cells.length} cells where the header has ${width} columns`};
  }
}

/** Comma, semicolon or tab: whichever the header line has most of. */
async function guessDelimiter(path: string, isGzip: boolean): Promise<string> {
  const bytes = openBytes(path, isGzip);
  for await (const chunk of bytes) {
    bytes.destroy();
    const [header = ''] = String(chunk).split('\n', 1);
    const counts = [',', ';', '\t'].map(mark => ({mark, count: header.split(mark).length}));
    return counts.reduce((best, next) => (next.count > best.count ? next : best)).mark;
  }
  return ',';
}

async function openJson(path: string, isGzip: boolean): Promise<Table> {
  const bytes = isGzip ? await promisify(gunzip)(await readFile(path)) : await readFile(path);
  if (bytes.length > MAX_JSON_BYTES) {
    throw new ConfigError(`${path}: JSON of more than 256 MB. Write one object a line and name it .jsonl.`);
  }
  const value: unknown = JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, ''));
  if (!Array.isArray(value)) {
    throw new ConfigError(`${path}: expected a list of objects, [{…}, {…}]. One object a line is .jsonl.`);
  }
  return openJsonRows(listValues(value));
}

async function* listValues(values: readonly unknown[]): AsyncGenerator<unknown> {
  yield* values;
}

async function* parseLines(bytes: Readable): AsyncGenerator<unknown> {
  // readline swallows errors of its input: they are passed on here.
  let failure: unknown;
  const lines = createInterface({input: bytes, crlfDelay: Number.POSITIVE_INFINITY});
  bytes.once('error', error => {
    failure = error;
    lines.close();
  });
  for await (const line of lines) {
    if (line.trim() !== '') yield JSON.parse(line);
  }
  if (failure !== undefined) throw failure;
}

async function openJsonRows(values: AsyncIterator<unknown>): Promise<Table> {
  const first: unknown[] = [];
  const columns = new Set<string>();
  while (first.length < JSON_ROWS_FOR_COLUMNS) {
    const next = await values.next();
    if (next.done === true) break;
    first.push(next.value);
    if (isObject(next.value)) for (const key of Object.keys(next.value)) columns.add(key);
  }
  const names = [...columns];
  return {columns: names, rows: jsonRows(first, values, names)};
}

async function* jsonRows(
  first: readonly unknown[],
  rest: AsyncIterator<unknown>,
  columns: readonly string[],
): AsyncGenerator<TableRow> {
  let row = 0;
  for (const value of first) {
    row += 1;
    yield jsonRow(row, value, columns);
  }
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return;
    row += 1;
    yield jsonRow(row, next.value, columns);
  }
}

function jsonRow(row: number, value: unknown, columns: readonly string[]): TableRow {
  if (!isObject(value)) return {row, cells: [], fault: 'not an object'};
  return {row, cells: columns.map(column => toCell(value[column]))};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function explained<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw explain(path, cause);
  }
}

async function* explainedRows(path: string, rows: AsyncIterable<TableRow>): AsyncGenerator<TableRow> {
  try {
    yield* rows;
  } catch (cause) {
    throw explain(path, cause);
  }
}

function explain(path: string, cause: unknown): unknown {
  if (cause instanceof ConfigError) return cause;
  const reason = firstLine(cause);
  if (
    /unexpected end of file|incorrect data check|invalid stored block|invalid (code|distance)/.test(reason)
  ) {
    return new ConfigError(
      `${path}: the gzip file is truncated or damaged (${reason}). Copy or download it again; nothing of it was imported.`,
      {cause},
    );
  }
  return new ConfigError(
    `${path}: can't be read to its end (${reason}). Mend the file and import it again; nothing of it was imported.`,
    {cause},
  );
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n', 1)[0] ?? text;
}
