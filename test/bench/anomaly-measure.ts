/** How well a ranking finds what was planted. */

/**
 * Average precision: the mean, over the positives, of the precision at each one's place (step-wise, as scikit-learn's
 * `average_precision_score`); equal scores share a place.
 */
export function averagePrecision(isPositive: readonly boolean[], score: ArrayLike<number>): number {
  const order = [...isPositive.keys()].sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0));
  const positives = isPositive.filter(Boolean).length;
  let found = 0;
  let seen = 0;
  let sum = 0;
  while (seen < order.length) {
    const value = score[order[seen] ?? 0];
    let here = 0;
    while (seen < order.length && score[order[seen] ?? 0] === value) {
      if (isPositive[order[seen] ?? 0] === true) here += 1;
      seen += 1;
    }
    found += here;
    sum += here * (found / seen);
  }
  return positives === 0 ? Number.NaN : sum / positives;
}

/** Share of positives among the first `count`; equal scores keep the order of the rows. */
export function precisionAt(count: number, isPositive: readonly boolean[], score: ArrayLike<number>): number {
  const order = [...isPositive.keys()].sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0) || a - b);
  const first = order.slice(0, count);
  return first.filter(row => isPositive[row] === true).length / first.length;
}

/** One figure of one round; a share, 0–1. */
export interface Measured {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly note: string;
}

/** Above any residual: a price that the rules repaired or refused needs no model. */
export const RULE_SCORE = 1e6;
