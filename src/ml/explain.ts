/** What each group of facts adds to a predicted price, first in logs, then in pesos. */
import type {FeatureRow} from '../domain/model.ts';
import {mean} from '../lib/stats.ts';
import type {Parameters} from './algorithms.ts';
import {placeKeys} from './attributes.ts';
import {toTreeMatrix} from './gbdt/columns.ts';
import {attributeForest} from './gbdt/shap.ts';
import type {Matrix} from './matrix.ts';

/** At most eight: TreeSHAP's players. */
export const PRICE_PARTS = [
  'location',
  'stratum',
  'area',
  'rooms',
  'condition',
  'amenities',
  'text',
  'fees',
] as const;
export type PricePart = (typeof PRICE_PARTS)[number];

/** Rows a place or type needs for a typical price of its own. */
const MIN_SEGMENT_ROWS = 30;
const EVERYBODY = 'all';
/** Decimals kept of stored log parts: 0.01 %. */
const LOG_DECIMALS = 4;

/** First match decides. */
const PART_PATTERNS: readonly (readonly [PricePart, RegExp])[] = [
  ['fees', /^log_admin_fee/],
  ['text', /^(word_|text|tfidf|log_text)/],
  ['amenities', /^amenit/],
  ['condition', /^(age|condition_|floor)/],
  ['stratum', /^(stratum|estimated_stratum)/],
  ['rooms', /^(bedrooms|bathrooms|parking|type_)|_per_bedroom/],
  ['area', /^(log_area|area_)/],
  [
    'location',
    /^(mean_|near_|similar_|place_rows|log_m_|point_missing|place_unknown|shared_pin|sin_|cos_|[xy]$)/,
  ],
];

/** What a column speaks of; undefined: nobody has said. */
export function partOfColumn(column: string): PricePart | undefined {
  return PART_PATTERNS.find(([, pattern]) => pattern.test(column))?.[0];
}

/** Columns nobody has grouped speak of the place, as most features made of other homes do. */
function partIndex(column: string): number {
  return PRICE_PARTS.indexOf(partOfColumn(column) ?? 'location');
}

/**
 * Log parts of rows, `PRICE_PARTS.length` a row; with a constant they add up to the predicted log price. TreeSHAP for
 * trees, weight × value for a line; of a blend its ridge and tree parts speak for the whole.
 * @param columns names of the matrix's columns.
 * @returns null when the model can't say (naive rows, a network alone).
 */
export function explainLogPrices(
  parameters: Parameters,
  rows: readonly FeatureRow[],
  matrix: Matrix,
  columns: readonly string[],
): Float64Array | null {
  const parts = explainPerM2(parameters, matrix, columns.map(partIndex));
  const area = PRICE_PARTS.indexOf('area');
  if (parts !== null) {
    for (const [index, row] of rows.entries()) {
      const at = index * PRICE_PARTS.length + area;
      parts[at] = (parts[at] ?? 0) + Math.log(row.areaM2);
    }
  }
  return parts;
}

function explainPerM2(
  parameters: Parameters,
  matrix: Matrix,
  partOf: readonly number[],
): Float64Array | null {
  switch (parameters.algorithm) {
    case 'ridge_hedonic': {
      const parts = new Float64Array(matrix.rows * PRICE_PARTS.length);
      for (const [index, value] of matrix.values.entries()) {
        const column = index % matrix.columns;
        const at = Math.floor(index / matrix.columns) * PRICE_PARTS.length + (partOf[column] ?? 0);
        parts[at] = (parts[at] ?? 0) + value * (parameters.ridge.weights[column] ?? 0);
      }
      return parts;
    }
    case 'gbdt': {
      const {columns, forest} = parameters;
      const player = columns.at.map(column => partOf[column] ?? 0);
      return attributeForest(forest, toTreeMatrix(columns, matrix), player, PRICE_PARTS.length).parts.values;
    }
    case 'blend':
      return blendParts(
        parameters.parts.map(part => {
          return {weight: part.weight, parts: explainPerM2(part.parameters, matrix, partOf)};
        }),
      );
    default:
      return null;
  }
}

/** A trace of weight lets models speak that a fold's blend left out. */
const TRACE = 1e-9;

/** Weighted mean of those that can say; null when nobody can. */
export function blendParts(
  members: readonly {readonly weight: number; readonly parts: Float64Array | null}[],
): Float64Array | null {
  const speaking = members.flatMap(({weight, parts}) =>
    parts === null ? [] : [{weight: weight + TRACE, parts}],
  );
  const total = speaking.reduce((sum, {weight}) => sum + weight, 0);
  const [first] = speaking;
  if (first === undefined) return null;
  return first.parts.map((_, at) =>
    speaking.reduce((sum, {weight, parts}) => sum + (weight / total) * (parts[at] ?? 0), 0),
  );
}

interface Segment {
  readonly rows: number;
  /** Mean predicted log price, COP. */
  readonly typicalLog: number;
  /** Geometric mean, m². */
  readonly typicalAreaM2: number;
  /** Mean log part, in the order of `PRICE_PARTS`. */
  readonly parts: readonly number[];
}

/** A plain value. */
export interface Explanation {
  /** By type and place (`apartment@n:medellin/laureles`), by type, and `all`: all rows. */
  readonly segments: Readonly<Record<string, Segment>>;
  /** Log parts of each training listing, by folds that never saw its home. */
  readonly outOfFold: Readonly<Record<string, readonly number[]>>;
}

/** Segments a home belongs to, the narrowest first. */
function segmentKeys(row: FeatureRow): string[] {
  return [...placeKeys(row).map(place => `${row.propertyType}@${place}`), row.propertyType, EVERYBODY];
}

/** @param predicted log COP of each row; @param parts as `explainLogPrices` gives, of the same folds. */
export function fitExplanation(
  rows: readonly FeatureRow[],
  predicted: Float64Array,
  parts: Float64Array,
): Explanation {
  const members = new Map<string, number[]>();
  for (const [index, row] of rows.entries()) {
    for (const key of segmentKeys(row)) {
      const list = members.get(key);
      if (list === undefined) members.set(key, [index]);
      else list.push(index);
    }
  }
  const partsOf = (row: number): Float64Array =>
    parts.subarray(row * PRICE_PARTS.length, (row + 1) * PRICE_PARTS.length);
  const segments = [...members].flatMap(([name, indexes]): [string, Segment][] => {
    if (name !== EVERYBODY && indexes.length < MIN_SEGMENT_ROWS) return [];
    const segment = {
      rows: indexes.length,
      typicalLog: mean(indexes.map(row => predicted[row] ?? 0)),
      typicalAreaM2: Math.exp(mean(indexes.map(row => Math.log(rows[row]?.areaM2 ?? 1)))),
      parts: PRICE_PARTS.map((_, part) => mean(indexes.map(row => partsOf(row)[part] ?? 0))),
    };
    return [[name, segment]];
  });
  const outOfFold = rows.map(({listingId}, row) => {
    return [listingId, [...partsOf(row)].map(value => Number(value.toFixed(LOG_DECIMALS)))] as const;
  });
  return {segments: Object.fromEntries(segments), outOfFold: Object.fromEntries(outOfFold)};
}

/** Why a price differs from the typical one, COP. */
export interface PriceDifference {
  readonly typicalCop: number;
  readonly typicalAreaM2: number;
  /** Homes the typical one is made of. */
  readonly typicalRows: number;
  /** Name of the place the typical home stands in, as the advert says it; null: everywhere. */
  readonly place: string | null;
  /** False: the typical home of all types. */
  readonly isOwnType: boolean;
  /** They and `restCop` add up to the predicted price less the typical one. */
  readonly parts: readonly {readonly part: PricePart; readonly cop: number}[];
  /** What no part claims: a network's voice in a blend, and the folds' differing constants. */
  readonly restCop: number;
}

/**
 * Log parts as pesos: each log unit is worth the logarithmic mean of both prices, (p − t) / (ln p − ln t), so that the
 * parts add up exactly (Ang 2005, "The LMDI approach to decomposition analysis"). The typical home is that of the type
 * in the narrowest place with enough adverts.
 * @param predicted log COP; @param parts log parts of the home.
 */
export function explainDifference(
  {segments}: Explanation,
  row: FeatureRow,
  predicted: number,
  parts: readonly number[],
): PriceDifference {
  const key = segmentKeys(row).find(candidate => segments[candidate] !== undefined);
  const segment = segments[key ?? EVERYBODY];
  if (segment === undefined) throw new RangeError('explanation without the segment of all rows');
  const gap = predicted - segment.typicalLog;
  const typicalCop = Math.exp(segment.typicalLog);
  const worth = Math.abs(gap) < 1e-9 ? typicalCop : (Math.exp(predicted) - typicalCop) / gap;
  const gaps = PRICE_PARTS.map((_, part) => (parts[part] ?? 0) - (segment.parts[part] ?? 0));
  return {
    typicalCop,
    typicalAreaM2: segment.typicalAreaM2,
    typicalRows: segment.rows,
    place: placeOfKey(row, key),
    isOwnType: key !== EVERYBODY,
    parts: PRICE_PARTS.map((part, index) => ({part, cop: (gaps[index] ?? 0) * worth})),
    restCop: gaps.reduce((left, value) => left - value, gap) * worth,
  };
}

function placeOfKey({neighbourhood, district, municipality}: FeatureRow, key = ''): string | null {
  const level = key.split('@')[1]?.slice(0, 2);
  if (level === 'n:') return neighbourhood;
  if (level === 'd:') return district;
  return level === 'm:' ? municipality : null;
}
