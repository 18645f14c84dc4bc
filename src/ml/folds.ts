/**
 * The work of one fold, and of all rows at the end, as functions of plain values: they run in any thread and give the
 * same bits there.
 */
import type {FeatureRow} from '../domain/model.ts';
import {
  type FitSettings,
  type FittedAlgorithm,
  type FittedParameters,
  fitAlgorithm,
  predictLogPrices,
  type TrainingSet,
} from './algorithms.ts';
import type {Backend} from './backend.ts';
import {explainLogPrices} from './explain.ts';
import {type Encoder, encodeRows, encoderColumns, fitEncoder, logPricePerM2} from './features.ts';
import type {Matrix} from './matrix.ts';
import type {Split} from './split.ts';
import {fitSpread, predictSpread, type Quantiles, type SpreadModel} from './spread.ts';

/** What every thread knows from its start. */
export interface FoldWorld {
  readonly rows: readonly FeatureRow[];
  readonly split: Split;
  readonly seed: number;
}

/** Rows to learn from, and the names of their columns. */
export interface EncodedRows {
  readonly columns: readonly string[];
  readonly train: Matrix;
}

/** A fold's matrices: fitted on the rows outside the fold. */
export interface EncodedFold extends EncodedRows {
  readonly test: Matrix;
}

/** What is fitted, as far as it differs from candidate to candidate. */
export interface Candidate extends Pick<FitSettings, 'effort' | 'network' | 'tuned'> {
  readonly algorithm: FittedAlgorithm;
}

export interface FoldFit {
  /** Log COP of the fold's rows, in their order. */
  readonly predicted: Float64Array;
  /** Log parts of the same rows, as `explainLogPrices` gives; null: it can't say. */
  readonly parts: Float64Array | null;
}

export type FoldTask =
  | {readonly kind: 'encode'; readonly fold: number}
  | {
      readonly kind: 'fit';
      readonly fold: number;
      readonly candidate: Candidate;
      readonly encoded: EncodedFold;
    }
  | {readonly kind: 'spread'; readonly fold: number; readonly encoded: EncodedFold}
  | {readonly kind: 'fit_all'; readonly candidate: Candidate; readonly encoded: EncodedRows}
  | {readonly kind: 'spread_all'; readonly encoded: EncodedRows};

export interface TimedResult {
  readonly result: EncodedFold | FoldFit | Quantiles | FittedParameters | SpreadModel;
  readonly seconds: number;
}

/** Rows of a fold, ascending. */
export function rowsOfFold({fold}: Split, wanted: number): number[] {
  return [...fold.keys()].filter(row => fold[row] === wanted);
}

/** @param clock milliseconds on any steady clock. */
export async function runFoldTask(
  world: FoldWorld,
  task: FoldTask,
  backend: Backend,
  clock: () => number,
): Promise<TimedResult> {
  const begun = clock();
  const result = await doFoldTask(world, task, backend);
  return {result, seconds: (clock() - begun) / 1000};
}

function doFoldTask(
  world: FoldWorld,
  task: FoldTask,
  backend: Backend,
): TimedResult['result'] | Promise<TimedResult['result']> {
  switch (task.kind) {
    case 'encode':
      return encodeFold(world, task.fold);
    case 'fit':
      return fitFold(world, task, backend);
    case 'spread':
      return spreadFold(world, task.fold, task.encoded);
    case 'fit_all':
      return fitAlgorithm(
        task.candidate.algorithm,
        trainingSetOf(world, null, task.encoded).set,
        settingsOf(world, task.candidate, backend),
      );
    case 'spread_all':
      return fitSpread(trainingSetOf(world, null, task.encoded).set, world.seed);
  }
}

export function encodeFold({rows, split, seed}: FoldWorld, fold: number): EncodedFold {
  const {trainRows, testRows, group} = partRows(rows, split, fold);
  const {encoder, matrix} = fitEncoder(trainRows, group, seed);
  return {columns: encoderColumns(encoder), train: share(matrix), test: share(encodeRows(encoder, testRows))};
}

/** Encodes all rows, with the encoder that models of all rows keep. */
export function encodeAll({rows, split, seed}: FoldWorld): {
  readonly encoder: Encoder;
  readonly encoded: EncodedRows;
} {
  const {encoder, matrix} = fitEncoder(rows, split.group, seed);
  return {encoder, encoded: {columns: encoderColumns(encoder), train: share(matrix)}};
}

/** What is learnt from outside a fold, and the rows of the fold. @param fold null: all rows are learnt from. */
export function trainingSetOf(
  {rows, split}: Pick<FoldWorld, 'rows' | 'split'>,
  fold: number | null,
  {columns, train}: EncodedRows,
): {readonly set: TrainingSet; readonly testRows: readonly FeatureRow[]} {
  const {trainRows, testRows, group} = partRows(rows, split, fold);
  const set = {rows: trainRows, target: logPricePerM2(trainRows), group, matrix: train, columns};
  return {set, testRows};
}

async function fitFold(
  world: FoldWorld,
  {fold, candidate, encoded}: Extract<FoldTask, {kind: 'fit'}>,
  backend: Backend,
): Promise<FoldFit> {
  const {set, testRows} = trainingSetOf(world, fold, encoded);
  const parameters = await fitAlgorithm(candidate.algorithm, set, settingsOf(world, candidate, backend));
  return {
    predicted: predictLogPrices(parameters, testRows, encoded.test, backend),
    parts: explainLogPrices(parameters, testRows, encoded.test, encoded.columns),
  };
}

function settingsOf({seed}: FoldWorld, {effort, network, tuned}: Candidate, backend: Backend): FitSettings {
  return {backend, seed, effort, network, tuned};
}

/** Quantiles of a fold's rows, in their order. */
export function spreadFold(world: FoldWorld, fold: number, encoded: EncodedFold): Quantiles {
  const {set, testRows} = trainingSetOf(world, fold, encoded);
  return predictSpread(fitSpread(set, world.seed), testRows, encoded.test);
}

/** Puts what each fold says of its rows in the order of all rows. */
export function joinFoldRows<T>(split: Split, ofFold: readonly (readonly T[])[]): T[] {
  const joined: T[] = [];
  for (const [fold, values] of ofFold.entries()) {
    for (const [place, row] of rowsOfFold(split, fold).entries()) joined[row] = values[place] as T;
  }
  return joined;
}

function partRows(rows: readonly FeatureRow[], {fold: folds, group}: Split, fold: number | null) {
  const train = [...rows.keys()].filter(row => folds[row] !== fold);
  return {
    trainRows: rows.filter((_, row) => folds[row] !== fold),
    testRows: rows.filter((_, row) => folds[row] === fold),
    group: Int32Array.from(train, row => group[row] ?? row),
  };
}

/** In memory that threads share: a fold's matrices stand there once, whoever fits on them. */
function share({rows, columns, values}: Matrix): Matrix {
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return {rows, columns, values: shared};
}
