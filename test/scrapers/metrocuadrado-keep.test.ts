import {describe, expect, it} from 'vitest';
import {CHALLENGE_NOTICE, keepPage, trimListing} from '../../scrapers/metrocuadrado-keep.ts';
import {PageShapeError} from '../../src/domain/errors.ts';
import {lookUp} from '../../src/portal/take.ts';
import {readFixture} from './fixture.ts';

const page = (name: string) => readFixture(`metrocuadrado/${name}.html`);

describe('keepPage', () => {
  it('keeps the search and leaves keys of the API, other filters and markup behind', () => {
    const content = keepPage(page('search'));
    expect(content.title).toBe('Casas en Venta en Medellín');
    expect(lookUp(content.state, 'mainFilter')).toEqual({
      propertyTypes: ['casa'],
      businessType: 'venta',
      propertyStatus: '',
      city: 'medellin',
      neighborhood: '',
    });
    expect(JSON.stringify(content)).not.toMatch(/planted-api-key|keyWord|static\/chunks|class=/);
  });

  it('keeps the first copy of a listing, which is whole, with its description from another row', () => {
    const {state} = keepPage(page('listing'));
    expect(lookUp(state, 'listing.city.nombre')).toBe('Medellín');
    expect(lookUp(state, 'listing.comment')).toMatch(/^Casa con patio.*5550128\.$/s);
  });

  it.each(['"realEstate":', '"basic":'])('finds the listing of older pages without %s', key => {
    const body = page('listing-2022').replace(key, '"other":');
    expect(lookUp(keepPage(body).state, 'listing.propertyId')).toBe('9001-M3000003');
  });

  it('knows a removed advert and a challenge, though good pages load a script of Incapsula too', () => {
    expect(page('search') + page('listing-removed')).toContain('_Incapsula_Resource');
    expect(keepPage(page('listing-removed'))).toMatchObject({
      state: null,
      notices: ['este inmueble no está disponible'],
    });
    expect(keepPage(page('challenge'))).toMatchObject({state: null, notices: [CHALLENGE_NOTICE]});
  });

  it.each([
    ['a cut-off page', page('search').slice(0, 4000), 'cut off'],
    ['a page of nothing', '<html><title>Hola</title></html>', 'neither a search nor a listing'],
    [
      'another page',
      page('listing-removed').replace('no está disponible', ''),
      'neither a search nor a listing',
    ],
    [
      'an older page without a listing',
      page('listing-2022').replaceAll('"propertyId"', '"x"'),
      'neither a search',
    ],
  ])('throws on %s', (_, body, message) => {
    expect(() => keepPage(body)).toThrow(PageShapeError);
    expect(() => keepPage(body)).toThrow(message);
  });
});

describe('trimListing', () => {
  it.each([
    [
      {midempresa: '7', moferente: 'RealEstate'},
      {kind: 'RealEstate', id: '7'},
    ],
    [{midempresa: '', moferente: 'Seller'}, {kind: 'Seller'}],
    [{propertyId: 'MC1', companyId: 'null', companyName: ''}, {kind: 'Seller'}],
    [
      {propertyId: '1-M2', companyId: '7', companyName: 'X SAS'},
      {kind: 'RealEstate', id: '7', name: 'X SAS'},
    ],
    [{propertyId: '1-C2-03'}, {kind: 'Builder'}],
    [{propertyId: '1-M2', isProject: true}, {kind: 'Builder'}],
    [{moferente: 'Marta Restrepo 310 555 01 27'}, {kind: null}],
    [{}, {kind: null}],
  ])('gathers the advertiser of %j', (advert, advertiser) => {
    expect(trimListing(advert).advertiser).toEqual(advertiser);
  });

  it('counts pictures and keeps keys it does not know', () => {
    expect(trimListing({images: [{}, {}], nueva: 1})).toMatchObject({photosCount: 2, nueva: 1});
    expect(trimListing({mgaleriainmueble: ['a']})).toMatchObject({photosCount: 1});
    expect(trimListing({})).toMatchObject({photosCount: null});
    expect(Object.keys(trimListing({images: [], companyName: 'x', midempresa: 'y'}))).not.toContain(
      'companyName',
    );
  });
});
