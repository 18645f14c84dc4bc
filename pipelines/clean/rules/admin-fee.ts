import type {Rule} from './draft.ts';

/** COP a month. Fees of 1 to 1,000 are ways to fill a field; above 20 M no home pays. */
const LARGEST_EMPTY_FEE = 1000;
const LARGEST_FEE = 20e6;

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
    } else if (fee > LARGEST_FEE || (offer.priceCop !== null && fee > offer.priceCop)) {
      report('admin_fee_absurd', field, 'nulled', fee, 'more than 20 M COP a month, or more than the price');
    } else {
      offer.adminFeeCop = Math.round(fee);
      continue;
    }
    offer.adminFeeCop = null;
  }
};
