/** What a home is worth to ask, from what its model, its comparables and its own asking price say. Pure. */
import type {ListingPrediction, ScoreReference} from '../../pipelines/score/core.ts';
import type {FeatureRow, ScoreReason} from '../domain/model.ts';
import {rangeOf} from '../ml/calibrate.ts';
import {
  type ComparableHome,
  type Comparables,
  ENOUGH_COMPARABLES,
  listComparables,
} from '../ml/comparables.ts';
import {explainDifference, type PriceDifference} from '../ml/explain.ts';
import {explainPrice} from '../ml/price-reasons.ts';
import {explainScore} from '../ml/reasons.ts';

/** Where an asking price stands. */
export interface Standing {
  readonly askingCop: number;
  /** (asking − mid) / mid × 100. */
  readonly gapPct: number;
  readonly position: 'below' | 'inside' | 'above';
  /** The strongest first. */
  readonly reasons: readonly ScoreReason[];
}

/** COP; the range holds 80 % of asking prices of such homes. */
export interface FairRange {
  readonly lowCop: number;
  readonly midCop: number;
  readonly highCop: number;
}

interface ValueBasis {
  readonly row: FeatureRow;
  readonly modelId: string;
  /** True: by folds of the training that never saw this home. */
  readonly isOutOfFold: boolean;
  /** The most alike first. */
  readonly comparables: Comparables & {readonly homes: readonly ComparableHome[]};
}

export type HomeValue = ValueBasis &
  (
    | {
        readonly status: 'valued';
        readonly range: FairRange;
        /** Null: the model can't say. */
        readonly difference: PriceDifference | null;
        /** The typical price of the area, then what makes the difference: as printed, the lines add up. */
        readonly reasons: readonly ScoreReason[];
        /** Null: no asking price is known. */
        readonly standing: Standing | null;
      }
    | {
        readonly status: 'insufficient_data';
        /** What is missing, Spanish. */
        readonly missing: readonly string[];
      }
  );

type ValueReference = Omit<ScoreReference, 'statedPlaces'>;

/** Values a predicted home; with fewer than eight comparables there is no range, only what is missing. */
export function valueHome(prediction: ListingPrediction, reference: ValueReference): HomeValue {
  const {row, modelId, predicted, isOutOfFold, parts} = prediction;
  const comparables = listComparables(reference.comparables, row);
  const basis = {row, modelId, isOutOfFold, comparables};
  if (comparables.count < ENOUGH_COMPARABLES)
    return {...basis, status: 'insufficient_data', missing: listMissing(row, comparables)};
  const {low, high} = rangeOf(reference.calibration, prediction);
  const range = {
    lowCop: Math.round(Math.exp(low)),
    midCop: Math.round(Math.exp(predicted)),
    highCop: Math.round(Math.exp(high)),
  };
  const {explanation} = reference;
  const difference =
    explanation === null || parts === null ? null : explainDifference(explanation, row, predicted, parts);
  return {
    ...basis,
    status: 'valued',
    range,
    difference,
    reasons: difference === null ? [] : explainPrice(row, range.midCop, difference),
    standing: row.priceCop > 0 ? standingOf(row, range, comparables) : null,
  };
}

/** Beside the range only: whether it is an anomaly is judged with all adverts at hand, by the score stage. */
function standingOf(
  row: FeatureRow,
  {lowCop, midCop, highCop}: FairRange,
  comparables: Comparables,
): Standing {
  const {priceCop} = row;
  const position = priceCop < lowCop ? 'below' : priceCop > highCop ? 'above' : 'inside';
  const gapPct = (priceCop / midCop - 1) * 100;
  const anomaly = position === 'inside' ? ('none' as const) : (`${position}_normal` as const);
  const facts = {row, anomaly, gapPct, lowCop, highCop, comparables};
  const reasons = explainScore({...facts, fewComparables: false, expectedAreaM2: null});
  return {askingCop: priceCop, gapPct, position, reasons};
}

function listMissing(row: FeatureRow, {count, radiusM}: Comparables): string[] {
  const missing = [
    `${ENOUGH_COMPARABLES} inmuebles comparables (mismo tipo, área ± 25 %, mismo estrato): hay ${count} a menos de ${radiusM / 1000} km`,
  ];
  if (row.latitude === null || row.isSharedPin)
    missing.push('un punto propio en el mapa: sin él solo se compara con el mismo barrio o municipio');
  if (row.neighbourhood === null && row.district === null) missing.push('el barrio o la comuna');
  return missing;
}
