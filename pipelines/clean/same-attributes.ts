import type {CleanListing} from '../../src/domain/listing.ts';
import {foldText} from '../../src/lib/spanish.ts';

/** Degrees: about 1 m. Portals print the same point with 5 to 14 digits. */
const SAME_POINT_DEGREES = 1e-5;
const SAME_AREA_M2 = 0.01;

const TEXTS = [
  'title',
  'description',
  'department',
  'municipality',
  'district',
  'neighbourhood',
  'agencyName',
] as const;
const AREAS = ['areaM2', 'builtAreaM2', 'privateAreaM2', 'landAreaM2'] as const;
const EXACT = [
  'propertyType',
  'bedrooms',
  'bathrooms',
  'parkingSpaces',
  'floor',
  'floorsCount',
  'stratum',
  'ageYearsMin',
  'ageYearsMax',
  'condition',
  'advertiserKind',
  'advertiserKey',
  'isProject',
  'isOffPlan',
  'isAuction',
] as const;
const LISTS = ['amenities', 'exclusions'] as const;

/**
 * True when nothing a reader would call a change differs. Number formats, coordinates reprinted with other digits, and
 * case, accents and spaces of texts are noise; photos, address of the page and prices are not part of a version.
 */
export function isSameVersion(a: CleanListing, b: CleanListing): boolean {
  return (
    EXACT.every(field => a[field] === b[field]) &&
    AREAS.every(field => isClose(a[field], b[field], SAME_AREA_M2)) &&
    isClose(a.latitude, b.latitude, SAME_POINT_DEGREES) &&
    isClose(a.longitude, b.longitude, SAME_POINT_DEGREES) &&
    TEXTS.every(field => isSameText(a[field], b[field])) &&
    LISTS.every(field => isSameList(a[field], b[field]))
  );
}

function isClose(a: number | null, b: number | null, tolerance: number): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= tolerance;
}

function isSameText(a: string | null, b: string | null): boolean {
  if (a === b) return true;
  return foldText(a ?? '') === foldText(b ?? '');
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === b.length && a.every((member, index) => member === b[index])) return true;
  const ofB = new Set(b.map(foldText));
  const ofA = new Set(a.map(foldText));
  return ofA.size === ofB.size && [...ofA].every(member => ofB.has(member));
}
