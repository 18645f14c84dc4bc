/**
 * Is one model's error really smaller than another's? Both are measured again and again on the same resampled groups
 * (Efron 1979; percentile interval of Efron and Tibshirani 1993, §13): what is easy or hard for both cancels out.
 */
import {createRandom} from '../lib/random.ts';
import {quantile} from '../lib/stats.ts';

/** Difference of a model's error to the reference's, as a share of the reference's: −0.02 is 2 % less error. */
export interface RelativeError {
  readonly relative: number;
  /** 95 % interval; below 0 as a whole: better beyond chance. */
  readonly low: number;
  readonly high: number;
}

export interface BootstrapSettings {
  readonly seed: number;
  readonly resamples?: number;
  /** Middle of the losses (MdAPE) or their mean (MAE); the median unless told. */
  readonly summary?: 'median' | 'mean';
}

const RESAMPLES = 1000;

/**
 * @param losses of each model, one value a row in the same order; rows with NaN in any of them are left out of all.
 * @param group group of each row: homes, not adverts, are drawn with repetition.
 * @param reference which model the others are set against.
 * @returns one entry a model; the reference's own is 0 throughout.
 * @throws RangeError when the models don't have the same rows, or none is left.
 */
export function comparePaired(
  losses: readonly Float64Array[],
  group: ArrayLike<number>,
  reference: number,
  {seed, resamples = RESAMPLES, summary = 'median'}: BootstrapSettings,
): RelativeError[] {
  const rows = group.length;
  if (losses.some(values => values.length !== rows))
    throw new RangeError(`losses of ${losses.map(({length}) => length).join(', ')} rows for ${rows} groups`);
  const kept = Array.from({length: rows}, (_, row) => row).filter(row =>
    losses.every(values => Number.isFinite(values[row] ?? Number.NaN)),
  );
  if (kept.length === 0) throw new RangeError('no row was predicted by all models');
  const places = new Map<number, number>();
  for (const row of kept) {
    const own = group[row] ?? 0;
    if (!places.has(own)) places.set(own, places.size);
  }
  const placeOf = Int32Array.from(kept, row => places.get(group[row] ?? 0) ?? 0);
  const summarise = summary === 'median' ? medianSummary : meanSummary;
  const measures = losses.map(values =>
    summarise(
      Float64Array.from(kept, row => values[row] ?? 0),
      placeOf,
    ),
  );
  const drawn = new Int32Array(places.size);
  const errorsOf = (): number[] => measures.map(measure => measure(drawn));
  const relative = (errors: readonly number[]): number[] => {
    const base = errors[reference] ?? Number.NaN;
    return errors.map(error => (base === 0 ? 0 : error / base - 1));
  };
  drawn.fill(1);
  const observed = relative(errorsOf());
  const random = createRandom(`bootstrap/${seed}`);
  const samples = losses.map(() => new Float64Array(resamples));
  for (let round = 0; round < resamples; round++) {
    drawn.fill(0);
    for (let draw = 0; draw < drawn.length; draw++) {
      const place = random.int(0, drawn.length - 1);
      drawn[place] = (drawn[place] ?? 0) + 1;
    }
    for (const [model, value] of relative(errorsOf()).entries()) {
      const own = samples[model];
      if (own !== undefined) own[round] = value;
    }
  }
  return observed.map((value, model) => ({
    relative: value,
    low: quantile(samples[model] ?? [], 0.025),
    high: quantile(samples[model] ?? [], 0.975),
  }));
}

/** Error of one model when group g is drawn `times[g]` times. */
type Measure = (times: Int32Array) => number;

/** The values are sorted once; a resample then only counts up to the middle. */
function medianSummary(losses: Float64Array, place: Int32Array): Measure {
  const order = Int32Array.from(losses.keys()).sort((a, b) => (losses[a] ?? 0) - (losses[b] ?? 0));
  const sorted = losses.slice().sort();
  const groups = order.map(row => place[row] ?? 0);
  return times => {
    let total = 0;
    for (let at = 0; at < groups.length; at++) total += times[groups[at] ?? 0] ?? 0;
    // The two middle ones of an even count are averaged, as a median is.
    const [low, high] = [Math.ceil(total / 2), Math.floor(total / 2) + 1];
    let below = 0;
    let lower = Number.NaN;
    for (let at = 0; at < groups.length; at++) {
      below += times[groups[at] ?? 0] ?? 0;
      if (Number.isNaN(lower) && below >= low) lower = sorted[at] ?? Number.NaN;
      if (below >= high) return (lower + (sorted[at] ?? Number.NaN)) / 2;
    }
    return lower;
  };
}

function meanSummary(losses: Float64Array, place: Int32Array): Measure {
  return times => {
    let sum = 0;
    let count = 0;
    for (let row = 0; row < losses.length; row++) {
      const weight = times[place[row] ?? 0] ?? 0;
      sum += weight * (losses[row] ?? 0);
      count += weight;
    }
    return sum / count;
  };
}
