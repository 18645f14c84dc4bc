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

const DENSITY_STEP = 0.05;
/** Studentised residuals further out count as this far. */
const DENSITY_END = 12;
const KERNEL_SD = 0.3;
const DEPTH_STEPS = 30;

/**
 * How much likelier each residual is that of a planted bargain than of an untouched advert, told by who knows how deep
 * bargains were planted and how untouched adverts stray: no order of the same residuals and scales finds more (Neyman
 * and Pearson 1933). What is left to gain lies in expecting the price better.
 * @param untouched studentised residuals of adverts nobody changed.
 * @param depths least and largest share of the price left out, equally likely between.
 */
export function bargainLikelihoods(
  strayed: readonly {readonly residual: number; readonly z: number}[],
  untouched: readonly number[],
  [least, most]: readonly [number, number],
): number[] {
  const density = densityOf(untouched);
  return strayed.map(({residual, z}) => {
    const scale = residual / z;
    let planted = 0;
    for (let step = 0; step < DEPTH_STEPS; step++) {
      const depth = least + ((step + 0.5) / DEPTH_STEPS) * (most - least);
      planted += density((residual - Math.log1p(-depth)) / scale) / DEPTH_STEPS;
    }
    return z === 0 ? 0 : planted / density(z);
  });
}

/** Gaussian kernels on a grid, and so little everywhere that no place is impossible. */
function densityOf(values: readonly number[]): (z: number) => number {
  const cells = Math.round((2 * DENSITY_END) / DENSITY_STEP) + 1;
  const cellOf = (z: number) =>
    Math.max(0, Math.min(cells - 1, Math.round((z + DENSITY_END) / DENSITY_STEP)));
  const counts = new Float64Array(cells);
  for (const value of values) counts[cellOf(value)] = (counts[cellOf(value)] ?? 0) + 1;
  const reach = Math.ceil((4 * KERNEL_SD) / DENSITY_STEP);
  const smooth = new Float64Array(cells).fill(1 / (cells * DENSITY_STEP));
  for (const [cell, count] of counts.entries()) {
    if (count === 0) continue;
    for (let to = Math.max(0, cell - reach); to <= Math.min(cells - 1, cell + reach); to++) {
      const away = ((to - cell) * DENSITY_STEP) / KERNEL_SD;
      smooth[to] =
        (smooth[to] ?? 0) + (count * Math.exp(-0.5 * away * away)) / (KERNEL_SD * Math.sqrt(2 * Math.PI));
    }
  }
  return z => (smooth[cellOf(z)] ?? 0) / (values.length + 1);
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
