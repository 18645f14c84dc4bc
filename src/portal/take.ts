/**
 * Reading a record of a portal destructively: every key is taken by name and type, or declared ignored,
 * and what is left over is reported. A portal that adds a field is noticed the same day.
 */
import {describe, RecordShapeError} from '../domain/errors.ts';
import type {Issue} from '../domain/issue.ts';
import type {JsonValue} from '../domain/page.ts';

type JsonObject = {[key: string]: JsonValue};

/** Opens a JSON object for reading. `path` is where it stands, for messages (`$`, `$.data[3]`). */
export function take(value: JsonValue | undefined, path = '$'): Taker {
  if (!isObject(value)) throw new RecordShapeError(path, 'object', value);
  return new Taker(value, path, []);
}

/**
 * A JSON object being read. Plain methods (`text`, `int` …) throw `RecordShapeError` with the path when the field is
 * missing, null or of another type. The `…OrNull` methods give null for missing or null, and for another type
 * null and an issue: one odd optional field doesn't cost the listing.
 */
export class Taker {
  readonly path: string;
  readonly #fields: JsonObject;
  readonly #issues: Issue[];
  readonly #seen = new Set<string>();
  readonly #children: Taker[] = [];

  constructor(fields: JsonObject, path: string, issues: Issue[]) {
    this.#fields = fields;
    this.path = path;
    this.#issues = issues;
  }

  text(key: string): string {
    return this.#must(key, 'text', isText);
  }

  textOrNull(key: string): string | null {
    return this.#may(key, 'text', isText);
  }

  number(key: string): number {
    return this.#must(key, 'number', isNumber);
  }

  numberOrNull(key: string): number | null {
    return this.#may(key, 'number', isNumber);
  }

  int(key: string): number {
    return this.#must(key, 'whole number', isInt);
  }

  intOrNull(key: string): number | null {
    return this.#may(key, 'whole number', isInt);
  }

  boolean(key: string): boolean {
    return this.#must(key, 'true or false', isBoolean);
  }

  booleanOrNull(key: string): boolean | null {
    return this.#may(key, 'true or false', isBoolean);
  }

  /** A text or a number, for fields that changed from one to the other. */
  scalarOrNull(key: string): string | number | null {
    return this.#may(key, 'text or number', isScalar);
  }

  object(key: string): Taker {
    return this.#open(this.#must(key, 'object', isObject), key);
  }

  objectOrNull(key: string): Taker | null {
    const fields = this.#may(key, 'object', isObject);
    return fields === null ? null : this.#open(fields, key);
  }

  /** A list of objects; an element that is none throws. */
  list(key: string): Taker[] {
    return this.#openAll(this.#must(key, 'list', isList), key);
  }

  listOrEmpty(key: string): Taker[] {
    return this.#openAll(this.#may(key, 'list', isList) ?? [], key);
  }

  /** Elements of a list as they are; they count as read. */
  values(key: string): JsonValue[] {
    return this.#must(key, 'list', isList);
  }

  /** Declares keys, with all they hold, as known and not needed. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.#seen.add(key);
  }

  /** Notes an oddity of this record; `key` is the field it is about. */
  report(code: string, message: string, key?: string, value?: JsonValue): void {
    this.#issues.push({
      code,
      message,
      path: key === undefined ? this.path : `${this.path}.${key}`,
      ...(value === undefined ? {} : {value: describe(value)}),
    });
  }

  /** Oddities noted so far, here and below. */
  issues(): readonly Issue[] {
    return this.#issues;
  }

  /** Paths nobody read or ignored, here and below, sorted; list positions are written `[]`. */
  unread(): string[] {
    const paths = new Set<string>();
    this.#collectUnread(paths);
    return [...paths].sort();
  }

  #collectUnread(paths: Set<string>): void {
    for (const key of Object.keys(this.#fields)) {
      if (!this.#seen.has(key)) paths.add(`${this.path}.${key}`.replace(/\[\d+\]/g, '[]'));
    }
    for (const child of this.#children) child.#collectUnread(paths);
  }

  #must<T extends JsonValue>(key: string, expected: string, is: (value: JsonValue) => value is T): T {
    this.#seen.add(key);
    const value = this.#fields[key];
    if (value === undefined || !is(value)) throw new RecordShapeError(`${this.path}.${key}`, expected, value);
    return value;
  }

  #may<T extends JsonValue>(key: string, expected: string, is: (value: JsonValue) => value is T): T | null {
    this.#seen.add(key);
    const value = this.#fields[key];
    if (value === undefined || value === null) return null;
    if (is(value)) return value;
    this.report('unexpected_type', `expected ${expected}`, key, value);
    return null;
  }

  #open(fields: JsonObject, key: string): Taker {
    const child = new Taker(fields, `${this.path}.${key}`, this.#issues);
    this.#children.push(child);
    return child;
  }

  #openAll(values: readonly JsonValue[], key: string): Taker[] {
    return values.map((value, at) => {
      if (!isObject(value)) throw new RecordShapeError(`${this.path}.${key}[${at}]`, 'object', value);
      return this.#open(value, `${key}[${at}]`);
    });
  }
}

/**
 * Reads each record of a page on its own: one that can't be read is rejected with its message, the others stay.
 * Errors other than `RecordShapeError` are bugs and pass through.
 */
export function readEach<T>(
  records: readonly JsonValue[],
  path: string,
  read: (record: JsonValue, path: string) => T,
): {readings: T[]; rejected: {path: string; message: string}[]} {
  const readings: T[] = [];
  const rejected: {path: string; message: string}[] = [];
  for (const [at, record] of records.entries()) {
    const recordPath = `${path}[${at}]`;
    try {
      readings.push(read(record, '$'));
    } catch (error) {
      if (!(error instanceof RecordShapeError)) throw error;
      rejected.push({path: recordPath, message: error.message});
    }
  }
  return {readings, rejected};
}

/** The value at a dotted path (`props.pageProps.data`), or undefined when the way there is missing. */
export function lookUp(value: JsonValue | undefined, path: string): JsonValue | undefined {
  let at = value;
  for (const key of path.split('.')) at = isObject(at) ? at[key] : undefined;
  return at;
}

/** A copy with only the subtrees at these dotted paths; paths that are missing are left out. */
export function pickSubtrees(value: JsonValue, paths: readonly string[]): JsonValue {
  const picked: JsonObject = {};
  for (const path of paths) {
    const subtree = lookUp(value, path);
    if (subtree === undefined) continue;
    const keys = path.split('.');
    const last = keys.pop() ?? path;
    let at = picked;
    for (const key of keys) {
      const next = at[key];
      const child: JsonObject = isObject(next) ? next : {};
      at[key] = child;
      at = child;
    }
    at[last] = subtree;
  }
  return picked;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: JsonValue): value is JsonValue[] {
  return Array.isArray(value);
}

function isText(value: JsonValue): value is string {
  return typeof value === 'string';
}

function isNumber(value: JsonValue): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isInt(value: JsonValue): value is number {
  return Number.isSafeInteger(value);
}

function isBoolean(value: JsonValue): value is boolean {
  return typeof value === 'boolean';
}

function isScalar(value: JsonValue): value is string | number {
  return isText(value) || isNumber(value);
}
