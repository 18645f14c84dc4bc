/**
 * Weights of a mean of models (Caruana et al. 2004, "Ensemble selection from libraries of models"): again and again the
 * model that lowers the mean absolute error of the mean most is added, with repetition.
 */

/** Additions: weights are multiples of 1 / 20. */
const ROUNDS = 20;

/**
 * @param predictions of each model for every row, by folds that never saw it.
 * @param chosen rows the weights may be learned from.
 * @returns a weight for each model; they add up to 1.
 */
export function fitBlendWeights(
  predictions: readonly ArrayLike<number>[],
  actual: ArrayLike<number>,
  chosen: readonly number[],
): number[] {
  const counts = predictions.map(() => 0);
  const sums = new Float64Array(chosen.length);
  for (let round = 1; round <= ROUNDS; round++) {
    let best = 0;
    let bestError = Number.POSITIVE_INFINITY;
    for (const [model, values] of predictions.entries()) {
      let error = 0;
      for (const [place, row] of chosen.entries()) {
        error += Math.abs(((sums[place] ?? 0) + (values[row] ?? 0)) / round - (actual[row] ?? 0));
      }
      if (error >= bestError) continue;
      best = model;
      bestError = error;
    }
    counts[best] = (counts[best] ?? 0) + 1;
    const values = predictions[best] ?? [];
    for (const [place, row] of chosen.entries()) sums[place] = (sums[place] ?? 0) + (values[row] ?? 0);
  }
  return counts.map(count => count / ROUNDS);
}
