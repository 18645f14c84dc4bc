import {expect, test} from 'vitest';
import {wilsonInterval} from '../../../src/lib/wilson.ts';

test.each([
  // Newcombe 1998, table I, method 3.
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('%i of %i: %f to %f', (count, total, low, high) => {
  const interval = wilsonInterval(count, total);
  expect(interval.low).toBeCloseTo(low, 3);
  expect(interval.high).toBeCloseTo(high, 3);
});

test('without a case anything is possible', () => {
  expect(wilsonInterval(0, 0)).toEqual({low: 0, high: 1});
});
