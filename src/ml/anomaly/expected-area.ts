/**
 * The area one would expect of a home that has these rooms, this place and this price.
 *
 * A wrong area hardly moves the residual of the price: the model believes that homes of 850 m² are cheap a square
 * metre. Asked the other way round, three bedrooms for 340 M of estrato 5 are not 850 m². (On planted areas times ten
 * the median log residual of the price is 0.6 to 1.4, of the area 2.2; test/bench/anomaly.ts.)
 */
import type {FeatureRow} from '../../domain/model.ts';
import {type BoostSettings, fitBoost} from '../gbdt/boost.ts';
import {type Forest, predictForest} from '../gbdt/forest.ts';
import type {Matrix} from '../matrix.ts';
import {dealGroups} from '../split.ts';
import {homeNumbers, numberMatrix} from './home-numbers.ts';

/** Fewer homes than this say nothing about areas. */
const MIN_ROWS = 200;
const FOLDS = 3;

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

/** A plain value. */
export interface ExpectedArea {
  /** One a fold, of log m²; empty: too few homes. */
  readonly forests: readonly Forest[];
  /** The fold that did not see a listing. */
  readonly foldOf: Readonly<Record<string, number>>;
}

/** @param group groups of the rows, as `joinGroups` gives: no home stands on both sides of a fold. */
export function fitExpectedArea(rows: readonly FeatureRow[], group: Int32Array, seed: number): ExpectedArea {
  if (rows.length < MIN_ROWS) return {forests: [], foldOf: {}};
  const fold = dealGroups(group, FOLDS, seed);
  const forests = Array.from({length: FOLDS}, (_, own) => {
    const train = [...rows.keys()].filter(at => fold[at] !== own);
    const trainRows = rows.filter((_row, at) => fold[at] !== own);
    const target = Float64Array.from(trainRows, row => Math.log(row.areaM2));
    const trainGroup = Int32Array.from(train, at => group[at] ?? at);
    return fitBoost(areaMatrix(trainRows), target, trainGroup, seed, BOOST);
  });
  return {forests, foldOf: Object.fromEntries(rows.map(({listingId}, at) => [listingId, fold[at] ?? 0]))};
}

/** Log of the stated less log of the expected area of each home, from trees that never saw it; 0 when unknown. */
export function areaResiduals({forests, foldOf}: ExpectedArea, rows: readonly FeatureRow[]): Float64Array {
  const residuals = new Float64Array(rows.length);
  if (forests.length === 0 || rows.length === 0) return residuals;
  const matrix = areaMatrix(rows);
  const expected = forests.map(forest => predictForest(forest, matrix));
  for (const [at, row] of rows.entries()) {
    const own = foldOf[row.listingId];
    const values = own === undefined ? expected : expected.slice(own, own + 1);
    const mean = values.reduce((sum, each) => sum + (each[at] ?? 0), 0) / values.length;
    residuals[at] = Math.log(row.areaM2) - mean;
  }
  return residuals;
}

function areaMatrix(rows: readonly FeatureRow[]): Matrix {
  return numberMatrix(rows.map(row => [Math.log(row.priceCop), ...homeNumbers(row)]));
}
