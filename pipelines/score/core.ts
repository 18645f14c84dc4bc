import type {CautionFacts, FeatureRow, RedFlagReason, ScoreReason} from '../../src/domain/model.ts';
import type {AnomalyKind, Operation} from '../../src/domain/vocabulary.ts';
import {predictLogPrices} from '../../src/ml/algorithms.ts';
import {findRedFlags} from '../../src/ml/anomaly/red-flags.ts';
import type {AnomalyReference, Strayed} from '../../src/ml/anomaly/reference.ts';
import {contradictStatedPlace} from '../../src/ml/anomaly/stated-place.ts';
import type {Artifact} from '../../src/ml/artifact.ts';
import type {Backend} from '../../src/ml/backend.ts';
import {type Calibration, rangeOf} from '../../src/ml/calibrate.ts';
import {
  type ComparableIndex,
  type Comparables,
  ENOUGH_COMPARABLES,
  findComparables,
} from '../../src/ml/comparables.ts';
import {type Explanation, explainDifference, explainLogPrices, PRICE_PARTS} from '../../src/ml/explain.ts';
import {encodeRows, encoderColumns} from '../../src/ml/features.ts';
import {explainPrice} from '../../src/ml/price-reasons.ts';
import {explainScore} from '../../src/ml/reasons.ts';
import {predictSpread} from '../../src/ml/spread.ts';

/** Standard deviations from which a price is remarkable … */
const INNER_Z = 2;
/** … if it is at least this far off in log units (14 %): tight segments have small deviations. */
const INNER_LOG = 0.15;
/**
 * Beyond both, an error is likelier than a bargain: half or double the expected price (0.69 in log units; genuine
 * bargains are rarely deeper than 40 %).
 */
const OUTER_Z = 3.5;
const OUTER_LOG = Math.LN2;
/** Four times the area one would expect, or a quarter: half of a zero too many, in log units. */
const ODD_AREA_LOG = Math.log(4);

/** What the champion says of one advert. */
export interface ListingPrediction {
  readonly row: FeatureRow;
  readonly modelId: string;
  /** Log COP. */
  readonly predicted: number;
  /** Low and high quantile, log COP; null: the ranges need none. */
  readonly quantiles: readonly [low: number, high: number] | null;
  /** True: by folds that never saw the home. */
  readonly isOutOfFold: boolean;
  /** Its log parts, in the order of `PRICE_PARTS`; null: the model can't say. */
  readonly parts: readonly number[] | null;
}

/** What else is known of it before it is judged. */
export interface Evidence {
  /** How far price and area stray. */
  readonly strayed: Strayed;
  /** What the other stages found about the advert. */
  readonly facts: CautionFacts;
}

/** What scores of one operation are made with. */
export interface ScoreReference extends Pick<AnomalyReference, 'statedPlaces'> {
  readonly calibration: Calibration;
  readonly comparables: ComparableIndex;
  readonly explanation: Explanation | null;
}

/** The model that prices one operation, and the adverts to compare with. */
export interface Champion extends Artifact, ScoreReference, AnomalyReference {}

/** Out-of-fold predictions where the advert was trained on, the final model's elsewhere. */
export function predictListings(
  champion: Artifact,
  rows: readonly FeatureRow[],
  backend: Backend,
): ListingPrediction[] {
  const {modelId, outOfFold, explanation, spread} = champion;
  const unseen = rows.filter(row => outOfFold[row.listingId] === undefined);
  const fresh = new Map(
    predictUnseen(champion, unseen, backend).map(prediction => [prediction.listingId, prediction]),
  );
  return rows.map(row => {
    const trained = outOfFold[row.listingId];
    const isOutOfFold = trained !== undefined;
    const predicted = trained ?? fresh.get(row.listingId)?.predicted ?? Number.NaN;
    const parts = isOutOfFold ? explanation?.outOfFold[row.listingId] : fresh.get(row.listingId)?.parts;
    const quantiles = isOutOfFold ? spread?.outOfFold[row.listingId] : fresh.get(row.listingId)?.quantiles;
    return {row, modelId, predicted, quantiles: quantiles ?? null, isOutOfFold, parts: parts ?? null};
  });
}

function predictUnseen({model, spread}: Artifact, rows: readonly FeatureRow[], backend: Backend) {
  if (rows.length === 0) return [];
  const {encoder, parameters} = model;
  const matrix = encodeRows(encoder, rows);
  const predicted = predictLogPrices(parameters, rows, matrix, backend);
  const parts = explainLogPrices(parameters, rows, matrix, encoderColumns(encoder));
  const quantiles = spread && predictSpread(spread.model, rows, matrix);
  return rows.map(({listingId}, row) => ({
    listingId,
    quantiles: quantiles?.[row] ?? null,
    predicted: predicted[row] ?? Number.NaN,
    parts: parts && [...parts.subarray(row * PRICE_PARTS.length, (row + 1) * PRICE_PARTS.length)],
  }));
}

/** A row of `ml.score`. */
export interface ListingScore {
  readonly listingId: string;
  readonly operation: Operation;
  readonly modelId: string;
  readonly validFrom: Date;
  readonly priceCop: number;
  readonly lowCop: number;
  readonly midCop: number;
  readonly highCop: number;
  readonly gapPct: number;
  readonly residualZ: number;
  readonly oddity: number;
  readonly isOutOfFold: boolean;
  readonly anomaly: AnomalyKind;
  readonly reasons: ScoreReason[];
  readonly redFlags: RedFlagReason[];
  readonly comparables: number;
}

export function scoreListing(
  prediction: ListingPrediction,
  {strayed, facts}: Evidence,
  reference: ScoreReference,
): ListingScore {
  const {row, modelId, predicted, isOutOfFold, parts} = prediction;
  const {explanation} = reference;
  const {low, high} = rangeOf(reference.calibration, prediction);
  const {residual, z, areaResidual, oddity} = strayed;
  const comparables = findComparables(reference.comparables, row);
  const anomaly = judgeResidual(residual, z, comparables, row.priceCop / row.areaM2, areaResidual);
  const expectedAreaM2 = isAreaOdd(areaResidual) ? row.areaM2 / Math.exp(areaResidual) : null;
  const midCop = Math.round(Math.exp(predicted));
  const lowCop = Math.round(Math.exp(low));
  const highCop = Math.round(Math.exp(high));
  const gapPct = (row.priceCop / midCop - 1) * 100;
  return {
    listingId: row.listingId,
    operation: row.operation,
    modelId,
    validFrom: row.priceValidFrom,
    priceCop: row.priceCop,
    lowCop,
    midCop,
    highCop,
    gapPct,
    residualZ: z,
    oddity,
    isOutOfFold,
    anomaly,
    reasons: [
      ...explainScore({
        row,
        anomaly,
        gapPct,
        lowCop,
        highCop,
        comparables,
        fewComparables: isFew(comparables),
        expectedAreaM2,
      }),
      ...(explanation === null || parts === null
        ? []
        : explainPrice(row, midCop, explainDifference(explanation, row, predicted, parts))),
    ],
    redFlags: findRedFlags({
      ...{row, anomaly, midCop, facts, expectedAreaM2},
      comparables: comparables.count,
      fewComparables: isFew(comparables),
      contradiction: contradictStatedPlace(reference.statedPlaces, row),
    }),
    comparables: comparables.count,
  };
}

/**
 * Rules excluded impossible prices before; here the residuals decide: beyond the outer band, or with an area that
 * price, rooms and place contradict, an error candidate; between the bands below or above normal; inside the inner band
 * nothing. Similar homes must say the same: an advert that asks more a m² than they do isn't cheap, whatever the model
 * thinks.
 */
export function judgeResidual(
  residual: number,
  z: number,
  comparables: Comparables,
  ownPerM2: number,
  areaResidual: number,
): AnomalyKind {
  if (isAreaOdd(areaResidual)) return 'error_candidate';
  if (Math.abs(z) >= OUTER_Z && Math.abs(residual) >= OUTER_LOG) return 'error_candidate';
  if (Math.abs(z) < INNER_Z || Math.abs(residual) < INNER_LOG || isFew(comparables)) return 'none';
  if (residual < 0 !== ownPerM2 < (comparables.medianPerM2 ?? ownPerM2)) return 'none';
  return residual < 0 ? 'below_normal' : 'above_normal';
}

function isAreaOdd(areaResidual: number): boolean {
  return Math.abs(areaResidual) >= ODD_AREA_LOG;
}

function isFew({count}: Comparables): boolean {
  return count < ENOUGH_COMPARABLES;
}
