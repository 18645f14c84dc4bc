/** What a page from elsewhere is to a portal: the same gate as in a crawl, and the scope worked out from the page itself. */
import {attempt, judge} from '../crawl/judge.ts';
import {
  type FetchedPage,
  type Page,
  type PageContent,
  type PageRef,
  placelessScope,
  type Scope,
} from '../domain/page.ts';
import {OPERATIONS, type PageKind, PROPERTY_TYPES} from '../domain/vocabulary.ts';
import {sha256Hex} from '../lib/hash.ts';
import {slugify} from '../lib/spanish.ts';
import type {Portal} from '../portal/define-portal.ts';
import {readPage} from '../portal/read-page.ts';
import {redactContent, redactText, redactUrl} from '../portal/redact.ts';
import type {ForeignPage} from './foreign.ts';

/** A page worth keeping. */
export interface KeptPage {
  readonly outcome: 'ok' | 'gone';
  /** Why the advert is gone. */
  readonly reason: string | null;
  readonly page: Page;
  /** Null: the page doesn't tell. */
  readonly scope: Scope | null;
  /** Adverts it states, by id space and id. */
  readonly listingIds: readonly string[];
}

/** A page of the portal that its file can't read: nothing of it is kept but that it was there. */
export interface MisshapenPage {
  readonly outcome: 'error';
  readonly reason: string;
  readonly ref: PageRef;
  readonly finalUrl: string;
  /** Of the body as it came. */
  readonly sha256: string;
}

/** `skipped`: why it is not a page that says anything. */
export type ForeignReading = KeptPage | MisshapenPage | {readonly outcome: 'skipped'; readonly why: string};

/** True for addresses of the portal's site, with or without `www`, of http or https. */
export function isOfPortal(portal: Portal, url: string): boolean {
  return siteOf(url) === siteOf(portal.homepage);
}

function siteOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, '') : null;
}

/** Reads one page. Personal data is gone from everything it gives back. */
export function readForeignPage(portal: Portal, given: ForeignPage, hashKey: string): ForeignReading {
  const url = portalAddress(portal, given.url);
  const kind = given.own?.kind ?? kindOf(portal, url);
  if (kind === undefined) return skipped('unknown_address');
  if (given.status < 200 || given.status >= 300) return skipped(`http_${given.status}`);
  const finalUrl = given.own === null ? url : portalAddress(portal, given.own.finalUrl);
  const ref = {kind, url: redactUrl(url, portal.redact)};
  const misshapen = (failure: string): MisshapenPage => ({
    outcome: 'error',
    reason: redactText(failure),
    ref,
    finalUrl: redactUrl(finalUrl, portal.redact),
    sha256: sha256Hex(typeof given.body === 'string' ? given.body : JSON.stringify(given.body)),
  });
  const read = attempt(() => pageOf(portal, given, {ref, finalUrl, hashKey}));
  if ('failure' in read) return misshapen(read.failure);
  const scoped = attempt(() => scopeOf(portal, read.value, given.own?.scope ?? null));
  if ('failure' in scoped) return misshapen(scoped.failure);
  if (typeof scoped.value === 'string') return skipped(scoped.value);
  const page: Page = {...read.value, scope: scoped.value.scope ?? read.value.scope};
  const judged = attempt(() => judge(portal, page));
  if ('failure' in judged) return misshapen(judged.failure);
  const {outcome, reason} = judged.value;
  if (outcome === 'rejected') return skipped('not_accepted');
  if (outcome === 'error') return misshapen(reason ?? 'unknown');
  return {outcome, reason, page, ...scoped.value};
}

function skipped(why: string): ForeignReading {
  return {outcome: 'skipped', why};
}

/** The same page at the portal's own origin, without a fragment. */
function portalAddress(portal: Portal, url: string): string {
  const {pathname, search} = new URL(url, portal.homepage);
  return portal.homepage + pathname + search;
}

function kindOf(portal: Portal, url: string): PageKind | undefined {
  if (portal.identify(url) !== undefined) return 'listing';
  return portal.searchOf?.(url) === undefined ? undefined : 'search';
}

function pageOf(
  portal: Portal,
  given: ForeignPage,
  {ref, finalUrl, hashKey}: {ref: PageRef; finalUrl: string; hashKey: string},
): Page {
  const {status, fetchedAt, body} = given;
  const scope = placelessScope(portal.id);
  if (typeof body === 'string') {
    const fetched: FetchedPage = {ref, status, finalUrl, headers: {}, fetchedAt, body};
    return readPage(portal, scope, fetched, hashKey);
  }
  // Exported pages were redacted by another installation, maybe by an older version: redacting again costs nothing.
  const content: PageContent = redactContent(body, portal.redact, hashKey);
  return {ref, scope, status, finalUrl: redactUrl(finalUrl, portal.redact), fetchedAt, content};
}

interface Scoped {
  readonly scope: Scope | null;
  readonly listingIds: readonly string[];
}

/** The scope of a page, or why it can't be told where it must be. */
function scopeOf(portal: Portal, page: Page, stated: string | null): Scoped | string {
  const known = stated === null ? undefined : readScope(portal.id, stated);
  if (page.ref.kind === 'listing') return scopeOfListing(portal, page, known);
  if (page.ref.kind === 'sitemap')
    return known === undefined ? 'scope_unknown' : {scope: known, listingIds: []};
  const {placeEcho, listings} = portal.parseSearch(page);
  const listingIds = listings.map(({listing}) => `${listing.idSpace}:${listing.portalListingId}`);
  if (known !== undefined) return {scope: known, listingIds};
  const search = portal.searchOf?.(page.ref.url);
  // A place stands under its department: `antioquia/medellin`. The whole country or several places are no scope.
  if (search === undefined || placeEcho === null || !/^[a-z0-9-]+(?:\/[a-z0-9-]+)+$/.test(placeEcho))
    return 'scope_unknown';
  return {scope: {portal: portal.id, ...search, place: placeEcho}, listingIds};
}

function scopeOfListing(portal: Portal, page: Page, known: Scope | undefined): Scoped {
  const isReadable = portal.gone(page) === undefined && portal.accept(page.scope, page) === true;
  if (!isReadable) return {scope: known ?? null, listingIds: []};
  const {listing} = portal.parseListing(page);
  const {department, municipality, propertyType, offers} = listing;
  const operation = offers[0]?.operation;
  const listingIds = [`${listing.idSpace}:${listing.portalListingId}`];
  if (known !== undefined) return {scope: known, listingIds};
  if (department === null || municipality === null || propertyType === null || operation === undefined)
    return {scope: null, listingIds};
  const place = `${slugify(department)}/${slugify(municipality)}`;
  return {scope: {portal: portal.id, operation, propertyType, place}, listingIds};
}

/** `sale/house/antioquia/medellin`; undefined for anything else. */
function readScope(portal: string, text: string): Scope | undefined {
  const [operationWord, typeWord, ...place] = text.split('/');
  const operation = OPERATIONS.find(word => word === operationWord);
  const propertyType = PROPERTY_TYPES.find(word => word === typeWord);
  const isPlace = place.length > 0 && place.every(slug => /^[a-z0-9.ñ-]+$/.test(slug));
  return operation === undefined || propertyType === undefined || !isPlace
    ? undefined
    : {portal, operation, propertyType, place: place.join('/')};
}
