/**
 * How sure is it that one model errs less than another? The paired bootstrap (Efron and Tibshirani 1993, §8 and §13.3):
 * groups of rows (homes with their twins) are drawn with repetition, both models are measured on the same draw, and the
 * quotient of their medians is noted. Whole groups are drawn because rows of a home err together (Cameron, Gelbach and
 * Miller 2008, "Bootstrap-based improvements for inference with clustered errors").
 */
import {createRandom} from '../lib/random.ts';
import {quantileOfSorted} from '../lib/stats.ts';

const RESAMPLES = 2000;
const LEVEL = 0.95;

export interface BootstrapSettings {
  readonly seed: number;
  readonly resamples?: number;
  /** Share of the draws inside the interval, 0–1. */
  readonly level?: number;
}

/** `median(own) / median(other) − 1` with the percentile interval of the draws; below 0: the own errors are less. */
export interface RelativeInterval {
  readonly relative: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Relative difference of two models' median errors on the same rows.
 * @param own errors ≥ 0, one a row. @param other errors of the other model on the same rows.
 * @param group of each row, any whole numbers: rows of one group are drawn together.
 * @throws RangeError when the lists differ in length or are empty.
 */
export function bootstrapRelativeMedian(
  own: ArrayLike<number>,
  other: ArrayLike<number>,
  group: ArrayLike<number>,
  {seed, resamples = RESAMPLES, level = LEVEL}: BootstrapSettings,
): RelativeInterval {
  if (own.length === 0 || own.length !== other.length || own.length !== group.length) {
    throw new RangeError(
      `paired errors need the same rows: ${own.length} and ${other.length} errors, ${group.length} groups`,
    );
  }
  const {member, sizes} = numberGroups(group);
  const [ownSorted, otherSorted] = [sortErrors(own, member), sortErrors(other, member)];
  const once = new Int32Array(sizes.length).fill(1);
  const relativeOf = (drawn: Int32Array, rows: number): number =>
    medianOfDrawn(ownSorted, drawn, rows) / medianOfDrawn(otherSorted, drawn, rows) - 1;
  const random = createRandom(`bootstrap/${seed}`);
  const drawn = new Int32Array(sizes.length);
  const draws = new Float64Array(resamples);
  for (let draw = 0; draw < resamples; draw++) {
    drawn.fill(0);
    let rows = 0;
    for (let place = 0; place < sizes.length; place++) {
      const chosen = Math.floor(random.next() * sizes.length);
      drawn[chosen] = (drawn[chosen] ?? 0) + 1;
      rows += sizes[chosen] ?? 0;
    }
    draws[draw] = relativeOf(drawn, rows);
  }
  draws.sort();
  return {
    relative: relativeOf(once, own.length),
    low: quantileOfSorted(draws, (1 - level) / 2),
    high: quantileOfSorted(draws, (1 + level) / 2),
  };
}

/** Groups numbered 0, 1, … in the order in which they come, and their rows. */
function numberGroups(group: ArrayLike<number>): {member: Int32Array; sizes: number[]} {
  const numbers = new Map<number, number>();
  const sizes: number[] = [];
  const member = new Int32Array(group.length);
  for (let row = 0; row < group.length; row++) {
    const key = group[row] ?? 0;
    const number = numbers.get(key) ?? sizes.length;
    numbers.set(key, number);
    sizes[number] = (sizes[number] ?? 0) + 1;
    member[row] = number;
  }
  return {member, sizes};
}

/** Errors in ascending order, each with its group: sorted once, walked in every draw. */
interface SortedErrors {
  readonly values: Float64Array;
  readonly groups: Int32Array;
}

function sortErrors(errors: ArrayLike<number>, member: Int32Array): SortedErrors {
  const order = Int32Array.from(member.keys()).sort((a, b) => (errors[a] ?? 0) - (errors[b] ?? 0));
  return {
    values: Float64Array.from(order, row => errors[row] ?? Number.NaN),
    groups: Int32Array.from(order, row => member[row] ?? 0),
  };
}

/** Median of the errors, each counted as often as its group was drawn. @param rows the counts added up. */
function medianOfDrawn({values, groups}: SortedErrors, drawn: Int32Array, rows: number): number {
  const lowPlace = Math.floor((rows - 1) / 2);
  const highPlace = Math.ceil((rows - 1) / 2);
  let low = Number.NaN;
  let counted = 0;
  for (let at = 0; at < values.length; at++) {
    counted += drawn[groups[at] ?? 0] ?? 0;
    if (Number.isNaN(low) && counted > lowPlace) low = values[at] ?? Number.NaN;
    if (counted > highPlace) return (low + (values[at] ?? Number.NaN)) / 2;
  }
  return low;
}
