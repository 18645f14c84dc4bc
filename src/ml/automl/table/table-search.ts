/** The leaderboard's candidates on anybody's table: split, fit and measure. */
import {mean, median, quantile} from '../../../lib/stats.ts';
import type {Backend} from '../../backend.ts';
import {fitBlendWeights} from '../../blend.ts';
import {dealGroups} from '../../split.ts';
import type {FinishedTrial, SearchTask, Settings} from '../search.ts';
import {drawSettings} from '../search-space.ts';
import {encodeTable, type TableFeatures} from './encoder.ts';
import {fitAndPredict, TABLE_ALGORITHMS, type TableAlgorithm} from './table-fit.ts';

const BLENDED: readonly TableAlgorithm[] = ['ridge_hedonic', 'forest', 'gbdt', 'network'];
export const TABLE_FOLDS = 5;
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
      const fitted = await fitAndPredict(algorithm, settings, {
        ...{backend, seed, features, train, tested, group, scaled},
        encode: () => foldOf(fold),
      });
      return {...fitted, parts: null, milliseconds: clock() - begun};
    },
    errorOf: (predicted, rows) => {
      const losses = lossOf(problem, predicted);
      return summary(rows.map(row => losses[row] ?? Number.NaN));
    },
    describeError: error => (isShare ? `MdAPE ${(100 * error).toFixed(1)} %` : `MAE ${error.toPrecision(4)}`),
  };
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
  readonly sizeBytes: number | null;
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
    sizeBytes: members.reduce(
      (sum, {sizeBytes}, member) => sum + (all[member] === 0 ? 0 : (sizeBytes ?? 0)),
      0,
    ),
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
export async function predictUnknown(
  problem: TableProblem,
  trial: Pick<FinishedTrial<TableAlgorithm>, 'algorithm' | 'settings'>,
  unknown: readonly number[],
  known: readonly number[],
  backend: Backend,
): Promise<Float64Array> {
  const {features, group, seed} = problem;
  const scaled = scaledTarget(problem);
  const {values} = await fitAndPredict(trial.algorithm, trial.settings, {
    ...{backend, seed, features, group, scaled, train: known, tested: unknown},
    encode: () => encodeTable(features, scaled, known, unknown, group, seed),
  });
  return values;
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
