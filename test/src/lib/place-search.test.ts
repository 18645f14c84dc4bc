import {describe, expect, test} from 'vitest';
import {readPlaceAliases, readReferencePlaces} from '../../../src/imports/reference.ts';
import type {IndexedPlace} from '../../../src/lib/geo-places.ts';
import {PlaceSearch, placeKey} from '../../../src/lib/place-search.ts';

test.each([
  ['Sta. María de los Ángeles', 'SANTA MARIA ANGELES'],
  ['El Poblado', 'Poblado'],
  ['Comuna 14 - El Poblado', 'poblado'],
  ['Santo Domingo Savio No.1', 'Santo Domingo Savio I'],
  ['Barrio La Floresta', 'floresta'],
])('%s is %s', (one, other) => {
  expect(placeKey(one)).toBe(placeKey(other));
});

const barrio = (placeCode: string, name: string): IndexedPlace => ({
  placeCode,
  kind: 'neighbourhood',
  name,
  parentCode: placeCode.slice(0, 8),
  geometry: null,
  latitude: null,
  longitude: null,
});
const barrios = [
  barrio('05001-1408', 'El Poblado'),
  barrio('05001-1401', 'Las Lomas No.1'),
  barrio('05001-1402', 'Las Lomas No.2'),
  barrio('05001-1101', 'Laureles'),
  barrio('05001-1601', 'Fátima'),
];

async function searchOf(): Promise<PlaceSearch> {
  const places = (await readReferencePlaces()).map(row => ({
    ...row,
    parentCode: row.parentCode ?? null,
    geometry: null,
    latitude: null,
    longitude: null,
  }));
  return new PlaceSearch([...places, ...barrios], await readPlaceAliases());
}

describe('names of adverts', () => {
  test.each([
    ['a district word as neighbourhood', null, 'Poblado', '05001-14', 'name', null],
    ['a popular name', null, 'Loma del Indio', '05001-14', 'alias', null],
    ['a neighbourhood names its district', null, 'laureles', '05001-11', 'name', '05001-1101'],
    ['a popular name of a neighbourhood', null, 'Belén Fátima', '05001-16', 'alias', '05001-1601'],
    ['a number in words', 'El Poblado', 'Lomas II', '05001-14', 'name', '05001-1402'],
    ['both numbers', 'El Poblado', 'Las Lomas', '05001-14', 'name', null],
    ['nothing known', null, 'Narnia', null, null, null],
  ])('%s', async (_, district, neighbourhood, districtCode, by, neighbourhoodCode) => {
    const found = (await searchOf()).find('05001', district, neighbourhood);
    expect(found.district?.code ?? null).toBe(districtCode);
    expect(found.neighbourhood?.code ?? null).toBe(neighbourhoodCode);
    expect((found.neighbourhood ?? found.district)?.by ?? null).toBe(by);
  });

  test('another municipality has names of its own', async () => {
    const found = (await searchOf()).find('05266', 'El Poblado', 'Laureles');
    expect(found).toEqual({district: null, neighbourhood: null});
  });
});
