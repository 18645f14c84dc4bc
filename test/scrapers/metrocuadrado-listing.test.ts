import {describe, expect, it} from 'vitest';
import metrocuadrado from '../../scrapers/metrocuadrado.ts';
import {keepPage} from '../../scrapers/metrocuadrado-keep.ts';
import {readListing, readSearchListing} from '../../scrapers/metrocuadrado-listing.ts';
import {RecordShapeError} from '../../src/domain/errors.ts';
import type {JsonValue} from '../../src/domain/page.ts';
import {redactJson} from '../../src/portal/redact.ts';
import {isObject, lookUp} from '../../src/portal/take.ts';
import {readFixture, without} from './fixture.ts';

const stateOf = (name: string) =>
  redactJson(
    keepPage(readFixture(`metrocuadrado/${name}.html`)).state,
    metrocuadrado.redact,
    'a key for tests',
  );
const listOf = (value: JsonValue | undefined) => (Array.isArray(value) ? value : []);
const [AGENCY = null, , PROJECT = null] = listOf(lookUp(stateOf('search'), 'initialResults.results'));
const HOUSE = lookUp(stateOf('listing'), 'listing') ?? null;

type Change = {readonly [key: string]: JsonValue};
const changed = (record: JsonValue, change: Change): JsonValue => {
  if (!isObject(record)) throw new Error('the fixture has no listing');
  return {...record, ...change};
};
const itemWith = (change: Change) => readSearchListing(changed(AGENCY, change));
const projectWith = (change: Change) => readSearchListing(changed(PROJECT, change));
const houseWith = (change: Change) => readListing(changed(HOUSE, change));

describe('mandatory fields', () => {
  it.each([
    ...[
      'midinmueble',
      'link',
      'data',
      'mtipoinmueble',
      'mtipoinmueble.nombre',
      'mtiponegocio',
      'mvalorventa',
    ],
    ...['mciudad', 'mciudad.nombre', 'featured', 'advertiser'],
  ])('a search item without %s throws, naming it', path => {
    const read = () => readSearchListing(without(AGENCY, path));
    expect(read).toThrow(RecordShapeError);
    expect(read).toThrow(`$.${path}: expected`);
  });

  it.each([
    ...[
      'propertyId',
      'detail',
      'detail.urlDetail',
      'propertyType',
      'propertyType.nombre',
      'businessType',
      'salePrice',
    ],
    ...['city', 'city.nombre', 'featured', 'advertiser'],
  ])('a listing page without %s throws, naming it', path => {
    const read = () => readListing(without(HOUSE, path));
    expect(read).toThrow(RecordShapeError);
    expect(read).toThrow(`$.${path}: expected`);
  });

  it('an id that is none throws', () => {
    expect(() => itemWith({midinmueble: '[TEL]'})).toThrow(
      '$.midinmueble: expected an advert id, got "[TEL]"',
    );
    expect(() => houseWith({propertyId: 'x'})).toThrow('$.propertyId: expected an advert id');
  });

  it('a price of another type throws, of a project it is not stated', () => {
    expect(() => itemWith({mvalorventa: null})).toThrow('$.mvalorventa: expected number, got nothing');
    expect(projectWith({mvalorventa: null}).listing.offers).toMatchObject([{operation: 'sale', price: null}]);
  });
});

describe('unread keys', () => {
  it('reports a key that the portal added, at any depth', () => {
    expect(itemWith({nueva: 1, mciudad: {id: '2', nombre: 'Medellín', region: 'x'}}).unread).toEqual([
      '$.mciudad.region',
      '$.nueva',
    ]);
    expect(houseWith({nueva: 1, coordinates: {lon: -75, lat: 6, alt: 1500}}).unread).toEqual([
      '$.coordinates.alt',
      '$.nueva',
    ]);
  });
});

describe('unknown words give null and an issue', () => {
  it.each([
    ['property type', {mtipoinmueble: {id: '77', nombre: 'Iglú'}}, 'propertyType', null],
    ['operation', {mtiponegocio: 'permuta'}, 'offers', []],
    ['state', {mestadoinmueble: 'Raro'}, 'condition', null],
    ['age class', {featured: ['tiempoConstruido:Antiguo']}, 'ageYearsMin', null],
    ['advertiser', {advertiser: {kind: 'Bank'}}, 'advertiserKind', null],
    ['count', {mnrocuartos: 'varios'}, 'bedrooms', null],
    ['area', {marea: 'grande', mareac: 0}, 'builtAreaM2', null],
    ['estrato', {estrato: 'comercial'}, 'stratum', null],
    ['floor', {featured: ['nroPiso:PH']}, 'floor', null],
  ] as const)('%s', (_, change, field, expected) => {
    const {listing, issues} = itemWith({featured: [], ...(change as unknown as Change)});
    expect(listing[field]).toEqual(expected);
    expect(issues.map(issue => issue.code)).toEqual(['unknown_word']);
  });

  it('state of publication', () => {
    expect(houseWith({publicationStatus: 'N', featured: []}).issues).toMatchObject([
      {code: 'unknown_word', path: '$.publicationStatus'},
    ]);
  });

  it('a description that the page does not hold', () => {
    const {listing, issues} = itemWith({comment: '$1a'});
    expect([listing.description, issues.at(-1)?.code]).toEqual([null, 'unresolved_reference']);
    expect(itemWith({comment: '$ 350 millones'}).listing.description).toBe('$ 350 millones');
  });
});

describe('offers', () => {
  it('are two where the advert is both for sale and to let', () => {
    const both = {mtiponegocio: 'Venta y Arriendo', mvalorventa: 600_000_000, mvalorarriendo: 3_000_000};
    expect(itemWith(both).listing.offers).toEqual([
      {operation: 'sale', price: 600_000_000, currency: 'COP', adminFeeCop: 450_000},
      {operation: 'rent', price: 3_000_000, currency: 'COP', adminFeeCop: 450_000},
    ]);
  });

  it('leave out a price of an operation that is not offered, with an issue', () => {
    const {listing, issues} = houseWith({rentPrice: 3_000_000, featured: []});
    expect(listing.offers.map(offer => offer.operation)).toEqual(['sale']);
    expect(issues).toMatchObject([{code: 'price_without_operation', path: '$.rentPrice'}]);
  });

  it('of a project may be stated as the lowest one', () => {
    const change = {
      isProject: true,
      salePrice: null,
      priceFrom: 241_000_000,
      area: 0,
      areac: null,
      areacFrom: 30,
    };
    const {listing} = houseWith({...change, rooms: null, roomsFrom: '1'});
    expect(listing).toMatchObject({
      isProject: true,
      offers: [{price: 241_000_000}],
      builtAreaM2: 30,
      bedrooms: 1,
    });
  });
});

describe('zero is not stated', () => {
  it('in prices, counts, areas, fees and coordinates; the estrato keeps its code', () => {
    const {listing} = itemWith({
      mvalorventa: 0,
      data: {mvaloradministracion: '0', murldetalle: ''},
      mnrocuartos: '0',
      mnrobanos: '',
      mnrogarajes: null,
      marea: 0,
      mareac: 0,
      localizacion: {lon: 0, lat: 0},
      estrato: 0,
      featured: ['nroPiso:0', 'nroNiveles:0', 'areaLote:0'],
    });
    expect(listing).toMatchObject({
      offers: [{price: null, adminFeeCop: null}],
      bedrooms: null,
      bathrooms: null,
      parkingSpaces: null,
      builtAreaM2: null,
      privateAreaM2: null,
      landAreaM2: null,
      floor: null,
      floorsCount: null,
      latitude: null,
      longitude: null,
      stratum: 0,
    });
  });
});

describe('areas', () => {
  it.each([
    ['the same twice is built only', {marea: 75, mareac: 75}, [75, null, 260]],
    ['private below built', {marea: 72.34, mareac: 77.53}, [77.53, 72.34, 260]],
    ['private alone', {marea: 60, mareac: null}, [60, 60, 260]],
    [
      'of a plot, land',
      {mtipoinmueble: {id: '9', nombre: 'Lote'}, featured: [], marea: 500},
      [null, null, 500],
    ],
    ['of a project', {areaprivada: 25.83, marea: 29.58, mareac: 29.58}, [29.58, 25.83, 260]],
  ])('%s', (_, change, expected) => {
    const {builtAreaM2, privateAreaM2, landAreaM2} = itemWith(change as Change).listing;
    expect([builtAreaM2, privateAreaM2, landAreaM2]).toEqual(expected);
  });

  it('reports a private area above the built one', () => {
    const {listing, issues} = itemWith({marea: 149.24, mareac: 83.49, featured: []});
    expect([listing.builtAreaM2, listing.privateAreaM2]).toEqual([83.49, 149.24]);
    expect(issues.map(issue => issue.code)).toEqual(['private_area_above_built']);
  });
});

describe('age and state', () => {
  it.each([
    ['Entre 0 y 5 años', [0, 5, 'used']],
    ['Entre 10 y 20 año', [10, 20, 'used']],
    ['Más de 20 años', [20, null, 'used']],
    ['Remodelado', [null, null, 'remodelled']],
    ['Sobre planos', [null, null, 'off_plan']],
    ['En Construccion', [null, null, 'under_construction']],
  ])('%s', (word, expected) => {
    for (const {listing, issues} of [
      houseWith({builtTime: word, featured: []}),
      itemWith({featured: [`tiempoConstruido:${word}`]}),
    ]) {
      expect([listing.ageYearsMin, listing.ageYearsMax, listing.condition]).toEqual(expected);
      expect(listing.isOffPlan).toBe(word === 'Sobre planos');
      expect(issues).toEqual([]);
    }
  });
});

describe('place', () => {
  it.each([
    [{mbarrio: 'LA ALPUJARRA', mnombrecomunbarrio: 'Centro'}, 'La Alpujarra'],
    [{mbarrio: 'NA', mnombrecomunbarrio: 'Centro'}, 'Centro'],
    [{mbarrio: '', mnombrecomunbarrio: 'Casa de [NOMBRE]'}, null],
  ])('%j is %s', (change, barrio) => {
    expect(itemWith(change).listing.neighbourhood).toBe(barrio);
  });

  it('knows buildings and no pictures beyond what a search names', () => {
    expect(itemWith({mtipoinmueble: {id: '5', nombre: 'Edificio de Oficinas'}}).listing.propertyType).toBe(
      'building',
    );
    expect(
      [itemWith({photosCount: 20}), itemWith({photosCount: 19})].map(({listing}) => listing.photosCount),
    ).toEqual([null, 19]);
  });
});
