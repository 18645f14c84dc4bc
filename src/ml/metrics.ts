import type {FeatureRow, ModelMetrics} from '../domain/model.ts';
import {mean, median} from '../lib/stats.ts';

/**
 * Errors of predicted log prices.
 * @param coverage80 share of rows inside their 80 % range, measured apart; null: no range.
 */
export function measureErrors(
  rows: readonly FeatureRow[],
  predictedLogPrice: ArrayLike<number>,
  coverage80: number | null,
): ModelMetrics {
  const logs = rows.map(row => Math.log(row.priceCop));
  const predicted = rows.map((_, index) => predictedLogPrice[index] ?? Number.NaN);
  const shares = rows.map((_, index) => Math.abs(Math.exp((predicted[index] ?? 0) - (logs[index] ?? 0)) - 1));
  const centre = mean(logs);
  const total = logs.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const left = logs.reduce((sum, value, index) => sum + (value - (predicted[index] ?? 0)) ** 2, 0);
  return {
    mdape: median(shares),
    maeCop: mean(rows.map((row, index) => (shares[index] ?? 0) * row.priceCop)),
    within10: shares.filter(share => share <= 0.1).length / shares.length,
    within20: shares.filter(share => share <= 0.2).length / shares.length,
    r2Log: 1 - left / total,
    coverage80,
  };
}
