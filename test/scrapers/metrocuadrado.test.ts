import {existsSync, readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import metrocuadrado from '../../scrapers/metrocuadrado.ts';
import {trimListing} from '../../scrapers/metrocuadrado-keep.ts';
import {readSearchListing} from '../../scrapers/metrocuadrado-listing.ts';
import type {JsonValue, Scope} from '../../src/domain/page.ts';
import {findPersonal} from '../../src/portal/personal.ts';
import {redactJson} from '../../src/portal/redact.ts';
import {isObject} from '../../src/portal/take.ts';
import {tryPage} from '../../src/portal/try.ts';
import {pageOf, readFixture} from './fixture.ts';

const HOME = 'https://www.metrocuadrado.com';
const SCOPE: Scope = {
  portal: 'metrocuadrado',
  operation: 'sale',
  propertyType: 'house',
  place: 'antioquia/medellin',
};
const SEARCH_URL = `${HOME}/casas/venta/medellin/`;
const LISTING_URL = `${HOME}/inmueble/venta-casa-medellin-laureles-de-maria-fernanda-restrepo/9001-M8000001`;
const SEARCH = readFixture('metrocuadrado/search.html');
const LISTING = readFixture('metrocuadrado/listing.html');
const OLD_LISTING = readFixture('metrocuadrado/listing-2022.html');
const REMOVED = readFixture('metrocuadrado/listing-removed.html');
const CHALLENGE = readFixture('metrocuadrado/challenge.html');

const searchPage = (body = SEARCH, url = SEARCH_URL) =>
  pageOf(metrocuadrado, SCOPE, {kind: 'search', url}, body);
const listingPage = (body = LISTING, answer = {}, url = LISTING_URL) =>
  pageOf(metrocuadrado, SCOPE, {kind: 'listing', url}, body, answer);
/** The search as the portal would send it for adverts from another position. */
const from = (offset: number) =>
  SEARCH.replace('&from=0', `&from=${offset}`).replace('\\u0026from=0', `\\u0026from=${offset}`);

/** The same JSON with a way to reach somebody in every text. */
function plant(value: JsonValue): JsonValue {
  if (typeof value === 'string') return `${value} cel 310 555 01 27 ana@correo.example`;
  if (Array.isArray(value)) return value.map(plant);
  if (!isObject(value)) return value;
  // `kind` is one word by construction, which the test of `trimListing` shows.
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, key === 'kind' ? field : plant(field)]),
  );
}

describe('golden pages', () => {
  it.each(['search', 'listing', 'listing-2022'])('%s reads as it did', name => {
    const expected: unknown = JSON.parse(readFixture(`metrocuadrado/${name}.expected.json`));
    const trial = tryPage(metrocuadrado, {body: readFixture(`metrocuadrado/${name}.html`)});
    expect(JSON.parse(JSON.stringify(trial))).toEqual(expected);
  });
});

describe('seeds', () => {
  it('has a search for every type and operation it names', () => {
    const urls = metrocuadrado.operations.flatMap(operation =>
      metrocuadrado.propertyTypes.flatMap(propertyType =>
        metrocuadrado.seeds({...SCOPE, operation, propertyType}),
      ),
    );
    expect(new Set(urls.map(ref => ref.url)).size).toBe(18);
    expect(metrocuadrado.seeds(SCOPE)).toEqual([{kind: 'search', url: SEARCH_URL}]);
  });
});

describe('parseSearch', () => {
  it('knows the total, the next page and every listing page', () => {
    const reading = metrocuadrado.parseSearch(searchPage());
    expect(reading).toMatchObject({announcedTotal: 7, placeEcho: 'medellin', rejected: [], issues: []});
    expect(reading.nextPages).toEqual([{kind: 'search', url: `${SEARCH_URL}?page=2`}]);
    expect(reading.links.map(ref => ref.url)).toEqual([
      `${HOME}/inmueble/venta-casa/9001-M8000001`,
      `${HOME}/inmueble/venta-casa/MC8000002`,
      `${HOME}/proyecto/proyecto/9002-C0004-02`,
      `${HOME}/inmueble/venta-casa/9001-M8000004`,
    ]);
    expect(reading.links.map(ref => metrocuadrado.identify(ref.url)?.portalListingId)).toEqual(
      reading.listings.map(({listing}) => listing.portalListingId),
    );
  });

  it.each([
    ['all of it was seen', SEARCH.replace('totalHits\\":7', 'totalHits\\":4'), SEARCH_URL, []],
    ['the reachable part was seen', SEARCH.replace('totalEntries\\":7', 'totalEntries\\":4'), SEARCH_URL, []],
    ['the last page was seen', from(50), `${SEARCH_URL}?page=2`, []],
    [
      'there is more',
      from(50).replaceAll(/(total\w+)\\":7/g, '$1\\":900'),
      `${SEARCH_URL}?page=2`,
      [`${SEARCH_URL}?page=3`],
    ],
  ])('pages on as far as %s', (_, body, url, expected) => {
    expect(metrocuadrado.parseSearch(searchPage(body, url)).nextPages.map(ref => ref.url)).toEqual(expected);
  });

  it('ends at an empty page, whatever the total', () => {
    const empty = SEARCH.replace(/results\\":\[.*\]\}\}\]/s, 'results\\":[]}}]');
    expect(metrocuadrado.parseSearch(searchPage(empty))).toMatchObject({
      announcedTotal: 7,
      listings: [],
      nextPages: [],
    });
  });

  it('rejects one broken listing and keeps the others', () => {
    const reading = metrocuadrado.parseSearch(
      searchPage(SEARCH.replace('midinmueble\\":\\"MC', 'x\\":\\"MC')),
    );
    expect(reading.listings).toHaveLength(3);
    expect(reading.rejected).toEqual([
      {path: '$.initialResults.results[1]', message: '$.midinmueble: expected text, got nothing'},
    ]);
  });

  it('says so when the page does not name its place', () => {
    const reading = metrocuadrado.parseSearch(searchPage(SEARCH.replace('mainFilter', 'otherFilter')));
    expect(reading.placeEcho).toBeNull();
    expect(reading.issues.map(issue => issue.code)).toEqual(['place_echo_missing']);
  });
});

describe('accept', () => {
  const judge = (body: string, change: Partial<Scope> = {}, url = SEARCH_URL) => {
    const scope = {...SCOPE, ...change};
    return metrocuadrado.accept(scope, {...searchPage(body, url), scope});
  };

  it('takes the page that was asked for', () => {
    expect(judge(SEARCH)).toBe(true);
    expect(judge(from(50), {}, `${SEARCH_URL}?page=2`)).toBe(true);
    expect(metrocuadrado.accept(SCOPE, listingPage())).toBe(true);
    for (const echo of ['los-balsos-no.1', 'LOS BALSOS No.1']) {
      const barrio = SEARCH.replace('neighborhood\\":\\"\\"', `neighborhood\\":\\"${echo}\\"`);
      expect(judge(barrio, {place: 'antioquia/medellin/los-balsos-no.1'})).toBe(true);
    }
  });

  it.each([
    ['another city', SEARCH, {place: 'antioquia/bello'}, 'asked bello, portal answered medellin'],
    [
      'the city for a barrio',
      SEARCH,
      {place: 'antioquia/medellin/laureles'},
      'asked medellin/laureles, portal answered medellin',
    ],
    [
      'the whole country',
      SEARCH.replace('city\\":\\"medellin', 'city\\":\\"'),
      {},
      'asked medellin, portal answered colombia',
    ],
    ['another operation', SEARCH, {operation: 'rent'}, 'asked rent, portal answered venta'],
    ['another type', SEARCH, {propertyType: 'apartment'}, 'asked apartment, portal answered types casa'],
    [
      'all types',
      SEARCH.replace('[\\"casa\\"]', '[]'),
      {},
      'asked house, portal answered types of all kinds',
    ],
    ['a listing', LISTING, {}, 'asked a search, portal answered a listing'],
    ['page 2', from(50), {}, 'asked page 1, portal answered adverts from 50'],
    ['a challenge', CHALLENGE, {}, `asked ${SEARCH_URL}, portal answered with a challenge page`],
  ] as const)('refuses %s', (_, body, change, reason) => {
    expect(judge(body, change)).toBe(reason);
  });

  it('refuses page 1 again, and a further page that does not say which it is', () => {
    expect(judge(SEARCH, {}, `${SEARCH_URL}?page=7`)).toBe('asked page 7, portal answered page 1');
    const silent = SEARCH.replace('searchUrl', 'otherUrl');
    expect(judge(silent)).toBe(true);
    expect(judge(silent, {}, `${SEARCH_URL}?page=2`)).toBe('asked page 2, portal answered page 1');
  });

  it('refuses another listing, a search in its place, and takes no 503 for an answer', () => {
    const other = `${HOME}/inmueble/venta-casa/9001-M77`;
    expect(metrocuadrado.accept(SCOPE, listingPage(LISTING, {}, other))).toBe(
      'asked listing 9001-M77, portal answered 9001-M8000001',
    );
    expect(metrocuadrado.accept(SCOPE, listingPage(SEARCH, {finalUrl: SEARCH_URL}))).toBe(
      `asked listing 9001-M8000001, portal answered ${SEARCH_URL}`,
    );
    const page = pageOf(metrocuadrado, SCOPE, {kind: 'search', url: SEARCH_URL}, 'x', {status: 503});
    expect(metrocuadrado.accept(SCOPE, page)).toBe(`asked ${SEARCH_URL}, portal answered 503`);
  });
});

describe('gone', () => {
  it('is undefined while the advert is there, or nobody knows', () => {
    for (const page of [
      listingPage(),
      listingPage(OLD_LISTING),
      listingPage(LISTING, {status: 503}),
      listingPage(CHALLENGE),
      listingPage(REMOVED, {status: 403}),
      searchPage(REMOVED),
    ]) {
      expect(metrocuadrado.gone(page)).toBeUndefined();
    }
  });

  it.each([
    ['404', {status: 404}, LISTING, 'answered 404'],
    ['410', {status: 410}, LISTING, 'answered 410'],
    ['its sentence, with status 200', {}, REMOVED, 'the page says it is not available'],
  ])('by %s', (_, answer, body, reason) => {
    const page = listingPage(body, answer);
    expect(metrocuadrado.gone(page)).toBe(reason);
    expect(metrocuadrado.accept(SCOPE, page), 'a gone page is an answer').toBe(true);
  });
});

describe('personal data', () => {
  const PLANTED =
    `Restrepo restrepo Pérez perez Abundio Urquijo Marta MARTA 3105550127 573105550127 5550128 5550129 1402
    wa.me planted-api-key`.split(/\s+/);

  it('is in the fixtures and in nothing that is kept', () => {
    const kept = JSON.stringify([
      searchPage(),
      listingPage(),
      listingPage(OLD_LISTING),
      searchPage(CHALLENGE),
    ]);
    for (const word of [...PLANTED, '310 555', 'casa # 12', 'Carrera 70', '"77001"']) {
      expect(JSON.stringify(SEARCH + LISTING + OLD_LISTING + CHALLENGE).replaceAll('\\', ''), word).toContain(
        word,
      );
      expect(kept, word).not.toContain(word);
    }
    expect(kept).toContain('3059100000');
    expect(kept).toContain('$ 3.059.100.000');
    expect(kept).not.toMatch(/contactPhone|whatsapp"|localPhone|companyAddress|mnombrevisitor|geopoints/);
  });

  it.each(['search', 'listing', 'listing-2022'])('survives nowhere in an advert: %s', name => {
    const state = plant(metrocuadrado.keep(readFixture(`metrocuadrado/${name}.html`)).state);
    expect(JSON.stringify(state).match(/555 01 27/g)?.length).toBeGreaterThan(50);
    const kept = redactJson(state, metrocuadrado.redact, 'a key for tests');
    expect(JSON.stringify(kept).match(/.{30}(?:555 01 27|ana@correo)/g)).toBeNull();
    expect(redactJson(kept, metrocuadrado.redact, 'another key'), 'twice').toEqual(kept);
  });

  it('names companies, neither private sellers nor agencies that are called like a person', () => {
    const names = [listingPage(), listingPage(OLD_LISTING)].map(
      page => metrocuadrado.parseListing(page).listing,
    );
    expect(names.map(listing => [listing.advertiserKind, listing.agencyName])).toEqual([
      ['agency', 'Raíces del Valle SAS'],
      ['agency', null],
    ]);
    const seller = LISTING.replaceAll('9001-M8000001', 'MC8000001');
    const {listing} = metrocuadrado.parseListing(listingPage(seller));
    expect([listing.advertiserKind, listing.agencyName]).toEqual(['private', null]);
  });

  it('gives an agency one pseudonym on both kinds of page', () => {
    const keys = metrocuadrado.parseSearch(searchPage()).listings.map(({listing}) => listing.advertiserKey);
    const {advertiserKey} = metrocuadrado.parseListing(listingPage()).listing;
    expect(advertiserKey).toMatch(/^adv_/);
    expect(keys).toEqual([advertiserKey, null, expect.stringMatching(/^adv_/), advertiserKey]);
  });
});

const SAMPLES = new URL('../../../shared/portals/samples/metrocuadrado/', import.meta.url);
const sample = (name: string) => readFileSync(new URL(name, SAMPLES), 'utf8');
const readItem = (item: JsonValue) => {
  if (!isObject(item)) throw new Error('the sample changed');
  return readSearchListing(redactJson(trimListing(item), metrocuadrado.redact, 'a key for tests'));
};

describe.skipIf(!existsSync(SAMPLES))('real pages of ../shared (skipped where it is absent)', () => {
  const search = 'search-2026-05-apartamentos-venta-bogota.excerpt.html';
  const detail = 'detail-2026-05-rosales-venta.excerpt.html';

  it('gives the search items of May 2026', () => {
    const scope: Scope = {...SCOPE, propertyType: 'apartment', place: 'bogota'};
    const url = `${HOME}/apartamentos/venta/bogota/`;
    const page = pageOf(metrocuadrado, scope, {kind: 'search', url}, sample(search));
    expect(metrocuadrado.accept(scope, page)).toBe(true);
    const reading = metrocuadrado.parseSearch(page);
    expect(reading).toMatchObject({announcedTotal: 29_418, placeEcho: 'bogota', rejected: [], issues: []});
    expect(reading.nextPages.map(ref => ref.url)).toEqual([`${url}?page=2`]);
    for (const {unread, issues} of reading.listings) expect([unread, issues]).toEqual([[], []]);
    expect(reading.listings.map(({listing}) => listing)).toMatchObject([
      {portalListingId: '21133-C0002-02', isProject: true, advertiserKind: 'developer', condition: 'new'},
      {portalListingId: '213-C0188-04', offers: [{price: 3_433_333_333}]},
      {portalListingId: '14693-C0004-02', builtAreaM2: 53.94, privateAreaM2: 47.15},
      {
        portalListingId: 'MC6452622',
        offers: [{operation: 'sale', price: 379_000_000, adminFeeCop: null}],
        description: expect.stringMatching(/^Apartamento Familiar.*para mayor información al WhatsApp\.$/),
        builtAreaM2: 77.53,
        privateAreaM2: 72.34,
        bedrooms: 3,
        bathrooms: 2,
        parkingSpaces: 1,
        floor: 4,
        stratum: 3,
        condition: 'remodelled',
        municipality: 'Bogotá D.C.',
        district: 'Occidental',
        neighbourhood: 'Comuneros',
        latitude: 4.605462,
        longitude: -74.100075,
        advertiserKind: 'private',
        photosCount: 16,
      },
      {portalListingId: 'MC6627253', offers: [{adminFeeCop: 250_000}], ageYearsMin: 20, ageYearsMax: null},
    ]);
  });

  it('gives the houses of May 2026 and the rent of September 2026', () => {
    const houses: JsonValue = JSON.parse(sample('search-items-2026-05-casas-venta-bogota.json'));
    const rent: JsonValue = JSON.parse(sample('search-item-2026-09-13-arriendo-barranquilla.json'));
    const readings = [...(Array.isArray(houses) ? houses : []), rent].map(readItem);
    expect(readings.flatMap(({unread}) => unread)).toEqual([]);
    expect(readings.flatMap(({issues}) => issues).map(issue => issue.code)).toEqual([
      'unresolved_reference',
      'private_area_above_built',
    ]);
    expect(readings.map(({listing}) => listing)).toMatchObject([
      {offers: [{price: 290_000_000, adminFeeCop: 200_000}], landAreaM2: 75, parkingSpaces: null},
      {description: null, builtAreaM2: 83.49, privateAreaM2: 149.24, advertiserKind: 'private'},
      {floorsCount: 4, ageYearsMin: 10, ageYearsMax: 20, stratum: 6, photosCount: null},
      {
        portalListingId: '21602-M6953598',
        url: `${HOME}/inmueble/arriendo-apartamento/21602-M6953598`,
        offers: [{operation: 'rent', price: 3_500_000, adminFeeCop: 1_000_000}],
        municipality: 'Barranquilla',
        floor: 6,
        latitude: 10.992466,
      },
    ]);
  });

  it('reads the listing page of May 2026', () => {
    const trial = tryPage(metrocuadrado, {body: sample(detail)});
    expect(trial).toMatchObject({kind: 'listing', unread: [], issues: []});
    expect(trial.listings).toMatchObject([
      {
        portalListingId: '20690-M6621558',
        url: `${HOME}/inmueble/venta-apartamento/20690-M6621558`,
        propertyType: 'apartment',
        offers: [{operation: 'sale', price: 1_200_000_000, adminFeeCop: 1_800_000}],
        builtAreaM2: 150,
        privateAreaM2: null,
        floor: 2,
        stratum: 6,
        ageYearsMin: 20,
        district: null,
        neighbourhood: 'Los Rosales',
        agencyName: 'Profesionales inmobiliarios',
        photosCount: 12,
      },
    ]);
  });

  it('keeps no key of a person, of the API or of a land registry', () => {
    for (const [kind, name] of [
      ['search', search],
      ['listing', detail],
    ] as const) {
      const raw = sample(name);
      const page = pageOf(metrocuadrado, SCOPE, {kind, url: `${HOME}/`}, raw);
      const kept = JSON.stringify(page);
      expect(kept).not.toMatch(
        /apiKey|recaptcha|contactPhone|whatsapp|localPhone|companyAddress|celular|visitor|geopoints|matricula|nroApto/,
      );
      expect(kept.length).toBeLessThan(raw.length * 0.65);
      for (const {listing} of kind === 'search' ? metrocuadrado.parseSearch(page).listings : []) {
        expect(findPersonal(listing.description ?? '')).toEqual([]);
      }
    }
  });
});
