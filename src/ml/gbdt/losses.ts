/**
 * What boosting lowers: squares, Huber's loss (Huber 1964; Friedman 2001, §4.4) or the pinball loss of a quantile
 * (Koenker and Bassett 1978), and the gradients of each.
 */
import {mean, median, quantile} from '../../lib/stats.ts';

export interface Loss {
  /** Errors beyond it, in units of the target, count linearly; null: squares everywhere. */
  readonly huberDelta: number | null;
  /** 0–1: this quantile is learnt instead, by the pinball loss; `huberDelta` is then not asked. */
  readonly quantile?: number;
}

/** The constant boosting starts from. */
export function startOf({huberDelta, quantile: share}: Loss, target: ArrayLike<number>): number {
  if (share !== undefined) return quantile(target, share);
  return huberDelta === null ? mean(target) : median(target);
}

/** Fills `gradient` with d loss / d predicted; the second derivative is taken as 1 everywhere, as LightGBM does. */
export function fillGradients(
  {huberDelta, quantile: share}: Loss,
  target: Float64Array,
  predicted: Float64Array,
  gradient: Float64Array,
): void {
  if (share !== undefined) {
    for (let row = 0; row < target.length; row++) {
      gradient[row] = (target[row] ?? 0) < (predicted[row] ?? 0) ? 1 - share : -share;
    }
    return;
  }
  const limit = huberDelta ?? Number.POSITIVE_INFINITY;
  for (let row = 0; row < target.length; row++) {
    const error = (predicted[row] ?? 0) - (target[row] ?? 0);
    gradient[row] = error > limit ? limit : error < -limit ? -limit : error;
  }
}

/** What one held-out row costs when training asks whether to stop: pinball for a quantile, else the absolute error. */
export function heldCost({quantile: share}: Loss, target: number, predicted: number): number {
  const left = target - predicted;
  if (share === undefined) return Math.abs(left);
  return left < 0 ? (share - 1) * left : share * left;
}
