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
import {type BoostSettings, fitBoost} from '../gbdt/boost.ts';
import {type Forest, predictForest} from '../gbdt/forest.ts';
import type {Matrix} from '../matrix.ts';
import {homeNumbers, numberMatrix} from './home-numbers.ts';

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
  readonly forest: Forest | null;
  /** Makes the studentised residuals of the fitted rows have a robust standard deviation of 1. */
  readonly factor: number;
}

/**
 * @param group groups of the rows, as `joinGroups` gives: what stops the trees is learnt from other homes.
 * @throws RangeError without rows.
 */
export function fitResidualScale(
  homes: readonly PricedHome[],
  group: Int32Array,
  seed: number,
): ResidualScale {
  if (homes.length === 0) throw new RangeError('a residual scale needs residuals; none were given');
  const residuals = homes.map(residualOf);
  const whole = Math.max(robustSd(residuals), MIN_SCALE);
  if (homes.length < MIN_ROWS) return {whole, forest: null, factor: 1};
  const target = Float64Array.from(residuals, value => Math.log(Math.abs(value) + SOFTENING));
  const forest = fitBoost(scaleMatrix(homes), target, group, seed, BOOST);
  const scales = residualScales({whole, forest, factor: 1}, homes);
  const factor = robustSd(residuals.map((residual, at) => residual / (scales[at] ?? whole)));
  return {whole, forest, factor};
}

/** Standard deviation of each home's log residual, as residuals of homes like it stray. */
export function residualScales(
  {whole, forest, factor}: ResidualScale,
  homes: readonly PricedHome[],
): Float64Array {
  if (forest === null) return new Float64Array(homes.length).fill(whole);
  return predictForest(forest, scaleMatrix(homes)).map(logScale => {
    const scale = Math.exp(logScale) * factor;
    return Math.max(MIN_SCALE, Math.min(Math.max(scale, whole / MOST_TIMES), whole * MOST_TIMES));
  });
}

function residualOf({row, predicted}: PricedHome): number {
  return Math.log(row.priceCop) - predicted;
}

function scaleMatrix(homes: readonly PricedHome[]): Matrix {
  return numberMatrix(
    homes.map(({row, predicted}) => {
      const logArea = Math.log(row.areaM2);
      const perBedroom = row.bedrooms ? logArea - Math.log(row.bedrooms) : Number.NaN;
      return [predicted, predicted - logArea, logArea, perBedroom, ...homeNumbers(row)];
    }),
  );
}
