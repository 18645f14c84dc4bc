/**
 * A price model that can be read: log COP/m² is a sum of one effect a fact, found by ridge regression on levels (Rosen
 * 1974, "Hedonic prices and implicit markets"). It stands beside the champion, to say what its closed box is worth.
 */
import type {FeatureRow} from '../domain/model.ts';
import {createRandom} from '../lib/random.ts';
import {median} from '../lib/stats.ts';
import {placeKeys} from './attributes.ts';
import {logPricePerM2} from './features.ts';
import {emptyMatrix} from './matrix.ts';
import {fitRidge} from './ridge.ts';
import type {Split} from './split.ts';
import {foldWords} from './text.ts';

/** Levels rarer than this have no effect of their own. */
const MIN_LEVEL_ROWS = 20;
/** Places with an effect of their own, the commonest. */
const MOST_PLACES = 120;
const MOST_AMENITIES = 10;
/** In rows: a level of as many rows is believed by half. */
const PENALTY = 5;

/** Level of a row; null: not stated. */
type LevelOf = (row: FeatureRow) => string | null;

const steps =
  (edges: readonly number[], unit: string, numberOf: (row: FeatureRow) => number | null): LevelOf =>
  row => {
    const value = numberOf(row);
    if (value === null) return null;
    const at = edges.findIndex(edge => value < edge);
    if (at === 0) return `< ${edges[0]}${unit}`;
    return at < 0 ? `≥ ${edges.at(-1)}${unit}` : `${edges[at - 1]}–${edges[at]}${unit}`;
  };

const counted =
  (most: number, numberOf: (row: FeatureRow) => number | null): LevelOf =>
  row => {
    const value = numberOf(row);
    if (value === null) return null;
    return value >= most ? `${most} o más` : String(value);
  };

const FACTS: readonly (readonly [string, LevelOf])[] = [
  ['tipo', row => row.propertyType],
  ['área', steps([40, 50, 65, 80, 100, 130, 180, 260], ' m²', row => row.areaM2)],
  ['estrato', row => (row.stratum === null ? null : String(row.stratum))],
  ['alcobas', counted(5, row => row.bedrooms)],
  ['baños', counted(5, row => row.bathrooms)],
  ['parqueaderos', counted(3, row => row.parkingSpaces)],
  ['antigüedad', steps([1, 5, 10, 20, 30], ' años', row => row.ageYearsMin ?? row.ageYearsMax)],
  ['piso', steps([2, 5, 10, 18], '', row => row.floor)],
  ['estado', row => row.condition],
];

/** Facts in the order they are read. */
export const GLASS_BOX_FACTS: readonly string[] = [...FACTS.map(([fact]) => fact), 'comodidad', 'lugar'];

export interface LevelEffect {
  readonly fact: string;
  readonly level: string;
  readonly rows: number;
  /** Added to log COP/m². */
  readonly effect: number;
}

/** A plain value. */
export interface GlassBox {
  readonly base: number;
  readonly effects: readonly LevelEffect[];
}

const NOT_STATED = 'sin dato';

/** `estrato: 5`, `baños: 2`, `barrio: n:medellin/laureles` … of a row. */
function levelsOf(row: FeatureRow, amenities: readonly string[]): (readonly [fact: string, level: string])[] {
  const own = amenities.length === 0 ? [] : row.amenities.map(foldWords);
  return [
    ...FACTS.map(([fact, levelOf]) => [fact, levelOf(row) ?? NOT_STATED] as const),
    ...placeKeys(row).map(key => ['lugar', key] as const),
    ...amenities.filter(word => own.includes(word)).map(word => ['comodidad', word] as const),
  ];
}

export function fitGlassBox(rows: readonly FeatureRow[]): GlassBox {
  const amenities = commonest(rows.flatMap(row => [...new Set(row.amenities.map(foldWords))])).slice(
    0,
    MOST_AMENITIES,
  );
  const counts = new Map<string, {fact: string; level: string; rows: number}>();
  const levels = rows.map(row => levelsOf(row, amenities));
  for (const [fact, level] of levels.flat()) {
    const key = `${fact}/${level}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, {fact, level, rows: 1});
    else known.rows += 1;
  }
  const common = [...counts.values()]
    .filter(level => level.rows >= MIN_LEVEL_ROWS && level.rows < rows.length)
    .sort((a, b) => b.rows - a.rows || (a.fact + a.level < b.fact + b.level ? -1 : 1));
  const places = new Set(common.filter(({fact}) => fact === 'lugar').slice(0, MOST_PLACES));
  const kept = common.filter(level => level.fact !== 'lugar' || places.has(level));
  const columnOf = new Map(kept.map(({fact, level}, column) => [`${fact}/${level}`, column]));
  const matrix = emptyMatrix(rows.length, kept.length);
  for (const [row, own] of levels.entries()) {
    for (const [fact, level] of own) {
      const column = columnOf.get(`${fact}/${level}`);
      if (column !== undefined) matrix.values[row * kept.length + column] = 1;
    }
  }
  const {intercept, weights} = fitRidge(matrix, logPricePerM2(rows), PENALTY);
  return {
    base: intercept,
    effects: kept.map((level, column) => ({...level, effect: weights[column] ?? 0})),
  };
}

/** Log COP of each row. */
export function predictGlassBox({base, effects}: GlassBox, rows: readonly FeatureRow[]): Float64Array {
  const effectOf = new Map(effects.map(({fact, level, effect}) => [`${fact}/${level}`, effect]));
  const amenities = effects.filter(({fact}) => fact === 'comodidad').map(({level}) => level);
  return Float64Array.from(rows, row =>
    levelsOf(row, amenities).reduce(
      (sum, [fact, level]) => sum + (effectOf.get(`${fact}/${level}`) ?? 0),
      base + Math.log(row.areaM2),
    ),
  );
}

/** Log COP of each row by glass boxes that never saw its group. */
export function crossFitGlassBox(rows: readonly FeatureRow[], {fold, folds}: Split): Float64Array {
  const predicted = new Float64Array(rows.length);
  for (let test = 0; test < folds; test++) {
    const glass = fitGlassBox(rows.filter((_, row) => fold[row] !== test));
    const held = [...rows.keys()].filter(row => fold[row] === test);
    const values = predictGlassBox(
      glass,
      rows.filter((_, row) => fold[row] === test),
    );
    for (const [at, row] of held.entries()) predicted[row] = values[at] ?? Number.NaN;
  }
  return predicted;
}

/** Shares, 0–1. */
export interface GlassBoxCost {
  readonly mdape: number;
  readonly mdapeOfModel: number;
  /** mdape − mdapeOfModel, and its 95 % interval by bootstrap over groups. */
  readonly cost: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 200;

/** What reading costs: both on the same out-of-fold rows. */
export function glassBoxCost(
  rows: readonly FeatureRow[],
  group: Int32Array,
  glass: Float64Array,
  model: ArrayLike<number>,
  seed: number,
): GlassBoxCost {
  const errors = [glass, model].map(predicted =>
    Float64Array.from(rows, ({priceCop}, row) =>
      Math.abs(Math.exp((predicted[row] ?? Number.NaN) - Math.log(priceCop)) - 1),
    ),
  );
  const [ofGlass = new Float64Array(), ofModel = new Float64Array()] = errors;
  const members = new Map<number, number[]>();
  for (const [row, root] of group.entries()) {
    const list = members.get(root);
    if (list === undefined) members.set(root, [row]);
    else list.push(row);
  }
  const groups = [...members.values()];
  const random = createRandom(`glass-box/${seed}`);
  const costs = Array.from({length: RESAMPLES}, () => {
    const drawn = groups.flatMap(() => groups[random.int(0, groups.length - 1)] ?? []);
    const at = (from: Float64Array) => median(drawn.map(row => from[row] ?? 0));
    return at(ofGlass) - at(ofModel);
  }).sort((a, b) => a - b);
  const [mdape, mdapeOfModel] = [median(ofGlass), median(ofModel)];
  return {
    mdape,
    mdapeOfModel,
    cost: mdape - mdapeOfModel,
    low: costs[Math.floor(0.025 * RESAMPLES)] ?? Number.NaN,
    high: costs[Math.ceil(0.975 * RESAMPLES) - 1] ?? Number.NaN,
  };
}

function commonest(words: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1)).map(([word]) => word);
}
