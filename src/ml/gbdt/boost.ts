/**
 * Gradient boosting of histogram trees (Friedman 2001, "Greedy function approximation"; 2002, "Stochastic gradient
 * boosting"): every tree follows the gradient of what is left, shrunk, on a sample of rows and columns.
 *
 * A part of the groups is held out and tells when to stop. Several boosters hold out different parts and draw other
 * rows and columns; every second one cuts each column of a leaf at random (Geurts, Ernst and Wehenkel 2006, "Extremely
 * randomized trees"), so that they err differently. Their mean is the prediction.
 */
import {createRandom, type Random} from '../../lib/random.ts';
import {mean, quantile} from '../../lib/stats.ts';
import {type Matrix, takeRows} from '../matrix.ts';
import {dealGroups} from '../split.ts';
import {type BinnedMatrix, binMatrix} from './binning.ts';
import {type Forest, findLeaf, joinTrees, type Tree} from './forest.ts';
import {fillGradients, heldCost, type Loss, startOf} from './losses.ts';
import {type LeafValue, TreeGrower, type TreeSettings} from './tree.ts';

export interface BoostSettings extends TreeSettings, Loss {
  readonly maxTrees: number;
  readonly shrinkage: number;
  /** Trees without improvement on the held-out part before it stops. */
  readonly patience: number;
  /** Shares of the rows and columns that each tree may use. */
  readonly rowShare: number;
  readonly columnShare: number;
  readonly mostBins: number;
  /** Boosters whose mean is taken; 1 unless told. */
  readonly boosters?: number;
}

/** Parts of the groups, of which each booster holds one out. */
const INNER_PARTS = 8;

/**
 * Trains on a matrix in which NaN is a missing value. The same seed gives the same forest, bit for bit.
 * @param group groups of the rows: held-out parts are whole groups.
 */
export function fitBoost(
  x: Matrix,
  target: Float64Array,
  group: Int32Array,
  seed: number,
  settings: BoostSettings,
): Forest {
  const binned = binMatrix(x, settings.mostBins);
  const part = dealGroups(group, INNER_PARTS, seed + 2);
  const parts = new Set(part).size;
  const {boosters = 1} = settings;
  const bags = Array.from({length: boosters}, (_, booster) => {
    const isHeld = (row: number): boolean => part[row] === booster % parts;
    const rows = Int32Array.from(part.keys());
    const sides = {train: rows.filter(row => !isHeld(row)), held: rows.filter(isHeld)};
    const random = createRandom(booster === 0 ? `boost/${seed}` : `boost/${seed}/${booster}`);
    return boost(x, binned, target, sides, random, {...settings, randomCuts: booster % 2 === 1});
  });
  return joinTrees(
    bags.flatMap(({trees}) => trees),
    mean(bags.map(({base}) => base)),
    1 / boosters,
  );
}

/** The trees up to the least cost of the held rows. */
function boost(
  x: Matrix,
  binned: BinnedMatrix,
  target: Float64Array,
  {train, held}: {train: Int32Array; held: Int32Array},
  random: Random,
  settings: BoostSettings & {readonly randomCuts: boolean},
): {base: number; trees: Tree[]} {
  const grower = new TreeGrower(binned, settings);
  const base = startOf(
    settings,
    Float64Array.from(train, row => target[row] ?? 0),
  );
  const predicted = new Float64Array(x.rows).fill(base);
  const gradient = new Float64Array(x.rows);
  const heldX = takeRows(x, held);
  const trees: Tree[] = [];
  let best = 0;
  let bestCost = Number.POSITIVE_INFINITY;
  const leafValue = leafValueOf(settings, target, predicted);
  const columns = Int32Array.from({length: x.columns}, (_, column) => column);
  while (trees.length < settings.maxTrees && trees.length - best < settings.patience) {
    fillGradients(settings, target, predicted, gradient);
    const rows = sample(train, settings.rowShare, random);
    const tree = grower.grow(
      gradient,
      rows,
      sample(columns, settings.columnShare, random),
      settings.shrinkage,
      {leafValue, cuts: settings.randomCuts ? random : undefined},
    );
    if (tree.count === 1) break;
    trees.push(tree);
    addTree(tree, x, train, predicted);
    const cost = addHeld(settings, tree, heldX, held, target, predicted);
    if (cost < bestCost) {
      bestCost = cost;
      best = trees.length;
    }
  }
  return {base, trees: trees.slice(0, best)};
}

/**
 * The gradient of the pinball loss says only on which side a row lies. A leaf therefore gets the quantile of what is
 * left of its rows, unshrunk by the penalty (Friedman 2001, §4.3), as scikit-learn and LightGBM do. Other losses keep
 * the leaf values of their gradients.
 */
function leafValueOf(
  {quantile: share}: Loss,
  target: Float64Array,
  predicted: Float64Array,
): LeafValue | undefined {
  if (share === undefined) return undefined;
  return rows =>
    quantile(
      Float64Array.from(rows, row => (target[row] ?? 0) - (predicted[row] ?? 0)),
      share,
    );
}

function addTree({nodes}: Tree, x: Matrix, rows: Int32Array, predicted: Float64Array): void {
  for (const row of rows) {
    const leaf = findLeaf(nodes, 0, x.values, row * x.columns);
    predicted[row] = (predicted[row] ?? 0) + (nodes.value[leaf] ?? 0);
  }
}

/** @returns the mean cost of the held rows. */
function addHeld(
  loss: Loss,
  {nodes}: Tree,
  heldX: Matrix,
  held: Int32Array,
  target: Float64Array,
  predicted: Float64Array,
): number {
  let sum = 0;
  for (const [place, row] of held.entries()) {
    const leaf = findLeaf(nodes, 0, heldX.values, place * heldX.columns);
    const value = (predicted[row] ?? 0) + (nodes.value[leaf] ?? 0);
    predicted[row] = value;
    sum += heldCost(loss, target[row] ?? 0, value);
  }
  return sum / held.length;
}

/** ⌈share · n⌉ of the values without repetition, in their order (Knuth's selection sampling). */
function sample(values: Int32Array, share: number, random: Random): Int32Array {
  const wanted = Math.ceil(share * values.length);
  if (wanted >= values.length) return values;
  const chosen = new Int32Array(wanted);
  let taken = 0;
  for (let at = 0; taken < wanted; at++) {
    if (random.next() * (values.length - at) < wanted - taken) chosen[taken++] = values[at] ?? 0;
  }
  return chosen;
}
