/**
 * The React-server-component stream ("flight") that Next.js App Router pages carry in `self.__next_f.push([1,"…"])`.
 *
 * The pushed texts, joined, are rows `{hex id}:{payload}`: JSON up to the end of the line, `T{hex length},` and that
 * many UTF-8 bytes of text without a line end, or a tagged row (modules, hints) that holds no data. Values point to
 * other rows: `"$19"` is row 19, `"$9:props:data"` a path into row 9, `"$undefined"` nothing, `"$$"` a plain dollar.
 */
import {PageShapeError} from '../domain/errors.ts';
import type {JsonValue} from '../domain/page.ts';
import {isObject} from './take.ts';

const CALL = 'self.__next_f.push(';
const [COLON, COMMA, NEWLINE] = [0x3a, 0x2c, 0x0a];
/** Rows whose payload has a length instead of a line end: text and typed arrays. */
const SIZED_ROW = /^[TAOoUbSsLlGgMmV]$/;
/** Where an element `["$", type, key, props]` keeps what a path calls by name. */
const ELEMENT_FIELDS: Readonly<Record<string, number>> = {type: 1, key: 2, props: 3};
const UNDEFINED = '$undefined';

type Row = {readonly kind: 'json' | 'text' | 'other'; readonly text: string};

/**
 * Reads the stream of a page. Throws `PageShapeError` when there is none, or it is cut off or broken; no message
 * quotes the page, which is not redacted yet.
 */
export function cutFlight(html: string): Flight {
  return new Flight(readRows(Buffer.from(joinPushes(html), 'utf8')));
}

/** True when the page carries a stream at all. */
export function hasFlight(html: string): boolean {
  return html.includes(CALL);
}

export class Flight {
  readonly #rows: ReadonlyMap<string, Row>;
  readonly #parsed = new Map<string, JsonValue>();
  readonly #resolved = new Map<string, JsonValue>();
  /** References whose values are being resolved, and whose paths are being walked. */
  readonly #open = new Set<string>();
  readonly #following = new Set<string>();

  constructor(rows: ReadonlyMap<string, Row>) {
    this.#rows = rows;
  }

  /**
   * The first object, in the order of the page, that has all these keys; its references resolved. A reference to a row that
   * isn't there, or to something that is no data, stays the text it is (`$1a`).
   */
  find(...keys: readonly string[]): {[key: string]: JsonValue} | undefined {
    const quoted = keys.map(key => `${JSON.stringify(key)}:`);
    for (const [id, row] of this.#rows) {
      if (row.kind !== 'json' || !quoted.every(key => row.text.includes(key))) continue;
      const found = findObject(this.#row(id), keys);
      if (found !== undefined) return this.#resolveObject(found);
    }
    return undefined;
  }

  /** Value of a row, references as they are; undefined when there is no such row of data. */
  #row(id: string): JsonValue | undefined {
    const row = this.#rows.get(id);
    if (row === undefined || row.kind === 'other') return undefined;
    if (row.kind === 'text') return row.text;
    const known = this.#parsed.get(id);
    if (known !== undefined) return known;
    const value = parseJson(row.text, `row ${id}`);
    this.#parsed.set(id, value);
    return value;
  }

  #resolve(value: JsonValue): JsonValue {
    if (typeof value === 'string') return value.startsWith('$') ? this.#dereference(value) : value;
    if (Array.isArray(value)) return value.map(element => this.#resolve(element));
    return isObject(value) ? this.#resolveObject(value) : value;
  }

  #resolveObject(fields: {readonly [key: string]: JsonValue}): {[key: string]: JsonValue} {
    const resolved: {[key: string]: JsonValue} = {};
    for (const [key, value] of Object.entries(fields)) {
      if (value !== UNDEFINED) resolved[key] = this.#resolve(value);
    }
    return resolved;
  }

  #dereference(reference: string): JsonValue {
    if (reference.startsWith('$$')) return reference.slice(1);
    if (reference === UNDEFINED) return null;
    if (/^\$D\d/.test(reference)) return reference.slice(2);
    const known = this.#resolved.get(reference);
    if (known !== undefined) return known;
    if (this.#open.has(reference)) throw circular(reference);
    const target = this.#follow(reference);
    if (target === undefined) return reference;
    this.#open.add(reference);
    // A text row is the text itself: what looks like a reference in it is none.
    const isText = this.#rows.get(reference.slice(1))?.kind === 'text';
    const value = isText ? target : this.#resolve(target);
    this.#open.delete(reference);
    this.#resolved.set(reference, value);
    return value;
  }

  /** What a reference points to, unresolved. */
  #follow(reference: string): JsonValue | undefined {
    const [, id, path] = /^\$([0-9a-f]+)((?::[^:]+)*)$/.exec(reference) ?? [];
    if (id === undefined || path === undefined) return undefined;
    if (this.#following.has(reference)) throw circular(reference);
    this.#following.add(reference);
    let at = this.#row(id);
    for (const key of path.split(':').slice(1)) {
      at = step(typeof at === 'string' && at.startsWith('$') ? this.#follow(at) : at, key);
    }
    this.#following.delete(reference);
    return at;
  }
}

function circular(reference: string): PageShapeError {
  return new PageShapeError(
    `the flight stream refers to itself at ${reference.slice(0, 60)}: it can't be read`,
  );
}

function step(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (Array.isArray(value)) {
    const field = value[0] === '$' ? ELEMENT_FIELDS[key] : undefined;
    return value[field ?? Number(key)];
  }
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function findObject(
  value: JsonValue | undefined,
  keys: readonly string[],
): {[key: string]: JsonValue} | undefined {
  if (isObject(value) && keys.every(key => Object.hasOwn(value, key))) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const child of Object.values(value)) {
    const found = findObject(child, keys);
    if (found !== undefined) return found;
  }
  return undefined;
}

function joinPushes(html: string): string {
  const texts: string[] = [];
  let at = html.indexOf(CALL);
  if (at === -1) {
    throw new PageShapeError(
      'the page has no flight stream (self.__next_f): the portal changed or sent another page',
      {
        context: {bytes: html.length},
      },
    );
  }
  for (; at !== -1; at = html.indexOf(CALL, at + CALL.length)) {
    const end = html.indexOf('</script', at);
    if (end === -1) throw cutOff(html.length);
    const push = parseJson(html.slice(at + CALL.length, end).replace(/\)[\s;]*$/, ''), 'a push');
    // Kinds 0, 2 and 3 hold no text: bootstrap, form state, binary.
    if (Array.isArray(push) && push[0] === 1 && typeof push[1] === 'string') texts.push(push[1]);
  }
  return texts.join('');
}

/** Lengths of text rows count bytes: rows are cut from UTF-8, not from the JavaScript text. */
function readRows(stream: Buffer): Map<string, Row> {
  const rows = new Map<string, Row>();
  let at = 0;
  while (at < stream.length) {
    const colon = stream.indexOf(COLON, at);
    const id = stream.toString('latin1', at, colon === -1 ? stream.length : colon);
    if (colon === -1 || !/^[0-9a-f]*$/.test(id)) {
      throw new PageShapeError(
        `the flight stream has no row at byte ${at}: the portal changed how it writes rows`,
      );
    }
    const tag = stream.toString('latin1', colon + 1, colon + 2);
    const {row, end} = SIZED_ROW.test(tag)
      ? readSizedRow(stream, colon + 2, tag)
      : readLine(stream, colon + 1, /^[A-Z#]$/.test(tag));
    rows.set(id, row);
    at = end;
  }
  return rows;
}

function readSizedRow(stream: Buffer, at: number, tag: string): {row: Row; end: number} {
  const comma = stream.indexOf(COMMA, at);
  const length = comma === -1 ? '' : stream.toString('latin1', at, comma);
  const end = comma + 1 + Number.parseInt(length, 16);
  if (!/^[0-9a-f]{1,8}$/.test(length) || end > stream.length) throw cutOff(stream.length);
  return {row: {kind: tag === 'T' ? 'text' : 'other', text: stream.toString('utf8', comma + 1, end)}, end};
}

function readLine(stream: Buffer, at: number, isTagged: boolean): {row: Row; end: number} {
  const newline = stream.indexOf(NEWLINE, at);
  const end = newline === -1 ? stream.length : newline;
  return {row: {kind: isTagged ? 'other' : 'json', text: stream.toString('utf8', at, end)}, end: end + 1};
}

function cutOff(bytes: number): PageShapeError {
  return new PageShapeError('the flight stream has no end: the page was cut off, fetch it again', {
    context: {bytes},
  });
}

function parseJson(text: string, what: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The parser's own message quotes the page.
    throw new PageShapeError(`${what} of the flight stream holds broken JSON (${text.length} characters)`, {
      context: {length: text.length, error: cause instanceof Error ? cause.name : 'unknown'},
    });
  }
}
