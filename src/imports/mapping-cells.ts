/** Reading single cells of a file after a mapping: every way gives null for what isn't stated or not understood. */
import {describe} from '../domain/errors.ts';
import type {Issue} from '../domain/issue.ts';
import {
  foldText,
  isNotStated,
  parseAreaM2,
  parseCount,
  parseDecimal,
  parseNumber,
  parsePesos,
  parseStratum,
} from '../lib/spanish.ts';
import {redactText} from '../portal/redact.ts';
import type {DateFormat, NumberReader, Source} from './mapping.ts';
import type {Cell} from './readers-table.ts';

/** Reads the text a source holds in a row; null: not stated. */
export type ReadText = (cells: readonly Cell[]) => string | null;

const NUMBERS: Readonly<Record<NumberReader, (text: string) => number | null>> = {
  decimal: parseDecimal,
  number: parseNumber,
  pesos: parsePesos,
  area: parseAreaM2,
  count: parseCount,
  stratum: parseStratum,
};

export function readNumberAs(reader: NumberReader, text: string): number | null {
  return NUMBERS[reader](text);
}

/** Finds the cell once, so that each row only looks it up. @param notStated folded words */
export function compileText(
  source: Source,
  columns: readonly string[],
  notStated: ReadonlySet<string>,
): ReadText {
  if (typeof source !== 'string' && 'value' in source) {
    const fixed = String(source.value);
    return () => fixed;
  }
  const {column, pattern, prefix = '', words} = typeof source === 'string' ? {column: source} : source;
  const index = columns.indexOf(column);
  const expression = pattern === undefined ? undefined : new RegExp(pattern, 'u');
  const translated = new Map(Object.entries(words ?? {}).map(([word, meaning]) => [foldText(word), meaning]));
  return cells => {
    let text = textOfCell(cells[index] ?? null);
    if (text === null) return null;
    if (translated.size > 0) text = translated.get(foldText(text)) ?? text;
    if (expression !== undefined) text = expression.exec(text)?.[1] ?? '';
    if (text.length <= LONGEST_WORD && (isNotStated(text) || notStated.has(foldText(text)))) return null;
    return prefix + text;
  };
}

/** Ways to say nothing are short; long texts needn't be compared with them. */
const LONGEST_WORD = 40;

function textOfCell(cell: Cell): string | null {
  if (cell === null) return null;
  if (typeof cell === 'string') return cell.trim();
  return typeof cell === 'object' ? cell.map(textOfCell).join(', ') : String(cell);
}

/** A calendar day as `YYYY-MM-DD`, or null when the text isn't one of that format. A time after it is left out. */
export function readDay(text: string, format: DateFormat): string | null {
  const match = DAY_PATTERNS[format].exec(text);
  if (match?.groups === undefined) return null;
  const {y = '', m = '', d = ''} = match.groups;
  const day = `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
  const parsed = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== day ? null : day;
}

const DAY_PATTERNS: Readonly<Record<DateFormat, RegExp>> = {
  'YYYY-MM-DD': /^(?<y>\d{4})-(?<m>\d{2})-(?<d>\d{2})(?:$|[ T])/,
  'DD-MM-YYYY': /^(?<d>\d{1,2})[-/](?<m>\d{1,2})[-/](?<y>\d{4})(?:$|[ T])/,
  'M/D/YYYY': /^(?<m>\d{1,2})\/(?<d>\d{1,2})\/(?<y>\d{4})(?:$|[ T])/,
};

/** A word or number nobody understands: null in the listing, and this. */
export function unknownWord(column: string, text: string, expected: string): Issue {
  return {
    code: 'unknown_word',
    message: `${column}: not understood as ${expected}`,
    path: column,
    value: describe(redactText(text)).slice(0, 60),
  };
}

export function columnOf(source: Source): string {
  if (typeof source === 'string') return source;
  return 'column' in source ? source.column : 'a fixed value';
}
