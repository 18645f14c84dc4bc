/** All candidates on the same grouped folds: predictions of homes by models that never saw them. */
import type {FeatureRow} from '../domain/model.ts';
import {ALGORITHMS, type Algorithm, type FitSettings, fitAlgorithm, predictLogPrices} from './algorithms.ts';
import {encodeRows, fitEncoder, logPricePerM2} from './features.ts';
import type {Split} from './split.ts';

export interface CrossValidationSettings extends FitSettings {
  /** Milliseconds on any steady clock. */
  readonly clock: () => number;
  /** No fold of a candidate is begun after this; the candidate is skipped. */
  readonly budgetMs: number;
  readonly note: (line: string) => void;
}

export interface CandidateFolds {
  readonly algorithm: Algorithm;
  /** Log COP of every row. */
  readonly predicted: Float64Array;
  /** Fitting time of all folds, encoder included. */
  readonly fitSeconds: number;
}

export interface CrossValidation {
  readonly candidates: readonly CandidateFolds[];
  readonly skipped: readonly {readonly algorithm: Algorithm; readonly reason: string}[];
}

export async function crossValidate(
  rows: readonly FeatureRow[],
  split: Split,
  settings: CrossValidationSettings,
): Promise<CrossValidation> {
  const {clock, budgetMs, note} = settings;
  const started = clock();
  const running = new Map(
    ALGORITHMS.map(name => [name, {predicted: new Float64Array(rows.length), milliseconds: 0}]),
  );
  const skipped: {algorithm: Algorithm; reason: string}[] = [];
  for (let fold = 0; fold < split.folds; fold++) {
    note(`fold ${fold + 1} of ${split.folds}`);
    const {set, test, testRows, encodeMs} = prepareFold(rows, split, fold, settings);
    for (const [algorithm, result] of running) {
      if (!algorithm.startsWith('naive') && clock() - started > budgetMs) {
        skipped.push({
          algorithm,
          reason: `the time budget of ${budgetMs / 1000} s ended before fold ${fold + 1} of ${split.folds}`,
        });
        running.delete(algorithm);
        continue;
      }
      const begun = clock();
      const parameters = await fitAlgorithm(algorithm, set, settings);
      result.milliseconds += clock() - begun + (algorithm.startsWith('naive') ? 0 : encodeMs);
      const values = predictLogPrices(parameters, testRows, test.matrix, settings.backend);
      for (const [place, row] of test.indexes.entries()) result.predicted[row] = values[place] ?? Number.NaN;
    }
  }
  const candidates = [...running].map(([algorithm, {predicted, milliseconds}]) => {
    return {algorithm, predicted, fitSeconds: milliseconds / 1000};
  });
  return {candidates, skipped};
}

function prepareFold(
  rows: readonly FeatureRow[],
  split: Split,
  fold: number,
  {seed, clock}: CrossValidationSettings,
) {
  const begun = clock();
  const all = [...rows.keys()];
  const train = all.filter(row => split.fold[row] !== fold);
  const indexes = all.filter(row => split.fold[row] === fold);
  const trainRows = rows.filter((_, row) => split.fold[row] !== fold);
  const testRows = rows.filter((_, row) => split.fold[row] === fold);
  const group = Int32Array.from(train, row => split.group[row] ?? row);
  const {encoder, matrix} = fitEncoder(trainRows, group, seed);
  const set = {rows: trainRows, target: logPricePerM2(trainRows), group, matrix};
  return {set, test: {indexes, matrix: encodeRows(encoder, testRows)}, testRows, encodeMs: clock() - begun};
}
