import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {
  readListingUrl,
  readSitemapUrl,
  shortenPath,
  sitemapIndexUrl,
} from '../../scrapers/ciencuadras-urls.ts';

describe('readListingUrl', () => {
  it.each([
    [
      'https://www.ciencuadras.com/inmueble/apartamento-en-venta-en-tuna-alta-bogota-3713891',
      {id: '3713891', propertyType: 'apartment', operations: ['sale'], place: 'tuna-alta-bogota'},
    ],
    [
      '/inmueble/casa-en-arriendo-o-venta-en-20-de-julio-bogota-314994?utm=1',
      {id: '314994', propertyType: 'house', operations: ['rent', 'sale'], place: '20-de-julio-bogota'},
    ],
    [
      '/inmueble/casa-campestre-en-arriendo-3713891/',
      {id: '3713891', propertyType: 'country_house', operations: ['rent'], place: null},
    ],
    ['/inmueble/iglu-en-venta-en-x-cali-3713891', {typeWord: 'iglu', propertyType: null}],
    ['/inmueble/3713891', {id: '3713891', typeWord: null, operations: []}],
  ])('%s', (url, expected) => expect(readListingUrl(url)).toMatchObject(expected));

  it.each([
    '/inmobiliaria/aki-y-ahora-6127',
    '/venta/bogota/suba',
    '/inmueble/casa-en-venta-en-x-bogota',
    '/inmueble/casa-en-venta-en-x-bogota-3105550128',
    '/sitemap-detalles-venta-bogota-2.xml',
  ])('is undefined for %s', url => expect(readListingUrl(url)).toBeUndefined());
});

describe('sitemap addresses', () => {
  it.each([
    ['/sitemap-detalles-venta-bogota.xml', {operation: 'sale', city: 'bogota'}],
    [
      'https://www.ciencuadras.com/sitemap-detalles-arriendo-la-estrella-12.xml',
      {operation: 'rent', city: 'la-estrella'},
    ],
    ['/sitemap-index-detalles-inmuebles-venta.xml', undefined],
    ['/sitemap-detalles-proyectos-bogota.xml', undefined],
  ])('%s', (url, expected) => expect(readSitemapUrl(url)).toEqual(expected));

  it('has an index for each operation', () => {
    expect(sitemapIndexUrl('rent')).toBe(
      'https://www.ciencuadras.com/sitemap-index-detalles-inmuebles-arriendo.xml',
    );
  });
});

describe('shortenPath', () => {
  it.each([
    ['an advert', '/inmueble/apartamento-en-venta-en-tuna-alta-bogota-3713891', undefined],
    ['a number in the place', '/inmueble/casa-en-venta-en-20-de-julio-bogota-3713891', undefined],
    ['an unknown type', '/inmueble/iglu-en-venta-en-tuna-alta-bogota-3713891', undefined],
    ['a name', '/inmueble/casa-en-venta-en-marta-restrepo-bogota-3713891', '/inmueble/casa-en-venta-3713891'],
    ['a name as type', '/inmueble/marta-restrepo-en-venta-en-x-bogota-3713891', '/inmueble/3713891'],
    ['a name in another form', '/inmueble/llamar-a-marta-restrepo-3713891', '/inmueble/3713891'],
    [
      'a phone',
      '/inmueble/lote-en-arriendo-o-venta-en-310-555-01-28-cali-3713891',
      '/inmueble/lote-en-arriendo-o-venta-3713891',
    ],
    [
      'a bare number',
      '/inmueble/casa-en-venta-en-toledo-555-0128-bogota-3713891',
      '/inmueble/casa-en-venta-3713891',
    ],
    [
      'an e-mail',
      '/inmueble/casa-en-venta-en-casasbonitas@correo.example-3713891',
      '/inmueble/casa-en-venta-3713891',
    ],
    [
      'an e-mail in words',
      '/inmueble/casa-en-venta-en-casasbonitas-gmail-com-3713891',
      '/inmueble/casa-en-venta-3713891',
    ],
    ['an agency', '/inmobiliaria/marta-restrepo-6127', '/inmobiliaria'],
    ['a search', '/venta/bogota/suba/tuna-alta/apartamento', undefined],
    ['a sitemap', '/sitemap-detalles-venta-antonio-narino.xml', undefined],
  ])('%s', (_, path, expected = path) => {
    expect(shortenPath(path)).toBe(expected);
    expect(shortenPath(expected), 'twice changes nothing').toBe(expected);
    expect(readListingUrl(expected)?.id).toBe(readListingUrl(path)?.id);
  });

  it('leaves other paths to the patterns', () => expect(shortenPath('/blog/marta-restrepo')).toBeUndefined());
});

const SAMPLES = new URL('../../../shared/portals/samples/ciencuadras/', import.meta.url);

describe.skipIf(!existsSync(SAMPLES))('real addresses of ../shared (skipped where it is absent)', () => {
  const files = existsSync(SAMPLES)
    ? readdirSync(SAMPLES).filter(name => !name.startsWith('reconstructed'))
    : [];
  const all = files.flatMap(name => [
    ...readFileSync(new URL(name, SAMPLES), 'utf8').matchAll(/\/inmueble\/[a-z0-9-]+-\d+(?=[<"&])/g),
  ]);
  const paths = [...new Set(all.map(([path]) => path))];

  it('all say id, type, operation and place', () => {
    expect(paths).toHaveLength(109);
    for (const path of paths) {
      const address = readListingUrl(path);
      expect([address?.propertyType, address?.place], path).not.toContain(null);
      expect(address?.operations, path).not.toEqual([]);
    }
  });

  it('stay as they are but for a barrio with the name of a person', () => {
    const shortened = paths.filter(path => shortenPath(path) !== path);
    expect(shortened).toEqual([
      '/inmueble/apartamento-en-arriendo-en-eduardo-santos-bogota-3542711',
      '/inmueble/local-en-arriendo-en-eduardo-santos-bogota-3553917',
    ]);
  });
});
