/**
 * How uncertain the price of a home is: boosted trees of a low and a high quantile of its log price, from which ranges
 * are calibrated (`calibrate.ts`).
 */
import type {FeatureRow} from '../domain/model.ts';
import type {TrainingSet} from './algorithms.ts';
import {RANGE_SHARE} from './calibrate.ts';
import {type BoostSettings, fitBoost} from './gbdt/boost.ts';
import {chooseTreeColumns, type TreeColumns, toTreeMatrix} from './gbdt/columns.ts';
import {type Forest, predictForest} from './gbdt/forest.ts';
import type {Matrix} from './matrix.ts';

/** Small trees of large leaves: a quantile of few rows is noise. */
const SPREAD_BOOST: BoostSettings = {
  maxLeaves: 12,
  minLeafRows: 25,
  l2: 3,
  huberDelta: null,
  maxTrees: 300,
  shrinkage: 0.1,
  patience: 20,
  rowShare: 0.8,
  columnShare: 0.3,
  mostBins: 63,
};

/** Quantiles of log COP/m²; a plain value. */
export interface SpreadModel {
  readonly columns: TreeColumns;
  readonly low: Forest;
  readonly high: Forest;
}

/** Low and high quantile of each row, log COP. */
export type Quantiles = readonly (readonly [low: number, high: number])[];

/** The quantiles leave out as much below as above what a range is to hold. */
export function fitSpread({matrix, columns: names, target, group}: TrainingSet, seed: number): SpreadModel {
  const columns = chooseTreeColumns(names);
  const x = toTreeMatrix(columns, matrix);
  const tail = (1 - RANGE_SHARE) / 2;
  const learn = (quantile: number): Forest => fitBoost(x, target, group, seed, {...SPREAD_BOOST, quantile});
  return {columns, low: learn(tail), high: learn(1 - tail)};
}

/** @param matrix the rows, encoded by the encoder of the training set. Quantiles that cross change places. */
export function predictSpread(model: SpreadModel, rows: readonly FeatureRow[], matrix: Matrix): Quantiles {
  const x = toTreeMatrix(model.columns, matrix);
  const low = predictForest(model.low, x);
  const high = predictForest(model.high, x);
  return rows.map((row, index) => {
    const logArea = Math.log(row.areaM2);
    const [a, b] = [(low[index] ?? 0) + logArea, (high[index] ?? 0) + logArea];
    return [Math.min(a, b), Math.max(a, b)];
  });
}
