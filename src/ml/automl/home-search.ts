/** The search over price models of homes: the candidates of the leaderboard on its own grouped folds. */
import type {FeatureRow} from '../../domain/model.ts';
import {median} from '../../lib/stats.ts';
import {
  type Algorithm,
  FITTED_ALGORITHMS,
  type FitSettings,
  type FittedAlgorithm,
  isYardstick,
  type Tuned,
} from '../algorithms.ts';
import {blendFolds, type CrossValidation} from '../cross-validate.ts';
import type {Split} from '../split.ts';
import {openFoldRunner} from '../workers/fold-runner.ts';
import type {SearchResult, SearchTask, Settings} from './search.ts';
import {drawSettings} from './search-space.ts';

export interface HomeSearchSettings extends FitSettings {
  readonly clock: () => number;
  readonly algorithms?: readonly FittedAlgorithm[];
  /** 1 unless told. */
  readonly threads?: number;
}

export interface HomeSearchTask extends SearchTask<FittedAlgorithm> {
  /** Ends its threads. */
  readonly close: () => Promise<void>;
}

export function homeSearchTask(
  rows: readonly FeatureRow[],
  split: Split,
  settings: HomeSearchSettings,
): HomeSearchTask {
  const {backend, seed, clock, effort, network, threads = 1} = settings;
  const runner = openFoldRunner({rows, split, seed}, {threads, backend, clock});
  const tested: number[][] = Array.from({length: split.folds}, () => []);
  for (const [row, fold] of split.fold.entries()) tested[fold]?.push(row);
  const logs = rows.map(row => Math.log(row.priceCop));
  return {
    algorithms: settings.algorithms ?? FITTED_ALGORITHMS,
    rows: rows.length,
    tested,
    isFree: algorithm => algorithm.startsWith('naive'),
    isStored: algorithm => !isYardstick(algorithm),
    draw: (algorithm, random) => drawSettings(algorithm, random) as Settings | undefined,
    fit: async (algorithm, own, fold) => {
      const tuned = own === null ? {} : {[algorithm]: own};
      const fit = await runner.fit(fold, {algorithm, effort, network, tuned});
      if (fit === null) throw new Error(`fold ${fold + 1} of ${algorithm} was not begun`);
      const encodeSeconds = algorithm.startsWith('naive') ? 0 : fit.encodeSeconds;
      return {
        values: fit.predicted,
        parts: fit.parts,
        milliseconds: 1000 * (fit.seconds + encodeSeconds),
      };
    },
    errorOf: (predicted, chosen) =>
      median(chosen.map(row => Math.abs(Math.expm1((predicted[row] ?? Number.NaN) - (logs[row] ?? 0))))),
    describeError: error => `MdAPE ${(100 * error).toFixed(1)} %`,
    places: threads,
    close: () => runner.close(),
  };
}

/** The settings that won, for the final fit. Usual ones are left out. */
export function tunedOf(result: SearchResult<FittedAlgorithm>): Tuned {
  return Object.fromEntries(
    result.best.flatMap(({algorithm, settings}) => (settings === null ? [] : [[algorithm, settings]])),
  );
}

/** The winners as a finished cross-validation, blend included. */
export function validationOf(
  result: SearchResult<FittedAlgorithm>,
  rows: readonly FeatureRow[],
  split: Split,
): CrossValidation {
  const candidates = result.best.map(({algorithm, predicted, parts, fitSeconds}) => {
    return {algorithm, predicted, parts, fitSeconds};
  });
  const blend = blendFolds(candidates, rows, split);
  const skipped: {algorithm: Algorithm; reason: string}[] = [...result.skipped];
  if (blend === null)
    skipped.push({algorithm: 'blend', reason: 'fewer than two models to blend were fitted in time'});
  return {candidates, blend, quantiles: null, skipped};
}

/**
 * The error of "search, then take the best", without the luck of having picked on the same rows: each fold is predicted
 * by the settings that err least on the others. Which settings reached all folds was still decided with some of them.
 */
export function crossChosenError<A extends string>(
  task: Pick<SearchTask<A>, 'rows' | 'tested' | 'errorOf'>,
  finished: SearchResult<A>['finished'],
  algorithm: A,
): {readonly chosenOf: number; readonly error: number} {
  const own = finished.filter(trial => trial.algorithm === algorithm);
  const predicted = new Float64Array(task.rows).fill(Number.NaN);
  for (const [fold, rows] of task.tested.entries()) {
    const others = task.tested.flatMap((list, place) => (place === fold ? [] : list));
    const errors = own.map(trial => task.errorOf(trial.predicted, others));
    const chosen = own[errors.indexOf(Math.min(...errors))];
    for (const row of rows) predicted[row] = chosen?.predicted[row] ?? Number.NaN;
  }
  return {chosenOf: own.length, error: task.errorOf(predicted, task.tested.flat())};
}
