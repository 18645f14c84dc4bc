import {describe, expect, test} from 'vitest';
import type {NearbyPois, PoiAccess} from '../../../src/domain/market.ts';
import {POI_CATEGORIES, type PoiCategory} from '../../../src/domain/vocabulary.ts';
import {type Point, planeDistanceM} from '../../../src/lib/geo.ts';
import {type GridPoi, PoiGrid} from '../../../src/lib/geo-grid.ts';
import {createRandom, type Random} from '../../../src/lib/random.ts';

function scatter(random: Random, count: number, spread: number): GridPoi[] {
  return Array.from({length: count}, (_, index) => ({
    poiId: `p${String(index).padStart(5, '0')}`,
    // Some categories are rare, as prisons are.
    category: POI_CATEGORIES[Math.floor(random.next() ** 2 * POI_CATEGORIES.length)] ?? 'school',
    latitude: 6.25 + random.between(-spread, spread),
    longitude: -75.57 + random.between(-spread, spread),
  }));
}

/** The same answer the slow way. */
function measureAll(pois: readonly GridPoi[], point: Point): PoiAccess {
  const access: Partial<Record<PoiCategory, NearbyPois>> = {};
  for (const category of POI_CATEGORIES) {
    const distances = pois
      .filter(poi => poi.category === category)
      .map(poi => ({id: poi.poiId, metres: planeDistanceM(poi, point)}))
      .sort((a, b) => a.metres - b.metres || (a.id < b.id ? -1 : 1));
    const [nearest] = distances;
    if (nearest === undefined) continue;
    const isNear = nearest.metres < 20_000;
    const within = (radius: number) => distances.filter(({metres}) => metres <= radius).length;
    access[category] = {
      nearestM: isNear ? Math.round(nearest.metres) : null,
      nearestId: isNear ? nearest.id : null,
      within500M: within(500),
      within1000M: within(1000),
      within2000M: within(2000),
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
      expect(grid.access(latitude, longitude)).toEqual(measureAll(pois, {latitude, longitude}));
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
      const access = grid.access(latitude, longitudes[row]!);
      grid.categories.forEach((category, column) => {
        const slot = row * columns + column;
        const nearby = access[category]!;
        expect(grid.pois[sweep.nearest[slot]!]?.poiId ?? null).toBe(nearby.nearestId);
        if (nearby.nearestM !== null) expect(Math.round(sweep.nearestM[slot]!)).toBe(nearby.nearestM);
        expect([...sweep.counts.slice(slot * 3, slot * 3 + 3)]).toEqual([
          nearby.within500M,
          nearby.within1000M,
          nearby.within2000M,
        ]);
      });
    });
  });

  test('two at the same spot: the smaller id, whatever order they came in', () => {
    const twin = {category: 'police', latitude: 6.25, longitude: -75.57} as const;
    const pois: GridPoi[] = [
      {poiId: 'b', ...twin},
      {poiId: 'a', ...twin},
    ];
    for (const order of [pois, pois.toReversed()]) {
      const grid = new PoiGrid(order);
      expect(grid.access(6.2501, -75.57).police).toMatchObject({nearestId: 'a', within500M: 2});
      expect(grid.access(6.35, -75.57).police).toMatchObject({nearestId: 'a', within2000M: 0});
    }
  });

  test('a category without any point is absent; one farther than 20 km is null', () => {
    const grid = new PoiGrid([{poiId: 'x', category: 'prison', latitude: 6.25, longitude: -75.57}]);
    expect(grid.access(6.25, -75.57)).toEqual({
      prison: {nearestM: 0, nearestId: 'x', within500M: 1, within1000M: 1, within2000M: 1},
    });
    expect(grid.access(6.5, -75.57)).toEqual({
      prison: {nearestM: null, nearestId: null, within500M: 0, within1000M: 0, within2000M: 0},
    });
    expect(new PoiGrid([]).access(6.25, -75.57)).toEqual({});
  });
});
