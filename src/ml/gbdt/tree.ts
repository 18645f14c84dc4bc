/**
 * One regression tree on gradients, grown leaf by leaf: the leaf whose best split gains most is split next
 * (Shi 2007, "Best-first decision tree learning"; Ke et al. 2017).
 *
 * Second derivatives are 1, so a histogram holds two numbers a bin: sum of gradients and rows. Of two siblings only
 * the smaller is summed, the other is the parent's histogram less it. Missing values go where the gain is greater
 * (Chen and Guestrin 2016, algorithm 3).
 */
import type {Random} from '../../lib/random.ts';
import {type BinnedMatrix, MAX_BINS, MISSING_BIN} from './binning.ts';
import {emptyNodes, type Tree} from './forest.ts';

export interface TreeSettings {
  readonly maxLeaves: number;
  /** No leaf holds fewer rows. */
  readonly minLeafRows: number;
  /** L2 penalty on leaf values, in rows. */
  readonly l2: number;
}

/** The value of a leaf from the rows in it, before shrinkage. */
export type LeafValue = (rows: Int32Array) => number;

export interface GrowOptions {
  /** Values leaves afresh from their rows; without it they are the penalised mean of the gradients. */
  readonly leafValue?: LeafValue | undefined;
  /** Each leaf's columns are cut at one place each, drawn from it; without it at the best of all places. */
  readonly cuts?: Random | undefined;
}

interface Split {
  readonly gain: number;
  readonly column: number;
  /** Bins 1 … cut + 1 go left: all stated values when there are no more cuts than `cut`. */
  readonly cut: number;
  readonly missingLeft: boolean;
}

/** A leaf that may still be split: its rows are `order[start … end)`. */
interface OpenLeaf {
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly sum: number;
  readonly histogram: Float64Array;
  readonly split: Split | undefined;
}

/** Where a tree may split. */
interface SplitChoices extends Pick<GrowOptions, 'cuts'> {
  readonly columns: Int32Array;
}

/** Less gain than this is rounding. */
const MIN_GAIN = 1e-9;

/** Grows trees on one binned matrix; keeps its scratch arrays between trees. */
export class TreeGrower {
  readonly #x: BinnedMatrix;
  readonly #settings: TreeSettings;
  /** Where a column's bins begin in a histogram; two numbers a bin. */
  readonly #offsets: Int32Array;
  readonly #order: Int32Array;
  readonly #scratch: Int32Array;
  readonly #leafGradients: Float64Array;
  readonly #pool: Float64Array[] = [];

  constructor(x: BinnedMatrix, settings: TreeSettings) {
    this.#x = x;
    this.#settings = settings;
    this.#offsets = new Int32Array(x.columns + 1);
    for (const [column, cuts] of x.cuts.entries()) {
      this.#offsets[column + 1] = (this.#offsets[column] ?? 0) + 2 * (cuts.length + 2);
    }
    this.#order = new Int32Array(x.rows);
    this.#scratch = new Int32Array(x.rows);
    this.#leafGradients = new Float64Array(x.rows);
  }

  /**
   * @param gradient of every row of the matrix.
   * @param rows the rows to learn from.
   * @param columns the columns that may be split on.
   * @param shrinkage multiplies leaf values.
   */
  grow(
    gradient: Float64Array,
    rows: Int32Array,
    columns: Int32Array,
    shrinkage: number,
    {leafValue, cuts}: GrowOptions = {},
  ): Tree {
    const {maxLeaves} = this.#settings;
    const nodes = emptyNodes(2 * maxLeaves - 1);
    this.#order.set(rows);
    const histogram = this.#sumHistogram(gradient, 0, rows.length, columns);
    let sum = 0;
    for (const row of rows) sum += gradient[row] ?? 0;
    const open: OpenLeaf[] = [this.#openLeaf(0, 0, rows.length, sum, histogram, {columns, cuts})];
    nodes.cover[0] = rows.length;
    let count = 1;
    while (open.length < maxLeaves) {
      const best = bestOf(open);
      const parent = open[best];
      if (parent?.split === undefined) break;
      const {split} = parent;
      nodes.feature[parent.node] = split.column;
      nodes.threshold[parent.node] = this.#x.cuts[split.column]?.[split.cut] ?? Number.POSITIVE_INFINITY;
      nodes.missingLeft[parent.node] = split.missingLeft ? 1 : 0;
      nodes.left[parent.node] = count;
      const children = this.#splitLeaf(parent, split, gradient, {columns, cuts}, count);
      for (const child of children) nodes.cover[child.node] = child.end - child.start;
      open.splice(best, 1, ...children);
      count += 2;
    }
    for (const {node, start, end, sum: own, histogram: used} of open) {
      const value =
        leafValue === undefined
          ? -own / (end - start + this.#settings.l2)
          : leafValue(this.#order.subarray(start, end));
      nodes.value[node] = shrinkage * value;
      this.#pool.push(used);
    }
    return {nodes, count};
  }

  #openLeaf(
    node: number,
    start: number,
    end: number,
    sum: number,
    histogram: Float64Array,
    choices: SplitChoices,
  ): OpenLeaf {
    const canSplit = end - start >= 2 * this.#settings.minLeafRows;
    const split = canSplit ? this.#findSplit(histogram, sum, end - start, choices) : undefined;
    return {node, start, end, sum, histogram, split};
  }

  /** Sums gradients and rows of order[start … end) by bin. */
  #sumHistogram(gradient: Float64Array, start: number, end: number, columns: Int32Array): Float64Array {
    const spare = this.#offsets[this.#x.columns] ?? 0;
    const histogram = this.#pool.pop() ?? new Float64Array(spare + 2 * (MAX_BINS + 1));
    const {bins} = this.#x;
    const order = this.#order;
    const own = this.#leafGradients;
    for (let at = start; at < end; at++) own[at] = gradient[order[at] ?? 0] ?? 0;
    for (const column of columns)
      histogram.fill(0, this.#offsets[column] ?? 0, this.#offsets[column + 1] ?? 0);
    // Rows of one bin wait for each other's sum: four columns at a time fill the wait. What is missing to four is summed
    // behind all columns, where nobody reads.
    for (let place = 0; place < columns.length; place += 4) {
      const [a, offsetA] = this.#columnAt(columns, place, spare);
      const [b, offsetB] = this.#columnAt(columns, place + 1, spare);
      const [c, offsetC] = this.#columnAt(columns, place + 2, spare);
      const [d, offsetD] = this.#columnAt(columns, place + 3, spare);
      for (let at = start; at < end; at++) {
        const row = order[at] ?? 0;
        const value = own[at] ?? 0;
        const binA = offsetA + 2 * (bins[a + row] ?? 0);
        const binB = offsetB + 2 * (bins[b + row] ?? 0);
        const binC = offsetC + 2 * (bins[c + row] ?? 0);
        const binD = offsetD + 2 * (bins[d + row] ?? 0);
        histogram[binA] = (histogram[binA] ?? 0) + value;
        histogram[binA + 1] = (histogram[binA + 1] ?? 0) + 1;
        histogram[binB] = (histogram[binB] ?? 0) + value;
        histogram[binB + 1] = (histogram[binB + 1] ?? 0) + 1;
        histogram[binC] = (histogram[binC] ?? 0) + value;
        histogram[binC + 1] = (histogram[binC + 1] ?? 0) + 1;
        histogram[binD] = (histogram[binD] ?? 0) + value;
        histogram[binD + 1] = (histogram[binD + 1] ?? 0) + 1;
      }
    }
    return histogram;
  }

  /** Where the bins of a chosen column begin, and its sums. */
  #columnAt(columns: Int32Array, place: number, spare: number): readonly [bins: number, sums: number] {
    const column = columns[place];
    return column === undefined ? [0, spare] : [column * this.#x.rows, this.#offsets[column] ?? spare];
  }

  /** The split of greatest gain, G²/(n + λ) summed over both sides less the leaf's own. */
  #findSplit(
    histogram: Float64Array,
    sum: number,
    count: number,
    {columns, cuts: random}: SplitChoices,
  ): Split | undefined {
    const {minLeafRows, l2} = this.#settings;
    const own = (sum * sum) / (count + l2);
    let bestGain = MIN_GAIN;
    let bestColumn = -1;
    let bestCut = 0;
    let bestMissingLeft = false;
    for (const column of columns) {
      const offset = this.#offsets[column] ?? 0;
      const cuts = this.#x.cuts[column]?.length ?? 0;
      const missingSum = histogram[offset + 2 * MISSING_BIN] ?? 0;
      const missingRows = histogram[offset + 2 * MISSING_BIN + 1] ?? 0;
      const only = random === undefined ? -1 : drawCut(histogram, offset, cuts, random);
      let leftSum = 0;
      let leftRows = 0;
      for (let cut = 0; cut <= cuts; cut++) {
        const at = offset + 2 * (cut + 1);
        leftSum += histogram[at] ?? 0;
        leftRows += histogram[at + 1] ?? 0;
        if (only >= 0 && cut !== only) continue;
        // Past the last cut, the stated values stand against the missing ones.
        const sides = missingRows === 0 || cut === cuts ? 1 : 2;
        for (let side = 0; side < sides; side++) {
          const n = leftRows + side * missingRows;
          if (n < minLeafRows || count - n < minLeafRows) continue;
          const g = leftSum + side * missingSum;
          const gain = (g * g) / (n + l2) + ((sum - g) * (sum - g)) / (count - n + l2) - own;
          if (gain <= bestGain) continue;
          bestGain = gain;
          bestColumn = column;
          bestCut = cut;
          // Never seen missing here: with the larger side.
          bestMissingLeft = missingRows > 0 ? side === 1 : 2 * n >= count;
        }
      }
    }
    if (bestColumn < 0) return undefined;
    return {gain: bestGain, column: bestColumn, cut: bestCut, missingLeft: bestMissingLeft};
  }

  /** Parts the rows, keeping their order, and hands the parent's histogram to the larger child. */
  #splitLeaf(
    parent: OpenLeaf,
    split: Split,
    gradient: Float64Array,
    choices: SplitChoices,
    node: number,
  ): [OpenLeaf, OpenLeaf] {
    const {start, end} = parent;
    const {columns} = choices;
    const middle = this.#partition(start, end, split);
    const isLeftSmaller = middle - start <= end - middle;
    const [from, to] = isLeftSmaller ? [start, middle] : [middle, end];
    const smaller = this.#sumHistogram(gradient, from, to, columns);
    let smallerSum = 0;
    for (let at = from; at < to; at++) smallerSum += gradient[this.#order[at] ?? 0] ?? 0;
    const larger = parent.histogram;
    for (const column of columns) {
      const last = this.#offsets[column + 1] ?? 0;
      for (let at = this.#offsets[column] ?? 0; at < last; at++)
        larger[at] = (larger[at] ?? 0) - (smaller[at] ?? 0);
    }
    const largerSum = parent.sum - smallerSum;
    const [leftSum, rightSum] = isLeftSmaller ? [smallerSum, largerSum] : [largerSum, smallerSum];
    const [left, right] = isLeftSmaller ? [smaller, larger] : [larger, smaller];
    return [
      this.#openLeaf(node, start, middle, leftSum, left, choices),
      this.#openLeaf(node + 1, middle, end, rightSum, right, choices),
    ];
  }

  #partition(start: number, end: number, {column, cut, missingLeft}: Split): number {
    const {bins, rows} = this.#x;
    const order = this.#order;
    let left = start;
    let held = 0;
    for (let at = start; at < end; at++) {
      const row = order[at] ?? 0;
      const bin = bins[column * rows + row] ?? 0;
      if (bin === MISSING_BIN ? missingLeft : bin <= cut + 1) order[left++] = row;
      else this.#scratch[held++] = row;
    }
    order.set(this.#scratch.subarray(0, held), left);
    return left;
  }
}

/** A cut between the first and the last bin of the leaf, or past them all where its stated values are alike. */
function drawCut(histogram: Float64Array, offset: number, cuts: number, random: Random): number {
  let first = 1;
  while (first <= cuts && histogram[offset + 2 * first + 1] === 0) first++;
  let last = cuts + 1;
  while (last > first && histogram[offset + 2 * last + 1] === 0) last--;
  return last > first ? random.int(first, last - 1) - 1 : cuts;
}

/** Index of the leaf whose split gains most; the first of equals. */
function bestOf(open: readonly OpenLeaf[]): number {
  let best = 0;
  for (const [index, leaf] of open.entries()) {
    if ((leaf.split?.gain ?? 0) > (open[best]?.split?.gain ?? 0)) best = index;
  }
  return best;
}
