/** Addresses of Metrocuadrado. */
import {ConfigError} from '../src/domain/errors.ts';
import type {Scope} from '../src/domain/page.ts';
import type {Operation, PropertyType} from '../src/domain/vocabulary.ts';

export const HOMEPAGE = 'https://www.metrocuadrado.com';

const OPERATION_SLUGS: Readonly<Record<Operation, string>> = {sale: 'venta', rent: 'arriendo'};

/** Slugs of searches; the portal has none for our other types. `edificio-de-oficinas` is a search of its own. */
export const TYPE_SLUGS: Readonly<Partial<Record<PropertyType, string>>> = {
  apartment: 'apartamentos',
  house: 'casas',
  land: 'lotes',
  retail: 'locales',
  office: 'oficinas',
  farm: 'fincas',
  medical_office: 'consultorios',
  building: 'edificio-de-apartamentos',
  warehouse: 'bodegas',
};

/**
 * City and barrio slugs of a scope place. The portal's addresses leave the department out; Bogotá is its own:
 * `antioquia/medellin/laureles` → medellin, laureles; `bogota/chapinero` → bogota, chapinero.
 */
export function searchedPlace(place: string): readonly string[] {
  const slugs = place.split('/');
  return slugs[0] === 'bogota' ? slugs : slugs.slice(1);
}

/** `antioquia/medellin` → `/apartamentos/venta/medellin/`. Throws `ConfigError` for what the portal can't search. */
export function searchUrl(scope: Scope): string {
  const type = TYPE_SLUGS[scope.propertyType];
  const place = searchedPlace(scope.place);
  if (type === undefined || place.length === 0 || place.length > 2) {
    throw new ConfigError(
      `metrocuadrado has no search of ${scope.propertyType} in "${scope.place}": name a department and a city ` +
        `(antioquia/medellin, perhaps with a barrio behind) or bogota, and one of ${Object.keys(TYPE_SLUGS).join(', ')}`,
      {context: {scope}},
    );
  }
  return `${HOMEPAGE}/${[type, OPERATION_SLUGS[scope.operation], ...place].join('/')}/`;
}

/** Page N of the search that any of its pages belongs to; page 1 has no parameter. */
export function searchPageUrl(url: string, page: number): string {
  const base = url.replace(/\?.*$/, '');
  return page === 1 ? base : `${base}?page=${page}`;
}

/** The page number that an address asks for. */
export function pageNumberIn(url: string): number {
  return Number(/[?&]page=(\d+)/.exec(url)?.[1] ?? 1);
}

/** `20690-M6621558`, `2266-672` (agency), `MC6627253` (private seller), `14693-C0004-02` (flat type of a project). */
const ID = String.raw`(?:\d{1,6}-(?:M?\d{1,9}|C\d{1,6}(?:-\d{1,3})?)|MC\d{1,9})`;
const WHOLE_ID = new RegExp(`^${ID}$`);
const LISTING_PATH = new RegExp(`^/(inmueble|proyecto)/([^/]+)/(${ID})/?$`);
/** Until about 2017 the address itself held price, area and estrato. */
const OLD_LISTING_PATH = new RegExp(`^/(venta|arriendo)/[^/]+-id-(${ID})/?$`);
const SEARCH_PATH = /^\/[a-z-]+\/(?:venta|arriendo)(?:\/[a-z0-9.ñ-]+){0,2}\/?$/;
const TYPE_WORD =
  /^(venta|arriendo)-(apartamento|apartaestudio|casa-campestre|casa-lote|casa|finca|lote|local|oficina|consultorio|bodega|edificio-de-apartamentos|edificio-de-oficinas)(?:-|$)/;

/** True for a text that is an id as the portal writes them. */
export function isListingId(text: string): boolean {
  return WHOLE_ID.test(text);
}

/** Id of the advert that an address is about, of today's and of older forms. */
export function listingIdIn(url: string): string | undefined {
  const path = url.replace(/^https?:\/\/[^/]+/, '').replace(/[?#].*$/, '');
  return LISTING_PATH.exec(path)?.[3] ?? OLD_LISTING_PATH.exec(path)?.[2];
}

/**
 * Path without the words an advertiser may have put in it (barrios are free text, projects have names):
 * `/inmueble/venta-casa-bogota-toberin-3-habitaciones/MC1` → `/inmueble/venta-casa/MC1`. The site goes by the last
 * part (inferred: its own route parameters are `description` and `id`). Search paths are the portal's own words and
 * stay, unless a barrio holds the digits of a phone; undefined for other paths.
 */
export function shortenPath(path: string): string | undefined {
  const [, folder, slug = '', id] = LISTING_PATH.exec(path) ?? [];
  if (folder === 'proyecto') return `/proyecto/proyecto/${id}`;
  if (folder !== undefined)
    return `/inmueble/${TYPE_WORD.exec(slug)?.slice(1, 3).join('-') ?? 'inmueble'}/${id}`;
  const old = OLD_LISTING_PATH.exec(path);
  if (old) return `/${old[1]}/inmueble-id-${old[2]}`;
  const isSearch = SEARCH_PATH.test(path) && path.replace(/\D/g, '').length < 7;
  return isSearch || path === '/' ? path : undefined;
}
