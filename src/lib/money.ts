/** Prices as people say them. Pure. */
import {foldText, parseNumber} from './spanish.ts';

const SCALES: readonly (readonly [RegExp, number])[] = [
  [/^(?:mil|k|miles)$/, 1e3],
  [/^(?:m|mm|millon|millones)$/, 1e6],
  [/^mil millones$/, 1e9],
];

/**
 * Pesos of `450M`, `450 millones`, `1.200 M`, `2,35 millones`, `1,2 mil millones`, `850 mil`, `$ 450.000.000 COP`.
 * Null for anything else, and for a bare number too small to be a price (`450`): pesos or millions, nobody can tell.
 */
export function parseSpokenPesos(text: string): number | null {
  const match = /^(?:cop )?\$? ?([\d.,]+) ?([a-z ]*?)(?: (?:cop|pesos|de pesos))*$/.exec(foldText(text));
  if (match?.[1] === undefined) return null;
  const words = (match[2] ?? '').trim();
  const scale = words === '' || words === 'cop' || words === 'pesos' ? 1 : scaleOf(words);
  const value = parseNumber(match[1]);
  if (scale === undefined || value === null) return null;
  const pesos = Math.round(value * scale);
  return pesos >= SMALLEST_PRICE && Number.isSafeInteger(pesos) ? pesos : null;
}

/** COP: no home is let for less a month. */
const SMALLEST_PRICE = 10_000;

function scaleOf(words: string): number | undefined {
  return SCALES.find(([pattern]) => pattern.test(words))?.[1];
}
