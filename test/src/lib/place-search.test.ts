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
  barrio('05001-1405', 'Lalinde'),
  barrio('05001-1417', 'La Florida'),
  barrio('05001-8001', 'La Florida'),
  barrio('05001-0711', 'El Diamante'),
  barrio('05001-1413', 'El Diamante No.2'),
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
    ['a popular name', null, 'Loma del Indio', '05001-09', 'alias', null],
    ['a name of both, a district and its barrio', null, 'laureles', '05001-11', 'name', null],
    ['a neighbourhood names its district', null, 'fatima', '05001-16', 'name', '05001-1601'],
    ['its district before it', null, 'Belén Fátima', '05001-16', 'name', '05001-1601'],
    ['its district after it', null, 'Fátima, Belén', '05001-16', 'name', '05001-1601'],
    ['a district beside an unknown name', null, 'El Poblado Narnia', '05001-14', 'name', null],
    ['the zone of the city after it', null, 'Fátima, Suroccidente', '05001-16', 'name', '05001-1601'],
    ['the zone before it', null, 'Occidente, Laureles', '05001-11', 'name', null],
    ['a word parted', null, 'La Linde', '05001-14', 'name', '05001-1405'],
    ['an abbreviation', null, 'Urb. Lalinde', '05001-14', 'name', '05001-1405'],
    ['of a barrio and a vereda the one adverts mean', null, 'La Florida', '05001-14', 'alias', '05001-1417'],
    ['unless the advert says where', 'San Antonio de Prado', 'La Florida', '05001-80', 'name', '05001-8001'],
    ['the name as it stands before one with a number', null, 'El Diamante', '05001-07', 'name', '05001-0711'],
    ['an official name that adverts use elsewhere', null, 'La Frontera', '05001-14', 'alias', null],
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
