/** Boosted trees by folds, so that what they say of a home never comes from trees that saw it. */
import {type BoostSettings, fitBoost} from '../gbdt/boost.ts';
import {type Forest, predictForest} from '../gbdt/forest.ts';
import {type Matrix, takeRows} from '../matrix.ts';
import {dealGroups} from '../split.ts';

const FOLDS = 3;

/** A plain value. */
export interface CrossFitted {
  /** One a fold. */
  readonly forests: readonly Forest[];
  /** The fold that did not see a listing. */
  readonly foldOf: Readonly<Record<string, number>>;
}

/** Homes as trees read them: one listing a row of the matrix, NaN where nothing is stated. */
export interface ListedMatrix {
  readonly listingIds: readonly string[];
  readonly x: Matrix;
}

/** @param group groups of the rows, as `joinGroups` gives: no home stands on both sides of a fold. */
export function crossFit(
  {listingIds, x}: ListedMatrix,
  target: Float64Array,
  group: Int32Array,
  seed: number,
  settings: BoostSettings,
): CrossFitted {
  const fold = dealGroups(group, FOLDS, seed);
  const forests = Array.from({length: FOLDS}, (_, own) => {
    const train = [...fold.keys()].filter(row => fold[row] !== own);
    const trainTarget = Float64Array.from(train, row => target[row] ?? Number.NaN);
    const trainGroup = Int32Array.from(train, row => group[row] ?? row);
    return fitBoost(takeRows(x, train), trainTarget, trainGroup, seed, settings);
  });
  return {forests, foldOf: Object.fromEntries(listingIds.map((id, row) => [id, fold[row] ?? 0]))};
}

/** Of a fitted listing by the fold that did not see it, of any other the mean of all folds. */
export function predictCrossFitted(
  {forests, foldOf}: CrossFitted,
  {listingIds, x}: ListedMatrix,
): Float64Array {
  const predicted = forests.map(forest => predictForest(forest, x));
  return Float64Array.from(listingIds, (id, row) => {
    const own = foldOf[id];
    const values = own === undefined ? predicted : predicted.slice(own, own + 1);
    return values.reduce((sum, each) => sum + (each[row] ?? Number.NaN), 0) / values.length;
  });
}
