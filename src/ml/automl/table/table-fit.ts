/** The candidates on one fold of a table. */
import {mean, median} from '../../../lib/stats.ts';
import {BOOST, FOREST, NEAREST_HOMES, RIDGE_PENALTY, TREE, type Tuned} from '../../algorithms.ts';
import type {Backend} from '../../backend.ts';
import {fitBag, fitTree} from '../../gbdt/bagging.ts';
import {fitBoost} from '../../gbdt/boost.ts';
import {chooseTreeColumns, toTreeMatrix} from '../../gbdt/columns.ts';
import {type Forest, packForest, predictForest} from '../../gbdt/forest.ts';
import type {Matrix} from '../../matrix.ts';
import {fitNearest, predictNearest} from '../../nearest.ts';
import {DAILY_NETWORK, fitNetwork, predictNetwork} from '../../network.ts';
import {fitRidge, predictRidge} from '../../ridge.ts';
import type {Settings} from '../search.ts';
import type {TableColumn} from './columns.ts';
import type {EncodedTable, TableFeatures} from './encoder.ts';

export const TABLE_ALGORITHMS = [
  'naive_median',
  'naive_group_median',
  'ridge_hedonic',
  'nearest',
  'tree',
  'forest',
  'gbdt',
  'network',
] as const;
export type TableAlgorithm = (typeof TABLE_ALGORITHMS)[number];

/** Worth of place against other columns when neighbours are sought. */
const PLACE_WEIGHT = 3;
/** A group's median of fewer rows is not believed. */
const MIN_GROUP_ROWS = 5;

export interface FoldOfTable {
  readonly backend: Backend;
  readonly seed: number;
  readonly features: TableFeatures;
  readonly train: readonly number[];
  readonly tested: readonly number[];
  readonly group: Int32Array;
  /** Of every row. */
  readonly scaled: Float64Array;
  readonly encode: () => {readonly train: EncodedTable; readonly others: EncodedTable};
}

/** Predictions of the tested rows, and what the model behind them takes. */
interface Fitted {
  readonly values: Float64Array;
  readonly bytes: number;
}

/** Fits on the training rows and predicts the tested ones, on the fitted scale. */
export async function fitAndPredict(
  algorithm: TableAlgorithm,
  settings: Settings,
  fold: FoldOfTable,
): Promise<Fitted> {
  const {backend, seed, train, tested, scaled} = fold;
  const raw = Float64Array.from(train, row => scaled[row] ?? 0);
  if (algorithm === 'naive_median') {
    return {values: new Float64Array(tested.length).fill(median(raw)), bytes: 8};
  }
  if (algorithm === 'naive_group_median') return groupMedians(fold, raw);
  const {train: own, others} = fold.encode();
  const group = Int32Array.from(train, row => fold.group[row] ?? row);
  // Learned with mean 0 and deviation 1: settings then mean the same on every table.
  const centre = mean(raw);
  const sd = Math.max(Math.sqrt(mean(raw.map(value => (value - centre) ** 2))), 1e-12);
  const target = raw.map(value => (value - centre) / sd);
  const fitted = (values: Float64Array, bytes: number): Fitted => {
    return {values: values.map(value => centre + sd * value), bytes};
  };
  const trees = chooseTreeColumns(own.columns);
  const byTrees = (grow: (x: Matrix) => Forest): Fitted => {
    const forest = grow(toTreeMatrix(trees, own.matrix));
    return fitted(predictForest(forest, toTreeMatrix(trees, others.matrix)), packForest(forest).length);
  };
  switch (algorithm) {
    case 'ridge_hedonic': {
      const {penalty = RIDGE_PENALTY} = (settings ?? {}) as NonNullable<Tuned['ridge_hedonic']>;
      const ridge = fitRidge(own.matrix, target, penalty);
      return fitted(predictRidge(ridge, others.matrix), 8 * (ridge.weights.length + 1));
    }
    case 'nearest': {
      const {neighbours = NEAREST_HOMES} = (settings ?? {}) as NonNullable<Tuned['nearest']>;
      const weights = own.columns.map(
        (name, at) => [at, name === 'x' || name === 'y' ? PLACE_WEIGHT : 1] as const,
      );
      const model = fitNearest(own.matrix, target, weights, neighbours);
      return fitted(predictNearest(model, others.matrix), 8 * (model.points.length + model.targets.length));
    }
    case 'tree':
      return byTrees(x => fitTree(x, target, TREE));
    case 'forest':
      return byTrees(x => fitBag(x, target, seed, FOREST));
    case 'gbdt':
      return byTrees(x => fitBoost(x, target, group, seed, {...BOOST, huberDelta: 0.3, ...settings}));
    case 'network': {
      const model = await fitNetwork(backend, own.matrix, own.columns, target, group, seed, {
        ...DAILY_NETWORK,
        ...settings,
      });
      const numbers = model.backbones.flatMap(({parameters}) => parameters.map(({values}) => values.length));
      return fitted(
        predictNetwork(backend, model, others.matrix),
        4 * numbers.reduce((sum, count) => sum + count, 0),
      );
    }
  }
}

/** Median by the category that errs least on the training rows; of all rows where it is too small. */
function groupMedians({features, train, tested}: FoldOfTable, raw: Float64Array): Fitted {
  const all = median(raw);
  const keyOf = (column: TableColumn, row: number): string =>
    column.words[row] ?? String(column.numbers[row]);
  const candidates = features.columns.filter(
    ({kind, distinct, stated}) => kind !== 'text' && distinct >= 2 && distinct <= stated / MIN_GROUP_ROWS,
  );
  let best = {error: Number.POSITIVE_INFINITY, groups: 0, of: (_row: number): number => all};
  for (const column of candidates) {
    const lists = new Map<string, number[]>();
    for (const [place, row] of train.entries()) {
      const list = lists.get(keyOf(column, row));
      if (list === undefined) lists.set(keyOf(column, row), [raw[place] ?? 0]);
      else list.push(raw[place] ?? 0);
    }
    const medians = new Map(
      [...lists].flatMap(([key, list]) =>
        list.length < MIN_GROUP_ROWS ? [] : [[key, median(list)] as const],
      ),
    );
    const of = (row: number): number => medians.get(keyOf(column, row)) ?? all;
    const error = mean(train.map((row, place) => Math.abs(of(row) - (raw[place] ?? 0))));
    if (error < best.error) best = {error, groups: medians.size, of};
  }
  return {values: Float64Array.from(tested, best.of), bytes: 16 * (best.groups + 1)};
}
