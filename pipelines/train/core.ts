import {ModelError} from '../../src/domain/errors.ts';
import type {FeatureRow, ModelMetrics} from '../../src/domain/model.ts';
import {type Effort, type Operation, USUAL_EFFORT} from '../../src/domain/vocabulary.ts';
import {
  type Algorithm,
  type FittedAlgorithm,
  type FittedParameters,
  isYardstick,
  type Parameters,
  type Tuned,
  usualSettings,
} from '../../src/ml/algorithms.ts';
import {ARTIFACT_VERSION, type Artifact} from '../../src/ml/artifact.ts';
import {type FinishedTrial, type Settings, settingsId} from '../../src/ml/automl/search.ts';
import type {Backend} from '../../src/ml/backend.ts';
import {
  type Blend,
  type CandidateFolds,
  type CrossValidation,
  type CrossValidationSettings,
  crossFitSpread,
  crossValidate,
} from '../../src/ml/cross-validate.ts';
import {fitExplanation} from '../../src/ml/explain.ts';
import {type EncodedRows, encodeAll} from '../../src/ml/folds.ts';
import {hashRows, hashText} from '../../src/ml/frozen-rows.ts';
import {prepareChecks} from '../../src/ml/model-checks.ts';
import {type Split, splitFolds} from '../../src/ml/split.ts';
import type {Quantiles, SpreadModel} from '../../src/ml/spread.ts';
import {openFoldRunner} from '../../src/ml/workers/fold-runner.ts';
import {makeCard} from './card.ts';
import {
  artifactBytes,
  chooseBest,
  type MeasuredCandidate,
  measureCandidate,
  parameterBytes,
} from './measure.ts';

/** Fewer homes than this make no price model. */
export const MIN_TRAINING_ROWS = 200;
const FOLDS = 5;

export interface TrainingSettings extends CrossValidationSettings {
  readonly trainedAt: Date;
}

/** One row of the leaderboard. */
export interface TrainedCandidate {
  /** Data, split, seed and settings name a model: the same id is the same bits. */
  readonly modelId: string;
  readonly algorithm: Algorithm;
  readonly settings: Settings;
  readonly metrics: ModelMetrics;
  readonly fitSeconds: number;
  /** Least MdAPE of those that can be stored. */
  readonly isBest: boolean;
  /** Out-of-fold log prices, in the order of the training's rows. */
  readonly predicted: Float64Array;
  /** What it takes to predict; null: only measured so far. */
  readonly sizeBytes: number | null;
  readonly card: Readonly<Record<string, unknown>>;
  /** Null for yardsticks, and for what was only measured. */
  readonly artifact: Artifact | null;
}

/** Rows with their folds: what every candidate of a training shares. */
export interface OpenTraining {
  readonly trainingId: string;
  readonly operation: Operation;
  readonly rows: readonly FeatureRow[];
  readonly split: Split;
  readonly datasetHash: string;
  readonly seed: number;
  readonly effort: Effort;
}

export interface Training {
  readonly opened: OpenTraining;
  readonly backend: Backend['name'];
  readonly trainedAt: Date;
  readonly isSynthetic: boolean;
  readonly candidates: readonly TrainedCandidate[];
}

interface SkippedTraining {
  readonly kind: 'skipped';
  readonly operation: Operation;
  readonly reason: string;
}

export type TrainingResult = {readonly kind: 'trained'; readonly training: Training} | SkippedTraining;

/** Deals the folds. @throws ModelError when simulated and real rows are mixed. */
export function openTraining(
  operation: Operation,
  rows: readonly FeatureRow[],
  {seed, backend, effort = USUAL_EFFORT}: Pick<TrainingSettings, 'seed' | 'backend' | 'effort'>,
): {readonly kind: 'open'; readonly opened: OpenTraining} | SkippedTraining {
  refuseMixture(rows);
  if (rows.length < MIN_TRAINING_ROWS) {
    return {
      kind: 'skipped',
      operation,
      reason: `${rows.length} homes with a price; a model needs ${MIN_TRAINING_ROWS}`,
    };
  }
  const split = splitFolds(rows, FOLDS, seed);
  const datasetHash = hashRows(rows);
  const usual = hashText(JSON.stringify(usualSettings(effort)));
  const facts = `${datasetHash}/${split.splitId}/${seed}/${ARTIFACT_VERSION}/${backend.name}/${usual}`;
  const trainingId = `${operation}-${hashText(facts)}`;
  return {kind: 'open', opened: {trainingId, operation, rows, split, datasetHash, seed, effort}};
}

/**
 * Trains all candidates of one operation, with their usual settings, on the same grouped folds, names the best (least
 * MdAPE of those that can be stored) and fits all on all rows.
 * @throws ModelError when simulated and real rows are mixed.
 */
export async function trainOperation(
  operation: Operation,
  rows: readonly FeatureRow[],
  settings: TrainingSettings,
): Promise<TrainingResult> {
  const start = openTraining(operation, rows, settings);
  if (start.kind === 'skipped') return start;
  const validation = await crossValidate(rows, start.opened.split, {
    ...settings,
    effort: start.opened.effort,
    note: line => settings.note(`${operation}: ${line}`),
  });
  return {kind: 'trained', training: await finishTraining(start.opened, validation, settings)};
}

export interface FinishSettings extends Omit<TrainingSettings, 'budgetMs'> {
  /** More lines for the card of a candidate. */
  readonly remarks?: (algorithm: Algorithm) => Readonly<Record<string, unknown>>;
}

/** Measures what was validated and fits it on all rows. */
export async function finishTraining(
  opened: OpenTraining,
  validation: CrossValidation,
  settings: FinishSettings,
): Promise<Training> {
  const {operation, rows, split, seed} = opened;
  const {backend, note, trainedAt, tuned = {}, remarks} = settings;
  note(`${operation}: final fit`);
  const {blend} = validation;
  const {encoder, encoded} = encodeAll(opened);
  const {fitted, spreadModel, quantiles} = await fitAll(validation, encoded, opened, settings);
  const tried: CandidateFolds[] = [...validation.candidates, ...(blend === null ? [] : [blend])];
  const measured = tried.map(candidate => measureCandidate(candidate, rows, split, {quantiles, seed}));
  const best = chooseBest(measured);
  const naiveMdape = naiveErrorOf(measured);
  const spread = {model: spreadModel, outOfFold: nameRows(rows, quantiles)};
  const check = prepareChecks(rows, split, settings);
  const candidates = measured.map((candidate): TrainedCandidate => {
    const {algorithm, metrics, fitSeconds, calibration, predicted} = candidate;
    const own = algorithm === 'blend' ? blendSettings(blend, tuned) : settingsOf(algorithm, tuned);
    const modelId = candidateId(opened, algorithm, own);
    const parameters = fitted.get(algorithm);
    const explanation = candidate.parts && fitExplanation(rows, predicted, candidate.parts);
    const outOfFold = nameRows(rows, predicted);
    const artifact: Artifact | null =
      parameters === undefined || isYardstick(algorithm)
        ? null
        : {
            ...{modelId, operation, calibration, outOfFold, explanation},
            model: {encoder, parameters},
            spread: calibration.method === 'quantile' ? spread : null,
          };
    const more = {
      settings: own,
      ...(algorithm === 'blend' ? {weights: blend?.weights} : {}),
      skippedCandidates: validation.skipped,
      ...(artifact === null ? {} : {checks: check({model: artifact.model, predicted})}),
      ...remarks?.(algorithm),
    };
    return {
      modelId,
      algorithm,
      settings: own,
      metrics,
      fitSeconds,
      isBest: candidate === best,
      predicted,
      sizeBytes: sizeOf(artifact, parameters),
      artifact,
      card: makeCard(opened, {
        ...{modelId, measured: candidate, naiveMdape, trainedAt, backend, more},
        columns: artifact === null ? [] : encoded.columns,
      }),
    };
  });
  const isSynthetic = rows[0]?.isSynthetic ?? false;
  return {opened, backend: backend.name, trainedAt, isSynthetic, candidates};
}

/** A leaderboard row of a candidate that has seen all folds and is not fitted on all rows yet. */
export function measureTrial(
  opened: OpenTraining,
  trial: FinishedTrial<FittedAlgorithm>,
  {backend, trainedAt}: Pick<TrainingSettings, 'backend' | 'trainedAt'>,
): TrainedCandidate {
  const {algorithm, settings, predicted, parts, fitSeconds} = trial;
  const measured = measureCandidate({algorithm, predicted, parts, fitSeconds}, opened.rows, opened.split, {
    quantiles: null,
    seed: opened.seed,
  });
  const modelId = candidateId(opened, algorithm, settings);
  const more = {settings, isOnlyMeasured: true};
  const card = makeCard(opened, {
    ...{modelId, measured, trainedAt, backend, more},
    naiveMdape: null,
    columns: [],
  });
  const {metrics} = measured;
  const only = {isBest: false, sizeBytes: null, artifact: null};
  return {modelId, algorithm, settings, metrics, fitSeconds, predicted, card, ...only};
}

function candidateId({trainingId}: OpenTraining, algorithm: Algorithm, settings: Settings): string {
  const usual = `${trainingId}-${algorithm.replaceAll('_', '-')}`;
  return settings === null ? usual : `${usual}-${settingsId(settings)}`;
}

function settingsOf(algorithm: FittedAlgorithm, tuned: Tuned): Settings {
  const found = Object.entries(tuned).find(([name]) => name === algorithm);
  return found === undefined ? null : (found[1] as Settings);
}

/** A blend is as usual when all its members are. */
function blendSettings(blend: Blend | null, tuned: Tuned): Settings {
  const members = new Set<string>(blend?.weights.map(({algorithm}) => algorithm));
  const own = Object.entries(tuned).filter(([name]) => members.has(name));
  return own.length === 0 ? null : Object.fromEntries(own);
}

function naiveErrorOf(measured: readonly MeasuredCandidate[]): number {
  return Math.min(
    ...measured.filter(({algorithm}) => algorithm.startsWith('naive')).map(({metrics}) => metrics.mdape),
  );
}

function sizeOf(artifact: Artifact | null, parameters: Parameters | undefined): number | null {
  if (artifact !== null) return artifactBytes(artifact);
  return parameters === undefined ? null : parameterBytes(parameters);
}

/** Fits each candidate and the ranges on every row, the slowest first; the blend is put together from its members. */
async function fitAll(
  {candidates, blend, quantiles}: CrossValidation,
  encoded: EncodedRows,
  {rows, split, seed, effort}: OpenTraining,
  {backend, clock, threads = 1, signal, network, tuned}: FinishSettings,
): Promise<{
  readonly fitted: ReadonlyMap<Algorithm, Parameters>;
  readonly spreadModel: SpreadModel;
  readonly quantiles: Quantiles;
}> {
  const runner = openFoldRunner({rows, split, seed}, {threads, backend, clock, signal});
  try {
    const [fits, spreadModel, crossFitted] = await Promise.all([
      Promise.all(
        candidates.toReversed().map(async ({algorithm}) => {
          const parameters = await runner.fitAll({algorithm, effort, network, tuned}, encoded);
          return [algorithm, parameters] as const;
        }),
      ),
      runner.spreadAll(encoded),
      quantiles ?? crossFitSpread(runner, split),
    ]);
    const single = new Map<Algorithm, FittedParameters>(fits);
    const parts = blend?.weights.flatMap(({algorithm, weight}) => {
      const parameters = single.get(algorithm);
      return parameters === undefined || weight === 0 ? [] : [{weight, parameters}];
    });
    const fitted = new Map<Algorithm, Parameters>(single);
    if (parts !== undefined) fitted.set('blend', {algorithm: 'blend', parts});
    return {fitted, spreadModel, quantiles: crossFitted};
  } finally {
    await runner.close();
  }
}

/** @throws ModelError naming both counts. */
export function refuseMixture(rows: readonly FeatureRow[]): void {
  const synthetic = rows.filter(row => row.isSynthetic).length;
  if (synthetic === 0 || synthetic === rows.length) return;
  throw new ModelError(
    `${synthetic} simulated and ${rows.length - synthetic} real homes stand in one database: a model of both is a model of neither. ` +
      'Keep real data in its own data folder and database; the demo has its own (`raiz demo`).',
    {context: {synthetic, real: rows.length - synthetic}},
  );
}

function nameRows<T>(rows: readonly FeatureRow[], values: ArrayLike<T>): Record<string, T> {
  return Object.fromEntries(rows.map((row, index) => [row.listingId, values[index] as T]));
}
