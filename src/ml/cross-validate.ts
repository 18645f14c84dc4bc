/** All candidates on the same grouped folds: predictions of homes by models that never saw them. */
import type {FeatureRow} from '../domain/model.ts';
import {
  type Algorithm,
  FITTED_ALGORITHMS,
  type FitSettings,
  type FittedAlgorithm,
  isYardstick,
} from './algorithms.ts';
import {fitBlendWeights} from './blend.ts';
import {blendParts, PRICE_PARTS} from './explain.ts';
import {joinFoldRows, rowsOfFold} from './folds.ts';
import type {Split} from './split.ts';
import type {Quantiles} from './spread.ts';
import {type FoldRunner, openFoldRunner, type TimedFit} from './workers/fold-runner.ts';

export interface CrossValidationSettings extends FitSettings {
  /** Milliseconds on any steady clock. */
  readonly clock: () => number;
  /** No fold of a candidate is begun after this; the candidate is skipped. */
  readonly budgetMs: number;
  readonly note: (line: string) => void;
  /** Only these candidates; all unless told. */
  readonly algorithms?: readonly FittedAlgorithm[];
  /** 1 unless told: everything runs in this thread. */
  readonly threads?: number | undefined;
  /** Ends the fitting at once. */
  readonly signal?: AbortSignal | undefined;
}

export interface CandidateFolds<A extends Algorithm = Algorithm> {
  readonly algorithm: A;
  /** Log COP of every row. */
  readonly predicted: Float64Array;
  /** Log parts of every row, as `explainLogPrices` gives; null: it can't say. */
  readonly parts: Float64Array | null;
  /** Fitting and predicting time of all folds, encoder included, in their threads. */
  readonly fitSeconds: number;
}

export interface CrossValidation {
  readonly candidates: readonly CandidateFolds<FittedAlgorithm>[];
  /** Null when fewer than two of its members were reached. */
  readonly blend: Blend | null;
  /** Low and high quantile of every row, by folds that never saw it; null: not learnt yet. */
  readonly quantiles: Quantiles | null;
  readonly skipped: readonly {readonly algorithm: Algorithm; readonly reason: string}[];
}

/** A blend whose own predictions are honest: each fold is blended by weights learned on the other folds. */
export interface Blend extends CandidateFolds<'blend'> {
  /** For new homes, learned on all folds. */
  readonly weights: readonly {readonly algorithm: FittedAlgorithm; readonly weight: number}[];
}

/**
 * Candidates one after the other, the folds of each side by side. The predictions don't depend on the number of
 * threads, nor on which ends first.
 * @throws ModelError that names fold and candidate.
 */
export async function crossValidate(
  rows: readonly FeatureRow[],
  split: Split,
  settings: CrossValidationSettings,
): Promise<CrossValidation> {
  const {backend, seed, clock, budgetMs, algorithms = FITTED_ALGORITHMS, threads = 1, signal} = settings;
  const started = clock();
  const runner = openFoldRunner({rows, split, seed}, {threads, backend, clock, signal});
  try {
    const isInTime = (): boolean => clock() - started <= budgetMs;
    // All are queued at once, so that no thread waits for the last fold of a candidate.
    const running = algorithms.map(algorithm => ({
      algorithm,
      folds: fitFolds(
        runner,
        algorithm,
        split,
        settings,
        algorithm.startsWith('naive') ? () => true : isInTime,
      ),
    }));
    const [fits, quantiles] = await Promise.all([
      Promise.all(running.map(({folds}) => folds)),
      crossFitSpread(runner, split),
    ]);
    const candidates: CandidateFolds<FittedAlgorithm>[] = [];
    const skipped: {algorithm: Algorithm; reason: string}[] = [];
    for (const [at, {algorithm}] of running.entries()) {
      const folds = fits[at] ?? [];
      const missing = folds.indexOf(null);
      if (missing === -1)
        candidates.push(
          joinFolds(
            algorithm,
            folds.filter(fit => fit !== null),
            rows,
            split,
          ),
        );
      else
        skipped.push({
          algorithm,
          reason: `the time budget of ${budgetMs / 1000} s ended before fold ${missing + 1} of ${split.folds}`,
        });
    }
    const blend = blendFolds(candidates, rows, split);
    if (blend === null)
      skipped.push({algorithm: 'blend', reason: 'fewer than two models to blend were fitted in time'});
    return {candidates, blend, quantiles, skipped};
  } finally {
    await runner.close();
  }
}

/** Quantiles of every row by folds that never saw it. */
export async function crossFitSpread(runner: Pick<FoldRunner, 'spread'>, split: Split): Promise<Quantiles> {
  const ofFold = await Promise.all(Array.from({length: split.folds}, (_, fold) => runner.spread(fold)));
  return joinFoldRows(split, ofFold);
}

/** Fits of each fold; null: not begun. */
function fitFolds(
  runner: FoldRunner,
  algorithm: FittedAlgorithm,
  {folds}: Split,
  {effort, network, tuned, note}: CrossValidationSettings,
  mayBegin: () => boolean,
): Promise<(TimedFit | null)[]> {
  let ended = 0;
  return Promise.all(
    Array.from({length: folds}, async (_, fold) => {
      const fit = await runner.fit(fold, {algorithm, effort, network, tuned}, mayBegin);
      if (fit !== null) note(`${algorithm}: ${++ended} of ${folds} folds`);
      return fit;
    }),
  );
}

function joinFolds(
  algorithm: FittedAlgorithm,
  fits: readonly TimedFit[],
  rows: readonly FeatureRow[],
  split: Split,
): CandidateFolds<FittedAlgorithm> {
  const predicted = new Float64Array(rows.length);
  const parts = fits.every(fit => fit.parts !== null)
    ? new Float64Array(rows.length * PRICE_PARTS.length)
    : null;
  let fitSeconds = 0;
  for (const [fold, fit] of fits.entries()) {
    fitSeconds += fit.seconds + (algorithm.startsWith('naive') ? 0 : fit.encodeSeconds);
    for (const [place, row] of rowsOfFold(split, fold).entries()) {
      predicted[row] = fit.predicted[place] ?? Number.NaN;
      if (fit.parts !== null) parts?.set(partsOf(fit.parts, place), row * PRICE_PARTS.length);
    }
  }
  return {algorithm, predicted, parts, fitSeconds};
}

function partsOf(parts: Float64Array, row: number): Float64Array {
  return parts.subarray(row * PRICE_PARTS.length, (row + 1) * PRICE_PARTS.length);
}

/** Weighs the candidates that may be blended. @returns null when there are fewer than two. */
export function blendFolds(
  candidates: readonly CandidateFolds<FittedAlgorithm>[],
  rows: readonly FeatureRow[],
  split: Split,
): Blend | null {
  const members = candidates.filter(({algorithm}) => !isYardstick(algorithm));
  if (members.length < 2) return null;
  const actual = rows.map(row => Math.log(row.priceCop));
  const predictions = members.map(({predicted}) => predicted);
  const all = [...rows.keys()];
  const predicted = new Float64Array(rows.length);
  const parts = new Float64Array(rows.length * PRICE_PARTS.length);
  for (let fold = 0; fold < split.folds; fold++) {
    const others = all.filter(row => split.fold[row] !== fold);
    const weights = fitBlendWeights(predictions, actual, others);
    for (const row of all.filter(own => split.fold[own] === fold)) {
      let sum = 0;
      for (const [at, weight] of weights.entries()) sum += weight * (predictions[at]?.[row] ?? Number.NaN);
      predicted[row] = sum;
      const spoken = members.map((member, at) => {
        return {weight: weights[at] ?? 0, parts: member.parts && partsOf(member.parts, row)};
      });
      parts.set(blendParts(spoken) ?? [], row * PRICE_PARTS.length);
    }
  }
  const weights = fitBlendWeights(predictions, actual, all);
  return {
    algorithm: 'blend',
    predicted,
    parts: members.some(member => member.parts !== null) ? parts : null,
    fitSeconds: members.reduce((sum, member) => sum + member.fitSeconds, 0),
    weights: members.map(({algorithm}, at) => ({algorithm, weight: weights[at] ?? 0})),
  };
}
