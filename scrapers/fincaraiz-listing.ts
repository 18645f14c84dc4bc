/** The listing object of Finca Raíz, of June 2025 (114 keys) and of August–September 2026 (128): one reader for both. */
import type {ListingReading, Offer, StagedListing} from '../src/domain/listing.ts';
import type {JsonValue} from '../src/domain/page.ts';
import type {AdvertiserKind, Currency, Operation, PropertyType} from '../src/domain/vocabulary.ts';
import {
  type AgeClass,
  isNotStated,
  mentionsAuction,
  mentionsOffPlan,
  normalisePlace,
  parseAgeClass,
  parseAreaM2,
  parseCondition,
  parseCount,
  parsePesos,
  parsePropertyType,
  parseStratum,
} from '../src/lib/spanish.ts';
import {lookUp, type Taker, take} from '../src/portal/take.ts';

/** Known and not needed: repeats of other fields, paid placement, holiday lets, pictures, what nobody has understood. */
const IGNORED_KEYS = `
  active address allowedHeight apartmentsPerFloor barter categories_count ceCurrencyID code color
  commercial_units commonExpenses_currency condominium constStatesID construction_year country_id currency
  currency_id deleted description_count discount dispositionID draft duplicated estate_id event facilitiesNotApply fair
  farmhouse file_count finalization_date finances frontLength grouped_ids guarantee guests hasGarage hasTour3d has_images
  has_video hidePrice hide_pct highlight highlightDate idFincaLegacy idForm imgSize include_administration isExternal
  isFavorite isMapFeatured legacy_propID livingPlace logo m2Built m2Terrace m2Terrain md5 modify_score
  modify_score_client neighborhood_id occupancies office operation_type_id paid_quota pausd penthouse pointType
  price_admin_usd price_amount_usd price_season price_variation project project_group_md5 property_type_id relevance
  rooms seasons seaDistanceName seaview showAddress sign sold soldDate source tag temporal_currency temporal_price tour3d
  turbo_product typeID youtube zoom`
  .trim()
  .split(/\s+/);

/** Fields of `technicalSheet`: labelled facts, read by name; their order and presence vary. */
const SHEET_FIELDS = new Set(
  `allowPets barter bathrooms bedrooms commonExpenses constructionYear construction_state_name floor floorsAmount garage
  m2Built m2Terrain m2apto minimumContract property_type_name story stratum`.split(/\s+/),
);

const OPERATIONS: Readonly<Record<number, Operation>> = {1: 'sale', 2: 'rent'};
const ADVERTISERS: Readonly<Record<string, AdvertiserKind>> = {
  inmobiliaria: 'agency',
  desarrollador: 'developer',
  particular: 'private',
};
/** `antiquity` codes, used where the sheet has no text; 0 and null: not stated. */
const AGE_CODES: Readonly<Record<number, AgeClass>> = {
  1: {minYears: 0, maxYears: 0},
  2: {minYears: 1, maxYears: 8},
  3: {minYears: 9, maxYears: 15},
  4: {minYears: 16, maxYears: 30},
  5: {minYears: 30, maxYears: null},
};

/**
 * Reads one listing object. Throws `RecordShapeError` when the id, link, operation, type, price or place is not there.
 * Zero means "not stated" in every count, area and fee.
 */
export function readListing(record: JsonValue, homepage: string): ListingReading {
  const fields = take(record);
  const sheet = new Sheet(fields);
  const locations = fields.object('locations');
  const propertyType = readPropertyType(fields);
  const title = readText(fields, 'title');
  const description = readText(fields, 'description');
  const condition = sheet.read('construction_state_name', parseCondition);
  const age = readAge(fields, sheet);
  const link = fields.text('link');
  const unitPrices = readUnitPrices(record);
  const listing: StagedListing = {
    portal: 'fincaraiz',
    idSpace: 'id',
    portalListingId: String(fields.int('id')),
    url: homepage + link,
    title,
    description,
    propertyType,
    offers: readOffers(fields, sheet, unitPrices ?? []),
    ...readPlace(locations),
    ...readPoint(fields, locations),
    ...readAreas(fields, sheet, propertyType),
    bedrooms: sheet.confirm('bedrooms', fields.intOrNull('bedrooms'), parseCount),
    bathrooms: sheet.confirm('bathrooms', fields.intOrNull('bathrooms'), parseCount),
    parkingSpaces: sheet.confirm('garage', fields.intOrNull('garage'), parseCount),
    floor: sheet.confirm('floor', fields.intOrNull('floor'), parseCount),
    floorsCount: sheet.confirm(
      sheet.has('story') ? 'story' : 'floorsAmount',
      fields.intOrNull('floorsCount'),
      parseCount,
    ),
    stratum: fields.intOrNull('stratum') ?? sheet.read('stratum', parseStratum),
    ageYearsMin: age?.minYears ?? null,
    ageYearsMax: age?.maxYears ?? null,
    condition,
    amenities: readAmenities(fields),
    ...readAdvertiser(fields.objectOrNull('owner')),
    isProject:
      [fields.booleanOrNull('isProject'), fields.booleanOrNull('isProjectUnit')].includes(true) ||
      unitPrices !== null ||
      /^\/proyectos-vivienda\//.test(link),
    isOffPlan: condition === 'off_plan' || mentionsOffPlan(title ?? ''),
    isAuction: mentionsAuction(`${title ?? ''}\n${description ?? ''}`),
    photosCount: fields.intOrNull('image_count'),
    publishedOn: readDay(fields, 'created_at'),
    updatedOn: readDay(fields, 'updated_at'),
  };
  fields.ignore(...IGNORED_KEYS);
  return {listing, unread: fields.unread(), issues: fields.issues()};
}

/** The labelled facts of an advert, by field name. Values are numbers or null in 2025, texts in 2026. */
class Sheet {
  readonly #fields: Taker;
  readonly #facts = new Map<string, {readonly text: string; readonly label: string}>();

  constructor(fields: Taker) {
    this.#fields = fields;
    for (const row of fields.listOrEmpty('technicalSheet')) {
      const field = row.text('field');
      const value = String(row.scalarOrNull('value') ?? '');
      const label = row.textOrNull('text') ?? '';
      if (!SHEET_FIELDS.has(field)) row.report('unknown_sheet_field', `nobody reads ${field} (${label})`);
      if (!isNotStated(value)) this.#facts.set(field, {text: value, label});
    }
  }

  has(field: string): boolean {
    return this.#facts.has(field);
  }

  label(field: string): string | undefined {
    return this.#facts.get(field)?.label;
  }

  /** A fact of the sheet; null when it is not stated, and null with an issue when its words are unknown. */
  read<T>(field: string, parse: (text: string) => T | null): T | null {
    const fact = this.#facts.get(field);
    if (fact === undefined) return null;
    const value = parse(fact.text);
    if (value === null)
      this.#fields.report(
        'unknown_word',
        `${fact.label} is not understood`,
        `technicalSheet.${field}`,
        fact.text,
      );
    return value;
  }

  /** The listing's own number, or the sheet's where that is zero or missing; an issue when both speak and differ. */
  confirm(field: string, stated: number | null, parse: (text: string) => number | null): number | null {
    const printed = orNull(this.read(field, parse));
    const value = orNull(stated);
    if (value !== null && printed !== null && Math.abs(value - printed) >= 1) {
      this.#fields.report(
        'sheet_disagrees',
        `the listing says ${value}, its sheet ${printed}`,
        `technicalSheet.${field}`,
      );
    }
    return value ?? printed;
  }
}

function readPropertyType(fields: Taker): PropertyType | null {
  const type = fields.object('property_type');
  type.ignore('id');
  const word = type.text('name');
  const propertyType = parsePropertyType(word);
  if (propertyType === null) type.report('unknown_word', 'property type is not known', 'name', word);
  return propertyType;
}

/**
 * Prices of the kinds of home that a project sells; null for an advert that lists none: `project` and `commercial_units`
 * are empty there, lists or objects. A kind without a price says 0.
 */
function readUnitPrices(record: JsonValue): number[] | null {
  const units = ['project', 'commercial_units'].flatMap(key => {
    const list = lookUp(record, key);
    return Array.isArray(list) ? list : [];
  });
  if (units.length === 0) return null;
  return units.map(unit => Number(lookUp(unit, 'price.amount'))).filter(price => price > 0);
}

/** The one offer of an advert; none when the operation is unknown. A project without a price of its own begins at its cheapest home. */
function readOffers(fields: Taker, sheet: Sheet, unitPrices: readonly number[]): Offer[] {
  const kind = fields.object('operation_type');
  const operation = OPERATIONS[kind.int('id')];
  const word = kind.textOrNull('name');
  const price = fields.object('price');
  const isHidden = price.booleanOrNull('hidePrice') === true;
  const currency = readCurrency(price.object('currency'));
  const amount = isHidden ? price.numberOrNull('amount') : price.number('amount');
  price.ignore('admin_included');
  const adminFeeCop = readAdminFee(fields, sheet);
  if (operation === undefined) {
    kind.report('unknown_word', 'operation is not known', 'name', word);
    return [];
  }
  const isStated = !isHidden && currency !== null;
  const from = unitPrices.length === 0 ? null : Math.min(...unitPrices);
  const stated = orNull(amount) ?? from;
  return [{operation, price: isStated ? stated : null, currency: currency ?? 'COP', adminFeeCop}];
}

/** Currency 4 is the peso; dollars are told by their sign. `rate` is of the day the advert was last indexed. */
function readCurrency(currency: Taker): Currency | null {
  const id = currency.int('id');
  const sign = currency.textOrNull('name') ?? '';
  currency.ignore('rate');
  if (id === 4) return 'COP';
  if (/^(?:US\$|U\$S|USD)$/i.test(sign.trim())) return 'USD';
  currency.report('unknown_word', 'currency is not known: the price is left out', 'name', sign);
  return null;
}

function readAdminFee(fields: Taker, sheet: Sheet): number | null {
  const fee = fields.objectOrNull('commonExpenses');
  fee?.ignore('hidePrice');
  const currency = fee?.objectOrNull('currency') ?? null;
  const isPesos = currency === null || readCurrency(currency) === 'COP';
  return isPesos ? sheet.confirm('commonExpenses', fee?.numberOrNull('amount') ?? null, parsePesos) : null;
}

/** Areas in m². Of a plot the one area is land; farms state land in hectares. */
function readAreas(
  fields: Taker,
  sheet: Sheet,
  propertyType: PropertyType | null,
): Pick<StagedListing, 'builtAreaM2' | 'privateAreaM2' | 'landAreaM2'> {
  const areaM2 = sheet.confirm('m2Built', fields.numberOrNull('m2'), parseAreaM2);
  // Until 2025 the sheet's private area came under the field name of the plot.
  const privateField = sheet.label('m2Terrain') === 'Área Privada' ? 'm2Terrain' : 'm2apto';
  const privateAreaM2 = sheet.confirm(privateField, fields.numberOrNull('m2apto'), parseAreaM2);
  const hectares = orNull(fields.numberOrNull('hectares'));
  const isPlot = propertyType === 'land';
  return {
    builtAreaM2: isPlot ? null : areaM2,
    privateAreaM2,
    landAreaM2: hectares === null ? (isPlot ? areaM2 : null) : Math.round(hectares * 10_000),
  };
}

function readAge(fields: Taker, sheet: Sheet): AgeClass | null {
  const code = fields.intOrNull('antiquity');
  return sheet.read('constructionYear', parseAgeClass) ?? AGE_CODES[code ?? 0] ?? null;
}

interface NamedPlace {
  readonly name: string;
  /** The portal's slugs, joined: they carry DANE-like codes. */
  readonly slug: string;
}

function readPlace(
  locations: Taker,
): Pick<StagedListing, 'department' | 'municipality' | 'district' | 'neighbourhood'> {
  const main = locations.object('location_main');
  const mainName = main.text('name');
  const mainType = main.textOrNull('location_type');
  main.ignore('id', 'slug');
  const cities = readPlaces(locations, 'city');
  const city = cities.find(place => place.name === mainName) ?? cities[0];
  const districts = [...readPlaces(locations, 'commune'), ...readPlaces(locations, 'locality')];
  const barrios = readPlaces(locations, 'neighbourhood').filter(place => place.name !== city?.name);
  locations.ignore('country', 'zone', 'region');
  return {
    department: normalisePlace(readPlaces(locations, 'state')[0]?.name ?? null),
    municipality: normalisePlace(city?.name ?? null),
    district: onePlace(
      districts.filter(place => isWithin(place, city)),
      mainName,
    ),
    neighbourhood: onePlace(barrios, mainType === 'neighbourhood' ? mainName : null),
  };
}

function readPlaces(locations: Taker, key: string): NamedPlace[] {
  return locations.listOrEmpty(key).map(place => {
    place.ignore('id', 'indicative');
    const name = place.text('name');
    return {name, slug: place.values('slug').join(' ')};
  });
}

/** The main place, else the only one. Several overlapping ones without a main one state nothing. */
function onePlace(places: readonly NamedPlace[], mainName: string | null): string | null {
  const main = places.find(place => place.name === mainName);
  return normalisePlace((main ?? (places.length === 1 ? places[0] : undefined))?.name ?? null);
}

/** Districts of other cities occur: `commune-colombia-cucuta-001-54-01` on a home in Tunja (`city-colombia-15-001`). */
function isWithin(district: NamedPlace, city: NamedPlace | undefined): boolean {
  const [, department, municipality] = /-(\d\d)-(\d{3})$/.exec(city?.slug ?? '') ?? [];
  const code = /-(\d{3})-(\d\d)-\d\d$/.exec(district.slug);
  return code === null || department === undefined || (code[1] === municipality && code[2] === department);
}

/** Degrees. Where the two numbers are missing the WKT point stands in, which may be a coarse centre; 0 is not stated. */
function readPoint(fields: Taker, locations: Taker): Pick<StagedListing, 'latitude' | 'longitude'> {
  const point = locations.textOrNull('location_point');
  const latitude = orNull(fields.numberOrNull('latitude'));
  const longitude = orNull(fields.numberOrNull('longitude'));
  if (latitude !== null && longitude !== null) return {latitude: to6(latitude), longitude: to6(longitude)};
  const wkt = /^POINT ?\((-?[\d.]+) (-?[\d.]+)\)$/.exec(point ?? '');
  const [lng, lat] = [orNull(Number(wkt?.[1] ?? 0)), orNull(Number(wkt?.[2] ?? 0))];
  return lat === null || lng === null
    ? {latitude: null, longitude: null}
    : {latitude: to6(lat), longitude: to6(lng)};
}

function readAdvertiser(
  owner: Taker | null,
): Pick<StagedListing, 'advertiserKind' | 'agencyName' | 'advertiserKey'> {
  if (owner === null) return {advertiserKind: null, agencyName: null, advertiserKey: null};
  const word = owner.textOrNull('type');
  const isPrivate = owner.booleanOrNull('particular') === true;
  const kind = word === null ? (isPrivate ? 'private' : null) : (ADVERTISERS[word] ?? null);
  if (word !== null && kind === null)
    owner.report('unknown_word', 'kind of advertiser is not known', 'type', word);
  return {advertiserKind: kind, agencyName: owner.textOrNull('name'), advertiserKey: owner.textOrNull('id')};
}

function readAmenities(fields: Taker): string[] {
  const names = fields.listOrEmpty('facilities').map(facility => {
    facility.ignore('id', 'group');
    return facility.text('name').trim();
  });
  return [...new Set(names)].sort();
}

function readText(fields: Taker, key: string): string | null {
  const text = (fields.textOrNull(key) ?? '').trim();
  return text === '' ? null : text;
}

function readDay(fields: Taker, key: string): string | null {
  const day = fields.textOrNull(key);
  if (day === null || /^\d{4}-\d\d-\d\d$/.test(day)) return day;
  fields.report('unknown_word', 'expected a day as YYYY-MM-DD', key, day);
  return null;
}

function orNull(value: number | null): number | null {
  return value === 0 ? null : value;
}

function to6(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
