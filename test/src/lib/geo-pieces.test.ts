import {describe, expect, test} from 'vitest';
import {eastM, northM} from '../../../src/lib/geo.ts';
import {piecesOf} from '../../../src/lib/geo-pieces.ts';

const point = (category: 'mall' | 'school', longitude: number) =>
  ({category, latitude: 6.25, longitude}) as const;
const line = [
  [-75.57, 6.25],
  [-75.5682, 6.25],
];
const road = {
  ...{category: 'main_road' as const, latitude: 6.25, longitude: -75.57},
  geometry: {type: 'MultiLineString' as const, coordinates: [line]},
};

describe('piecesOf', () => {
  test('a point is one piece without length', () => {
    const pieces = piecesOf([point('mall', -75.6)], ['school', 'mall']);
    expect([...pieces.xs, ...pieces.ys]).toEqual([eastM(-75.6), northM(6.25)]);
    expect([...pieces.columns]).toEqual([1]);
    expect(pieces.maxHalfM).toBe(0);
    expect(pieces.hasLines).toBe(false);
    expect(pieces.distance2(0, 3, 4, 25)).toBe(25);
  });

  test('a line of 199 m is four pieces of at most 50 m, end to end, all of one object', () => {
    const pieces = piecesOf([point('mall', -75.6), road], ['mall', 'main_road']);
    expect(pieces.xs).toHaveLength(5);
    expect([...pieces.indexes]).toEqual([0, 1, 1, 1, 1]);
    expect(pieces.hasLines).toBe(true);
    expect(pieces.maxHalfM * 2).toBeLessThanOrEqual(50);
    const length = eastM(-75.5682) - eastM(-75.57);
    expect(pieces.maxHalfM * 2 * 4).toBeCloseTo(length, 6);
    expect((pieces.xs[1] ?? 0) - pieces.maxHalfM).toBeCloseTo(eastM(-75.57), 6);
    expect((pieces.xs[4] ?? 0) + pieces.maxHalfM).toBeCloseTo(eastM(-75.5682), 6);
  });

  test('metres to a piece are to its nearest point, between its ends or at one of them', () => {
    const pieces = piecesOf([road], ['main_road']);
    const half = pieces.maxHalfM;
    const squaredFrom = (dx: number, dy: number) => pieces.distance2(0, dx, dy, dx * dx + dy * dy);
    // `dx`, `dy` lead from the home to the middle of the piece, which runs from west to east.
    expect(squaredFrom(0, 30)).toBeCloseTo(900, 6);
    expect(squaredFrom(half / 2, 30)).toBeCloseTo(900, 6);
    expect(squaredFrom(half + 40, 30)).toBeCloseTo(2500, 6);
  });
});

describe('order', () => {
  const pieces = piecesOf(
    [point('school', -75.5), point('mall', -75.6), point('school', -75.7)],
    ['school', 'mall'],
  );

  test('sorted by any key, equal ones as they came', () => {
    expect([...pieces.sortedBy(x => x).indexes]).toEqual([2, 1, 0]);
    expect([...pieces.sortedBy(() => 1).indexes]).toEqual([0, 1, 2]);
  });

  test('one category from west to east, and the first not west of a longitude', () => {
    const schools = pieces.ofColumn(0);
    expect([...schools.indexes]).toEqual([2, 0]);
    expect(schools.firstNotWestOf(eastM(-75.8))).toBe(0);
    expect(schools.firstNotWestOf(eastM(-75.6))).toBe(1);
    expect(schools.firstNotWestOf(eastM(-75.4))).toBe(2);
  });

  test('the box holds all, and is empty without any', () => {
    expect(pieces.box).toEqual({
      west: eastM(-75.7),
      east: eastM(-75.5),
      south: northM(6.25),
      north: northM(6.25),
    });
    expect(piecesOf([], ['mall']).box).toEqual({west: 0, east: 0, south: 0, north: 0});
  });
});
