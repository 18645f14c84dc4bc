/** A search page: 21 complete listing objects and the search as the portal understood it. */
import type {JsonValue} from '../../domain/page.ts';
import {hash32} from '../../lib/random.ts';
import {BARRIOS, COUNTRY, DEPARTMENT} from '../market/places.ts';
import {OPERATION_NAMES} from '../market/texts.ts';
import type {Advert, Truth} from '../market/truth.ts';
import {barrioLocation, type JsonObject, municipalityLocation} from './locations.ts';
import {breadcrumbJsonLd, renderCard, renderDocument, scriptJson} from './markup.ts';
import {
  neighbourhoodPath,
  OPERATION_IDS,
  PAGE_SIZE,
  type RoomsFilter,
  type Search,
  type SearchPlace,
  TYPE_WORDS,
} from './paths.ts';

/** Adverts of a search in the portal's order: "popularity", which says nothing about them. Stable within a day. */
export function advertsOfSearch(truth: Truth, day: number, search: Search): readonly Advert[] {
  const {place} = search;
  return truth
    .liveAdverts(day)
    .filter(
      advert =>
        advert.operation === search.operation &&
        (search.propertyType === null || advert.propertyType === search.propertyType) &&
        isInPlace(advert, place) &&
        hasRooms(advert, search.rooms),
    )
    .map(advert => ({advert, rank: hash32(`popularity/${advert.id}`)}))
    .sort((left, right) => left.rank - right.rank)
    .map(({advert}) => advert);
}

function isInPlace(advert: Advert, place: SearchPlace): boolean {
  if (place.kind === 'country' || place.kind === 'department') return true;
  const isInCity = advert.place === `${DEPARTMENT.slug}/${place.municipality.slug}`;
  return place.kind === 'municipality' ? isInCity : isInCity && advert.stated.barrio === place.barrio.slug;
}

function hasRooms({stated: {bedrooms}}: Advert, rooms: RoomsFilter | null): boolean {
  return rooms === null || (bedrooms >= rooms.min && bedrooms <= rooms.max);
}

const COUNTRY_ECHO = [{name: COUNTRY.name, id: COUNTRY.locationId, slug: 'country-48-colombia'}];
const DEPARTMENT_ECHO = {
  name: DEPARTMENT.name,
  id: DEPARTMENT.locationId,
  slug: 'state-colombia-05-antioquia',
};

/** The place the portal says it searched; of an unknown one, the whole country. */
function placeEchoOf(place: SearchPlace): JsonObject {
  if (place.kind === 'country') {
    return {
      name: COUNTRY.name,
      id: COUNTRY.locationId,
      type: 'COUNTRY',
      slug: ['country-48-colombia'],
      country: COUNTRY_ECHO,
    };
  }
  if (place.kind === 'department') {
    return {...DEPARTMENT_ECHO, slug: [DEPARTMENT_ECHO.slug], type: 'STATE', country: COUNTRY_ECHO};
  }
  const {latitude, longitude} =
    place.kind === 'municipality' ? place.municipality.centre : place.barrio.centre;
  const known =
    place.kind === 'municipality' ? municipalityLocation(place.municipality) : barrioLocation(place.barrio);
  return {
    country: COUNTRY_ECHO,
    ...known,
    location_point: {coordinates: [longitude, latitude], type: 'point'},
    type: place.kind === 'municipality' ? 'CITY' : 'NEIGHBOURHOOD',
    ...(place.kind === 'neighbourhood' ? {city: [municipalityLocation(place.municipality)]} : {}),
    estate: DEPARTMENT_ECHO,
  };
}

function placeNameOf(place: SearchPlace): string {
  if (place.kind === 'country') return COUNTRY.name;
  if (place.kind === 'department') return DEPARTMENT.name;
  return place.kind === 'municipality' ? place.municipality.name : place.barrio.name;
}

function filtersOf(search: Search): JsonObject {
  const type = search.propertyType === null ? [] : [TYPE_WORDS[search.propertyType]];
  return {
    operation_type_id: {value: OPERATION_IDS[search.operation], text: OPERATION_NAMES[search.operation]},
    property_type_id: type.map(({id, plural}) => ({value: id, text: plural})),
    ...(search.rooms === null ? {} : {bedrooms: {value: [search.rooms.min], text: 'habitaciones'}}),
    ...(search.page > 1 ? {page: {value: search.page, text: `página ${search.page}`}} : {}),
    locations: {value: [placeEchoOf(search.place)], text: ''},
    country_id: 3,
    currencyID: {text: '$', value: 4},
    m2Currency: {text: '$', value: 4},
    order: {text: 'Popularidad', value: 2},
  };
}

/** Links to neighbourhood searches on a page; the real one has ten a type. */
const MAX_LINKS = 10;

/** Neighbourhood searches that the page links, of those with most of its adverts: the way to split a large search. */
function neighbourhoodLinks(search: Search, adverts: readonly Advert[]): JsonObject {
  const {place, operation, propertyType} = search;
  if (place.kind !== 'municipality' || propertyType === null) return {};
  const heading = `${TYPE_WORDS[propertyType].plural} en ${OPERATION_NAMES[operation]}`;
  const counts = new Map<string | null, number>();
  for (const {stated} of adverts) counts.set(stated.barrio, (counts.get(stated.barrio) ?? 0) + 1);
  const links = BARRIOS.filter(barrio => barrio.municipality === place.municipality.slug)
    .sort((left, right) => (counts.get(right.slug) ?? 0) - (counts.get(left.slug) ?? 0))
    .slice(0, MAX_LINKS)
    .map(barrio => ({
      text: `${heading} en ${barrio.name}`,
      url: neighbourhoodPath(operation, propertyType, barrio),
    }));
  return {[heading]: links};
}

export interface SearchPageFacts {
  readonly search: Search;
  /** All adverts of the search, in order. */
  readonly adverts: readonly Advert[];
  readonly truth: Truth;
  readonly day: number;
  /** Serialised listing object of an advert, ready for a script element. */
  readonly listingJson: (advert: Advert) => string;
  readonly padToBytes: number;
}

export function renderSearchPage({
  search,
  adverts,
  truth,
  day,
  listingJson,
  padToBytes,
}: SearchPageFacts): string {
  const first = (search.page - 1) * PAGE_SIZE;
  const shown = adverts.slice(first, first + PAGE_SIZE);
  const total = adverts.length;
  const lastPage = Math.max(1, Math.ceil(total / PAGE_SIZE));
  const paginatorInfo = {
    currentPage: search.page,
    firstItem: shown.length === 0 ? null : first + 1,
    hasMorePages: search.page < lastPage,
    lastItem: shown.length === 0 ? null : first + shown.length,
    lastPage,
    perPage: PAGE_SIZE,
    total,
  };
  const path = search.page === 1 ? search.basePath : `${search.basePath}/pagina${search.page}`;
  const filters = filtersOf(search);
  const typeName = search.propertyType === null ? 'Inmuebles' : TYPE_WORDS[search.propertyType].plural;
  const operation = OPERATION_NAMES[search.operation];
  const suffix = search.page === 1 ? '' : ` página ${search.page}`;
  const title = `${typeName} en ${operation} en ${placeNameOf(search.place)}${suffix}`;
  const seoKey = `seoMetaTags({"url":"${path}"})`;
  const seo = {
    __typename: 'SeoMetaTags',
    h1: title,
    title,
    url: path,
    noindex: false,
    links: neighbourhoodLinks(search, adverts),
  };
  const before: JsonValue = {params: {filters, search_key: 'simulado'}, FiltersContextInitialState: filters};
  const after: JsonValue = {apolloState: {ROOT_QUERY: {__typename: 'Query', [seoKey]: seo}}, statusCode: 200};
  // Listing objects are serialised once a day each; the page is put together as text.
  const stateJson =
    `{"props":{"pageProps":{${inner(before)},"fetchResult":{"searchFast":{"data":[${shown.map(listingJson).join(',')}],` +
    `"paginatorInfo":${scriptJson(paginatorInfo)}}},${inner(after)}}},"page":"/searchPage","query":{"hashed":"c2ltdWxhZG8="},` +
    `"buildId":"simulado","assetPrefix":"https://cdn4.fincaraiz.com.co/frontend-fincaraiz/3965",` +
    `"runtimeConfig":{"searchBase":"https://search-service.fincaraiz.com.co","APP_NAME":"infonext"},"isFallback":false,"gip":true}`;
  const cards = shown.map(advert => renderCard(advert, truth.statementOn(advert, day)));
  const counts = `Mostrando <strong>${paginatorInfo.firstItem ?? 0} - ${paginatorInfo.lastItem ?? 0}</strong> de <strong>${total}</strong> resultados`;
  const crumbs = breadcrumbJsonLd([
    ['Fincaraíz', '/'],
    [operation, search.basePath.split('/').slice(0, 2).join('/')],
    [typeName, search.basePath.split('/').slice(0, 3).join('/')],
    [placeNameOf(search.place), search.basePath],
  ]);
  const main = `<h1>${title}</h1><div>${counts}</div><section class="listingsWrapper">${cards.join('')}</section>`;
  return renderDocument({title, path, jsonLd: [crumbs], main, stateJson, padToBytes});
}

/** The members of a JSON object without its braces. */
function inner(value: JsonValue): string {
  return scriptJson(value).slice(1, -1);
}
