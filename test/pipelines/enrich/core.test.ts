import {describe, expect, test} from 'vitest';
import {
  type EnrichInput,
  type EnrichReference,
  indexCentres,
  indexMunicipalities,
  locateListing,
} from '../../../pipelines/enrich/core.ts';
import {PoiGrid} from '../../../src/lib/geo-grid.ts';
import {type IndexedPlace, PlaceIndex} from '../../../src/lib/geo-places.ts';
import {PlaceSearch} from '../../../src/lib/place-search.ts';
import {fitStratumEstimator} from '../../../src/lib/stratum-estimator.ts';
import {accessOf} from '../../support/access.ts';

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
    search: new PlaceSearch(places, []),
    centres: indexCentres(places),
    strata: null,
    grid: new PoiGrid([{poiId: 'mall/1', poiNumber: 5, category: 'mall', latitude: 6.21, longitude: -75.57}]),
  };
}

const reference = referenceOf(drawn);
const listing: EnrichInput = {
  key: 'portal:id:1',
  latitude: 6.2124,
  longitude: -75.5703,
  municipality: 'MEDELLIN',
  department: 'Antioquia',
  district: null,
  neighbourhood: null,
  stratum: null,
  correction: null,
  pinListings: 1,
  pinNeighbourhoods: 1,
};

describe('locateListing', () => {
  test('a point that can be believed gets codes and what is near', () => {
    expect(locateListing(listing, reference)).toEqual({
      latitude: 6.2124,
      longitude: -75.5703,
      geoQuality: 'exact',
      municipalityCode: '05001',
      districtCode: '05001-14',
      neighbourhoodCode: '05001-1401',
      conflicts: [],
      evidence: {
        municipality: {by: 'polygon'},
        district: {by: 'polygon'},
        neighbourhood: {by: 'polygon'},
        point: 'a point of its own',
        conflicts: [],
      },
      estimatedStratum: null,
      estimatedStratumConfidence: null,
      ...accessOf({mall: {nearest: [[5, 269]], within: [1, 1, 1], gravity: 0.753}}),
    });
  });

  test.each([
    ['none', null, null],
    ['half', 6.2, null],
    ['zero', 0, 0],
    ['Madrid', 40.4, -3.7],
  ])('missing: %s; the stated name still gives the municipality', (_, latitude, longitude) => {
    expect(locateListing({...listing, latitude, longitude}, reference)).toMatchObject({
      latitude: null,
      longitude: null,
      geoQuality: 'missing',
      municipalityCode: '05001',
      districtCode: null,
      neighbourhoodCode: null,
      nearestM: null,
    });
  });

  test.each([
    ['in Envigado, stated Medellín', 6.15, -75.6, 'Medellín', 'outside'],
    ['in Bogotá, stated Medellín', 4.65, -74.05, 'Medellín', 'outside'],
    ['30 m over the border', 6.1997, -75.6001, 'Medellín', 'exact'],
    ['200 m over the border', 6.1982, -75.6, 'Medellín', 'outside'],
    ['20 km from the centre of a municipality without polygon', 6.4391, -75.1501, 'Barbosa', 'exact'],
    ['28 km from it', 6.439, -75.07, 'Barbosa', 'outside'],
    ['in a place nobody knows', 4.6501, -74.0501, 'Bogotá', 'exact'],
    ['no municipality stated', 6.1501, -75.6001, null, 'exact'],
  ] as const)('%s', (_, latitude, longitude, municipality, geoQuality) => {
    expect(locateListing({...listing, latitude, longitude, municipality}, reference)).toMatchObject({
      geoQuality,
    });
  });

  test('outside: the stated municipality counts, the point does not', () => {
    expect(locateListing({...listing, latitude: 6.15, longitude: -75.6}, reference)).toMatchObject({
      latitude: 6.15,
      longitude: -75.6,
      geoQuality: 'outside',
      municipalityCode: '05001',
      districtCode: null,
      neighbourhoodCode: null,
      nearestM: null,
    });
  });

  test('a department that is not Antioquia means another Barbosa', () => {
    const santander = {
      ...listing,
      latitude: 5.9312,
      longitude: -73.6123,
      municipality: 'Barbosa',
      department: 'Santander',
    };
    expect(locateListing(santander, reference)).toMatchObject({geoQuality: 'exact', municipalityCode: null});
  });

  test('from twenty listings on a pin is shared; known pins always are', () => {
    expect(locateListing({...listing, pinListings: 19}, reference).geoQuality).toBe('exact');
    const shared = locateListing({...listing, pinListings: 20}, reference);
    expect(shared).toMatchObject({geoQuality: 'shared_pin', neighbourhoodCode: '05001-1401'});
    expect(shared.nearestM).toBeNull();
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

describe('what the advert says and what the point says', () => {
  test('a swapped pair is turned round, and says so', () => {
    const found = locateListing({...listing, latitude: -75.5703, longitude: 6.2124}, reference);
    expect(found).toMatchObject({latitude: 6.2124, longitude: -75.5703, geoQuality: 'exact'});
    expect(found.evidence.point).toMatch(/were swapped/);
    const cleaned = locateListing({...listing, correction: 'coordinates_swapped'}, reference);
    expect(cleaned.evidence.point).toMatch(/were swapped/);
  });

  test('three decimals are approximate, the middle of an area is a centroid', () => {
    const coarse = locateListing({...listing, latitude: 6.212, longitude: -75.571}, reference);
    expect(coarse).toMatchObject({geoQuality: 'approximate', neighbourhoodCode: '05001-1401'});
    expect(coarse.nearestM).not.toBeNull();
    const middle = locateListing(
      {...listing, municipality: 'Barbosa', latitude: 6.43901, longitude: -75.33102},
      reference,
    );
    expect(middle).toMatchObject({geoQuality: 'centroid', nearestM: null});
    expect(middle.evidence.point).toBe('the middle of Barbosa');
  });

  test('adverts of three neighbourhoods on one point share an agency', () => {
    const mixed = {...listing, pinListings: 6, pinNeighbourhoods: 3};
    expect(locateListing(mixed, reference).geoQuality).toBe('shared_pin');
    expect(locateListing({...mixed, pinNeighbourhoods: 2}, reference).geoQuality).toBe('exact');
    expect(locateListing({...mixed, pinListings: 4}, reference).geoQuality).toBe('exact');
  });

  test('without a point, and on a shared pin, the stated names decide', () => {
    const named = {
      ...listing,
      district: 'Poblado',
      neighbourhood: 'B. Colombia',
      latitude: null,
      longitude: null,
    };
    const missing = locateListing({...named, neighbourhood: 'barrio COLOMBIA'}, reference);
    expect(missing).toMatchObject({
      districtCode: '05001-14',
      neighbourhoodCode: '05001-1401',
      geoQuality: 'missing',
    });
    expect(missing.evidence.neighbourhood).toEqual({by: 'name', stated: 'barrio COLOMBIA'});
    const shared = locateListing(
      {...listing, pinListings: 40, district: 'El Poblado', latitude: 6.2402},
      reference,
    );
    expect(shared).toMatchObject({districtCode: '05001-14', neighbourhoodCode: null, nearestM: null});
  });

  test('a point far from the stated district is a conflict, near by it is not', () => {
    const far = {...listing, district: 'El Poblado', latitude: 6.2801, longitude: -75.6303};
    expect(locateListing(far, reference)).toMatchObject({
      conflicts: ['district'],
      geoQuality: 'exact',
      evidence: {conflicts: [expect.stringMatching(/says El Poblado, the point lies \d{4} m from it/)]},
    });
    expect(locateListing({...far, latitude: 6.2501, longitude: -75.5703}, reference).conflicts).toEqual([]);
  });

  test('strata: estimated from homes around, and held against the stated one', () => {
    const homes = Array.from({length: 400}, (_, index) => ({
      latitude: 6.2124 + ((index % 20) - 10) * 2e-4,
      longitude: -75.5703 + (Math.floor(index / 20) - 10) * 2e-4,
      stratum: 5,
      blockCode: String(index),
      neighbourhoodCode: '05001-1401',
    }));
    const strata = fitStratumEstimator(homes);
    const found = locateListing({...listing, stratum: 3}, {...reference, strata});
    expect(found).toMatchObject({estimatedStratum: 5, estimatedStratumConfidence: 1, conflicts: ['stratum']});
    expect(locateListing({...listing, stratum: 5}, {...reference, strata}).conflicts).toEqual([]);
    const unplaced = {...listing, latitude: null, longitude: null, neighbourhood: 'Barrio Colombia'};
    expect(locateListing(unplaced, {...reference, strata})).toMatchObject({estimatedStratum: 5});
  });
});
