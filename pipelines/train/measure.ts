/** What a candidate's out-of-fold predictions are worth, overall and by segment. */
import type {FeatureRow, ModelMetrics} from '../../src/domain/model.ts';
import {groupBy} from '../../src/lib/group-by.ts';
import {median} from '../../src/lib/stats.ts';
import {isYardstick, type Parameters} from '../../src/ml/algorithms.ts';
import {type Artifact, packArtifact} from '../../src/ml/artifact.ts';
import {type Calibration, fitCalibration} from '../../src/ml/calibrate.ts';
import {type CoverageReport, calibrationRows, crossFittedCoverage} from '../../src/ml/coverage.ts';
import type {CandidateFolds} from '../../src/ml/cross-validate.ts';
import {packForest} from '../../src/ml/gbdt/forest.ts';
import {measureErrors} from '../../src/ml/metrics.ts';
import type {Split} from '../../src/ml/split.ts';
import type {Quantiles} from '../../src/ml/spread.ts';

/** Segments with fewer rows get no line of their own on the card. */
const MIN_SEGMENT_ROWS = 50;

const SEGMENTS = {
  propertyType: (row: FeatureRow) => row.propertyType,
  stratum: (row: FeatureRow) => row.stratum,
  municipality: (row: FeatureRow) => row.municipality,
} as const satisfies Readonly<Record<string, (row: FeatureRow) => string | number | null>>;

/** Errors of one segment; `medianSigned`: middle of (predicted − asked) / asked, 0 without bias. */
export type SegmentMetrics = ModelMetrics & {readonly rows: number; readonly medianSigned: number};
export type MetricsBySegment = Readonly<
  Record<keyof typeof SEGMENTS, Readonly<Record<string, SegmentMetrics>>>
>;

export interface Measures {
  readonly metrics: ModelMetrics;
  readonly segments: MetricsBySegment;
  /** Of ranges that other folds calibrated. */
  readonly coverage: CoverageReport;
  readonly calibration: Calibration;
}

export interface RangeSettings {
  /** By folds that never saw the home; null: ranges are calibrated without them. */
  readonly quantiles: Quantiles | null;
  readonly seed: number;
}

export type MeasuredCandidate = CandidateFolds & Measures;

/** @param predicted log COP of every row, by somebody who never saw its home. */
export function measurePredictions(
  predicted: Float64Array,
  rows: readonly FeatureRow[],
  split: Split,
  {quantiles, seed}: RangeSettings,
): Measures {
  const pairs = calibrationRows(rows, predicted, quantiles);
  const coverage = crossFittedCoverage(pairs, split, seed);
  return {
    metrics: measureErrors(rows, predicted, coverage.coverage),
    coverage,
    segments: {
      propertyType: segmentMetrics(rows, predicted, SEGMENTS.propertyType),
      stratum: segmentMetrics(rows, predicted, SEGMENTS.stratum),
      municipality: segmentMetrics(rows, predicted, SEGMENTS.municipality),
    },
    calibration: fitCalibration(pairs, split.group, seed),
  };
}

function segmentMetrics(
  rows: readonly FeatureRow[],
  predicted: Float64Array,
  keyOf: (row: FeatureRow) => string | number | null,
): Record<string, SegmentMetrics> {
  const indexes = groupBy([...rows.keys()], index => {
    const row = rows[index];
    return row === undefined ? null : keyOf(row);
  });
  const known = [...indexes].flatMap(([key, list]) =>
    key === null || list.length < MIN_SEGMENT_ROWS ? [] : [[String(key), list] as const],
  );
  return Object.fromEntries(
    known
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, list]) => {
        const own = list.flatMap(index => rows[index] ?? []);
        const values = list.map(index => predicted[index] ?? Number.NaN);
        const signed = own.map((row, place) => Math.expm1((values[place] ?? 0) - Math.log(row.priceCop)));
        return [key, {rows: list.length, ...measureErrors(own, values, null), medianSigned: median(signed)}];
      }),
  );
}

export function measureCandidate(
  candidate: CandidateFolds,
  rows: readonly FeatureRow[],
  split: Split,
  ranges: RangeSettings,
): MeasuredCandidate {
  return {...candidate, ...measurePredictions(candidate.predicted, rows, split, ranges)};
}

/** The candidate with the least MdAPE among those that can be stored. */
export function chooseBest(measured: readonly MeasuredCandidate[]): MeasuredCandidate | undefined {
  return measured
    .filter(({algorithm}) => !isYardstick(algorithm))
    .sort((a, b) => a.metrics.mdape - b.metrics.mdape)[0];
}

/** Files without which nothing can be predicted; ranges, reasons and the card come on top. */
const NEEDED = /^(model|encoder)\.json$|\.bin$/;

/** Bytes a model takes to predict. */
export function artifactBytes(artifact: Artifact): number {
  return [...packArtifact(artifact, {})]
    .filter(([name]) => NEEDED.test(name))
    .reduce((sum, [, bytes]) => sum + bytes.length, 0);
}

/** As `artifactBytes`, of a yardstick, whose files are not kept. */
export function parameterBytes(parameters: Parameters): number {
  return parameters.algorithm === 'tree' || parameters.algorithm === 'forest'
    ? packForest(parameters.forest).length
    : JSON.stringify(parameters).length;
}
