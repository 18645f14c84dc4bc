import type {ListingReading} from '../src/domain/listing.ts';
import type {JsonValue, Page, PageContent, Scope} from '../src/domain/page.ts';
import {OPERATIONS, PROPERTY_TYPES} from '../src/domain/vocabulary.ts';
import {definePortal, type SearchReading} from '../src/portal/define-portal.ts';
import {cutJsonLd, cutScriptById, cutTitle} from '../src/portal/embedded.ts';
import {looksLikeSitemap} from '../src/portal/sitemap.ts';
import {isObject, lookUp, pickSubtrees, readEach, take} from '../src/portal/take.ts';
import {readListing} from './fincaraiz-listing.ts';
import {
  acceptSearch,
  FILTERS,
  furtherPages,
  keepBarrios,
  readPlaceEcho,
  SEARCH,
  splitSearch,
} from './fincaraiz-search.ts';
import {acceptSitemap, completion, keepSitemap, parseSitemap} from './fincaraiz-sitemaps.ts';
import {HOMEPAGE, listingIdIn, searchOf, searchUrl, shortenPath} from './fincaraiz-urls.ts';

const LISTING = 'props.pageProps.data';
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
    'The default order of deep pages is unstable: a search of more than 840 results is walked by rooms and linked ' +
      'neighbourhoods, and completed by the sitemaps. Addresses of rooms and sitemaps are as others report them (2026).',
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
  parserVersion: 2,
  operations: OPERATIONS,
  propertyTypes: PROPERTY_TYPES,
  redact: {
    // code2 and notes are the advertiser's own words, often a name. Pictures and share links are bulk nobody reads.
    dropKeys: ['code2', 'notes', 'seller', 'img', 'image', 'images', 'logo', 'files', 'socialMediaLinks'],
    wordKeys: [
      'locations',
      'filters',
      'barrios',
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
  split: splitSearch,
  completion,
  parseSitemap,
  parseListing,
  gone,
  identify: url => {
    const portalListingId = listingIdIn(url);
    return portalListingId === undefined ? undefined : {idSpace: 'id', portalListingId};
  },
  searchOf,
  expect: {announcedShare: 0.95, fill: {price: 0.98, areaM2: 0.95, latitude: 0.6}},
});

function keep(body: string): PageContent {
  if (looksLikeSitemap(body)) return {title: null, state: keepSitemap(body), jsonLd: [], notices: []};
  const title = cutTitle(body);
  const notices = body.includes('que estabas buscando') ? (REMOVED.exec(body) ?? []).slice(0, 1) : [];
  const isChallenge = CHALLENGE.test(title ?? '');
  if (isChallenge || (notices.length > 0 && !body.includes('__NEXT_DATA__'))) {
    return {title, state: null, jsonLd: [], notices};
  }
  const state = cutScriptById(body, '__NEXT_DATA__');
  const kept = pickSubtrees(state, ['page', FILTERS, `${SEARCH}.paginatorInfo`, `${SEARCH}.data`, LISTING]);
  const barrios = keepBarrios(state);
  const withBarrios = isObject(kept) && barrios.length > 0 ? {...kept, barrios} : kept;
  return {title, state: withBarrios, jsonLd: cutJsonLd(body).filter(isListingLd), notices};
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
  return page.ref.kind === 'sitemap' ? acceptSitemap(scope, page) : acceptSearch(scope, page);
}

function parseSearch(page: Page): SearchReading {
  const search = take(lookUp(page.content.state, SEARCH), `$.${SEARCH}`);
  const paginator = search.object('paginatorInfo');
  const announcedTotal = paginator.int('total');
  const lastPage = paginator.int('lastPage');
  const current = paginator.int('currentPage');
  const records = search.values('data');
  const {readings: read, rejected} = readEach(records, `$.${SEARCH}.data`, record =>
    removedFlag(record) === undefined ? readListing(record, HOMEPAGE) : null,
  );
  const readings = read.filter(reading => reading !== null);
  const removed = read.length - readings.length;
  // Such an advert is not there: it counts as not seen, and its own page says why.
  if (removed > 0) search.report('advert_removed', `${removed} adverts on the page are removed`, 'data');
  const placeEcho = readPlaceEcho(page.content.state);
  if (placeEcho === null)
    search.report('place_echo_missing', 'the page does not say which place it searched');
  return {
    listings: readings,
    rejected,
    announcedTotal,
    placeEcho,
    nextPages: furtherPages(page.ref.url, current, lastPage),
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
  return removedFlag(lookUp(page.content.state, LISTING) ?? null);
}

/** What marks a listing object as removed although it is there. */
function removedFlag(listing: JsonValue): string | undefined {
  if (lookUp(listing, 'active') === false) return 'active is false';
  return ['deleted', 'sold', 'pausd'].find(flag => lookUp(listing, flag) === true);
}
