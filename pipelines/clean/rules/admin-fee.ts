import {foldText} from '../../../src/lib/spanish.ts';
import type {Draft, Rule} from './draft.ts';

/** COP a month. Fees of 1 to 1,000 are ways to fill a field; above 20 M no home pays. */
const LARGEST_EMPTY_FEE = 1000;
const LARGEST_FEE = 20e6;
/** A month of the dearest fees is 0.5 % of the price; from here on it is another number. */
const LARGEST_SHARE_OF_SALE = 0.02;

const FEE_INCLUDED =
  /(?<!\bno )\b(?:incluye|incluid[oa]s?)(?: el valor de)?(?: la| de)? admi(?:nistracion|on)?\b/;

/** The administration fee of each offer. It is never part of the price, and the price never part of it. */
export const judgeAdminFee: Rule = (draft, report) => {
  for (const offer of draft.offers) {
    const fee = offer.adminFeeCop;
    if (fee === null) continue;
    const field = `adminFeeCop.${offer.operation}`;
    if (fee === 0) {
      report('zero_not_stated', field, 'nulled', fee, 'portals write 0 for "not stated"');
    } else if (fee < 0 || !Number.isSafeInteger(Math.round(fee))) {
      report('admin_fee_overflow', field, 'nulled', fee, 'a number that did not fit its field');
    } else if (fee <= LARGEST_EMPTY_FEE) {
      report(
        'admin_fee_placeholder',
        field,
        'nulled',
        fee,
        `fees up to ${LARGEST_EMPTY_FEE} COP are placeholders`,
      );
    } else if (fee > LARGEST_FEE || isTooMuchOf(offer, fee)) {
      report('admin_fee_absurd', field, 'nulled', fee, 'over 20 M COP a month, or too much for the price');
    } else {
      offer.adminFeeCop = Math.round(fee);
      continue;
    }
    offer.adminFeeCop = null;
  }
};

function isTooMuchOf({operation, priceCop}: Draft['offers'][number], fee: number): boolean {
  if (priceCop === null) return false;
  return fee >= (operation === 'sale' ? LARGEST_SHARE_OF_SALE * priceCop : priceCop);
}

/** Rents whose text says that they hold the fee. Which of the two numbers is meant, the text doesn't say. */
export const flagIncludedFee: Rule = (draft, report) => {
  const {description} = draft;
  const offer = draft.offers.find(each => each.operation === 'rent' && each.priceCop !== null);
  if (offer === undefined || description === null || !/inclu/i.test(description)) return;
  const said = FEE_INCLUDED.exec(foldText(description))?.[0];
  if (said === undefined) return;
  report('admin_fee_included', 'price.rent', 'flagged', said, 'the rent may hold the administration fee');
};
