/** Addresses of the simulated portal, in the patterns of the real one (2026). */
import type {Operation, PropertyType} from '../../domain/vocabulary.ts';
import {slugify} from '../../lib/spanish.ts';
import {
  BARRIOS,
  type Barrio,
  DEPARTMENT,
  MUNICIPALITIES,
  type Municipality,
  municipalityBySlug,
} from '../market/places.ts';
import {TYPE_NAMES} from '../market/texts.ts';
import type {Advert, MarketScope} from '../market/truth.ts';

export const ORIGIN = 'https://www.fincaraiz.com.co';
export const PAGE_SIZE = 21;

export interface TypeWords {
  /** Portal's number of the type. */
  readonly id: number;
  readonly plural: string;
  /** Plural, in search addresses. */
  readonly slug: string;
}

function words(id: number, plural: string): TypeWords {
  return {id, plural, slug: slugify(plural)};
}

export const TYPE_WORDS: Readonly<Record<PropertyType, TypeWords>> = {
  house: words(1, 'Casas'),
  apartment: words(2, 'Apartamentos'),
  land: words(3, 'Lotes'),
  retail: words(4, 'Locales'),
  office: words(5, 'Oficinas'),
  farm: words(6, 'Fincas'),
  parking: words(8, 'Parqueaderos'),
  medical_office: words(9, 'Consultorios'),
  building: words(10, 'Edificios'),
  studio: words(14, 'Apartaestudios'),
  cabin: words(15, 'Cabañas'),
  country_house: words(16, 'Casas Campestres'),
  house_lot: words(17, 'Casas Lotes'),
  room: words(18, 'Habitaciones'),
  warehouse: words(19, 'Bodegas'),
};

export const OPERATION_SLUGS: Readonly<Record<Operation, string>> = {sale: 'venta', rent: 'arriendo'};
export const OPERATION_IDS: Readonly<Record<Operation, number>> = {sale: 1, rent: 2};

const PROPERTY_TYPE_BY_SLUG = new Map<string, PropertyType>();
for (const [propertyType, {slug}] of Object.entries(TYPE_WORDS)) {
  const known = isPropertyType(propertyType) ? propertyType : undefined;
  if (known !== undefined) PROPERTY_TYPE_BY_SLUG.set(slug, known);
}

function isPropertyType(word: string): word is PropertyType {
  return word in TYPE_WORDS;
}

/** A place as a search understood it. Anything unknown becomes the whole country. */
export type SearchPlace =
  | {readonly kind: 'country'}
  | {readonly kind: 'department'}
  | {readonly kind: 'municipality'; readonly municipality: Municipality}
  | {readonly kind: 'neighbourhood'; readonly municipality: Municipality; readonly barrio: Barrio};

export interface RoomsFilter {
  readonly min: number;
  readonly max: number;
}

/** `2-habitaciones`, `4-o-mas-habitaciones`: the filters the real site's addresses have. */
function readRooms(segment: string): RoomsFilter | null {
  const match = /^(\d)(-o-mas)?-habitaci(?:on|ones)$/.exec(segment);
  if (match === null) return null;
  const min = Number(match[1]);
  return {min, max: match[2] === undefined ? min : Number.POSITIVE_INFINITY};
}

export interface Search {
  readonly operation: Operation;
  /** Null: all types. */
  readonly propertyType: PropertyType | null;
  readonly place: SearchPlace;
  /** Homes with so many rooms; null: whatever they have. */
  readonly rooms: RoomsFilter | null;
  readonly page: number;
  /** The address without its page suffix. */
  readonly basePath: string;
}

/** Reads a search address; undefined when the path is not one. */
export function readSearchPath(path: string): Search | undefined {
  const segments = path.split('/').filter(segment => segment !== '');
  const last = segments.at(-1) ?? '';
  const pageMatch = /^pagina(\d+)$/.exec(last);
  if (pageMatch !== null) segments.pop();
  const basePath = `/${segments.join('/')}`;
  const rooms = readRooms(segments.at(-1) ?? '');
  if (rooms !== null) segments.pop();
  const [operationSlug, typeSlug, ...places] = segments;
  const operation = operationSlug === 'venta' ? 'sale' : operationSlug === 'arriendo' ? 'rent' : undefined;
  if (operation === undefined) return undefined;
  return {
    operation,
    propertyType: PROPERTY_TYPE_BY_SLUG.get(typeSlug ?? '') ?? null,
    place:
      typeSlug === undefined || PROPERTY_TYPE_BY_SLUG.has(typeSlug) ? readPlace(places) : {kind: 'country'},
    rooms,
    page: pageMatch === null ? 1 : Number(pageMatch[1]),
    basePath,
  };
}

/** `[city, department]`, `[department]`, `[barrio, zone, city]` or `[barrio, city]`. */
function readPlace(segments: readonly string[]): SearchPlace {
  const [first, ...rest] = segments;
  const last = segments.at(-1);
  const municipalityAt = (slug: string | undefined): Municipality | undefined =>
    MUNICIPALITIES.find(candidate => candidate.slug === slug);
  if (segments.length === 1 && first === DEPARTMENT.slug) return {kind: 'department'};
  const city = municipalityAt(first);
  if (segments.length === 2 && city !== undefined && last === DEPARTMENT.slug) {
    return {kind: 'municipality', municipality: city};
  }
  const around = municipalityAt(last);
  if (around === undefined || rest.length === 0) return {kind: 'country'};
  const barrio = BARRIOS.find(
    candidate => candidate.slug === first && candidate.municipality === around.slug,
  );
  return barrio === undefined ? {kind: 'country'} : {kind: 'neighbourhood', municipality: around, barrio};
}

/** First page of the search of a scope: `/venta/casas/medellin/antioquia`. */
export function searchPath(scope: MarketScope, page = 1): string {
  const [department, city] = scope.place.split('/');
  const place = city === undefined ? department : `${city}/${department}`;
  const suffix = page === 1 ? '' : `/pagina${page}`;
  return `/${OPERATION_SLUGS[scope.operation]}/${TYPE_WORDS[scope.propertyType].slug}/${place}${suffix}`;
}

export function neighbourhoodPath(operation: Operation, propertyType: PropertyType, barrio: Barrio): string {
  const type = TYPE_WORDS[propertyType].slug;
  return `/${OPERATION_SLUGS[operation]}/${type}/${barrio.slug}/${barrio.zone}/${barrio.municipality}`;
}

/** The advert's own page. On a few adverts the slug ends in a person's name. */
export function listingPath(advert: Advert): string {
  if (advert.stated.isProject) return `/proyectos-vivienda/${slugify(advert.stated.title)}/${advert.id}`;
  const type = slugify(TYPE_NAMES[advert.propertyType]);
  const city = municipalityBySlug(advert.place.split('/')[1] ?? '').slug;
  const where = advert.stated.barrio === null ? city : `${advert.stated.barrio}-${city}`;
  const suffix = advert.slugSuffix === '' ? '' : `-${advert.slugSuffix}`;
  return `/${type}-en-${OPERATION_SLUGS[advert.operation]}-en-${where}${suffix}/${advert.id}`;
}

/** The number at the end of an advert's address, whatever its slug; undefined when the path is none. */
export function readListingPath(path: string): number | undefined {
  const match = /^\/(?:[^/]+-en-(?:venta|arriendo)[^/]*|proyectos-vivienda\/[^/]+)\/(\d+)\/?$/.exec(path);
  return match === null ? undefined : Number(match[1]);
}

const SITEMAP_OPERATIONS: Readonly<Record<Operation, string>> = {sale: 'venta', rent: 'alquiler'};

export const SITEMAP_INDEX_PATH = '/cde-sitemap-listings-index.xml';

export function sitemapPath(operation: Operation, propertyType: PropertyType): string {
  return `/cde-sitemap-listings-${slugify(TYPE_NAMES[propertyType])}-en-${SITEMAP_OPERATIONS[operation]}-antioquia.xml`;
}
