import {describe, expect, it} from 'vitest';
import {PlaceSearch} from '../../../src/lib/place-search.ts';
import {type KnownPlaces, nameKnownPlace} from '../../../src/valuation/known-place.ts';
import {stagedListing} from '../../support/staged-listing.ts';

const places = [
  {placeCode: '05001', kind: 'municipality', name: 'Medellín', parentCode: null},
  {placeCode: '05266', kind: 'municipality', name: 'Envigado', parentCode: null},
  {placeCode: '05001-11', kind: 'district', name: 'Laureles - Estadio', parentCode: '05001'},
  {placeCode: '05001-1101', kind: 'neighbourhood', name: 'Carlos E. Restrepo', parentCode: '05001-11'},
] as const;
const indexed = places.map(place => ({...place, geometry: null, latitude: null, longitude: null}));
const known: KnownPlaces = {
  places: indexed,
  search: new PlaceSearch(indexed, [{alias: 'Estadio', officialCode: '05001-11'}]),
  municipalityAt: latitude => (latitude < 6.2 ? '05266' : null),
  municipalityCodes: new Map([
    ['medellin', '05001'],
    ['envigado', '05266'],
  ]),
  stated: [
    {municipality: 'Medellín', name: 'Conquistadores'},
    {municipality: 'Envigado', name: 'Zúñiga'},
  ],
};

function name(changes: object) {
  const home = {municipality: null, neighbourhood: null, latitude: null, longitude: null, ...changes};
  const {municipality, district, neighbourhood} = nameKnownPlace(stagedListing(home), known);
  return {municipality, district, neighbourhood};
}

describe('nameKnownPlace', () => {
  it('means Medellín when nothing is said, and nothing where a known area holds the point', () => {
    expect(name({}).municipality).toBe('Medellín');
    expect(name({latitude: 6.17, longitude: -75.58}).municipality).toBeNull();
    expect(name({latitude: 6.25, longitude: -75.58}).municipality).toBe('Medellín');
    expect(name({municipality: 'ENVIGADO'}).municipality).toBe('Envigado');
  });

  it('says places as the market does, else by their official name', () => {
    expect(name({neighbourhood: 'CONQUISTADORES'}).neighbourhood).toBe('Conquistadores');
    expect(name({neighbourhood: 'barrio carlos e restrepo'}).neighbourhood).toBe('Carlos E. Restrepo');
    expect(name({neighbourhood: 'estadio'}).neighbourhood).toBe('Laureles - Estadio');
    expect(name({municipality: 'envigado', neighbourhood: 'zuniga'}).neighbourhood).toBe('Zúñiga');
  });

  it('refuses a name nobody knows, with the nearest of the same town', () => {
    expect(() => name({neighbourhood: 'Conquistodores'})).toThrow(
      'no neighbourhood "Conquistodores" is known in Medellín. Did you mean Conquistadores?',
    );
    expect(() => name({neighbourhood: 'Zuñiga'})).toThrow(
      /is known in Medellín\. Name the municipality with/,
    );
    expect(() => name({municipality: 'Envigao'})).toThrow(/Did you mean Envigado\?/);
  });

  it('needs no known name where there is a point', () => {
    const found = name({neighbourhood: 'Urbanización Nueva', latitude: 6.245, longitude: -75.59});
    expect(found.neighbourhood).toBe('Urbanización Nueva');
  });
});
