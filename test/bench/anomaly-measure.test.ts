import {expect, test} from 'vitest';
import {averagePrecision, precisionAt} from './anomaly-measure.ts';

test('average precision as scikit-learn computes it', () => {
  // The example of its documentation: 0.83.
  expect(averagePrecision([false, false, true, true], [0.1, 0.4, 0.35, 0.8])).toBeCloseTo(0.8333, 4);
  expect(averagePrecision([true, true, false], [3, 2, 1])).toBe(1);
});

test('equal scores share a place, in whatever order the rows stand', () => {
  expect(averagePrecision([true, false, false, false], [1, 1, 1, 1])).toBe(0.25);
  expect(averagePrecision([false, false, false, true], [1, 1, 1, 1])).toBe(0.25);
});

test('precision of the first', () => {
  const isPositive = [true, false, true, false];
  expect(precisionAt(2, isPositive, [4, 3, 2, 1])).toBe(0.5);
  expect(precisionAt(9, isPositive, [4, 3, 2, 1])).toBe(0.5);
});
