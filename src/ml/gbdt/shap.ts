/**
 * Shapley values of groups of columns, exact for the trees' own expectation: what TreeSHAP computes ("path dependent";
 * Lundberg, Erion and Lee 2018, "Consistent individualized feature attribution for tree ensembles"), with groups of
 * columns as the players.
 *
 * A leaf's part in the value of a coalition is a product over the players its path asks: of one inside the coalition, 1 if
 * the row takes the leaf's branch at all its splits, else 0; of one outside, the share of training rows that take it. The
 * Shapley values of a leaf depend on which of its players agree and on nothing else of the row: each such pattern is
 * computed once, when the first row has it, and later rows look it up (as in Yang 2021, "Fast TreeSHAP", v2). Rows go
 * through a tree together, node by node.
 */
import type {Matrix} from '../matrix.ts';
import {type Forest, isLeft, LEAF} from './forest.ts';

/** Patterns are bits of a byte. */
const MOST_PLAYERS = 8;
/** Rows that go through a tree together: their marks fit the processor's nearest memory. */
const BLOCK_ROWS = 512;

/** Rows start … end − 1. */
interface Block {
  readonly start: number;
  readonly end: number;
}

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
  /** By player, then row. */
  const values = new Float64Array(players * x.rows);
  /** By column, then row: node by node, the rows of one column are read together. */
  const byColumn = transpose(x.values, x.rows, x.columns, new Float32Array(x.values.length));
  const agreeing = new Uint8Array(largestTree(forest) * BLOCK_ROWS);
  let base = forest.base;
  for (const root of forest.roots) {
    const leaves = listLeaves(forest, root, player, players);
    for (const leaf of leaves) base += leaf.weight * leaf.value;
    for (let start = 0; start < x.rows; start += BLOCK_ROWS) {
      const block = {start, end: Math.min(start + BLOCK_ROWS, x.rows)};
      markAgreeing(forest, root, player, byColumn, x.rows, block, agreeing);
      for (const leaf of leaves) addLeaf(leaf, leaf.node - root, agreeing, block, values, x.rows);
    }
  }
  const parts = transpose(values, players, x.rows, new Float64Array(values.length));
  return {base, parts: {columns: players, values: parts}};
}

/** @param to as long as `from`. */
function transpose<T extends Float32Array | Float64Array>(from: T, rows: number, columns: number, to: T): T {
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      to[column * rows + row] = from[row * columns + column] ?? 0;
  return to;
}

/** Nodes of the largest tree. */
function largestTree({roots, feature}: Forest): number {
  let most = 0;
  for (const [tree, root] of roots.entries())
    most = Math.max(most, (roots[tree + 1] ?? feature.length) - root);
  return most;
}

interface Leaf {
  readonly node: number;
  readonly value: number;
  /** Share of training rows that end here. */
  readonly weight: number;
  /** Players the path asks; only they have a part. */
  readonly members: readonly number[];
  /** Share of training rows that take the branches of each member; above 0. */
  readonly shares: readonly number[];
  /** Pattern of the members by the bits of all players. */
  readonly patterns: Uint8Array;
  /** Shapley values of the members by pattern of those who agree: [member · patterns + pattern]. */
  readonly table: Float64Array;
  /** 1: the pattern's row of the table has been computed. */
  readonly isKnown: Uint8Array;
}

function listLeaves(forest: Forest, root: number, player: ArrayLike<number>, players: number): Leaf[] {
  const leaves: Leaf[] = [];
  walkLeaves(forest, root, player, new Array<number>(players).fill(1), leaves);
  return leaves;
}

/** @param shares of rows that take the branches of each player so far. */
function walkLeaves(
  forest: Forest,
  node: number,
  player: ArrayLike<number>,
  shares: readonly number[],
  leaves: Leaf[],
): void {
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
      patterns: patternsOf(members),
      table: new Float64Array(members.length << members.length),
      isKnown: new Uint8Array(1 << members.length),
    });
    return;
  }
  const left = forest.left[node] ?? 0;
  const owner = player[feature] ?? 0;
  for (const child of [left, left + 1]) {
    const own = shares.slice();
    own[owner] = ((own[owner] ?? 1) * (forest.cover[child] ?? 0)) / (forest.cover[node] ?? 1);
    walkLeaves(forest, child, player, own, leaves);
  }
}

const PATTERNS = new Map<number, Uint8Array>();

/** For all bits of players, those of the members alone, side by side. Made once for each set of members. */
function patternsOf(members: readonly number[]): Uint8Array {
  const set = members.reduce((bits, one) => bits | (1 << one), 0);
  let patterns = PATTERNS.get(set);
  if (patterns === undefined) {
    patterns = Uint8Array.from({length: 1 << MOST_PLAYERS}, (_, bits) =>
      members.reduce((pattern, one, at) => pattern | (((bits >> one) & 1) << at), 0),
    );
    PATTERNS.set(set, patterns);
  }
  return patterns;
}

const scratch = new Uint8Array(BLOCK_ROWS);

/** @param agreeing as `markAgreeing` fills it; @param place of the leaf in its tree. @param values by player, then row. */
function addLeaf(
  leaf: Leaf,
  place: number,
  agreeing: Uint8Array,
  {start, end}: Block,
  values: Float64Array,
  rows: number,
): void {
  const {members, patterns, table, isKnown} = leaf;
  // A local: the engine would look up the module's name for every row.
  const patternOfRow = scratch;
  const count = end - start;
  const marks = place * BLOCK_ROWS;
  for (let row = 0; row < count; row++) {
    const pattern = patterns[agreeing[marks + row] ?? 0] ?? 0;
    if (isKnown[pattern] === 0) tabulate(leaf, pattern);
    patternOfRow[row] = pattern;
  }
  for (let at = 0; at < members.length; at++) {
    const from = at << members.length;
    const to = (members[at] ?? 0) * rows + start;
    for (let row = 0; row < count; row++) {
      values[to + row] = (values[to + row] ?? 0) + (table[from + (patternOfRow[row] ?? 0)] ?? 0);
    }
  }
}

/**
 * Fills the place of one pattern in the table. A coalition with anybody who disagrees is worth nothing: who disagrees
 * takes away what the coalitions of those who agree are worth, who agrees makes up for its share.
 */
function tabulate({value, members, shares, table, isKnown}: Leaf, pattern: number): void {
  const size = members.length;
  let outside = value;
  for (let at = 0; at < size; at++) if (((pattern >> at) & 1) === 0) outside *= shares[at] ?? 1;
  const disagreeing = -outside * weighCoalitions(shares, pattern, size);
  for (let at = 0; at < size; at++) {
    const own = 1 << at;
    table[(at << size) + pattern] =
      (pattern & own) === 0
        ? disagreeing
        : outside * (1 - (shares[at] ?? 1)) * weighCoalitions(shares, pattern & ~own, size);
  }
  isKnown[pattern] = 1;
}

/** |S|! (n − |S| − 1)! / n! for each size of S, by number n of members. */
const COALITION_WEIGHTS: readonly (readonly number[])[] = Array.from({length: MOST_PLAYERS + 1}, (_, n) => {
  const factorial = (of: number): number => (of < 2 ? 1 : of * factorial(of - 1));
  return Array.from({length: n}, (_size, size) => (factorial(size) * factorial(n - size - 1)) / factorial(n));
});

const sums = new Float64Array(MOST_PLAYERS + 1);

/**
 * Over all coalitions of those who agree, the sum of the weight of its size times the shares of those left outside. For
 * each size, these products add up to a coefficient of Π (share + t) over those who agree.
 */
function weighCoalitions(shares: readonly number[], agreeing: number, members: number): number {
  sums[0] = 1;
  let most = 0;
  for (let at = 0; at < members; at++) {
    if (((agreeing >> at) & 1) === 0) continue;
    const share = shares[at] ?? 1;
    sums[most + 1] = sums[most] ?? 0;
    for (let size = most; size > 0; size--) sums[size] = share * (sums[size] ?? 0) + (sums[size - 1] ?? 0);
    sums[0] = share * (sums[0] ?? 0);
    most += 1;
  }
  const weights = COALITION_WEIGHTS[members] ?? [];
  let total = 0;
  for (let size = 0; size <= most; size++) total += (weights[size] ?? 0) * (sums[size] ?? 0);
  return total;
}

/**
 * Fills `agreeing` of every node of a tree: of each row, the players whose splits on the path all point to it, as bits.
 * A node's marks begin at (its place in the tree) · BLOCK_ROWS.
 */
function markAgreeing(
  {feature, threshold, missingLeft, left}: Forest,
  root: number,
  player: ArrayLike<number>,
  byColumn: Float32Array,
  rows: number,
  {start, end}: Block,
  agreeing: Uint8Array,
): void {
  agreeing.fill((1 << MOST_PLAYERS) - 1, 0, end - start);
  // Children stand behind their parents: one pass in order is enough. A tree of L leaves has 2 L − 1 nodes.
  for (let node = root, last = root; node <= last; node++) {
    const at = feature[node] ?? LEAF;
    if (at === LEAF) continue;
    const values = at * rows + start;
    const child = left[node] ?? 0;
    if (child + 1 > last) last = child + 1;
    const cut = threshold[node] ?? 0;
    const isMissingLeft = missingLeft[node] ?? 0;
    const others = ~(1 << (player[at] ?? 0));
    const parents = (node - root) * BLOCK_ROWS;
    const lefts = (child - root) * BLOCK_ROWS;
    const rights = lefts + BLOCK_ROWS;
    for (let row = 0; row < end - start; row++) {
      const own = agreeing[parents + row] ?? 0;
      const goesLeft = isLeft(byColumn[values + row] ?? 0, cut, isMissingLeft);
      agreeing[lefts + row] = goesLeft ? own : own & others;
      agreeing[rights + row] = goesLeft ? own & others : own;
    }
  }
}
