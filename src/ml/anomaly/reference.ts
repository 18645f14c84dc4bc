/** What an advert is judged against, fitted on the homes its champion learnt from. */
import {ModelError} from '../../domain/errors.ts';
import type {FeatureRow} from '../../domain/model.ts';
import type {Encoder} from '../features.ts';
import {joinGroups} from '../split.ts';
import {areaResiduals, type ExpectedArea, fitExpectedArea} from './expected-area.ts';
import {fitResidualScale, type PricedHome, type ResidualScale, residualScales} from './residual-scale.ts';
import {fitStatedPlaces, type StatedPlaces} from './stated-place.ts';

export interface AnomalyReference {
  readonly residualScale: ResidualScale;
  readonly expectedArea: ExpectedArea;
  readonly statedPlaces: StatedPlaces;
}

/**
 * @param rows homes of one operation at their present prices.
 * @param outOfFold log COP by listing, from folds that never saw the home; those without are left out of the scale.
 * @param encoder of the champion.
 * @throws ModelError when no home has one.
 */
export function fitAnomalyReference(
  rows: readonly FeatureRow[],
  outOfFold: Readonly<Record<string, number>>,
  encoder: Encoder,
  seed: number,
): AnomalyReference {
  const judged = rows.filter(row => outOfFold[row.listingId] !== undefined);
  if (judged.length === 0)
    throw new ModelError(
      `the champion learnt from none of the ${rows.length} homes on offer: nothing tells how far it strays. Train again: \`raiz stage train\`.`,
    );
  const homes = judged.map(row => ({row, predicted: outOfFold[row.listingId] ?? Number.NaN}));
  return {
    residualScale: fitResidualScale(homes, joinGroups(judged), encoder, seed),
    expectedArea: fitExpectedArea(rows, joinGroups(rows), seed),
    statedPlaces: fitStatedPlaces(rows),
  };
}

/** How far a home's price and area stray, in log units and in what is usual. */
export interface Strayed {
  /** Log asking price less log expected price. */
  readonly residual: number;
  /** The same in standard deviations of homes like it. */
  readonly z: number;
  /** Log stated area less log expected area. */
  readonly areaResidual: number;
  /** How much likelier than usual price or area are wrong, whichever strays more: orders error candidates. */
  readonly oddity: number;
}

/**
 * An error strays by whole factors, in a quiet segment as in a loud one: its order takes the middle (the geometric
 * mean) between the scale of homes like it and that of all.
 */
export function measureStraying(
  {residualScale, expectedArea}: AnomalyReference,
  homes: readonly PricedHome[],
): Strayed[] {
  const scales = residualScales(residualScale, homes);
  const areas = areaResiduals(
    expectedArea,
    homes.map(({row}) => row),
  );
  return homes.map((home, at) => {
    const residual = Math.log(home.row.priceCop) - home.predicted;
    const scale = scales[at] ?? residualScale.whole;
    const areaResidual = areas[at] ?? 0;
    const furthest = Math.max(Math.abs(residual), Math.abs(areaResidual));
    return {
      ...{residual, areaResidual},
      z: residual / scale,
      oddity: furthest / Math.sqrt(scale * residualScale.whole),
    };
  });
}
