import {existsSync, readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import fincaraiz from '../../scrapers/fincaraiz.ts';
import {PageShapeError} from '../../src/domain/errors.ts';
import type {Page, Scope} from '../../src/domain/page.ts';
import {cutScriptById} from '../../src/portal/embedded.ts';
import {findPersonal} from '../../src/portal/personal.ts';
import {lookUp} from '../../src/portal/take.ts';
import {tryPage} from '../../src/portal/try.ts';
import {pageOf, readFixture} from './fixture.ts';

const SCOPE: Scope = {
  portal: 'fincaraiz',
  operation: 'sale',
  propertyType: 'house',
  place: 'antioquia/medellin',
};
const SEARCH_URL = 'https://www.fincaraiz.com.co/venta/casas/medellin/antioquia';
const LISTING_URL = 'https://www.fincaraiz.com.co/apartamento-en-venta-en-medellin/190000002';
const SEARCH = readFixture('fincaraiz/search.html');
const LISTING = readFixture('fincaraiz/listing.html');

const searchPage = (body = SEARCH, url = SEARCH_URL) => pageOf(fincaraiz, SCOPE, {kind: 'search', url}, body);
const listingPage = (body = LISTING, answer = {}) =>
  pageOf(fincaraiz, SCOPE, {kind: 'listing', url: LISTING_URL}, body, answer);

describe('golden pages', () => {
  it.each(['search', 'listing'])('%s reads as it did', name => {
    const expected: unknown = JSON.parse(readFixture(`fincaraiz/${name}.expected.json`));
    expect(
      JSON.parse(JSON.stringify(tryPage(fincaraiz, {body: readFixture(`fincaraiz/${name}.html`)}))),
    ).toEqual(expected);
  });
});

describe('seeds', () => {
  it.each([
    ['antioquia/medellin', '/venta/casas/medellin/antioquia'],
    ['antioquia', '/venta/casas/antioquia'],
    ['antioquia/medellin/suroriente/el-poblado', '/venta/casas/el-poblado/suroriente/medellin'],
  ])('%s', (place, path) => {
    expect(fincaraiz.seeds({...SCOPE, place})).toEqual([
      {kind: 'search', url: `https://www.fincaraiz.com.co${path}`},
    ]);
  });

  it('has a slug for every type and operation', () => {
    const urls = fincaraiz.operations.flatMap(operation =>
      fincaraiz.propertyTypes.flatMap(propertyType => fincaraiz.seeds({...SCOPE, operation, propertyType})),
    );
    expect(new Set(urls.map(ref => ref.url)).size).toBe(30);
  });
});

describe('parseSearch', () => {
  it('knows every further page and every listing page', () => {
    const reading = fincaraiz.parseSearch(searchPage());
    expect(reading.announcedTotal).toBe(11);
    expect(reading.nextPages.map(ref => ref.url)).toEqual([`${SEARCH_URL}/pagina2`, `${SEARCH_URL}/pagina3`]);
    expect(reading.links.map(ref => ref.url)).toEqual([
      'https://www.fincaraiz.com.co/casa-en-venta/190000001',
      'https://www.fincaraiz.com.co/apartamento-en-venta/190000002',
      'https://www.fincaraiz.com.co/proyectos-vivienda/proyecto/190000003',
      'https://www.fincaraiz.com.co/casa-en-venta/10750001',
    ]);
    for (const ref of reading.links) expect(fincaraiz.identify(ref.url)).toBeDefined();
  });

  it('goes on from the page it is on', () => {
    const body = SEARCH.replace('"currentPage":1', '"currentPage":2');
    const reading = fincaraiz.parseSearch(searchPage(body, `${SEARCH_URL}/pagina2`));
    expect(reading.nextPages.map(ref => ref.url)).toEqual([`${SEARCH_URL}/pagina3`]);
  });

  it('rejects one broken listing and keeps the others', () => {
    const reading = fincaraiz.parseSearch(
      searchPage(SEARCH.replaceAll('"id":190000001,"idFinca', '"idFinca')),
    );
    expect(reading.listings).toHaveLength(3);
    expect(reading.rejected).toEqual([
      {
        path: '$.props.pageProps.fetchResult.searchFast.data[0]',
        message: '$.id: expected whole number, got nothing',
      },
    ]);
  });

  it('says so when the page does not name its place', () => {
    const reading = fincaraiz.parseSearch(searchPage(SEARCH.replace('"params":{', '"otherParams":{')));
    expect(reading.placeEcho).toBeNull();
    expect(reading.issues.map(issue => issue.code)).toEqual(['place_echo_missing']);
  });
});

describe('removed adverts that stand in a search', () => {
  it.each(['"deleted":false', '"sold":false', '"pausd":false'])('are not listings of it: %s', flag => {
    const at = SEARCH.lastIndexOf(flag);
    const body = SEARCH.slice(0, at) + flag.replace('false', 'true') + SEARCH.slice(at + flag.length);
    const reading = fincaraiz.parseSearch(searchPage(body));
    const whole = fincaraiz.parseSearch(searchPage());
    expect(reading.listings).toHaveLength(whole.listings.length - 1);
    expect(reading.rejected).toEqual(whole.rejected);
    expect(reading.issues.map(issue => issue.code)).toContain('advert_removed');
    expect(reading.announcedTotal).toBe(whole.announcedTotal);
  });
});

describe('accept', () => {
  const judge = (body: string, scope: Scope = SCOPE, url = SEARCH_URL) =>
    fincaraiz.accept(scope, {...searchPage(body, url), scope});

  it('takes the page that was asked for', () => {
    expect(judge(SEARCH)).toBe(true);
    expect(fincaraiz.accept(SCOPE, listingPage())).toBe(true);
  });

  it.each([
    [
      'the whole country',
      readFixture('fincaraiz/search-unknown-place.html'),
      {place: 'antioquia/bello'},
      'asked antioquia/bello, portal answered colombia',
    ],
    [
      'another city',
      SEARCH,
      {place: 'antioquia/bello'},
      'asked antioquia/bello, portal answered antioquia/medellin',
    ],
    ['another operation', SEARCH, {operation: 'rent'}, 'asked rent, portal answered operation 1'],
    ['another type', SEARCH, {propertyType: 'apartment'}, 'asked apartment, portal answered types 1'],
    [
      'a challenge',
      readFixture('fincaraiz/challenge.html'),
      {},
      `asked ${SEARCH_URL}, portal answered with a challenge page`,
    ],
    ['a listing', LISTING, {}, 'asked a search, portal answered /propSingle'],
  ] as const)('refuses %s', (_, body, change, reason) => {
    expect(judge(body, {...SCOPE, ...change})).toBe(reason);
  });

  it('refuses page 1 again', () => {
    expect(judge(SEARCH, SCOPE, `${SEARCH_URL}/pagina7`)).toBe('asked page 7, portal answered page 1');
  });

  it('refuses another listing', () => {
    const url = 'https://www.fincaraiz.com.co/apartamento-en-venta/190000077';
    const page = pageOf(fincaraiz, SCOPE, {kind: 'listing', url}, LISTING);
    expect(fincaraiz.accept(SCOPE, page)).toBe('asked listing 190000077, portal answered 190000002');
  });

  it('takes no 503 for an answer', () => {
    const page = pageOf(fincaraiz, SCOPE, {kind: 'search', url: SEARCH_URL}, '<title>Error</title>', {
      status: 503,
    });
    expect(fincaraiz.accept(SCOPE, page)).toBe(`asked ${SEARCH_URL}, portal answered 503`);
  });
});

describe('keep', () => {
  it.each([
    ['a truncated page', readFixture('fincaraiz/search-truncated.html'), 'cut off'],
    ['a page without state', '<html><title>Hola</title></html>', 'no <script'],
  ])('throws on %s', (_, body, message) => {
    expect(() => fincaraiz.keep(body)).toThrow(PageShapeError);
    expect(() => fincaraiz.keep(body)).toThrow(message);
  });

  it('leaves markup, vocabularies and settings behind', () => {
    const kept = JSON.stringify(fincaraiz.keep(SEARCH));
    for (const word of [
      'apolloState',
      'ConfigContext',
      'listingCard',
      'BreadcrumbList',
      'information_email',
    ]) {
      expect(kept).not.toContain(word);
    }
  });
});

describe('gone', () => {
  const goneAs = (answer: object, body = LISTING) => fincaraiz.gone(listingPage(body, answer));

  it('is undefined while the advert is there', () => {
    expect(goneAs({})).toBeUndefined();
    expect(goneAs({status: 503})).toBeUndefined();
    expect(goneAs({status: 403}, readFixture('fincaraiz/challenge.html'))).toBeUndefined();
    expect(fincaraiz.gone(searchPage())).toBeUndefined();
  });

  it.each([
    ['404', {status: 404}, LISTING, 'answered 404'],
    ['410', {status: 410}, LISTING, 'answered 410'],
    [
      'addeletedid',
      {finalUrl: 'https://www.fincaraiz.com.co/venta/casas?addeletedid=190000002'},
      SEARCH,
      'redirected with addeletedid',
    ],
    [
      'a redirect',
      {finalUrl: 'https://www.fincaraiz.com.co/venta/casas/medellin/antioquia'},
      SEARCH,
      'redirected to a path without the id',
    ],
    [
      'the notice',
      {},
      readFixture('fincaraiz/listing-removed.html'),
      'the page says it is no longer available',
    ],
    [
      'inactive',
      {},
      LISTING.replace('"active":true,"deleted"', '"active":false,"deleted"'),
      'active is false',
    ],
    ['deleted', {}, LISTING.replace('"deleted":false', '"deleted":true'), 'deleted'],
    ['sold', {}, LISTING.replace('"sold":false', '"sold":true'), 'sold'],
    ['paused', {}, LISTING.replace('"pausd":false', '"pausd":true'), 'pausd'],
  ])('by %s', (_, answer, body, reason) => {
    expect(goneAs(answer, body)).toBe(reason);
    expect(fincaraiz.accept(SCOPE, listingPage(body, answer)), 'a gone page is an answer').toBe(true);
  });
});

describe('personal data', () => {
  it('is in the fixtures and in nothing that is kept', () => {
    const kept = JSON.stringify([searchPage(), listingPage()]);
    for (const word of [
      'Restrepo',
      'restrepo',
      'Pérez',
      'perez',
      'Marta',
      '310 555',
      '5550128',
      'apto 1402',
      'casa 12',
      '174000001',
      '+5731',
    ]) {
      expect(SEARCH + LISTING, word).toContain(word);
      expect(kept, word).not.toContain(word);
    }
    expect(kept).toContain('3059100000');
    expect(kept).toContain('$ 3.059.100.000');
  });

  it('names no private seller and keeps companies', () => {
    const names = fincaraiz
      .parseSearch(searchPage())
      .listings.map(({listing}) => [listing.advertiserKind, listing.agencyName]);
    expect(names).toEqual([
      ['agency', 'Raíces del Valle SAS'],
      ['agency', null],
      ['developer', 'Constructora Ejemplo SA'],
      ['private', null],
    ]);
  });
});

const SAMPLES = new URL('../../../shared/portals/samples/fincaraiz/', import.meta.url);
const sample = (name: string) => readFileSync(new URL(name, SAMPLES), 'utf8');

describe.skipIf(!existsSync(SAMPLES))('real pages of ../shared (skipped where it is absent)', () => {
  const names = [1, 2, 3, 4].map(page => `search-2025-06-11-casas-venta-tunja-p${page}.html`);
  const scope: Scope = {...SCOPE, place: 'boyaca/tunja'};
  const pageOfSample = (name: string, at: number): Page => {
    const url = `https://www.fincaraiz.com.co/venta/casas/tunja/boyaca${at === 0 ? '' : `/pagina${at + 1}`}`;
    return pageOf(fincaraiz, scope, {kind: 'search', url}, sample(name));
  };

  it('gives 84 whole listings of June 2025', () => {
    const readings = names.map((name, at) => {
      const page = pageOfSample(name, at);
      expect(fincaraiz.accept(scope, page)).toBe(true);
      return fincaraiz.parseSearch(page);
    });
    for (const reading of readings) {
      expect(reading).toMatchObject({
        announcedTotal: 218,
        placeEcho: 'boyaca/tunja',
        rejected: [],
        issues: [],
      });
    }
    expect(readings[0]?.nextPages).toHaveLength(10);
    const listings = readings.flatMap(reading => reading.listings);
    expect(new Set(listings.map(({listing}) => listing.portalListingId)).size).toBe(84);
    for (const {listing, unread, issues} of listings) {
      expect(unread).toEqual([]);
      expect(issues).toEqual([]);
      expect(listing).toMatchObject({
        propertyType: 'house',
        municipality: 'Tunja',
        department: 'Boyacá',
        advertiserKind: 'agency',
      });
      expect(listing.offers).toMatchObject([{operation: 'sale', currency: 'COP', price: expect.any(Number)}]);
      expect([listing.builtAreaM2, listing.latitude, listing.longitude, listing.stratum]).not.toContain(null);
    }
    const filled = (key: 'bedrooms' | 'bathrooms' | 'ageYearsMin' | 'privateAreaM2') =>
      listings.filter(({listing}) => listing[key] !== null).length;
    expect([filled('bedrooms'), filled('bathrooms'), filled('ageYearsMin'), filled('privateAreaM2')]).toEqual(
      [81, 81, 79, 45],
    );
  });

  it('reads the first listing of June 2025 field by field', () => {
    const listing = fincaraiz.parseSearch(pageOfSample(names[0] ?? '', 0)).listings[0]?.listing;
    expect(listing).toMatchObject({
      portalListingId: '191480058',
      offers: [{operation: 'sale', price: 335_000_000, currency: 'COP', adminFeeCop: null}],
      builtAreaM2: 147,
      privateAreaM2: null,
      bedrooms: 4,
      bathrooms: 4,
      parkingSpaces: 1,
      stratum: 3,
      ageYearsMin: 9,
      ageYearsMax: 15,
      latitude: 5.55013,
      longitude: -73.36353,
      neighbourhood: 'La Calleja',
      district: 'Comuna 4',
      agencyName: 'ATOS Inmobiliaria SAS',
      photosCount: 23,
      publishedOn: '2024-09-25',
    });
  });

  it('reads the items of August 2026', () => {
    const trial = tryPage(fincaraiz, {body: sample('search-2026-08-02-three-listings.html')});
    expect(trial).toMatchObject({kind: 'search', announcedTotal: 63, unread: []});
    expect(trial.listings).toMatchObject([
      {
        portalListingId: '193917705',
        propertyType: 'house',
        offers: [{operation: 'rent', price: 3_000_000}],
        stratum: 3,
      },
      {
        portalListingId: '194064262',
        advertiserKind: 'private',
        agencyName: null,
        parkingSpaces: null,
        condition: 'used',
      },
      {
        propertyType: 'apartment',
        offers: [{price: 1_200_000, adminFeeCop: 118_800}],
        latitude: 4.65,
        longitude: -74.05,
      },
    ]);
  });

  it('reads the listing page of September 2026', () => {
    const trial = tryPage(fincaraiz, {body: sample('detail-2026-09-cali-apartaestudio.excerpt.html')});
    expect(trial).toMatchObject({kind: 'listing', unread: [], issues: []});
    expect(trial.listings).toMatchObject([
      {
        portalListingId: '193349683',
        propertyType: 'studio',
        offers: [{operation: 'sale', price: 265_000_000, currency: 'COP', adminFeeCop: 450_000}],
        builtAreaM2: 40,
        privateAreaM2: null,
        floor: 5,
        stratum: 5,
        ageYearsMin: 16,
        ageYearsMax: 30,
        department: 'Valle del Cauca',
        municipality: 'Cali',
        latitude: 3.462131,
        advertiserKind: 'private',
      },
    ]);
  });

  it('keeps no owner block, phone, agency reference or slug', () => {
    for (const [at, name] of names.entries()) {
      const raw = sample(name);
      const kept = JSON.stringify(pageOfSample(name, at));
      expect(kept).not.toMatch(
        /masked_phone|whatsapp|inmoPropsLink|subsidiaries|code2|Angélica|MARITZA|Tatiana|mailto/,
      );
      expect(kept.length).toBeLessThan(raw.length / 3);
      const data = lookUp(cutScriptById(raw, '__NEXT_DATA__'), 'props.pageProps.fetchResult.searchFast.data');
      for (const listing of Array.isArray(data) ? data : []) {
        for (const path of ['owner.id', 'owner.address', 'link', 'code2']) {
          const word = String(lookUp(listing, path) ?? '');
          if (word.length > 4 && /[a-z]|\d{8}/i.test(word))
            expect(kept.includes(`"${word}"`), `${path} ${word}`).toBe(false);
        }
      }
      for (const {listing} of fincaraiz.parseSearch(pageOfSample(name, at)).listings) {
        expect(findPersonal(listing.description ?? '')).toEqual([]);
      }
    }
  });
});
