import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../../src/lib/random.ts';
import {mean, median} from '../../../../src/lib/stats.ts';
import {type BoostSettings, fitBoost} from '../../../../src/ml/gbdt/boost.ts';
import {predictForest} from '../../../../src/ml/gbdt/forest.ts';
import {emptyMatrix, type Matrix, takeRows} from '../../../../src/ml/matrix.ts';

const SETTINGS: BoostSettings = {
  maxLeaves: 8,
  minLeafRows: 5,
  l2: 1,
  huberDelta: null,
  maxTrees: 200,
  shrinkage: 0.1,
  patience: 20,
  rowShare: 0.8,
  columnShare: 0.7,
  mostBins: 255,
};

/** y = 10 + |x0| + x1 · x2 (+ noise): a line can't follow, x3 says nothing. */
function curvedWorld(rows: number, seed: number, noise = 0.1) {
  const random = createRandom(seed);
  const x = emptyMatrix(rows, 4);
  for (let at = 0; at < x.values.length; at++) x.values[at] = random.normal();
  const y = Float64Array.from({length: rows}, (_, row) => {
    const [a, b, c] = x.values.subarray(row * 4, row * 4 + 4);
    return 10 + Math.abs(a!) + b! * c! + noise * random.normal();
  });
  return {x, y, group: Int32Array.from(y.keys())};
}

const errorOf = (predicted: Float64Array, y: Float64Array) =>
  median(y.map((value, row) => Math.abs(value - predicted[row]!)));

describe('fitBoost', () => {
  const {x, y, group} = curvedWorld(1500, 1);
  const test = curvedWorld(500, 2);

  it('learns a curved rule, with either loss', () => {
    const middle = errorOf(new Float64Array(500).fill(median(y)), test.y);
    for (const huberDelta of [null, 0.3]) {
      const forest = fitBoost(x, y, group, 1, {...SETTINGS, huberDelta});
      expect(errorOf(predictForest(forest, test.x), test.y)).toBeLessThan(0.4 * middle);
    }
  });

  it('with Huber it is not led astray by wild targets, with squares it is', () => {
    const wild = y.map((value, row) => (row % 20 === 0 ? value + 60 : value));
    const errors = [0.3, null].map(huberDelta => {
      const forest = fitBoost(x, wild, group, 1, {...SETTINGS, huberDelta});
      return errorOf(predictForest(forest, test.x), test.y);
    });
    expect(errors[0]).toBeLessThan(0.5 * errors[1]!);
  });

  it('takes the mean of several boosters: less error than one, the parts of each in the forest', () => {
    const [one, four] = [1, 4].map(boosters => fitBoost(x, y, group, 1, {...SETTINGS, boosters}));
    const alone = fitBoost(x, y, group, 1, SETTINGS);
    expect(one).toEqual(alone);
    expect(four!.roots.length).toBeGreaterThan(2 * one!.roots.length);
    const rmse = (forest: typeof alone) =>
      mean(predictForest(forest, test.x).map((value, row) => (value - test.y[row]!) ** 2)) ** 0.5;
    expect(rmse(four!)).toBeLessThan(rmse(one!));
    expect(fitBoost(x, y, group, 1, {...SETTINGS, boosters: 4})).toEqual(four);
  });

  it('learns quantiles: one leaf is the quantile itself, many follow a spread that grows', () => {
    const flat: Matrix = {rows: 1000, columns: 1, values: new Float32Array(1000)};
    const steps = Float64Array.from({length: 1000}, (_, at) => at / 1000);
    const all = Int32Array.from(steps.keys());
    const constant = fitBoost(flat, steps, all, 1, {...SETTINGS, quantile: 0.9, maxTrees: 3});
    expect(constant.base).toBeCloseTo(0.9, 1);
    const random = createRandom(8);
    const wide: Matrix = {
      rows: 6000,
      columns: 1,
      values: Float32Array.from({length: 6000}, () => random.next()),
    };
    const noisy = Float64Array.from(wide.values, value => (0.2 + value) * random.normal());
    const groups = Int32Array.from(noisy.keys());
    for (const [quantile, z] of [
      [0.1, -1.2816],
      [0.9, 1.2816],
    ] as const) {
      const settings = {...SETTINGS, quantile, minLeafRows: 100, maxLeaves: 6, rowShare: 1, columnShare: 1};
      const forest = fitBoost(wide, noisy, groups, 1, settings);
      const [low, high] = [0.1, 0.9].map(
        at => predictForest(forest, {rows: 1, columns: 1, values: Float32Array.from([at])})[0]!,
      );
      expect(Math.abs(low! - 0.3 * z)).toBeLessThan(0.09);
      expect(Math.abs(high! - 1.1 * z)).toBeLessThan(0.22);
      const below = predictForest(forest, wide).filter((value, row) => noisy[row]! <= value).length / 6000;
      expect(Math.abs(below - quantile)).toBeLessThan(0.02);
    }
  });

  it('never falls where the truth only rises', () => {
    const line: Matrix = {
      rows: 400,
      columns: 1,
      values: Float32Array.from({length: 400}, (_, at) => at / 400),
    };
    const rising = Float64Array.from(line.values, value => 3 * value);
    const all = Int32Array.from(rising.keys());
    const forest = fitBoost(line, rising, all, 1, {...SETTINGS, rowShare: 1, columnShare: 1});
    const predicted = predictForest(forest, line);
    for (let at = 1; at < 400; at++) expect(predicted[at]! - predicted[at - 1]!).toBeGreaterThan(-0.02);
    expect(errorOf(predicted, rising)).toBeLessThan(0.02);
  });

  it('repeats bit for bit with the same seed, not with another', () => {
    const short = {...SETTINGS, maxTrees: 10};
    const [first, again, other] = [7, 7, 8].map(seed => fitBoost(x, y, group, seed, short));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('does not care for the order of rows when every row is used', () => {
    const order = [0, ...createRandom(9).shuffle([...y.keys()].slice(1))];
    const settings = {...SETTINGS, maxTrees: 15, patience: 99, rowShare: 1};
    // Two groups, met in the same order: the same rows are held out both times.
    const halves = Int32Array.from(y.keys(), row => (row < 750 ? 0 : 1));
    const shuffledHalves = Int32Array.from(order, row => halves[row]!);
    const one = fitBoost(x, y, halves, 3, settings);
    const permuted = fitBoost(
      takeRows(x, order),
      Float64Array.from(order, row => y[row]!),
      shuffledHalves,
      3,
      settings,
    );
    const predictions = [one, permuted].map(forest => predictForest(forest, test.x));
    for (const [row, value] of predictions[0]!.entries()) expect(predictions[1]![row]).toBeCloseTo(value, 4);
  });

  it('stops when the held-out groups gain no more, and keeps no tree behind the best', () => {
    const noise = createRandom(4);
    const nothing = Float64Array.from(y, () => noise.normal());
    const forest = fitBoost(x, nothing, group, 1, {...SETTINGS, maxTrees: 5000});
    expect(forest.roots.length).toBeLessThan(60);
    expect(mean(predictForest(forest, test.x))).toBeCloseTo(mean(nothing), 0);
  });
});
