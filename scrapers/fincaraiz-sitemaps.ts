/**
 * Sitemaps of Finca Raíz: an index, and one file for each type, operation and zone. No file was seen by Raíz: names and
 * zones are as other projects report them (2026), of apartments, houses, offices, plots and studios.
 */
import type {JsonValue, Page, PageRef, Scope} from '../src/domain/page.ts';
import type {Operation, PropertyType} from '../src/domain/vocabulary.ts';
import {slugify} from '../src/lib/spanish.ts';
import type {SitemapLink, SitemapReading} from '../src/portal/define-portal.ts';
import {readSitemap} from '../src/portal/sitemap.ts';
import {lookUp, take} from '../src/portal/take.ts';
import {HOMEPAGE, listingIdIn, TYPES} from './fincaraiz-urls.ts';

const INDEX_URL = `${HOMEPAGE}/cde-sitemap-listings-index.xml`;
const FILE = /\/cde-sitemap-listings-([a-z-]+)-en-(venta|alquiler)-([a-z-]+)\.xml$/;
/** Departments with files of their own; all others share one. */
const ZONES = new Set(
  `tolima norte-de-santander quindio magdalena caldas santander bolivar risaralda cundinamarca atlantico valle-del-cauca
  bogota-dc antioquia`.split(/\s+/),
);
const SHARED_ZONE = 'resto-de-colombia';

/**
 * Cities whose adverts are told in a sitemap. An address ends in its city, and may hold anything before it: only the word
 * of this list is kept of it.
 */
const CITIES =
  `medellin bello itagui envigado sabaneta la-estrella caldas copacabana girardota barbosa rionegro bogota cali
  barranquilla cartagena bucaramanga pereira manizales armenia ibague cucuta santa-marta villavicencio`.split(
    /\s+/,
  );

/** Where a split search may be completed; nothing for cities that are not told in addresses. */
export function completion(scope: Scope): readonly PageRef[] {
  const [, city, below] = scope.place.split('/');
  const isTold = city !== undefined && below === undefined && CITIES.includes(city);
  return isTold ? [{kind: 'sitemap', url: INDEX_URL}] : [];
}

/** Files of an index; of a file the adverts in cities we know. Throws `PageShapeError` as `readSitemap`. */
export function keepSitemap(body: string): JsonValue {
  const {kind, entries} = readSitemap(body);
  if (kind === 'index') return {sitemap: kind, entries: entries.map(({loc, lastmod}) => ({loc, lastmod}))};
  const told = entries.flatMap(({loc, lastmod}) => {
    const city = cityIn(loc);
    return city === undefined ? [] : [{loc, lastmod, city}];
  });
  return {sitemap: kind, entries: told};
}

/** `/casa-en-venta-en-la-calleja-tunja/191480058` → `tunja`. */
function cityIn(loc: string): string | undefined {
  const [, slug] = /^https?:\/\/[^/]+\/([^/]+)\/\d+\/?$/.exec(loc) ?? [];
  if (slug === undefined) return undefined;
  const words = slugify(URL.canParse(loc) ? decodeURI(slug) : slug);
  return CITIES.find(city => words.endsWith(`-${city}`));
}

interface SitemapFile {
  readonly propertyType: PropertyType;
  readonly operation: Operation;
  readonly zone: string;
}

function readFileUrl(url: string): SitemapFile | undefined {
  const [, word, operation, zone] = FILE.exec(url) ?? [];
  const type = Object.entries(TYPES).find(([, {slug, singular}]) => word === slug || word === singular)?.[0];
  if (zone === undefined || type === undefined) return undefined;
  return {propertyType: type as PropertyType, operation: operation === 'venta' ? 'sale' : 'rent', zone};
}

export function acceptSitemap(scope: Scope, page: Page): true | string {
  const {state} = page.content;
  const asked = page.ref.url === INDEX_URL ? 'index' : 'urls';
  const answered = lookUp(state, 'sitemap');
  if (answered !== asked) return `asked ${page.ref.url}, portal answered ${answered ?? 'no sitemap'}`;
  if (asked === 'urls' || filesOf(scope, state).length > 0) return true;
  return `portal has no sitemap of ${scope.operation} of ${scope.propertyType} for ${scope.place}`;
}

export function parseSitemap(page: Page): SitemapReading {
  const {scope, content} = page;
  if (lookUp(content.state, 'sitemap') === 'index') return {links: filesOf(scope, content.state), issues: []};
  const city = scope.place.split('/')[1];
  const links = entriesOf(content.state)
    .filter(entry => entry.city === city && listingIdIn(entry.loc) !== undefined)
    .map(({loc, lastmod}) => ({kind: 'listing' as const, url: loc, lastmod}));
  return {links, issues: []};
}

/** Files of the scope's type, operation and zone; where the type has none for the zone, those of the rest of the country. */
function filesOf(scope: Scope, state: JsonValue): SitemapLink[] {
  const department = scope.place.split('/')[0] ?? '';
  const zone = ZONES.has(department) ? department : SHARED_ZONE;
  const files = entriesOf(state).flatMap(({loc, lastmod}) => {
    const file = readFileUrl(loc);
    const isOurs = file?.propertyType === scope.propertyType && file.operation === scope.operation;
    return isOurs ? [{zone: file.zone, link: {kind: 'sitemap' as const, url: loc, lastmod}}] : [];
  });
  const inZone = files.filter(file => file.zone === zone);
  const chosen = inZone.length > 0 ? inZone : files.filter(file => file.zone === SHARED_ZONE);
  return chosen.map(({link}) => link);
}

function entriesOf(state: JsonValue) {
  return take(state)
    .list('entries')
    .map(entry => ({
      loc: entry.text('loc'),
      lastmod: entry.textOrNull('lastmod'),
      city: entry.textOrNull('city'),
    }));
}
