import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../../src/lib/random.ts';
import {fitBoost} from '../../../../src/ml/gbdt/boost.ts';
import {type Forest, isLeft, joinTrees, LEAF, predictForest} from '../../../../src/ml/gbdt/forest.ts';
import {attributeForest} from '../../../../src/ml/gbdt/shap.ts';
import {emptyMatrix} from '../../../../src/ml/matrix.ts';

const random = createRandom(1);
const x = emptyMatrix(300, 4);
for (let at = 0; at < x.values.length; at++) x.values[at] = random.chance(0.1) ? Number.NaN : random.normal();
const y = Float64Array.from({length: 300}, (_, row) => {
  const [a = 0, b = 0, c = 0] = Array.from(x.values.subarray(row * 4, row * 4 + 4), value => value || 0);
  return a + b * c;
});
const forest = fitBoost(x, y, Int32Array.from(y.keys()), 1, {
  maxLeaves: 8,
  minLeafRows: 5,
  l2: 1,
  huberDelta: null,
  maxTrees: 20,
  shrinkage: 0.2,
  patience: 20,
  rowShare: 1,
  columnShare: 1,
  mostBins: 255,
});

/** Expected prediction when only the players of the coalition are known (Lundberg's EXPVALUE). */
function worth(of: Forest, values: Float32Array, player: number[], coalition: number): number {
  const expect = (node: number): number => {
    const column = of.feature[node]!;
    if (column === LEAF) return of.value[node]!;
    const left = of.left[node]!;
    if (coalition & (1 << player[column]!)) {
      return expect(isLeft(values[column]!, of.threshold[node]!, of.missingLeft[node]!) ? left : left + 1);
    }
    return (of.cover[left]! * expect(left) + of.cover[left + 1]! * expect(left + 1)) / of.cover[node]!;
  };
  return of.base + [...of.roots].reduce((sum, root) => sum + expect(root), 0);
}

/** Shapley's definition: the mean gain over all orders. */
function shapleyByOrders(value: (coalition: number) => number, players: number): number[] {
  const result = new Array<number>(players).fill(0);
  const orders = (rest: number[]): number[][] =>
    rest.length === 0
      ? [[]]
      : rest.flatMap(one => orders(rest.filter(own => own !== one)).map(order => [one, ...order]));
  const all = orders([...result.keys()]);
  for (const order of all) {
    let coalition = 0;
    for (const one of order) {
      result[one]! += (value(coalition | (1 << one)) - value(coalition)) / all.length;
      coalition |= 1 << one;
    }
  }
  return result;
}

/** The same by sizes of coalitions, for players too many to order. */
function shapleyBySubsets(value: (coalition: number) => number, players: number): number[] {
  const factorial = (of: number): number => (of < 2 ? 1 : of * factorial(of - 1));
  return Array.from({length: players}, (_, one) => {
    let sum = 0;
    for (let coalition = 0; coalition < 1 << players; coalition++) {
      if (coalition & (1 << one)) continue;
      const size = [...coalition.toString(2)].filter(bit => bit === '1').length;
      const weight = (factorial(size) * factorial(players - size - 1)) / factorial(players);
      sum += weight * (value(coalition | (1 << one)) - value(coalition));
    }
    return sum;
  });
}

describe('attributeForest', () => {
  it.each([
    ['columns', [0, 1, 2, 3], 4],
    ['groups of columns', [0, 1, 1, 0], 2],
  ])("is Shapley's definition over %s", (_, player, players) => {
    const {base, parts} = attributeForest(forest, x, player, players);
    expect(base).toBeCloseTo(worth(forest, x.values, player, 0), 10);
    for (const row of [0, 17, 123]) {
      const own = x.values.subarray(row * 4, row * 4 + 4);
      const expected = shapleyByOrders(coalition => worth(forest, own, player, coalition), players);
      for (const [one, value] of expected.entries()) {
        expect(parts.values[row * players + one]).toBeCloseTo(value, 10);
      }
    }
  });

  it('adds up to the prediction for every row', () => {
    const {base, parts} = attributeForest(forest, x, [0, 1, 2, 3], 4);
    const predicted = predictForest(forest, x);
    for (const [row, value] of predicted.entries()) {
      const sum = parts.values.subarray(row * 4, row * 4 + 4).reduce((total, part) => total + part, base);
      expect(sum).toBeCloseTo(value, 10);
    }
  });

  it('gives each row the same parts whatever rows stand beside it, and eight players their exact share', () => {
    const wide = emptyMatrix(1100, 8);
    for (let at = 0; at < wide.values.length; at++) wide.values[at] = random.normal();
    const target = Float64Array.from({length: 1100}, (_, row) =>
      wide.values.subarray(row * 8, row * 8 + 8).reduce((product, value) => product + Math.abs(value), 0),
    );
    const settings = {maxLeaves: 40, minLeafRows: 3, l2: 0, huberDelta: null, maxTrees: 3, shrinkage: 1};
    const sampled = {patience: 3, rowShare: 1, columnShare: 1, mostBins: 255};
    const deep = fitBoost(wide, target, Int32Array.from(target.keys()), 1, {...settings, ...sampled});
    const player = [0, 1, 2, 3, 4, 5, 6, 7];
    const all = attributeForest(deep, wide, player, 8);
    for (const row of [0, 511, 512, 1099]) {
      const own = wide.values.subarray(row * 8, row * 8 + 8);
      const together = all.parts.values.subarray(row * 8, row * 8 + 8);
      expect(attributeForest(deep, {rows: 1, columns: 8, values: own}, player, 8).parts.values).toEqual(
        together,
      );
      const expected = shapleyBySubsets(coalition => worth(deep, own, player, coalition), 8);
      for (const [one, value] of expected.entries()) expect(together[one]).toBeCloseTo(value, 10);
    }
  });

  it('gives a hand-computed stump: 4 rows, 3 of them left of the cut', () => {
    const stump = joinTrees(
      [
        {
          count: 3,
          nodes: {
            feature: Int16Array.from([0, -1, -1]),
            threshold: Float32Array.from([2, 0, 0]),
            missingLeft: new Uint8Array(3),
            left: Int32Array.from([1, 0, 0]),
            value: Float32Array.from([0, 0, 8]),
            cover: Int32Array.from([4, 3, 1]),
          },
        },
      ],
      1,
    );
    const two = {rows: 2, columns: 2, values: Float32Array.from([1, 5, 3, 5])};
    const {base, parts} = attributeForest(stump, two, [0, 1], 2);
    expect(base).toBe(3);
    expect([...parts.values]).toEqual([-2, 0, 6, 0]);
  });

  it('refuses more players than it can table', () => {
    expect(() => attributeForest(forest, x, [0, 1, 2, 8], 9)).toThrow(RangeError);
  });
});
