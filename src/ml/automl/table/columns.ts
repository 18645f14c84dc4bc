/** Anybody's columns, recognised by what stands in them. */
import {foldText} from '../../../lib/spanish.ts';

export type ColumnKind = 'number' | 'boolean' | 'date' | 'category' | 'text' | 'empty';

/** A value of a file: plain values as the readers give them. */
export type TableCell = string | number | boolean | null | readonly unknown[];

/** A column with its values in the order of the rows. */
export interface TableColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Numbers, booleans as 0 and 1, dates as days since 1970; NaN: missing. Empty for words. */
  readonly numbers: Float64Array;
  /** Categories and texts, folded; null: missing. Empty for numbers. */
  readonly words: readonly (string | null)[];
  readonly stated: number;
  readonly distinct: number;
  /** Stated cells that don't fit the kind, counted as missing. */
  readonly unfit: number;
}

const MISSING = new Set([
  '',
  '-',
  '--',
  '?',
  'na',
  'n/a',
  'nan',
  'null',
  'none',
  'nil',
  'sin especificar',
  'sin definir',
]);
const TRUE = new Set(['true', 'yes', 'y', 't', 'si', 's', 'verdadero']);
const FALSE = new Set(['false', 'no', 'n', 'f', 'falso']);
/** A kind is believed when so many of the stated cells fit it. */
const FITTING_SHARE = 0.95;
/** Words longer than this on average are prose. */
const TEXT_LENGTH = 40;
const DAY_MS = 86_400_000;

export function recogniseColumn(name: string, cells: readonly TableCell[]): TableColumn {
  const texts = cells.map(textOf);
  const stated = texts.filter(text => text !== null).length;
  const words = (kind: ColumnKind, own: readonly (string | null)[]): TableColumn => {
    const distinct = new Set(own.filter(word => word !== null)).size;
    return {name, kind, numbers: new Float64Array(0), words: own, stated, distinct, unfit: 0};
  };
  if (stated === 0) return words('empty', texts);
  const commas = usesDecimalCommas(texts);
  const readers: readonly (readonly [ColumnKind, (text: string) => number])[] = [
    ['boolean', readBoolean],
    ['number', text => readNumber(text, commas)],
    ['date', readDate],
  ];
  for (const [kind, read] of readers) {
    const numbers = Float64Array.from(texts, text => (text === null ? Number.NaN : read(text)));
    const fitting = numbers.filter(value => !Number.isNaN(value));
    if (fitting.length < FITTING_SHARE * stated) continue;
    const unfit = stated - fitting.length;
    return {name, kind, numbers, words: [], stated: fitting.length, distinct: new Set(fitting).size, unfit};
  }
  const folded = texts.map(text => (text === null ? null : foldText(text)));
  const length = folded.reduce((sum, text) => sum + (text?.length ?? 0), 0) / stated;
  return words(length >= TEXT_LENGTH ? 'text' : 'category', folded);
}

/** Whole numbers of few, repeated values: postcodes, floors, classes. Their order may mean nothing. */
export function isCode({kind, numbers, distinct, stated}: TableColumn): boolean {
  return (
    kind === 'number' &&
    distinct >= 8 &&
    distinct <= stated / 20 &&
    numbers.every(value => Number.isNaN(value) || Number.isInteger(value))
  );
}

function textOf(cell: TableCell): string | null {
  if (cell === null) return null;
  const text = Array.isArray(cell) ? cell.map(String).join(' ') : String(cell).trim();
  return MISSING.has(text.toLowerCase()) ? null : text;
}

function usesDecimalCommas(texts: readonly (string | null)[]): boolean {
  const stated = texts.filter(text => text !== null);
  const some = stated.filter(text => /^-?\d+,\d+$/.test(text)).length;
  return some > 0 && stated.every(text => !/\d\.\d/.test(text));
}

/** `12`, `-3.5e2`, `$ 1200`, `80 %`; with decimal commas `3,5`. Anything else is NaN. */
function readNumber(text: string, commas: boolean): number {
  const bare = text.replace(/^\$\s*|\s*%$/g, '');
  const plain = commas ? bare.replace(',', '.') : bare;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return Number.NaN;
  const value = Number(plain);
  return Number.isFinite(value) ? value : Number.NaN;
}

function readBoolean(text: string): number {
  const word = foldText(text);
  if (TRUE.has(word)) return 1;
  return FALSE.has(word) ? 0 : Number.NaN;
}

/** `2024-05-31`, with a time behind it or not, `20240531T000000`, `31/05/2024` (day first). */
function readDate(text: string): number {
  const [, year, month, day] =
    /^(\d{4})-(\d\d)-(\d\d)([T ].*)?$/.exec(text) ?? /^(\d{4})(\d\d)(\d\d)T\d+Z?$/.exec(text) ?? [];
  if (year !== undefined) return daysOf(Number(year), Number(month), Number(day));
  const [, dayFirst, monthSecond, yearLast] = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/.exec(text) ?? [];
  return yearLast === undefined
    ? Number.NaN
    : daysOf(Number(yearLast), Number(monthSecond), Number(dayFirst));
}

function daysOf(year: number, month: number, day: number): number {
  const time = Date.UTC(year, month - 1, day);
  const isReal = month >= 1 && month <= 12 && new Date(time).getUTCDate() === day;
  return isReal ? time / DAY_MS : Number.NaN;
}
