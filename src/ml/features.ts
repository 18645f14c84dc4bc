/** Rows as matrices: attributes plus market features, fitted on training rows and nothing else. */
import type {FeatureRow} from '../domain/model.ts';
import {type AttributeEncoder, attributeColumns, encodeAttributes, fitAttributes} from './attributes.ts';
import {encodeMarket, fitMarket, MARKET_COLUMNS, type MarketEncoder} from './market.ts';
import {emptyMatrix, type Matrix} from './matrix.ts';
import {dealGroups} from './split.ts';

const INNER_PARTS = 8;

/** A fitted encoder: a plain value that survives JSON. */
export interface Encoder {
  readonly attributes: AttributeEncoder;
  readonly market: MarketEncoder;
}

/** What models learn: log asking price per m² of home. */
export function logPricePerM2(rows: readonly FeatureRow[]): Float64Array {
  return Float64Array.from(rows, row => Math.log(row.priceCop / row.areaM2));
}

export function encoderColumns(encoder: Encoder): string[] {
  return [...attributeColumns(encoder.attributes), ...MARKET_COLUMNS];
}

/**
 * Fits the encoder and encodes the very rows it was fitted on.
 *
 * Their market features are made from inner parts that don't hold the row's group: the matrix never shows a row its
 * own price.
 * @param group group of each row, as `joinGroups` gives.
 */
export function fitEncoder(
  rows: readonly FeatureRow[],
  group: Int32Array,
  seed: number,
): {readonly encoder: Encoder; readonly matrix: Matrix} {
  const target = logPricePerM2(rows);
  const attributes = fitAttributes(rows);
  const market = fitMarket(attributes, rows, target);
  const part = dealGroups(group, INNER_PARTS, seed);
  const matrix = emptyMatrix(rows.length, attributeColumns(attributes).length + MARKET_COLUMNS.length);
  for (let inner = 0; inner < INNER_PARTS; inner++) {
    const others = rows.filter((_, index) => part[index] !== inner);
    const othersTarget = target.filter((_, index) => part[index] !== inner);
    if (others.length === 0 || others.length === rows.length) continue;
    const innerMarket = {...fitMarket(attributes, others, othersTarget), mean: market.mean, sd: market.sd};
    for (const [index, row] of rows.entries()) {
      if (part[index] === inner) fillRow(matrix, index, {attributes, market: innerMarket}, row);
    }
  }
  return {encoder: {attributes, market}, matrix};
}

/** Encodes rows the encoder was not fitted on. */
export function encodeRows(encoder: Encoder, rows: readonly FeatureRow[]): Matrix {
  const matrix = emptyMatrix(rows.length, encoderColumns(encoder).length);
  for (const [index, row] of rows.entries()) fillRow(matrix, index, encoder, row);
  return matrix;
}

function fillRow(matrix: Matrix, index: number, encoder: Encoder, row: FeatureRow): void {
  const numbers = [
    ...encodeAttributes(encoder.attributes, row),
    ...encodeMarket(encoder.market, encoder.attributes, row),
  ];
  matrix.values.set(numbers, index * matrix.columns);
}
