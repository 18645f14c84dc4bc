/**
 * The area one would expect of a home that has these rooms, this place and this price.
 *
 * A wrong area hardly moves the residual of the price: the model believes that homes of 850 m² are cheap a square
 * metre. Asked the other way round, three bedrooms for 340 M of estrato 5 are not 850 m². (On planted areas times ten
 * the median log residual of the price is 0.6 to 1.4, of the area 2.2; test/bench/anomaly.ts.)
 */
import type {FeatureRow} from '../../domain/model.ts';
import type {BoostSettings} from '../gbdt/boost.ts';
import {type CrossFitted, crossFit, type ListedMatrix, predictCrossFitted} from './cross-fitted.ts';
import {homeNumbers, numberMatrix} from './home-numbers.ts';

/** Fewer homes than this say nothing about areas. */
const MIN_ROWS = 200;

const BOOST: BoostSettings = {
  maxLeaves: 31,
  minLeafRows: 10,
  l2: 5,
  huberDelta: 0.2,
  maxTrees: 400,
  shrinkage: 0.08,
  patience: 30,
  rowShare: 0.8,
  columnShare: 0.7,
  mostBins: 127,
};

/** Of log m²; null: too few homes. A plain value. */
export type ExpectedArea = CrossFitted | null;

/** @param group groups of the rows, as `joinGroups` gives. */
export function fitExpectedArea(rows: readonly FeatureRow[], group: Int32Array, seed: number): ExpectedArea {
  if (rows.length < MIN_ROWS) return null;
  const target = Float64Array.from(rows, row => Math.log(row.areaM2));
  return crossFit(describe(rows), target, group, seed, BOOST);
}

/** Log of the stated less log of the expected area of each home, from trees that never saw it; 0 when unknown. */
export function areaResiduals(expected: ExpectedArea, rows: readonly FeatureRow[]): Float64Array {
  if (expected === null || rows.length === 0) return new Float64Array(rows.length);
  const logAreas = predictCrossFitted(expected, describe(rows));
  return logAreas.map((value, at) => Math.log(rows[at]?.areaM2 ?? Number.NaN) - value);
}

function describe(rows: readonly FeatureRow[]): ListedMatrix {
  return {
    listingIds: rows.map(({listingId}) => listingId),
    x: numberMatrix(rows.map(row => [Math.log(row.priceCop), ...homeNumbers(row)])),
  };
}
