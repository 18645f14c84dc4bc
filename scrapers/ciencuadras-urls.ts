/** Addresses of Ciencuadras. */
import type {Operation, PropertyType} from '../src/domain/vocabulary.ts';
import {parseOperations, parsePropertyType} from '../src/lib/spanish.ts';
import {findPersonal} from '../src/portal/personal.ts';

export const HOMEPAGE = 'https://www.ciencuadras.com';

const OPERATION_SLUGS: Readonly<Record<Operation, string>> = {sale: 'venta', rent: 'arriendo'};

/** The list of all sitemaps of adverts of one operation. Projects and auctions have lists of their own. */
export function sitemapIndexUrl(operation: Operation): string {
  return `${HOMEPAGE}/sitemap-index-detalles-inmuebles-${OPERATION_SLUGS[operation]}.xml`;
}

/** What a sitemap of adverts is about: `…/sitemap-detalles-venta-la-estrella-2.xml` → sale, `la-estrella`. */
export function readSitemapUrl(url: string): {operation: Operation; city: string} | undefined {
  const match = /^\/sitemap-detalles-(venta|arriendo)-([a-z-]+?)(?:-\d+)?\.xml$/.exec(pathOf(url));
  const [, word, city] = match ?? [];
  return city === undefined ? undefined : {operation: word === 'venta' ? 'sale' : 'rent', city};
}

/** What the address of an advert says. */
export interface ListingAddress {
  readonly id: string;
  /** The portal's word; null in addresses of another form. */
  readonly typeWord: string | null;
  readonly propertyType: PropertyType | null;
  /** Two for `arriendo-o-venta`; none in addresses of another form. */
  readonly operations: readonly Operation[];
  /** Neighbourhood and city, `tuna-alta-bogota`; null where the address was shortened. */
  readonly place: string | null;
}

const LISTING_PATH = /^\/inmueble\/(?:(.*)-)?(\d{4,9})\/?$/;
const LISTING_WORDS = /^([a-z-]+?)-en-(venta|arriendo|arriendo-o-venta|venta-o-arriendo)(?:-en-(.+))?$/;

/** `/inmueble/apartamento-en-venta-en-tuna-alta-bogota-3713891`: the id is the last number. Undefined for other pages. */
export function readListingUrl(url: string): ListingAddress | undefined {
  const match = LISTING_PATH.exec(pathOf(url));
  const [, words = '', id] = match ?? [];
  if (id === undefined) return undefined;
  const [, typeWord = null, operation = '', place = null] = LISTING_WORDS.exec(words) ?? [];
  return {
    id,
    typeWord,
    propertyType: typeWord === null ? null : parsePropertyType(typeWord),
    operations: parseOperations(operation) ?? [],
    place,
  };
}

function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]+/, '').replace(/[?#].*$/, '');
}

/**
 * Path of an advert as it stands while nobody is named in it; else without the words of its place, as
 * `/inmueble/casa-en-venta-3713891`. That the site answers such an address is inferred: the id is its last number.
 * Neighbourhoods come from the advertiser's software (`a-s-d` occurs), so they may hold anything.
 * Searches and sitemaps are the portal's own words; an agency's page loses its name and number.
 */
export function shortenPath(path: string): string | undefined {
  const address = readListingUrl(path);
  if (address !== undefined) {
    const {id, typeWord, propertyType, operations, place} = address;
    const words = place ?? path.replace(/^\/inmueble\/|-?\d+\/?$/g, '');
    if (namesNobody(words) && namesNobody(typeWord ?? '')) return path;
    const operation = operations.map(name => OPERATION_SLUGS[name]).join('-o-');
    return propertyType === null ? `/inmueble/${id}` : `/inmueble/${typeWord}-en-${operation}-${id}`;
  }
  if (/^\/inmobiliaria(?:\/|$)/.test(path)) return '/inmobiliaria';
  return /^\/(?:sitemap[a-z0-9-]*\.xml|(?:venta|arriendo)(?:\/[a-z0-9-]+)*\/?)?$/.test(path)
    ? path
    : undefined;
}

/** Small letters with at most four digits (`20-de-julio`), no mail host, and nobody's name or number. */
function namesNobody(slug: string): boolean {
  if (!/^[a-z0-9-]*$/.test(slug) || slug.replace(/\D/g, '').length > 4) return false;
  if (/gmail|hotmail|outlook|yahoo|whats|arroba/.test(slug)) return false;
  return findPersonal(slug.replaceAll('-', ' ')).length === 0;
}
