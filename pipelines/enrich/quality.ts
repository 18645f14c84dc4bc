/** How far a listing's point can be believed, with the reason in words. Pure. */
import type {GeoQuality} from '../../src/domain/vocabulary.ts';
import {judgeCoordinates} from '../../src/lib/geo.ts';
import type {PlaceCodes, PlaceIndex} from '../../src/lib/geo-places.ts';

/** From this many adverts on, a point is an agency's default and not a home. */
export const SHARED_PIN_LISTINGS = 20;
/** So many adverts of so many different neighbourhoods on one point: no building stands in three. */
export const MIXED_PIN_LISTINGS = 5;
export const MIXED_PIN_NEIGHBOURHOODS = 3;

/** The point of a pin, as 1e-4 degrees (11 m): `62016/-755721`. */
export function pinOf(latitude: number, longitude: number): string {
  return `${Math.round(latitude * 1e4)}/${Math.round(longitude * 1e4)}`;
}

/** Agency defaults seen in every snapshot of Finca Raíz and Metrocuadrado from 2021 to 2023, however few adverts here share them. */
export const KNOWN_PINS: ReadonlySet<string> = new Set([pinOf(6.2016, -75.5721), pinOf(6.2447, -75.6013)]);

/** Public municipal borders are simplified by 50 m and more: nearer than this, neither side can be excluded. */
const BORDER_TOLERANCE_M = 100;

/** Without a polygon: no point of a municipality of the valley lies farther from its centre. */
const CENTRE_TOLERANCE_M = 25_000;

/** Adverts draw districts and neighbourhoods wider than the city does. */
const STATED_TOLERANCE_M = 500;

/** Everything the quality of a point depends on. */
export interface PointFacts {
  /** Decimal degrees as the clean stage believes them. */
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** Listings whose point rounds to the same 1e-4 degrees, this one included, and the neighbourhoods they state. */
  readonly pinListings: number;
  readonly pinNeighbourhoods: number;
  /** What the clean stage did to the coordinates: `coordinates_swapped`, `longitude_sign`; null: nothing. */
  readonly correction: string | null;
}

export interface JudgedPoint {
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly geoQuality: GeoQuality;
  readonly reason: string;
  /** The areas that hold it; null without a point that lies where it may. */
  readonly at: PlaceCodes | null;
}

/**
 * @param statedCode the municipality that the advert names
 * @param centres names of areas by the pin of their middle
 */
export function judgePoint(
  facts: PointFacts,
  statedCode: string | null,
  centres: ReadonlyMap<string, string>,
  places: PlaceIndex,
): JudgedPoint {
  const {latitude, longitude, note} = turnSwapped(facts);
  if (latitude === null || longitude === null)
    return {latitude: null, longitude: null, geoQuality: 'missing', reason: 'no point stated', at: null};
  if (judgeCoordinates(latitude, longitude) !== 'plausible') {
    const reason = `${latitude}, ${longitude} can't be a point in Colombia`;
    return {latitude: null, longitude: null, geoQuality: 'missing', reason, at: null};
  }
  const point = {latitude, longitude};
  const at = places.locate(latitude, longitude);
  const away = at.municipality === statedCode ? null : metresOutside(statedCode, point, places);
  if (away !== null) return {...point, geoQuality: 'outside', reason: `${away}${note}`, at: null};
  const [geoQuality, reason] = qualityOf(facts, point, centres);
  return {...point, geoQuality, reason: `${reason}${note}`, at};
}

function qualityOf(
  facts: PointFacts,
  {latitude, longitude}: Degrees,
  centres: ReadonlyMap<string, string>,
): [GeoQuality, string] {
  const pin = pinOf(latitude, longitude);
  const shared = sharedReason(facts, pin);
  if (shared !== null) return ['shared_pin', shared];
  const centre = centres.get(pin);
  if (centre !== undefined) return ['centroid', `the middle of ${centre}`];
  if (isCoarse(latitude) && isCoarse(longitude)) return ['approximate', 'three decimals or fewer: to 110 m'];
  return ['exact', 'a point of its own'];
}

/** What follows the reason. */
const CORRECTIONS: Readonly<Record<string, string>> = {
  coordinates_swapped: '; latitude and longitude were swapped and have been turned round',
  longitude_sign: '; the longitude had lost its minus',
};

function turnSwapped({latitude, longitude, correction}: PointFacts) {
  const note = CORRECTIONS[correction ?? ''] ?? '';
  if (judgeCoordinates(latitude, longitude) !== 'swapped') return {latitude, longitude, note};
  return {latitude: longitude, longitude: latitude, note: CORRECTIONS.coordinates_swapped ?? ''};
}

function sharedReason({pinListings, pinNeighbourhoods}: PointFacts, pin: string): string | null {
  if (KNOWN_PINS.has(pin)) return 'a known default of agencies';
  if (pinListings >= SHARED_PIN_LISTINGS) return `${pinListings} adverts share this point`;
  if (pinListings >= MIXED_PIN_LISTINGS && pinNeighbourhoods >= MIXED_PIN_NEIGHBOURHOODS)
    return `${pinListings} adverts of ${pinNeighbourhoods} neighbourhoods share this point`;
  return null;
}

function isCoarse(degrees: number): boolean {
  return Math.abs(degrees * 1e3 - Math.round(degrees * 1e3)) < 1e-6;
}

interface Degrees {
  readonly latitude: number;
  readonly longitude: number;
}

function metresOutside(
  code: string | null,
  {latitude, longitude}: Degrees,
  places: PlaceIndex,
): string | null {
  const distance = code === null ? null : places.distanceM(code, latitude, longitude);
  if (code === null || distance === null) return null;
  if (distance.metres <= (distance.to === 'area' ? BORDER_TOLERANCE_M : CENTRE_TOLERANCE_M)) return null;
  const what = distance.to === 'area' ? 'border' : 'centre';
  return `${Math.round(distance.metres)} m from the ${what} of the stated ${places.place(code)?.name ?? code}`;
}

/** A sentence when a point lies well outside a place that the advert names and whose area is known; else null. */
export function contradicts(code: string, {latitude, longitude}: Degrees, places: PlaceIndex): string | null {
  const distance = places.distanceM(code, latitude, longitude);
  if (distance === null || distance.to !== 'area' || distance.metres <= STATED_TOLERANCE_M) return null;
  const place = places.place(code);
  return `the advert says ${place?.name ?? code}, the point lies ${Math.round(distance.metres)} m from it`;
}
