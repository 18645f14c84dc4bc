import {createHash} from 'node:crypto';
import {ModelError} from '../../src/domain/errors.ts';
import type {FeatureRow, ModelMetrics} from '../../src/domain/model.ts';
import type {Operation, PropertyType} from '../../src/domain/vocabulary.ts';
import {
  ALGORITHM_NOTES,
  type Algorithm,
  type FittedParameters,
  fitAlgorithm,
  type Parameters,
  type TrainingSet,
} from '../../src/ml/algorithms.ts';
import {ARTIFACT_VERSION, type Artifact} from '../../src/ml/artifact.ts';
import type {Backend} from '../../src/ml/backend.ts';
import {
  type Calibration,
  type CalibrationRow,
  crossFittedCoverage,
  fitCalibration,
} from '../../src/ml/calibrate.ts';
import {
  type Blend,
  type CandidateFolds,
  type CrossValidationSettings,
  crossValidate,
} from '../../src/ml/cross-validate.ts';
import {fitExplanation} from '../../src/ml/explain.ts';
import {encoderColumns, fitEncoder, logPricePerM2} from '../../src/ml/features.ts';
import {measureErrors} from '../../src/ml/metrics.ts';
import {prepareChecks} from '../../src/ml/model-checks.ts';
import {type Split, splitFolds} from '../../src/ml/split.ts';

/** Fewer homes than this make no price model. */
export const MIN_TRAINING_ROWS = 200;
/** Types with fewer rows get no line of their own on the card. */
const MIN_TYPE_ROWS = 50;
const FOLDS = 5;

export interface TrainingSettings extends CrossValidationSettings {
  readonly trainedAt: Date;
}

/** One row of the leaderboard. */
export interface TrainedCandidate {
  readonly modelId: string;
  readonly algorithm: Algorithm;
  readonly metrics: ModelMetrics;
  readonly fitSeconds: number;
  readonly isChampion: boolean;
  readonly card: Readonly<Record<string, unknown>>;
  /** Null for naive rows: they are yardsticks. */
  readonly artifact: Artifact | null;
}

export interface Training {
  readonly trainingId: string;
  readonly operation: Operation;
  readonly rows: number;
  readonly datasetHash: string;
  readonly splitId: string;
  readonly seed: number;
  readonly backend: Backend['name'];
  readonly trainedAt: Date;
  readonly isSynthetic: boolean;
  readonly candidates: readonly TrainedCandidate[];
}

export type TrainingResult =
  | {readonly kind: 'trained'; readonly training: Training}
  | {readonly kind: 'skipped'; readonly operation: Operation; readonly reason: string};

/**
 * Trains all candidates of one operation on the same grouped folds, names the champion (least MdAPE of those that can
 * be stored) and fits those on all rows.
 * @throws ModelError when simulated and real rows are mixed.
 */
export async function trainOperation(
  operation: Operation,
  rows: readonly FeatureRow[],
  settings: TrainingSettings,
): Promise<TrainingResult> {
  refuseMixture(rows);
  if (rows.length < MIN_TRAINING_ROWS) {
    return {
      kind: 'skipped',
      operation,
      reason: `${rows.length} homes with a price; a model needs ${MIN_TRAINING_ROWS}`,
    };
  }
  const {seed, backend, note} = settings;
  const split = splitFolds(rows, FOLDS, seed);
  const datasetHash = hashRows(rows);
  const trainingId = `${operation}-${hashText(`${datasetHash}/${split.splitId}/${seed}/${ARTIFACT_VERSION}/${backend.name}`)}`;
  const validation = await crossValidate(rows, split, {
    ...settings,
    note: line => note(`${operation}: ${line}`),
  });
  note(`${operation}: final fit`);
  const {blend} = validation;
  const tried: CandidateFolds[] = [...validation.candidates, ...(blend === null ? [] : [blend])];
  const measured = tried.map(candidate => measureCandidate(candidate, rows, split));
  const champion = chooseChampion(measured);
  const naiveMdape = Math.min(...measured.filter(({isNaive}) => isNaive).map(({metrics}) => metrics.mdape));
  const {encoder, matrix} = fitEncoder(rows, split.group, seed);
  const columns = encoderColumns(encoder);
  const set = {rows, target: logPricePerM2(rows), group: split.group, matrix, columns};
  const fitted = await fitCandidates(measured, set, blend, settings);
  const check = prepareChecks(rows, split, settings);
  const candidates: TrainedCandidate[] = [];
  for (const candidate of measured) {
    const {algorithm, metrics, fitSeconds, calibration} = candidate;
    const modelId = `${trainingId}-${algorithm.replaceAll('_', '-')}`;
    const parameters = fitted.get(algorithm);
    candidates.push({
      modelId,
      algorithm,
      metrics,
      fitSeconds,
      isChampion: algorithm === champion,
      artifact:
        parameters === undefined
          ? null
          : {
              modelId,
              operation,
              model: {encoder, parameters},
              calibration,
              outOfFold: nameRows(rows, candidate.predicted),
              explanation: candidate.parts && fitExplanation(rows, candidate.predicted, candidate.parts),
            },
      card: {
        modelId,
        algorithm,
        note: ALGORITHM_NOTES[algorithm],
        operation,
        target: 'log asking price, COP per m²',
        rows: rows.length,
        groups: new Set(split.group).size,
        folds: FOLDS,
        splitId: split.splitId,
        datasetHash,
        seed,
        artifactVersion: ARTIFACT_VERSION,
        backend: backend.name,
        backendsPassedOver: backend.passedOver,
        trainedAt: settings.trainedAt.toISOString(),
        isSynthetic: rows[0]?.isSynthetic ?? false,
        metrics,
        metricsByType: candidate.metricsByType,
        mdapeOfBestNaiveRow: naiveMdape,
        beatsNaiveRows: metrics.mdape < naiveMdape,
        columns: parameters === undefined ? [] : columns,
        ...(algorithm === 'blend' ? {weights: blend?.weights} : {}),
        skippedCandidates: validation.skipped,
        ...(parameters === undefined
          ? {}
          : {checks: check({model: {encoder, parameters}, predicted: candidate.predicted})}),
        limits: LIMITS,
      },
    });
  }
  const {splitId} = split;
  const {trainedAt} = settings;
  const isSynthetic = rows[0]?.isSynthetic ?? false;
  return {
    kind: 'trained',
    training: {
      trainingId,
      operation,
      rows: rows.length,
      datasetHash,
      splitId,
      seed,
      backend: backend.name,
      trainedAt,
      isSynthetic,
      candidates,
    },
  };
}

/** Fits all but the naive ones on every row; the blend is put together from them. */
async function fitCandidates(
  measured: readonly MeasuredCandidate[],
  set: TrainingSet,
  blend: Blend | null,
  settings: TrainingSettings,
): Promise<Map<Algorithm, Parameters>> {
  const single = new Map<Algorithm, FittedParameters>();
  for (const {algorithm, isNaive} of measured) {
    if (isNaive || algorithm === 'blend') continue;
    single.set(algorithm, await fitAlgorithm(algorithm, set, settings));
  }
  if (blend === null) return single;
  const parts = blend.weights.flatMap(({algorithm, weight}) => {
    const parameters = single.get(algorithm);
    return parameters === undefined || weight === 0 ? [] : [{weight, parameters}];
  });
  return new Map<Algorithm, Parameters>([...single, ['blend', {algorithm: 'blend', parts}]]);
}

const LIMITS = [
  'Asking prices, not closing prices.',
  'The range holds 80 % of asking prices on average, not for every single home.',
  'Adverts of one home, exact twins and repeated texts stand on one side of every fold.',
];

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

interface MeasuredCandidate extends CandidateFolds {
  readonly isNaive: boolean;
  readonly metrics: ModelMetrics;
  readonly metricsByType: Readonly<Partial<Record<PropertyType, ModelMetrics & {rows: number}>>>;
  readonly calibration: Calibration;
}

function measureCandidate(
  candidate: CandidateFolds,
  rows: readonly FeatureRow[],
  split: Split,
): MeasuredCandidate {
  const {algorithm, predicted} = candidate;
  const isNaive = algorithm.startsWith('naive');
  const pairs = rows.map((row, index): CalibrationRow => {
    return {
      propertyType: row.propertyType,
      predicted: predicted[index] ?? Number.NaN,
      actual: Math.log(row.priceCop),
    };
  });
  const coverage = isNaive ? null : crossFittedCoverage(pairs, split.fold, split.folds);
  const types = [...new Set(rows.map(row => row.propertyType))].sort();
  const metricsByType = Object.fromEntries(
    types.flatMap(type => {
      const indexes = [...rows.keys()].filter(index => rows[index]?.propertyType === type);
      if (indexes.length < MIN_TYPE_ROWS) return [];
      const own = rows.filter(row => row.propertyType === type);
      const values = indexes.map(index => predicted[index] ?? Number.NaN);
      return [[type, {rows: own.length, ...measureErrors(own, values, null)}]];
    }),
  );
  const metrics = measureErrors(rows, predicted, coverage);
  return {...candidate, isNaive, metrics, metricsByType, calibration: fitCalibration(pairs)};
}

function chooseChampion(measured: readonly MeasuredCandidate[]): Algorithm | undefined {
  const stored = measured.filter(({isNaive}) => !isNaive);
  return stored.sort((a, b) => a.metrics.mdape - b.metrics.mdape)[0]?.algorithm;
}

function nameRows(rows: readonly FeatureRow[], predicted: Float64Array): Record<string, number> {
  return Object.fromEntries(rows.map((row, index) => [row.listingId, predicted[index] ?? Number.NaN]));
}

function hashRows(rows: readonly FeatureRow[]): string {
  return hashText(JSON.stringify([...rows].sort((a, b) => (a.listingId < b.listingId ? -1 : 1))));
}

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
