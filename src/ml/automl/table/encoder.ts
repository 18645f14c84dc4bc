/** Anybody's rows as numbers of about unit scale, fitted on training rows and nothing else. */
import {emptyMatrix, type Matrix} from '../../matrix.ts';
import {fitNearest, type NearestModel, predictNearest} from '../../nearest.ts';
import {dealGroups} from '../../split.ts';
import {isCode, type TableColumn} from './columns.ts';

/** A category gets a column of its own when so many rows have it. */
const MIN_VALUE_SHARE = 0.01;
const MOST_VALUES = 30;
/** Words of texts: neither rare nor everywhere. */
const WORD_SHARES = [0.02, 0.6] as const;
const MOST_WORDS = 60;
/** Rows that the mean of all weighs in the mean of a value. */
const SMOOTHING_ROWS = 15;
const NEAREST = 10;
const INNER_PARTS = 8;
const MAX_DEVIATIONS = 5;
const KM_PER_DEGREE = 111.195;

/** Where rows stand: degrees; NaN where unknown. */
export interface TablePoints {
  readonly latitude: Float64Array;
  readonly longitude: Float64Array;
}

export interface TableFeatures {
  readonly columns: readonly TableColumn[];
  readonly points: TablePoints | null;
}

/** A number of one row; NaN: missing. */
interface Feature {
  readonly name: string;
  readonly of: (row: number) => number;
}

/** Means of the target by value, or near by: what must never see the row's own target. */
interface MarketFeature extends Feature {
  readonly base: number;
}

/** A matrix with its column names; `…_missing` marks what nobody stated. */
export interface EncodedTable {
  readonly matrix: Matrix;
  readonly columns: readonly string[];
}

/** Encodes training rows and others. @param target of every row, on the fitted scale. */
export function encodeTable(
  features: TableFeatures,
  target: Float64Array,
  train: readonly number[],
  others: readonly number[],
  group: Int32Array,
  seed: number,
): {readonly train: EncodedTable; readonly others: EncodedTable} {
  const plain = plainFeatures(features, train);
  const market = marketFeatures(features, target, train);
  const part = dealGroups(
    Int32Array.from(train, row => group[row] ?? row),
    INNER_PARTS,
    seed,
  );
  const inner = Array.from({length: INNER_PARTS}, (_, own) => {
    const rest = train.filter((_row, place) => part[place] !== own);
    return rest.length === train.length || rest.length === 0
      ? market
      : marketFeatures(features, target, rest);
  });
  const scales = plain.map(feature => scaleOf(train.map(feature.of)));
  const names = [
    ...plain.flatMap((feature, place) =>
      scales[place]?.hasMissing === true ? [feature.name, `${feature.name}_missing`] : [feature.name],
    ),
    ...market.map(feature => feature.name),
  ];
  const encode = (
    rows: readonly number[],
    marketOf: (place: number) => readonly MarketFeature[],
  ): EncodedTable => {
    const matrix = emptyMatrix(rows.length, names.length);
    for (const [place, row] of rows.entries()) {
      const numbers = plain.flatMap((feature, index) => scaled(feature.of(row), scales[index]));
      const prices = marketOf(place).map(feature => feature.of(row) - feature.base);
      matrix.values.set([...numbers, ...prices], place * names.length);
    }
    return {matrix, columns: names};
  };
  return {
    train: encode(train, place => inner[part[place] ?? 0] ?? market),
    others: encode(others, () => market),
  };
}

interface Scale {
  readonly mean: number;
  readonly sd: number;
  readonly hasMissing: boolean;
}

function scaleOf(values: readonly number[]): Scale {
  const stated = values.filter(value => !Number.isNaN(value));
  const mean = stated.reduce((sum, value) => sum + value, 0) / Math.max(stated.length, 1);
  const variance = stated.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(stated.length, 1);
  return {mean, sd: Math.max(Math.sqrt(variance), 1e-9), hasMissing: stated.length < values.length};
}

function scaled(value: number, scale: Scale | undefined): number[] {
  const {mean = 0, sd = 1, hasMissing = false} = scale ?? {};
  const number = Number.isNaN(value)
    ? 0
    : Math.min(Math.max((value - mean) / sd, -MAX_DEVIATIONS), MAX_DEVIATIONS);
  return hasMissing ? [number, Number.isNaN(value) ? 1 : 0] : [number];
}

function plainFeatures({columns, points}: TableFeatures, train: readonly number[]): Feature[] {
  const features = columns.flatMap((column): Feature[] => {
    const name = `c:${column.name}`;
    const {numbers, words} = column;
    switch (column.kind) {
      case 'number':
        return isSkewed(numbers, train)
          ? [{name, of: row => Math.log1p(numbers[row] ?? Number.NaN)}]
          : [{name, of: row => numbers[row] ?? Number.NaN}];
      case 'boolean':
        return [{name, of: row => numbers[row] ?? Number.NaN}];
      case 'date':
        return [
          {name, of: row => numbers[row] ?? Number.NaN},
          {name: `${name}:month`, of: row => monthOf(numbers[row] ?? Number.NaN)},
        ];
      case 'category':
        return frequent(
          train.map(row => words[row] ?? null),
          MIN_VALUE_SHARE,
          1,
          MOST_VALUES,
        ).map(value => ({
          name: `${name}=${value}`,
          of: row => (words[row] === value ? 1 : 0),
        }));
      case 'text':
        return textFeatures(name, words, train);
      default:
        return [];
    }
  });
  if (points === null) return features;
  const {latitude, longitude} = points;
  const scale = Math.cos((mid(latitude, train) * Math.PI) / 180);
  return [
    {name: 'x', of: row => (longitude[row] ?? Number.NaN) * KM_PER_DEGREE * scale},
    {name: 'y', of: row => (latitude[row] ?? Number.NaN) * KM_PER_DEGREE},
    ...features,
  ];
}

function textFeatures(name: string, words: readonly (string | null)[], train: readonly number[]): Feature[] {
  const sets = words.map(text => new Set(text?.match(/[\p{L}\p{N}]{3,}/gu) ?? []));
  const [least, most] = WORD_SHARES;
  const known = frequent(
    train.flatMap(row => [...(sets[row] ?? [])]),
    least,
    most,
    MOST_WORDS,
    train.length,
  );
  return [
    {name: `${name}:length`, of: row => Math.log1p(words[row]?.length ?? 0)},
    ...known.map(word => ({
      name: `${name}:${word}`,
      of: (row: number) => (sets[row]?.has(word) === true ? 1 : 0),
    })),
  ];
}

/** Means by category and code, and of the nearest rows on the map. */
function marketFeatures(
  {columns, points}: TableFeatures,
  target: Float64Array,
  train: readonly number[],
): MarketFeature[] {
  const base = train.reduce((sum, row) => sum + (target[row] ?? 0), 0) / train.length;
  const coded = columns.filter(column => column.kind === 'category' || isCode(column));
  const means = coded.map((column): MarketFeature => {
    const keyOf = (row: number): string => column.words[row] ?? String(column.numbers[row]);
    const sums = new Map<string, {sum: number; rows: number}>();
    for (const row of train) {
      const entry = sums.get(keyOf(row)) ?? {sum: 0, rows: 0};
      sums.set(keyOf(row), {sum: entry.sum + (target[row] ?? 0), rows: entry.rows + 1});
    }
    return {
      name: `c:${column.name}~mean`,
      base,
      of: row => {
        const {sum = 0, rows = 0} = sums.get(keyOf(row)) ?? {};
        return (sum + SMOOTHING_ROWS * base) / (rows + SMOOTHING_ROWS);
      },
    };
  });
  return points === null ? means : [...means, nearFeature(points, target, train, base)];
}

function nearFeature(
  {latitude, longitude}: TablePoints,
  target: Float64Array,
  train: readonly number[],
  base: number,
): MarketFeature {
  const scale = Math.cos((mid(latitude, train) * Math.PI) / 180);
  const matrixOf = (rows: readonly number[]): Matrix => ({
    rows: rows.length,
    columns: 2,
    values: Float32Array.from(
      rows.flatMap(row => [
        ((longitude[row] ?? 0) - (longitude[train[0] ?? 0] ?? 0)) * KM_PER_DEGREE * scale,
        ((latitude[row] ?? 0) - (latitude[train[0] ?? 0] ?? 0)) * KM_PER_DEGREE,
      ]),
    ),
  });
  const placed = train.filter(
    row => !Number.isNaN(latitude[row] ?? Number.NaN) && !Number.isNaN(longitude[row] ?? Number.NaN),
  );
  const model: NearestModel | null =
    placed.length === 0
      ? null
      : fitNearest(
          matrixOf(placed),
          Float64Array.from(placed, row => target[row] ?? 0),
          [
            [0, 1],
            [1, 1],
          ],
          NEAREST,
        );
  return {
    name: '~near',
    base,
    of: row =>
      model === null || Number.isNaN((latitude[row] ?? Number.NaN) + (longitude[row] ?? Number.NaN))
        ? base
        : (predictNearest(model, matrixOf([row]))[0] ?? base),
  };
}

function mid(values: Float64Array, rows: readonly number[]): number {
  const stated = rows.map(row => values[row] ?? Number.NaN).filter(value => !Number.isNaN(value));
  return stated.reduce((sum, value) => sum + value, 0) / Math.max(stated.length, 1);
}

/** Positive and far from symmetric: its logarithm is the better scale. */
function isSkewed(numbers: Float64Array, rows: readonly number[]): boolean {
  const stated = rows.map(row => numbers[row] ?? Number.NaN).filter(value => !Number.isNaN(value));
  if (stated.some(value => value < 0)) return false;
  const {mean, sd} = scaleOf(stated);
  return stated.reduce((sum, value) => sum + ((value - mean) / sd) ** 3, 0) / stated.length > 2;
}

function monthOf(days: number): number {
  return Number.isNaN(days) ? Number.NaN : new Date(days * 86_400_000).getUTCMonth() + 1;
}

function frequent(
  words: readonly (string | null)[],
  least: number,
  most: number,
  limit: number,
  rows = words.length,
): string[] {
  const counts = new Map<string, number>();
  for (const word of words) if (word !== null) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= least * rows && count <= most * rows)
    .sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([word]) => word);
}
