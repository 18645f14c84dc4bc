import {areaBounds, isLandType, isWithinRange, kindOf} from './bounds.ts';
import type {Draft, Rule} from './draft.ts';

const AREA_FIELDS = ['builtAreaM2', 'privateAreaM2', 'landAreaM2'] as const;

/** Land smaller than this, in m², is as likely a number of hectares. */
const SMALLEST_USUAL_PLOT_M2 = 60;
/** COP/m² above which a plot is either in hectares or a jewel: the dearest urban plots ask about 10 M. */
const DEAREST_USUAL_PLOT_PER_M2 = 12e6;
const M2_PER_HECTARE = 10_000;

/** Farms and plots of "5 m²" are of 5 hectares. Only noted: the bounds of area and price decide what to believe. */
export const flagHectares: Rule = (draft, report) => {
  if (draft.propertyType === null || kindOf(draft.propertyType) !== 'plot') return;
  const price = draft.offers.find(offer => offer.operation === 'sale')?.priceCop ?? null;
  for (const field of AREA_FIELDS) {
    const area = draft[field];
    if (area === null || area <= 0 || area >= SMALLEST_USUAL_PLOT_M2) continue;
    if (price === null || price / area < DEAREST_USUAL_PLOT_PER_M2) continue;
    report(
      'hectares_as_m2',
      field,
      'flagged',
      area,
      `as hectares this is ${price / (area * M2_PER_HECTARE)} COP/m²`,
    );
  }
};

/** Areas that can't be: 0 is "not stated", others are outside what the type can have. Then picks the area that counts. */
export const judgeAreas: Rule = (draft, report) => {
  for (const field of AREA_FIELDS) {
    const area = draft[field];
    if (area === null) continue;
    if (area === 0) {
      draft[field] = null;
      report('zero_not_stated', field, 'nulled', area, 'portals write 0 for "not stated"');
    } else if (!isPossible(draft, field, area)) {
      draft[field] = null;
      report('area_range', field, 'nulled', area, `impossible for ${draft.propertyType ?? 'a property'}`);
    }
  }
  draft.areaM2 = areaThatCounts(draft);
};

/** A home without a believable area has no price per m² and can't be compared. */
export const requireArea: Rule = (draft, report) => {
  if (draft.areaM2 === null) report('no_area', 'areaM2', 'excluded', null, 'no believable area');
};

function isPossible(draft: Draft, field: (typeof AREA_FIELDS)[number], area: number): boolean {
  if (!Number.isFinite(area) || area < 0) return false;
  if (draft.propertyType === null || field === 'landAreaM2') return area >= 2 && area <= 500e6;
  return isWithinRange(areaBounds(draft.propertyType), area);
}

/** Private, else built, else land for plots. */
function areaThatCounts(draft: Draft): number | null {
  return (
    draft.privateAreaM2 ?? draft.builtAreaM2 ?? (isLandType(draft.propertyType) ? draft.landAreaM2 : null)
  );
}
