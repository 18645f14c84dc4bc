import {describe, expect, test} from 'vitest';
import {defineMapping, type MappingInput} from '../../../src/imports/mapping.ts';
import {compileMapping, unreadColumns} from '../../../src/imports/mapping-rows.ts';
import type {Cell} from '../../../src/imports/readers-table.ts';

const SETTINGS = {hashKey: 'a key of the installation', file: 'export.csv'};

const BASE: MappingInput = {
  name: 'toy-export',
  portal: 'toy',
  idSpace: 'id',
  observedOn: {date: '2026-11-20'},
  scope: {operation: 'by row', propertyType: 'by row', place: 'antioquia/medellin'},
  fields: {portalListingId: 'id', propertyType: 'tipo'},
  offers: {operations: 'negocio', price: {sale: 'venta', rent: 'arriendo'}},
};

function readRow(mapping: MappingInput, values: Record<string, Cell>) {
  const row = {id: '7', tipo: 'Casa', negocio: 'Venta', venta: '400000000', arriendo: '', ...values};
  const read = compileMapping(defineMapping(mapping), Object.keys(row), SETTINGS);
  return read({row: 3, cells: Object.values(row)});
}

/** The listing of a row; fails the test when the row is rejected. */
function listing(fields: Partial<MappingInput['fields']>, values: Record<string, Cell>) {
  const row = readRow({...BASE, fields: {...BASE.fields, ...fields}}, values);
  if (row.kind !== 'listing') throw new Error(row.message);
  return row;
}

describe('fields', () => {
  test.each<[string, Partial<MappingInput['fields']>, Record<string, Cell>, object]>([
    ['a count', {bedrooms: 'h'}, {h: 'Más de 10'}, {bedrooms: 11}],
    ['estrato as text', {stratum: 'e'}, {e: 'Estrato 3'}, {stratum: 3}],
    ['estrato as number', {stratum: 'e'}, {e: 3}, {stratum: 3}],
    ['a decimal of a program', {builtAreaM2: 'a'}, {a: '480.0'}, {builtAreaM2: 480}],
    [
      'an area as people write it',
      {builtAreaM2: {column: 'a', as: 'area'}},
      {a: '1.238,50 m2'},
      {builtAreaM2: 1238.5},
    ],
    ['a class of years', {age: 'g'}, {g: '9 a 15 años'}, {ageYearsMin: 9, ageYearsMax: 15}],
    ['a place', {municipality: 'c'}, {c: 'MEDELLIN'}, {municipality: 'Medellín'}],
    ['coordinates keep 6 decimals', {latitude: 'y'}, {y: '6.21400022506713'}, {latitude: 6.214}],
    [
      'a translated word',
      {advertiserKind: {column: 'k', words: {broker: 'agency'}}},
      {k: 'BROKER'},
      {advertiserKind: 'agency'},
    ],
    ['a fixed value', {department: {value: 'Antioquia'}}, {}, {department: 'Antioquia'}],
    ['a flag', {isOffPlan: {column: 's', equals: ['SOBRE PLANO']}}, {s: 'sobre plano'}, {isOffPlan: true}],
    [
      'a date',
      {publishedOn: {column: 'd', format: 'M/D/YYYY'}},
      {d: '9/14/2020 2:41:45 PM'},
      {publishedOn: '2020-09-14'},
    ],
    [
      'lists',
      {amenities: {columns: ['i', 'j']}},
      {i: 'balcon, ascensor', j: 'balcon'},
      {amenities: ['ascensor', 'balcon']},
    ],
    [
      'an address',
      {url: {column: 'u', pattern: '(/casa.*)$', prefix: 'https://toy.example'}},
      {u: 'x/casa-7'},
      {url: 'https://toy.example/casa-7'},
    ],
    [
      'nothing stated',
      {bedrooms: 'h', stratum: 'e'},
      {h: 'Sin especificar', e: 'Campestre'},
      {bedrooms: null, stratum: null},
    ],
  ])('%s', (_name, fields, values, expected) => {
    const row = listing(fields, values);
    expect(row.listing).toMatchObject(expected);
    expect(row.issues).toEqual([]);
  });

  test('an unknown word is null and an issue, never a default', () => {
    const row = listing({bedrooms: 'h'}, {h: 'varias', tipo: 'Iglú'});
    expect(row.listing).toMatchObject({bedrooms: null, propertyType: null});
    expect(row.issues).toMatchObject([
      {code: 'unknown_word', path: 'tipo', value: '"Iglú"'},
      {code: 'unknown_word', path: 'h', value: '"varias"'},
    ]);
  });

  test('personal data is gone, advertisers are pseudonyms', () => {
    const row = listing(
      {description: 'texto', advertiserKey: 'anunciante'},
      {texto: 'Llama al 300 123 4567 o a ventas@toy.example', anunciante: '12345'},
    );
    expect(row.listing.description).not.toMatch(/300|ventas@/);
    expect(row.listing.advertiserKey).toMatch(/^adv_[0-9a-f]{24}$/);
  });
});

describe('offers and scopes', () => {
  test('sale and rent: two offers, two scopes', () => {
    const row = listing({}, {negocio: 'VENTA Y ARRIENDO', arriendo: '2000000'});
    expect(row.listing.offers.map(({operation, price}) => [operation, price])).toEqual([
      ['sale', 400_000_000],
      ['rent', 2_000_000],
    ]);
    expect(row.operations).toEqual(['sale', 'rent']);
  });

  test('only rent: the sale column is not an offer', () => {
    const row = listing({}, {negocio: 'Arriendo', venta: '0', arriendo: '2000000'});
    expect(row.listing.offers.map(offer => offer.operation)).toEqual(['rent']);
  });

  test('an unknown operation has no offer and no scope of its own', () => {
    expect(listing({}, {negocio: 'Permuta'})).toMatchObject({operations: [null], listing: {offers: []}});
  });
});

describe('rows that can’t become an observation', () => {
  test.each([['0'], [''], [null]])('id %s', id => {
    expect(readRow(BASE, {id})).toMatchObject({kind: 'rejected', row: 3, rule: 'no_id', day: '2026-11-20'});
  });

  test('a day that can’t be read', () => {
    const mapping = {...BASE, observedOn: {column: 'dia', format: 'DD-MM-YYYY'} as const};
    expect(readRow(mapping, {dia: '31-02-2026'})).toMatchObject({kind: 'rejected', rule: 'no_day'});
    expect(readRow(mapping, {dia: '28-02-2026'})).toMatchObject({kind: 'listing', day: '2026-02-28'});
  });
});

describe('mappings that can’t work', () => {
  test('missing columns are named', () => {
    expect(() => compileMapping(defineMapping(BASE), ['id', 'tipo', 'negocio'], SETTINGS)).toThrow(
      /export.csv: the mapping toy-export needs columns the file lacks: venta, arriendo/,
    );
  });

  test('no day', () => {
    const {observedOn: _, ...undated} = BASE;
    expect(() => readRow(undated, {})).toThrow(/--observed-on/);
  });

  test('a day given twice', () => {
    const mapping = defineMapping({...BASE, observedOn: {column: 'dia', format: 'YYYY-MM-DD'}});
    const columns = ['id', 'tipo', 'negocio', 'venta', 'arriendo', 'dia'];
    expect(() => compileMapping(mapping, columns, {...SETTINGS, observedOn: '2026-01-01'})).toThrow(
      /leave out/,
    );
  });

  test.each<[string, object, RegExp]>([
    ['an unknown key', {...BASE, colour: 'red'}, /colour/],
    ['an unknown field', {...BASE, fields: {...BASE.fields, roof: 'x'}}, /roof/],
    [
      'a bad expression',
      {...BASE, fields: {...BASE.fields, url: {column: 'u', pattern: '('}}},
      /not a regular expression/,
    ],
    ['complete without one scope', {...BASE, complete: true}, /can't be complete/],
  ])('%s', (_name, mapping, message) => {
    expect(() => defineMapping(mapping)).toThrow(message);
  });
});

test('unread columns are those neither mapped nor ignored', () => {
  const mapping = defineMapping({...BASE, ignore: ['foto']});
  expect(unreadColumns(mapping, ['id', 'tipo', 'negocio', 'venta', 'arriendo', 'foto', 'nuevo'])).toEqual([
    'nuevo',
  ]);
});
