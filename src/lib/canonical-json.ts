import type {JsonValue} from '../domain/page.ts';

/**
 * JSON text that is the same for equal values: object keys sorted, `undefined` members left out, and no character
 * that a `jsonb` column refuses (NUL and lone surrogates become U+FFFD).
 */
export function canonicalJson(value: unknown): string {
  const text = write(value);
  // JSON.stringify escapes as \u only control characters and lone surrogates: without one there is nothing to mend.
  return text.includes('\\u') ? write(mend(JSON.parse(text))) : text;
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(member => write(member ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    const members: string[] = [];
    for (const [key, member] of Object.entries(value).sort(byKey)) {
      if (member !== undefined) members.push(`${JSON.stringify(key)}:${write(member)}`);
    }
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function mend(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd');
  if (Array.isArray(value)) return value.map(mend);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [String(mend(key)), mend(member)]));
}
