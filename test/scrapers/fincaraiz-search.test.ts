import {existsSync, readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import fincaraiz from '../../scrapers/fincaraiz.ts';
import {keepBarrios, splitSearch} from '../../scrapers/fincaraiz-search.ts';
import {TYPES} from '../../scrapers/fincaraiz-urls.ts';
import type {JsonValue, Page, Scope} from '../../src/domain/page.ts';
import {cutScriptById} from '../../src/portal/embedded.ts';
import {isObject, lookUp} from '../../src/portal/take.ts';
import {pageOf, readFixture} from './fixture.ts';

const HOME = 'https://www.fincaraiz.com.co';
const SCOPE: Scope = {
  portal: 'fincaraiz',
  operation: 'sale',
  propertyType: 'apartment',
  place: 'antioquia/medellin',
};
const CITY = `${HOME}/venta/apartamentos/medellin/antioquia`;
const POBLADO = `${HOME}/venta/apartamentos/el-poblado/suroriente/medellin`;
const LINKS = {
  'Apartamentos en Venta': [
    {text: 'Apartamentos en Venta en El poblado', url: '/venta/apartamentos/el-poblado/suroriente/medellin'},
    {text: 'Apartamentos en Venta en Medellín', url: '/venta/apartamentos/medellin/comuna-3/medellin'},
    {text: 'Apartamentos en Venta en Niquía', url: '/venta/apartamentos/niquia/zona-1/bello'},
    {text: 'Apartamentos en Venta en San José', url: '/venta/apartamentos/san-jose-000050/comuna-8/medellin'},
  ],
  'Casas en Venta': [{text: 'Casas', url: '/venta/casas/el-poblado/suroriente/medellin'}],
  Inmobiliarias: [{text: 'Marta Restrepo', url: '/inmobiliarias/marta-restrepo/174655345'}],
};

const STATE = cutScriptById(readFixture('fincaraiz/search.html'), '__NEXT_DATA__');

interface Answer {
  readonly total?: number;
  readonly place?: JsonValue;
  readonly bedrooms?: JsonValue;
  readonly echo?: JsonValue;
  readonly scope?: Scope;
  readonly finalUrl?: string;
}

/** The fixture's search page with another total, place, rooms and links. */
function searchPage(url: string, answer: Answer = {}): Page {
  const {total = 11, scope = SCOPE} = answer;
  const state = structuredClone(STATE);
  const at = (path: string): {[key: string]: JsonValue} => {
    const found = lookUp(state, path) ?? null;
    if (!isObject(found)) throw new Error(`the fixture has no ${path}`);
    return found;
  };
  const number = Number(/pagina(\d+)/.exec(url)?.[1] ?? 1);
  const lastPage = Math.ceil(total / 21);
  Object.assign(at('props.pageProps.fetchResult.searchFast.paginatorInfo'), {
    ...{total, lastPage, currentPage: number},
  });
  at('props.pageProps').apolloState = {ROOT_QUERY: {'seoMetaTags({})': {links: LINKS}}};
  at('props.pageProps.params.filters').property_type_id = [{value: TYPES[scope.propertyType].id}];
  if (answer.place !== undefined) at('props.pageProps.params.filters').locations = {value: [answer.place]};
  if (answer.echo !== undefined) at('props.pageProps.params.filters').bedrooms = answer.echo;
  const listings = at('props.pageProps.fetchResult.searchFast').data;
  if (answer.bedrooms !== undefined && Array.isArray(listings)) {
    for (const listing of listings) if (isObject(listing)) listing.bedrooms = answer.bedrooms;
  }
  const body = `<title>Casas</title><script id="__NEXT_DATA__" type="application/json">${JSON.stringify(state)}</script>`;
  return pageOf(fincaraiz, scope, {kind: 'search', url}, body, {finalUrl: answer.finalUrl ?? url});
}

const MEDELLIN: JsonValue = lookUp(STATE, 'props.pageProps.params.filters.locations.value') ?? null;
const MEDELLIN_ECHO = Array.isArray(MEDELLIN) ? (MEDELLIN[0] ?? null) : null;
const POBLADO_ECHO: JsonValue = isObject(MEDELLIN_ECHO)
  ? {
      ...MEDELLIN_ECHO,
      name: 'El Poblado',
      slug: ['neighbourhood-colombia-05-001-1'],
      city: [{name: 'Medellín'}],
    }
  : null;

const partsOf = (page: Page) => splitSearch(page, fincaraiz.parseSearch(page)).map(({url}) => url);
const accept = (page: Page) => fincaraiz.accept(page.scope, page);

describe('split', () => {
  it('leaves a search of up to 840 adverts as it is', () => {
    expect(partsOf(searchPage(CITY, {total: 840}))).toEqual([]);
    expect(keepBarrios(STATE)).toEqual([]);
  });

  it('parts a larger one by rooms and by the neighbourhoods it links, of its own type and city', () => {
    expect(partsOf(searchPage(CITY, {total: 841}))).toEqual([
      `${CITY}/1-habitacion`,
      `${CITY}/2-habitaciones`,
      `${CITY}/3-habitaciones`,
      `${CITY}/4-o-mas-habitaciones`,
      POBLADO,
      `${HOME}/venta/apartamentos/san-jose-000050/comuna-8/medellin`,
    ]);
  });

  it('parts each part by the other when it is still too large', () => {
    const rooms = partsOf(searchPage(`${CITY}/3-habitaciones`, {total: 900, bedrooms: 3}));
    expect(rooms.slice(0, 2)).toEqual([
      `${POBLADO}/3-habitaciones`,
      `${HOME}/venta/apartamentos/san-jose-000050/comuna-8/medellin/3-habitaciones`,
    ]);
    // Linked neighbourhoods are never all: the part's own first 40 pages are walked too.
    expect(rooms.slice(2)).toHaveLength(39);
    expect(rooms.at(-1)).toBe(`${CITY}/3-habitaciones/pagina40`);
    expect(partsOf(searchPage(POBLADO, {total: 900, place: POBLADO_ECHO}))).toEqual([
      `${POBLADO}/1-habitacion`,
      `${POBLADO}/2-habitaciones`,
      `${POBLADO}/3-habitaciones`,
      `${POBLADO}/4-o-mas-habitaciones`,
    ]);
  });

  it('walks what can be parted no more as it is', () => {
    expect(partsOf(searchPage(`${POBLADO}/3-habitaciones`, {total: 900}))).toEqual([]);
    const land = {...SCOPE, propertyType: 'land', place: 'antioquia/medellin/el-poblado'} as const;
    expect(partsOf(searchPage(`${HOME}/venta/lotes/el-poblado/medellin`, {total: 900, scope: land}))).toEqual(
      [],
    );
  });

  it('asks no rooms of plots', () => {
    const land = {...SCOPE, propertyType: 'house_lot'} as const;
    const url = `${HOME}/venta/casas-lotes/medellin/antioquia`;
    expect(partsOf(searchPage(url, {total: 900, scope: land}))).toEqual([]);
  });

  it('is decided on the first page only', () => {
    expect(partsOf(searchPage(`${CITY}/pagina2`, {total: 900}))).toEqual([]);
  });

  it('keeps paths of neighbourhoods of the links, and no agency', () => {
    const kept = JSON.stringify(searchPage(CITY, {total: 900}).content);
    expect(kept).toContain('/venta/apartamentos/el-poblado/suroriente/medellin');
    expect(kept).not.toContain('estrepo');
    expect(kept).not.toContain('inmobiliarias/marta');
  });
});

describe('accept of a part', () => {
  it('takes the neighbourhood, the rooms and their pages', () => {
    expect(accept(searchPage(POBLADO, {place: POBLADO_ECHO}))).toBe(true);
    expect(accept(searchPage(`${CITY}/3-habitaciones`, {bedrooms: 3}))).toBe(true);
    expect(accept(searchPage(`${CITY}/4-o-mas-habitaciones`, {bedrooms: 6, echo: {value: [4]}}))).toBe(true);
    expect(accept(searchPage(`${POBLADO}/2-habitaciones/pagina3`, {place: POBLADO_ECHO, bedrooms: 2}))).toBe(
      true,
    );
  });

  it.each<[string, Page, RegExp]>([
    [
      'the city in place of the neighbourhood',
      searchPage(POBLADO),
      /el-poblado, portal answered antioquia\/medellin$/,
    ],
    [
      'a redirect to the search without rooms',
      searchPage(`${CITY}/3-habitaciones`, {finalUrl: CITY, bedrooms: 3}),
      /redirected to/,
    ],
    ['other rooms', searchPage(`${CITY}/3-habitaciones`, {bedrooms: 2}), /have other rooms/],
    [
      'an echo of other rooms',
      searchPage(`${CITY}/3-habitaciones`, {bedrooms: 3, echo: {value: [{value: 1}]}}),
      /portal answered 1 rooms/,
    ],
    ['fewer rooms than asked', searchPage(`${CITY}/4-o-mas-habitaciones`, {bedrooms: 3}), /other rooms/],
  ])('refuses %s', (_, page, reason) => {
    expect(accept(page)).toMatch(reason);
  });
});

const SHARED = new URL('../../../shared/portals/samples/fincaraiz/', import.meta.url);

describe.skipIf(!existsSync(SHARED))('real pages (../shared, absent: skipped)', () => {
  it('link neighbourhoods of other cities and types too; those of Tunja houses are taken', () => {
    const name = 'search-2025-06-11-casas-venta-tunja-p1.html';
    const body = readFileSync(new URL(name, SHARED), 'utf8').replaceAll('"total":218', '"total":900');
    const scope: Scope = {...SCOPE, propertyType: 'house', place: 'boyaca/tunja'};
    const url = `${HOME}/venta/casas/tunja/boyaca`;
    const page = pageOf(fincaraiz, scope, {kind: 'search', url}, body);
    expect(accept(page)).toBe(true);
    const parts = partsOf(page).filter(part => !part.includes('habitacion'));
    expect(parts).toHaveLength(9);
    expect(parts).toContain(`${HOME}/venta/casas/la-calleja/comuna-4/tunja`);
    expect(parts.filter(part => part.includes('motavita') || part.includes('/tunja/comuna'))).toEqual([]);
  });
});
