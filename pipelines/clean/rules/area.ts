import {parseNumber} from '../../../src/lib/spanish.ts';
import {areaBounds, isLandType, isWithinRange, kindOf} from './bounds.ts';
import type {Draft, Report, Rule} from './draft.ts';
import {findAreas, statesDecimal, statesHectares} from './telling-words.ts';

const AREA_FIELDS = ['builtAreaM2', 'privateAreaM2', 'landAreaM2'] as const;

/** Land smaller than this, in m², is as likely a number of hectares. */
const SMALLEST_USUAL_PLOT_M2 = 60;
/** COP/m² above which a plot is either in hectares or a jewel: the dearest urban plots ask about 10 M. */
const DEAREST_USUAL_PLOT_PER_M2 = 12e6;
const M2_PER_HECTARE = 10_000;

/** Farms and plots of "5 m²" are of 5 hectares. Corrected where the text says so; else the bounds decide what to believe. */
export const judgeHectares: Rule = (draft, report) => {
  if (draft.propertyType === null || kindOf(draft.propertyType) !== 'plot') return;
  const price = draft.offers.find(offer => offer.operation === 'sale')?.priceCop ?? null;
  for (const field of AREA_FIELDS) {
    const area = draft[field];
    if (area === null || area <= 0 || area >= SMALLEST_USUAL_PLOT_M2) continue;
    if (price === null || price / area < DEAREST_USUAL_PLOT_PER_M2) continue;
    const isStated = statesHectares(draft, area);
    if (isStated) draft[field] = area * M2_PER_HECTARE;
    const perM2 = Math.round(price / (area * M2_PER_HECTARE));
    const said = isStated ? 'the text says hectares' : 'perhaps hectares';
    report(
      'hectares_as_m2',
      field,
      isStated ? 'corrected' : 'flagged',
      area,
      `${said}: then ${perM2} COP/m²`,
    );
  }
};

/** Homes whose area lost its decimal point. From 10 m² on. */
export const restoreDecimals: Rule = (draft, report) => {
  if (draft.propertyType === null || kindOf(draft.propertyType) !== 'home') return;
  for (const field of ['builtAreaM2', 'privateAreaM2'] as const) {
    const area = draft[field];
    if (area === null || area < 1000 || !Number.isInteger(area) || area % 100 === 0) continue;
    if (isCramped(draft, area / 100) || !statesDecimal(draft, area / 100)) continue;
    draft[field] = area / 100;
    report('area_lost_decimal', field, 'corrected', area, `the text says ${area / 100}`);
  }
};

/** Two figures for one area differ by rounding. */
const SAME_AREA_SHARE = 0.01;
const isSameArea = (a: number, b: number) => Math.abs(a - b) <= SAME_AREA_SHARE * b;

/** Houses whose stated area is that of the plot. */
export const judgePlot: Rule = (draft, report) => {
  const {propertyType, builtAreaM2: stated} = draft;
  if (stated === null || (propertyType !== 'house' && propertyType !== 'country_house')) return;
  const words = findAreas(draft);
  const plots = words.plots.flatMap(text => parseNumber(text) ?? []);
  const built = [...new Set(words.built.flatMap(text => parseNumber(text) ?? []))];
  if (!plots.some(plot => isSameArea(plot, stated)) || built.some(area => isSameArea(area, stated))) return;
  const [only] = built;
  if (
    only === undefined ||
    built.length > 1 ||
    !isPossible(draft, 'builtAreaM2', only) ||
    isCramped(draft, only)
  ) {
    report('plot_as_built', 'builtAreaM2', 'flagged', stated, 'the text gives this area for the plot');
    return;
  }
  draft.landAreaM2 ??= stated;
  draft.builtAreaM2 = only;
  report('plot_as_built', 'builtAreaM2', 'corrected', stated, `the plot; the text says ${only} m² built`);
};

/** Areas that can't be: 0 is "not stated", others are outside what the type can have or don't fit each other. */
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
  compareAreas(draft, report);
  draft.areaM2 = areaThatCounts(draft);
};

const LEAST_M2_A_BEDROOM = 6;

function compareAreas(draft: Draft, report: Report): void {
  for (const field of ['builtAreaM2', 'privateAreaM2'] as const) {
    const area = draft[field];
    if (area === null || !isCramped(draft, area)) continue;
    draft[field] = null;
    report('area_below_rooms', field, 'nulled', area, `too small for ${draft.bedrooms} bedrooms`);
  }
  const {builtAreaM2, privateAreaM2} = draft;
  if (builtAreaM2 === null || privateAreaM2 === null) return;
  if (privateAreaM2 <= builtAreaM2 * (1 + SAME_AREA_SHARE)) return;
  draft.privateAreaM2 = null;
  report(
    'private_above_built',
    'privateAreaM2',
    'nulled',
    privateAreaM2,
    `larger than the ${builtAreaM2} m² built`,
  );
}

/** One bedroom may be a studio of any size; of a rented room the bedrooms are those of the whole home. */
function isCramped({propertyType, bedrooms}: Draft, area: number): boolean {
  if (propertyType === null || propertyType === 'room' || kindOf(propertyType) !== 'home') return false;
  return bedrooms !== null && bedrooms >= 2 && area < LEAST_M2_A_BEDROOM * bedrooms;
}

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
