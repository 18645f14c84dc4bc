import type {RuleName} from '../../../src/domain/cleaning-rules.ts';
import {isWithinRange, priceBounds, pricePerM2Bounds} from './bounds.ts';
import type {Draft, Report, Rule} from './draft.ts';

export type DraftOffer = Draft['offers'][number];

/**
 * Digits typed to get past a form. 100,000,000 is not one (in three files its price per m²
 * is that of its neighbours), nor is 9,999,999, which is ten million less one.
 */
const REPEATED_DIGIT = /^([1-8])\1{4,}$/;
const COUNTED_DIGITS = '123456789';
const LARGEST_EMPTY_PRICE = 1000;

/** Numbers that stand for "a convenir": 0, 1, 123, 1111111. A stated zero is no price at all. */
export const refusePlaceholders: Rule = (draft, report) => {
  for (const offer of draft.offers) {
    const stated = offer.priceStated;
    if (stated === null) continue;
    if (!Number.isSafeInteger(Math.round(stated)) || stated < 0) {
      offer.priceStated = null;
      refusePrice(draft, offer, report, 'price_overflow', stated, 'a number that did not fit its field');
    } else if (stated === 0) {
      offer.priceStated = null;
      offer.priceCop = null;
      report('zero_not_stated', priceField(offer), 'nulled', stated, 'portals write 0 for "not stated"');
    } else {
      offer.priceStated = Math.round(stated);
      offer.priceCop = offer.priceStated;
      if (!isPlaceholder(offer)) continue;
      refusePrice(draft, offer, report, 'price_placeholder', stated, 'stands for "a convenir"');
    }
  }
};

/** Rents in thousands start at 80; below 10 nothing is a price, however it was meant. */
function isPlaceholder(offer: DraftOffer): boolean {
  const stated = offer.priceStated ?? 0;
  const digits = String(stated);
  if (REPEATED_DIGIT.test(digits) || (digits.length >= 3 && COUNTED_DIGITS.startsWith(digits))) return true;
  return offer.operation === 'sale' && offer.currency === 'COP' ? stated <= LARGEST_EMPTY_PRICE : stated < 10;
}

/** Prices in other currencies are kept as stated; there is no exchange rate here to make pesos of them. */
export const refuseForeignCurrency: Rule = (draft, report) => {
  for (const offer of draft.offers) {
    if (offer.currency === 'COP' || offer.priceCop === null) continue;
    refusePrice(draft, offer, report, 'foreign_currency', offer.priceCop, `stated in ${offer.currency}`);
  }
};

/** Prices and prices per m² that no property of the type has. Either the price or the area is wrong. */
export const judgePriceBounds: Rule = (draft, report) => {
  const type = draft.propertyType;
  if (type === null) return;
  for (const offer of draft.offers) {
    const price = offer.priceCop;
    if (price === null) continue;
    const bounds = priceBounds(offer.operation, type);
    if (price < bounds.low) {
      refusePrice(draft, offer, report, 'price_too_low', price, `below ${bounds.low} COP`);
    } else if (price > bounds.high) {
      refusePrice(draft, offer, report, 'price_too_high', price, `above ${bounds.high} COP`);
    } else if (draft.areaM2 !== null) {
      const perM2 = Math.round(price / draft.areaM2);
      if (isWithinRange(pricePerM2Bounds(offer.operation, type), perM2)) continue;
      refusePrice(
        draft,
        offer,
        report,
        'price_per_m2_range',
        price,
        `${perM2} COP/m²: price or area is wrong`,
      );
    }
  }
};

/** An advert without a believable price is kept, and kept out of statistics, unless a rule above has done so. */
export const requirePrice: Rule = (draft, report) => {
  const isExplained = ({correction}: DraftOffer) =>
    correction !== null && draft.exclusions.includes(correction);
  if (draft.offers.some(offer => offer.priceCop !== null || isExplained(offer))) return;
  report('no_price', 'price', 'excluded', null, 'no believable price in pesos');
};

/** Takes the price out of use. While another offer of the advert stands, the advert itself stays in use. */
export function refusePrice(
  draft: Draft,
  offer: DraftOffer,
  report: Report,
  rule: RuleName,
  value: number,
  message: string,
): void {
  offer.priceCop = null;
  offer.correction = rule;
  const hasOther = draft.offers.some(other => other !== offer && other.priceCop !== null);
  report(rule, priceField(offer), hasOther ? 'nulled' : 'excluded', value, message);
}

export function priceField(offer: DraftOffer): string {
  return `price.${offer.operation}`;
}
