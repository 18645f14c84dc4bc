import {existsSync, readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {
  isListingId,
  listingIdIn,
  pageNumberIn,
  searchPageUrl,
  searchUrl,
  shortenPath,
} from '../../scrapers/metrocuadrado-urls.ts';
import {ConfigError} from '../../src/domain/errors.ts';
import type {Scope} from '../../src/domain/page.ts';

const HOME = 'https://www.metrocuadrado.com';
const SCOPE: Scope = {
  portal: 'metrocuadrado',
  operation: 'sale',
  propertyType: 'apartment',
  place: 'antioquia/medellin',
};

describe('searches', () => {
  it.each([
    [{}, '/apartamentos/venta/medellin/'],
    [{operation: 'rent', propertyType: 'house'}, '/casas/arriendo/medellin/'],
    [{place: 'antioquia/medellin/los-balsos-no.1'}, '/apartamentos/venta/medellin/los-balsos-no.1/'],
    [{place: 'bogota'}, '/apartamentos/venta/bogota/'],
    [
      {place: 'bogota/chapinero', propertyType: 'building'},
      '/edificio-de-apartamentos/venta/bogota/chapinero/',
    ],
  ] as const)('%j', (change, path) => {
    expect(searchUrl({...SCOPE, ...change})).toBe(HOME + path);
    expect(shortenPath(path), 'the portal’s own words').toBe(path);
    expect(listingIdIn(path)).toBeUndefined();
  });

  it.each([
    {place: 'antioquia'},
    {place: ''},
    {place: 'antioquia/medellin/a/b'},
    {propertyType: 'room'},
  ] as const)('refuses what the portal cannot search: %j', change => {
    expect(() => searchUrl({...SCOPE, ...change})).toThrow(ConfigError);
    expect(() => searchUrl({...SCOPE, ...change})).toThrow('name a department and a city');
  });

  it('counts pages from 1, which has no parameter', () => {
    const url = `${HOME}/casas/venta/medellin/`;
    expect(searchPageUrl(url, 2)).toBe(`${url}?page=2`);
    expect(searchPageUrl(`${url}?page=2`, 3)).toBe(`${url}?page=3`);
    expect(searchPageUrl(`${url}?page=2`, 1)).toBe(url);
    expect([pageNumberIn(url), pageNumberIn(`${url}?page=12`)]).toEqual([1, 12]);
  });
});

describe('listing addresses', () => {
  it.each([
    [
      '/inmueble/venta-casa-bogota-cr.-frailejones-4-habitaciones-3-banos/MC100',
      '/inmueble/venta-casa/MC100',
      'MC100',
    ],
    ['/inmueble/arriendo-casa-lote-chia/1-M200', '/inmueble/arriendo-casa-lote/1-M200', '1-M200'],
    ['/inmueble/arriendo-casa-bogota-casa-blanca-5-banos/22-67', '/inmueble/arriendo-casa/22-67', '22-67'],
    ['/inmueble/venta-de-juan-perez-3105550127/30-M1', '/inmueble/inmueble/30-M1', '30-M1'],
    ['/proyecto/torre-de-juan-perez/14693-C0004-02', '/proyecto/proyecto/14693-C0004-02', '14693-C0004-02'],
    [
      '/venta/casa-en-bogota-niza-con-3-habitaciones-area-200-mts-$800.000.000-id-2412-M1614832',
      '/venta/inmueble-id-2412-M1614832',
      '2412-M1614832',
    ],
    ['/venta/casa-en-bogota-niza-$950.000.000-id-775-929742', '/venta/inmueble-id-775-929742', '775-929742'],
  ])('%s', (path, short, id) => {
    expect(shortenPath(path)).toBe(short);
    expect(shortenPath(short), 'twice').toBe(short);
    expect(listingIdIn(`${HOME}${path}?x=1`)).toBe(id);
    expect(listingIdIn(HOME + short)).toBe(id);
    expect(isListingId(id)).toBe(true);
  });

  it.each([
    '/inmobiliaria/juan-perez/11274',
    '/blog/juan-perez',
    '/casas/venta/medellin/juan-310-555-0127/',
    '/casas/venta/medellin/juan perez',
    '/inmueble/venta-casa/juan',
  ])('%s is none', path => {
    expect(shortenPath(path)).toBeUndefined();
    expect(listingIdIn(path)).toBeUndefined();
  });

  it('tells ids from what redaction or a changed portal leaves', () => {
    expect(['[TEL]', '', '3105550127', 'M12', '1-X2'].map(isListingId)).toEqual(Array(5).fill(false));
  });
});

const SAMPLES = new URL('../../../shared/portals/samples/metrocuadrado/', import.meta.url);

describe.skipIf(!existsSync(SAMPLES))('real addresses of ../shared (skipped where it is absent)', () => {
  it.each(['urls-2016-detail.txt', 'urls-2023-08-detail.txt'])('%s are all known', name => {
    const urls = readFileSync(new URL(name, SAMPLES), 'utf8').trim().split('\n');
    expect(urls.length).toBeGreaterThanOrEqual(40);
    for (const url of urls) {
      const id = listingIdIn(url);
      expect(id, url).toBeDefined();
      expect(shortenPath(new URL(url).pathname), url).toMatch(new RegExp(`^/[a-z]+/[a-z-]+[/-]${id}$`));
    }
  });
});
