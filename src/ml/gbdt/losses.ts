/** What boosting lowers: gradients of squares and of Huber's loss (Huber 1964; Friedman 2001, §4.4). */
import {mean, median} from '../../lib/stats.ts';

/** `huberDelta`: errors beyond it, in units of the target, count linearly; null: squares everywhere. */
export interface Loss {
  readonly huberDelta: number | null;
}

/** The constant boosting starts from. */
export function startOf({huberDelta}: Loss, target: ArrayLike<number>): number {
  return huberDelta === null ? mean(target) : median(target);
}

/** Fills `gradient` with d loss / d predicted; the second derivative is taken as 1 everywhere, as LightGBM does. */
export function fillGradients(
  {huberDelta}: Loss,
  target: Float64Array,
  predicted: Float64Array,
  gradient: Float64Array,
): void {
  const limit = huberDelta ?? Number.POSITIVE_INFINITY;
  for (let row = 0; row < target.length; row++) {
    const error = (predicted[row] ?? 0) - (target[row] ?? 0);
    gradient[row] = error > limit ? limit : error < -limit ? -limit : error;
  }
}
