/** The leaderboard's candidates on anybody's table: split, fit and measure. */
import {mean, median, quantile} from '../../../lib/stats.ts';
import {BOOST, FOREST, NEAREST_HOMES, RIDGE_PENALTY, TREE, type Tuned} from '../../algorithms.ts';
import type {Backend} from '../../backend.ts';
import {fitBlendWeights} from '../../blend.ts';
import {fitBag, fitTree} from '../../gbdt/bagging.ts';
import {fitBoost} from '../../gbdt/boost.ts';
import {chooseTreeColumns, toTreeMatrix} from '../../gbdt/columns.ts';
import {type Forest, predictForest} from '../../gbdt/forest.ts';
import type {Matrix} from '../../matrix.ts';
import {fitNearest, predictNearest} from '../../nearest.ts';
import {DEFAULT_NETWORK, fitNetwork, predictNetwork} from '../../network.ts';
import {fitRidge, predictRidge} from '../../ridge.ts';
import {dealGroups} from '../../split.ts';
import type {FinishedTrial, SearchTask, Settings} from '../search.ts';
import {drawSettings} from '../search-space.ts';
import type {TableColumn} from './columns.ts';
import {type EncodedTable, encodeTable, type TableFeatures} from './encoder.ts';

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

const BLENDED: readonly TableAlgorithm[] = ['ridge_hedonic', 'forest', 'gbdt', 'network'];
export const TABLE_FOLDS = 5;
/** Worth of place against other columns when neighbours are sought. */
const PLACE_WEIGHT = 3;
/** A group's median of fewer rows is not believed. */
const MIN_GROUP_ROWS = 5;
/** Share of rows that the range is to hold. */
const RANGE_SHARE = 0.8;

/** Rows with a target, ready to be searched. */
export interface TableProblem {
  readonly features: TableFeatures;
  readonly target: Float64Array;
  /** Fitted scale: the logarithm, or the number itself. */
  readonly isLog: boolean;
  readonly group: Int32Array;
  /** Rows tested in each fold, and those it may learn from. */
  readonly folds: readonly {readonly tested: readonly number[]; readonly train: readonly number[]}[];
  readonly seed: number;
}

/** Deals whole groups into folds. */
export function dealFolds(group: Int32Array, seed: number): TableProblem['folds'] {
  const fold = dealGroups(group, TABLE_FOLDS, seed);
  const rows = [...group.keys()];
  return Array.from({length: TABLE_FOLDS}, (_, own) => ({
    tested: rows.filter(row => fold[row] === own),
    train: rows.filter(row => fold[row] !== own),
  }));
}

/**
 * Folds in the order of time: each is predicted from what came before it. The earliest sixth is only learned from;
 * groups that a fold tests are left out of what it learns.
 */
export function dealFoldsByTime(group: Int32Array, time: Float64Array): TableProblem['folds'] {
  const order = [...group.keys()].sort((a, b) => (time[a] ?? 0) - (time[b] ?? 0) || a - b);
  const cuts = Array.from({length: TABLE_FOLDS + 2}, (_, part) =>
    Math.round((part * order.length) / (TABLE_FOLDS + 1)),
  );
  return Array.from({length: TABLE_FOLDS}, (_, fold) => {
    const tested = order.slice(cuts[fold + 1], cuts[fold + 2]);
    const groups = new Set(tested.map(row => group[row]));
    const first = Math.min(...tested.slice(0, 1).map(row => time[row] ?? 0));
    const train = order.filter(row => (time[row] ?? 0) < first && !groups.has(group[row] ?? -1));
    return {tested, train};
  });
}

export function scaledTarget({target, isLog}: Pick<TableProblem, 'target' | 'isLog'>): Float64Array {
  return isLog ? target.map(Math.log) : target.slice();
}

/** Losses of the leaderboard: shares of the target where it is positive, else plain differences. */
export function lossOf(
  {target, isLog}: Pick<TableProblem, 'target' | 'isLog'>,
  predicted: Float64Array,
): Float64Array {
  const isShare = target.every(value => value > 0);
  return predicted.map((value, row) => {
    const actual = target[row] ?? Number.NaN;
    const error = Math.abs((isLog ? Math.exp(value) : value) - actual);
    return isShare ? error / actual : error;
  });
}

export function tableSearchTask(
  problem: TableProblem,
  backend: Backend,
  clock: () => number,
): SearchTask<TableAlgorithm> {
  const {features, group, folds, seed, target} = problem;
  const scaled = scaledTarget(problem);
  const encoded = new Map<number, ReturnType<typeof encodeTable>>();
  const foldOf = (fold: number): ReturnType<typeof encodeTable> => {
    const {train = [], tested = []} = folds[fold] ?? {};
    const known = encoded.get(fold) ?? encodeTable(features, scaled, train, tested, group, seed);
    encoded.set(fold, known);
    return known;
  };
  const isShare = target.every(value => value > 0);
  const summary = isShare ? median : mean;
  return {
    algorithms: TABLE_ALGORITHMS,
    rows: target.length,
    tested: folds.map(({tested}) => tested),
    isFree: algorithm => algorithm.startsWith('naive'),
    isStored: algorithm => BLENDED.includes(algorithm),
    draw: (algorithm, random) =>
      algorithm === 'naive_median' || algorithm === 'naive_group_median'
        ? undefined
        : (drawSettings(algorithm, random) as Settings | undefined),
    fit: async (algorithm, settings, fold) => {
      const begun = clock();
      const {train = [], tested = []} = folds[fold] ?? {};
      const values = await fitAndPredict(algorithm, settings, {
        ...{backend, seed, features, train, tested, group, scaled},
        encode: () => foldOf(fold),
      });
      return {values, parts: null, milliseconds: clock() - begun};
    },
    errorOf: (predicted, rows) => {
      const losses = lossOf(problem, predicted);
      return summary(rows.map(row => losses[row] ?? Number.NaN));
    },
    describeError: error => (isShare ? `MdAPE ${(100 * error).toFixed(1)} %` : `MAE ${error.toPrecision(4)}`),
  };
}

interface FoldOfTable {
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

/** Fits on the training rows and predicts the tested ones, on the fitted scale. */
async function fitAndPredict(
  algorithm: TableAlgorithm,
  settings: Settings,
  fold: FoldOfTable,
): Promise<Float64Array> {
  const {backend, seed, train, tested, scaled} = fold;
  const raw = Float64Array.from(train, row => scaled[row] ?? 0);
  if (algorithm === 'naive_median') return new Float64Array(tested.length).fill(median(raw));
  if (algorithm === 'naive_group_median') return groupMedians(fold, raw);
  const {train: own, others} = fold.encode();
  const group = Int32Array.from(train, row => fold.group[row] ?? row);
  // Learned with mean 0 and deviation 1: settings then mean the same on every table.
  const centre = mean(raw);
  const sd = Math.max(Math.sqrt(mean(raw.map(value => (value - centre) ** 2))), 1e-12);
  const target = raw.map(value => (value - centre) / sd);
  const back = (values: Float64Array): Float64Array => values.map(value => centre + sd * value);
  const trees = chooseTreeColumns(own.columns);
  const byTrees = (grow: (x: Matrix) => Forest): Float64Array =>
    back(predictForest(grow(toTreeMatrix(trees, own.matrix)), toTreeMatrix(trees, others.matrix)));
  switch (algorithm) {
    case 'ridge_hedonic': {
      const {penalty = RIDGE_PENALTY} = (settings ?? {}) as NonNullable<Tuned['ridge_hedonic']>;
      return back(predictRidge(fitRidge(own.matrix, target, penalty), others.matrix));
    }
    case 'nearest': {
      const {neighbours = NEAREST_HOMES} = (settings ?? {}) as NonNullable<Tuned['nearest']>;
      const weights = own.columns.map(
        (name, at) => [at, name === 'x' || name === 'y' ? PLACE_WEIGHT : 1] as const,
      );
      return back(predictNearest(fitNearest(own.matrix, target, weights, neighbours), others.matrix));
    }
    case 'tree':
      return byTrees(x => fitTree(x, target, TREE));
    case 'forest':
      return byTrees(x => fitBag(x, target, seed, FOREST));
    case 'gbdt':
      return byTrees(x => fitBoost(x, target, group, seed, {...BOOST, huberDelta: 0.3, ...settings}));
    case 'network': {
      const network = {...DEFAULT_NETWORK, ...settings};
      return back(
        predictNetwork(
          backend,
          await fitNetwork(backend, own.matrix, target, group, seed, network),
          others.matrix,
        ),
      );
    }
  }
}

/** Median by the category that errs least on the training rows; of all rows where it is too small. */
function groupMedians({features, train, tested}: FoldOfTable, raw: Float64Array): Float64Array {
  const all = median(raw);
  const keyOf = (column: TableColumn, row: number): string =>
    column.words[row] ?? String(column.numbers[row]);
  const candidates = features.columns.filter(
    ({kind, distinct, stated}) => kind !== 'text' && distinct >= 2 && distinct <= stated / MIN_GROUP_ROWS,
  );
  let best = {error: Number.POSITIVE_INFINITY, of: (_row: number): number => all};
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
    if (error < best.error) best = {error, of};
  }
  return Float64Array.from(tested, best.of);
}

/** Weighs the candidates that can be weighed: each fold by weights learned on the others, in time only on earlier ones. */
export function blendTable(
  problem: TableProblem,
  best: readonly FinishedTrial<TableAlgorithm>[],
  isByTime: boolean,
): {
  readonly predicted: Float64Array;
  readonly weights: Readonly<Record<string, number>>;
  readonly fitSeconds: number;
} | null {
  const members = best.filter(({algorithm}) => BLENDED.includes(algorithm));
  if (members.length < 2) return null;
  const scaled = scaledTarget(problem);
  const predictions = members.map(({predicted}) => predicted);
  const predicted = new Float64Array(scaled.length).fill(Number.NaN);
  for (const [fold, {tested}] of problem.folds.entries()) {
    const known = problem.folds.flatMap((other, place) =>
      (isByTime ? place < fold : place !== fold) ? other.tested : [],
    );
    const weights =
      known.length === 0
        ? members.map(() => 1 / members.length)
        : fitBlendWeights(predictions, scaled, known);
    for (const row of tested) {
      predicted[row] = weights.reduce(
        (sum, weight, member) =>
          sum + (weight === 0 ? 0 : weight * (predictions[member]?.[row] ?? Number.NaN)),
        0,
      );
    }
  }
  const all = fitBlendWeights(
    predictions,
    scaled,
    problem.folds.flatMap(({tested}) => tested),
  );
  return {
    predicted,
    weights: Object.fromEntries(members.map(({algorithm}, member) => [algorithm, all[member] ?? 0])),
    fitSeconds: members.reduce((sum, {fitSeconds}) => sum + fitSeconds, 0),
  };
}

/**
 * Half-widths of the 80 % range on the fitted scale, by fold, from the residuals of the other folds (cross-conformal:
 * Vovk 2015), and the share of tested rows inside.
 */
export function rangesOf(
  problem: TableProblem,
  predicted: Float64Array,
): {readonly halfWidth: Float64Array; readonly coverage: number} {
  const scaled = scaledTarget(problem);
  const halfWidth = new Float64Array(scaled.length).fill(Number.NaN);
  let inside = 0;
  let rows = 0;
  for (const [fold, {tested}] of problem.folds.entries()) {
    const others = problem.folds.flatMap((other, place) => (place === fold ? [] : other.tested));
    const width = quantile(
      others.map(row => Math.abs((predicted[row] ?? 0) - (scaled[row] ?? 0))),
      Math.min(1, (RANGE_SHARE * (others.length + 1)) / others.length),
    );
    for (const row of tested) {
      halfWidth[row] = width;
      rows += 1;
      if (Math.abs((predicted[row] ?? 0) - (scaled[row] ?? 0)) <= width) inside += 1;
    }
  }
  return {halfWidth, coverage: inside / rows};
}

/** Fits a winner on every known row and predicts rows without a target. */
export function predictUnknown(
  problem: TableProblem,
  trial: Pick<FinishedTrial<TableAlgorithm>, 'algorithm' | 'settings'>,
  unknown: readonly number[],
  known: readonly number[],
  backend: Backend,
): Promise<Float64Array> {
  const {features, group, seed} = problem;
  const scaled = scaledTarget(problem);
  return fitAndPredict(trial.algorithm, trial.settings, {
    ...{backend, seed, features, group, scaled, train: known, tested: unknown},
    encode: () => encodeTable(features, scaled, known, unknown, group, seed),
  });
}

/** Positive and long-tailed: errors are then shares, and the logarithm is learned. */
export function wantsLog(target: Float64Array): boolean {
  if (!target.every(value => value > 0)) return false;
  const skew = (values: Float64Array): number => {
    const centre = mean(values);
    const sd = Math.sqrt(mean(values.map(value => (value - centre) ** 2)));
    return Math.abs(mean(values.map(value => ((value - centre) / sd) ** 3)));
  };
  return skew(target.map(Math.log)) < skew(target);
}
