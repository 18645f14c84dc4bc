import {existsSync, readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import ciencuadras from '../../scrapers/ciencuadras.ts';
import {ConfigError, PageShapeError} from '../../src/domain/errors.ts';
import type {JsonValue, Page, Scope} from '../../src/domain/page.ts';
import {cutAngularState} from '../../src/portal/embedded.ts';
import {findPersonal} from '../../src/portal/personal.ts';
import {redactContent} from '../../src/portal/redact.ts';
import {isObject} from '../../src/portal/take.ts';
import {tryPage} from '../../src/portal/try.ts';
import {pageOf, readFixture} from './fixture.ts';

const HOME = 'https://www.ciencuadras.com';
const SCOPE: Scope = {
  portal: 'ciencuadras',
  operation: 'sale',
  propertyType: 'house',
  place: 'antioquia/la-estrella',
};
const PATH = '/inmueble/casa-en-arriendo-o-venta-en-los-molinos-la-estrella-3000001';
const INDEX_URL = `${HOME}/sitemap-index-detalles-inmuebles-venta.xml`;
const CITY_URL = `${HOME}/sitemap-detalles-venta-la-estrella-1.xml`;
const LISTING = readFixture('ciencuadras/listing.html');
const REMOVED = readFixture('ciencuadras/listing-removed.html');
const CHALLENGE = readFixture('ciencuadras/challenge.html');
const INDEX = readFixture('ciencuadras/sitemap-index.xml');
const CITY = readFixture('ciencuadras/sitemap-city.xml');

const listingPage = (body = LISTING, answer = {}, scope = SCOPE) =>
  pageOf(ciencuadras, scope, {kind: 'listing', url: HOME + PATH}, body, answer);
const sitemapPage = (url: string, body: string, scope = SCOPE) =>
  pageOf(ciencuadras, scope, {kind: 'sitemap', url}, body);
const linksOf = (page: Page) => ciencuadras.parseSitemap?.(page).links ?? [];

/** A page with this transfer state, in Angular's escaping. */
function pageWith(state: JsonValue): string {
  const escapes: Readonly<Record<string, string>> = {
    '&': '&a;',
    '"': '&q;',
    "'": '&s;',
    '<': '&l;',
    '>': '&g;',
  };
  const text = JSON.stringify(state).replace(/[&"'<>]/g, letter => escapes[letter] ?? letter);
  return `<title>Ciencuadras</title><script id="detail-state" type="application/json">${text}</script>`;
}

const jsonLd = (price: string) =>
  `<script type="application/ld+json">{"@type":"Product","offers":{"price":"${price}"}}</script>`;

/** The fixture's page with other values in its route object and its advert. */
function changed(route: {[key: string]: JsonValue}, general: {[key: string]: JsonValue} = {}): string {
  const state = cutAngularState(LISTING, 'detail-state');
  const at = isObject(state) ? state : {};
  const detail = at[`detail-property-${PATH}`];
  for (const [target, change] of [
    [at[PATH], route] as const,
    [isObject(detail) ? detail.generalData : null, general] as const,
  ]) {
    if (!isObject(target ?? null)) throw new Error('the fixture has no advert');
    Object.assign(target as object, change);
  }
  return pageWith(state);
}

describe('golden page', () => {
  it('reads as it did', () => {
    const expected: unknown = JSON.parse(readFixture('ciencuadras/listing.expected.json'));
    expect(JSON.parse(JSON.stringify(tryPage(ciencuadras, {body: LISTING})))).toEqual(expected);
  });
});

describe('seeds', () => {
  it.each([
    ['sale', INDEX_URL],
    ['rent', `${HOME}/sitemap-index-detalles-inmuebles-arriendo.xml`],
  ] as const)('of %s are the index of its sitemaps', (operation, url) => {
    expect(ciencuadras.seeds({...SCOPE, operation})).toEqual([{kind: 'sitemap', url}]);
  });

  it.each(['antioquia', 'antioquia/medellin/el-poblado', ''])(
    'has none for %j: sitemaps go by city',
    place => {
      expect(() => ciencuadras.seeds({...SCOPE, place})).toThrow(ConfigError);
    },
  );
});

describe('parseSitemap', () => {
  it('follows the sitemaps of the city, whatever their numbers', () => {
    expect(linksOf(sitemapPage(INDEX_URL, INDEX))).toEqual([
      {kind: 'sitemap', url: CITY_URL, lastmod: null},
      {kind: 'sitemap', url: `${HOME}/sitemap-detalles-venta-la-estrella.xml`, lastmod: null},
    ]);
  });

  it('gives the adverts of the scope once, with their days', () => {
    expect(linksOf(sitemapPage(CITY_URL, CITY))).toEqual([
      {
        kind: 'listing',
        url: `${HOME}/inmueble/casa-en-venta-en-los-molinos-la-estrella-3000002`,
        lastmod: '2026-05-01',
      },
      {kind: 'listing', url: HOME + PATH, lastmod: '2026-04-30'},
      {kind: 'listing', url: `${HOME}/inmueble/casa-en-venta-3000004`, lastmod: '2026-05-01'},
      {kind: 'listing', url: `${HOME}/inmueble/casa-en-venta-en-otro-barrio-bello-3000005`, lastmod: null},
    ]);
    const flats = sitemapPage(CITY_URL, CITY, {...SCOPE, propertyType: 'apartment'});
    expect(linksOf(flats).map(link => link.url)).toEqual([
      `${HOME}/inmueble/apartamento-en-venta-en-toledo-la-estrella-3000003`,
    ]);
    for (const {url} of linksOf(flats)) expect(ciencuadras.identify(url)).toBeDefined();
  });

  it('counts addresses it does not know', () => {
    expect(ciencuadras.parseSitemap?.(sitemapPage(CITY_URL, CITY)).issues).toMatchObject([
      {code: 'unknown_word', value: 'iglu', message: expect.stringMatching(/^1 addresses/)},
      {code: 'unknown_word', value: 'no advert'},
    ]);
  });

  it('goes to no other site', () => {
    const foreign = CITY.replaceAll(HOME, 'https://www.ciencuadras.example');
    expect(linksOf(sitemapPage(CITY_URL, foreign))).toEqual([]);
  });
});

describe('accept', () => {
  const judge = (page: Page, scope = SCOPE) => ciencuadras.accept(scope, page);

  it('takes the page that was asked for', () => {
    expect(judge(listingPage())).toBe(true);
    expect(judge(sitemapPage(INDEX_URL, INDEX))).toBe(true);
    expect(judge(sitemapPage(CITY_URL, CITY))).toBe(true);
    expect(judge(sitemapPage(CITY_URL, '<urlset></urlset>')), 'a city may have no advert').toBe(true);
  });

  it('refuses a city that the portal does not know', () => {
    const scope = {...SCOPE, place: 'antioquia/la-estrela'};
    expect(judge(sitemapPage(INDEX_URL, INDEX, scope), scope)).toBe(
      'asked antioquia/la-estrela, portal has no sale sitemap of a city la-estrela',
    );
    const rent = {...SCOPE, operation: 'rent'} as const;
    expect(judge(sitemapPage(INDEX_URL, INDEX, rent), rent)).toBe(
      'asked antioquia/la-estrella, portal has no rent sitemap of a city la-estrella',
    );
  });

  it.each([
    [
      'another city',
      CITY.replaceAll('la-estrella-', 'bello-'),
      'asked sale in antioquia/la-estrella, portal answered adverts as sale in los-molinos-bello',
    ],
    [
      'another operation',
      CITY.replaceAll('-en-venta-', '-en-arriendo-').replaceAll('o-venta', 'o-arriendo'),
      'asked sale in antioquia/la-estrella, portal answered adverts as rent in los-molinos-la-estrella',
    ],
    ['the index again', INDEX, `asked ${CITY_URL}, portal answered index`],
  ])('refuses a sitemap of %s', (_, body, reason) => {
    expect(judge(sitemapPage(CITY_URL, body))).toBe(reason);
  });

  it.each([
    [
      'another advert',
      changed({}, {propertyId: 3000009}),
      {},
      'asked listing 3000001, portal answered 3000001 and 3000009',
    ],
    [
      'an unknown message',
      changed({message: 'Error interno'}),
      {},
      'asked listing 3000001, portal answers "Error interno" and not "OK"',
    ],
    [
      'no message',
      changed({message: null}),
      {},
      'asked listing 3000001, portal answers "nothing" and not "OK"',
    ],
    [
      'two answers',
      `<h2>Este inmueble ya no está disponible</h2>${LISTING}`,
      {},
      'asked listing 3000001, portal answers "OK" and "Este inmueble ya no está disponible"',
    ],
    ['a challenge', CHALLENGE, {}, `asked ${HOME}${PATH}, portal answered with a challenge page`],
    ['a 503', '<title>Error</title>', {status: 503}, `asked ${HOME}${PATH}, portal answered 503`],
  ])('refuses %s', (_, body, answer, reason) => {
    const page = listingPage(body, answer);
    expect(ciencuadras.gone(page), 'unknown is not gone').toBeUndefined();
    expect(judge(page)).toBe(reason);
  });

  it('takes error: true for no proof', () => {
    const page = listingPage(changed({error: true}));
    expect([judge(page), ciencuadras.gone(page)]).toEqual([true, undefined]);
  });

  it('refuses searches', () => {
    const page = pageOf(ciencuadras, SCOPE, {kind: 'search', url: `${HOME}/venta/bogota`}, LISTING);
    expect(judge(page)).toContain('searches of Ciencuadras are not read');
    expect(() => ciencuadras.parseSearch(page)).toThrow(PageShapeError);
  });
});

describe('gone', () => {
  it('is undefined while the advert is there', () => {
    expect(ciencuadras.gone(listingPage())).toBeUndefined();
    expect(ciencuadras.gone(sitemapPage(CITY_URL, CITY))).toBeUndefined();
  });

  const route = (message: string): JsonValue => ({[PATH]: {error: true, message}});
  it.each([
    ['404', REMOVED, {status: 404}, 'answered 404'],
    ['410', REMOVED, {status: 410}, 'answered 410'],
    ['the sentence', REMOVED, {}, 'the page says it is no longer available'],
    [
      'a zombie with all its data',
      changed({error: true, message: 'Inmueble No Activo. StatusCode: 1'}),
      {},
      'the page says "Inmueble No Activo. StatusCode: 1"',
    ],
    [
      'a zombie of the other code',
      changed({message: 'Inmueble No Activo. StatusCode: 2'}),
      {},
      'the page says "Inmueble No Activo. StatusCode: 2"',
    ],
    [
      'no results',
      pageWith(route('Property Code without results')),
      {},
      'the page says "Property Code without results"',
    ],
    [
      'no results beside the route',
      pageWith({
        ...(route('') as object),
        [`detail-property-${PATH}`]: {error: true, message: 'Property Code without results'},
      }),
      {},
      'the page says "Property Code without results"',
    ],
  ])('by %s', (_, body, answer, reason) => {
    const page = listingPage(body, answer);
    expect(ciencuadras.gone(page)).toBe(reason);
    expect(ciencuadras.accept(SCOPE, page), 'a gone page is an answer').toBe(true);
  });

  it('takes no message about another advert', () => {
    const other = pageWith({
      '/inmueble/casa-en-venta-en-x-bello-3000009': {message: 'Inmueble No Activo. StatusCode: 1'},
    });
    expect(ciencuadras.gone(listingPage(other))).toBeUndefined();
    expect(ciencuadras.accept(SCOPE, listingPage(other))).toBe(
      'asked listing 3000001, portal answered 3000009 and undefined',
    );
  });
});

describe('parseListing', () => {
  it('reports a JSON-LD price that disagrees', () => {
    const body = LISTING.replace('"price": "3059100000"', '"price": "305910000"');
    expect(ciencuadras.parseListing(listingPage(body)).issues).toMatchObject([{code: 'json_ld_disagrees'}]);
  });

  it('leaves out prices that are not in pesos', () => {
    const {listing, issues} = ciencuadras.parseListing(listingPage(LISTING.replace('"COP"', '"USD"')));
    expect(listing.offers.map(offer => offer.price)).toEqual([null, null]);
    expect(issues).toMatchObject([{code: 'unknown_word', path: '$.offers.priceCurrency'}]);
  });

  it('reports an advert of another place than its sitemap', () => {
    const issuesIn = (place: string, change = {}) =>
      ciencuadras.parseListing(listingPage(changed({}, change), {}, {...SCOPE, place})).issues;
    expect(issuesIn('antioquia/la-estrella')).toEqual([]);
    expect(issuesIn('risaralda/la-estrella')).toMatchObject([
      {code: 'place_disagrees', value: 'antioquia/la-estrella'},
    ]);
    expect(issuesIn('antioquia/bello')).toMatchObject([{code: 'place_disagrees'}]);
    const bogota = {cityName: 'Bogotá', departmentName: 'Cundinamarca'};
    expect(issuesIn('bogota-dc/bogota', bogota), 'Bogotá stands under Cundinamarca').toEqual([]);
  });
});

describe('personal data', () => {
  it('leaves other adverts, pictures and settings behind', () => {
    const kept = JSON.stringify(listingPage());
    for (const word of ['314000', 'idPhoto', 'metaTags', 'gallery-state', 'Colegio de ejemplo', 'faqs']) {
      expect(LISTING, word).toContain(word);
      expect(kept, word).not.toContain(word);
    }
  });

  const planted = {
    description: 'Informa Marta Lucía Restrepo, cel 3105550128, marta.restrepo@correo.example, apto 302',
    buildName: 'Vende Marta Lucía Restrepo 310 555 0128',
    projectName: 'Con Marta Lucía Restrepo',
    neighborhoodName: 'Los molinos 310 555 01 28 marta.restrepo@correo.example',
    nueva: {nombreDelAsesor: 'Marta Lucía Restrepo', linea: '+57 310 555 0128'},
  };
  const words = [
    ...[
      'Marta',
      'Restrepo',
      'restrepo',
      '310 555',
      '3105550128',
      '6045550199',
      'CASA 12',
      'oficina 504',
      'AP 904',
    ],
    ...['correo.example', '7000123', 'interior 201', 'raices-del-sur'],
  ];

  it('is in the fixtures and in nothing that is kept', () => {
    const kept = JSON.stringify([
      listingPage(),
      listingPage(changed({}, planted)),
      sitemapPage(CITY_URL, CITY),
    ]);
    const sent = LISTING + CITY + JSON.stringify(planted);
    for (const word of words) {
      expect(sent, word).toContain(word);
      expect(kept, word).not.toContain(word);
    }
    expect(sent).toContain('llamar-a-marta-restrepo-3105550128');
    expect(kept).not.toContain('llamar-a');
    expect(kept).toContain('3059100000');
    expect(kept).toContain('$ 3.059.100.000');
  });

  it('is not in the address either, asked or answered', () => {
    const url = `${HOME}/inmueble/casa-en-venta-en-marta-restrepo-la-estrella-3000001`;
    const page = pageOf(
      ciencuadras,
      SCOPE,
      {kind: 'listing', url},
      LISTING.replaceAll('los-molinos', 'marta-restrepo'),
    );
    expect(JSON.stringify(page)).not.toContain('restrepo');
    expect(page.ref.url).toBe(`${HOME}/inmueble/casa-en-venta-3000001`);
    expect(ciencuadras.accept(SCOPE, page)).toBe(true);
    expect(ciencuadras.parseListing(page).listing.url).toBe(
      `${HOME}/inmueble/casa-en-arriendo-o-venta-3000001`,
    );
  });

  it('is not seen in an amount that looks like a phone', () => {
    const general = {price: '3051234567', leaseFee: '3105550.0', adminValue: '310000'};
    const body = changed({}, general).replace('</title>', `</title>${jsonLd('3051234567')}`);
    const {listing, issues} = ciencuadras.parseListing(listingPage(body));
    expect(listing.offers.map(offer => offer.price)).toEqual([3_105_550, 3_051_234_567]);
    expect(issues).toEqual([]);
  });

  it('redacting twice changes nothing', () => {
    const {content} = listingPage(changed({}, planted));
    expect(redactContent(content, ciencuadras.redact, 'another key')).toEqual(content);
  });

  it.each([
    ['a company', 'Raíces del Sur SAS', '/inmobiliaria/raices-del-sur-7', 'Raíces del Sur SAS'],
    ['a person with an agency page', 'Marta Lucía Restrepo', '/inmobiliaria/marta-7', null],
    ['a company without one', 'Raíces del Sur SAS', null, null],
  ])('names %s only if it is a company', (_, realStateName, redirectUrl, expected) => {
    const state = cutAngularState(LISTING, 'detail-state');
    const detail = isObject(state) ? state[`detail-property-${PATH}`] : null;
    Object.assign((isObject(detail ?? null) ? (detail as {dataStrip: object}) : {dataStrip: {}}).dataStrip, {
      realStateName,
      redirectUrl,
    });
    const {listing} = ciencuadras.parseListing(listingPage(pageWith(state)));
    expect(listing.agencyName).toBe(expected);
    expect(listing.advertiserKey).toMatch(/^adv_[0-9a-f]{24}$/);
  });
});

const SAMPLES = new URL('../../../shared/portals/samples/ciencuadras/', import.meta.url);
const sample = (name: string) => readFileSync(new URL(name, SAMPLES), 'utf8');

describe.skipIf(!existsSync(SAMPLES))('real pages of ../shared (skipped where it is absent)', () => {
  const bogota: Scope = {...SCOPE, propertyType: 'apartment', place: 'cundinamarca/bogota'};
  const tunaAlta = () => sample('detail-2026-05-tuna-alta-venta.excerpt.html');
  const url = `${HOME}/inmueble/apartamento-en-venta-en-tuna-alta-bogota-3713891`;

  it('reads the advert of May 2026 field by field', () => {
    const page = pageOf(ciencuadras, bogota, {kind: 'listing', url}, tunaAlta());
    expect([ciencuadras.gone(page), ciencuadras.accept(bogota, page)]).toEqual([undefined, true]);
    const {listing, unread, issues} = ciencuadras.parseListing(page);
    expect([unread, issues]).toEqual([[], []]);
    expect(listing).toMatchObject({
      portalListingId: '3713891',
      url,
      title: 'Apartamento en Venta en Mirador de suba',
      propertyType: 'apartment',
      offers: [{operation: 'sale', price: 208_000_000, currency: 'COP', adminFeeCop: 110_976}],
      department: 'Cundinamarca',
      municipality: 'Bogotá',
      district: 'Suba',
      neighbourhood: 'Tuna Alta',
      latitude: 4.757168,
      longitude: -74.07871,
      builtAreaM2: 49,
      privateAreaM2: 49,
      landAreaM2: null,
      bedrooms: 3,
      bathrooms: 1,
      parkingSpaces: null,
      floor: null,
      stratum: 3,
      ageYearsMin: null,
      amenities: ['Salon comunal', 'Zona infantil', 'Zona lavanderia', 'Zonas verdes'],
      advertiserKind: 'agency',
      photosCount: 14,
      publishedOn: '2026-05-01',
    });
    expect(findPersonal(listing.description ?? '')).toEqual([]);
  });

  it('keeps no address, advertiser number, contact or other advert', () => {
    const kept = JSON.stringify(pageOf(ciencuadras, bogota, {kind: 'listing', url}, tunaAlta()));
    expect(kept).not.toMatch(/KR 92|6127|REDACTED|phoneList|advisor|3366804|metaTags/);
    expect(kept.length).toBeLessThan(tunaAlta().length / 5);
  });

  it('walks from the index of May 2026 to the adverts of a city', () => {
    const index = sitemapPage(INDEX_URL, sample('sitemap-2026-05-index-detalles-venta.excerpt.xml'), bogota);
    expect(ciencuadras.accept(bogota, index)).toBe(true);
    expect(
      linksOf(index)
        .map(link => link.url.slice(HOME.length))
        .sort(),
    ).toEqual([
      ...[2, 3, 4, 5].map(number => `/sitemap-detalles-venta-bogota-${number}.xml`),
      '/sitemap-detalles-venta-bogota.xml',
    ]);
    const city = sitemapPage(
      `${HOME}/sitemap-detalles-venta-bogota.xml`,
      sample('sitemap-2026-05-detalles-venta-bogota.excerpt.xml'),
      bogota,
    );
    expect(ciencuadras.accept(bogota, city)).toBe(true);
    const counts = ciencuadras.propertyTypes.map(propertyType => {
      const {links, issues} = ciencuadras.parseSitemap?.({...city, scope: {...bogota, propertyType}}) ?? {
        links: [],
        issues: [],
      };
      expect(issues).toEqual([]);
      expect(links.every(link => link.kind === 'listing' && link.lastmod === '2026-05-01')).toBe(true);
      return links.length;
    });
    expect(
      counts.reduce((sum, count) => sum + count, 0),
      'each of the 14 belongs to one type',
    ).toBe(14);
  });

  it('takes the reconstructed removed adverts for gone', () => {
    const state: JsonValue = JSON.parse(sample('reconstructed-detail-state-inactive.json'));
    const path = '/inmueble/apartamento-en-venta-en-x-bogota-1000001';
    const second = isObject(state) ? (state._second_variant ?? null) : null;
    const reasons = [state, {[path]: second}].map(variant =>
      ciencuadras.gone(pageOf(ciencuadras, bogota, {kind: 'listing', url: HOME + path}, pageWith(variant))),
    );
    expect(reasons).toEqual([
      'the page says "Inmueble No Activo. StatusCode: 1"',
      'the page says "Property Code without results"',
    ]);
  });
});
