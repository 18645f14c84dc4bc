import {describe, expect, test} from 'vitest';
import {POI_CATEGORIES, type PoiCategory} from '../../../src/domain/vocabulary.ts';
import {densifyLine, type Point, planeDistanceM} from '../../../src/lib/geo.ts';
import {type GridPoi, gravityWeight, PoiGrid} from '../../../src/lib/geo-grid.ts';
import {createRandom, type Random} from '../../../src/lib/random.ts';
import {type Nearby, nearbyOf} from '../../support/access.ts';

function scatter(random: Random, count: number, spread: number): GridPoi[] {
  return Array.from({length: count}, (_, index) => ({
    poiId: `p${String(index).padStart(5, '0')}`,
    poiNumber: index,
    // Some categories are rare, as prisons are.
    category: POI_CATEGORIES[Math.floor(random.next() ** 2 * POI_CATEGORIES.length)] ?? 'school',
    latitude: 6.25 + random.between(-spread, spread),
    longitude: -75.57 + random.between(-spread, spread),
  }));
}

/** Metres from a point to a poi: to the nearest point of its line, if it has one. */
function metresTo(poi: GridPoi, point: Point): number {
  if (!poi.geometry) return planeDistanceM(poi, point);
  const line = poi.geometry.coordinates.flatMap(part => densifyLine(part, 0.5));
  return Math.min(...line.map(vertex => planeDistanceM(vertex, point)));
}

/** The same answer the slow way, for points. */
function measureAll(pois: readonly GridPoi[], point: Point): Partial<Record<PoiCategory, Nearby>> {
  const access: Partial<Record<PoiCategory, Nearby>> = {};
  for (const category of POI_CATEGORIES) {
    const distances = pois
      .filter(poi => poi.category === category)
      .map(poi => ({number: poi.poiNumber, metres: planeDistanceM(poi, point)}))
      .sort((a, b) => a.metres - b.metres || a.number - b.number);
    if (distances.length === 0) continue;
    const within = (radius: number) => distances.filter(({metres}) => metres <= radius).length;
    const gravity = distances.reduce((sum, {metres}) => sum + gravityWeight(category, Math.floor(metres)), 0);
    access[category] = {
      nearest: distances
        .filter(({metres}) => metres < 20_000)
        .slice(0, 3)
        .map(({number, metres}) => [number, Math.round(metres)]),
      within: [within(500), within(1000), within(2000)],
      gravity: Math.round(gravity * 1000) / 1000,
    };
  }
  return access;
}

describe('PoiGrid', () => {
  test.each([
    ['dense', 2000, 0.05],
    ['a valley', 1500, 0.2],
    ['a country', 400, 4],
    ['one place', 1, 0.01],
  ])('equals brute force: %s', (_, count, spread) => {
    const random = createRandom(7);
    const pois = scatter(random, count, spread);
    const grid = new PoiGrid(pois);
    for (let turn = 0; turn < 300; turn++) {
      // Also well outside the box of the points.
      const latitude = 6.25 + random.between(-1.5, 1.5) * spread;
      const longitude = -75.57 + random.between(-1.5, 1.5) * spread;
      expect(nearbyOf(grid.access(latitude, longitude))).toEqual(measureAll(pois, {latitude, longitude}));
    }
  });

  test('a batch is the same as one by one', () => {
    const random = createRandom(11);
    const grid = new PoiGrid(scatter(random, 800, 0.1));
    const latitudes = Float64Array.from({length: 50}, () => 6.25 + random.between(-0.15, 0.15));
    const longitudes = Float64Array.from({length: 50}, () => -75.57 + random.between(-0.15, 0.15));
    const sweep = grid.sweep(latitudes, longitudes);
    const columns = grid.categories.length;
    latitudes.forEach((latitude, row) => {
      const access = nearbyOf(grid.access(latitude, longitudes[row]!));
      grid.categories.forEach((category, column) => {
        const slot = row * columns + column;
        const nearby = access[category]!;
        const found = [0, 1, 2].flatMap(rank => {
          const poi = grid.pois[sweep.nearest[slot * 3 + rank]!];
          const metres = Math.round(sweep.nearestM[slot * 3 + rank]!);
          return poi === undefined ? [] : [[poi.poiNumber, metres]];
        });
        expect(found).toEqual(nearby.nearest);
        expect(sweep.gravity[slot]).toBeCloseTo(nearby.gravity, 3);
        expect([...sweep.counts.slice(slot * 3, slot * 3 + 3)]).toEqual(nearby.within);
      });
    });
  });

  test('two at the same spot: the smaller id, whatever order they came in', () => {
    const twin = {category: 'police', latitude: 6.25, longitude: -75.57} as const;
    const pois: GridPoi[] = [
      {poiId: 'b', poiNumber: 1, ...twin},
      {poiId: 'a', poiNumber: 2, ...twin},
    ];
    for (const order of [pois, pois.toReversed()]) {
      const grid = new PoiGrid(order);
      expect(nearbyOf(grid.access(6.2501, -75.57)).police).toMatchObject({
        nearest: [
          [2, 11],
          [1, 11],
        ],
        within: [2, 2, 2],
      });
      expect(nearbyOf(grid.access(6.35, -75.57)).police).toMatchObject({
        nearest: [
          [2, 11_120],
          [1, 11_120],
        ],
        within: [0, 0, 0],
      });
    }
  });

  test('a category without any point is absent; one farther than 20 km is null', () => {
    const prison = {poiId: 'x', poiNumber: 7, category: 'prison', latitude: 6.25, longitude: -75.57} as const;
    const grid = new PoiGrid([prison]);
    expect(nearbyOf(grid.access(6.25, -75.57))).toEqual({
      prison: {nearest: [[7, 0]], within: [1, 1, 1], gravity: 1},
    });
    expect(nearbyOf(grid.access(6.5, -75.57))).toEqual({
      prison: {nearest: [], within: [0, 0, 0], gravity: 0},
    });
    expect(nearbyOf(new PoiGrid([]).access(6.25, -75.57))).toEqual({});
  });

  test('categories stand in the order of the vocabulary, whatever is known', () => {
    const mall = {poiId: 'x', poiNumber: 7, category: 'mall', latitude: 6.25, longitude: -75.57} as const;
    const {nearestPoi, nearestM, poiCounts, poiGravity} = new PoiGrid([mall]).access(6.25, -75.57);
    const at = POI_CATEGORIES.indexOf('mall');
    for (const column of [nearestPoi, nearestM, poiCounts, poiGravity])
      expect(column).toHaveLength(POI_CATEGORIES.length);
    expect(nearestPoi[at]).toEqual([7, null, null]);
    expect(nearestM[at]).toEqual([0, null, null]);
    expect(poiCounts[at]).toEqual([1, 1, 1]);
    expect(nearestPoi.flat().filter(number => number !== null)).toEqual([7]);
  });
});

describe('lines', () => {
  const zigzag = (random: Random, poiNumber: number, spread: number): GridPoi => {
    const start = {
      latitude: 6.25 + random.between(-spread, spread),
      longitude: -75.57 + random.between(-spread, spread),
    };
    const line = Array.from({length: 6}, (_, step) => [
      start.longitude + step * 0.004,
      start.latitude + random.between(-0.002, 0.002),
    ]);
    const geometry = {type: 'MultiLineString' as const, coordinates: [line]};
    return {...start, poiId: `r${poiNumber}`, poiNumber, category: 'main_road', geometry};
  };

  test.each([
    ['in the city', 0.02],
    ['across the 2 km edge', 0.06],
    ['far away', 0.3],
  ])('the three nearest roads are measured to their segments: %s', (_, spread) => {
    const random = createRandom(5);
    const roads = Array.from({length: 8}, (_, index) => zigzag(random, index, spread));
    const grid = new PoiGrid(roads);
    for (let turn = 0; turn < 40; turn++) {
      const point = {
        latitude: 6.25 + random.between(-spread, spread),
        longitude: -75.57 + random.between(-spread, spread),
      };
      const slow = roads
        .map(road => ({number: road.poiNumber, metres: metresTo(road, point)}))
        .filter(({metres}) => metres < 20_000)
        .sort((a, b) => a.metres - b.metres)
        .slice(0, 3);
      const fast = nearbyOf(grid.access(point.latitude, point.longitude)).main_road!.nearest;
      expect(fast.map(([number]) => number)).toEqual(slow.map(({number}) => number));
      for (const [rank, [, metres]] of fast.entries())
        expect(Math.abs(metres - slow[rank]!.metres)).toBeLessThan(1);
    }
  });

  test('between two vertices 1 km apart the road is next door, not 500 m away', () => {
    const coordinates = [
      [
        [-75.58, 6.25],
        [-75.571, 6.25],
      ],
    ];
    const road = {
      poiId: 'r',
      poiNumber: 3,
      category: 'main_road',
      latitude: 6.25,
      longitude: -75.58,
    } as const;
    const grid = new PoiGrid([{...road, geometry: {type: 'MultiLineString', coordinates}}]);
    expect(nearbyOf(grid.access(6.2501, -75.5755)).main_road?.nearest).toEqual([[3, 11]]);
  });
});

test('gravity is 1 at the door, falls, and ends at 2 km without a step', () => {
  for (const category of POI_CATEGORIES) {
    expect(gravityWeight(category, 0)).toBeCloseTo(1, 12);
    expect(gravityWeight(category, 400)).toBeGreaterThan(gravityWeight(category, 800));
    expect(gravityWeight(category, 1999.9)).toBeLessThan(1e-3);
    expect(gravityWeight(category, 2500)).toBe(0);
  }
  expect(gravityWeight('hospital', 900)).toBeGreaterThan(gravityWeight('pharmacy', 900));
});
