import {describe, expect, test} from 'vitest';
import {
  type EnrichInput,
  type EnrichReference,
  indexMunicipalities,
  locateListing,
  pinOf,
} from '../../../pipelines/enrich/core.ts';
import {PoiGrid} from '../../../src/lib/geo-grid.ts';
import {type IndexedPlace, PlaceIndex} from '../../../src/lib/geo-places.ts';

function box(west: number, south: number, east: number, north: number): IndexedPlace['geometry'] {
  return {
    type: 'Polygon',
    coordinates: [
      [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
      ],
    ],
  };
}

const unplaced = {latitude: null, longitude: null};
const medellin = {placeCode: '05001', kind: 'municipality', name: 'Medellín', parentCode: null} as const;
const barbosa: IndexedPlace = {
  placeCode: '05079',
  kind: 'municipality',
  name: 'Barbosa',
  parentCode: null,
  geometry: null,
  latitude: 6.439,
  longitude: -75.331,
};
const drawn: IndexedPlace[] = [
  {...medellin, geometry: box(-75.65, 6.2, -75.55, 6.3), ...unplaced},
  {
    placeCode: '05001-14',
    kind: 'district',
    name: 'El Poblado',
    parentCode: '05001',
    geometry: box(-75.6, 6.2, -75.55, 6.25),
    ...unplaced,
  },
  {
    placeCode: '05001-1401',
    kind: 'neighbourhood',
    name: 'Barrio Colombia',
    parentCode: '05001-14',
    geometry: box(-75.58, 6.2, -75.56, 6.23),
    ...unplaced,
  },
  {
    placeCode: '05266',
    kind: 'municipality',
    name: 'Envigado',
    parentCode: null,
    geometry: box(-75.65, 6.1, -75.55, 6.2),
    ...unplaced,
  },
  barbosa,
];

function referenceOf(places: readonly IndexedPlace[]): EnrichReference {
  return {
    places: new PlaceIndex(places),
    municipalityCodes: indexMunicipalities(places),
    grid: new PoiGrid([{poiId: 'mall/1', category: 'mall', latitude: 6.21, longitude: -75.57}]),
  };
}

const reference = referenceOf(drawn);
const listing: EnrichInput = {
  key: 'portal:id:1',
  latitude: 6.212,
  longitude: -75.57,
  municipality: 'MEDELLIN',
  department: 'Antioquia',
  pinListings: 1,
};

describe('locateListing', () => {
  test('a point that can be believed gets codes and what is near', () => {
    expect(locateListing(listing, reference)).toEqual({
      latitude: 6.212,
      longitude: -75.57,
      geoQuality: 'exact',
      municipalityCode: '05001',
      districtCode: '05001-14',
      neighbourhoodCode: '05001-1401',
      access: {mall: {nearestM: 222, nearestId: 'mall/1', within500M: 1, within1000M: 1, within2000M: 1}},
    });
  });

  test.each([
    ['none', null, null],
    ['half', 6.2, null],
    ['zero', 0, 0],
    ['Madrid', 40.4, -3.7],
    ['swapped', -75.57, 6.2],
  ])('missing: %s; the stated name still gives the municipality', (_, latitude, longitude) => {
    expect(locateListing({...listing, latitude, longitude}, reference)).toEqual({
      latitude: null,
      longitude: null,
      geoQuality: 'missing',
      municipalityCode: '05001',
      districtCode: null,
      neighbourhoodCode: null,
      access: null,
    });
  });

  test.each([
    ['in Envigado, stated Medellín', 6.15, -75.6, 'Medellín', 'outside'],
    ['in Bogotá, stated Medellín', 4.65, -74.05, 'Medellín', 'outside'],
    ['30 m over the border', 6.1997, -75.6, 'Medellín', 'exact'],
    ['200 m over the border', 6.1982, -75.6, 'Medellín', 'outside'],
    ['20 km from the centre of a municipality without polygon', 6.439, -75.15, 'Barbosa', 'exact'],
    ['28 km from it', 6.439, -75.07, 'Barbosa', 'outside'],
    ['in a place nobody knows', 4.65, -74.05, 'Bogotá', 'exact'],
    ['no municipality stated', 6.15, -75.6, null, 'exact'],
  ] as const)('%s', (_, latitude, longitude, municipality, geoQuality) => {
    expect(locateListing({...listing, latitude, longitude, municipality}, reference)).toMatchObject({
      geoQuality,
    });
  });

  test('outside: the stated municipality counts, the point does not', () => {
    expect(locateListing({...listing, latitude: 6.15, longitude: -75.6}, reference)).toEqual({
      latitude: 6.15,
      longitude: -75.6,
      geoQuality: 'outside',
      municipalityCode: '05001',
      districtCode: null,
      neighbourhoodCode: null,
      access: null,
    });
  });

  test('a department that is not Antioquia means another Barbosa', () => {
    const santander = {
      ...listing,
      latitude: 5.93,
      longitude: -73.61,
      municipality: 'Barbosa',
      department: 'Santander',
    };
    expect(locateListing(santander, reference)).toMatchObject({geoQuality: 'exact', municipalityCode: null});
  });

  test('from twenty listings on a pin is shared; known pins always are', () => {
    expect(locateListing({...listing, pinListings: 19}, reference).geoQuality).toBe('exact');
    const shared = locateListing({...listing, pinListings: 20}, reference);
    expect(shared).toMatchObject({geoQuality: 'shared_pin', neighbourhoodCode: '05001-1401'});
    expect(shared.access).not.toBeNull();
    const known = locateListing({...listing, latitude: 6.20162, longitude: -75.57209}, reference);
    expect(known.geoQuality).toBe('shared_pin');
  });

  test('without any polygon the municipality comes from its name', () => {
    const bare = referenceOf([{...medellin, geometry: null, latitude: 6.2466, longitude: -75.5818}, barbosa]);
    expect(locateListing(listing, bare)).toMatchObject({
      geoQuality: 'exact',
      municipalityCode: '05001',
      districtCode: null,
      neighbourhoodCode: null,
    });
    expect(locateListing({...listing, municipality: null}, bare)).toMatchObject({municipalityCode: null});
  });
});

test('a pin is 1e-4 degrees', () => {
  expect(pinOf(6.20164, -75.57214)).toBe('62016/-755721');
});
