/** Ciencuadras on loopback: an index of sitemaps, sitemaps by city, and detail pages made from the synthetic fixture. */
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import type {JsonValue, Scope} from '../../src/domain/page.ts';
import type {Operation, PropertyType} from '../../src/domain/vocabulary.ts';
import {cutAngularState} from '../../src/portal/embedded.ts';
import {isObject} from '../../src/portal/take.ts';
import {readFixture} from '../scrapers/fixture.ts';

const HOME = 'https://www.ciencuadras.com';
const FIXTURE_PATH = '/inmueble/casa-en-arriendo-o-venta-en-los-molinos-la-estrella-3000001';
const OPERATION_WORDS: Readonly<Record<Operation, string>> = {sale: 'venta', rent: 'arriendo'};

type Fields = {[key: string]: JsonValue};

export interface SiteAdvert {
  readonly id: number;
  readonly operation: Operation;
  readonly propertyType: 'apartment' | 'house';
  readonly city: 'bello' | 'itagui';
  /** Barrio of the address. */
  readonly barrio: string;
  price: number;
  lastmod: string;
  /** `removed`: still answers 200, with all its data; `missing`: answers 404. */
  state: 'live' | 'removed' | 'missing';
}

export interface SiteAnswer {
  readonly status?: number;
  readonly body?: string;
}

export interface CiencuadrasSite {
  readonly baseUrl: string;
  readonly requests: string[];
  readonly adverts: SiteAdvert[];
  /** Answers instead of the page when it returns something. `n`: how often the path was asked before. */
  fault: (path: string, n: number) => SiteAnswer | undefined;
  latencyMs: number;
  close(): Promise<void>;
}

/** Adverts of a city, ids from `first`; at most so many to a sitemap. */
export function siteAdverts(count: number, first: number, changes: Partial<SiteAdvert> = {}): SiteAdvert[] {
  return Array.from({length: count}, (_, n) => ({
    id: first + n,
    operation: 'sale',
    propertyType: 'apartment',
    city: 'bello',
    barrio: n % 2 === 0 ? 'niquia' : 'santa-ana',
    price: 200_000_000 + n,
    lastmod: '2026-05-01',
    state: 'live',
    ...changes,
  }));
}

export function siteScope(
  city: SiteAdvert['city'],
  operation: Operation = 'sale',
  propertyType: PropertyType = 'apartment',
): Scope {
  return {portal: 'ciencuadras', operation, propertyType, place: `antioquia/${city}`};
}

const PER_SITEMAP = 30;

export async function startCiencuadrasSite(): Promise<CiencuadrasSite> {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const n = counts.get(path) ?? 0;
    counts.set(path, n + 1);
    site.requests.push(path);
    const {status = 200, body = ''} = site.fault(path, n) ?? answerOf(site.adverts, path);
    setTimeout(() => {
      response.writeHead(status, {'content-type': path.endsWith('.xml') ? 'application/xml' : 'text/html'});
      response.end(body);
    }, site.latencyMs);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const site: CiencuadrasSite = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    adverts: [],
    fault: () => undefined,
    latencyMs: 0,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return site;
}

export function advertPath({propertyType, operation, barrio, city, id}: SiteAdvert): string {
  const type = propertyType === 'house' ? 'casa' : 'apartamento';
  return `/inmueble/${type}-en-${OPERATION_WORDS[operation]}-en-${barrio}-${city}-${id}`;
}

/** What the healthy site answers. The id of an advert decides, whatever stands before it. */
export function answerOf(adverts: readonly SiteAdvert[], path: string): SiteAnswer {
  if (path === '/robots.txt') return {status: 404};
  const index = /^\/sitemap-index-detalles-inmuebles-(venta|arriendo)\.xml$/.exec(path)?.[1];
  if (index !== undefined) return {body: indexXml(adverts, index)};
  const sitemap = /^\/sitemap-detalles-(venta|arriendo)-([a-z]+)(?:-(\d+))?\.xml$/.exec(path);
  if (sitemap !== null) return {body: cityXml(adverts, sitemap[1] ?? '', sitemap[2] ?? '', sitemap[3])};
  const id = Number(/^\/inmueble\/.*?(\d+)$/.exec(path)?.[1]);
  const advert = adverts.find(known => known.id === id);
  return advert === undefined || advert.state === 'missing' ? {status: 404} : {body: advertHtml(advert)};
}

function advertsOf(adverts: readonly SiteAdvert[], operation: string, city: string): SiteAdvert[] {
  return adverts.filter(advert => OPERATION_WORDS[advert.operation] === operation && advert.city === city);
}

function indexXml(adverts: readonly SiteAdvert[], operation: string): string {
  const locs = ['bello', 'itagui'].flatMap(city => {
    const files = Math.ceil(advertsOf(adverts, operation, city).length / PER_SITEMAP);
    return Array.from(
      {length: files},
      (_, n) => `/sitemap-detalles-${operation}-${city}${n === 0 ? '' : `-${n + 1}`}.xml`,
    );
  });
  return `<?xml version="1.0"?><sitemapindex>${locs.map(loc => `<sitemap><loc>${HOME}${loc}</loc></sitemap>`).join('')}</sitemapindex>`;
}

function cityXml(adverts: readonly SiteAdvert[], operation: string, city: string, number = '1'): string {
  const first = (Number(number) - 1) * PER_SITEMAP;
  const urls = advertsOf(adverts, operation, city)
    .slice(first, first + PER_SITEMAP)
    .map(advert => `<url><loc>${HOME}${advertPath(advert)}</loc><lastmod>${advert.lastmod}</lastmod></url>`);
  return `<?xml version="1.0"?><urlset>${urls.join('')}</urlset>`;
}

const FIXTURE = cutAngularState(readFixture('ciencuadras/listing.html'), 'detail-state');

/** The fixture's page about another advert. */
function advertHtml(advert: SiteAdvert): string {
  const path = advertPath(advert);
  const isSale = advert.operation === 'sale';
  const route = {...fieldsAt(FIXTURE, FIXTURE_PATH)};
  if (advert.state === 'removed')
    Object.assign(route, {message: 'Inmueble No Activo. StatusCode: 1', error: true});
  const detail = structuredClone(fieldsAt(FIXTURE, `detail-property-${FIXTURE_PATH}`));
  Object.assign(fieldsAt(detail, 'generalData'), {
    propertyId: advert.id,
    propertyType: advert.propertyType === 'house' ? 'Casa' : 'Apartamento',
    businessType: isSale ? 'Venta' : 'Arriendo',
    price: isSale ? String(advert.price) : '0',
    leaseFee: isSale ? '0' : String(advert.price),
    cityName: advert.city === 'bello' ? 'Bello' : 'Itagüí',
    neighborhoodName: advert.barrio.replaceAll('-', ' '),
  });
  const state = inAngular({[path]: route, [`detail-property-${path}`]: detail});
  const offers = {price: String(advert.price), priceCurrency: 'COP'};
  return (
    `<title>Inmueble</title><script type="application/ld+json">${JSON.stringify({'@type': 'Product', offers})}</script>` +
    `<script id="detail-state" type="application/json">${state}</script>`
  );
}

function fieldsAt(value: JsonValue, key: string): Fields {
  const fields = isObject(value) ? value[key] : undefined;
  if (!isObject(fields ?? null)) throw new Error(`the fixture has no ${key}`);
  return fields as Fields;
}

/** JSON in the escaping of Angular's transfer state. */
function inAngular(state: JsonValue): string {
  const escapes: Readonly<Record<string, string>> = {
    '&': '&a;',
    '"': '&q;',
    "'": '&s;',
    '<': '&l;',
    '>': '&g;',
  };
  return JSON.stringify(state).replace(/[&"'<>]/g, letter => escapes[letter] ?? letter);
}
