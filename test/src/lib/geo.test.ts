import {describe, expect, test} from 'vitest';
import type {AreaGeometry} from '../../../src/domain/market.ts';
import {
  densifyLine,
  distanceToBorderM,
  haversineM,
  judgeCoordinates,
  measureArea,
  planeDistanceM,
  planeRingsOf,
  VALLE_DE_ABURRA,
} from '../../../src/lib/geo.ts';
import {createRandom} from '../../../src/lib/random.ts';

const square = (west: number, south: number, side: number): number[][] => [
  [west, south],
  [west + side, south],
  [west + side, south + side],
  [west, south + side],
  [west, south],
];

describe('distances', () => {
  test('a degree of latitude is 111,195 m', () => {
    const metres = haversineM({latitude: 6, longitude: -75.5}, {latitude: 7, longitude: -75.5});
    expect(metres).toBeCloseTo(111_195, 0);
  });

  test('within the valley the plane is within 0.06 % of the great circle', () => {
    const random = createRandom(1);
    const {south, north, west, east} = VALLE_DE_ABURRA;
    const somewhere = () => ({
      latitude: random.between(south, north),
      longitude: random.between(west, east),
    });
    for (let turn = 0; turn < 2000; turn++) {
      const a = somewhere();
      const b = somewhere();
      const exact = haversineM(a, b);
      expect(Math.abs(planeDistanceM(a, b) - exact)).toBeLessThanOrEqual(exact * 0.0006);
    }
  });
});

describe('judgeCoordinates', () => {
  test.each([
    [6.25, -75.57, 'plausible'],
    [4.65, -74.05, 'plausible'],
    [12.58, -81.7, 'plausible'],
    [-75.57, 6.25, 'swapped'],
    [0, 0, 'absent'],
    [0.0001, -0.0003, 'absent'],
    [null, -75.57, 'absent'],
    [6.25, null, 'absent'],
    [Number.NaN, -75.57, 'absent'],
    [40.4, -3.7, 'abroad'],
    [-1.29, 36.82, 'abroad'],
  ] as const)('%s, %s is %s', (latitude, longitude, verdict) => {
    expect(judgeCoordinates(latitude, longitude)).toBe(verdict);
  });
});

describe('areas', () => {
  const holed: AreaGeometry = {
    type: 'Polygon',
    coordinates: [square(-75.6, 6.2, 0.02), square(-75.6, 6.2, 0.01).toReversed()],
  };

  test('the centre of a square is its middle, whatever way round it is written', () => {
    for (const ring of [square(-75.6, 6.2, 0.02), square(-75.6, 6.2, 0.02).toReversed()]) {
      const {centre, areaM2} = measureArea({type: 'Polygon', coordinates: [ring]});
      expect(centre.latitude).toBeCloseTo(6.21, 9);
      expect(centre.longitude).toBeCloseTo(-75.59, 9);
      expect(areaM2 / 1e6).toBeCloseTo(2.2239 * 2.2107, 2);
    }
  });

  test('a hole takes its weight away', () => {
    const {centre, areaM2} = measureArea(holed);
    const whole = measureArea({type: 'Polygon', coordinates: [square(-75.6, 6.2, 0.02)]});
    expect(areaM2).toBeCloseTo(whole.areaM2 * 0.75, 0);
    expect(centre.latitude).toBeCloseTo(6.21 + 0.005 / 3, 6);
  });

  test('parts weigh by their size', () => {
    const {centre} = measureArea({
      type: 'MultiPolygon',
      coordinates: [[square(-75.6, 6.2, 0.02)], [square(-75.5, 6.2, 0.01)]],
    });
    expect(centre.longitude).toBeCloseTo((-75.59 * 4 + -75.495) / 5, 6);
  });

  test('an area without surface has the middle of its vertices', () => {
    const flat: AreaGeometry = {
      type: 'Polygon',
      coordinates: [
        [
          [-75.6, 6.2],
          [-75.5, 6.2],
          [-75.6, 6.2],
          [-75.6, 6.2],
        ],
      ],
    };
    expect(measureArea(flat)).toEqual({
      centre: {latitude: 6.2, longitude: expect.closeTo(-75.575, 9)},
      areaM2: 0,
    });
  });

  test('the border is as far from inside as from outside', () => {
    const area: AreaGeometry = {type: 'Polygon', coordinates: [square(-75.6, 6.2, 0.02)]};
    const rings = planeRingsOf(area);
    expect(distanceToBorderM(rings, {latitude: 6.199, longitude: -75.59})).toBeCloseTo(111.2, 1);
    expect(distanceToBorderM(rings, {latitude: 6.201, longitude: -75.59})).toBeCloseTo(111.2, 1);
    expect(distanceToBorderM(planeRingsOf(holed), {latitude: 6.2095, longitude: -75.595})).toBeCloseTo(
      55.6,
      1,
    );
  });
});

describe('densifyLine', () => {
  const line = [
    [-75.6, 6.2],
    [-75.59, 6.2],
    [-75.59, 6.2001],
  ];

  test('steps are at most as long as asked and both ends stay', () => {
    const points = densifyLine(line, 50);
    expect(points[0]).toEqual({latitude: 6.2, longitude: -75.6});
    expect(points.at(-1)).toEqual({latitude: 6.2001, longitude: -75.59});
    for (let index = 1; index < points.length; index++) {
      expect(planeDistanceM(points[index - 1]!, points[index]!)).toBeLessThanOrEqual(50.001);
    }
    expect(points.length).toBe(Math.ceil(1105.3 / 50) + 1 + 1);
  });
});
