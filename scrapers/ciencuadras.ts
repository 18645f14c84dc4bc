import {ConfigError, describe, PageShapeError} from '../src/domain/errors.ts';
import type {Issue} from '../src/domain/issue.ts';
import type {ListingReading, StagedListing} from '../src/domain/listing.ts';
import type {JsonValue, Page, Scope} from '../src/domain/page.ts';
import {OPERATIONS, PROPERTY_TYPES} from '../src/domain/vocabulary.ts';
import {slugify} from '../src/lib/spanish.ts';
import {definePortal, type SitemapLink, type SitemapReading} from '../src/portal/define-portal.ts';
import {lookUp, take} from '../src/portal/take.ts';
import {CHALLENGE, keep} from './ciencuadras-keep.ts';
import {readListing} from './ciencuadras-listing.ts';
import {
  HOMEPAGE,
  type ListingAddress,
  readListingUrl,
  readSitemapUrl,
  shortenPath,
  sitemapIndexUrl,
} from './ciencuadras-urls.ts';

/** What the state of a removed advert says, often with all its data beside it. */
const INACTIVE = /^inmueble no activo|^property code without results/i;

export default definePortal({
  id: 'ciencuadras',
  name: 'Ciencuadras',
  homepage: HOMEPAGE,
  owner: '@raiz',
  status: 'active',
  caveats: [
    'Removed adverts answer 200 with all their data: only the message "OK" makes an advert live. How a removed one ' +
      'looks is known from reports (2026-08, 2026-09), not from a page of our own.',
    'Read from one real detail page (a sale, 2026-05). Rents, projects, plots and private sellers were never seen: ' +
      'their prices, areas and kinds of advertiser are read by the names of the fields.',
    'Walked by its sitemaps, which go by city alone: cities of one name in two departments share one. Searches are not ' +
      'read. New projects, social housing and auctions have sitemaps of their own, which are not visited.',
    'Sitemaps hold removed adverts: 16 of 40 in one report (2026-08-18).',
    'An address that names a person, as barrios do that are called after one (2 of 109 real addresses), is asked for ' +
      'without its place: that the site answers is not proved.',
    'Bogotá stands under Cundinamarca.',
  ],
  policy: {
    known:
      'robots.txt (as another public project saw it, day unknown): everything is open but /wp-admin, /search and the ' +
      'like; it names the sitemap. Terms: not read. Cloudflare stands before the site; plain requests were answered in ' +
      '2026. Read the current texts before deciding.',
  },
  politeness: {minDelayMs: 2000, maxPagesPerRun: 4000, transport: 'http'},
  parserVersion: 1,
  operations: OPERATIONS,
  propertyTypes: PROPERTY_TYPES,
  redact: {
    // People and ways to reach them; the advertiser's number, which begins propertyCode; the street address and the
    // barrio as typed. The rest is bulk nobody reads: other people's adverts, pictures, meta tags.
    dropKeys:
      `advisoryName advisorMail advisoryPhone advisorWhatsapp whatsAppContact phoneList userId userTypeId
      propertyCode realStateName realStateAddress realStateLogo redirectUrl scheduleClients address neighborhoodUser
      neighborhoodIntegrator localityIntegrator pathUrl suggestedProperties placeOfInterest nearbyNeighborhood metaTags
      breadCrumb flatPhotos photos360 videoUrl matterPort blueprint pin360`.split(/\s+/),
    wordKeys: [
      ...['cityName', 'departmentName', 'localityName', 'neighborhoodName', 'countryName', 'propertyType'],
      ...['businessType', 'commonZonesProperty', 'distributionsProperty', 'message', 'publicationDate'],
    ],
    linkKeys: ['path'],
    shortenPath,
    advertiser: {
      key: 'advertiser',
      idKey: 'userId',
      nameKey: 'realStateName',
      keepKeys: ['userTypeId', 'page'],
      mayBeCompany: ({page}) => page === 'inmobiliaria',
    },
  },
  keep,
  accept,
  seeds,
  parseSearch: page => {
    throw new PageShapeError(
      `${page.ref.url}: searches of Ciencuadras are not read, no whole page of one was ever seen; it is walked by its sitemaps`,
    );
  },
  parseSitemap,
  parseListing,
  gone,
  identify: url => {
    const address = readListingUrl(url);
    return address === undefined ? undefined : {idSpace: 'id', portalListingId: address.id};
  },
  expect: {announcedShare: 0.95, fill: {price: 0.95, latitude: 0.6}},
});

/** Sitemaps go by city: a scope is a department and a city. */
function seeds(scope: Scope) {
  if (scope.place.split('/').length !== 2) {
    throw new ConfigError(
      `${scope.place}: Ciencuadras is walked by city; give a department and a city, as antioquia/medellin`,
    );
  }
  return [{kind: 'sitemap', url: sitemapIndexUrl(scope.operation)}] as const;
}

function cityOf(scope: Scope): string {
  return scope.place.split('/').at(-1) ?? '';
}

function accept(scope: Scope, page: Page): true | string {
  const {ref, content, status} = page;
  if (CHALLENGE.test(content.title ?? '')) return `asked ${ref.url}, portal answered with a challenge page`;
  if (gone(page) !== undefined) return true;
  if (status >= 400) return `asked ${ref.url}, portal answered ${status}`;
  if (ref.kind === 'sitemap') return acceptSitemap(scope, page);
  if (ref.kind === 'search') return `asked ${ref.url}: searches of Ciencuadras are not read`;
  const asked = readListingUrl(ref.url)?.id;
  const answered = [
    readListingUrl(String(lookUp(content.state, 'path')))?.id,
    String(lookUp(content.state, 'detail.generalData.propertyId')),
  ];
  if (answered.some(id => id !== asked))
    return `asked listing ${asked}, portal answered ${answered.join(' and ')}`;
  const message = lookUp(content.state, 'route.message');
  if (message !== 'OK')
    return `asked listing ${asked}, portal answers "${message ?? 'nothing'}" and not "OK"`;
  return (
    content.notices.length === 0 || `asked listing ${asked}, portal answers "OK" and "${content.notices[0]}"`
  );
}

/** A list must have a sitemap of the city; a sitemap of a city must be about it: at least half of its adverts. */
function acceptSitemap(scope: Scope, page: Page): true | string {
  const {state} = page.content;
  const city = cityOf(scope);
  const asked = readSitemapUrl(page.ref.url) === undefined ? 'index' : 'urls';
  if (lookUp(state, 'sitemap') !== asked)
    return `asked ${page.ref.url}, portal answered ${lookUp(state, 'sitemap') ?? 'no sitemap'}`;
  const locs = entriesOf(state).map(entry => entry.loc);
  if (asked === 'index') {
    const isThere = locs.some(loc => isSitemapOf(scope, loc));
    return isThere || `asked ${scope.place}, portal has no ${scope.operation} sitemap of a city ${city}`;
  }
  const adverts = locs.flatMap(loc => readListingUrl(loc) ?? []);
  const fitting = adverts.filter(
    ({place, operations}) =>
      operations.includes(scope.operation) &&
      (place === null || place === city || place.endsWith(`-${city}`)),
  );
  const other = adverts.find(advert => !fitting.includes(advert));
  return (
    2 * fitting.length >= adverts.length ||
    `asked ${scope.operation} in ${scope.place}, portal answered adverts as ${other?.operations} in ${other?.place}`
  );
}

function isSitemapOf(scope: Scope, loc: string): boolean {
  const sitemap = readSitemapUrl(loc);
  return sitemap?.operation === scope.operation && sitemap.city === cityOf(scope);
}

function entriesOf(state: JsonValue) {
  return take(state)
    .list('entries')
    .map(entry => ({loc: entry.text('loc'), lastmod: entry.textOrNull('lastmod')}));
}

/** Sitemaps of the scope's city, or the adverts of its operation and type. Addresses that say neither are counted. */
function parseSitemap(page: Page): SitemapReading {
  const {scope, content} = page;
  const links = new Map<string, SitemapLink>();
  const unknown = new Map<string, number>();
  for (const {loc, lastmod} of entriesOf(content.state)) {
    const address = loc.startsWith(`${HOMEPAGE}/`) ? readListingUrl(loc) : undefined;
    const isOwnSitemap = loc.startsWith(`${HOMEPAGE}/`) && readSitemapUrl(loc) !== undefined;
    if (isOwnSitemap) {
      if (isSitemapOf(scope, loc)) links.set(loc, {kind: 'sitemap', url: loc, lastmod});
    } else if (address === undefined || address.propertyType === null || address.operations.length === 0) {
      const word = unknownWord(address);
      unknown.set(word, (unknown.get(word) ?? 0) + 1);
    } else if (address.propertyType === scope.propertyType && address.operations.includes(scope.operation)) {
      links.set(loc, {kind: 'listing', url: loc, lastmod});
    }
  }
  const issues: Issue[] = [...unknown].map(([word, count]) => ({
    code: 'unknown_word',
    message: `${count} addresses of the sitemap are of no type and operation we know: not visited`,
    path: '$.entries[].loc',
    value: word,
  }));
  return {links: [...links.values()], issues};
}

function unknownWord(address: ListingAddress | undefined): string {
  return address === undefined ? 'no advert' : (address.typeWord ?? 'another form').slice(0, 60);
}

/**
 * The state says no currency, only the JSON-LD does: prices in another than pesos are left out. Its price has to be one
 * of the advert's, and the city the one whose sitemap led here.
 */
function parseListing(page: Page): ListingReading {
  const {listing, unread, issues} = readListing(page.content.state, HOMEPAGE);
  const offer = lookUp(page.content.jsonLd[0], 'offers');
  const foreign = currencyIssue(lookUp(offer, 'priceCurrency'));
  const found = [foreign, priceIssue(listing, lookUp(offer, 'price')), placeIssue(listing, page.scope)];
  const offers =
    foreign === undefined ? listing.offers : listing.offers.map(each => ({...each, price: null}));
  return {listing: {...listing, offers}, unread, issues: [...issues, ...found.flatMap(issue => issue ?? [])]};
}

function currencyIssue(currency: JsonValue | undefined): Issue | undefined {
  if (currency === undefined || currency === null || currency === 'COP') return undefined;
  const message = 'currency is not known: the price is left out';
  return {code: 'unknown_word', message, path: '$.offers.priceCurrency', value: describe(currency)};
}

function priceIssue({offers}: StagedListing, price: JsonValue | undefined): Issue | undefined {
  const stated = offers.flatMap(offer => offer.price ?? []);
  if (typeof price !== 'number' || price === 0 || stated.length === 0 || stated.includes(price))
    return undefined;
  const message = `the listing states ${stated.join(' and ')}, its JSON-LD ${price}`;
  return {code: 'json_ld_disagrees', message, path: '$.offers.price'};
}

/** Bogotá stands under Cundinamarca, whatever department the scope names. */
function placeIssue({department, municipality}: StagedListing, scope: Scope): Issue | undefined {
  const place = `${slugify(department ?? '')}/${slugify(municipality ?? '')}`;
  const isBogota = cityOf(scope) === 'bogota' && place.endsWith('/bogota');
  if (scope.place === '' || place === scope.place || isBogota) return undefined;
  const message = `the sitemap of ${scope.place} led to an advert in ${place}`;
  return {code: 'place_disagrees', message, path: '$.detail.generalData.cityName', value: place};
}

/** Messages count only on the page of the advert that was asked for; the sentence only where no message says "OK". */
function gone(page: Page): string | undefined {
  const {ref, content, status} = page;
  if (ref.kind !== 'listing') return undefined;
  if (status === 404 || status === 410) return `answered ${status}`;
  if (status >= 400 || CHALLENGE.test(content.title ?? '')) return undefined;
  const message = lookUp(content.state, 'route.message');
  if (message !== 'OK' && content.notices.length > 0) return 'the page says it is no longer available';
  const path = String(lookUp(content.state, 'path'));
  if (readListingUrl(path)?.id !== readListingUrl(ref.url)?.id) return undefined;
  const said = [message, lookUp(content.state, 'detail.message')].find(
    text => typeof text === 'string' && INACTIVE.test(text),
  );
  return typeof said === 'string' ? `the page says "${said}"` : undefined;
}
