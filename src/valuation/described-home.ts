/** A home as somebody describes it on the command line, as the staged listing that a portal would have given. Pure. */

import {ConfigError} from '../domain/errors.ts';
import type {StagedListing} from '../domain/listing.ts';
import {
  CONDITIONS,
  type Condition,
  HOME_TYPES,
  type Operation,
  PROPERTY_TYPES,
  type PropertyType,
} from '../domain/vocabulary.ts';
import {parseSpokenPesos} from '../lib/money.ts';
import {
  parseAgeClass,
  parseAreaM2,
  parseCondition,
  parseCount,
  parseDecimal,
  parsePropertyType,
} from '../lib/spanish.ts';
import {redactText} from '../portal/redact.ts';

/** As people write it. */
export interface HomeWords {
  readonly type?: string | undefined;
  readonly area?: string | undefined;
  readonly stratum?: string | undefined;
  readonly bedrooms?: string | undefined;
  readonly bathrooms?: string | undefined;
  readonly parking?: string | undefined;
  readonly floor?: string | undefined;
  readonly age?: string | undefined;
  readonly condition?: string | undefined;
  readonly amenities?: string | undefined;
  readonly description?: string | undefined;
  readonly adminFee?: string | undefined;
  readonly asking?: string | undefined;
  readonly municipality?: string | undefined;
  readonly district?: string | undefined;
  readonly neighbourhood?: string | undefined;
  readonly lat?: string | undefined;
  readonly lon?: string | undefined;
}

/** Portal of homes that no portal shows. */
const DESCRIBED_PORTAL = 'described';

/**
 * @throws ConfigError naming the flag that can't be read, or that is missing.
 */
export function describeHome(words: HomeWords, operation: Operation): StagedListing {
  const age = readAge(words.age);
  const latitude = readFlag('--lat', words.lat, parseDegrees, 'degrees, as 6.245');
  const longitude = readFlag('--lon', words.lon, parseDegrees, 'degrees, as -75.59');
  if ((latitude === null) !== (longitude === null))
    throw new ConfigError('a point needs both --lat and --lon');
  const text = (value: string | undefined) => (value === undefined ? null : redactText(value));
  return {
    portal: DESCRIBED_PORTAL,
    idSpace: 'home',
    portalListingId: '1',
    url: null,
    title: null,
    description: text(words.description),
    propertyType: readType(words.type),
    offers: [
      {
        operation,
        price: readFlag(
          '--asking',
          words.asking,
          parseSpokenPesos,
          'pesos, as 450M, "2,3 millones" or 1850000',
        ),
        currency: 'COP',
        adminFeeCop: readFlag(
          '--admin-fee',
          words.adminFee,
          parseSpokenPesos,
          'pesos, as 450000 or "450 mil"',
        ),
      },
    ],
    department: 'Antioquia',
    municipality: words.municipality ?? null,
    district: words.district ?? null,
    neighbourhood: words.neighbourhood ?? null,
    latitude,
    longitude,
    builtAreaM2: required('--area', readFlag('--area', words.area, readArea, 'square metres, as 80 or 61,5')),
    privateAreaM2: null,
    landAreaM2: null,
    bedrooms: readFlag('--bedrooms', words.bedrooms, parseCount, 'a number'),
    bathrooms: readFlag('--bathrooms', words.bathrooms, parseCount, 'a number'),
    parkingSpaces: readFlag('--parking', words.parking, parseCount, 'a number'),
    floor: readFlag('--floor', words.floor, parseCount, 'a number'),
    floorsCount: null,
    stratum: readFlag('--stratum', words.stratum, readStratum, 'an estrato from 1 to 6'),
    ageYearsMin: age?.minYears ?? null,
    ageYearsMax: age?.maxYears ?? null,
    condition: readFlag('--condition', words.condition, readCondition, CONDITIONS.join(', ')),
    amenities: (words.amenities ?? '')
      .split(',')
      .map(word => word.trim())
      .filter(word => word !== '')
      .sort(),
    advertiserKind: null,
    agencyName: null,
    advertiserKey: null,
    isProject: false,
    isOffPlan: false,
    isAuction: false,
    photosCount: null,
    publishedOn: null,
    updatedOn: null,
  };
}

function readFlag<Value>(
  flag: string,
  text: string | undefined,
  parse: (text: string) => Value | null,
  expected: string,
): Value | null {
  if (text === undefined) return null;
  const value = parse(text);
  if (value === null) throw new ConfigError(`${flag} "${text}" is not understood: write ${expected}`);
  return value;
}

function required<Value>(flag: string, value: Value | null): Value {
  if (value === null) throw new ConfigError(`${flag} is needed to describe a home (or name a listing)`);
  return value;
}

function readType(text: string | undefined): PropertyType {
  const types = HOME_TYPES.join(', ');
  const read = (word: string) => PROPERTY_TYPES.find(type => type === word) ?? parsePropertyType(word);
  return required('--type', readFlag('--type', text, read, `a type of home: ${types} (Spanish words too)`));
}

/** Decimals with comma or point: `80`, `61,5`, `61.5`, `80 m2`. */
function readArea(text: string): number | null {
  const area = parseAreaM2(text);
  return area !== null && area < 1e9 ? area : null;
}

function readStratum(text: string): number | null {
  const value = parseCount(text.replace(/^estrato /i, ''));
  return value !== null && value >= 1 && value <= 6 ? value : null;
}

function readCondition(text: string): Condition | null {
  return CONDITIONS.find(condition => condition === text) ?? parseCondition(text);
}

function parseDegrees(text: string): number | null {
  const value = parseDecimal(text);
  return value !== null && Math.abs(value) <= 180 ? value : null;
}

/** `12`, or a class as portals write it: `9 a 15 años`. */
function readAge(text: string | undefined) {
  return readFlag(
    '--age',
    text,
    word => {
      const years = parseCount(word.replace(/ años?$/i, ''));
      return years === null ? parseAgeClass(word) : {minYears: years, maxYears: years};
    },
    'years, as 12, or "9 a 15 años"',
  );
}
