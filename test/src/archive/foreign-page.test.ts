import {describe, expect, test} from 'vitest';
import ciencuadras from '../../../scrapers/ciencuadras.ts';
import fincaraiz from '../../../scrapers/fincaraiz.ts';
import metrocuadrado from '../../../scrapers/metrocuadrado.ts';
import type {ForeignPage} from '../../../src/archive/foreign.ts';
import {isOfPortal, readForeignPage} from '../../../src/archive/foreign-page.ts';
import type {Portal} from '../../../src/portal/define-portal.ts';
import {readFixture} from '../../scrapers/fixture.ts';

const KEY = 'a test key of some length';
const HOME = 'https://www.fincaraiz.com.co';
const given = (url: string, body: ForeignPage['body'], more: Partial<ForeignPage> = {}): ForeignPage => ({
  ...{url, body, fetchedAt: new Date('2023-03-21T04:05:06Z'), status: 200, bytes: 1, own: null},
  ...more,
});
const read = (page: ForeignPage, portal: Portal = fincaraiz) => readForeignPage(portal, page, KEY);
const SEARCH = readFixture('fincaraiz/search.html');
const LISTING = readFixture('fincaraiz/listing.html');
const LISTING_URL = `${HOME}/apartamento-en-venta-en-medellin/190000002`;

describe('a listing page', () => {
  test('belongs to the search that its advert would stand in, at the portal’s own short address', () => {
    const page = read(
      given('http://fincaraiz.com.co/apartamento-en-venta-de-juan-perez/190000002#fotos', LISTING),
    );
    expect(page).toMatchObject({
      ...{outcome: 'ok', listingIds: ['id:190000002']},
      scope: {portal: 'fincaraiz', operation: 'sale', propertyType: 'apartment', place: 'antioquia/medellin'},
      page: {
        ref: {kind: 'listing', url: `${HOME}/apartamento-en-venta/190000002`},
        finalUrl: `${HOME}/apartamento-en-venta/190000002`,
      },
    });
    expect(JSON.stringify(page)).not.toMatch(/P[eé]rez|573105550128|correo\.example|apto 1402/);
  });

  test('of another advert, a challenge and a removed advert are what they are in a crawl', () => {
    expect(read(given(LISTING_URL.replace('190000002', '190000003'), LISTING))).toEqual({
      ...{outcome: 'skipped', why: 'not_accepted'},
    });
    expect(read(given(LISTING_URL, readFixture('fincaraiz/challenge.html')))).toMatchObject({
      why: 'not_accepted',
    });
    expect(read(given(LISTING_URL, readFixture('fincaraiz/listing-removed.html')))).toMatchObject({
      ...{outcome: 'gone', scope: null, listingIds: []},
    });
  });

  test('of an older site is misshapen, and nothing of it is given back but a digest', () => {
    const old = '<html><title>Casa</title><h1>Casa de Juan Carlos Pérez, llame 3105550128</h1></html>';
    const page = read(given(`${HOME}/casa-en-venta/medellin/belen-det-3986653.aspx`, old));
    expect(page).toMatchObject({
      outcome: 'error',
      ref: {kind: 'listing'},
      sha256: expect.stringMatching(/^\w{64}$/),
    });
    expect(JSON.stringify(page)).not.toMatch(/Pérez|3105550128/);
  });

  test.each([
    // It names no department: its search isn't known.
    ['metrocuadrado', metrocuadrado, 'metrocuadrado/listing.html', null],
    ['ciencuadras', ciencuadras, 'ciencuadras/listing.html', expect.stringMatching(/^[a-z-]+\/[a-z-]+$/)],
  ])('of %s is read the same way', (_name, portal, fixture, place) => {
    const body = readFixture(fixture);
    const url = /<link[^>]+rel="canonical"[^>]+href="([^"]+)"|property="og:url" content="([^"]+)"/.exec(body);
    const page = read(given(url?.[1] ?? url?.[2] ?? '', body), portal);
    expect(page).toMatchObject({outcome: 'ok', page: {ref: {kind: 'listing'}}});
    expect('scope' in page ? (page.scope?.place ?? null) : undefined).toEqual(place);
  });
});

describe('a search page', () => {
  test('belongs to what its address and its place echo say', () => {
    const page = read(given(`${HOME}/venta/casas/medellin/antioquia`, SEARCH));
    expect(page).toMatchObject({
      ...{outcome: 'ok', page: {ref: {kind: 'search'}}},
      scope: {operation: 'sale', propertyType: 'house', place: 'antioquia/medellin'},
    });
  });

  test('whose answer is of another type or of the whole country says nothing', () => {
    expect(read(given(`${HOME}/venta/apartamentos/medellin/antioquia`, SEARCH))).toMatchObject({
      why: 'not_accepted',
    });
    const country = readFixture('fincaraiz/search-unknown-place.html');
    expect(read(given(`${HOME}/venta/casas/medellin/antioquia`, country))).toMatchObject({
      why: 'scope_unknown',
    });
  });
});

test.each([
  [`${HOME}/blog/juan-perez`, 200, 'unknown_address'],
  [`${HOME}/venta/casas-y-lotes/medellin/antioquia`, 200, 'unknown_address'],
  [LISTING_URL, 403, 'http_403'],
  [LISTING_URL, 410, 'http_410'],
])('%s answered %i: %s', (url, status, why) => {
  expect(read(given(url, LISTING, {status}))).toEqual({outcome: 'skipped', why});
});

test('an exported page is redacted again and keeps its search; one that states nonsense gets its own', () => {
  const content = {
    title: 'Casa',
    state: {
      props: {
        pageProps: {data: {id: 1, telefono: '3001234567', notes: 'Ana', description: 'wa.me/573001234567'}},
      },
    },
    jsonLd: [],
    notices: ['propiedad que estabas buscando no está disponible'],
  };
  const own = {
    kind: 'listing',
    finalUrl: LISTING_URL,
    scope: 'rent/house/antioquia/bello',
    isSynthetic: false,
  } as const;
  const page = read(given(LISTING_URL, content, {own}));
  expect(page).toMatchObject({outcome: 'gone', scope: {operation: 'rent', place: 'antioquia/bello'}});
  expect(JSON.stringify(page)).not.toMatch(/3001234567|Ana/);
  const wrong = read(given(LISTING_URL, content, {own: {...own, scope: 'rent/castle/<b>'}}));
  expect(wrong).toMatchObject({outcome: 'gone', scope: null});
});

test('a site is the portal’s with and without www, and no other is', () => {
  expect(['http://fincaraiz.com.co/x', `${HOME}/x`].every(url => isOfPortal(fincaraiz, url))).toBe(true);
  for (const url of [
    'https://fincaraiz.com.co.evil.example/x',
    'dns:fincaraiz.com.co',
    '',
    'https://blog.fincaraiz.com.co/',
  ])
    expect(isOfPortal(fincaraiz, url), url).toBe(false);
});
