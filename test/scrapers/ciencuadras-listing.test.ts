import {describe, expect, it} from 'vitest';
import ciencuadras from '../../scrapers/ciencuadras.ts';
import {readListing} from '../../scrapers/ciencuadras-listing.ts';
import {RecordShapeError} from '../../src/domain/errors.ts';
import type {JsonValue} from '../../src/domain/page.ts';
import {redactContent} from '../../src/portal/redact.ts';
import {isObject, lookUp} from '../../src/portal/take.ts';
import {readFixture, without} from './fixture.ts';

const HOME = 'https://www.ciencuadras.com';
const {state: HOUSE} = redactContent(
  ciencuadras.keep(readFixture('ciencuadras/listing.html')),
  ciencuadras.redact,
  'a key for tests',
);

/** The house with other values for keys of one of its objects. */
function houseWith(change: {[key: string]: JsonValue}, path = 'detail.generalData') {
  const state: JsonValue = structuredClone(HOUSE);
  const at = lookUp(state, path);
  if (!isObject(at)) throw new Error(`the fixture has no ${path}`);
  Object.assign(at, change);
  return readListing(state, HOME);
}

const sale = {businessType: 'Venta', leaseFee: '0'};
const rent = {businessType: 'Arriendo', price: '0'};

describe('mandatory fields', () => {
  it.each([
    'path',
    'route',
    'detail',
    'detail.generalData',
    'detail.generalData.propertyId',
    'detail.generalData.businessType',
    'detail.generalData.propertyType',
    'detail.generalData.cityName',
    'detail.generalData.departmentName',
    'detail.generalData.price',
    'detail.generalData.leaseFee',
  ])('throws without %s, naming it', path => {
    const read = () => readListing(without(HOUSE, path), HOME);
    expect(read).toThrow(RecordShapeError);
    expect(read).toThrow(`$.${path}: expected`);
  });
});

describe('unread keys', () => {
  it.each([
    ['detail.generalData', '$.detail.generalData.nueva'],
    ['detail.galleryData', '$.detail.galleryData.nueva'],
    ['detail.galleryData.map', '$.detail.galleryData.map.nueva'],
    ['detail.dataStrip', '$.detail.dataStrip.nueva'],
    ['detail', '$.detail.nueva'],
    ['route', '$.route.nueva'],
  ])('reports a key that the portal added to %s', (path, unread) => {
    expect(houseWith({nueva: 1}, path).unread).toEqual([unread]);
  });

  it('reports it in a list', () => {
    const zones = [{code: 'Pool', label: 'Piscina', icon: 'x', nueva: 1}];
    expect(houseWith({commonZonesProperty: zones}, 'detail').unread).toEqual([
      '$.detail.commonZonesProperty[].nueva',
    ]);
  });
});

describe('unknown words give null and an issue', () => {
  it.each([
    ['operation', {businessType: 'Permuta'}, 'offers', []],
    ['property type', {propertyType: 'Iglú'}, 'propertyType', null],
    ['age', {antiquity: 'antiguo'}, 'ageYearsMin', null],
    ['project phase', {projectPhase: 'Quién sabe'}, 'condition', null],
    ['floor', {floor: 'alto'}, 'floor', null],
    ['number', {builtArea: '49 m2 aprox'}, 'builtAreaM2', null],
    ['day', {publicationDate: '01/05/2026'}, 'publishedOn', null],
    ['flag', {auction: 7}, 'isAuction', false],
    ['status', {status: '5'}, 'portalListingId', '3000001'],
    ['counted amenity', {numElevators: 'varios'}, 'amenities', ['Balcones', 'Zona infantil', 'Zonas verdes']],
  ] as const)('%s', (_, change, field, expected) => {
    const {listing, issues} = houseWith(change);
    expect(listing[field]).toEqual(expected);
    expect(issues).toMatchObject([
      {code: 'unknown_word', path: `$.detail.generalData.${Object.keys(change)[0]}`},
    ]);
  });

  it('kind of advertiser', () => {
    const {listing, issues} = houseWith({page: null, userTypeId: 9}, 'advertiser');
    expect(listing.advertiserKind).toBeNull();
    expect(issues).toMatchObject([{code: 'unknown_word', path: '$.advertiser.userTypeId', value: '9'}]);
  });

  it('another type of an optional field costs the field, not the listing', () => {
    const {listing, issues} = houseWith({description: 7, stratum: [4]});
    expect([listing.description, listing.stratum]).toEqual([null, null]);
    expect(issues.map(issue => issue.code)).toEqual(['unexpected_type', 'unexpected_type']);
  });
});

describe('offers', () => {
  const offersWith = (change: {[key: string]: JsonValue}) =>
    houseWith(change).listing.offers.map(({operation, price}) => [operation, price]);

  it('takes price as sale price and leaseFee as rent', () => {
    expect(offersWith({})).toEqual([
      ['rent', 4_200_000],
      ['sale', 3_059_100_000],
    ]);
    expect(offersWith(sale)).toEqual([['sale', 3_059_100_000]]);
    expect(offersWith({...rent, leaseFee: '1500000'})).toEqual([['rent', 1_500_000]]);
  });

  it('takes the one price of a rent advert without leaseFee, and says so', () => {
    const {listing, issues} = houseWith({...rent, price: '1500000', leaseFee: '0'});
    expect(listing.offers).toMatchObject([{operation: 'rent', price: 1_500_000}]);
    expect(issues.map(issue => issue.code)).toEqual(['rent_from_price']);
  });

  it('never takes a sale price for the rent of an advert that is both', () => {
    expect(offersWith({leaseFee: '0'})).toEqual([
      ['rent', null],
      ['sale', 3_059_100_000],
    ]);
  });

  it('takes the cheapest unit of a project', () => {
    expect(offersWith({...sale, price: null, priceFrom: '400000000', priceUp: '600000000'})).toEqual([
      ['sale', 400_000_000],
    ]);
  });
});

describe('zero and null are not stated', () => {
  it.each(['0', '0.0', '', null, 0])('%j', nothing => {
    const keys =
      'price leaseFee adminValue builtArea privateArea loteArea bedRoomNum bathRoomNum parkingNum floor';
    const {listing, issues} = houseWith(Object.fromEntries(keys.split(' ').map(key => [key, nothing])));
    expect(listing.offers.flatMap(({price, adminFeeCop}) => [price, adminFeeCop])).toEqual([
      null,
      null,
      null,
      null,
    ]);
    const {builtAreaM2, privateAreaM2, landAreaM2, bedrooms, bathrooms, parkingSpaces, floor} = listing;
    expect([builtAreaM2, privateAreaM2, landAreaM2, bedrooms, bathrooms, parkingSpaces, floor]).toEqual(
      Array.from({length: 7}, () => null),
    );
    expect(issues).toEqual([]);
  });

  it('of a point both or none', () => {
    const {listing} = houseWith({lat: '0', lon: '-75.6'}, 'detail.galleryData.map');
    expect([listing.latitude, listing.longitude]).toEqual([null, null]);
  });
});

describe('areas', () => {
  it('of a plot are land', () => {
    const plot = {propertyType: 'Lote', loteArea: null, privateArea: null, builtArea: null};
    const areasWith = (change: {[key: string]: JsonValue}) => {
      const {builtAreaM2, privateAreaM2, landAreaM2} = houseWith({...plot, ...change}).listing;
      return [builtAreaM2, privateAreaM2, landAreaM2];
    };
    expect(areasWith({loteArea: '500.0'})).toEqual([null, null, 500]);
    expect(areasWith({totalArea: '600.0', builtArea: '50'})).toEqual([null, null, 600]);
    expect(areasWith({builtArea: '700'})).toEqual([null, null, 700]);
  });

  it('and counts of a project are those all its units share', () => {
    const project = {
      isProject: true,
      privateArea: null,
      areaFrom: '40',
      areaUp: '60',
      bedRoomNum: null,
      bedRoomFrom: '2',
      bedRoomUp: '2',
    };
    const {listing} = houseWith(project);
    expect([listing.isProject, listing.privateAreaM2, listing.bedrooms]).toEqual([true, null, 2]);
  });
});

describe('other fields', () => {
  it('keeps the day of a time that is Bogotá’s although it ends in Z', () => {
    expect(houseWith({publicationDate: '2026-05-01T02:00:00.000Z'}).listing.publishedOn).toBe('2026-05-01');
  });

  it('knows homes not built yet, and auctions', () => {
    expect(houseWith({projectPhase: 'Sobre planos'}).listing).toMatchObject({
      condition: 'off_plan',
      isOffPlan: true,
    });
    expect(houseWith({projectPhase: 'En Construcción'}).listing).toMatchObject({
      condition: 'under_construction',
      isOffPlan: false,
    });
    expect(houseWith({auction: '1'}).listing.isAuction).toBe(true);
  });

  it('keeps estratos that are none as stated', () => {
    expect(houseWith({stratum: '7'}).listing.stratum).toBe(7);
  });

  it('takes the kind of parking for no amenity', () => {
    expect(houseWith({}).listing.amenities).toEqual(['Balcones', 'Zona infantil', 'Zonas verdes']);
  });
});
