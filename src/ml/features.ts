/** Rows as matrices: attributes, market and text features, fitted on training rows and nothing else. */
import type {FeatureRow} from '../domain/model.ts';
import {sha256Hex} from '../lib/hash.ts';
import {type AttributeEncoder, attributeColumns, encodeAttributes, fitAttributes} from './attributes.ts';
import {hedonicResiduals} from './hedonic.ts';
import {encodeMarket, fitMarket, MARKET_COLUMNS, type MarketEncoder} from './market.ts';
import {emptyMatrix, type Matrix} from './matrix.ts';
import {dealGroups, identityKeys} from './split.ts';
import {encodeText, fitText, type TextEncoder, textColumns} from './text-features.ts';

/** Bits of a mask name parts: at most 31. */
const INNER_PARTS = 8;
/** Hex digits kept of a home's hash: two of a million homes meet once in 500 encoders. */
const HASH_DIGITS = 12;

/** A fitted encoder: a plain value that survives JSON. */
export interface Encoder {
  readonly attributes: AttributeEncoder;
  readonly market: MarketEncoder;
  readonly text: TextEncoder;
  /** Bits of the inner parts of each fitted advert, home and text, by its hash. */
  readonly parts: Readonly<Record<string, number>>;
}

/** What models learn: log asking price per m² of home. */
export function logPricePerM2(rows: readonly FeatureRow[]): Float64Array {
  return Float64Array.from(rows, row => Math.log(row.priceCop / row.areaM2));
}

export function encoderColumns(encoder: Encoder): string[] {
  return [...attributeColumns(encoder.attributes), ...MARKET_COLUMNS, ...textColumns(encoder.text)];
}

/**
 * Fits the encoder, and encodes the very rows it was fitted on: as `encodeRows` does whenever they come again.
 * @param group group of each row, as `joinGroups` gives.
 */
export function fitEncoder(
  rows: readonly FeatureRow[],
  group: Int32Array,
  seed: number,
): {readonly encoder: Encoder; readonly matrix: Matrix} {
  const target = logPricePerM2(rows);
  const part = dealGroups(group, INNER_PARTS, seed);
  const attributes = fitAttributes(rows);
  const known = encodeAll(rows, attributeColumns(attributes).length, row =>
    encodeAttributes(attributes, row),
  );
  const residuals = hedonicResiduals(known, target, part, INNER_PARTS);
  const market = fitMarket(attributes, {rows, target, part, residuals}, INNER_PARTS);
  const scaled = residuals.map(values => values.map(value => value / market.sd));
  const text = fitText({rows, group, part, residuals: scaled, seed});
  const encoder = {attributes, market, text, parts: nameParts(rows, part)};
  return {encoder, matrix: encodeRows(encoder, rows)};
}

/**
 * Encodes any rows. No row sees a price of its own: of a fitted home (the same advert, home or text), all features
 * come from the inner parts it isn't in, so that a home scored again reads as it did in training.
 */
export function encodeRows(encoder: Encoder, rows: readonly FeatureRow[]): Matrix {
  return encodeAll(rows, encoderColumns(encoder).length, row => {
    const hidden = hiddenParts(encoder, row);
    return [
      ...encodeAttributes(encoder.attributes, row),
      ...encodeMarket(encoder.market, encoder.attributes, row, hidden),
      ...encodeText(encoder.text, row, hidden),
    ];
  });
}

function encodeAll(
  rows: readonly FeatureRow[],
  columns: number,
  numbersOf: (row: FeatureRow) => readonly number[],
): Matrix {
  const matrix = emptyMatrix(rows.length, columns);
  for (const [index, row] of rows.entries()) matrix.values.set(numbersOf(row), index * columns);
  return matrix;
}

function nameParts(rows: readonly FeatureRow[], part: Uint8Array): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const [index, row] of rows.entries()) {
    for (const hash of identityHashes(row)) parts[hash] = (parts[hash] ?? 0) | (1 << (part[index] ?? 0));
  }
  return parts;
}

/** Bits of the parts that hold the row's own home; 0: a stranger. */
function hiddenParts({parts}: Encoder, row: FeatureRow): number {
  let hidden = 0;
  for (const hash of identityHashes(row)) hidden |= parts[hash] ?? 0;
  return hidden;
}

const hashesCache = new WeakMap<FeatureRow, readonly string[]>();

function identityHashes(row: FeatureRow): readonly string[] {
  let hashes = hashesCache.get(row);
  if (hashes === undefined) {
    hashes = identityKeys(row).map(key => sha256Hex(key).slice(0, HASH_DIGITS));
    hashesCache.set(row, hashes);
  }
  return hashes;
}
