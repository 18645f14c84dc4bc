import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../../src/lib/random.ts';
import {binMatrix} from '../../../../src/ml/gbdt/binning.ts';
import {joinTrees, predictForest} from '../../../../src/ml/gbdt/forest.ts';
import {TreeGrower, type TreeSettings} from '../../../../src/ml/gbdt/tree.ts';
import type {Matrix} from '../../../../src/ml/matrix.ts';

const EXACT: TreeSettings = {maxLeaves: 2, minLeafRows: 1, l2: 0};
const rangeOf = (count: number) => Int32Array.from({length: count}, (_, at) => at);

/** One tree on target y: gradients are −y, so that leaves are means. */
function growTree(x: Matrix, y: number[], settings: TreeSettings = EXACT, rows = rangeOf(x.rows)) {
  const gradient = Float64Array.from(y, value => -value);
  return new TreeGrower(binMatrix(x), settings).grow(gradient, rows, rangeOf(x.columns), 1);
}

const matrix = (columns: number, values: number[]): Matrix => {
  return {rows: values.length / columns, columns, values: Float32Array.from(values)};
};

describe('TreeGrower', () => {
  it('finds the split a hand computes: means 1.5 and 8.5 on both sides of 2.5', () => {
    const {nodes, count} = growTree(matrix(1, [1, 2, 3, 4]), [1, 2, 8, 9]);
    expect(count).toBe(3);
    expect([nodes.feature[0], nodes.threshold[0], nodes.left[0]]).toEqual([0, 2.5, 1]);
    expect([...nodes.value]).toEqual([0, 1.5, 8.5]);
    expect([...nodes.cover]).toEqual([4, 2, 2]);
  });

  it('shrinks leaves by n / (n + l2) and by the learning rate', () => {
    const grower = new TreeGrower(binMatrix(matrix(1, [1, 2, 3, 4])), {...EXACT, l2: 2});
    const gradient = Float64Array.from([-1, -2, -8, -9]);
    const {nodes} = grower.grow(gradient, rangeOf(4), rangeOf(1), 0.1);
    expect(nodes.value[1]).toBeCloseTo((0.1 * 3) / 4, 6);
    expect(nodes.value[2]).toBeCloseTo((0.1 * 17) / 4, 6);
  });

  it('splits the leaf that gains most first, on the column that matters', () => {
    // Right of x0 = 0.5 the second column decides; on the left nothing does.
    const x = matrix(2, [0, 0, 0, 1, 1, 0, 1, 1]);
    const {nodes, count} = growTree(x, [0, 0, 10, 30], {...EXACT, maxLeaves: 3});
    expect(count).toBe(5);
    expect([...nodes.feature]).toEqual([0, -1, 1, -1, -1]);
    // + 0: no negative zeros.
    expect(Array.from(nodes.value, value => value + 0)).toEqual([0, 0, 0, 10, 30]);
  });

  it('learns where missing values belong, also against all stated ones', () => {
    const none = Number.NaN;
    const x = matrix(1, [1, 1, 9, 9, none, none]);
    const withHigh = growTree(x, [0, 0, 5, 5, 5, 5]);
    expect([withHigh.nodes.threshold[0], withHigh.nodes.missingLeft[0]]).toEqual([5, 0]);
    const withLow = growTree(x, [5, 5, 0, 0, 5, 5]);
    expect([withLow.nodes.threshold[0], withLow.nodes.missingLeft[0]]).toEqual([5, 1]);
    const alone = joinTrees([growTree(x, [0, 0, 0, 0, 5, 5])], 0);
    expect([...predictForest(alone, x)]).toEqual([0, 0, 0, 0, 5, 5]);
  });

  it('sends what was never missing with the larger side', () => {
    expect(growTree(matrix(1, [1, 2, 3, 9]), [0, 0, 0, 5]).nodes.missingLeft[0]).toBe(1);
    expect(growTree(matrix(1, [1, 7, 8, 9]), [5, 0, 0, 0]).nodes.missingLeft[0]).toBe(0);
  });

  it('makes no leaf below the least size and no split without gain', () => {
    const x = matrix(1, [1, 2, 3, 4, 5, 6]);
    const tree = growTree(x, [9, 0, 0, 0, 0, 0], {...EXACT, maxLeaves: 6, minLeafRows: 3});
    expect([...tree.nodes.cover].slice(0, tree.count)).toEqual([6, 3, 3]);
    expect(growTree(x, [4, 4, 4, 4, 4, 4]).count).toBe(1);
  });

  it('agrees with sums made afresh: every leaf is the mean of its rows', () => {
    const random = createRandom(3);
    const x = matrix(
      5,
      Array.from({length: 2000}, (_, at) => (at % 7 === 0 ? Number.NaN : random.normal())),
    );
    const y = Array.from({length: 400}, () => random.normal());
    const tree = growTree(x, y, {maxLeaves: 40, minLeafRows: 2, l2: 0});
    const predicted = predictForest(joinTrees([tree], 0), x);
    const leaves = new Map<number, number[]>();
    for (const [row, value] of predicted.entries()) {
      leaves.set(value, [...(leaves.get(value) ?? []), y[row]!]);
    }
    expect(leaves.size).toBe(40);
    for (const [value, own] of leaves) {
      expect(value).toBeCloseTo(own.reduce((sum, one) => sum + one, 0) / own.length, 5);
    }
  });

  it('cuts where it is told to draw, between values of the leaf, and never where nothing is parted', () => {
    const values = Array.from({length: 60}, (_, at) => at);
    const gradient = Float64Array.from(values, value => (value < 30 ? -1 : 1));
    const grower = new TreeGrower(
      binMatrix(
        matrix(
          2,
          values.flatMap(value => [value, 7]),
        ),
      ),
      EXACT,
    );
    const cutOf = (seed: number) => {
      const cuts = createRandom(`cuts/${seed}`);
      const {nodes, count} = grower.grow(gradient, rangeOf(60), rangeOf(2), 1, {cuts});
      expect([...nodes.feature.subarray(0, count)].filter(column => column === 1)).toEqual([]);
      return nodes.threshold[0]!;
    };
    const drawn = [1, 2, 3, 4, 5, 6].map(cutOf);
    expect(new Set(drawn).size).toBeGreaterThan(3);
    expect(Math.min(...drawn)).toBeGreaterThan(0);
    expect(Math.max(...drawn)).toBeLessThan(59);
    expect(cutOf(1)).toBe(drawn[0]);
  });

  it('values leaves afresh from their rows when told how, shrunk but not penalised', () => {
    const grower = new TreeGrower(binMatrix(matrix(1, [1, 2, 3, 4])), {...EXACT, l2: 2});
    const seen: number[][] = [];
    const leafValue = (rows: Int32Array) => {
      seen.push([...rows]);
      return 10 * rows.length;
    };
    const gradient = Float64Array.from([-1, -2, -8, -9]);
    const {nodes} = grower.grow(gradient, rangeOf(4), rangeOf(1), 0.1, {leafValue});
    expect(seen).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(nodes.value[1]).toBeCloseTo(2, 6);
    expect(nodes.value[2]).toBeCloseTo(2, 6);
  });

  it('learns from the given rows only', () => {
    const tree = growTree(matrix(1, [1, 2, 3, 4]), [1, 1, 99, 3], EXACT, Int32Array.from([0, 1, 3]));
    expect([...tree.nodes.value]).toEqual([0, 1, 3]);
  });
});
