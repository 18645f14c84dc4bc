import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../../src/lib/random.ts';
import {mean} from '../../../../src/lib/stats.ts';
import {fitBag, fitTree} from '../../../../src/ml/gbdt/bagging.ts';
import {packForest, predictForest} from '../../../../src/ml/gbdt/forest.ts';
import type {Matrix} from '../../../../src/ml/matrix.ts';

const random = createRandom('bagging');
const x: Matrix = {
  rows: 400,
  columns: 3,
  values: Float32Array.from({length: 1200}, () => random.next()),
};
const rule = (row: number) => (x.values[3 * row]! > 0.5 ? 2 : 0) + x.values[3 * row + 1]!;
const target = Float64Array.from({length: 400}, (_, row) => rule(row) + 0.3 * random.normal());
const SETTINGS = {maxLeaves: 32, minLeafRows: 5, l2: 0};

const errorOf = (predicted: Float64Array) =>
  mean(Array.from(predicted, (value, row) => Math.abs(value - rule(row))));

describe('fitTree', () => {
  it('predicts the mean of each leaf: one leaf is the mean of all', () => {
    const stump = fitTree(x, target, {...SETTINGS, maxLeaves: 1});
    expect(predictForest(stump, x)[0]).toBeCloseTo(mean(target), 6);
    const two = predictForest(fitTree(x, target, {...SETTINGS, maxLeaves: 2}), x);
    const left = [...target.keys()].filter(row => two[row] === two[0]);
    expect(two[0]).toBeCloseTo(mean(left.map(row => target[row]!)), 5);
  });
});

describe('fitBag', () => {
  it('errs less than one tree of the same size, and gives the same bytes from the same seed', () => {
    const settings = {...SETTINGS, maxLeaves: 60, minLeafRows: 2, trees: 40, columnShare: 1};
    const bag = fitBag(x, target, 1, settings);
    expect(errorOf(predictForest(bag, x))).toBeLessThan(
      0.9 * errorOf(predictForest(fitTree(x, target, settings), x)),
    );
    expect(packForest(fitBag(x, target, 1, settings))).toEqual(packForest(bag));
    expect(packForest(fitBag(x, target, 2, settings))).not.toEqual(packForest(bag));
  });

  it('predicts within the range of what it saw', () => {
    const predicted = predictForest(fitBag(x, target, 1, {...SETTINGS, trees: 10, columnShare: 0.5}), x);
    expect(Math.min(...predicted)).toBeGreaterThanOrEqual(Math.min(...target));
    expect(Math.max(...predicted)).toBeLessThanOrEqual(Math.max(...target));
  });
});
