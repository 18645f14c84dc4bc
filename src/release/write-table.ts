/** Writes one table of a release as Parquet and as gzipped CSV, batch by batch. */
import {createWriteStream} from 'node:fs';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {createGzip} from 'node:zlib';
import {stringify} from 'csv-stringify/sync';
import type {SchemaElement} from 'hyparquet';
import {fileWriter, ParquetWriter} from 'hyparquet-writer';
import {type ColumnMeaning, type ColumnType, columnMeaning, type TableMeaning} from '../domain/dictionary.ts';
import {ContractError} from '../domain/errors.ts';

export type TableRow = Readonly<Record<string, unknown>>;

export interface TableWriter {
  /** Appends rows; each call is one Parquet row group. @throws ContractError on a value of another type. */
  readonly write: (rows: readonly TableRow[]) => Promise<void>;
  /** Ends both files. @returns rows written. */
  readonly close: () => Promise<number>;
}

export function parquetName(table: string): string {
  return `${table}.parquet`;
}

export function csvName(table: string): string {
  return `${table}.csv.gz`;
}

/** Opens `<folder>/<table>.parquet` and `<folder>/<table>.csv.gz`. The same rows in the same batches give the same bytes. */
export function openTableWriter(folder: string, table: TableMeaning): TableWriter {
  const columns = table.columns.map(name => ({name, meaning: columnMeaning(name)}));
  const parquet = new ParquetWriter({
    writer: fileWriter(join(folder, parquetName(table.name))),
    schema: parquetSchema(table),
    createdBy: 'raiz',
  });
  const gzip = createGzip({level: 6});
  const csvWritten = pipeline(gzip, createWriteStream(join(folder, csvName(table.name))));
  csvWritten.catch(() => {}); // awaited in close; a failure before that must not end the process
  const writeCsv = (text: string) =>
    new Promise<void>((resolve, reject) => gzip.write(text, error => (error ? reject(error) : resolve())));
  let total = 0;
  let isHeaderWritten = false;
  const writeHeader = async () => {
    if (!isHeaderWritten) await writeCsv(stringify([[...table.columns]]));
    isHeaderWritten = true;
  };
  return {
    write: async rows => {
      await writeHeader();
      const columnData = columns.map(({name, meaning}) => ({
        name,
        data: rows.map(row => parquetValue(table, row, name, meaning)),
      }));
      await parquet.write({columnData, rowGroupSize: Math.max(rows.length, 1)});
      await Promise.race([
        writeCsv(stringify(rows.map(row => columns.map(({name}) => csvValue(row[name]))))),
        csvWritten, // rejects when the disk refuses
      ]);
      total += rows.length;
    },
    close: async () => {
      await writeHeader();
      if (total === 0) await parquet.write({columnData: columns.map(({name}) => ({name, data: []}))});
      await parquet.finish();
      gzip.end();
      await csvWritten;
      return total;
    },
  };
}

const UTF8 = {type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: {type: 'STRING'}} as const;
const PHYSICAL: Readonly<Record<Exclude<ColumnType, 'text[]'>, Omit<SchemaElement, 'name'>>> = {
  text: UTF8,
  boolean: {type: 'BOOLEAN'},
  integer: {type: 'INT32'},
  bigint: {type: 'INT64'},
  double: {type: 'DOUBLE'},
  date: {type: 'INT32', converted_type: 'DATE', logical_type: {type: 'DATE'}},
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: {type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS'},
  },
};

/** Columns that are never empty are `REQUIRED`: readers get plain integers and booleans for them. */
export function parquetSchema(table: TableMeaning): SchemaElement[] {
  const columns = table.columns.flatMap((name): SchemaElement[] => {
    const {type, whenNull} = columnMeaning(name);
    const repetition_type = whenNull === null ? 'REQUIRED' : 'OPTIONAL';
    if (type !== 'text[]') return [{name, repetition_type, ...PHYSICAL[type]}];
    return [
      {name, repetition_type, converted_type: 'LIST', logical_type: {type: 'LIST'}, num_children: 1},
      {name: 'list', repetition_type: 'REPEATED', num_children: 1},
      {name: 'element', repetition_type: 'REQUIRED', ...UTF8},
    ];
  });
  return [{name: 'root', num_children: table.columns.length}, ...columns];
}

function parquetValue(
  table: TableMeaning,
  row: TableRow,
  name: string,
  {type, whenNull}: ColumnMeaning,
): unknown {
  const value = row[name] ?? null;
  if (value === null) {
    if (whenNull !== null) return null;
    throw wrongValue(table, row, name, 'is empty; the dictionary says it never is');
  }
  if (!hasType(value, type)) throw wrongValue(table, row, name, `is not of type ${type}`);
  if (type === 'bigint' && typeof value === 'number') return BigInt(value);
  return type === 'date' && typeof value === 'string' ? new Date(`${value}T00:00:00Z`) : value;
}

function hasType(value: unknown, type: ColumnType): boolean {
  switch (type) {
    case 'text':
    case 'date':
      return typeof value === 'string';
    case 'text[]':
      return Array.isArray(value) && value.every(word => typeof word === 'string');
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
    case 'bigint':
      return Number.isSafeInteger(value);
    case 'double':
      return typeof value === 'number';
    case 'timestamp':
      return value instanceof Date;
  }
}

function wrongValue(table: TableMeaning, row: TableRow, column: string, what: string): ContractError {
  const key = table.key.map(name => csvValue(row[name])).join(' ');
  return new ContractError(
    `release file ${table.name}: ${column} of ${key} ${what}. Mend the stage that makes it, or src/domain/dictionary, and build again.`,
    {context: {table: table.name, column, key}},
  );
}

/** Empty for null, ISO 8601 for instants, JSON for lists. */
function csvValue(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}
