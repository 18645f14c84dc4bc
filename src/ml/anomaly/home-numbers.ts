/** A home as a few numbers that need no encoder: what the small trees of the anomaly checks look at. */
import type {FeatureRow} from '../../domain/model.ts';
import {HOME_TYPES} from '../../domain/vocabulary.ts';
import {eastM, northM} from '../../lib/geo.ts';
import {emptyMatrix, type Matrix} from '../matrix.ts';

/** Everything but price and area, always in the same order. NaN: not stated. */
export function homeNumbers(row: FeatureRow): number[] {
  const isOwnPoint = row.latitude !== null && row.longitude !== null && !row.isSharedPin;
  return [
    stated(row.bedrooms),
    stated(row.bathrooms),
    stated(row.parkingSpaces),
    stated(row.stratum),
    stated(row.floor),
    stated(row.ageYearsMin),
    row.adminFeeCop ? Math.log(row.adminFeeCop) : Number.NaN,
    row.latitude === null ? Number.NaN : northM(row.latitude) / 1000,
    row.longitude === null ? Number.NaN : eastM(row.longitude) / 1000,
    isOwnPoint ? 1 : 0,
    row.isSharedPin ? 1 : 0,
    row.amenities.length,
    row.description?.length ?? 0,
    ...HOME_TYPES.map(type => (row.propertyType === type ? 1 : 0)),
  ];
}

/** One row a home; all of the same length. */
export function numberMatrix(rows: readonly (readonly number[])[]): Matrix {
  const matrix = emptyMatrix(rows.length, rows[0]?.length ?? 0);
  for (const [at, numbers] of rows.entries()) matrix.values.set(numbers, at * matrix.columns);
  return matrix;
}

function stated(value: number | null): number {
  return value ?? Number.NaN;
}
