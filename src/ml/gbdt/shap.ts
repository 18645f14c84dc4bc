/**
 * Shapley values of groups of columns, exact for the trees' own expectation: what TreeSHAP computes ("path dependent";
 * Lundberg, Erion and Lee 2018, "Consistent individualized feature attribution for tree ensembles"), with groups of
 * columns as the players.
 *
 * A leaf's part in the value of a coalition is a product over the players its path asks: of one inside the coalition, 1 if
 * the row takes the leaf's branch at all its splits, else 0; of one outside, the share of training rows that take it. The
 * Shapley values of a leaf depend on which of its players agree and on nothing else of the row: each such pattern is
 * computed once, when the first row has it, and later rows look it up (as in Yang 2021, "Fast TreeSHAP", v2).
 */
import type {Matrix} from '../matrix.ts';
import {type Forest, isLeft, LEAF} from './forest.ts';

/** Patterns are bits of a byte. */
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
  let base = forest.base;
  const agreeing = new Uint8Array(forest.feature.length);
  for (const root of forest.roots) {
    const leaves = listLeaves(forest, root, player, players);
    for (const leaf of leaves) base += leaf.weight * leaf.value;
    for (let row = 0; row < x.rows; row++) {
      markAgreeing(forest, root, x.values, row * x.columns, player, players, agreeing);
      for (const leaf of leaves) addLeaf(leaf, agreeing[leaf.node] ?? 0, values, row * players);
    }
  }
  return {base, parts: {columns: players, values}};
}

interface Leaf {
  readonly node: number;
  readonly value: number;
  /** Share of training rows that end here. */
  readonly weight: number;
  /** Players the path asks; only they have a part. */
  readonly members: readonly number[];
  /** Share of training rows that take the branches of each member. */
  readonly shares: readonly number[];
  /** Shapley values of the members by pattern of those who agree: [pattern · members + member]. */
  readonly table: Float64Array;
  /** 1: the pattern's row of the table has been computed. */
  readonly isKnown: Uint8Array;
}

function listLeaves(forest: Forest, root: number, player: ArrayLike<number>, players: number): Leaf[] {
  const leaves: Leaf[] = [];
  /** @param shares of rows that take the branches of each player so far. */
  const walk = (node: number, shares: readonly number[]): void => {
    const feature = forest.feature[node] ?? LEAF;
    if (feature === LEAF) {
      // A player no split of the path asks changes nothing.
      const members = [...shares.keys()].filter(one => shares[one] !== 1);
      leaves.push({
        node,
        value: forest.value[node] ?? 0,
        weight: shares.reduce((product, share) => product * share, 1),
        members,
        shares: members.map(one => shares[one] ?? 1),
        table: new Float64Array(members.length << members.length),
        isKnown: new Uint8Array(1 << members.length),
      });
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

/** @param agreeing players that agree with the leaf's path, as bits. */
function addLeaf(leaf: Leaf, agreeing: number, values: Float64Array, rowStart: number): void {
  const {members, table, isKnown} = leaf;
  let pattern = 0;
  for (let at = 0; at < members.length; at++) pattern |= ((agreeing >> (members[at] ?? 0)) & 1) << at;
  if (isKnown[pattern] === 0) tabulate(leaf, pattern);
  const from = pattern * members.length;
  for (let at = 0; at < members.length; at++) {
    const place = rowStart + (members[at] ?? 0);
    values[place] = (values[place] ?? 0) + (table[from + at] ?? 0);
  }
}

/** Fills the row of one pattern: the weighted gains of each member over all coalitions of those who agree. */
function tabulate({value, members, shares, table, isKnown}: Leaf, pattern: number): void {
  const size = members.length;
  const weights = COALITION_WEIGHTS[size] ?? [];
  // Coalitions with anybody who disagrees are worth nothing, with and without the player.
  const worth = (coalition: number): number => {
    if ((coalition & ~pattern) !== 0) return 0;
    let product = value;
    for (let at = 0; at < size; at++) if ((coalition & (1 << at)) === 0) product *= shares[at] ?? 1;
    return product;
  };
  for (let one = 0; one < size; one++) {
    let sum = 0;
    for (let rest = pattern & ~(1 << one), coalition = rest; ; coalition = (coalition - 1) & rest) {
      sum += (weights[bitCount(coalition)] ?? 0) * (worth(coalition | (1 << one)) - worth(coalition));
      if (coalition === 0) break;
    }
    table[pattern * size + one] = sum;
  }
  isKnown[pattern] = 1;
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

/** |S|! (n − |S| − 1)! / n! for each size of S, by number n of members. */
const COALITION_WEIGHTS: readonly (readonly number[])[] = Array.from({length: MOST_PLAYERS + 1}, (_, n) => {
  const factorial = (of: number): number => (of < 2 ? 1 : of * factorial(of - 1));
  return Array.from({length: n}, (_size, size) => (factorial(size) * factorial(n - size - 1)) / factorial(n));
});

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}
