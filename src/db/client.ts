/** Connections. The same code serves the embedded server and any other PostgreSQL ≥ 15. */

import type {ExtractTablesWithRelations} from 'drizzle-orm';
import type {PgDatabase, PgTransaction} from 'drizzle-orm/pg-core';
import {drizzle, type PostgresJsDatabase, type PostgresJsQueryResultHKT} from 'drizzle-orm/postgres-js';
import postgres, {type Sql} from 'postgres';
import * as schema from '../../drizzle/schema/index.ts';
import {explainDatabaseError} from './explain.ts';

type Schema = typeof schema;

/** The database or a transaction: what a function takes that reads or writes rows. */
export type Db = PgDatabase<PostgresJsQueryResultHKT, Schema>;
/** A transaction only: what a function takes that must not run outside one. */
export type Tx = PgTransaction<PostgresJsQueryResultHKT, Schema, ExtractTablesWithRelations<Schema>>;

export interface Database {
  readonly orm: PostgresJsDatabase<Schema>;
  /** The driver under `orm`, for the rare statement Drizzle has no words for. Same pool. */
  readonly sql: Sql;
  /** Address with the password in it: for drivers and child processes, never for logs. */
  readonly url: string;
  /** What could not be set up but does not stop the work (roles, for instance); for a person to read. */
  readonly notices: readonly string[];
  /** Ends all connections; the server stays up. */
  readonly close: () => Promise<void>;
}

export interface ConnectOptions {
  /** Connections in the pool; 10 unless told. */
  readonly max?: number;
  /** Shown in pg_stat_activity and in messages about held locks; at most 63 bytes. */
  readonly applicationName?: string;
}

/**
 * Connects and proves it with one query.
 *
 * Values come back as: `bigint` and `numeric` numbers where a double holds them exactly (else text), `timestamptz` a
 * `Date`, `date` text `YYYY-MM-DD`, `jsonb` parsed. `Date` and plain objects may be given as parameters.
 *
 * @throws ConfigError wrong password, unknown database or role; StorageError unreachable or refusing server.
 */
export async function connectDatabase(url: string, options: ConnectOptions = {}): Promise<Database> {
  const sql = openPool(url, options);
  const orm = drizzle(sql, {schema, casing: 'snake_case'});
  setCodecs(sql);
  try {
    await sql`select 1`;
  } catch (error) {
    await sql.end({timeout: 1});
    throw explainDatabaseError(error, url) ?? error;
  }
  return {orm, sql, url, notices: [], close: () => sql.end({timeout: 2})};
}

/** The server asks a silent client after 30 s whether it lives: a host that is gone holds locks for a minute, not for hours. */
const KEEPALIVE = {tcp_keepalives_idle: 30, tcp_keepalives_interval: 10, tcp_keepalives_count: 3} as const;

/** A bare pool, unproven. `lifetime: 'unlimited'` for a connection that holds a session lock. */
export function openPool(
  url: string,
  options: ConnectOptions & {lifetime?: 'unlimited'; onClose?: () => void} = {},
): Sql {
  return postgres(url, {
    max: options.max ?? 10,
    connect_timeout: 10,
    connection: {
      application_name: options.applicationName ?? `raiz[${process.pid}]`,
      TimeZone: 'UTC',
      ...KEEPALIVE,
    },
    onnotice: () => {},
    ...(options.onClose === undefined ? {} : {onclose: options.onClose}),
    ...(options.lifetime === 'unlimited' ? {max_lifetime: null, idle_timeout: 0} : {}),
  });
}

const OID = {
  int8: 20,
  json: 114,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
  jsonb: 3802,
} as const;

/** Drizzle replaces the driver's codecs of dates and JSON by none at all; these serve Drizzle and bare SQL alike. */
function setCodecs(sql: Sql): void {
  const {parsers, serializers} = sql.options;
  parsers[OID.int8] = parseNumber;
  parsers[OID.numeric] = parseNumber;
  parsers[OID.timestamptz] = (text: string) => new Date(text);
  for (const oid of [OID.timestamp, OID.timestamptz]) {
    serializers[oid] = (value: unknown) => (value instanceof Date ? value.toISOString() : value);
  }
  serializers[OID.date] = (value: unknown) =>
    value instanceof Date ? value.toISOString().slice(0, 10) : value;
  for (const oid of [OID.json, OID.jsonb]) {
    serializers[oid] = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  }
}

/** A number when no digit is lost, else the text itself. */
function parseNumber(text: string): number | string {
  const value = Number(text);
  const digits = text.replace(/^-?0*\.?0*|[.]/g, '').length;
  return Number.isSafeInteger(value) || (digits <= 15 && Number.isFinite(value)) ? value : text;
}
