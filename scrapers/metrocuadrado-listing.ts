/**
 * The two objects an advert of Metrocuadrado comes in, as `keepPage` trims them: the item of a search page (2026) and
 * the object of a listing page (2020–2026; the older ones lack some ten keys).
 */
import {RecordShapeError} from '../src/domain/errors.ts';
import type {ListingReading, Offer, StagedListing} from '../src/domain/listing.ts';
import type {JsonValue} from '../src/domain/page.ts';
import type {AdvertiserKind, Condition, PropertyType} from '../src/domain/vocabulary.ts';
import {
  type AgeClass,
  foldText,
  isNotStated,
  mentionsAuction,
  mentionsOffPlan,
  normalisePlace,
  parseAgeClass,
  parseCondition,
  parseCount,
  parseDecimal,
  parseOperations,
  parsePropertyType,
  parseStratum,
} from '../src/lib/spanish.ts';
import {type Taker, take} from '../src/portal/take.ts';
import {type Features, readLabels, readPairs} from './metrocuadrado-features.ts';
import {
  IGNORED_LISTING_KEYS,
  IGNORED_SEARCH_KEYS,
  type Keys,
  LISTING_KEYS,
  SEARCH_KEYS,
} from './metrocuadrado-keys.ts';
import {HOMEPAGE, isListingId} from './metrocuadrado-urls.ts';

/** Search pages name at most this many pictures. */
const MAX_PICTURES_OF_SEARCH = 20;

const ADVERTISERS: Readonly<Record<string, AdvertiserKind>> = {
  RealEstate: 'agency',
  Seller: 'private',
  Builder: 'developer',
};

/**
 * Reads one item of a search page. Throws `RecordShapeError` when the id, link, type, operation, its price or the city
 * is not there. Zero means "not stated" in every count, area and fee.
 */
export function readSearchListing(record: JsonValue): ListingReading {
  const fields = take(record);
  const more = fields.object('data');
  more.ignore('murldetalle', 'mprimerafotoinmueble');
  fields.ignore(...IGNORED_SEARCH_KEYS);
  const features = readPairs(fields);
  const photosCount = fields.intOrNull('photosCount');
  return readAdvert(fields, SEARCH_KEYS, {
    link: fields.text('link'),
    adminFeeCop: readDecimal(more, 'mvaloradministracion'),
    features,
    isProject: false,
    photosCount: photosCount === MAX_PICTURES_OF_SEARCH ? null : photosCount,
  });
}

/** Reads the object of a listing page; as `readSearchListing` does. */
export function readListing(record: JsonValue): ListingReading {
  const fields = take(record);
  const detail = fields.object('detail');
  detail.ignore('firstImage', 'micrositeId');
  fields.ignore(...IGNORED_LISTING_KEYS);
  const status = fields.textOrNull('publicationStatus');
  if (status !== null && status !== 'S')
    fields.report('unknown_word', 'state of publication is not known', 'publicationStatus', status);
  const builtTime = fields.textOrNull('builtTime');
  return readAdvert(fields, LISTING_KEYS, {
    link: detail.text('urlDetail'),
    adminFeeCop: readDecimal(detail, 'adminPrice'),
    features: {...readLabels(fields), builtTime},
    isProject: fields.booleanOrNull('isProject') === true,
    photosCount: fields.intOrNull('photosCount'),
  });
}

/** What the two objects keep in different ways. */
interface Apart {
  readonly link: string;
  readonly adminFeeCop: number | null;
  readonly features: Features;
  readonly isProject: boolean;
  readonly photosCount: number | null;
}

function readAdvert(fields: Taker, keys: Keys, apart: Apart): ListingReading {
  const {features} = apart;
  const portalListingId = readId(fields, keys.id);
  const isProject = apart.isProject || /-C\d/.test(portalListingId);
  const title = readText(fields, 'title');
  const description = readText(fields, 'comment');
  const propertyType = readPropertyType(fields, keys.type);
  const {age, condition} = readState(fields, keys.state, features.builtTime);
  const listing: StagedListing = {
    portal: 'metrocuadrado',
    idSpace: 'id',
    portalListingId,
    url: apart.link.startsWith('/') ? HOMEPAGE + apart.link : apart.link,
    title,
    description,
    propertyType,
    offers: readOffers(fields, keys, isProject, apart.adminFeeCop),
    department: null,
    ...readPlace(fields, keys),
    ...readPoint(fields, keys.point),
    ...readAreas(fields, keys, propertyType, features),
    bedrooms: readCount(fields, ...keys.bedrooms),
    bathrooms: readCount(fields, ...keys.bathrooms),
    parkingSpaces: readCount(fields, keys.parking),
    floor: parseFact(fields, features.floor, parseCount),
    floorsCount: parseFact(fields, features.floorsCount, parseCount),
    stratum: readStratum(fields, keys.stratum),
    ageYearsMin: age?.minYears ?? null,
    ageYearsMax: age?.maxYears ?? null,
    condition,
    amenities: features.amenities,
    ...readAdvertiser(fields.object('advertiser')),
    isProject,
    isOffPlan: condition === 'off_plan' || mentionsOffPlan(title ?? ''),
    isAuction: mentionsAuction(`${title ?? ''}\n${description ?? ''}`),
    photosCount: apart.photosCount,
    publishedOn: null,
    updatedOn: null,
  };
  return {listing, unread: fields.unread(), issues: fields.issues()};
}

/** Nothing else is an id: not what redaction leaves of a number it takes for a phone. */
function readId(fields: Taker, key: string): string {
  const id = fields.text(key);
  if (!isListingId(id)) throw new RecordShapeError(`${fields.path}.${key}`, 'an advert id', id);
  return id;
}

function readPropertyType(fields: Taker, key: string): PropertyType | null {
  const type = fields.object(key);
  type.ignore('id');
  const word = type.text('nombre');
  const isBuilding = /^edificio de (?:apartamentos|oficinas)$/.test(foldText(word));
  const propertyType = isBuilding ? 'building' : parsePropertyType(word);
  if (propertyType === null) type.report('unknown_word', 'property type is not known', 'nombre', word);
  return propertyType;
}

/** One offer for each operation named; none when the word is unknown. A project states the price of its cheapest flat. */
function readOffers(fields: Taker, keys: Keys, isProject: boolean, adminFeeCop: number | null): Offer[] {
  const word = fields.text(keys.business);
  const operations = parseOperations(word) ?? [];
  if (operations.length === 0) fields.report('unknown_word', 'operation is not known', keys.business, word);
  const lowest = isProject ? readDecimal(fields, keys.priceFrom) : null;
  if (!isProject) fields.ignore(keys.priceFrom);
  return (['sale', 'rent'] as const).flatMap((operation): Offer[] => {
    const key = keys.price[operation];
    if (operations.includes(operation)) {
      const price = isProject ? (orNull(fields.numberOrNull(key)) ?? lowest) : orNull(fields.number(key));
      return [{operation, price, currency: 'COP', adminFeeCop}];
    }
    const price = orNull(fields.numberOrNull(key));
    if (price !== null && operations.length > 0)
      fields.report('price_without_operation', `the advert says "${word}" and states this price`, key, price);
    return [];
  });
}

/** The cadastral barrio; the commercial one is free text and stands in where it holds no redaction mark. */
function readPlace(
  fields: Taker,
  keys: Keys,
): Pick<StagedListing, 'municipality' | 'district' | 'neighbourhood'> {
  const city = fields.object(keys.city);
  const zone = fields.objectOrNull(keys.zone);
  for (const place of [city, zone]) place?.ignore('id');
  const common = readText(fields, keys.commonBarrio);
  return {
    municipality: normalisePlace(city.text('nombre')),
    district: normalisePlace(zone?.textOrNull('nombre') ?? null),
    neighbourhood:
      normalisePlace(readText(fields, keys.barrio)) ??
      normalisePlace(common?.includes('[') === true ? null : common),
  };
}

/** Degrees; approximate where the portal says so (`ubicacionaproximada`), for which a listing has no field. */
function readPoint(fields: Taker, key: string): Pick<StagedListing, 'latitude' | 'longitude'> {
  const point = fields.objectOrNull(key);
  const [latitude, longitude] = [orNull(point?.numberOrNull('lat')), orNull(point?.numberOrNull('lon'))];
  if (latitude === null || longitude === null) return {latitude: null, longitude: null};
  return {latitude: to6(latitude), longitude: to6(longitude)};
}

/**
 * Areas in m². The advert's own area is the private one where it is not the built one again; of a plot it is the land.
 * A private area above the built one is as stated: land, or the two were swapped.
 */
function readAreas(
  fields: Taker,
  keys: Keys,
  propertyType: PropertyType | null,
  features: Features,
): Pick<StagedListing, 'builtAreaM2' | 'privateAreaM2' | 'landAreaM2'> {
  const area = readDecimal(fields, ...keys.area);
  const builtArea = readDecimal(fields, ...keys.builtArea);
  const projectArea = readDecimal(fields, keys.projectArea);
  const plotArea = parseFact(fields, features.landAreaM2, text => parseDecimal(text));
  if (propertyType === 'land') {
    return {builtAreaM2: null, privateAreaM2: null, landAreaM2: plotArea ?? area ?? builtArea};
  }
  if (area !== null && builtArea !== null && area > builtArea)
    fields.report('private_area_above_built', `private ${area} m², built ${builtArea} m²`, keys.area[0]);
  const privateArea = area === builtArea ? null : area;
  return {builtAreaM2: builtArea ?? area, privateAreaM2: projectArea ?? privateArea, landAreaM2: plotArea};
}

/** Age class and state share a field, in which the state is the more telling one (`Remodelado`, `Sobre planos`). */
function readState(
  fields: Taker,
  key: string,
  builtTime: string | null,
): {age: AgeClass | null; condition: Condition | null} {
  const state = readText(fields, key);
  const stated = state === null || isNotStated(state) ? null : parseCondition(state);
  if (state !== null && !isNotStated(state) && stated === null)
    fields.report('unknown_word', 'state of the home is not known', key, state);
  if (builtTime === null || isNotStated(builtTime)) return {age: null, condition: stated};
  const age = parseAgeClass(builtTime);
  const built = parseCondition(builtTime);
  if (age === null && built === null)
    fields.report('unknown_word', 'age class is not known', 'builtTime', builtTime);
  return {age, condition: built ?? stated};
}

function readAdvertiser(
  advertiser: Taker,
): Pick<StagedListing, 'advertiserKind' | 'agencyName' | 'advertiserKey'> {
  const word = advertiser.textOrNull('kind');
  const kind = word === null ? null : (ADVERTISERS[word] ?? null);
  if (word !== null && kind === null)
    advertiser.report('unknown_word', 'kind of advertiser is not known', 'kind', word);
  return {
    advertiserKind: kind,
    agencyName: advertiser.textOrNull('name'),
    advertiserKey: advertiser.textOrNull('id'),
  };
}

/** Counts are texts; `from` is what a project states instead. */
function readCount(fields: Taker, ...[key, from]: readonly string[]): number | null {
  const [own, lowest] = [key, from].map(name => (name === undefined ? null : fields.scalarOrNull(name)));
  const text = String(own ?? lowest ?? '');
  if (isNotStated(text) || key === undefined) return null;
  const count = parseCount(text);
  if (count === null) fields.report('unknown_word', 'count is not understood', key, text);
  return orNull(count);
}

/** Numbers that come as numbers or, as fees of search pages do, as texts a program wrote (`"1000000"`). */
function readDecimal(fields: Taker, ...keys: readonly string[]): number | null {
  let found: number | null = null;
  for (const key of keys) {
    const value = fields.scalarOrNull(key);
    const number = typeof value === 'string' ? parseDecimal(value) : value;
    if (typeof value === 'string' && number === null && !isNotStated(value))
      fields.report('unknown_word', 'number is not understood', key, value);
    found ??= orNull(number);
  }
  return found;
}

function readStratum(fields: Taker, key: string): number | null {
  const text = String(fields.scalarOrNull(key) ?? '');
  if (isNotStated(text)) return null;
  const stratum = parseStratum(text);
  if (stratum === null) fields.report('unknown_word', 'estrato is not understood', key, text);
  return stratum;
}

/** A number out of `featured`; 0 is not stated. */
function parseFact(
  fields: Taker,
  text: string | null,
  parse: (text: string) => number | null,
): number | null {
  if (isNotStated(text) || text === null) return null;
  const value = parse(text);
  if (value === null) fields.report('unknown_word', 'number is not understood', 'featured', text);
  return orNull(value);
}

function readText(fields: Taker, key: string): string | null {
  const text = (fields.textOrNull(key) ?? '').trim();
  if (/^\$[0-9a-f]+(?::[\w:]+)?$/.test(text)) {
    fields.report('unresolved_reference', 'the page does not hold this text', key, text);
    return null;
  }
  return text === '' ? null : text;
}

function orNull(value: number | null | undefined): number | null {
  return value === undefined || value === 0 ? null : value;
}

function to6(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
