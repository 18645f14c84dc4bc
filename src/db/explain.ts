/** Errors of the driver and the server in words that say what, where and what to do. */
import {DrizzleQueryError} from 'drizzle-orm/errors';
import {ConfigError, type RaizError, StorageError} from '../domain/errors.ts';

/** `host:port/database` of a URL, without user and password: fit for messages. */
export function addressOf(url: string): string {
  const parsed = new URL(url);
  const host = parsed.hostname || parsed.searchParams.get('host') || 'localhost';
  return `${host}:${parsed.port || '5432'}, database "${decodeURIComponent(parsed.pathname.slice(1))}"`;
}

const UNREACHABLE = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CONNECT_TIMEOUT',
];
const LOST = [
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'ECONNRESET',
  'EPIPE',
  '57P01',
  '57P02',
];

/**
 * The error in our words when it is one of connection, permission or disk; undefined when it is something else
 * (a wrong statement is a bug and keeps its own words). Looks through the causes, as Drizzle wraps what the driver says.
 */
export function explainDatabaseError(error: unknown, url: string): RaizError | undefined {
  const coded = findCoded(error);
  if (coded === undefined) return undefined;
  const {code, message: said} = coded;
  const where = addressOf(url);
  const options = {cause: error, context: {code, address: where}};
  if (UNREACHABLE.includes(code)) {
    return new StorageError(
      `No PostgreSQL answers at ${where} (${code}). Start that server or correct DATABASE_URL; without DATABASE_URL Raíz uses its own server.`,
      options,
    );
  }
  if (LOST.includes(code)) {
    return new StorageError(
      `The connection to PostgreSQL at ${where} was lost (${code}). What was committed is kept; run the command again to go on.`,
      options,
    );
  }
  switch (code) {
    case '28P01':
    case '28000':
      return new ConfigError(
        `PostgreSQL at ${where} refuses the user or password: ${said}. Correct both in DATABASE_URL.`,
        options,
      );
    case '3D000':
      return new ConfigError(
        `PostgreSQL at ${where} has no such database. Create it (createdb) or name another in DATABASE_URL.`,
        options,
      );
    case '53300':
      return new StorageError(
        `PostgreSQL at ${where} has no connection left. End other programs that use it or raise max_connections.`,
        options,
      );
    case '53100':
      return new StorageError(
        `The disk of PostgreSQL at ${where} is full. Free space and run the command again; nothing committed is lost.`,
        options,
      );
    case '25006':
      return new ConfigError(
        `PostgreSQL at ${where} only reads here: ${said}. Use a user that may write.`,
        options,
      );
    case '42501':
      return new ConfigError(
        `The user of PostgreSQL at ${where} lacks a right: ${said}. Grant it, or use the owner of the database.`,
        options,
      );
    case '57P03':
      return new StorageError(
        `PostgreSQL at ${where} is starting or stopping. Try again in a moment.`,
        options,
      );
    default:
      return undefined;
  }
}

/** The first error code in a chain of causes: SQLSTATE, or a code of the driver or of the socket. */
export function codeOf(error: unknown): string | undefined {
  return findCoded(error)?.code;
}

/** The first error of a chain of causes that has a code, with its own words. */
function findCoded(error: unknown): {code: string; message: string} | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return {code: at.code, message: at.message};
    if (at instanceof AggregateError && at.errors.length > 0) return findCoded(at.errors[0]);
  }
  return undefined;
}

/**
 * Drizzle's message and stack repeat all parameters of the statement: megabytes, and rows that may be private. This says
 * what went wrong and in which statement; other errors come back as they are.
 */
export function withoutParameters(error: unknown): unknown {
  if (!(error instanceof DrizzleQueryError)) return error;
  const statement = error.query.replace(/\s+/g, ' ').trim().slice(0, 200);
  const plain = new Error(`${error.cause?.message ?? 'the statement failed'}, in: ${statement}`, {
    cause: error.cause,
  });
  const places = error.stack?.split('\n').filter(line => /^ {4}at /.test(line)) ?? [];
  plain.stack = [`${plain.name}: ${plain.message}`, ...places].join('\n');
  return plain;
}
