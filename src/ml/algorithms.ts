/** The candidates of the leaderboard behind one shape. */
import type {FeatureRow} from '../domain/model.ts';
import {median} from '../lib/stats.ts';
import type {Backend} from './backend.ts';
import type {Encoder} from './features.ts';
import {type BoostSettings, fitBoost} from './gbdt/boost.ts';
import {chooseTreeColumns, type TreeColumns, toTreeMatrix} from './gbdt/columns.ts';
import {type Forest, predictForest} from './gbdt/forest.ts';
import type {Matrix} from './matrix.ts';
import {fitPlaceMedians, type PlaceMedians, predictPlaceMedian} from './naive.ts';
import {
  DAILY_NETWORK,
  DEFAULT_NETWORK,
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
  'gbdt',
  'network',
] as const;
export type FittedAlgorithm = (typeof FITTED_ALGORITHMS)[number];
/** The blend is a weighted mean of fitted ones. */
export type Algorithm = FittedAlgorithm | 'blend';

export const ALGORITHM_NOTES: Readonly<Record<Algorithm, string>> = {
  naive_median_m2: 'median COP/m² of all homes × area',
  naive_place_stratum:
    'median COP/m² of barrio × estrato × area; the wider place where there are fewer than 5 rows',
  ridge_hedonic: 'linear regression of log COP/m² with a ridge penalty',
  gbdt: 'histogram gradient-boosted trees on log COP/m², Huber loss',
  network: 'TensorFlow.js ensemble of small networks on piecewise linear numbers, log COP/m²',
  blend: 'weighted mean of ridge, trees and network; weights learned on the other folds',
};

/** Weight of the ridge penalty, in rows. */
const RIDGE_PENALTY = 30;

/** Chosen on the files of 2021 and 2023 (test/bench/model.ts). */
export const BOOST: BoostSettings = {
  maxLeaves: 31,
  minLeafRows: 8,
  l2: 3,
  huberDelta: 0.1,
  maxTrees: 800,
  shrinkage: 0.06,
  patience: 40,
  rowShare: 0.8,
  columnShare: 0.4,
  mostBins: 255,
};

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

/** What training may cost: `daily` is for a fresh model every morning (`DAILY_NETWORK` says what it gives up). */
export type Effort = 'full' | 'daily';

const NETWORK_OF: Readonly<Record<Effort, NetworkSettings>> = {full: DEFAULT_NETWORK, daily: DAILY_NETWORK};

export interface FitSettings {
  readonly backend: Backend;
  readonly seed: number;
  /** `full` unless told. */
  readonly effort?: Effort | undefined;
  /** Instead of the effort's own. */
  readonly network?: NetworkSettings | undefined;
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
      return {algorithm, ridge: fitRidge(set.matrix, set.target, RIDGE_PENALTY)};
    case 'gbdt': {
      const columns = chooseTreeColumns(set.columns);
      const x = toTreeMatrix(columns, set.matrix);
      return {algorithm, columns, forest: fitBoost(x, set.target, set.group, settings.seed, BOOST)};
    }
    case 'network': {
      const {backend, seed, effort = 'full', network = NETWORK_OF[effort]} = settings;
      return {
        algorithm,
        network: await fitNetwork(backend, set.matrix, set.columns, set.target, set.group, seed, network),
      };
    }
  }
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
