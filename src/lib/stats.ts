/** Robust statistics of plain numbers. Inputs are never changed; an empty list gives NaN. */

/** Normal distributions have a standard deviation of 1.4826 × their median absolute deviation. */
const MAD_TO_SD = 1.4826;

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0;
  return sum / values.length;
}

/** Quantile with linear interpolation between order statistics (type 7 of Hyndman and Fan 1996); `share` 0–1. */
export function quantile(values: ArrayLike<number>, share: number): number {
  return quantileOfSorted(Float64Array.from(values).sort(), share);
}

/** As `quantile`, for values already in ascending order. */
export function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = Math.min(Math.max(share, 0), 1) * (sorted.length - 1);
  const low = Math.floor(place);
  const below = sorted[low] ?? Number.NaN;
  const above = sorted[Math.min(low + 1, sorted.length - 1)] ?? below;
  return below + (above - below) * (place - low);
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** Median absolute deviation from the median. */
export function medianAbsoluteDeviation(values: ArrayLike<number>): number {
  const centre = median(values);
  return median(Float64Array.from(values, value => Math.abs(value - centre)));
}

/** Standard deviation estimated from the median absolute deviation: outliers don't move it. */
export function robustSd(values: ArrayLike<number>): number {
  return MAD_TO_SD * medianAbsoluteDeviation(values);
}
