import type {ListingReading} from '../src/domain/listing.ts';
import type {JsonValue, Page, Scope} from '../src/domain/page.ts';
import {OPERATIONS, PROPERTY_TYPES, type PropertyType} from '../src/domain/vocabulary.ts';
import {foldText, parseOperations, parsePropertyType, slugify} from '../src/lib/spanish.ts';
import {definePortal, type SearchReading} from '../src/portal/define-portal.ts';
import {lookUp, readEach, take} from '../src/portal/take.ts';
import {CHALLENGE_NOTICE, keepPage} from './metrocuadrado-keep.ts';
import {readListing, readSearchListing} from './metrocuadrado-listing.ts';
import {
  HOMEPAGE,
  listingIdIn,
  pageNumberIn,
  searchedPlace,
  searchPageUrl,
  searchUrl,
  shortenPath,
  TYPE_SLUGS,
} from './metrocuadrado-urls.ts';

export default definePortal({
  id: 'metrocuadrado',
  name: 'Metrocuadrado',
  homepage: HOMEPAGE,
  owner: '@raiz',
  status: 'active',
  caveats: [
    'A search shows its first 65 adverts; reports of 2026 disagree whether ?page=2 works at all, so a larger search is ' +
      'incomplete: name barrios as places (antioquia/medellin/laureles). At most 10,000 adverts of a search can be reached.',
    'Reports disagree whether pages answer outside Colombia: a challenge stops the scope.',
    'There is no date of publication; removed adverts answer 200.',
    'Search pages state no agency name, no department and at most 20 pictures; amenities are put into the words of ' +
      'listing pages where these are known.',
    'Coordinates the portal calls approximate (ubicacionaproximada) are read like the others.',
    'Projects state the price of their cheapest flat. Test adverts are live.',
    'Proven on transcribed excerpts of real pages only: one search (five items, three of projects) and one listing ' +
      'page of May 2026, three more items of May and one of September 2026. Only reconstructed or inferred, not seen: ' +
      'listing pages of 2020–2024, of projects and of removed adverts, further pages of a search, the echo of a barrio, ' +
      'words for types other than Apartamento and Casa. Search pages before 2025 are not read.',
    'The search of buildings is that of edificio-de-apartamentos; edificio-de-oficinas is not asked for.',
  ],
  policy: {
    known:
      'robots.txt (as one public project saw it, 2026-05): * may read listings and searches; /admin, /web, /detail/ and ' +
      'others are not allowed; no sitemap is announced. Terms: no text is known to us. Some reports of 2025–2026 name ' +
      'Imperva Incapsula in front of the site. The JSON API asks for a key the site hands only to its own pages: not ' +
      'used. Read the current texts before deciding.',
  },
  politeness: {minDelayMs: 2000, maxPagesPerRun: 2000, transport: 'http'},
  parserVersion: 1,
  operations: OPERATIONS,
  propertyTypes: PROPERTY_TYPES.filter(type => TYPE_SLUGS[type] !== undefined),
  redact: {
    // People, and the advertiser's own words about itself; shops nearby; bulk and repeats nobody reads.
    dropKeys:
      `mnombrevisitor mcontactoinmobiliaria_fijo1 mnombreconstructor companyAddress companyImage companyLink
      companySeoUrl salesRoomAddress salesRoomSchedule codigoexterno projectLogo backUrl geopoints breadcrumb shortTitle subtitle
      titleSeo descriptionSeo linkSeo imageLink mnombreproyecto projectName`.split(/\s+/),
    wordKeys:
      `mainFilter mtipoinmueble mciudad mzona mbarrio midinmueble propertyType city zone sector neighborhood
      propertyId ptags`.split(/\s+/),
    linkKeys: ['link', 'murldetalle', 'urlDetail', 'searchUrl'],
    shortenPath,
    advertiser: {
      key: 'advertiser',
      idKey: 'id',
      nameKey: 'name',
      keepKeys: ['kind'],
      mayBeCompany: ({kind}) => kind === 'RealEstate' || kind === 'Builder',
    },
  },
  keep: keepPage,
  accept,
  seeds: scope => [{kind: 'search', url: searchUrl(scope)}],
  parseSearch,
  parseListing,
  gone,
  identify: url => {
    const portalListingId = listingIdIn(url);
    return portalListingId === undefined ? undefined : {idSpace: 'id', portalListingId};
  },
  expect: {announcedShare: 0.95, fill: {price: 0.98, areaM2: 0.95, latitude: 0.6}},
});

function accept(scope: Scope, page: Page): true | string {
  const {state, notices} = page.content;
  const asked = page.ref.url;
  if (notices.includes(CHALLENGE_NOTICE)) return `asked ${asked}, portal answered with a challenge page`;
  if (gone(page) !== undefined) return true;
  if (page.status >= 400) return `asked ${asked}, portal answered ${page.status}`;
  if (page.ref.kind === 'listing') {
    const [id, answered] = [listingIdIn(asked), lookUp(state, 'listing.propertyId')];
    return answered === id || `asked listing ${id}, portal answered ${answered ?? page.finalUrl}`;
  }
  if (lookUp(state, 'initialResults') === undefined)
    return `asked a search, portal answered ${lookUp(state, 'listing') === undefined ? 'nothing' : 'a listing'}`;
  return acceptSearch(scope, page);
}

function acceptSearch(scope: Scope, page: Page): true | string {
  const {state} = page.content;
  const place = searchedPlace(scope.place).join('/');
  const answeredPlace = readPlaceEcho(state);
  if (answeredPlace !== null && slugsOf(answeredPlace) !== slugsOf(place))
    return `asked ${place}, portal answered ${answeredPlace}`;
  const number = pageNumberIn(page.ref.url);
  // Where paging doesn't work the portal gives page 1 again, and says so: `from=0`.
  const from = readOffset(state);
  if (number > 1 && (from ?? 0) === 0) return `asked page ${number}, portal answered page 1`;
  if (number === 1 && (from ?? 0) > 0) return `asked page 1, portal answered adverts from ${from}`;
  const business = lookUp(state, 'mainFilter.businessType');
  if (typeof business === 'string' && parseOperations(business)?.join() !== scope.operation)
    return `asked ${scope.operation}, portal answered ${business || 'any operation'}`;
  const types = lookUp(state, 'mainFilter.propertyTypes');
  if (!Array.isArray(types)) return true;
  const isAsked = types.length === 1 && readType(types[0]) === scope.propertyType;
  return (
    isAsked || `asked ${scope.propertyType}, portal answered types ${types.join(', ') || 'of all kinds'}`
  );
}

/** Barrio slugs keep the dots of their names (`los-balsos-no.1`), and nobody has seen how the echo spells them. */
function slugsOf(place: string): string {
  return place.split('/').map(slugify).join('/');
}

function readType(word: JsonValue | undefined): PropertyType | null {
  if (typeof word !== 'string') return null;
  return /^edificio[- ]de[- ]apartamentos$/.test(foldText(word)) ? 'building' : parsePropertyType(word);
}

/** City and barrio the portal searched, without the department it knows nothing of; null when it doesn't say. */
function readPlaceEcho(state: JsonValue): string | null {
  const city = lookUp(state, 'mainFilter.city');
  const barrio = lookUp(state, 'mainFilter.neighborhood');
  if (typeof city !== 'string') return null;
  return [city === '' ? 'colombia' : city, barrio]
    .filter(slug => typeof slug === 'string' && slug !== '')
    .join('/');
}

function readOffset(state: JsonValue): number | null {
  const url = lookUp(state, 'searchUrl');
  const from = typeof url === 'string' ? /[?&]from=(\d+)/.exec(url)?.[1] : undefined;
  return from === undefined ? null : Number(from);
}

/** Paging can't be relied on: a page makes only the next one known, and the first refused page ends the walk. */
function parseSearch(page: Page): SearchReading {
  const {state} = page.content;
  const search = take(lookUp(state, 'initialResults'), '$.initialResults');
  const announcedTotal = search.int('totalHits');
  const reachable = Math.min(announcedTotal, search.intOrNull('totalEntries') ?? announcedTotal);
  const results = search.values('results');
  const {readings, rejected} = readEach(results, '$.initialResults.results', readSearchListing);
  const placeEcho = readPlaceEcho(state);
  if (placeEcho === null)
    search.report('place_echo_missing', 'the page does not say which place it searched');
  const number = pageNumberIn(page.ref.url);
  const seenAtMost = number * results.length;
  return {
    listings: readings,
    rejected,
    announcedTotal,
    placeEcho,
    nextPages:
      results.length > 0 && seenAtMost < reachable
        ? [{kind: 'search', url: searchPageUrl(page.ref.url, number + 1)}]
        : [],
    links: readings.flatMap(({listing}) =>
      listing.url === null ? [] : [{kind: 'listing', url: listing.url}],
    ),
    issues: search.issues(),
  };
}

function parseListing(page: Page): ListingReading {
  return readListing(lookUp(page.content.state, 'listing') ?? null);
}

/** A removed advert answers 200 with a sentence and without data. */
function gone(page: Page): string | undefined {
  if (page.ref.kind !== 'listing') return undefined;
  if (page.status === 404 || page.status === 410) return `answered ${page.status}`;
  const isRemoved =
    page.content.state === null && page.content.notices.some(notice => notice !== CHALLENGE_NOTICE);
  return isRemoved && page.status < 400 ? 'the page says it is not available' : undefined;
}
