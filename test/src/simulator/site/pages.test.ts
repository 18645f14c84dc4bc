import {existsSync, readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {OPERATIONS, PROPERTY_TYPES} from '../../../../src/domain/vocabulary.ts';
import {createMarket, DEMO_MARKET} from '../../../../src/simulator/market/market.ts';
import {MUNICIPALITIES} from '../../../../src/simulator/market/places.ts';
import type {Advert, MarketScope} from '../../../../src/simulator/market/truth.ts';
import {GONE_NOTICE} from '../../../../src/simulator/site/listing-page.ts';
import {SitePages} from '../../../../src/simulator/site/pages.ts';
import {listingPath, searchPath} from '../../../../src/simulator/site/paths.ts';

const SAMPLES = new URL('../../../../../shared/portals/samples/fincaraiz/', import.meta.url);
const market = createMarket(DEMO_MARKET);
const {truth} = market;
const pages = new SitePages(market);
const MEDELLIN: MarketScope = {operation: 'sale', propertyType: 'apartment', place: 'antioquia/medellin'};

// biome-ignore lint/suspicious/noExplicitAny: pages are read as a stranger would
type Json = any;

const textOf = (path: string, day = 0): string => pages.answer(path, day).body.toString();

function stateOf(html: string): Json {
  const tag = html.indexOf('<script id="__NEXT_DATA__"');
  if (tag < 0) return null;
  return JSON.parse(html.slice(html.indexOf('>', tag) + 1, html.indexOf('</script>', tag)));
}

const searchOf = (path: string, day = 0): Json =>
  stateOf(textOf(path, day)).props.pageProps.fetchResult.searchFast;

/** Every key path of an object; of lists, the first element's. Lists and objects that are empty count as leaves. */
function keyPaths(value: Json, prefix = ''): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [] : keyPaths(value[0], `${prefix}[]`);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => [
    `${prefix}.${key}`,
    ...keyPaths(member, `${prefix}.${key}`),
  ]);
}

describe('search pages', () => {
  it('carry 21 listing objects, the paginator and the place echo', () => {
    const state = stateOf(textOf('/venta/apartamentos/medellin/antioquia/pagina2'));
    const {searchFast} = state.props.pageProps.fetchResult;
    const total = truth.advertsOfScope(0, MEDELLIN).length;
    expect(state.page).toBe('/searchPage');
    expect(searchFast.data).toHaveLength(21);
    expect(searchFast.paginatorInfo).toEqual({
      currentPage: 2,
      firstItem: 22,
      hasMorePages: true,
      lastItem: 42,
      lastPage: Math.ceil(total / 21),
      perPage: 21,
      total,
    });
    const [place] = state.props.pageProps.params.filters.locations.value;
    expect(place).toMatchObject({
      name: 'Medellín',
      type: 'CITY',
      slug: ['city-colombia-05-001'],
      estate: {name: 'Antioquia'},
    });
    expect(place.id).toBe('183f0a11-9452-4160-9089-1b0e7ed45863');
  });

  it('together show exactly the live adverts of every scope with their stated prices, on every day', () => {
    for (const day of [0, 6]) {
      const shown = new Map<number, number>();
      for (const operation of OPERATIONS) {
        for (const propertyType of PROPERTY_TYPES) {
          for (const {slug} of MUNICIPALITIES) {
            const scope = {operation, propertyType, place: `antioquia/${slug}`};
            const {paginatorInfo, data} = searchOf(searchPath(scope), day);
            const found: Json[] = [...data];
            for (let page = 2; page <= paginatorInfo.lastPage; page += 1) {
              found.push(...searchOf(searchPath(scope, page), day).data);
            }
            const expected = truth.advertsOfScope(day, scope);
            expect(found.map(({id}) => id).sort()).toEqual(expected.map(({id}) => id).sort());
            expect(paginatorInfo.total).toBe(expected.length);
            for (const {id, price} of found) shown.set(id, price.amount);
          }
        }
      }
      expect(shown.size).toBe(truth.liveAdverts(day).length);
      for (const advert of truth.liveAdverts(day)) {
        const expected = truth.pricePath(advert.id).find(point => point.day === day)?.price ?? 0;
        expect(shown.get(advert.id)).toBe(expected);
      }
    }
  });

  it('answer an unknown place with the whole country, and say so only in the echo', () => {
    const state = stateOf(textOf('/venta/apartamentos/macondo/antioquia'));
    const {params, fetchResult} = state.props.pageProps;
    expect(pages.answer('/venta/apartamentos/macondo/antioquia', 0).status).toBe(200);
    expect(params.filters.locations.value[0].name).toBe('Colombia');
    const all = truth.advertsOfScope(0, {...MEDELLIN, place: 'antioquia'});
    expect(fetchResult.searchFast.paginatorInfo.total).toBe(all.length);
  });

  it('know departments and neighbourhoods, and link the neighbourhoods of a city', () => {
    const city = stateOf(textOf('/venta/apartamentos/medellin/antioquia'));
    const [seo]: Json[] = Object.values(city.props.pageProps.apolloState.ROOT_QUERY).slice(1);
    const links: Json[] = seo.links['Apartamentos en Venta'];
    expect(links.map(({url}) => url)).toContain('/venta/apartamentos/laureles/occidente/medellin');
    const barrio = searchOf('/venta/apartamentos/laureles/occidente/medellin');
    expect(barrio.data.length).toBeGreaterThan(5);
    for (const {locations} of barrio.data) expect(locations.location_main.name).toBe('Laureles');
    const echo = stateOf(textOf('/venta/apartamentos/antioquia')).props.pageProps.params.filters.locations
      .value[0];
    expect(echo).toMatchObject({name: 'Antioquia', type: 'STATE'});
  });

  it('beyond the last page are empty', () => {
    const {data, paginatorInfo} = searchOf('/venta/apartamentos/medellin/antioquia/pagina999');
    expect(data).toEqual([]);
    expect(paginatorInfo).toMatchObject({currentPage: 999, hasMorePages: false, firstItem: null});
  });

  it('keep their order within a day, or not when asked', () => {
    const idsOf = (site: SitePages): number[] =>
      stateOf(
        site.answer(searchPath(MEDELLIN), 0).body.toString(),
      ).props.pageProps.fetchResult.searchFast.data.map(({id}: Json) => id);
    expect(idsOf(pages)).toEqual(idsOf(new SitePages(market)));
    const unstable = new SitePages(market, {unstableOrder: true});
    expect(idsOf(unstable)).not.toEqual(idsOf(unstable));
  });

  it('write numbers and prices of dirty adverts as the portal would', () => {
    const find = (accept: (advert: Advert) => boolean): Json => {
      const advert = truth.liveAdverts(0).find(accept);
      expect(advert).toBeDefined();
      return stateOf(textOf(listingPath(advert!))).props.pageProps.data;
    };
    const labelled = (kind: string): Json => find(advert => advert.labels.some(label => label.kind === kind));
    expect(labelled('coordinates_missing')).toMatchObject({latitude: null, longitude: null});
    expect(labelled('coordinates_missing').locations.location_point).toMatch(
      /^POINT \(-75\.\d{1,2} 6\.\d{1,2}\)$/,
    );
    expect(labelled('currency_usd')).toMatchObject({currency: 'U$S', price: {currency: {id: 1}}});
    expect(labelled('price_hidden')).toMatchObject({hidePrice: true, price: {amount: 0, hidePrice: true}});
    const project = labelled('project_from_price');
    expect(project).toMatchObject({isProject: true, owner: {type: 'desarrollador'}});
    expect(project.link).toMatch(/^\/proyectos-vivienda\//);
    expect(project.commercial_units[0].price.amount).toBe(project.price.amount);
  });
});

describe('detail pages', () => {
  it('carry the same object, the sheet and JSON-LD', () => {
    const advert = truth.liveAdverts(0).find(({id, stated}) => id % 4 !== 3 && !stated.hidePrice)!;
    const html = textOf(listingPath(advert));
    const state = stateOf(html);
    expect(state.page).toBe('/propSingle');
    expect(state.props.pageProps.__PROPERTY__ID__).toBe(advert.id);
    expect(state.props.pageProps.technicalSheet).toEqual(state.props.pageProps.data.technicalSheet);
    const found = searchOf(searchPath(advert)).paginatorInfo;
    const inSearch = Array.from(
      {length: found.lastPage},
      (_, page) => searchOf(searchPath(advert, page + 1)).data,
    )
      .flat()
      .find(({id}: Json) => id === advert.id);
    expect(state.props.pageProps.data).toEqual(inSearch);
    const ld: Json = JSON.parse(/ld\+json">(.*?)<\/script>/.exec(html)?.[1] ?? 'null');
    expect(ld['@type']).toEqual(['RealEstateListing', 'Product']);
    expect(ld.offers.price).toBe(advert.stated.price);
  });

  it('of removed adverts say so with 200, or redirect', () => {
    const removed = truth.adverts.filter(advert => truth.isOnline(advert, 0) && !truth.isOnline(advert, 6));
    const answers = removed.map(advert => ({advert, answer: pages.answer(listingPath(advert), 6)}));
    const redirects = answers.filter(({answer}) => answer.status === 301);
    expect(redirects.length).toBeGreaterThan(0);
    for (const {advert, answer} of redirects) {
      expect(answer.location).toMatch(new RegExp(`^/(venta|arriendo)/[a-z-]+\\?addeletedid=${advert.id}$`));
    }
    const others = answers.filter(({answer}) => answer.status !== 301);
    expect(others.length).toBeGreaterThan(redirects.length);
    for (const {answer} of others) {
      expect(answer.status).toBe(200);
      expect(answer.body.toString()).toContain(GONE_NOTICE);
    }
  });

  it('answer by number, whatever the slug', () => {
    const advert = truth.liveAdverts(0).find(({slugSuffix}) => slugSuffix !== '')!;
    const bare = listingPath({...advert, slugSuffix: ''});
    expect(textOf(bare)).toBe(textOf(listingPath(advert)));
  });
});

describe('raw pages', () => {
  const everything = new Map<number, string>();
  for (let day = 0; day < market.days; day += 1) {
    for (const advert of truth.liveAdverts(day)) {
      if (!everything.has(advert.id)) everything.set(advert.id, textOf(listingPath(advert), day));
    }
  }

  it('hold every planted string of a live advert', () => {
    const planted = truth.plantedStrings.filter(({advertId}) => everything.has(advertId));
    expect(planted.length).toBeGreaterThan(600);
    for (const {advertId, text} of planted) expect(everything.get(advertId)).toContain(text);
  });

  it('hold personal strings in markup, JSON-LD and slugs too', () => {
    const withPerson = truth
      .liveAdverts(0)
      .find(({advertiser, id, slugSuffix}) => advertiser.isPerson && id % 4 !== 3 && slugSuffix !== '')!;
    const {name} = withPerson.advertiser;
    const html = everything.get(withPerson.id)!;
    expect(html).toContain(`<strong class="owner-name-text">${name}</strong>`);
    expect(html).toContain(`"seller":{"@type":"Person","name":"${name}"`);
    const cards =
      textOf(searchPath(withPerson, 1)) +
      pages
        .pathsOf(0)
        .filter(path => path.startsWith(searchPath(withPerson)))
        .map(path => textOf(path))
        .join('');
    expect(cards).toContain(`Por <strong class="body body-2 high">${name}</strong>`);
    expect(listingPath(withPerson)).toContain(withPerson.slugSuffix);
  });

  it('are marked in the title', () => {
    for (const path of [
      searchPath(MEDELLIN),
      listingPath(truth.liveAdverts(0)[0]!),
      '/nada',
      '/x-en-venta-en-y/1',
    ]) {
      expect(textOf(path)).toMatch(/<title>SIMULADO/);
    }
  });

  it('reach the size asked for with filler', () => {
    const advert = truth.liveAdverts(0)[0]!;
    expect(new SitePages(market, {padToBytes: 97_000}).answer(listingPath(advert), 0).body).toHaveLength(
      97_000,
    );
    expect(new SitePages(market, {padToBytes: 420_000}).answer(searchPath(MEDELLIN), 0).body).toHaveLength(
      420_000,
    );
  });
});

describe.skipIf(!existsSync(SAMPLES))('beside the real samples of ../shared', () => {
  const read = (name: string): string => readFileSync(new URL(name, SAMPLES), 'utf8');
  const ours: Json[] = searchOf(searchPath(MEDELLIN)).data;
  const houses: Json[] = searchOf(searchPath({...MEDELLIN, propertyType: 'house'})).data;
  const ourPaths = new Set([...ours, ...houses].flatMap(listing => keyPaths(listing)));

  it('listing objects have the 128 keys of September 2026, no more', () => {
    const real = JSON.parse(read('detail-2026-09-cali-apartaestudio.data.json'));
    expect(Object.keys(ours[0]).sort()).toEqual(Object.keys(real).sort());
    for (const [key, value] of Object.entries(real)) {
      if (value !== null && ours[0][key] !== null)
        expect([key, typeof ours[0][key]]).toEqual([key, typeof value]);
    }
    // Share links stand on a few detail pages only.
    const missing = keyPaths(real).filter(
      path => !ourPaths.has(path) && !path.startsWith('.socialMediaLinks'),
    );
    expect(missing).toEqual([]);
  });

  it('listing objects have every key of the search items of August 2026', () => {
    const {data} = stateOf(read('search-2026-08-02-three-listings.html')).props.pageProps.fetchResult
      .searchFast;
    for (const listing of data) {
      // Localities are Bogotá's.
      const missing = keyPaths(listing).filter(
        path => !ourPaths.has(path) && !path.startsWith('.locations.locality'),
      );
      expect(missing).toEqual([]);
    }
  });

  it('search pages have the search facts of the pages of June 2025', () => {
    const real = stateOf(read('search-2025-06-11-casas-venta-tunja-p2.html')).props.pageProps;
    const own = stateOf(textOf('/venta/apartamentos/medellin/antioquia/pagina2')).props.pageProps;
    const filters = (state: Json): string[] => keyPaths(state.params.filters).sort();
    expect(filters(own)).toEqual(filters(real));
    expect(Object.keys(own.fetchResult.searchFast.paginatorInfo).sort()).toEqual(
      Object.keys(real.fetchResult.searchFast.paginatorInfo).sort(),
    );
  });
});
