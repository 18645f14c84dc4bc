/** A portal as small as one can be, and its site on loopback: crawl tests decide what each page answers. */
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {createServer as createTlsServer} from 'node:https';
import type {AddressInfo} from 'node:net';
import {gzipSync} from 'node:zlib';
import {PageShapeError, RecordShapeError} from '../../src/domain/errors.ts';
import type {ListingReading, StagedListing} from '../../src/domain/listing.ts';
import type {Page, PageContent, Scope} from '../../src/domain/page.ts';
import {definePortal, type Portal} from '../../src/portal/define-portal.ts';

export const TOY_HOME = 'https://www.toy.example';
export const PER_PAGE = 10;

export interface ToyListing {
  id: number;
  price: number | null;
  areaM2?: number;
  phone?: string;
  updatedOn?: string;
  /** Said by the listing's own page only. */
  bedrooms?: number;
  /** `Inmueble <id>` unless told. */
  title?: string;
  /** A word of the portal; all but Casa are unknown. */
  kind?: string;
  /** A key that nobody reads. */
  cuota?: number;
}

interface ToyState {
  place: string;
  page: number;
  lastPage: number;
  total: number;
  listings: ToyListing[];
}

export const toyPortal: Portal = definePortal({
  id: 'toy',
  name: 'Toy',
  homepage: TOY_HOME,
  owner: '@raiz',
  status: 'active',
  caveats: [],
  policy: {known: 'a test site'},
  politeness: {minDelayMs: 50, maxPagesPerRun: 10_000, transport: 'http'},
  parserVersion: 1,
  operations: ['sale', 'rent'],
  propertyTypes: ['house', 'apartment'],
  redact: {dropKeys: ['phone']},
  keep: body => {
    const start = body.indexOf('<script id="state">');
    const end = body.indexOf('</script>', start);
    if (start < 0 || end < 0) throw new PageShapeError('the page has no state');
    const content: PageContent = {
      title: /<title>(.*?)<\/title>/.exec(body)?.[1] ?? null,
      state: JSON.parse(body.slice(start + '<script id="state">'.length, end)),
      jsonLd: [],
      notices: body.includes('no está disponible') ? ['no está disponible'] : [],
    };
    return content;
  },
  accept: (scope, page) => {
    const {place} = page.content.state as unknown as ToyState;
    return (
      place === scope.place || page.ref.kind === 'listing' || `asked ${scope.place}, portal answered ${place}`
    );
  },
  seeds: scope => [
    {kind: 'search', url: `${TOY_HOME}/${scope.operation}/${scope.propertyType}/${scope.place}`},
  ],
  parseSearch: page => {
    const state = page.content.state as unknown as ToyState;
    const readings: ListingReading[] = [];
    const rejected: {path: string; message: string}[] = [];
    state.listings.forEach((listing, n) => {
      try {
        readings.push(readToy(listing, page));
      } catch (error) {
        rejected.push({path: `listings[${n}]`, message: String((error as Error).message)});
      }
    });
    const base = page.ref.url.replace(/\/pagina\d+$/, '');
    return {
      listings: readings,
      rejected,
      announcedTotal: state.total,
      placeEcho: state.place,
      nextPages:
        state.page === 1
          ? Array.from({length: state.lastPage - 1}, (_, n) => ({
              kind: 'search' as const,
              url: `${base}/pagina${n + 2}`,
            }))
          : [],
      links: state.listings.map(({id}) => ({kind: 'listing' as const, url: `${TOY_HOME}/inmueble/${id}`})),
      issues: [],
    };
  },
  parseListing: page => {
    const [listing] = (page.content.state as unknown as ToyState).listings;
    if (listing === undefined) throw new RecordShapeError('$.listings[0]', 'a listing', undefined);
    return readToy(listing, page);
  },
  gone: page => (page.content.notices.length > 0 ? 'the page says so' : undefined),
  identify: url => {
    const id = /\/inmueble\/(\d+)$/.exec(url)?.[1];
    return id === undefined ? undefined : {idSpace: 'id', portalListingId: id};
  },
  expect: {announcedShare: 0.95, fill: {}},
});

function readToy(record: ToyListing, page: Page): ListingReading {
  const {id, price, areaM2, updatedOn, bedrooms, title = `Inmueble ${id}`, kind = 'Casa', cuota} = record;
  if (typeof id !== 'number') throw new RecordShapeError('$.id', 'a number', id);
  const listing: StagedListing = {
    portal: 'toy',
    idSpace: 'id',
    portalListingId: String(id),
    url: `${TOY_HOME}/inmueble/${id}`,
    title,
    description: null,
    propertyType: page.scope.propertyType,
    offers: [{operation: page.scope.operation, price, currency: 'COP', adminFeeCop: null}],
    department: null,
    municipality: null,
    district: null,
    neighbourhood: null,
    latitude: null,
    longitude: null,
    builtAreaM2: areaM2 ?? null,
    privateAreaM2: null,
    landAreaM2: null,
    bedrooms: bedrooms ?? null,
    bathrooms: null,
    parkingSpaces: null,
    floor: null,
    floorsCount: null,
    stratum: null,
    ageYearsMin: null,
    ageYearsMax: null,
    condition: null,
    amenities: [],
    advertiserKind: null,
    agencyName: null,
    advertiserKey: null,
    isProject: false,
    isOffPlan: false,
    isAuction: false,
    photosCount: null,
    publishedOn: null,
    updatedOn: updatedOn ?? null,
  };
  const oddPrice = {code: 'odd_price', message: 'price is 1', path: `$.listings[${id}].price`};
  const unknownWord = {code: 'unknown_word', message: 'kind is not known', path: '$.kind', value: kind};
  return {
    listing,
    unread: cuota === undefined ? [] : ['$.cuota'],
    issues: [...(price === 1 ? [oddPrice] : []), ...(kind === 'Casa' ? [] : [unknownWord])],
  };
}

export function toyScope(place: string, operation: Scope['operation'] = 'sale'): Scope {
  return {portal: 'toy', operation, propertyType: 'house', place};
}

/** Listings by place, ids from `first`. */
export function toyListings(count: number, first = 1): ToyListing[] {
  return Array.from({length: count}, (_, n) => ({
    id: first + n,
    price: 100_000_000 + n,
    areaM2: 80,
    phone: '3001234567',
  }));
}

export interface ToyAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Kills the connection after so many bytes of the body. */
  cutAt?: number;
  /** What happens instead of an answer: nothing at all, a reset connection, a body without end in drips. */
  instead?: 'silence' | 'reset' | 'drip';
  /** So many bytes of spaces as body, sent as fast as they are taken. */
  bytes?: number;
}

export interface ToySite {
  readonly baseUrl: string;
  /** Path of every request, in order. */
  readonly requests: string[];
  readonly userAgents: Set<string>;
  /** Listings of a place; pages are made of them. */
  readonly places: Map<string, ToyListing[]>;
  /** Detail pages that say the advert is gone. */
  readonly gone: Set<number>;
  /** Answers instead of the page when it returns something. `n`: how often the path was asked before. */
  fault: (path: string, n: number) => ToyAnswer | undefined;
  /** Waits before each answer. */
  latencyMs: number;
  /** Bytes of long bodies that were really sent. */
  bytesSent: number;
  close(): Promise<void>;
}

/** @param tls key and certificate in PEM: the site then speaks https only. */
export async function startToySite(tls?: {key: string; cert: string}): Promise<ToySite> {
  const counts = new Map<string, number>();
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/';
    const n = counts.get(path) ?? 0;
    counts.set(path, n + 1);
    site.requests.push(path);
    site.userAgents.add(request.headers['user-agent'] ?? '');
    setTimeout(() => respond(site, path, n, request, response), site.latencyMs);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const site: ToySite = {
    baseUrl: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    userAgents: new Set(),
    places: new Map(),
    gone: new Set(),
    fault: () => undefined,
    latencyMs: 0,
    bytesSent: 0,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return site;
}

function respond(
  site: ToySite,
  path: string,
  n: number,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const fault = site.fault(path, n);
  if (fault?.instead !== undefined) misbehave(fault.instead, response);
  else if (fault?.bytes !== undefined) sendLong(site, fault.bytes, response);
  else sendAnswer(fault ?? toyAnswer(site, path), fault === undefined, request, response);
}

function sendAnswer(
  answer: ToyAnswer,
  isHealthy: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const plain = Buffer.from(answer.body ?? '');
  const isPage = isHealthy && (request.headers['accept-encoding'] ?? '').includes('gzip');
  const body = isPage ? gzipSync(plain) : plain;
  response.writeHead(answer.status ?? 200, {
    'content-type': 'text/html; charset=utf-8',
    ...(isPage ? {'content-encoding': 'gzip'} : {}),
    ...answer.headers,
  });
  if (answer.cutAt === undefined) response.end(body);
  else response.write(body.subarray(0, answer.cutAt), () => response.destroy());
}

function misbehave(how: 'silence' | 'reset' | 'drip', response: ServerResponse): void {
  if (how === 'reset') response.socket?.resetAndDestroy();
  if (how !== 'drip') return;
  response.writeHead(200, {'content-type': 'text/html'});
  const timer = setInterval(() => response.write('<p>'), 10);
  response.on('close', () => clearInterval(timer));
}

function sendLong(site: ToySite, bytes: number, response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  let left = bytes;
  response.writeHead(200, {'content-type': 'text/html'});
  const send = () => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length;
      site.bytesSent += chunk.length;
      if (!response.write(chunk)) return response.once('drain', send);
    }
    return response.end();
  };
  send();
}

/** What the healthy site answers. */
export function toyAnswer(site: ToySite, path: string): ToyAnswer {
  if (path === '/robots.txt') return {status: 404, body: 'none'};
  const id = /^\/inmueble\/(\d+)$/.exec(path)?.[1];
  if (id !== undefined) {
    const known = [...site.places.values()].flat().find(listing => listing.id === Number(id));
    if (site.gone.has(Number(id)))
      return {body: toyHtml({place: '', page: 1, lastPage: 1, total: 0, listings: []}, 'no está disponible')};
    return known === undefined
      ? {status: 404, body: 'nothing'}
      : {body: toyHtml({place: '', page: 1, lastPage: 1, total: 1, listings: [known]})};
  }
  const match = /^\/(?:sale|rent)\/\w+\/([^/]+\/[^/]+?)(?:\/pagina(\d+))?$/.exec(path);
  const listings = site.places.get(match?.[1] ?? '') ?? [];
  const number = Number(match?.[2] ?? 1);
  const place = site.places.has(match?.[1] ?? '') ? (match?.[1] ?? '') : 'colombia';
  return {
    body: toyHtml({
      place,
      page: number,
      lastPage: Math.max(1, Math.ceil(listings.length / PER_PAGE)),
      total: listings.length,
      listings: listings
        .slice((number - 1) * PER_PAGE, number * PER_PAGE)
        .map(({bedrooms, ...shown}) => shown),
    }),
  };
}

/** The toy portal as one whose pages are empty until their scripts have run. */
export const scriptedToy: Portal = definePortal({
  ...toyPortal,
  politeness: {...toyPortal.politeness, transport: 'browser'},
});

const SHELL =
  '<html><head><title>Toy</title></head><body><img src="/pixel.png"><p>Cargando…</p><script src="/app.js"></script></body></html>';

/** Puts the answer of `/api/<path of the page>` where the plain site has it. */
const APP = `addEventListener('load', async () => {
  const answer = await fetch('/api' + location.pathname, {headers: {accept: 'application/json'}});
  const {state, notice} = await answer.json();
  const script = document.createElement('script');
  script.id = 'state';
  script.textContent = JSON.stringify(state);
  document.body.append(notice, script);
});`;

/** What the same site answers when it writes its pages with scripts; undefined: as it always does. */
export function scriptedAnswer(site: ToySite, path: string): ToyAnswer | undefined {
  if (path === '/robots.txt') return undefined;
  if (path === '/app.js') return {headers: {'content-type': 'text/javascript'}, body: APP};
  const page = toyAnswer(site, path.replace(/^\/api/, ''));
  if (page.status !== undefined) return page;
  if (!path.startsWith('/api')) return {body: SHELL};
  const [, notice, state] = /<body>(.*?)<script id="state">(.*)<\/script>/.exec(String(page.body)) ?? [];
  return {headers: {'content-type': 'application/json'}, body: `{"state":${state},"notice":"${notice}"}`};
}

export function toyHtml(state: ToyState, notice = ''): string {
  return `<html><head><title>Toy</title></head><body>${notice}<script id="state">${JSON.stringify(state)}</script></body></html>`;
}
