import {expect, test} from 'vitest';
import {groupBy} from '../../../src/lib/group-by.ts';

test('rows of one key stay together, in the order in which they came', () => {
  const groups = groupBy([3, 1, 4, 1, 5], row => (row % 2 === 0 ? 'even' : 'odd'));
  expect([...groups]).toEqual([
    ['odd', [3, 1, 1, 5]],
    ['even', [4]],
  ]);
});
