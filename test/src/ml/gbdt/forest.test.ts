import {describe, expect, it} from 'vitest';
import {
  type Forest,
  findLeaf,
  joinTrees,
  packForest,
  predictForest,
  type Tree,
  unpackForest,
} from '../../../../src/ml/gbdt/forest.ts';

/** x0 ≤ 2 → −1 (missing too), else +1. */
const STUMP: Tree = {
  count: 3,
  nodes: {
    feature: Int16Array.from([0, -1, -1]),
    threshold: Float32Array.from([2, 0, 0]),
    missingLeft: Uint8Array.from([1, 0, 0]),
    left: Int32Array.from([1, 0, 0]),
    value: Float32Array.from([0, -1, 1]),
    cover: Int32Array.from([4, 3, 1]),
  },
};
const FOREST: Forest = joinTrees([STUMP, STUMP], 10);

describe('predictForest', () => {
  it('adds base and one leaf a tree; equal goes left, missing where it was told', () => {
    const x = {rows: 4, columns: 1, values: Float32Array.from([1, 2, 2.5, Number.NaN])};
    expect([...predictForest(FOREST, x)]).toEqual([8, 8, 12, 8]);
    expect(findLeaf(FOREST, FOREST.roots[1]!, x.values, 2)).toBe(5);
  });
});

describe('packForest', () => {
  it('gives back what it was given', () => {
    expect(unpackForest(packForest(FOREST))).toEqual(FOREST);
  });

  it('refuses other versions and bytes that are not whole', () => {
    const bytes = packForest(FOREST);
    expect(() => unpackForest(bytes.slice(0, 5))).toThrow(/cut short/);
    expect(() => unpackForest(bytes.slice(0, -1))).toThrow(/length/);
    expect(() => unpackForest(Uint8Array.from(bytes, (value, at) => (at === 0 ? 9 : value)))).toThrow(
      /version 9/,
    );
  });
});
