import {describe, expect, it} from 'vitest';
import fincaraiz from '../../scrapers/fincaraiz.ts';
import {completion} from '../../scrapers/fincaraiz-sitemaps.ts';
import type {Page, Scope} from '../../src/domain/page.ts';
import {pageOf} from './fixture.ts';

const HOME = 'https://www.fincaraiz.com.co';
const INDEX = `${HOME}/cde-sitemap-listings-index.xml`;
const file = (name: string) => `${HOME}/cde-sitemap-listings-${name}.xml`;
const scope = (place: string, propertyType: Scope['propertyType'] = 'apartment'): Scope => ({
  ...{portal: 'fincaraiz', operation: 'sale', propertyType, place},
});
const MEDELLIN = scope('antioquia/medellin');

const indexOf = (...names: string[]) =>
  `<?xml version="1.0"?><sitemapindex>${names.map(name => `<sitemap><loc>${file(name)}</loc></sitemap>`).join('')}</sitemapindex>`;
const listOf = (...paths: string[]) =>
  `<?xml version="1.0"?><urlset>${paths.map(path => `<url><loc>${HOME}${path}</loc><lastmod>2026-09-01</lastmod></url>`).join('')}</urlset>`;
const pageAt = (url: string, body: string, of = MEDELLIN) =>
  pageOf(fincaraiz, of, {kind: 'sitemap', url}, body);
const linksOf = (page: Page) => fincaraiz.parseSitemap?.(page).links.map(({url}) => url);

describe('completion', () => {
  it('begins at the index, for cities that are told in addresses', () => {
    expect(completion(MEDELLIN)).toEqual([{kind: 'sitemap', url: INDEX}]);
    expect(completion(scope('boyaca/tota'))).toEqual([]);
    expect(completion(scope('antioquia/medellin/el-poblado'))).toEqual([]);
  });
});

describe('index', () => {
  const body = indexOf(
    'apartamento-en-venta-antioquia',
    'apartamento-en-alquiler-antioquia',
    'apartamento-en-venta-resto-de-colombia',
    'casa-en-venta-antioquia',
    'local-en-venta-resto-de-colombia',
    'iglu-en-venta-antioquia',
  );

  it.each<[string, Scope, string[]]>([
    ['the zone', MEDELLIN, ['apartamento-en-venta-antioquia']],
    ['the operation: alquiler', {...MEDELLIN, operation: 'rent'}, ['apartamento-en-alquiler-antioquia']],
    ['the rest of the country', scope('meta/villavicencio'), ['apartamento-en-venta-resto-de-colombia']],
    [
      'the rest where the type has no such zone',
      scope('antioquia/medellin', 'retail'),
      ['local-en-venta-resto-de-colombia'],
    ],
  ])('leads to the file of %s', (_, of, names) => {
    const page = pageAt(INDEX, body, of);
    expect(fincaraiz.accept(of, page)).toBe(true);
    expect(linksOf(page)).toEqual(names.map(file));
  });

  it('without such a file is refused', () => {
    const of = scope('antioquia/medellin', 'farm');
    expect(fincaraiz.accept(of, pageAt(INDEX, body, of))).toBe(
      'portal has no sitemap of sale of farm for antioquia/medellin',
    );
    expect(fincaraiz.accept(MEDELLIN, pageAt(INDEX, listOf()))).toMatch(/portal answered urls$/);
  });
});

describe('file', () => {
  const url = file('apartamento-en-venta-antioquia');
  const body = listOf(
    '/apartamento-en-venta-en-el-poblado-medellin/191000001',
    '/apartamento-en-venta-en-medellin/191000002',
    '/apartamento-en-venta-en-la-campiña-medellín/191000003',
    '/apartamento-en-venta-en-niquia-bello/191000004',
    '/apartamento-en-venta-en-medellin-llamar-a-marta-restrepo-3105550128/191000005',
    '/apartamento-en-venta-en-alhambra-yarumal/191000006',
    '/blog/apartamentos-medellin',
  );

  it('gives the adverts of the city, by its name at the end of their addresses', () => {
    const page = pageAt(url, body);
    expect(fincaraiz.accept(MEDELLIN, page)).toBe(true);
    expect(linksOf(page)).toEqual(
      ['191000001', '191000002', '191000003'].map(id => `${HOME}/apartamento-en-venta/${id}`),
    );
    expect(linksOf(pageAt(url, body, scope('antioquia/bello')))).toEqual([
      `${HOME}/apartamento-en-venta/191000004`,
    ]);
    expect(fincaraiz.parseSitemap?.(page).links[0]?.lastmod).toBe('2026-09-01');
  });

  it('keeps nothing of an address but type, operation, number and city', () => {
    const kept = JSON.stringify(pageAt(url, body).content);
    for (const words of ['poblado', 'niquia', 'marta', 'restrepo', '3105550128', 'alhambra', 'blog'])
      expect(kept).not.toContain(words);
  });

  it('cut off is none', () => {
    expect(() => pageAt(url, body.slice(0, 400))).toThrow(/cut off/);
  });
});
