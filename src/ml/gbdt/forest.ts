/** Trees as flat arrays: a plain value that predicts, and packs into bytes. */
import type {Matrix} from '../matrix.ts';

/** Raise when the bytes change their meaning. */
const FORMAT_VERSION = 1;
/** `feature` of a leaf. */
export const LEAF = -1;

/** Nodes of one or many trees, one entry each. */
export interface Nodes {
  /** Column of the split; −1: a leaf. */
  readonly feature: Int16Array;
  /** A value ≤ the threshold goes left. */
  readonly threshold: Float32Array;
  /** 1: a missing value goes left. */
  readonly missingLeft: Uint8Array;
  /** Index of the left child; the right one follows it. 0 at leaves. */
  readonly left: Int32Array;
  /** What a leaf adds to the prediction; 0 at splits. */
  readonly value: Float32Array;
  /** Training rows that reached the node. */
  readonly cover: Int32Array;
}

/** Prediction: base + the sum of one leaf a tree. */
export interface Forest extends Nodes {
  readonly base: number;
  /** Index of each tree's first node. */
  readonly roots: Int32Array;
}

/** One tree in the making. */
export interface Tree {
  readonly nodes: Nodes;
  readonly count: number;
}

/** The leaf that a row of the matrix reaches. */
export function findLeaf(nodes: Nodes, root: number, values: Float32Array, rowStart: number): number {
  const {feature, threshold, missingLeft, left} = nodes;
  let node = root;
  for (let at = feature[node] ?? LEAF; at !== LEAF; at = feature[node] ?? LEAF) {
    const goesLeft = isLeft(values[rowStart + at] ?? 0, threshold[node] ?? 0, missingLeft[node] ?? 0);
    node = (left[node] ?? 0) + (goesLeft ? 0 : 1);
  }
  return node;
}

/** Whether a value takes the left branch. */
export function isLeft(value: number, threshold: number, missingLeft: number): boolean {
  return value <= threshold || (missingLeft === 1 && Number.isNaN(value));
}

export function predictForest(forest: Forest, x: Matrix): Float64Array {
  const result = new Float64Array(x.rows).fill(forest.base);
  for (const root of forest.roots) {
    for (let row = 0; row < x.rows; row++) {
      const leaf = findLeaf(forest, root, x.values, row * x.columns);
      result[row] = (result[row] ?? 0) + (forest.value[leaf] ?? 0);
    }
  }
  return result;
}

/** Puts trees one after the other. @param weight multiplies what their leaves add. */
export function joinTrees(trees: readonly Tree[], base: number, weight = 1): Forest {
  const count = trees.reduce((sum, tree) => sum + tree.count, 0);
  const forest: Forest = {...emptyNodes(count), base, roots: new Int32Array(trees.length)};
  let offset = 0;
  for (const [index, {nodes, count: own}] of trees.entries()) {
    forest.roots[index] = offset;
    forest.feature.set(nodes.feature.subarray(0, own), offset);
    forest.threshold.set(nodes.threshold.subarray(0, own), offset);
    forest.missingLeft.set(nodes.missingLeft.subarray(0, own), offset);
    forest.cover.set(nodes.cover.subarray(0, own), offset);
    for (let node = 0; node < own; node++) {
      forest.value[offset + node] = weight * (nodes.value[node] ?? 0);
      const isLeaf = nodes.feature[node] === LEAF;
      forest.left[offset + node] = isLeaf ? 0 : (nodes.left[node] ?? 0) + offset;
    }
    offset += own;
  }
  return forest;
}

export function emptyNodes(count: number): Nodes {
  return {
    feature: new Int16Array(count).fill(LEAF),
    threshold: new Float32Array(count),
    missingLeft: new Uint8Array(count),
    left: new Int32Array(count),
    value: new Float32Array(count),
    cover: new Int32Array(count),
  };
}

const HEADER_BYTES = 17;
const NODE_BYTES = 19;

/** Version byte, trees, nodes (32-bit), base (64-bit), roots, then the nodes; little-endian. */
export function packForest(forest: Forest): Uint8Array {
  const {roots, base, feature, threshold, missingLeft, left, value, cover} = forest;
  const bytes = new Uint8Array(HEADER_BYTES + 4 * roots.length + NODE_BYTES * feature.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, FORMAT_VERSION);
  view.setUint32(1, roots.length, true);
  view.setUint32(5, feature.length, true);
  view.setFloat64(9, base, true);
  for (const [tree, root] of roots.entries()) view.setInt32(HEADER_BYTES + 4 * tree, root, true);
  let at = HEADER_BYTES + 4 * roots.length;
  for (let node = 0; node < feature.length; node++, at += NODE_BYTES) {
    view.setInt16(at, feature[node] ?? LEAF, true);
    view.setFloat32(at + 2, threshold[node] ?? 0, true);
    view.setUint8(at + 6, missingLeft[node] ?? 0);
    view.setInt32(at + 7, left[node] ?? 0, true);
    view.setFloat32(at + 11, value[node] ?? 0, true);
    view.setInt32(at + 15, cover[node] ?? 0, true);
  }
  return bytes;
}

/** @throws RangeError when the bytes are of another version or not as long as they say. */
export function unpackForest(bytes: Uint8Array): Forest {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES) throw new RangeError('it is cut short');
  if (view.getUint8(0) !== FORMAT_VERSION) {
    throw new RangeError(`it has version ${view.getUint8(0)}, this program reads ${FORMAT_VERSION}`);
  }
  const trees = view.getUint32(1, true);
  const count = view.getUint32(5, true);
  if (bytes.length !== HEADER_BYTES + 4 * trees + NODE_BYTES * count) {
    throw new RangeError('its length is not what it says');
  }
  const roots = Int32Array.from({length: trees}, (_, tree) => view.getInt32(HEADER_BYTES + 4 * tree, true));
  const forest: Forest = {...emptyNodes(count), base: view.getFloat64(9, true), roots};
  let at = HEADER_BYTES + 4 * trees;
  for (let node = 0; node < count; node++, at += NODE_BYTES) {
    forest.feature[node] = view.getInt16(at, true);
    forest.threshold[node] = view.getFloat32(at + 2, true);
    forest.missingLeft[node] = view.getUint8(at + 6);
    forest.left[node] = view.getInt32(at + 7, true);
    forest.value[node] = view.getFloat32(at + 11, true);
    forest.cover[node] = view.getInt32(at + 15, true);
  }
  return forest;
}
