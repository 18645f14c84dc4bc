/**
 * How far a model's out-of-fold residuals usually stray for a home like this: by type, price level, place, and how well
 * the home is described.
 *
 * A residual divided by the scale of its own segment is comparable over segments (studentised residual; Cook and
 * Weisberg 1982, "Residuals and influence in regression"). The segments are the leaves of boosted trees that learn the
 * logarithm of the absolute residual (Lei et al. 2018, "Distribution-free predictive inference for regression", §5.2).
 */
import type {FeatureRow} from '../../domain/model.ts';
import {robustSd} from '../../lib/stats.ts';
import {type Encoder, encodeRows, encoderColumns} from '../features.ts';
import type {BoostSettings} from '../gbdt/boost.ts';
import {chooseTreeColumns, toTreeMatrix} from '../gbdt/columns.ts';
import {emptyMatrix} from '../matrix.ts';
import {type CrossFitted, crossFit, type ListedMatrix, predictCrossFitted} from './cross-fitted.ts';

/** Fewer residuals than this share one scale. */
const MIN_ROWS = 400;
/** No home is so well understood that a residual of 2 % were remarkable. */
const MIN_SCALE = 0.02;
/** Added before the logarithm: whether a residual is 0.1 or 1 % says nothing. */
const SOFTENING = 0.02;
/** A home's scale lies within these times the scale of all: no segment explains a price away. */
const MOST_TIMES = 3;

/** Slow, small trees: a leaf of 40 homes can't learn a single odd one. Chosen with test/bench/anomaly.ts. */
const BOOST: BoostSettings = {
  maxLeaves: 15,
  minLeafRows: 40,
  l2: 10,
  huberDelta: 0.5,
  maxTrees: 300,
  shrinkage: 0.05,
  patience: 30,
  rowShare: 0.8,
  columnShare: 0.6,
  mostBins: 127,
};

export interface PricedHome {
  readonly row: FeatureRow;
  /** Log COP, by folds that never saw the home. */
  readonly predicted: number;
}

/** A plain value. */
export interface ResidualScale {
  /** Robust standard deviation of all residuals, log units. */
  readonly whole: number;
  /** Log of the scale, up to `factor`; null: too few rows to tell segments apart. */
  readonly trees: CrossFitted | null;
  /** Makes the studentised residuals of the fitted rows have a robust standard deviation of 1. */
  readonly factor: number;
  /** Says what the trees know of a home; no home's own price is among it. */
  readonly encoder: Encoder;
}

/**
 * @param group groups of the rows, as `joinGroups` gives.
 * @throws RangeError without rows.
 */
export function fitResidualScale(
  homes: readonly PricedHome[],
  group: Int32Array,
  encoder: Encoder,
  seed: number,
): ResidualScale {
  if (homes.length === 0) throw new RangeError('a residual scale needs residuals; none were given');
  const residuals = homes.map(residualOf);
  const whole = Math.max(robustSd(residuals), MIN_SCALE);
  if (homes.length < MIN_ROWS) return {whole, trees: null, factor: 1, encoder};
  const target = Float64Array.from(residuals, value => Math.log(Math.abs(value) + SOFTENING));
  const described = describe(encoder, homes);
  const trees = crossFit(described, target, group, seed, BOOST);
  const scales = boundScales(predictCrossFitted(trees, described), whole, 1);
  const factor = robustSd(residuals.map((residual, at) => residual / (scales[at] ?? whole)));
  return {whole, trees, factor, encoder};
}

/** Standard deviation of each home's log residual, as residuals of homes like it stray. */
export function residualScales(
  {whole, trees, factor, encoder}: ResidualScale,
  homes: readonly PricedHome[],
): Float64Array {
  if (trees === null || homes.length === 0) return new Float64Array(homes.length).fill(whole);
  return boundScales(predictCrossFitted(trees, describe(encoder, homes)), whole, factor);
}

function boundScales(logScales: Float64Array, whole: number, factor: number): Float64Array {
  return logScales.map(logScale => {
    const scale = Math.exp(logScale) * factor;
    return Math.max(MIN_SCALE, Math.min(Math.max(scale, whole / MOST_TIMES), whole * MOST_TIMES));
  });
}

function residualOf({row, predicted}: PricedHome): number {
  return Math.log(row.priceCop) - predicted;
}

/** What price models' trees are told of a home, and the expected price. */
function describe(encoder: Encoder, homes: readonly PricedHome[]): ListedMatrix {
  const rows = homes.map(({row}) => row);
  const known = toTreeMatrix(chooseTreeColumns(encoderColumns(encoder)), encodeRows(encoder, rows));
  const x = emptyMatrix(rows.length, known.columns + 2);
  for (const [at, {row, predicted}] of homes.entries()) {
    x.values.set(known.values.subarray(at * known.columns, (at + 1) * known.columns), at * x.columns);
    x.values.set([predicted, predicted - Math.log(row.areaM2)], at * x.columns + known.columns);
  }
  return {listingIds: rows.map(({listingId}) => listingId), x};
}
