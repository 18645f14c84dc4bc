/** The advert of Ciencuadras as its detail page of May 2026 holds it (`script#detail-state`). */
import {RecordShapeError} from '../src/domain/errors.ts';
import type {ListingReading, Offer, StagedListing} from '../src/domain/listing.ts';
import type {JsonValue} from '../src/domain/page.ts';
import type {PropertyType} from '../src/domain/vocabulary.ts';
import {
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
import {lookUp, type Taker, take} from '../src/portal/take.ts';

/**
 * Known and not needed. `totalArea` is read for plots only: its meaning for homes is not known. `wareHouseArea`,
 * `terraceArea` and `officeArea` are parts. `marketReferencePrice` is the portal's own estimate.
 */
const IGNORED_KEYS = `
  allowContactCall allowContactEmail allowContactWhatsapp ascended callCenterState countryName deliveryDate depositFrom
  depositNum depositUp diningRoomType exchange heaterType homeAppliances housingType isOffer isVerified kitchenType
  marketReferencePrice officeArea outstanding priceUp projectName rentalPolicy scheduledOption stoveType terraceArea
  totalArea typeFloors view wareHouseArea`
  .trim()
  .split(/\s+/);

/** Fields that say `Número de Balcones: 2`. */
const COUNTED_AMENITIES = ['numBalconies', 'numElevators', 'numTerrace'];

/**
 * Reads what the portal file keeps of a detail page. Throws `RecordShapeError` when the address, id, operation, type,
 * city, department or one of the two price fields is not there. Zero means "not stated" everywhere.
 */
export function readListing(state: JsonValue, homepage: string): ListingReading {
  const page = take(state);
  const detail = page.object('detail');
  const general = detail.object('generalData');
  const propertyType = readPropertyType(general);
  const isProject = general.booleanOrNull('isProject') === true;
  const condition = readWord(general, 'projectPhase', parseCondition);
  const age = readWord(general, 'antiquity', parseAgeClass);
  const title = readText(general, 'buildName');
  const description = readText(general, 'description');
  const listing: StagedListing = {
    portal: 'ciencuadras',
    idSpace: 'id',
    portalListingId: String(general.int('propertyId')),
    url: homepage + page.text('path'),
    title,
    description,
    propertyType,
    offers: readOffers(general, lookUp(state, 'detail.generalData')),
    department: normalisePlace(general.text('departmentName')),
    municipality: normalisePlace(general.text('cityName')),
    district: normalisePlace(general.textOrNull('localityName')),
    neighbourhood: normalisePlace(general.textOrNull('neighborhoodName')),
    ...readGallery(detail.objectOrNull('galleryData')),
    ...readAreas(general, propertyType),
    bedrooms: readRange(general, 'bedRoomNum', 'bedRoomFrom', 'bedRoomUp'),
    bathrooms: readRange(general, 'bathRoomNum', 'bathRoomFrom', 'bathRoomUp'),
    parkingSpaces: readRange(general, 'parkingNum', 'parkingFrom', 'parkingUp'),
    floor: orNull(readWord(general, 'floor', parseCount)),
    floorsCount: null,
    stratum: readWord(general, 'stratum', parseStratum),
    ageYearsMin: age?.minYears ?? null,
    ageYearsMax: age?.maxYears ?? null,
    condition,
    amenities: readAmenities(detail, general),
    ...readAdvertiser(page.objectOrNull('advertiser')),
    isProject,
    isOffPlan: condition === 'off_plan' || mentionsOffPlan(title ?? ''),
    isAuction: readFlag(general, 'auction') || mentionsAuction(`${title ?? ''}\n${description ?? ''}`),
    publishedOn: readDay(general, 'publicationDate'),
    updatedOn: null,
  };
  const status = general.textOrNull('status');
  if (status !== null && status !== '0')
    general.report('unknown_word', 'status is not known', 'status', status);
  general.ignore(...IGNORED_KEYS);
  detail.ignore('error', 'totalSuggestedProperties');
  detail.objectOrNull('dataStrip')?.ignore('fairHousing', 'stratumFeature');
  page.object('route').ignore('error', 'message');
  return {listing, unread: page.unread(), issues: page.issues()};
}

function readPropertyType(general: Taker): PropertyType | null {
  const word = general.text('propertyType');
  const propertyType = parsePropertyType(word);
  if (propertyType === null)
    general.report('unknown_word', 'property type is not known', 'propertyType', word);
  return propertyType;
}

/**
 * `price` is the sale price and `leaseFee` the rent; a project states its cheapest unit in `priceFrom`. Rent pages were
 * never seen: where a rent advert has no `leaseFee` its one price is taken, with an issue.
 */
function readOffers(general: Taker, record: JsonValue | undefined): Offer[] {
  for (const key of ['price', 'leaseFee']) {
    if (lookUp(record, key) === undefined) {
      throw new RecordShapeError(`${general.path}.${key}`, 'number in a text, or null', undefined);
    }
  }
  const word = general.text('businessType');
  const operations = parseOperations(word);
  if (operations === null) general.report('unknown_word', 'operation is not known', 'businessType', word);
  const price = readNumber(general, 'price') ?? readNumber(general, 'priceFrom');
  const rent = readNumber(general, 'leaseFee');
  const adminFeeCop = readNumber(general, 'adminValue');
  general.ignore('priceFrom');
  const isOnlyRent = operations?.length === 1 && operations[0] === 'rent';
  if (isOnlyRent && rent === null && price !== null)
    general.report('rent_from_price', 'a rent advert without leaseFee: its price is taken', 'leaseFee');
  return (operations ?? []).map(operation => ({
    operation,
    price: operation === 'sale' ? price : (rent ?? (isOnlyRent ? price : null)),
    currency: 'COP',
    adminFeeCop,
  }));
}

/** Areas in m². Of a plot every area is land. */
function readAreas(
  general: Taker,
  propertyType: PropertyType | null,
): Pick<StagedListing, 'builtAreaM2' | 'privateAreaM2' | 'landAreaM2'> {
  const built = readNumber(general, 'builtArea');
  const privateAreaM2 = readRange(general, 'privateArea', 'areaFrom', 'areaUp');
  const land = readNumber(general, 'loteArea');
  if (propertyType !== 'land') return {builtAreaM2: built, privateAreaM2, landAreaM2: land};
  const total = readNumber(general, 'totalArea');
  return {builtAreaM2: null, privateAreaM2: null, landAreaM2: land ?? total ?? privateAreaM2 ?? built};
}

function readGallery(gallery: Taker | null): Pick<StagedListing, 'latitude' | 'longitude' | 'photosCount'> {
  const map = gallery?.objectOrNull('map') ?? null;
  const latitude = map === null ? null : readNumber(map, 'lat');
  const longitude = map === null ? null : readNumber(map, 'lon');
  const isPoint = latitude !== null && longitude !== null;
  return {
    latitude: isPoint ? to6(latitude) : null,
    longitude: isPoint ? to6(longitude) : null,
    photosCount: gallery?.intOrNull('photosTotal') ?? null,
  };
}

/** Only agencies were ever seen; what else `userTypeId` stands for is not known. */
function readAdvertiser(
  advertiser: Taker | null,
): Pick<StagedListing, 'advertiserKind' | 'agencyName' | 'advertiserKey'> {
  if (advertiser === null) return {advertiserKind: null, agencyName: null, advertiserKey: null};
  const page = advertiser.textOrNull('page');
  const code = advertiser.scalarOrNull('userTypeId');
  if (page !== 'inmobiliaria') {
    advertiser.report('unknown_word', 'kind of advertiser is not known', 'userTypeId', code ?? page);
  }
  return {
    advertiserKind: page === 'inmobiliaria' ? 'agency' : null,
    agencyName: advertiser.textOrNull('realStateName'),
    advertiserKey: advertiser.textOrNull('userId'),
  };
}

/** Common zones, rooms, and what is counted above zero, in the portal's words; the kind of parking is none. */
function readAmenities(detail: Taker, general: Taker): string[] {
  const words = [
    ...detail.listOrEmpty('commonZonesProperty'),
    ...detail.listOrEmpty('distributionsProperty'),
  ].flatMap(zone => {
    zone.ignore('icon');
    const label = readText(zone, 'label');
    return zone.textOrNull('code') === 'ParkingType' || label === null || isNotStated(label) ? [] : [label];
  });
  for (const key of COUNTED_AMENITIES) {
    const text = readText(general, key);
    const match = /^N[úu]mero de ([^:]+): (\d+)$/i.exec(text ?? '');
    if (match?.[1] !== undefined && Number(match[2]) > 0) words.push(match[1]);
    if (text !== null && match === null)
      general.report('unknown_word', 'expected "Número de …: 2"', key, text);
  }
  return [...new Set(words)].sort();
}

/** The number of one home; of a project whose units differ, none. */
function readRange(general: Taker, key: string, fromKey: string, upKey: string): number | null {
  const own = readNumber(general, key);
  const [from, up] = [readNumber(general, fromKey), readNumber(general, upKey)];
  return own ?? (from === up ? from : null);
}

/** A number that a text holds (`49.0`); null when not stated, and with an issue when it is no number. */
function readNumber(fields: Taker, key: string): number | null {
  return orNull(readWord(fields, key, parseDecimal));
}

function readWord<T>(fields: Taker, key: string, parse: (text: string) => T | null): T | null {
  const stated = fields.scalarOrNull(key);
  const text = stated === null ? null : String(stated);
  if (text === null || isNotStated(text)) return null;
  const value = parse(text);
  if (value === null) fields.report('unknown_word', `${key} is not understood`, key, text);
  return value;
}

function readFlag(general: Taker, key: string): boolean {
  const code = general.scalarOrNull(key);
  if (code !== null && !/^[01]$/.test(String(code)))
    general.report('unknown_word', 'expected 0 or 1', key, code);
  return String(code) === '1';
}

/** The day as written: the time is Bogotá's although it ends in Z (the stamps in the names of the photos tell). */
function readDay(general: Taker, key: string): string | null {
  const time = general.textOrNull(key);
  if (time === null || isNotStated(time)) return null;
  const day = /^(\d{4}-\d\d-\d\d)(?:T|$)/.exec(time)?.[1];
  if (day === undefined) general.report('unknown_word', 'expected a time as YYYY-MM-DDThh:mm', key, time);
  return day ?? null;
}

function readText(fields: Taker, key: string): string | null {
  const text = (fields.textOrNull(key) ?? '').trim();
  return text === '' ? null : text;
}

function orNull(value: number | null): number | null {
  return value === 0 ? null : value;
}

function to6(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
