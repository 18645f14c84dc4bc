/** How many prices ranges hold, overall and by segment, on rows that had no part in them. */
import type {FeatureRow} from '../domain/model.ts';
import {groupBy} from '../lib/group-by.ts';
import {mean} from '../lib/stats.ts';
import {type CalibrationRow, fitCalibration, type RangeMethod, rangeOf} from './calibrate.ts';
import type {Split} from './split.ts';
import type {Quantiles} from './spread.ts';

/** Segments of fewer rows get no line. */
const MIN_SEGMENT_ROWS = 100;

/** One price and its range, log COP. */
export interface RangedPrice {
  readonly row: Pick<FeatureRow, 'propertyType' | 'municipality' | 'stratum'>;
  readonly low: number;
  readonly high: number;
  readonly actual: number;
}

interface SegmentCoverage {
  readonly rows: number;
  /** Share of prices inside their range. */
  readonly coverage: number;
}

export interface CoverageReport {
  readonly rows: number;
  readonly coverage: number;
  /** Mean of high / low − 1. */
  readonly meanWidth: number;
  readonly byType: Readonly<Record<string, SegmentCoverage>>;
  readonly byMunicipality: Readonly<Record<string, SegmentCoverage>>;
  readonly byStratum: Readonly<Record<string, SegmentCoverage>>;
}

export function reportCoverage(prices: readonly RangedPrice[]): CoverageReport {
  const by = (segmentOf: (row: RangedPrice['row']) => string | null) => {
    const segments = groupBy(prices, ({row}) => segmentOf(row));
    return Object.fromEntries(
      [...segments].flatMap(([segment, own]): [string, SegmentCoverage][] =>
        segment === null || own.length < MIN_SEGMENT_ROWS ? [] : [[segment, coverageOf(own)]],
      ),
    );
  };
  return {
    ...coverageOf(prices),
    meanWidth: mean(prices.map(({low, high}) => Math.expm1(high - low))),
    byType: by(row => row.propertyType),
    byMunicipality: by(row => row.municipality),
    byStratum: by(row => (row.stratum === null ? null : String(row.stratum))),
  };
}

function coverageOf(prices: readonly RangedPrice[]): SegmentCoverage {
  const inside = prices.filter(({low, high, actual}) => low <= actual && actual <= high);
  return {rows: prices.length, coverage: inside.length / prices.length};
}

/** Predictions by folds that never saw the rows, as calibration wants them. */
export function calibrationRows(
  rows: readonly FeatureRow[],
  predicted: ArrayLike<number>,
  quantiles: Quantiles | null,
): CalibrationRow[] {
  return rows.map((row, index) => ({
    row,
    predicted: predicted[index] ?? Number.NaN,
    quantiles: quantiles?.[index] ?? null,
    actual: Math.log(row.priceCop),
  }));
}

/**
 * The ranges of each fold come from a calibration (choice of method included) on the other folds.
 * @returns what the card says, and how often each method was chosen.
 */
export function crossFittedCoverage(
  rows: readonly CalibrationRow[],
  {fold, folds, group}: Split,
  seed: number,
): CoverageReport & {readonly methods: readonly RangeMethod[]} {
  const prices: RangedPrice[] = [];
  const methods: RangeMethod[] = [];
  for (let test = 0; test < folds; test++) {
    const calibration = fitCalibration(
      rows.filter((_, index) => fold[index] !== test),
      group.filter((_, index) => fold[index] !== test),
      seed,
    );
    methods.push(calibration.method);
    for (const [index, home] of rows.entries()) {
      if (fold[index] !== test) continue;
      const {low, high} = rangeOf(calibration, home);
      prices.push({row: home.row, low, high, actual: home.actual});
    }
  }
  return {...reportCoverage(prices), methods};
}
