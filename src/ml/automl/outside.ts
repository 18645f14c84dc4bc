/** Predictions that somebody brings from outside: checked before they are measured. */
import {ConfigError} from '../../domain/errors.ts';
import type {FeatureRow} from '../../domain/model.ts';

/** One line of the file, as it was read. */
export interface OutsideLine {
  /** 1 for the first line after the header. */
  readonly row: number;
  readonly listingId: string;
  readonly predicted: string;
}

/** Examples a message names. */
const SHOWN = 3;

/**
 * Log prices in the order of the rows.
 * @param elsewhere listings of the other operation: somebody may have taken the wrong split.
 * @throws ConfigError naming what is missing, extra, twice or no price; all kinds of trouble at once.
 */
export function readOutside(
  lines: readonly OutsideLine[],
  rows: readonly FeatureRow[],
  elsewhere: ReadonlySet<string>,
  file: string,
): Float64Array {
  const places = new Map(rows.map((row, place) => [row.listingId, place]));
  const predicted = new Float64Array(rows.length).fill(Number.NaN);
  const seen = new Set<string>();
  const twice: string[] = [];
  const extra: string[] = [];
  const noPrice: string[] = [];
  for (const {row, listingId, predicted: text} of lines) {
    const place = places.get(listingId);
    if (place === undefined) extra.push(listingId);
    else if (seen.has(listingId)) twice.push(listingId);
    else {
      const price = text.trim() === '' ? Number.NaN : Number(text);
      if (Number.isFinite(price) && price > 0) predicted[place] = Math.log(price);
      else noPrice.push(`row ${row}: "${text}"`);
    }
    seen.add(listingId);
  }
  const missing = rows.filter(row => !seen.has(row.listingId)).map(row => row.listingId);
  const operation = rows[0]?.operation ?? 'sale';
  const troubles = [
    trouble(missing, 'listings of the split have no prediction'),
    trouble(extra, 'listings are not in the split'),
    trouble(twice, 'listings stand twice'),
    trouble(noPrice, 'predictions are not a price above 0 in COP'),
  ].filter(text => text !== undefined);
  if (troubles.length === 0) return predicted;
  const isOther = extra.length > 0 && extra.every(id => elsewhere.has(id));
  throw new ConfigError(
    `${file}: ${troubles.join('; ')}. ${
      isOther
        ? `They are of the other operation: this split is of ${operation}, give --operation.`
        : 'Take the listings from `raiz model split --out split.csv`, predict each once, and submit again.'
    } Nothing was stored.`,
    {context: {missing: missing.length, extra: extra.length, twice: twice.length, noPrice: noPrice.length}},
  );
}

function trouble(found: readonly string[], what: string): string | undefined {
  if (found.length === 0) return undefined;
  const more = found.length > SHOWN ? ', …' : '';
  return `${found.length} ${what} (${found.slice(0, SHOWN).join(', ')}${more})`;
}
