import {describe, expect, it} from 'vitest';
import {cleanListing} from '../../pipelines/clean/core.ts';
import fincaraiz from '../../scrapers/fincaraiz.ts';
import {readListing} from '../../scrapers/fincaraiz-listing.ts';
import {RecordShapeError} from '../../src/domain/errors.ts';
import type {JsonValue} from '../../src/domain/page.ts';
import {cutScriptById} from '../../src/portal/embedded.ts';
import {redactJson} from '../../src/portal/redact.ts';
import {isObject, lookUp} from '../../src/portal/take.ts';
import {readFixture, without} from './fixture.ts';

const STATE = cutScriptById(readFixture('fincaraiz/listing.html'), '__NEXT_DATA__');
const FLAT = redactJson(lookUp(STATE, 'props.pageProps.data') ?? null, fincaraiz.redact, 'a key for tests');
const HOME = 'https://www.fincaraiz.com.co';

/** The flat with other values for some of its keys. */
function flatWith(change: {[key: string]: JsonValue}) {
  if (!isObject(FLAT)) throw new Error('the fixture has no listing');
  return readListing({...FLAT, ...change}, HOME);
}

const sheetOf = (...rows: [field: string, value: JsonValue, text: string][]): JsonValue =>
  rows.map(([field, value, text]) => ({field, value, text}));

describe('mandatory fields', () => {
  it.each([
    'id',
    'link',
    'property_type',
    'property_type.name',
    'operation_type',
    'operation_type.id',
    'price',
    'price.amount',
    'price.currency',
    'price.currency.id',
    'locations',
    'locations.location_main',
    'locations.location_main.name',
  ])('throws without %s, naming it', path => {
    const read = () => readListing(without(FLAT, path), HOME);
    expect(read).toThrow(RecordShapeError);
    expect(read).toThrow(`$.${path}: expected`);
  });

  it('does without a price that is on request', () => {
    const reading = flatWith({price: {hidePrice: true, currency: {id: 4, name: '$', rate: 1}}});
    expect(reading.listing.offers).toEqual([
      {operation: 'sale', price: null, currency: 'COP', adminFeeCop: 450_000},
    ]);
  });
});

describe('unread keys', () => {
  it('reports a key that the portal added, at any depth', () => {
    expect(flatWith({nuevaClave: 1}).unread).toContain('$.nuevaClave');
    const price = {
      amount: 1,
      admin_included: 1,
      hidePrice: false,
      currency: {id: 4, name: '$', rate: 1, iso: 'COP'},
    };
    expect(flatWith({price}).unread).toContain('$.price.currency.iso');
    const sheet: JsonValue = [{field: 'floor', value: '1', text: 'Piso N°', unit: 'x'}];
    expect(flatWith({technicalSheet: sheet}).unread).toContain('$.technicalSheet[].unit');
  });

  it('reports a fact of the sheet that nobody reads', () => {
    const {issues} = flatWith({technicalSheet: sheetOf(['pool', 'Sí', 'Piscina'])});
    expect(issues.map(issue => issue.code)).toEqual(['unknown_sheet_field']);
  });
});

describe('unknown words give null and an issue', () => {
  it.each([
    ['property type', {property_type: {id: 77, name: 'Iglú'}}, 'propertyType', null],
    ['operation', {operation_type: {id: 4, name: 'Temporal'}}, 'offers', []],
    ['state', {technicalSheet: sheetOf(['construction_state_name', 'Raro', 'Estado'])}, 'condition', null],
    [
      'age class',
      {technicalSheet: sheetOf(['constructionYear', 'antiguo', 'Antigüedad']), antiquity: null},
      'ageYearsMin',
      null,
    ],
    ['advertiser', {owner: {id: 'adv_1', type: 'banco', particular: false}}, 'advertiserKind', null],
    ['day', {created_at: '01/02/2026'}, 'publishedOn', null],
  ] as const)('%s', (_, change, field, expected) => {
    const {listing, issues} = flatWith(change as unknown as {[key: string]: JsonValue});
    expect(listing[field]).toEqual(expected);
    expect(issues.map(issue => issue.code)).toContain('unknown_word');
  });

  it('leaves the price out when the currency is unknown', () => {
    const {listing, issues} = flatWith({
      price: {amount: 5, hidePrice: false, currency: {id: 9, name: '€', rate: 1}},
    });
    expect(listing.offers[0]?.price).toBeNull();
    expect(issues.map(issue => issue.path)).toEqual(['$.price.currency.name']);
  });
});

describe('projects', () => {
  const unit = (amount: number): JsonValue => ({
    ...{id: 1, title: 'Tipo A', bedrooms: 2, bathrooms: 2, m2: 54.2},
    price: {amount, currency: {id: 4, name: '$'}},
  });
  const priceOf = (amount: number) => ({
    ...{amount, admin_included: amount, hidePrice: false},
    currency: {id: 4, name: '$', rate: 1},
  });

  it.each<[string, {[key: string]: JsonValue}]>([
    ['isProject', {isProject: true}],
    ['isProjectUnit', {isProjectUnit: true}],
    ['its address', {link: '/proyectos-vivienda/proyecto/190000002'}],
    ['units under project', {project: [unit(250_000_000)]}],
    ['units under commercial_units', {commercial_units: [unit(250_000_000)]}],
  ])('are told by %s', (_, change) => {
    expect(flatWith(change).listing.isProject).toBe(true);
  });

  it('a used home has empty units, as list or object', () => {
    for (const empty of [[], {}, null] as JsonValue[]) {
      expect(flatWith({project: empty, commercial_units: empty}).listing.isProject).toBe(false);
    }
  });

  it('begin at their cheapest unit where they state no price; a unit without one says 0', () => {
    const units = [unit(310_000_000), unit(0), unit(250_000_000)];
    const without = flatWith({isProject: true, price: priceOf(0), commercial_units: units});
    expect(without.listing.offers[0]).toMatchObject({price: 250_000_000, currency: 'COP'});
    const stated = flatWith({isProject: true, price: priceOf(240_000_000), commercial_units: units});
    expect(stated.listing.offers[0]?.price).toBe(240_000_000);
    const hidden = flatWith({
      ...{isProject: true, commercial_units: units},
      price: {...priceOf(0), hidePrice: true},
    });
    expect(hidden.listing.offers[0]?.price).toBeNull();
  });

  it('never reach the prices of homes', () => {
    const {listing} = flatWith({isProject: true, commercial_units: [unit(250_000_000)]});
    const {exclusions} = cleanListing(listing).listing;
    expect(exclusions).toContain('project');
    expect(cleanListing(flatWith({}).listing).listing.exclusions).not.toContain('project');
  });
});

describe('money', () => {
  const dollars = {
    ...{amount: 120_000, admin_included: 120_000, hidePrice: false},
    currency: {id: 1, name: 'US$', rate: 1},
  };

  it('keeps dollars as dollars, and makes no pesos of them', () => {
    const {listing, issues} = flatWith({price: dollars, technicalSheet: []});
    expect(listing.offers[0]).toMatchObject({price: 120_000, currency: 'USD'});
    expect(issues).toEqual([]);
    expect(cleanListing(listing).listing.offers[0]).toMatchObject({
      ...{priceStated: 120_000, currency: 'USD', priceCop: null},
    });
  });

  it('takes the administration fee apart from the price, in pesos only', () => {
    const price = {...dollars, amount: 265_000_000, admin_included: 265_450_000};
    const pesos = {...price, currency: {id: 4, name: '$', rate: 1}};
    const fee = (currency: JsonValue) => ({amount: 450_000, hidePrice: false, currency});
    const offerOf = (commonExpenses: JsonValue) =>
      flatWith({price: pesos, commonExpenses, technicalSheet: []}).listing.offers[0];
    expect(offerOf(fee({id: 4, name: '$'}))).toMatchObject({price: 265_000_000, adminFeeCop: 450_000});
    expect(offerOf(fee({id: 1, name: 'USD'}))?.adminFeeCop).toBeNull();
    expect(offerOf({amount: 0, hidePrice: false})?.adminFeeCop).toBeNull();
  });
});

describe('zero is not stated', () => {
  it('in counts, areas, fees and coordinates', () => {
    const {listing} = flatWith({
      bedrooms: 0,
      bathrooms: 0,
      garage: 0,
      floor: 0,
      floorsCount: 0,
      m2: 0,
      m2apto: 0,
      technicalSheet: [],
      commonExpenses: {amount: 0, hidePrice: false},
      latitude: 0,
      longitude: 0,
      locations: lookUp(STATE, 'props.pageProps.data.locations') ?? null,
    });
    expect([
      listing.bedrooms,
      listing.bathrooms,
      listing.parkingSpaces,
      listing.floor,
      listing.floorsCount,
    ]).toEqual([null, null, null, null, null]);
    expect([listing.builtAreaM2, listing.privateAreaM2, listing.landAreaM2]).toEqual([null, null, null]);
    expect(listing.offers[0]?.adminFeeCop).toBeNull();
    expect([listing.latitude, listing.longitude], 'the WKT point stands in, longitude first').toEqual([
      6.2, -75.57,
    ]);
  });

  it('but the sheet may know what the number does not', () => {
    const {listing} = flatWith({bedrooms: 0, technicalSheet: sheetOf(['bedrooms', '3', 'Habitaciones'])});
    expect(listing.bedrooms).toBe(3);
  });
});

describe('areas', () => {
  it('tells the two meanings of m2Terrain by its label', () => {
    const m2 = {m2: 100, m2apto: 0};
    expect(
      flatWith({...m2, technicalSheet: sheetOf(['m2Terrain', '1,060.00  m2', 'Área Privada'])}).listing
        .privateAreaM2,
    ).toBe(1060);
    expect(
      flatWith({...m2, technicalSheet: sheetOf(['m2Terrain', '215 m2', 'Área del terreno'])}).listing
        .privateAreaM2,
    ).toBeNull();
  });

  it('takes the one area of a plot as land, and hectares of a farm', () => {
    const plot = flatWith({
      property_type: {id: 3, name: 'Lote'},
      m2: 500,
      m2apto: 0,
      technicalSheet: [],
    }).listing;
    expect([plot.builtAreaM2, plot.landAreaM2]).toEqual([null, 500]);
    expect(flatWith({property_type: {id: 6, name: 'Finca'}, hectares: 2.5}).listing.landAreaM2).toBe(25_000);
  });

  it('reports a sheet that disagrees', () => {
    const {listing, issues} = flatWith({
      m2: 120,
      technicalSheet: sheetOf(['m2Built', '210 m2', 'Área Construida']),
    });
    expect(listing.builtAreaM2).toBe(120);
    expect(issues).toMatchObject([{code: 'sheet_disagrees', path: '$.technicalSheet.m2Built'}]);
  });
});

describe('place', () => {
  it('takes districts of the same city only', () => {
    expect(flatWith({}).listing.district).toBe('El Poblado');
  });

  it('takes no neighbourhood when several overlap and none is the main one', () => {
    expect(flatWith({}).listing.neighbourhood).toBeNull();
  });
});

describe('age', () => {
  it('comes from the sheet, else from the code', () => {
    const ageOf = (antiquity: JsonValue, ...rows: [string, JsonValue, string][]) => {
      const {listing} = flatWith({antiquity, technicalSheet: sheetOf(...rows)});
      return [listing.ageYearsMin, listing.ageYearsMax];
    };
    expect(ageOf(1, ['constructionYear', '9 a 15 años', 'Antigüedad'])).toEqual([9, 15]);
    expect(ageOf(4)).toEqual([16, 30]);
    expect(ageOf(0)).toEqual([null, null]);
    expect(ageOf(null, ['constructionYear', '', 'Antigüedad'])).toEqual([null, null]);
  });
});
