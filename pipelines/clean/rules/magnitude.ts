/**
 * Magnitudes of homes' prices. A price is touched only when the stated one is impossible, and corrected only when the
 * repaired one is usual for the area: between a usual rent and a usual sale lies a factor of ten.
 */
import type {RuleName} from '../../../src/domain/cleaning-rules.ts';
import type {Operation, PropertyType} from '../../../src/domain/vocabulary.ts';
import {
  isWithinRange,
  kindOf,
  priceBounds,
  pricePerM2Bounds,
  USUAL_HOME_PER_M2,
  USUAL_HOME_PRICE,
} from './bounds.ts';
import type {Draft, Report, Rule} from './draft.ts';
import {type DraftOffer, priceField, refusePrice} from './price.ts';
import {offersRentOnly, speaksOfDollars} from './telling-words.ts';

/** A price of a home with a type and an area. */
interface Case {
  readonly draft: Draft;
  readonly offer: DraftOffer;
  readonly type: PropertyType;
  readonly areaM2: number;
  readonly priceCop: number;
  readonly report: Report;
}

/** Thousands typed as pesos and three zeros too many, prices of the other operation, a price with its area behind it. */
export const judgeMagnitude: Rule = (draft, report) => {
  const {propertyType: type, areaM2} = draft;
  if (type === null || areaM2 === null || kindOf(type) !== 'home') return;
  if (exchangeOffers(draft, areaM2, report)) return;
  for (const offer of draft.offers) {
    const {priceCop} = offer;
    if (priceCop === null || isBelievable(offer.operation, type, areaM2, priceCop)) continue;
    const each = {draft, offer, type, areaM2, priceCop, report};
    if (offer.operation === 'sale') judgeSale(each);
    else judgeRent(each);
  }
};

function judgeSale(each: Case): void {
  const {draft, offer, type, areaM2, priceCop, report} = each;
  const {low, high} = priceBounds('sale', type);
  if (priceCop > high) {
    correctBy('price_times_thousand', priceCop / 1000, each);
  } else if (priceCop >= low) {
    return;
  } else if (speaksOfDollars(draft)) {
    refusePrice(
      draft,
      offer,
      report,
      'foreign_currency',
      priceCop,
      'too low for pesos; the text speaks of dollars',
    );
  } else if (isUsual('rent', priceCop, areaM2) || offersRentOnly(draft)) {
    refusePrice(draft, offer, report, 'rent_as_sale', priceCop, 'a rent, stated as a sale price');
  } else {
    correctBy('price_in_thousands', priceCop * 1000, each);
  }
}

function judgeRent(each: Case): void {
  const {draft, offer, type, areaM2, priceCop, report} = each;
  if (isUsual('sale', priceCop, areaM2) && priceCop >= priceBounds('sale', type).low) {
    refusePrice(draft, offer, report, 'sale_as_rent', priceCop, 'a usual sale price, stated as a rent');
  } else if (priceCop <= priceBounds('rent', type).high) {
    correctBy('price_in_thousands', priceCop * 1000, each);
  } else {
    const joined = withoutAreaBehind(priceCop, areaM2);
    if (joined === null || !correctBy('price_joined_area', joined, each))
      correctBy('price_times_thousand', priceCop / 1000, each);
  }
}

/** 2800000129 of 129 m² → 2800000. */
function withoutAreaBehind(priceCop: number, areaM2: number): number | null {
  const [digits, area] = [String(priceCop), String(Math.round(areaM2))];
  return digits.endsWith(area) && digits.length > area.length ? Number(digits.slice(0, -area.length)) : null;
}

const REPAIRS = {
  price_in_thousands: 'stated in thousands of pesos: × 1,000',
  price_times_thousand: 'three zeros too many: ÷ 1,000',
  price_joined_area: 'the area stood behind the price',
} as const satisfies Partial<Record<RuleName, string>>;

/** @returns whether the repaired price is usual; otherwise nothing happens, and the bounds decide. */
function correctBy(
  rule: keyof typeof REPAIRS,
  repaired: number,
  {offer, areaM2, priceCop, report}: Case,
): boolean {
  if (!Number.isInteger(repaired) || !isUsual(offer.operation, repaired, areaM2)) return false;
  if (!isWithinRange(USUAL_HOME_PRICE[offer.operation], repaired)) return false;
  offer.priceCop = repaired;
  offer.correction = rule;
  report(rule, priceField(offer), 'corrected', priceCop, REPAIRS[rule]);
  return true;
}

/** Both boxes mixed up: each price is usual for the other operation only. */
function exchangeOffers(draft: Draft, areaM2: number, report: Report): boolean {
  const sale = draft.offers.find(offer => offer.operation === 'sale');
  const rent = draft.offers.find(offer => offer.operation === 'rent');
  const [saleCop, rentCop] = [sale?.priceCop ?? null, rent?.priceCop ?? null];
  if (sale === undefined || rent === undefined || saleCop === null || rentCop === null) return false;
  if (!isUsual('rent', saleCop, areaM2) || !isUsual('sale', rentCop, areaM2)) return false;
  for (const [offer, stated, believed] of [
    [sale, saleCop, rentCop],
    [rent, rentCop, saleCop],
  ] as const) {
    offer.priceCop = believed;
    offer.correction = 'sale_and_rent_swapped';
    report(
      'sale_and_rent_swapped',
      priceField(offer),
      'corrected',
      stated,
      'sale price and rent were mixed up',
    );
  }
  return true;
}

function isUsual(operation: Operation, priceCop: number, areaM2: number): boolean {
  return isWithinRange(USUAL_HOME_PER_M2[operation], priceCop / areaM2);
}

function isBelievable(operation: Operation, type: PropertyType, areaM2: number, priceCop: number): boolean {
  return (
    isWithinRange(priceBounds(operation, type), priceCop) &&
    isWithinRange(pricePerM2Bounds(operation, type), priceCop / areaM2)
  );
}
