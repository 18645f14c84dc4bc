/** Addresses of Finca Raíz. */
import type {Scope} from '../src/domain/page.ts';
import {type Operation, PROPERTY_TYPES, type PropertyType} from '../src/domain/vocabulary.ts';

export const HOMEPAGE = 'https://www.fincaraiz.com.co';

const OPERATION_SLUGS: Readonly<Record<Operation, string>> = {sale: 'venta', rent: 'arriendo'};

/** Slugs of searches and of adverts, and id in the portal's vocabulary of 2025-06. */
export const TYPES: Readonly<
  Record<PropertyType, {readonly slug: string; readonly singular: string; readonly id: number}>
> = {
  house: {slug: 'casas', singular: 'casa', id: 1},
  apartment: {slug: 'apartamentos', singular: 'apartamento', id: 2},
  land: {slug: 'lotes', singular: 'lote', id: 3},
  retail: {slug: 'locales', singular: 'local', id: 4},
  office: {slug: 'oficinas', singular: 'oficina', id: 5},
  farm: {slug: 'fincas', singular: 'finca', id: 6},
  parking: {slug: 'parqueaderos', singular: 'parqueadero', id: 8},
  medical_office: {slug: 'consultorios', singular: 'consultorio', id: 9},
  building: {slug: 'edificios', singular: 'edificio', id: 10},
  studio: {slug: 'apartaestudios', singular: 'apartaestudio', id: 14},
  cabin: {slug: 'cabanas', singular: 'cabana', id: 15},
  country_house: {slug: 'casas-campestres', singular: 'casa-campestre', id: 16},
  house_lot: {slug: 'casas-lotes', singular: 'casa-lote', id: 17},
  room: {slug: 'habitaciones', singular: 'habitacion', id: 18},
  warehouse: {slug: 'bodegas', singular: 'bodega', id: 19},
};

/** `antioquia/medellin` → `/venta/casas/medellin/antioquia`; below a city the portal leaves the department out. */
export function searchUrl(scope: Scope): string {
  const place = scope.place.split('/').reverse();
  const shown = place.length > 2 ? place.slice(0, -1) : place;
  return [HOMEPAGE, OPERATION_SLUGS[scope.operation], TYPES[scope.propertyType].slug, ...shown].join('/');
}

const SEARCH_PATH = /^\/(venta|arriendo)\/([a-z-]+)(?:\/[a-z0-9-]+)+?(?:\/pagina\d+)?\/?$/;

/** Operation and type that the address of a search asks for; undefined for other addresses and for several types at once. */
export function searchOf(url: string): {operation: Operation; propertyType: PropertyType} | undefined {
  const [, word, slug] = SEARCH_PATH.exec(url.replace(/^https?:\/\/[^/]+/, '').replace(/[?#].*$/, '')) ?? [];
  const propertyType = PROPERTY_TYPES.find(type => TYPES[type].slug === slug);
  if (propertyType === undefined) return undefined;
  return {operation: word === OPERATION_SLUGS.sale ? 'sale' : 'rent', propertyType};
}

/** A filter by rooms, as an address names it. */
export interface Rooms {
  readonly slug: string;
  readonly min: number;
  /** Null: any number from `min` on. */
  readonly max: number | null;
}

/**
 * Filters that part a search by rooms. `1-habitacion` was seen; the others are as two projects used them on the site
 * (2026): exact numbers, and `N-o-mas-habitaciones`, which the website offers up to 4.
 */
export const ROOMS: readonly Rooms[] = [
  {slug: '1-habitacion', min: 1, max: 1},
  {slug: '2-habitaciones', min: 2, max: 2},
  {slug: '3-habitaciones', min: 3, max: 3},
  {slug: '4-o-mas-habitaciones', min: 4, max: null},
];

/**
 * What the address of a search asks beyond its scope: `/venta/casas/el-poblado/suroriente/medellin/3-habitaciones` → a
 * neighbourhood of Medellín, by its slug, and three rooms.
 */
export function readSearchPart(
  scope: Scope,
  url: string,
): {readonly barrio: string | null; readonly rooms: Rooms | null} {
  const segments = searchPageUrl(url, 1).split('/');
  const rooms = ROOMS.find(({slug}) => slug === segments.at(-1)) ?? null;
  const path = rooms === null ? segments : segments.slice(0, -1);
  const city = scope.place.split('/')[1];
  const isBelow = path.length > 6 && path.at(-1) === city && path.join('/') !== searchUrl(scope);
  return {barrio: isBelow ? (path[5] ?? null) : null, rooms};
}

/** The part of a search that has so many rooms. */
export function searchPartUrl(url: string, rooms: Rooms): string {
  return `${searchPageUrl(url, 1)}/${rooms.slug}`;
}

/** Page N of the search that any of its pages belongs to; page 1 has no suffix. */
export function searchPageUrl(url: string, page: number): string {
  const base = url.replace(/\/(?:pagina\d+)?$/, '');
  return page === 1 ? base : `${base}/pagina${page}`;
}

/** The page number that an address asks for. */
export function pageNumberIn(url: string): number {
  return Number(/\/pagina(\d+)\/?$/.exec(url)?.[1] ?? 1);
}

const LISTING_PATH =
  /^\/(?:([a-z-]+?)-en-(venta|arriendo)(?:-[^/]*)?|(inmueble|proyectos-vivienda)(?:\/[^/]+)*?)\/(\d{5,12})\/?$/;
const OLD_LISTING_PATH = /-det-(\d{5,12})\.aspx$/;
const TYPE_WORDS = new Set(['inmueble', ...Object.values(TYPES).map(({singular}) => singular)]);

/** Number of the advert that an address is about, of today's and of older forms. */
export function listingIdIn(url: string): string | undefined {
  const path = url.replace(/^https?:\/\/[^/]+/, '').replace(/[?#].*$/, '');
  return LISTING_PATH.exec(path)?.[4] ?? OLD_LISTING_PATH.exec(path)?.[1];
}

/**
 * Path without the words an advertiser may have put in it: `/casa-en-venta-en-la-calleja-tunja/191480058` →
 * `/casa-en-venta/191480058`. The trailing id is what the site goes by (inferred: it redirects to its own slug).
 * Search paths are the portal's own words and stay; undefined for other paths.
 */
export function shortenPath(path: string): string | undefined {
  const listing = LISTING_PATH.exec(path);
  if (listing) {
    const [, type = '', operation = '', folder, id] = listing;
    if (folder !== undefined) return folder === 'inmueble' ? `/inmueble/${id}` : `/${folder}/proyecto/${id}`;
    return `/${TYPE_WORDS.has(type) ? type : 'inmueble'}-en-${operation}/${id}`;
  }
  const old = OLD_LISTING_PATH.exec(path);
  if (old) return `/inmueble-det-${old[1]}.aspx`;
  const agency = /^\/inmobiliarias\/(?:.*\/)?(\d+)(?:[-/].*)?$/.exec(path);
  if (agency) return `/inmobiliarias/${agency[1]}`;
  if (/^\/cde-sitemap-[a-z-]+\.xml$/.test(path)) return path;
  return /^\/(?:(?:venta|arriendo|proyectos-vivienda)(?:\/.*)?)?$/.test(path) ? path : undefined;
}
