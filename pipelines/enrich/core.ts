/** Where one listing lies, how far its coordinates can be believed, and what is near it. Pure. */
import type {PoiAccess} from '../../src/domain/market.ts';
import type {GeoQuality} from '../../src/domain/vocabulary.ts';
import {judgeCoordinates} from '../../src/lib/geo.ts';
import type {PoiGrid} from '../../src/lib/geo-grid.ts';
import type {IndexedPlace, PlaceIndex} from '../../src/lib/geo-places.ts';
import {foldName} from '../../src/lib/place-names.ts';

/** From this many adverts on, a point is an agency's default and not a home. */
export const SHARED_PIN_LISTINGS = 20;

/** The point of a pin, as 1e-4 degrees (11 m): `62016/-755721`. */
export function pinOf(latitude: number, longitude: number): string {
  return `${Math.round(latitude * 1e4)}/${Math.round(longitude * 1e4)}`;
}

/** Agency defaults seen in every snapshot of Finca Raíz and Metrocuadrado from 2021 to 2023, however few adverts here share them. */
const KNOWN_PINS: ReadonlySet<string> = new Set([pinOf(6.2016, -75.5721), pinOf(6.2447, -75.6013)]);

/** Public municipal borders are simplified by 50 m and more: nearer than this, neither side can be excluded. */
const BORDER_TOLERANCE_M = 100;

/** Without a polygon: no point of a municipality of the valley lies farther from its centre. */
const CENTRE_TOLERANCE_M = 25_000;

export interface EnrichInput {
  /** Listing id. */
  readonly key: string;
  /** Decimal degrees as the clean stage believes them. */
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** Names as stated. */
  readonly municipality: string | null;
  readonly department: string | null;
  /** Listings whose point rounds to the same 1e-4 degrees, this one included. */
  readonly pinListings: number;
}

export interface EnrichReference {
  readonly places: PlaceIndex;
  /** Municipality codes by folded name. */
  readonly municipalityCodes: ReadonlyMap<string, string>;
  readonly grid: PoiGrid;
}

export interface ListingLocation {
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly geoQuality: GeoQuality;
  readonly municipalityCode: string | null;
  readonly districtCode: string | null;
  readonly neighbourhoodCode: string | null;
  /** Null without a point that can be believed. */
  readonly access: PoiAccess | null;
}

/** Codes of municipalities by folded name: what a stated name is looked up in. */
export function indexMunicipalities(places: readonly IndexedPlace[]): ReadonlyMap<string, string> {
  return new Map(
    places
      .filter(place => place.kind === 'municipality')
      .map(place => [foldName(place.name), place.placeCode]),
  );
}

/**
 * Places a listing. A point that can't be believed (`missing`, `outside`) leaves only the municipality, by its stated
 * name; else codes come from the areas that hold the point, the municipality from its name where no area is known.
 */
export function locateListing(input: EnrichInput, reference: EnrichReference): ListingLocation {
  const {latitude, longitude} = input;
  const statedCode = findStatedMunicipality(input, reference);
  const nowhere = {municipalityCode: statedCode, districtCode: null, neighbourhoodCode: null, access: null};
  if (latitude === null || longitude === null || judgeCoordinates(latitude, longitude) !== 'plausible') {
    return {latitude: null, longitude: null, geoQuality: 'missing', ...nowhere};
  }
  const codes = reference.places.locate(latitude, longitude);
  const isWhereStated = codes.municipality === statedCode;
  if (!isWhereStated && isOutside(statedCode, latitude, longitude, reference.places)) {
    return {latitude, longitude, geoQuality: 'outside', ...nowhere};
  }
  const isShared = input.pinListings >= SHARED_PIN_LISTINGS || KNOWN_PINS.has(pinOf(latitude, longitude));
  return {
    latitude,
    longitude,
    geoQuality: isShared ? 'shared_pin' : 'exact',
    municipalityCode: codes.municipality ?? statedCode,
    districtCode: codes.district,
    neighbourhoodCode: codes.neighbourhood,
    access: reference.grid.access(latitude, longitude),
  };
}

function isOutside(
  statedCode: string | null,
  latitude: number,
  longitude: number,
  places: PlaceIndex,
): boolean {
  const distance = statedCode === null ? null : places.distanceM(statedCode, latitude, longitude);
  if (distance === null) return false;
  return distance.metres > (distance.to === 'area' ? BORDER_TOLERANCE_M : CENTRE_TOLERANCE_M);
}

/** Antioquia's `Barbosa` is not Santander's: a stated department must agree with the code's first two digits. */
function findStatedMunicipality(input: EnrichInput, reference: EnrichReference): string | null {
  const code = reference.municipalityCodes.get(foldName(input.municipality ?? ''));
  if (code === undefined) return null;
  const isElsewhere =
    code.startsWith('05') && input.department !== null && foldName(input.department) !== 'antioquia';
  return isElsewhere ? null : code;
}
