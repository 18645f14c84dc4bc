/** Addresses of Finca Raíz. */
import type {Scope} from '../src/domain/page.ts';
import {type Operation, PROPERTY_TYPES, type PropertyType} from '../src/domain/vocabulary.ts';

export const HOMEPAGE = 'https://www.fincaraiz.com.co';

const OPERATION_SLUGS: Readonly<Record<Operation, string>> = {sale: 'venta', rent: 'arriendo'};

/** Slug of a search, and id in the portal's vocabulary of 2025-06. */
export const TYPES: Readonly<Record<PropertyType, {readonly slug: string; readonly id: number}>> = {
  house: {slug: 'casas', id: 1},
  apartment: {slug: 'apartamentos', id: 2},
  land: {slug: 'lotes', id: 3},
  retail: {slug: 'locales', id: 4},
  office: {slug: 'oficinas', id: 5},
  farm: {slug: 'fincas', id: 6},
  parking: {slug: 'parqueaderos', id: 8},
  medical_office: {slug: 'consultorios', id: 9},
  building: {slug: 'edificios', id: 10},
  studio: {slug: 'apartaestudios', id: 14},
  cabin: {slug: 'cabanas', id: 15},
  country_house: {slug: 'casas-campestres', id: 16},
  house_lot: {slug: 'casas-lotes', id: 17},
  room: {slug: 'habitaciones', id: 18},
  warehouse: {slug: 'bodegas', id: 19},
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
const TYPE_WORDS =
  /^(?:casa|apartamento|apartaestudio|cabana|casa-campestre|casa-lote|finca|habitacion|lote|bodega|consultorio|local|oficina|parqueadero|edificio|inmueble)$/;

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
    return `/${TYPE_WORDS.test(type) ? type : 'inmueble'}-en-${operation}/${id}`;
  }
  const old = OLD_LISTING_PATH.exec(path);
  if (old) return `/inmueble-det-${old[1]}.aspx`;
  const agency = /^\/inmobiliarias\/(?:.*\/)?(\d+)(?:[-/].*)?$/.exec(path);
  if (agency) return `/inmobiliarias/${agency[1]}`;
  return /^\/(?:(?:venta|arriendo|proyectos-vivienda)(?:\/.*)?)?$/.test(path) ? path : undefined;
}
