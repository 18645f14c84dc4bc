/** Features that need no price: what the home is and where it stands, as numbers of about unit scale. */
import type {FeatureRow} from '../domain/model.ts';
import {HOME_TYPES, POI_CATEGORIES} from '../domain/vocabulary.ts';
import {quantileOfSorted} from '../lib/stats.ts';
import {foldWords, KEYWORDS} from './text.ts';

/** Amenities and categories rarer than this share of the fitted rows get no column. */
const MIN_AMENITY_SHARE = 0.03;
const MAX_AMENITIES = 40;
const MIN_KEYWORD_SHARE = 0.01;
/** Columns stated by fewer rows than this say nothing. */
const MIN_STATED_ROWS = 20;
/** Standardised numbers are cut here: one absurd value must not rule a prediction. */
const MAX_DEVIATIONS = 4;
const AREA_KNOTS = 8;
/** Wavelengths, km, and directions of the fixed sine features of the position. */
const WAVELENGTHS_KM = [24, 12, 6, 3, 1.5] as const;
const DIRECTIONS = 4;
const KM_PER_DEGREE = 111.195;

type NumberOf = (row: FeatureRow) => number | null;

const NUMBERS: readonly (readonly [string, NumberOf])[] = [
  ['log_area', row => Math.log(row.areaM2)],
  ['bedrooms', row => row.bedrooms],
  ['bathrooms', row => row.bathrooms],
  ['parking', row => row.parkingSpaces],
  ['stratum', row => row.stratum],
  ['floor', row => row.floor],
  ['age', ageOf],
  ['log_area_per_bedroom', row => (row.bedrooms ? Math.log(row.areaM2 / row.bedrooms) : null)],
  ['bathrooms_per_bedroom', row => (row.bedrooms && row.bathrooms ? row.bathrooms / row.bedrooms : null)],
  ['log_admin_fee', row => (row.adminFeeCop ? Math.log(row.adminFeeCop) : null)],
  ['log_admin_fee_m2', row => (row.adminFeeCop ? Math.log(row.adminFeeCop / row.areaM2) : null)],
  ['amenities', row => Math.log1p(row.amenities.length)],
  // In whole doublings: a few words more say nothing of a home.
  ['log_text', row => (row.description === null ? null : Math.round(Math.log2(1 + row.description.length)))],
  ...POI_CATEGORIES.map(
    category => [`log_m_${category}`, (row: FeatureRow) => logMetres(row.nearestM[category])] as const,
  ),
];

/** Fitted on training rows only; a plain value. */
export interface AttributeEncoder {
  readonly numbers: readonly {
    readonly name: string;
    readonly mean: number;
    readonly sd: number;
    readonly hasMissing: boolean;
  }[];
  readonly areaKnots: readonly number[];
  readonly conditions: readonly string[];
  readonly amenities: readonly string[];
  readonly keywords: readonly string[];
  /** Centre of the fitted points, degrees. */
  readonly centre: {readonly latitude: number; readonly longitude: number};
  /** Median point of each place key, for rows without a point of their own. */
  readonly placePoints: Readonly<Record<string, readonly [number, number]>>;
}

/** Words of a row, folded once: folding is the slowest part of encoding. */
interface RowWords {
  readonly places: readonly string[];
  readonly amenities: readonly string[];
  readonly keywords: readonly string[];
}

const wordsCache = new WeakMap<FeatureRow, RowWords>();

function wordsOf(row: FeatureRow): RowWords {
  let words = wordsCache.get(row);
  if (words === undefined) {
    words = {
      places: listPlaces(row),
      amenities: row.amenities.map(foldWords),
      keywords: findKeywords(row.description),
    };
    wordsCache.set(row, words);
  }
  return words;
}

/** Place keys of a row, narrowest first: `n:medellin/laureles`, `d:medellin/suroccidente`, `m:medellin`. */
export function placeKeys(row: FeatureRow): readonly string[] {
  return wordsOf(row).places;
}

function listPlaces(row: FeatureRow): string[] {
  const municipality = foldWords(row.municipality ?? '');
  const keys: string[] = [];
  if (row.neighbourhood !== null) keys.push(`n:${municipality}/${foldWords(row.neighbourhood)}`);
  if (row.district !== null) keys.push(`d:${municipality}/${foldWords(row.district)}`);
  if (municipality !== '') keys.push(`m:${municipality}`);
  return keys;
}

function findKeywords(description: string | null): string[] {
  if (description === null) return [];
  const text = foldWords(description);
  return KEYWORDS.filter(([, pattern]) => pattern.test(text)).map(([name]) => name);
}

export function fitAttributes(rows: readonly FeatureRow[]): AttributeEncoder {
  const numbers = NUMBERS.flatMap(([name, numberOf]) => {
    const stated = rows.map(numberOf).filter(value => value !== null);
    const mean = stated.reduce((sum, value) => sum + value, 0) / stated.length;
    const sd = Math.sqrt(stated.reduce((sum, value) => sum + (value - mean) ** 2, 0) / stated.length);
    if (stated.length < MIN_STATED_ROWS || !(sd > 1e-9)) return [];
    return [{name, mean, sd, hasMissing: stated.length < rows.length}];
  });
  const logAreas = rows.map(row => Math.log(row.areaM2)).sort((a, b) => a - b);
  const areaKnots = Array.from({length: AREA_KNOTS + 1}, (_, knot) =>
    quantileOfSorted(logAreas, knot / AREA_KNOTS),
  );
  return {
    numbers,
    areaKnots: areaKnots.filter((knot, index) => index === 0 || knot > (areaKnots[index - 1] ?? 0) + 1e-6),
    conditions: frequent(
      rows.map(row => (row.condition === null ? [] : [row.condition])),
      MIN_AMENITY_SHARE,
      8,
    ),
    amenities: frequent(
      rows.map(row => wordsOf(row).amenities),
      MIN_AMENITY_SHARE,
      MAX_AMENITIES,
    ),
    keywords: frequent(
      rows.map(row => wordsOf(row).keywords),
      MIN_KEYWORD_SHARE,
      KEYWORDS.length,
    ),
    ...fitPoints(rows),
  };
}

/** Names of the columns `encodeAttributes` fills, in order. */
export function attributeColumns(encoder: AttributeEncoder): string[] {
  return [
    ...encoder.numbers.flatMap(({name, hasMissing}) => (hasMissing ? [name, `${name}_missing`] : [name])),
    ...encoder.areaKnots.slice(1).map((_, knot) => `area_bin_${knot}`),
    ...[1, 2, 3, 4, 5, 6].map(stratum => `stratum_${stratum}`),
    ...HOME_TYPES.map(type => `type_${type}`),
    ...encoder.conditions.map(condition => `condition_${condition}`),
    ...encoder.amenities.map(amenity => `amenity_${amenity.replaceAll(' ', '_')}`),
    ...encoder.keywords.map(keyword => `word_${keyword}`),
    'condition_unknown',
    'amenities_unknown',
    'place_unknown',
    'point_missing',
    'shared_pin',
    'x',
    'y',
    ...WAVELENGTHS_KM.flatMap(km =>
      Array.from({length: DIRECTIONS}, (_, direction) => [
        `sin_${km}_${direction}`,
        `cos_${km}_${direction}`,
      ]).flat(),
    ),
  ];
}

/** Numbers of one row, in the order of `attributeColumns`. */
export function encodeAttributes(encoder: AttributeEncoder, row: FeatureRow): number[] {
  const result: number[] = [];
  for (const {name, mean, sd, hasMissing} of encoder.numbers) {
    const value = NUMBER_OF.get(name)?.(row) ?? null;
    result.push(value === null ? 0 : clamp((value - mean) / sd, -MAX_DEVIATIONS, MAX_DEVIATIONS));
    if (hasMissing) result.push(value === null ? 1 : 0);
  }
  const logArea = Math.log(row.areaM2);
  for (let knot = 1; knot < encoder.areaKnots.length; knot++) {
    const low = encoder.areaKnots[knot - 1] ?? 0;
    result.push(clamp((logArea - low) / ((encoder.areaKnots[knot] ?? 0) - low), 0, 1));
  }
  for (let stratum = 1; stratum <= 6; stratum++) result.push(row.stratum === stratum ? 1 : 0);
  for (const type of HOME_TYPES) result.push(row.propertyType === type ? 1 : 0);
  for (const condition of encoder.conditions) result.push(row.condition === condition ? 1 : 0);
  const {amenities, keywords} = wordsOf(row);
  for (const amenity of encoder.amenities) result.push(amenities.includes(amenity) ? 1 : 0);
  for (const keyword of encoder.keywords) result.push(keywords.includes(keyword) ? 1 : 0);
  const isUnknown = (is: boolean): number => (is ? 1 : 0);
  result.push(isUnknown(row.condition === null), isUnknown(amenities.length === 0));
  result.push(isUnknown(row.neighbourhood === null));
  const {x, y, isOwn} = positionOf(encoder, row);
  result.push(isOwn ? 0 : 1, row.isSharedPin ? 1 : 0, clamp(x / 10, -3, 3), clamp(y / 10, -3, 3));
  for (const km of WAVELENGTHS_KM) {
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      const angle = (Math.PI * direction) / DIRECTIONS;
      const phase = (2 * Math.PI * (x * Math.cos(angle) + y * Math.sin(angle))) / km;
      result.push(Math.sin(phase), Math.cos(phase));
    }
  }
  return result;
}

/**
 * Kilometres east and north of the fitted centre. Without a point, or on a pin that many adverts share (an agency's
 * default), it is the median point of the narrowest known place; `isOwn` is false then.
 */
export function positionOf(
  encoder: AttributeEncoder,
  row: FeatureRow,
): {x: number; y: number; isOwn: boolean} {
  const isOwn = hasOwnPoint(row);
  const {centre} = encoder;
  let point: readonly [number, number] = [centre.latitude, centre.longitude];
  if (isOwn) point = [row.latitude ?? centre.latitude, row.longitude ?? centre.longitude];
  else {
    const key = placeKeys(row).find(place => encoder.placePoints[place] !== undefined);
    point = (key === undefined ? undefined : encoder.placePoints[key]) ?? point;
  }
  const scale = Math.cos((centre.latitude * Math.PI) / 180);
  return {
    x: (point[1] - centre.longitude) * KM_PER_DEGREE * scale,
    y: (point[0] - centre.latitude) * KM_PER_DEGREE,
    isOwn,
  };
}

const NUMBER_OF = new Map(NUMBERS);

function hasOwnPoint(row: FeatureRow): boolean {
  return row.latitude !== null && row.longitude !== null && !row.isSharedPin;
}

function fitPoints(rows: readonly FeatureRow[]): Pick<AttributeEncoder, 'centre' | 'placePoints'> {
  const own = rows.filter(hasOwnPoint);
  const byPlace = new Map<string, FeatureRow[]>();
  for (const row of own) {
    for (const key of placeKeys(row)) {
      const list = byPlace.get(key);
      if (list === undefined) byPlace.set(key, [row]);
      else list.push(row);
    }
  }
  const [latitude, longitude] = own.length > 0 ? medianPoint(own) : [0, 0];
  const placePoints = Object.fromEntries([...byPlace].map(([key, members]) => [key, medianPoint(members)]));
  return {centre: {latitude, longitude}, placePoints};
}

function medianPoint(rows: readonly FeatureRow[]): [number, number] {
  const middle = (values: number[]): number =>
    quantileOfSorted(
      values.sort((a, b) => a - b),
      0.5,
    );
  return [middle(rows.map(row => row.latitude ?? 0)), middle(rows.map(row => row.longitude ?? 0))];
}

function frequent(lists: readonly (readonly string[])[], minShare: number, most: number): string[] {
  const counts = new Map<string, number>();
  for (const list of lists) for (const word of new Set(list)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= minShare * lists.length && count < lists.length)
    .sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([word]) => word);
}

function ageOf(row: FeatureRow): number | null {
  if (row.ageYearsMin === null) return row.ageYearsMax;
  return row.ageYearsMax === null ? row.ageYearsMin + 5 : (row.ageYearsMin + row.ageYearsMax) / 2;
}

function logMetres(metres: number | undefined): number | null {
  return metres === undefined ? null : Math.log(50 + metres);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
