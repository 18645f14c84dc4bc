/** Searches of Finca Raíz: whether a page is the one asked for, and the smaller ones a large search is made of. */
import type {JsonValue, Page, PageRef, Scope} from '../src/domain/page.ts';
import type {PropertyType} from '../src/domain/vocabulary.ts';
import {slugify} from '../src/lib/spanish.ts';
import type {SearchReading} from '../src/portal/define-portal.ts';
import {isObject, lookUp} from '../src/portal/take.ts';
import {
  HOMEPAGE,
  pageNumberIn,
  ROOMS,
  type Rooms,
  readSearchPart,
  searchPageUrl,
  searchPartUrl,
  searchUrl,
  TYPES,
} from './fincaraiz-urls.ts';

export const SEARCH = 'props.pageProps.fetchResult.searchFast';
export const FILTERS = 'props.pageProps.params.filters';

/**
 * Pages of one search that are walked. Deeper ones repeat each other: pages 800 and 1204 shared 15 of 21 rows (as
 * another project saw it, 2026-08); the website's own paginator ends at 50.
 */
const MAX_PAGES = 40;
export const MAX_RESULTS = 21 * MAX_PAGES;

/** Types whose adverts state rooms. A studio has one. */
const TYPES_WITH_ROOMS: readonly PropertyType[] = ['apartment', 'house', 'country_house', 'farm', 'cabin'];

/** True, or why this page is not the search that was asked for: the scope's own, or a part of it. */
export function acceptSearch(scope: Scope, page: Page): true | string {
  const {state} = page.content;
  if (lookUp(state, SEARCH) === undefined)
    return `asked a search, portal answered ${lookUp(state, 'page') ?? 'nothing'}`;
  const {barrio, rooms} = readSearchPart(scope, page.ref.url);
  const place = barrio === null ? scope.place : `${scope.place}/${barrio}`;
  const echo = readPlaceEcho(state);
  // A page without filters is known to be the city's only where nothing narrower was asked for.
  if (echo === null ? barrio !== null : echo !== place)
    return `asked ${place}, portal answered ${echo ?? 'no place'}`;
  const asked = pageNumberIn(page.ref.url);
  const current = lookUp(state, `${SEARCH}.paginatorInfo.currentPage`);
  if (current !== asked) return `asked page ${asked}, portal answered page ${current ?? 'nothing'}`;
  const operation = lookUp(state, `${FILTERS}.operation_type_id.value`);
  if (operation !== undefined && operation !== (scope.operation === 'sale' ? 1 : 2))
    return `asked ${scope.operation}, portal answered operation ${operation}`;
  const types = lookUp(state, `${FILTERS}.property_type_id`);
  const ids = Array.isArray(types) ? types.map(type => lookUp(type, 'value')) : null;
  if (ids !== null && (ids.length !== 1 || ids[0] !== TYPES[scope.propertyType].id))
    return `asked ${scope.propertyType}, portal answered types ${ids}`;
  return rooms === null || acceptRooms(rooms, page);
}

/**
 * A search by rooms that was redirected to the search without them, or whose filter was ignored, is none. No page of one
 * was ever seen whole: the name of the echo is that of the portal's vocabulary (`bedrooms`, 2025-06), and where it is
 * missing the adverts decide.
 */
function acceptRooms(rooms: Rooms, page: Page): true | string {
  if (!page.finalUrl.includes(`/${rooms.slug}`))
    return `asked ${rooms.slug}, portal redirected to ${page.finalUrl}`;
  const echo = lookUp(page.content.state, `${FILTERS}.bedrooms`);
  const stated = [isObject(echo ?? null) ? (lookUp(echo, 'value') ?? null) : (echo ?? null)].flat();
  const numbers = stated.flatMap(each => {
    const value = isObject(each ?? null) ? lookUp(each, 'value') : each;
    return typeof value === 'number' ? [value] : [];
  });
  if (numbers.length > 0 && !numbers.includes(rooms.min))
    return `asked ${rooms.slug}, portal answered ${numbers.join(', ')} rooms`;
  const listings = lookUp(page.content.state, `${SEARCH}.data`);
  const counts = Array.isArray(listings) ? listings.map(each => Number(lookUp(each, 'bedrooms'))) : [];
  const fitting = counts.filter(count => count >= rooms.min && count <= (rooms.max ?? count));
  return (
    2 * fitting.length >= counts.length ||
    `asked ${rooms.slug}, ${counts.length - fitting.length} of ${counts.length} adverts have other rooms`
  );
}

/**
 * The place that was searched, as a scope place. A search of the whole country names it or leaves the places out;
 * null when the page has no filters at all.
 */
export function readPlaceEcho(state: JsonValue): string | null {
  if (lookUp(state, FILTERS) === undefined) return null;
  const places = lookUp(state, `${FILTERS}.locations.value`);
  if (!Array.isArray(places) || places.length === 0) return 'colombia';
  return places.map(placeSlugs).join(' + ');
}

/** Department, city and the place itself; a department's slug field is kept, as its name has dots (`Bogotá, d.c.`). */
function placeSlugs(place: JsonValue): string {
  const chain = [lookUp(place, 'estate'), ...[lookUp(place, 'city') ?? []].flat(), place];
  const slugs = chain.flatMap(level => {
    const code = /^state-colombia-\d+-(.+)$/.exec(String([lookUp(level, 'slug') ?? ''].flat()[0]));
    const name = lookUp(level, 'name');
    return code?.[1] ?? (typeof name === 'string' ? slugify(name) : []);
  });
  return [...new Set(slugs)].join('/');
}

/**
 * Paths of neighbourhood searches that a large search links to: at most ten a type (2025-06), never all. Of other
 * searches none. The rest of these links is names of agencies.
 */
export function keepBarrios(state: JsonValue): string[] {
  const paginator = lookUp(state, `${SEARCH}.paginatorInfo`);
  const total = lookUp(paginator, 'total');
  if (typeof total !== 'number' || total <= MAX_RESULTS || lookUp(paginator, 'currentPage') !== 1) return [];
  const query = lookUp(state, 'props.pageProps.apolloState.ROOT_QUERY');
  const tags = Object.entries(isObject(query ?? null) ? (query as object) : {}).filter(([key]) =>
    key.startsWith('seoMetaTags'),
  );
  const lists = tags.flatMap(([, tag]) => Object.values((lookUp(tag, 'links') ?? {}) as object)).flat();
  const paths = lists.map(link => String(lookUp(link, 'url') ?? '').replace(HOMEPAGE, ''));
  return [...new Set(paths.filter(path => /^\/(?:venta|arriendo)(?:\/[a-z0-9-]+){3,4}$/.test(path)))];
}

/**
 * A search of more than 840 adverts is walked by rooms and by the neighbourhoods it links, each of those by the other
 * where it is still too large. Rooms part it almost wholly: adverts that state none are found by neighbourhood. Linked
 * neighbourhoods never cover a city, so that a search which has only those is walked down to page 40 as well.
 */
export function splitSearch(page: Page, {announcedTotal, nextPages}: SearchReading): readonly PageRef[] {
  const {scope, ref} = page;
  if ((announcedTotal ?? 0) <= MAX_RESULTS || pageNumberIn(ref.url) !== 1) return [];
  const {barrio, rooms} = readSearchPart(scope, ref.url);
  const byRooms = rooms === null && TYPES_WITH_ROOMS.includes(scope.propertyType) ? ROOMS : [];
  const barrios = barrio === null ? barriosOf(scope, page.content.state) : [];
  const urls = [
    ...byRooms.map(each => searchPartUrl(ref.url, each)),
    ...barrios.map(url => (rooms === null ? url : searchPartUrl(url, rooms))),
  ];
  if (urls.length === 0) return [];
  const own = byRooms.length > 0 ? [] : nextPages.slice(0, MAX_PAGES - 1);
  return [...urls.map(url => ({kind: 'search' as const, url})), ...own];
}

/** Links to searches of the scope's operation and type, in its own city: a page of Tunja links to Motavita as well. */
function barriosOf(scope: Scope, state: JsonValue): string[] {
  const kept = lookUp(state, 'barrios');
  const [, city, below] = scope.place.split('/');
  if (!Array.isArray(kept) || city === undefined || below !== undefined) return [];
  const [start] = searchUrl(scope).split(`/${city}/`);
  const urls = kept.map(path => `${HOMEPAGE}${path}`);
  // A neighbourhood called like its city has the city's own echo: whether it was searched can't be told.
  return urls.filter(
    url =>
      url.startsWith(`${start}/`) && url.endsWith(`/${city}`) && readSearchPart(scope, url).barrio !== city,
  );
}

export function furtherPages(url: string, current: number, lastPage: number): PageRef[] {
  return Array.from({length: Math.max(0, lastPage - current)}, (_, at) => ({
    kind: 'search' as const,
    url: searchPageUrl(url, current + 1 + at),
  }));
}
