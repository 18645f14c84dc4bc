/** The candidates of the leaderboard behind one shape. */
import type {FeatureRow} from '../domain/model.ts';
import {type Effort, USUAL_EFFORT} from '../domain/vocabulary.ts';
import {median} from '../lib/stats.ts';
import type {Backend} from './backend.ts';
import type {Encoder} from './features.ts';
import {type BagSettings, fitBag, fitTree} from './gbdt/bagging.ts';
import {type BoostSettings, fitBoost} from './gbdt/boost.ts';
import {chooseTreeColumns, type TreeColumns, toTreeMatrix} from './gbdt/columns.ts';
import {type Forest, predictForest} from './gbdt/forest.ts';
import type {TreeSettings} from './gbdt/tree.ts';
import type {Matrix} from './matrix.ts';
import {fitPlaceMedians, type PlaceMedians, predictPlaceMedian} from './naive.ts';
import {type ColumnWeights, fitNearest, type NearestModel, predictNearest} from './nearest.ts';
import {
  DAILY_NETWORK,
  FULL_NETWORK,
  fitNetwork,
  type NetworkModel,
  type NetworkSettings,
  predictNetwork,
} from './network.ts';
import {fitRidge, predictRidge, type RidgeModel} from './ridge.ts';

/** Candidates that are fitted on rows, the cheap ones first: the time budget cuts from the end. */
export const FITTED_ALGORITHMS = [
  'naive_median_m2',
  'naive_place_stratum',
  'ridge_hedonic',
  'nearest',
  'tree',
  'forest',
  'gbdt',
  'network',
] as const;
export type FittedAlgorithm = (typeof FITTED_ALGORITHMS)[number];
/** The blend is a weighted mean of fitted ones. */
export type Algorithm = FittedAlgorithm | 'blend';

/** Rungs of the ladder that others are set against: measured like them, never blended, stored or champion. */
const YARDSTICKS: ReadonlySet<Algorithm> = new Set<Algorithm>([
  'naive_median_m2',
  'naive_place_stratum',
  'nearest',
  'tree',
  'forest',
]);

export function isYardstick(algorithm: Algorithm): boolean {
  return YARDSTICKS.has(algorithm);
}

export const ALGORITHM_NOTES: Readonly<Record<Algorithm, string>> = {
  naive_median_m2: 'median COP/m² of all homes × area',
  naive_place_stratum:
    'median COP/m² of barrio × estrato × area; the wider place where there are fewer than 5 rows',
  ridge_hedonic: 'linear regression of log COP/m² with a ridge penalty',
  nearest: 'mean log COP/m² of the most similar homes near by',
  tree: 'one regression tree on log COP/m²',
  forest: 'mean of many trees, each on a bootstrap sample',
  gbdt: 'histogram gradient-boosted trees on log COP/m², Huber loss',
  network: 'TensorFlow.js ensemble of small networks on piecewise linear numbers, log COP/m²',
  blend: 'weighted mean of ridge, trees and network; weights learned on the other folds',
};

/** Weight of the ridge penalty, in rows. */
export const RIDGE_PENALTY = 30;
/** Neighbours whose mean is taken. */
export const NEAREST_HOMES = 10;
/** A tree alone must be small, or it learns homes by heart; in a forest the mean forgives that. */
export const TREE: TreeSettings = {maxLeaves: 48, minLeafRows: 15, l2: 0};
export const FOREST: BagSettings = {maxLeaves: 400, minLeafRows: 3, l2: 0, trees: 60, columnShare: 0.5};

/** What a unit of an encoded column is worth, in kilometres. */
const HOME_DISTANCES: Readonly<Record<string, number>> = {
  x: 10,
  y: 10,
  point_missing: 0.3,
  log_area: 1.5,
  stratum: 1,
  bathrooms: 0.5,
  parking: 0.4,
  bedrooms: 0.3,
  age: 0.5,
  type_apartment: 1,
  type_house: 1,
};

/** Chosen on the files of 2021 and 2023 (test/bench/model.ts). */
export const BOOST: BoostSettings = {
  maxLeaves: 31,
  minLeafRows: 8,
  l2: 3,
  huberDelta: 0.1,
  maxTrees: 2000,
  shrinkage: 0.06,
  patience: 60,
  rowShare: 0.8,
  columnShare: 0.4,
  mostBins: 255,
};

/** What the efforts differ by. */
const EFFORT_SETTINGS: Readonly<
  Record<Effort, {readonly boost: BoostSettings; readonly network: NetworkSettings}>
> = {
  daily: {boost: BOOST, network: DAILY_NETWORK},
  full: {boost: {...BOOST, boosters: 4}, network: FULL_NETWORK},
};

/** What each effort is, and what `daily` gives up: measured on 2026-12-01 with `npm run bench -- training`. */
export const EFFORT_NOTES: Readonly<Record<Effort, string>> = {
  daily:
    'daily: one booster, four small networks; half the seconds of full, some 1 % more error ' +
    '(19,721 homes of Medellín: MdAPE 11.71 against 11.58 %)',
  full: 'full: four boosters, eight networks',
};

/** Everything a candidate is fitted with unless told otherwise: a change makes other models of the same rows and seed. */
export function usualSettings(effort: Effort) {
  return {
    ridgePenalty: RIDGE_PENALTY,
    neighbours: NEAREST_HOMES,
    homeDistances: HOME_DISTANCES,
    tree: TREE,
    forest: FOREST,
    ...EFFORT_SETTINGS[effort],
  };
}

/** Fitted parameters; a plain value, without its encoder. */
export type Parameters =
  | FittedParameters
  | {
      readonly algorithm: 'blend';
      readonly parts: readonly {readonly weight: number; readonly parameters: FittedParameters}[];
    };

export type FittedParameters =
  | {readonly algorithm: 'naive_median_m2'; readonly median: number}
  | {readonly algorithm: 'naive_place_stratum'; readonly medians: PlaceMedians}
  | {readonly algorithm: 'ridge_hedonic'; readonly ridge: RidgeModel}
  | {readonly algorithm: 'nearest'; readonly nearest: NearestModel}
  | {readonly algorithm: 'tree' | 'forest'; readonly columns: TreeColumns; readonly forest: Forest}
  | {readonly algorithm: 'gbdt'; readonly columns: TreeColumns; readonly forest: Forest}
  | {readonly algorithm: 'network'; readonly network: NetworkModel};

/** Training rows in every form a candidate may want. */
export interface TrainingSet {
  readonly rows: readonly FeatureRow[];
  /** Log COP/m². */
  readonly target: Float64Array;
  readonly group: Int32Array;
  readonly matrix: Matrix;
  /** Names of the matrix's columns. */
  readonly columns: readonly string[];
}

/** Settings that differ from the usual ones, by candidate: what a search found. A plain value. */
export interface Tuned {
  readonly ridge_hedonic?: {readonly penalty: number};
  readonly nearest?: {readonly neighbours: number};
  readonly gbdt?: Partial<BoostSettings>;
  readonly network?: Partial<NetworkSettings>;
}

export interface FitSettings {
  readonly backend: Backend;
  readonly seed: number;
  /** `USUAL_EFFORT` unless told. */
  readonly effort?: Effort | undefined;
  /** Instead of the effort's own. */
  readonly network?: NetworkSettings | undefined;
  readonly tuned?: Tuned | undefined;
}

export async function fitAlgorithm(
  algorithm: FittedAlgorithm,
  set: TrainingSet,
  settings: FitSettings,
): Promise<FittedParameters> {
  switch (algorithm) {
    case 'naive_median_m2':
      return {algorithm, median: median(set.target)};
    case 'naive_place_stratum':
      return {algorithm, medians: fitPlaceMedians(set.rows, set.target)};
    case 'ridge_hedonic':
      return {
        algorithm,
        ridge: fitRidge(set.matrix, set.target, settings.tuned?.ridge_hedonic?.penalty ?? RIDGE_PENALTY),
      };
    case 'nearest': {
      const neighbours = settings.tuned?.nearest?.neighbours ?? NEAREST_HOMES;
      return {
        algorithm,
        nearest: fitNearest(set.matrix, set.target, homeDistances(set.columns), neighbours),
      };
    }
    case 'tree':
    case 'forest':
    case 'gbdt': {
      const columns = chooseTreeColumns(set.columns);
      return {
        algorithm,
        columns,
        forest: fitTrees(algorithm, toTreeMatrix(columns, set.matrix), set, settings),
      };
    }
    case 'network': {
      const {backend, seed, effort = USUAL_EFFORT, tuned} = settings;
      const network = {...(settings.network ?? EFFORT_SETTINGS[effort].network), ...tuned?.network};
      return {
        algorithm,
        network: await fitNetwork(backend, set.matrix, set.columns, set.target, set.group, seed, network),
      };
    }
  }
}

function fitTrees(
  algorithm: 'tree' | 'forest' | 'gbdt',
  x: Matrix,
  {target, group}: TrainingSet,
  {seed, effort = USUAL_EFFORT, tuned}: FitSettings,
): Forest {
  switch (algorithm) {
    case 'tree':
      return fitTree(x, target, TREE);
    case 'forest':
      return fitBag(x, target, seed, FOREST);
    case 'gbdt':
      return fitBoost(x, target, group, seed, {...EFFORT_SETTINGS[effort].boost, ...tuned?.gbdt});
  }
}

/** Columns that tell which homes are alike; place first, since neighbours are sought along it. */
function homeDistances(columns: readonly string[]): ColumnWeights {
  return Object.entries(HOME_DISTANCES).flatMap(([name, weight]) => {
    const column = columns.indexOf(name);
    return column < 0 ? [] : [[column, weight] as const];
  });
}

/** Predicted log prices, COP. @param matrix the rows, encoded by the encoder the parameters were fitted with. */
export function predictLogPrices(
  parameters: Parameters,
  rows: readonly FeatureRow[],
  matrix: Matrix,
  backend: Backend,
): Float64Array {
  const perM2 = predictPerM2(parameters, rows, matrix, backend);
  return Float64Array.from(rows, (row, index) => (perM2[index] ?? Number.NaN) + Math.log(row.areaM2));
}

function predictPerM2(
  parameters: Parameters,
  rows: readonly FeatureRow[],
  matrix: Matrix,
  backend: Backend,
): Float64Array {
  switch (parameters.algorithm) {
    case 'naive_median_m2':
      return new Float64Array(rows.length).fill(parameters.median);
    case 'naive_place_stratum':
      return Float64Array.from(rows, row => predictPlaceMedian(parameters.medians, row));
    case 'ridge_hedonic':
      return predictRidge(parameters.ridge, matrix);
    case 'nearest':
      return predictNearest(parameters.nearest, matrix);
    case 'tree':
    case 'forest':
    case 'gbdt':
      return predictForest(parameters.forest, toTreeMatrix(parameters.columns, matrix));
    case 'network':
      return predictNetwork(backend, parameters.network, matrix);
    case 'blend': {
      const sum = new Float64Array(rows.length);
      for (const {weight, parameters: own} of parameters.parts) {
        const values = predictPerM2(own, rows, matrix, backend);
        for (const [row, value] of values.entries()) sum[row] = (sum[row] ?? 0) + weight * value;
      }
      return sum;
    }
  }
}

/** A model that can price any home: parameters and the encoder they belong to. */
export interface PriceModel {
  readonly encoder: Encoder;
  readonly parameters: Parameters;
}
