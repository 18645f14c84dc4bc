/** What match knows of an advert, and what it works out once before comparing any two. */
import {HOME_TYPES} from '../../src/domain/vocabulary.ts';
import {sketchText, type TextSketch, wordsOf} from '../../src/lib/similarity.ts';
import {foldText} from '../../src/lib/spanish.ts';

/** An advert as it stands now. `prices`: COP by operation. */
export interface Advert {
  readonly listingId: string;
  readonly portal: string;
  readonly propertyType: string | null;
  readonly municipality: string | null;
  readonly neighbourhood: string | null;
  /** Decimal degrees as the clean stage believes them. */
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly stratum: number | null;
  /** The area that stands for the home; portals mix these three up, so any two of them may agree. */
  readonly areaM2: number | null;
  readonly builtAreaM2: number | null;
  readonly privateAreaM2: number | null;
  readonly bedrooms: number | null;
  readonly bathrooms: number | null;
  readonly parkingSpaces: number | null;
  readonly floor: number | null;
  readonly description: string | null;
  readonly amenities: readonly string[];
  readonly advertiserKey: string | null;
  readonly isProject: boolean;
  readonly prices: Readonly<Record<string, number>>;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

export interface PreparedAdvert extends Advert {
  /** Types that portals confuse share a family. */
  readonly family: string;
  /** Folded municipality; empty: unknown. */
  readonly town: string;
  /** Folded neighbourhood; empty: unknown. */
  readonly hood: string;
  /** Distinct stated areas, m². */
  readonly areas: readonly number[];
  /** Portal and its list of amenities; empty: none stated. */
  readonly amenityKey: string;
  /** One of several units of a building, which are often equal in every fact. */
  readonly isUnit: boolean;
  readonly text: TextSketch;
  /** Reference codes that stand in the text. */
  readonly codes: readonly string[];
  /** The text speaks of several homes: a new building, an estate. */
  readonly sellsSeveral: boolean;
  /** A point that few adverts share; null: none, or an agency's default pin. */
  readonly point: {readonly latitude: number; readonly longitude: number} | null;
}

/** Adverts on one spot (11 m) from which on it says nothing of the home. */
const CROWDED_PIN = 10;

const CODE_PATTERNS = [
  /\b(?:cod|codigo|ref|referencia|npr)\b[^a-z0-9]*(?:[a-z]+ ){0,4}([a-z]{0,4} ?\d{3,8})\b/g,
  // `649 12133` at the end: agency and number, as several agencies sign.
  /\b(\d{3} \d{3,5})$/g,
];

const UNIT_TYPES: ReadonlySet<string> = new Set(
  'apartment studio room office medical_office retail warehouse parking'.split(' '),
);

const SEVERAL =
  /^(?:[a-z]+ ){0,3}(?:apartamentos|apartaestudios|casas|lotes)\b|\b(?:apartamentos|casas) (?:disponibles|para estrenar|nuev[oa]s)|\bproyecto de vivienda|\bultimas unidades/;

export function prepareAdverts(adverts: readonly Advert[]): PreparedAdvert[] {
  const pins = new Map<string, number>();
  for (const advert of adverts) {
    const pin = pinOf(advert);
    if (pin !== null) pins.set(pin, (pins.get(pin) ?? 0) + 1);
  }
  return adverts.map(advert => {
    const description = advert.description ?? '';
    return {
      ...advert,
      family: familyOf(advert.propertyType),
      town: foldText(advert.municipality ?? ''),
      hood: foldText(advert.neighbourhood ?? ''),
      areas: areasOf(advert),
      amenityKey:
        advert.amenities.length === 0 ? '' : `${advert.portal}: ${[...advert.amenities].sort().join()}`,
      isUnit: UNIT_TYPES.has(advert.propertyType ?? ''),
      text: sketchText(description),
      codes: codesIn(description),
      sellsSeveral: SEVERAL.test(foldText(description)),
      point: trustedPoint(advert, pins),
    };
  });
}

function areasOf({areaM2, builtAreaM2, privateAreaM2}: Advert): number[] {
  const stated = [areaM2, builtAreaM2, privateAreaM2].flatMap(area =>
    area === null || area <= 0 ? [] : [area],
  );
  return [...new Set(stated)];
}

function familyOf(propertyType: string | null): string {
  if (propertyType === null) return '';
  return HOME_TYPES.some(type => type === propertyType) || propertyType === 'house_lot'
    ? 'home'
    : propertyType;
}

/** The spot of an advert to 1e-4 degrees (11 m). */
export function pinOf({latitude, longitude}: Pick<Advert, 'latitude' | 'longitude'>): string | null {
  return latitude === null || longitude === null ? null : `${latitude.toFixed(4)},${longitude.toFixed(4)}`;
}

function trustedPoint(advert: Advert, pins: ReadonlyMap<string, number>): PreparedAdvert['point'] {
  const {latitude, longitude} = advert;
  if (latitude === null || longitude === null) return null;
  return (pins.get(pinOf(advert) ?? '') ?? 0) >= CROWDED_PIN ? null : {latitude, longitude};
}

function codesIn(description: string): string[] {
  const text = wordsOf(description).join(' ');
  const codes = CODE_PATTERNS.flatMap(pattern => [...text.matchAll(pattern)].map(match => match[1] ?? ''));
  return [...new Set(codes.map(code => code.replaceAll(' ', '')))];
}
