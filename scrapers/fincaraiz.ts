import type {ListingReading} from '../src/domain/listing.ts';
import type {JsonValue, Page, PageContent, Scope} from '../src/domain/page.ts';
import {OPERATIONS, PROPERTY_TYPES} from '../src/domain/vocabulary.ts';
import {slugify} from '../src/lib/spanish.ts';
import {definePortal, type SearchReading} from '../src/portal/define-portal.ts';
import {cutJsonLd, cutScriptById, cutTitle} from '../src/portal/embedded.ts';
import {isObject, lookUp, pickSubtrees, readEach, take} from '../src/portal/take.ts';
import {readListing} from './fincaraiz-listing.ts';
import {
  HOMEPAGE,
  listingIdIn,
  pageNumberIn,
  searchOf,
  searchPageUrl,
  searchUrl,
  shortenPath,
  TYPES,
} from './fincaraiz-urls.ts';

const SEARCH = 'props.pageProps.fetchResult.searchFast';
const LISTING = 'props.pageProps.data';
const FILTERS = 'props.pageProps.params.filters';
const CHALLENGE = /^just a moment|^attention required|verifying you are human/i;
const REMOVED = /propiedad que estabas buscando (?:ya )?no est[aá] disponible/i;

export default definePortal({
  id: 'fincaraiz',
  name: 'Finca Raíz',
  homepage: HOMEPAGE,
  owner: '@raiz',
  status: 'active',
  caveats: [
    'An unknown place is answered with the whole country: the place echo decides.',
    'The default order of deep pages is unstable: a search of more than 840 results misses listings unless it is split.',
    'Removed adverts often answer 200.',
    'updated_at moves without any change; the same home comes back under a new id.',
    'Project adverts state the price of their cheapest unit.',
  ],
  policy: {
    known:
      'robots.txt (as others saw it, 2026-05 and 2026-08): listings and searches are open to *, patterns such as ' +
      '/arriendo/*-y-* are not; no Crawl-delay. Terms (an old text quoted in a public repository, date unknown): no ' +
      'crawling by robots that robots.txt does not allow, no republishing of adverts on other portals, no data base for ' +
      'commercial use or mass distribution, no contacting of advertisers. Read the current texts before deciding.',
  },
  politeness: {minDelayMs: 2000, maxPagesPerRun: 4000, transport: 'http'},
  parserVersion: 1,
  operations: OPERATIONS,
  propertyTypes: PROPERTY_TYPES,
  redact: {
    // code2 and notes are the advertiser's own words, often a name. Pictures and share links are bulk nobody reads.
    dropKeys: ['code2', 'notes', 'seller', 'img', 'image', 'images', 'logo', 'files', 'socialMediaLinks'],
    wordKeys: [
      'locations',
      'filters',
      'facilities',
      'technicalSheet',
      'property_type',
      'operation_type',
      'tag',
    ],
    addressKeys: ['address', 'streetAddress'],
    linkKeys: ['link'],
    shortenPath,
    advertiser: {
      key: 'owner',
      idKey: 'id',
      nameKey: 'name',
      keepKeys: ['type', 'particular'],
      mayBeCompany: ({type, particular}) =>
        particular !== true && (type === 'inmobiliaria' || type === 'desarrollador'),
    },
  },
  keep,
  accept,
  seeds: scope => [{kind: 'search', url: searchUrl(scope)}],
  parseSearch,
  parseListing,
  gone,
  identify: url => {
    const portalListingId = listingIdIn(url);
    return portalListingId === undefined ? undefined : {idSpace: 'id', portalListingId};
  },
  searchOf,
  expect: {announcedShare: 0.95, fill: {price: 0.98, builtAreaM2: 0.95, latitude: 0.6}},
});

function keep(body: string): PageContent {
  const title = cutTitle(body);
  const notices = body.includes('que estabas buscando') ? (REMOVED.exec(body) ?? []).slice(0, 1) : [];
  const isChallenge = CHALLENGE.test(title ?? '');
  if (isChallenge || (notices.length > 0 && !body.includes('__NEXT_DATA__'))) {
    return {title, state: null, jsonLd: [], notices};
  }
  const state = cutScriptById(body, '__NEXT_DATA__');
  const kept = pickSubtrees(state, ['page', FILTERS, `${SEARCH}.paginatorInfo`, `${SEARCH}.data`, LISTING]);
  return {title, state: kept, jsonLd: cutJsonLd(body).filter(isListingLd), notices};
}

/** The one block that states the advert itself; breadcrumbs repeat the address. */
function isListingLd(block: JsonValue): boolean {
  return isObject(block) && [block['@type']].flat().includes('RealEstateListing');
}

function accept(scope: Scope, page: Page): true | string {
  const {state, title} = page.content;
  if (CHALLENGE.test(title ?? '')) return `asked ${page.ref.url}, portal answered with a challenge page`;
  if (gone(page) !== undefined) return true;
  if (page.status >= 400) return `asked ${page.ref.url}, portal answered ${page.status}`;
  if (page.ref.kind === 'listing') {
    const [asked, answered] = [listingIdIn(page.ref.url), lookUp(state, `${LISTING}.id`)];
    return (
      String(answered) === asked || `asked listing ${asked}, portal answered ${answered ?? page.finalUrl}`
    );
  }
  if (lookUp(state, SEARCH) === undefined)
    return `asked a search, portal answered ${lookUp(state, 'page') ?? 'nothing'}`;
  const asked = {
    place: scope.place,
    page: pageNumberIn(page.ref.url),
    operation: scope.operation,
    type: scope.propertyType,
  };
  const place = readPlaceEcho(state);
  if (place !== null && place !== asked.place) return `asked ${asked.place}, portal answered ${place}`;
  const current = lookUp(state, `${SEARCH}.paginatorInfo.currentPage`);
  if (current !== asked.page) return `asked page ${asked.page}, portal answered page ${current ?? 'nothing'}`;
  const operation = lookUp(state, `${FILTERS}.operation_type_id.value`);
  const isOther = operation !== undefined && operation !== (asked.operation === 'sale' ? 1 : 2);
  if (isOther) return `asked ${asked.operation}, portal answered operation ${operation}`;
  const types = lookUp(state, `${FILTERS}.property_type_id`);
  if (!Array.isArray(types)) return true;
  const ids = types.map(type => lookUp(type, 'value'));
  return (
    (ids.length === 1 && ids[0] === TYPES[asked.type].id) ||
    `asked ${asked.type}, portal answered types ${ids}`
  );
}

/**
 * The place that was searched, as a scope place. A search of the whole country names it or leaves the places out;
 * null when the page has no filters at all.
 */
function readPlaceEcho(state: JsonValue): string | null {
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

function parseSearch(page: Page): SearchReading {
  const search = take(lookUp(page.content.state, SEARCH), `$.${SEARCH}`);
  const paginator = search.object('paginatorInfo');
  const announcedTotal = paginator.int('total');
  const lastPage = paginator.int('lastPage');
  const current = paginator.int('currentPage');
  const {readings, rejected} = readEach(search.values('data'), `$.${SEARCH}.data`, record =>
    readListing(record, HOMEPAGE),
  );
  const placeEcho = readPlaceEcho(page.content.state);
  if (placeEcho === null)
    search.report('place_echo_missing', 'the page does not say which place it searched');
  const further = Array.from({length: Math.max(0, lastPage - current)}, (_, at) => current + 1 + at);
  return {
    listings: readings,
    rejected,
    announcedTotal,
    placeEcho,
    nextPages: further.map(number => ({kind: 'search', url: searchPageUrl(page.ref.url, number)})),
    links: readings.flatMap(({listing}) =>
      listing.url === null ? [] : [{kind: 'listing', url: listing.url}],
    ),
    issues: search.issues(),
  };
}

/** JSON-LD is there on three pages in four; where it is, its price has to be the listing's. */
function parseListing(page: Page): ListingReading {
  const reading = readListing(lookUp(page.content.state, LISTING) ?? null, HOMEPAGE);
  const stated = reading.listing.offers[0]?.price ?? null;
  const price = lookUp(page.content.jsonLd[0], 'offers.price');
  if (typeof price !== 'number' || stated === null || price === stated) return reading;
  const message = `the listing states ${stated}, its JSON-LD ${price}`;
  return {
    ...reading,
    issues: [...reading.issues, {code: 'json_ld_disagrees', message, path: '$.offers.price'}],
  };
}

function gone(page: Page): string | undefined {
  if (page.ref.kind !== 'listing') return undefined;
  if (page.status === 404 || page.status === 410) return `answered ${page.status}`;
  if (page.status >= 400 || CHALLENGE.test(page.content.title ?? '')) return undefined;
  if (/[?&]addeletedid=/.test(page.finalUrl)) return 'redirected with addeletedid';
  if (page.content.notices.some(notice => REMOVED.test(notice)))
    return 'the page says it is no longer available';
  const id = listingIdIn(page.ref.url);
  if (id !== undefined && !page.finalUrl.includes(id)) return 'redirected to a path without the id';
  const listing = lookUp(page.content.state, LISTING);
  if (lookUp(listing, 'active') === false) return 'active is false';
  return ['deleted', 'sold', 'pausd'].find(flag => lookUp(listing, flag) === true);
}
