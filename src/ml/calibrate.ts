/**
 * Ranges and standardised residuals from out-of-fold residuals.
 *
 * Split-conformal prediction (Papadopoulos 2002; Vovk et al. 2005) by groups of type and price level (Mondrian): the
 * half-width of a group is a quantile of its absolute log residuals. Groups that are too small borrow the wider one.
 */
import type {PropertyType} from '../domain/vocabulary.ts';
import {quantileOfSorted, robustSd} from '../lib/stats.ts';

/** Share of prices the range is to hold. */
export const RANGE_SHARE = 0.8;
const MIN_GROUP_ROWS = 100;
/** Price levels: thirds of the predicted prices. */
const LEVELS = 3;
/** No group is so exact that a residual of 2 % were remarkable. */
const MIN_SCALE = 0.02;

export interface CalibrationRow {
  readonly propertyType: PropertyType;
  /** Log COP, by folds that never saw the home. */
  readonly predicted: number;
  /** Log of the asking price. */
  readonly actual: number;
}

interface GroupCalibration {
  readonly rows: number;
  /** Log units: the range is mid × exp(± halfWidth). */
  readonly halfWidth: number;
  /** Robust standard deviation of the log residuals. */
  readonly scale: number;
}

/** A plain value. */
export interface Calibration {
  /** Predicted log prices between levels, ascending. */
  readonly levelEdges: readonly number[];
  readonly groups: Readonly<Record<string, GroupCalibration>>;
}

const EVERYBODY = 'all';

export function fitCalibration(rows: readonly CalibrationRow[]): Calibration {
  const sorted = Float64Array.from(rows, row => row.predicted).sort();
  const levelEdges = Array.from({length: LEVELS - 1}, (_, edge) =>
    quantileOfSorted(sorted, (edge + 1) / LEVELS),
  );
  const residuals = new Map<string, number[]>();
  for (const row of rows) {
    for (const key of groupKeys(levelEdges, row.propertyType, row.predicted)) {
      const list = residuals.get(key);
      if (list === undefined) residuals.set(key, [row.actual - row.predicted]);
      else list.push(row.actual - row.predicted);
    }
  }
  const believed = [...residuals].filter(([key, list]) => key === EVERYBODY || list.length >= MIN_GROUP_ROWS);
  return {levelEdges, groups: Object.fromEntries(believed.map(([key, list]) => [key, calibrateGroup(list)]))};
}

/** Half-width and scale for a home, from its narrowest group. */
export function calibrationOf(
  calibration: Calibration,
  propertyType: PropertyType,
  predicted: number,
): GroupCalibration {
  for (const key of groupKeys(calibration.levelEdges, propertyType, predicted)) {
    const group = calibration.groups[key];
    if (group !== undefined) return group;
  }
  throw new RangeError('calibration without the group of all rows');
}

/**
 * Share of rows inside their range when each fold's ranges come from the other folds.
 * @param fold fold of each row.
 */
export function crossFittedCoverage(
  rows: readonly CalibrationRow[],
  fold: ArrayLike<number>,
  folds: number,
): number {
  let inside = 0;
  for (let test = 0; test < folds; test++) {
    const calibration = fitCalibration(rows.filter((_, index) => fold[index] !== test));
    for (const [index, row] of rows.entries()) {
      if (fold[index] !== test) continue;
      const {halfWidth} = calibrationOf(calibration, row.propertyType, row.predicted);
      if (Math.abs(row.actual - row.predicted) <= halfWidth) inside += 1;
    }
  }
  return inside / rows.length;
}

function calibrateGroup(residuals: readonly number[]): GroupCalibration {
  const absolute = Float64Array.from(residuals, Math.abs).sort();
  // The ⌈(n + 1) · share⌉-th smallest: the finite-sample quantile of conformal prediction.
  const rank = Math.min(Math.ceil((residuals.length + 1) * RANGE_SHARE), residuals.length);
  return {
    rows: residuals.length,
    halfWidth: absolute[rank - 1] ?? Number.NaN,
    scale: Math.max(robustSd(residuals), MIN_SCALE),
  };
}

/** From narrow to wide. */
function groupKeys(levelEdges: readonly number[], propertyType: PropertyType, predicted: number): string[] {
  const level = levelEdges.filter(edge => predicted > edge).length;
  return [`${propertyType}|${level}`, propertyType, EVERYBODY];
}
