/** Ranges as training makes them, tried on homes that had no part in them. */
import type {FeatureRow} from '../../src/domain/model.ts';
import {fitCalibration, type RangeMethod, rangeOf} from '../../src/ml/calibrate.ts';
import {calibrationRows, type RangedPrice} from '../../src/ml/coverage.ts';
import {encodeRows, encoderColumns, fitEncoder, logPricePerM2} from '../../src/ml/features.ts';
import {type BoostSettings, fitBoost} from '../../src/ml/gbdt/boost.ts';
import {chooseTreeColumns, toTreeMatrix} from '../../src/ml/gbdt/columns.ts';
import {predictForest} from '../../src/ml/gbdt/forest.ts';
import {type Split, splitFolds} from '../../src/ml/split.ts';
import {fitSpread, predictSpread, type Quantiles} from '../../src/ml/spread.ts';

/** A boosted forest that takes a second: the ranges' coverage must not depend on a good model. */
const QUICK_BOOST: BoostSettings = {
  maxLeaves: 24,
  minLeafRows: 10,
  l2: 3,
  huberDelta: 0.1,
  maxTrees: 120,
  shrinkage: 0.15,
  patience: 15,
  rowShare: 0.8,
  columnShare: 0.3,
  mostBins: 63,
};

/** Folds of the calibration rows. */
const INNER_FOLDS = 4;

/** One fold of a split is held out; the ranges come from the others alone. */
export function tryRanges(
  rows: readonly FeatureRow[],
  split: Split,
  held: number,
  seed: number,
): {readonly prices: RangedPrice[]; readonly method: RangeMethod} {
  const train = rows.filter((_, row) => split.fold[row] !== held);
  const test = rows.filter((_, row) => split.fold[row] === held);
  const inner = splitFolds(train, INNER_FOLDS, seed + 100);
  const predicted = new Float64Array(train.length);
  const quantiles: [number, number][] = [];
  for (let fold = 0; fold < INNER_FOLDS; fold++) {
    const places = [...train.keys()].filter(row => inner.fold[row] === fold);
    const own = predict(
      train.filter((_, row) => inner.fold[row] !== fold),
      inner.group.filter((_, row) => inner.fold[row] !== fold),
      train.filter((_, row) => inner.fold[row] === fold),
      seed,
    );
    for (const [place, row] of places.entries()) {
      predicted[row] = own.predicted[place] ?? Number.NaN;
      quantiles[row] = [...(own.quantiles[place] ?? [Number.NaN, Number.NaN])];
    }
  }
  const calibration = fitCalibration(calibrationRows(train, predicted, quantiles), inner.group, seed);
  const final = predict(train, inner.group, test, seed);
  const prices = calibrationRows(test, final.predicted, final.quantiles).map(home => {
    const {low, high} = rangeOf(calibration, home);
    return {row: home.row, low, high, actual: home.actual};
  });
  return {prices, method: calibration.method};
}

function predict(
  train: readonly FeatureRow[],
  group: Int32Array,
  test: readonly FeatureRow[],
  seed: number,
): {readonly predicted: Float64Array; readonly quantiles: Quantiles} {
  const {encoder, matrix} = fitEncoder(train, group, seed);
  const names = encoderColumns(encoder);
  const target = logPricePerM2(train);
  const columns = chooseTreeColumns(names);
  const forest = fitBoost(toTreeMatrix(columns, matrix), target, group, seed, QUICK_BOOST);
  const testMatrix = encodeRows(encoder, test);
  const perM2 = predictForest(forest, toTreeMatrix(columns, testMatrix));
  const spread = fitSpread({rows: train, target, group, matrix, columns: names}, seed);
  return {
    predicted: perM2.map((value, row) => value + Math.log(test[row]?.areaM2 ?? Number.NaN)),
    quantiles: predictSpread(spread, test, testMatrix),
  };
}
