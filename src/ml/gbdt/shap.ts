/**
 * Shapley values of groups of columns, exact for the trees' own expectation: what TreeSHAP computes ("path dependent";
 * Lundberg, Erion and Lee 2018, "Consistent individualized feature attribution for tree ensembles"), with groups of
 * columns as the players.
 *
 * A leaf's part in the value of a coalition is a product over players: of one inside the coalition, 1 if the row takes
 * the leaf's branch at all its splits, else 0; of one outside, the share of training rows that take it. With few players
 * the Shapley values of every leaf are tabled once for each pattern of agreeing players, and a row only looks them up
 * (as in Yang 2021, "Fast TreeSHAP", v2).
 */
import type {Matrix} from '../matrix.ts';
import {type Forest, isLeft, LEAF} from './forest.ts';

/** Tables have 2^players rows a leaf. */
const MOST_PLAYERS = 8;

/** base + the players' parts of a row = its prediction. */
export interface Attribution {
  /** Mean prediction over the trees' training rows. */
  readonly base: number;
  /** One row each, one column a player. */
  readonly parts: Matrix64;
}

export interface Matrix64 {
  readonly columns: number;
  readonly values: Float64Array;
}

/**
 * @param player of each column, 0 … players − 1.
 * @throws RangeError with more than 8 players.
 */
export function attributeForest(
  forest: Forest,
  x: Matrix,
  player: ArrayLike<number>,
  players: number,
): Attribution {
  if (players > MOST_PLAYERS) {
    throw new RangeError(`${players} groups of columns; TreeSHAP tables at most ${MOST_PLAYERS}: join some`);
  }
  const values = new Float64Array(x.rows * players);
  const weights = coalitionWeights(players);
  let base = forest.base;
  const agreeing = new Uint8Array(forest.feature.length);
  for (const root of forest.roots) {
    const leaves = tabulateTree(forest, root, player, players, weights);
    for (const {weight, node} of leaves) base += weight * (forest.value[node] ?? 0);
    for (let row = 0; row < x.rows; row++) {
      markAgreeing(forest, root, x.values, row * x.columns, player, players, agreeing);
      for (const {node, table} of leaves) {
        const from = (agreeing[node] ?? 0) * players;
        for (let one = 0; one < players; one++) {
          const at = row * players + one;
          values[at] = (values[at] ?? 0) + (table[from + one] ?? 0);
        }
      }
    }
  }
  return {base, parts: {columns: players, values}};
}

interface LeafTable {
  readonly node: number;
  /** Share of training rows that end here. */
  readonly weight: number;
  /** Shapley value of each player for each set of agreeing players: [mask · players + player]. */
  readonly table: Float64Array;
}

function tabulateTree(
  forest: Forest,
  root: number,
  player: ArrayLike<number>,
  players: number,
  weights: readonly number[],
): LeafTable[] {
  const leaves: LeafTable[] = [];
  /** @param shares of rows that take the branches of each player so far. */
  const walk = (node: number, shares: readonly number[]): void => {
    const feature = forest.feature[node] ?? LEAF;
    if (feature === LEAF) {
      const table = tabulateLeaf(forest.value[node] ?? 0, shares, weights);
      leaves.push({node, weight: shares.reduce((product, share) => product * share, 1), table});
      return;
    }
    const left = forest.left[node] ?? 0;
    const owner = player[feature] ?? 0;
    for (const child of [left, left + 1]) {
      const share = (forest.cover[child] ?? 0) / (forest.cover[node] ?? 1);
      walk(
        child,
        shares.map((own, index) => (index === owner ? own * share : own)),
      );
    }
  };
  walk(root, new Array<number>(players).fill(1));
  return leaves;
}

function tabulateLeaf(value: number, shares: readonly number[], weights: readonly number[]): Float64Array {
  const players = shares.length;
  const masks = 1 << players;
  const table = new Float64Array(masks * players);
  // Product of the shares of the players outside each coalition.
  const outside = new Float64Array(masks).fill(1);
  for (let coalition = 0; coalition < masks; coalition++) {
    for (const [one, share] of shares.entries()) {
      if ((coalition & (1 << one)) === 0) outside[coalition] = (outside[coalition] ?? 0) * share;
    }
  }
  for (let agreeing = 0; agreeing < masks; agreeing++) {
    const worth = (coalition: number): number =>
      (coalition & ~agreeing) === 0 ? value * (outside[coalition] ?? 0) : 0;
    for (let one = 0; one < players; one++) {
      // A player no split of the path asks changes nothing.
      if (shares[one] === 1) continue;
      let sum = 0;
      // Coalitions with anybody who disagrees are worth nothing, with and without the player.
      for (let rest = agreeing & ~(1 << one), coalition = rest; ; coalition = (coalition - 1) & rest) {
        const gain = worth(coalition | (1 << one)) - worth(coalition);
        sum += (weights[bitCount(coalition)] ?? 0) * gain;
        if (coalition === 0) break;
      }
      table[agreeing * players + one] = sum;
    }
  }
  return table;
}

/** Sets `agreeing` of every leaf: the players whose splits on the path all point to it. */
function markAgreeing(
  forest: Forest,
  root: number,
  values: Float32Array,
  rowStart: number,
  player: ArrayLike<number>,
  players: number,
  agreeing: Uint8Array,
): void {
  const {feature, threshold, missingLeft, left} = forest;
  agreeing[root] = (1 << players) - 1;
  // Children stand behind their parents: one pass in order is enough. A tree of L leaves has 2 L − 1 nodes.
  for (let node = root, last = root; node <= last; node++) {
    const column = feature[node] ?? LEAF;
    if (column === LEAF) continue;
    const own = agreeing[node] ?? 0;
    const without = own & ~(1 << (player[column] ?? 0));
    const goesLeft = isLeft(values[rowStart + column] ?? 0, threshold[node] ?? 0, missingLeft[node] ?? 0);
    const child = left[node] ?? 0;
    agreeing[child] = goesLeft ? own : without;
    agreeing[child + 1] = goesLeft ? without : own;
    if (child + 1 > last) last = child + 1;
  }
}

/** |S|! (n − |S| − 1)! / n! for each size of S. */
function coalitionWeights(players: number): number[] {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  return Array.from(
    {length: players},
    (_, size) => (factorial(size) * factorial(players - size - 1)) / factorial(players),
  );
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}
