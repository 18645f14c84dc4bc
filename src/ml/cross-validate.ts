/** All candidates on the same grouped folds: predictions of homes by models that never saw them. */
import type {FeatureRow} from '../domain/model.ts';
import {
  type Algorithm,
  FITTED_ALGORITHMS,
  type FitSettings,
  type FittedAlgorithm,
  fitAlgorithm,
  isYardstick,
  predictLogPrices,
  type TrainingSet,
} from './algorithms.ts';
import {fitBlendWeights} from './blend.ts';
import {blendParts, explainLogPrices, PRICE_PARTS} from './explain.ts';
import {encodeRows, encoderColumns, fitEncoder, logPricePerM2} from './features.ts';
import type {Matrix} from './matrix.ts';
import type {Split} from './split.ts';

export interface CrossValidationSettings extends FitSettings {
  /** Milliseconds on any steady clock. */
  readonly clock: () => number;
  /** No fold of a candidate is begun after this; the candidate is skipped. */
  readonly budgetMs: number;
  readonly note: (line: string) => void;
  /** Only these candidates; all unless told. */
  readonly algorithms?: readonly FittedAlgorithm[];
}

export interface CandidateFolds<A extends Algorithm = Algorithm> {
  readonly algorithm: A;
  /** Log COP of every row. */
  readonly predicted: Float64Array;
  /** Log parts of every row, as `explainLogPrices` gives; null: it can't say. */
  readonly parts: Float64Array | null;
  /** Fitting time of all folds, encoder included. */
  readonly fitSeconds: number;
}

export interface CrossValidation {
  readonly candidates: readonly CandidateFolds<FittedAlgorithm>[];
  /** Null when fewer than two of its members were reached. */
  readonly blend: Blend | null;
  readonly skipped: readonly {readonly algorithm: Algorithm; readonly reason: string}[];
}

/** A blend whose own predictions are honest: each fold is blended by weights learned on the other folds. */
export interface Blend extends CandidateFolds<'blend'> {
  /** For new homes, learned on all folds. */
  readonly weights: readonly {readonly algorithm: FittedAlgorithm; readonly weight: number}[];
}

export async function crossValidate(
  rows: readonly FeatureRow[],
  split: Split,
  settings: CrossValidationSettings,
): Promise<CrossValidation> {
  const {clock, budgetMs, note, algorithms = FITTED_ALGORITHMS} = settings;
  const started = clock();
  const running = new Map(algorithms.map(name => [name, emptyResult(rows.length)]));
  const skipped: {algorithm: Algorithm; reason: string}[] = [];
  for (let fold = 0; fold < split.folds; fold++) {
    note(`fold ${fold + 1} of ${split.folds}`);
    const prepared = prepareFold(rows, split, fold, settings);
    for (const [algorithm, result] of running) {
      if (!algorithm.startsWith('naive') && clock() - started > budgetMs) {
        skipped.push({
          algorithm,
          reason: `the time budget of ${budgetMs / 1000} s ended before fold ${fold + 1} of ${split.folds}`,
        });
        running.delete(algorithm);
        continue;
      }
      const {values, parts, milliseconds} = await fitFold(algorithm, prepared, settings);
      result.milliseconds += milliseconds;
      if (parts !== null) result.parts ??= new Float64Array(rows.length * PRICE_PARTS.length);
      for (const [place, row] of prepared.indexes.entries()) {
        result.predicted[row] = values[place] ?? Number.NaN;
        if (parts !== null) result.parts?.set(partsOf(parts, place), row * PRICE_PARTS.length);
      }
    }
  }
  const candidates = [...running].map(([algorithm, {predicted, parts, milliseconds}]) => {
    return {algorithm, predicted, parts, fitSeconds: milliseconds / 1000};
  });
  const blend = blendFolds(candidates, rows, split);
  if (blend === null)
    skipped.push({algorithm: 'blend', reason: 'fewer than two models to blend were fitted in time'});
  return {candidates, blend, skipped};
}

interface RunningResult {
  readonly predicted: Float64Array;
  parts: Float64Array | null;
  milliseconds: number;
}

function emptyResult(rows: number): RunningResult {
  return {predicted: new Float64Array(rows), parts: null, milliseconds: 0};
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

/** One fold, encoded: what a candidate learns from and what it is asked. */
export interface PreparedFold {
  readonly set: TrainingSet;
  /** Places of the tested rows among all. */
  readonly indexes: readonly number[];
  readonly testRows: readonly FeatureRow[];
  readonly testMatrix: Matrix;
  readonly encodeMs: number;
}

/** What one candidate says of one fold: values in the order of `indexes`. */
export interface FoldFit {
  readonly values: Float64Array;
  readonly parts: Float64Array | null;
  /** Encoding included, but for naive rows, which need none. */
  readonly milliseconds: number;
}

/** Fits a candidate on a fold and asks it of the rows it never saw. */
export async function fitFold(
  algorithm: FittedAlgorithm,
  {set, testRows, testMatrix, encodeMs}: PreparedFold,
  settings: FitSettings & Pick<CrossValidationSettings, 'clock'>,
): Promise<FoldFit> {
  const begun = settings.clock();
  const parameters = await fitAlgorithm(algorithm, set, settings);
  const milliseconds = settings.clock() - begun + (algorithm.startsWith('naive') ? 0 : encodeMs);
  return {
    values: predictLogPrices(parameters, testRows, testMatrix, settings.backend),
    parts: explainLogPrices(parameters, testRows, testMatrix, set.columns),
    milliseconds,
  };
}

export function prepareFold(
  rows: readonly FeatureRow[],
  split: Split,
  fold: number,
  {seed, clock}: Pick<CrossValidationSettings, 'seed' | 'clock'>,
): PreparedFold {
  const begun = clock();
  const all = [...rows.keys()];
  const train = all.filter(row => split.fold[row] !== fold);
  const indexes = all.filter(row => split.fold[row] === fold);
  const trainRows = rows.filter((_, row) => split.fold[row] !== fold);
  const testRows = rows.filter((_, row) => split.fold[row] === fold);
  const group = Int32Array.from(train, row => split.group[row] ?? row);
  const {encoder, matrix} = fitEncoder(trainRows, group, seed);
  const set = {
    rows: trainRows,
    target: logPricePerM2(trainRows),
    group,
    matrix,
    columns: encoderColumns(encoder),
  };
  const testMatrix = encodeRows(encoder, testRows);
  return {set, indexes, testRows, testMatrix, encodeMs: clock() - begun};
}
