/** What is worth keeping of a Metrocuadrado page: the search and its adverts, or the one advert. */
import {PageShapeError} from '../src/domain/errors.ts';
import type {JsonValue, PageContent} from '../src/domain/page.ts';
import {cutScriptById, cutTitle} from '../src/portal/embedded.ts';
import {cutFlight, hasFlight} from '../src/portal/flight.ts';
import {isObject, lookUp} from '../src/portal/take.ts';
import {trimFeatures} from './metrocuadrado-features.ts';

type JsonObject = {[key: string]: JsonValue};

/** Where pages of 2020–2024 keep the advert. */
const OLD_LISTING_PATHS = ['props.initialProps.pageProps.realEstate', 'props.initialState.realestate.basic'];
/** What a search page says about the search; the other filters are empty on addresses without parameters. */
const FILTER_KEYS = ['propertyTypes', 'businessType', 'propertyStatus', 'city', 'neighborhood'];
const REMOVED = /este inmueble no est[aá] disponible/i;
/** Stands in the notices of a challenge page; pages with data load a script of that name too. */
export const CHALLENGE_NOTICE = 'Incapsula';

/**
 * State of a page: `{mainFilter, searchUrl, initialResults}` of a search or `{listing}`, each advert trimmed.
 * Null where the page is a challenge or says that the advert is not available.
 */
export function keepPage(body: string): PageContent {
  const title = cutTitle(body);
  const isPortalPage = hasFlight(body) || body.includes('__NEXT_DATA__');
  const state = isPortalPage ? cutState(body) : undefined;
  if (state !== undefined) return {title, state, jsonLd: [], notices: []};
  const isChallenge = !isPortalPage && /_?Incapsula[_ ]/.test(body);
  const notice = isChallenge ? CHALLENGE_NOTICE : REMOVED.exec(body)?.[0];
  if (notice !== undefined) return {title, state: null, jsonLd: [], notices: [notice]};
  throw new PageShapeError(
    'the page has neither a search nor a listing: the portal changed or sent another page',
    {context: {bytes: body.length, title}},
  );
}

function cutState(body: string): JsonValue | undefined {
  return hasFlight(body) ? cutFlightState(body) : cutOldState(body);
}

/** Pages since spring 2025. The first copy of a listing is whole, the second one refers to it. */
function cutFlightState(body: string): JsonValue | undefined {
  const flight = cutFlight(body);
  const search = flight.find('initialResults');
  if (search === undefined) {
    const listing = flight.find('propertyId', 'propertyType');
    return listing === undefined ? undefined : {listing: trimListing(listing)};
  }
  const {mainFilter, searchUrl, initialResults} = search;
  if (!isObject(initialResults)) return undefined;
  const {totalHits = null, totalEntries = null, results} = initialResults;
  return {
    mainFilter: isObject(mainFilter) ? pickKeys(mainFilter, FILTER_KEYS) : null,
    searchUrl: searchUrl ?? null,
    initialResults: {
      totalHits,
      totalEntries,
      results: Array.isArray(results)
        ? results.map(result => (isObject(result) ? trimListing(result) : result))
        : (results ?? null),
    },
  };
}

function cutOldState(body: string): JsonValue | undefined {
  const state = cutScriptById(body, '__NEXT_DATA__');
  const listing = OLD_LISTING_PATHS.map(path => lookUp(state, path)).find(
    candidate => isObject(candidate) && 'propertyId' in candidate,
  );
  return isObject(listing) ? {listing: trimListing(listing)} : undefined;
}

/**
 * An advert with its advertiser gathered in one block, which redaction cuts down as a whole, pictures counted, and
 * features without unit numbers. All other keys stay, for redaction and for the reader.
 */
export function trimListing(advert: JsonObject): JsonObject {
  const {midempresa, moferente, companyId, companyName, featured, images, mgaleriainmueble, ...rest} = advert;
  const pictures = images ?? mgaleriainmueble;
  return {
    ...rest,
    featured: trimFeatures(featured),
    photosCount: Array.isArray(pictures) ? pictures.length : null,
    advertiser: {
      kind: isWord(moferente) ? moferente : kindOf(advert),
      ...(isStated(midempresa) ? {id: midempresa} : {}),
      ...(isStated(companyId) ? {id: companyId} : {}),
      ...(isStated(companyName) ? {name: companyName} : {}),
    },
  };
}

/** Listing pages don't say who advertises in a word; the id does: `MC…` private, `…-C…` project, else an agency. */
function kindOf({propertyId, isProject}: JsonObject): JsonValue {
  if (typeof propertyId !== 'string') return null;
  if (propertyId.startsWith('MC')) return 'Seller';
  return isProject === true || /-C\d/.test(propertyId) ? 'Builder' : 'RealEstate';
}

/** Redaction keeps the kind as it is: nothing but one word gets there. */
function isWord(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && /^[A-Za-z]{1,20}$/.test(value);
}

/** Private sellers have no company: `""`, `"null"`. */
function isStated(value: JsonValue | undefined): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && value !== '' && value !== 'null');
}

function pickKeys(fields: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => keys.includes(key)));
}
