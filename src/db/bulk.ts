/**
 * Many rows in few statements, inside any transaction: rows travel as lines of JSON and are unfolded one by one by
 * `jsonb_to_record`, whose column types come from the Drizzle table. One JSON array of all rows would cost the server
 * three times as much: it finds the end of every value by walking over those before it.
 */
import {getTableColumns, getTableName, type InferInsertModel, type SQL, sql} from 'drizzle-orm';
import {toSnakeCase} from 'drizzle-orm/casing';
import {PgArray, type PgColumn, type PgTable} from 'drizzle-orm/pg-core';
import type {Db} from './client.ts';
import {withoutParameters} from './explain.ts';

export interface UpsertOptions {
  /** Columns of the unique index that tells a known row from a new one. */
  readonly target: readonly PgColumn[];
  /** What a known row gets: every other column given (`all`, the default), some columns, or `nothing`. */
  readonly update?: 'all' | 'nothing' | readonly PgColumn[];
}

/**
 * Inserts rows. A key that is absent takes the column's default.
 *
 * Text is stored well-formed: what PostgreSQL can't hold (U+0000, lone surrogates) becomes U+FFFD.
 *
 * @returns number of rows inserted.
 * @throws RangeError for NaN or Infinity, which JSON has no words for.
 */
export async function insertRows<T extends PgTable>(
  db: Db,
  table: T,
  rows: readonly InferInsertModel<T>[],
): Promise<number> {
  const given = rows as readonly Row[];
  return writeRows(db, table, given, columnsOf(table, given), sql``);
}

/**
 * Inserts new rows and updates known ones. A known row that holds the same values already is left alone and not
 * counted. Two rows of one call must not have the same key.
 *
 * @returns number of rows inserted or changed.
 */
export async function upsertRows<T extends PgTable>(
  db: Db,
  table: T,
  rows: readonly InferInsertModel<T>[],
  options: UpsertOptions,
): Promise<number> {
  const given = rows as readonly Row[];
  const columns = columnsOf(table, given);
  const update = options.update ?? 'all';
  const changing = columns.filter(({column}) =>
    update === 'all' ? !options.target.includes(column) : update !== 'nothing' && update.includes(column),
  );
  return writeRows(db, table, given, columns, onConflict(table, options.target, changing));
}

/** Deletes the rows whose column is one of `keys`. @returns number of rows deleted. */
export async function deleteByKeys(
  db: Db,
  table: PgTable,
  column: PgColumn,
  keys: readonly (string | number)[],
): Promise<number> {
  if (keys.length === 0) return 0;
  const type = sql.raw(column.getSQLType());
  const result = await db.execute(sql`
    delete from ${table} where ${column} in (
      select key::${type} from jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb) as given(key))`);
  return result.count;
}

/**
 * Deletes the rows of `keys` and inserts `rows` in their place: how a stage rewrites what it derives for a batch.
 * Call it in a transaction. @returns number of rows inserted.
 */
export async function replaceRows<T extends PgTable>(
  db: Db,
  table: T,
  keyColumn: PgColumn,
  keys: readonly (string | number)[],
  rows: readonly InferInsertModel<T>[],
): Promise<number> {
  await deleteByKeys(db, table, keyColumn, keys);
  return insertRows(db, table, rows);
}

/** Lines of JSON of one statement, characters at most (one row may exceed it). */
const CHUNK_CHARACTERS = 4_000_000;

/** What a typed row is to code that knows its columns at run time only. */
type Row = Readonly<Record<string, unknown>>;

interface GivenColumn {
  /** Key in the rows. */
  readonly key: string;
  /** Name in the database. */
  readonly name: string;
  readonly column: PgColumn;
  /** An array of numbers, of any dimensions. */
  readonly holdsNumbers: boolean;
}

async function writeRows(
  db: Db,
  table: PgTable,
  rows: readonly Row[],
  columns: readonly GivenColumn[],
  conflict: SQL,
): Promise<number> {
  if (rows.length === 0) return 0;
  const names = sql.join(
    columns.map(({name}) => sql.identifier(name)),
    sql`, `,
  );
  const shape = sql.join(
    columns.map(({name, column}) => sql`${sql.identifier(name)} ${sql.raw(column.getSQLType())}`),
    sql`, `,
  );
  let written = 0;
  for (const chunk of chunksOf(rows, columns)) {
    const statement = sql`
      insert into ${table} (${names})
      select ${names} from string_to_table(${chunk}::text, chr(10)) as line
        cross join lateral jsonb_to_record(line::jsonb) as given(${shape})
      where true ${conflict}`;
    const result = await db.execute(statement).catch((error: unknown) => {
      throw withoutParameters(error);
    });
    written += result.count;
  }
  return written;
}

function onConflict(table: PgTable, target: readonly PgColumn[], changing: readonly GivenColumn[]): SQL {
  const keys = sql.join(
    target.map(column => sql.identifier(nameOf(column))),
    sql`, `,
  );
  if (changing.length === 0) return sql`on conflict (${keys}) do nothing`;
  const list = (render: (given: GivenColumn) => SQL) => sql.join(changing.map(render), sql`, `);
  return sql`on conflict (${keys}) do update
    set ${list(({name}) => sql`${sql.identifier(name)} = excluded.${sql.identifier(name)}`)}
    where (${list(({name}) => sql`${table}.${sql.identifier(name)}`)})
      is distinct from (${list(({name}) => sql`excluded.${sql.identifier(name)}`)})`;
}

/** The columns that at least one row gives, and those whose default is made here rather than in the database. */
function columnsOf(table: PgTable, rows: readonly Row[]): GivenColumn[] {
  const known: Record<string, PgColumn> = getTableColumns(table);
  const given = new Set<string>();
  for (const row of rows) {
    for (const key in row) if (row[key] !== undefined) given.add(key);
  }
  for (const key of given) {
    if (!(key in known))
      throw new TypeError(`Table ${getTableName(table)} has no column for the key "${key}".`);
  }
  return Object.entries(known)
    .filter(([key, column]) => given.has(key) || column.defaultFn !== undefined)
    .map(([key, column]) => ({key, column, name: nameOf(column), holdsNumbers: holdsNumbers(column)}));
}

function holdsNumbers(column: PgColumn): boolean {
  return column instanceof PgArray ? holdsNumbers(column.baseColumn) : column.dataType === 'number';
}

function nameOf(column: PgColumn): string {
  return column.keyAsName ? toSnakeCase(column.name) : column.name;
}

function* chunksOf(rows: readonly Row[], columns: readonly GivenColumn[]): Generator<string> {
  let parts: string[] = [];
  let size = 0;
  for (const row of rows) {
    const text = rowText(row, columns);
    if (size + text.length > CHUNK_CHARACTERS && parts.length > 0) {
      yield parts.join('\n');
      parts = [];
      size = 0;
    }
    parts.push(text);
    size += text.length;
  }
  yield parts.join('\n');
}

/** One line of JSON, written by hand: `JSON.stringify` of an object made for it takes twice as long. */
function rowText(row: Row, columns: readonly GivenColumn[]): string {
  let text = '';
  for (const given of columns) {
    const value = row[given.key] ?? absent(row[given.key], given.column);
    text += `${text === '' ? '{' : ','}"${given.name}":${valueText(value, given)}`;
  }
  text += '}';
  return UNSTORABLE.test(text) ? JSON.stringify(JSON.parse(text), (_key, value) => storable(value)) : text;
}

function valueText(value: unknown, {name, holdsNumbers}: GivenColumn): string {
  if (value === null) return 'null';
  if (holdsNumbers && Array.isArray(value)) return `"${arrayText(name, value)}"`;
  checkNumbers(name, value);
  return JSON.stringify(value);
}

/** As PostgreSQL writes arrays: it reads them in one go, where an array of JSON costs it a conversion a number. */
function arrayText(name: string, values: readonly unknown[]): string {
  const text = JSON.stringify(values);
  // What is no number became null as well.
  if (text.includes('null')) checkNumbers(name, values);
  return text.replaceAll('[', '{').replaceAll(']', '}');
}

/** Null stays null; a missing value becomes the default, which one statement can't leave to the database row by row. */
function absent(value: unknown, column: PgColumn): unknown {
  if (value === null || !column.hasDefault) return null;
  if (column.defaultFn !== undefined) return column.defaultFn();
  if (typeof column.default === 'object' && column.default !== null && 'queryChunks' in column.default) {
    throw new TypeError(
      `Column ${nameOf(column)} has a default that only the database knows: give it in all rows or in none.`,
    );
  }
  return column.default;
}

/** A walk of its own: a replacer would make `JSON.stringify` more than twice as slow. */
function checkNumbers(key: string, value: unknown): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new RangeError(`Column ${key}: ${value} can't be stored; give null or a finite number.`);
  } else if (Array.isArray(value)) {
    for (const each of value) checkNumbers(key, each);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, each] of Object.entries(value)) checkNumbers(name, each);
  }
}

/** Escapes as `JSON.stringify` writes them; may also match an escaped backslash, which costs only time. */
const UNSTORABLE = /\\u0000|\\ud[89a-f]/;

function storable(value: unknown): unknown {
  return typeof value === 'string'
    ? value.replaceAll('\u0000', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD')
    : value;
}
