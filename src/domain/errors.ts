/**
 * Errors that end a command. Expected oddities of the data are `Issue`s, never exceptions.
 *
 * Every message says what happened, where, and what to do next; `context` holds the values for logs and `--json`.
 */

export const EXIT = {ok: 0, bug: 1, usage: 2, incomplete: 3, contract: 4, blocked: 5, locked: 75} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export type ErrorContext = Readonly<Record<string, unknown>>;

export interface ErrorOptions {
  readonly context?: ErrorContext;
  readonly cause?: unknown;
}

export class RaizError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly context: ErrorContext;

  constructor(code: string, exitCode: ExitCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : {cause: options.cause});
    this.name = new.target.name;
    this.code = code;
    this.exitCode = exitCode;
    this.context = options.context ?? {};
  }
}

/** Wrong flag, environment, policy or input file: the user can repair it. */
export class ConfigError extends RaizError {
  constructor(message: string, options?: ErrorOptions) {
    super('CONFIG', EXIT.usage, message, options);
  }
}

export const FETCH_FAILURES = ['transient', 'throttled', 'blocked', 'gone', 'robots', 'permanent'] as const;
export type FetchFailure = (typeof FETCH_FAILURES)[number];

/** A page that could not be fetched; `failure` decides what the crawl does next. */
export class FetchError extends RaizError {
  readonly failure: FetchFailure;
  /** When the server asks for a pause: milliseconds from now. */
  readonly retryAfterMs: number | undefined;

  constructor(failure: FetchFailure, message: string, options: ErrorOptions & {retryAfterMs?: number} = {}) {
    super('FETCH', failure === 'blocked' ? EXIT.blocked : EXIT.incomplete, message, options);
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A mandatory field of a record is missing or of another type; `path` says which. */
export class RecordShapeError extends RaizError {
  readonly path: string;

  constructor(path: string, expected: string, got: unknown) {
    super('RECORD_SHAPE', EXIT.contract, `${path}: expected ${expected}, got ${describe(got)}`, {
      context: {path, expected, got: describe(got)},
    });
    this.path = path;
  }
}

/** A page is not built as its portal file expects: the portal changed, or this is another page. */
export class PageShapeError extends RaizError {
  constructor(message: string, options?: ErrorOptions) {
    super('PAGE_SHAPE', EXIT.contract, message, options);
  }
}

/** Data does not meet a promise made to those who read it. */
export class ContractError extends RaizError {
  constructor(message: string, options?: ErrorOptions) {
    super('CONTRACT', EXIT.contract, message, options);
  }
}

/** Disk or database refused: full, read-only, unreachable, damaged. */
export class StorageError extends RaizError {
  constructor(message: string, options?: ErrorOptions) {
    super('STORAGE', EXIT.usage, message, options);
  }
}

/** A model can't be trained or loaded as asked. */
export class ModelError extends RaizError {
  constructor(message: string, options?: ErrorOptions) {
    super('MODEL', EXIT.contract, message, options);
  }
}

/** Another process does this very work now. */
export class LockHeldError extends RaizError {
  constructor(message: string, options?: ErrorOptions) {
    super('LOCK_HELD', EXIT.locked, message, options);
  }
}

/** A short text of any value, for messages: never more than 60 characters. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.length > 50 ? `${value.slice(0, 49)}…` : value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object')
    return `an object with ${Object.keys(value).slice(0, 4).join(', ') || 'no keys'}`;
  return String(value);
}
