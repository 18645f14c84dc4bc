import {describe, expect, test} from 'vitest';
import {NearestIndex} from '../../../src/lib/geo-nearest.ts';
import {createRandom} from '../../../src/lib/random.ts';

describe('NearestIndex', () => {
  test.each([
    ['dense', 3000, 1000],
    ['a valley', 2000, 20_000],
    ['thin', 40, 20_000],
    ['one', 1, 100],
    ['none', 0, 100],
  ])('equals brute force: %s', (_, count, spreadM) => {
    const random = createRandom(3);
    // Whole metres: many are equally far, and some are the same.
    const place = () => Math.round(random.between(-spreadM, spreadM));
    const points = Array.from({length: count}, () => ({x: place(), y: place()}));
    const index = new NearestIndex(points, 12, 1500);
    for (let turn = 0; turn < 200; turn++) {
      const [x, y] = [Math.round(place() * 1.2), Math.round(place() * 1.2)];
      const slow = points
        .map((point, position) => ({position, metres: Math.sqrt((point.x - x) ** 2 + (point.y - y) ** 2)}))
        .filter(({metres}) => metres <= 1500)
        .sort((a, b) => a.metres - b.metres || a.position - b.position)
        .slice(0, 12);
      const near = index.find(x, y);
      expect([...near.positions.subarray(0, near.count)]).toEqual(slow.map(({position}) => position));
      expect([...near.metres.subarray(0, near.count)]).toEqual(slow.map(({metres}) => metres));
    }
  });
});
