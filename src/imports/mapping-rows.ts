/** Turning rows of a file into listings after a mapping. Pure: the same row always gives the same listing. */
import {ConfigError} from '../domain/errors.ts';
import type {Issue} from '../domain/issue.ts';
import type {Offer, StagedListing} from '../domain/listing.ts';
import {
  ADVERTISER_KINDS,
  type AdvertiserKind,
  type Operation,
  type PropertyType,
} from '../domain/vocabulary.ts';
import {keyedPseudonym} from '../lib/hash.ts';
import {
  foldText,
  normalisePlace,
  parseAgeClass,
  parseCondition,
  parseOperations,
  parsePropertyType,
} from '../lib/spanish.ts';
import {isCompanyName} from '../portal/names.ts';
import {redactText, redactUrl} from '../portal/redact.ts';
import {type Mapping, mappedColumns, requireColumns, type Source} from './mapping.ts';
import {readDay} from './mapping-cells.ts';
import {Compiler, type Read, remember} from './mapping-compiler.ts';
import type {Cell, TableRow} from './readers-table.ts';

/** A row as a listing of one day. */
export interface ReadRow {
  readonly kind: 'listing';
  readonly row: number;
  /** Bogotá day. */
  readonly day: string;
  readonly listing: StagedListing;
  /** Scopes of the row: usually one, two for an advert of sale and rent, null operation when the row doesn't tell. */
  readonly operations: readonly (Operation | null)[];
  readonly propertyType: PropertyType | null;
  readonly issues: readonly Issue[];
}

/** A row that can't become an observation. */
export interface RejectedRow {
  readonly kind: 'rejected';
  readonly row: number;
  /** Null when the day itself can't be read. */
  readonly day: string | null;
  readonly rule: 'row_shape' | 'no_id' | 'no_day';
  readonly message: string;
}

export interface RowReaderSettings {
  /** Secret of advertiser pseudonyms. */
  readonly hashKey: string;
  /** The day of files that name none, or instead of the mapping's fixed one. */
  readonly observedOn?: string | undefined;
  /** For messages. */
  readonly file: string;
}

/**
 * Prepares a mapping for a file with these columns.
 * @throws ConfigError when columns are missing, or no day is given for a file that names none.
 */
export function compileMapping(
  mapping: Mapping,
  columns: readonly string[],
  settings: RowReaderSettings,
): (row: TableRow) => ReadRow | RejectedRow {
  requireColumns(mapping, columns, settings.file);
  const compiler = new Compiler(mapping, columns);
  const readId = compiler.text(mapping.fields.portalListingId);
  const dayOf = compileDay(mapping, compiler, settings);
  const readListing = compileListing(mapping, compiler, settings.hashKey);
  const readOffers = compileOffers(mapping, compiler);
  const {portal, idSpace, scope} = mapping;
  return ({row, cells, fault}) => {
    if (fault !== undefined) return {kind: 'rejected', row, day: null, rule: 'row_shape', message: fault};
    const issues: Issue[] = [];
    const day = dayOf(cells, issues);
    if (day === null) return {kind: 'rejected', row, day, rule: 'no_day', message: 'the row names no day'};
    const portalListingId = readId(cells, issues);
    if (portalListingId === null || portalListingId === '0') {
      return {kind: 'rejected', row, day, rule: 'no_id', message: 'the row names no listing id'};
    }
    const offers = readOffers(cells, issues);
    const listing = {portal, idSpace, portalListingId, ...readListing(cells, issues), offers};
    const offered: (Operation | null)[] = offers.map(offer => offer.operation);
    return {
      kind: 'listing',
      row,
      day,
      listing,
      operations:
        scope.operation === 'by row' ? (offered.length === 0 ? [null] : offered) : [scope.operation],
      propertyType: scope.propertyType === 'by row' ? listing.propertyType : scope.propertyType,
      issues,
    };
  };
}

/** Columns that the mapping neither reads nor declares ignored. */
export function unreadColumns(mapping: Mapping, columns: readonly string[]): string[] {
  const known = new Set([...mappedColumns(mapping), ...mapping.ignore]);
  return columns.filter(column => !known.has(column));
}

function compileDay(mapping: Mapping, compiler: Compiler, settings: RowReaderSettings): Read<string> {
  const {observedOn} = mapping;
  if (observedOn !== undefined && 'column' in observedOn) {
    if (settings.observedOn !== undefined) {
      throw new ConfigError(
        `${settings.file}: its days stand in the column ${observedOn.column}: leave out --observed-on`,
      );
    }
    return compiler.word(observedOn.column, `a date (${observedOn.format})`, text =>
      readDay(text, observedOn.format),
    );
  }
  const day = settings.observedOn ?? observedOn?.date;
  if (day === undefined) {
    throw new ConfigError(
      `${settings.file}: no column says when this was seen. Give the day: --observed-on YYYY-MM-DD`,
    );
  }
  return () => day;
}

type Attributes = Omit<StagedListing, 'portal' | 'idSpace' | 'portalListingId' | 'offers'>;

function compileListing(
  mapping: Mapping,
  compiler: Compiler,
  hashKey: string,
): (cells: readonly Cell[], issues: Issue[]) => Attributes {
  const {fields} = mapping;
  const read = {
    url: compiler.word(fields.url, 'an address', text => redactUrl(text)),
    title: compileFreeText(compiler, fields.title),
    description: compileFreeText(compiler, fields.description),
    propertyType: compiler.word(fields.propertyType, 'a property type', parsePropertyType),
    department: compiler.word(fields.department, 'a place', readPlace),
    municipality: compiler.word(fields.municipality, 'a place', readPlace),
    district: compiler.word(fields.district, 'a place', readPlace),
    neighbourhood: compiler.word(fields.neighbourhood, 'a place', readPlace),
    latitude: compiler.number(fields.latitude, 'decimal'),
    longitude: compiler.number(fields.longitude, 'decimal'),
    builtAreaM2: compiler.number(fields.builtAreaM2, 'decimal'),
    privateAreaM2: compiler.number(fields.privateAreaM2, 'decimal'),
    landAreaM2: compiler.number(fields.landAreaM2, 'decimal'),
    bedrooms: compiler.number(fields.bedrooms, 'count'),
    bathrooms: compiler.number(fields.bathrooms, 'count'),
    parkingSpaces: compiler.number(fields.parkingSpaces, 'count'),
    floor: compiler.number(fields.floor, 'count'),
    floorsCount: compiler.number(fields.floorsCount, 'count'),
    stratum: compiler.number(fields.stratum, 'stratum'),
    age: compiler.word(fields.age, 'a class of years', parseAgeClass),
    condition: compiler.word(fields.condition, 'a condition', parseCondition),
    amenities: compiler.list(fields.amenities),
    advertiserKind: compiler.word(
      fields.advertiserKind,
      `one of ${ADVERTISER_KINDS.join(', ')}`,
      readAdvertiserKind,
    ),
    agencyName: compiler.text(fields.agencyName),
    advertiserKey: compiler.text(fields.advertiserKey),
    isProject: compiler.flag(fields.isProject),
    isOffPlan: compiler.flag(fields.isOffPlan),
    isAuction: compiler.flag(fields.isAuction),
    photosCount: compiler.number(fields.photosCount, 'count'),
    publishedOn: compiler.date(fields.publishedOn),
    updatedOn: compiler.date(fields.updatedOn),
  };
  return (cells, issues) => {
    const age = read.age(cells, issues);
    const advertiser = read.advertiserKey(cells, issues);
    return {
      url: read.url(cells, issues),
      title: read.title(cells, issues),
      description: read.description(cells, issues),
      propertyType: read.propertyType(cells, issues),
      department: read.department(cells, issues),
      municipality: read.municipality(cells, issues),
      district: read.district(cells, issues),
      neighbourhood: read.neighbourhood(cells, issues),
      latitude: roundDegrees(read.latitude(cells, issues)),
      longitude: roundDegrees(read.longitude(cells, issues)),
      builtAreaM2: read.builtAreaM2(cells, issues),
      privateAreaM2: read.privateAreaM2(cells, issues),
      landAreaM2: read.landAreaM2(cells, issues),
      bedrooms: read.bedrooms(cells, issues),
      bathrooms: read.bathrooms(cells, issues),
      parkingSpaces: read.parkingSpaces(cells, issues),
      floor: read.floor(cells, issues),
      floorsCount: read.floorsCount(cells, issues),
      stratum: read.stratum(cells, issues),
      ageYearsMin: age?.minYears ?? null,
      ageYearsMax: age?.maxYears ?? null,
      condition: read.condition(cells, issues),
      amenities: read.amenities(cells, issues),
      advertiserKind: read.advertiserKind(cells, issues),
      agencyName: companyName(read.agencyName(cells, issues)),
      advertiserKey: advertiser === null ? null : `adv_${keyedPseudonym(hashKey, advertiser)}`,
      isProject: read.isProject(cells, issues),
      isOffPlan: read.isOffPlan(cells, issues),
      isAuction: read.isAuction(cells, issues),
      photosCount: read.photosCount(cells, issues),
      publishedOn: read.publishedOn(cells, issues),
      updatedOn: read.updatedOn(cells, issues),
    };
  };
}

/** An offer for each operation the row names; what an operation costs stands in that operation's column. */
function compileOffers(
  mapping: Mapping,
  compiler: Compiler,
): (cells: readonly Cell[], issues: Issue[]) => Offer[] {
  const {operations, price, adminFeeCop, currency} = mapping.offers;
  const readOperations = compiler.word(operations, 'an operation', parseOperations);
  const readPrice = {
    sale: compiler.number(price.sale, 'decimal'),
    rent: compiler.number(price.rent, 'decimal'),
  };
  const readFee = compiler.number(adminFeeCop, 'decimal');
  return (cells, issues) => {
    const fee = readFee(cells, issues);
    return (readOperations(cells, issues) ?? []).map(operation => ({
      operation,
      price: readPrice[operation](cells, issues),
      currency,
      adminFeeCop: fee,
    }));
  };
}

/** Titles and descriptions. Rows of one advert follow each other in most files: its text is searched once. */
function compileFreeText(compiler: Compiler, source: Source | undefined): Read<string> {
  return compiler.word(source, 'text', remember(redactText));
}

/** Place columns are the portal's words, but in old files people typed into them. */
function readPlace(text: string): string | null {
  const place = normalisePlace(text);
  return place === null ? null : redactText(place, {skipNames: true});
}

function readAdvertiserKind(text: string): AdvertiserKind | null {
  const word = foldText(text);
  return ADVERTISER_KINDS.find(kind => kind === word) ?? null;
}

function companyName(name: string | null): string | null {
  if (name === null) return null;
  const redacted = redactText(name, {skipNames: true});
  return isCompanyName(redacted) ? redacted : null;
}

/** 6 decimals: 0.1 m. */
function roundDegrees(degrees: number | null): number | null {
  return degrees === null ? null : Math.round(degrees * 1e6) / 1e6;
}
