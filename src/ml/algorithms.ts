/** The candidates of the leaderboard behind one shape. */
import type {FeatureRow} from '../domain/model.ts';
import {median} from '../lib/stats.ts';
import type {Backend} from './backend.ts';
import type {Encoder} from './features.ts';
import type {Matrix} from './matrix.ts';
import {fitPlaceMedians, type PlaceMedians, predictPlaceMedian} from './naive.ts';
import {
  DEFAULT_NETWORK,
  fitNetwork,
  type NetworkModel,
  type NetworkSettings,
  predictNetwork,
} from './network.ts';
import {fitRidge, predictRidge, type RidgeModel} from './ridge.ts';

export const ALGORITHMS = ['naive_median_m2', 'naive_place_stratum', 'ridge_hedonic', 'network'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export const ALGORITHM_NOTES: Readonly<Record<Algorithm, string>> = {
  naive_median_m2: 'median COP/m² of all homes × area',
  naive_place_stratum:
    'median COP/m² of barrio × estrato × area; the wider place where there are fewer than 5 rows',
  ridge_hedonic: 'linear regression of log COP/m² with a ridge penalty',
  network: 'TensorFlow.js ensemble of small networks on log COP/m²',
};

/** Weight of the ridge penalty, in rows. */
const RIDGE_PENALTY = 30;

/** Fitted parameters; a plain value, without its encoder. */
export type Parameters =
  | {readonly algorithm: 'naive_median_m2'; readonly median: number}
  | {readonly algorithm: 'naive_place_stratum'; readonly medians: PlaceMedians}
  | {readonly algorithm: 'ridge_hedonic'; readonly ridge: RidgeModel}
  | {readonly algorithm: 'network'; readonly network: NetworkModel};

/** Training rows in every form a candidate may want. */
export interface TrainingSet {
  readonly rows: readonly FeatureRow[];
  /** Log COP/m². */
  readonly target: Float64Array;
  readonly group: Int32Array;
  readonly matrix: Matrix;
}

export interface FitSettings {
  readonly backend: Backend;
  readonly seed: number;
  readonly network?: NetworkSettings;
}

export async function fitAlgorithm(
  algorithm: Algorithm,
  set: TrainingSet,
  settings: FitSettings,
): Promise<Parameters> {
  switch (algorithm) {
    case 'naive_median_m2':
      return {algorithm, median: median(set.target)};
    case 'naive_place_stratum':
      return {algorithm, medians: fitPlaceMedians(set.rows, set.target)};
    case 'ridge_hedonic':
      return {algorithm, ridge: fitRidge(set.matrix, set.target, RIDGE_PENALTY)};
    case 'network': {
      const {backend, seed, network = DEFAULT_NETWORK} = settings;
      return {
        algorithm,
        network: await fitNetwork(backend, set.matrix, set.target, set.group, seed, network),
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
    case 'network':
      return predictNetwork(backend, parameters.network, matrix);
  }
}

/** A model that can price any home: parameters and the encoder they belong to. */
export interface PriceModel {
  readonly encoder: Encoder;
  readonly parameters: Parameters;
}
