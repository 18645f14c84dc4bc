import type {Offer} from '../listing.ts';
import {defineRules} from './rule.ts';

const sale = (price: number, changes: Partial<Offer> = {}): Offer => ({
  ...{operation: 'sale', price, currency: 'COP', adminFeeCop: null},
  ...changes,
});
const rent = (price: number, changes: Partial<Offer> = {}): Offer => ({
  ...sale(price),
  operation: 'rent',
  ...changes,
});

/** Prices and fees. The stated price always stays beside the believed one, with the rule's name. */
export const PRICE_RULES = defineRules({
  price_placeholder: {
    effects: ['excluded', 'nulled'],
    sees: 'a price that is one repeated digit (1111111), counted digits (123456789), a sale of at most 1,000 COP or a rent below 10',
    does: 'takes the price out of use',
    why: 'it stands for "a convenir": the form demanded a number',
    example: {given: {offers: [sale(1)]}, field: 'price.sale', value: '1', result: 'null'},
  },
  price_overflow: {
    effects: ['excluded', 'nulled'],
    sees: 'a negative price or one beyond 2⁵³',
    does: 'takes the price out of use',
    why: 'the number did not fit the portal’s field (32-bit integers turn negative)',
    example: {
      given: {offers: [sale(-1_773_790_777)]},
      field: 'price.sale',
      value: '-1773790777',
      result: 'null',
    },
  },
  foreign_currency: {
    effects: ['excluded', 'nulled'],
    sees: 'a price in another currency, or one too low for pesos in an advert that speaks of dollars',
    does: 'keeps the price as stated; no price in pesos',
    why: 'there is no exchange rate of the day here, and a guess would stand among real prices',
    example: {
      given: {offers: [sale(150_000, {currency: 'USD'})]},
      field: 'price.sale',
      value: '150000',
      result: 'null',
    },
  },
  price_in_thousands: {
    effects: ['corrected'],
    sees: 'a home’s price below the possible whose thousandfold is usual for its area (sale 0.8–15 M COP/m², rent 8,500–80,000), and whose text does not offer it for rent only',
    does: 'multiplies by 1,000',
    why: 'people type "795.000" and mean thousands of pesos; one such advert of 2021 was later repaired by its advertiser, by just that factor',
    example: {given: {offers: [sale(350_000)]}, field: 'price.sale', value: '350000', result: '350000000'},
  },
  price_times_thousand: {
    effects: ['corrected'],
    sees: 'a home’s price above the possible whose thousandth is usual for its area',
    does: 'divides by 1,000',
    why: 'three zeros too many; the stated price is that of an office tower',
    example: {
      given: {offers: [sale(393_000_000_000)], builtAreaM2: 93},
      field: 'price.sale',
      value: '393000000000',
      result: '393000000',
    },
  },
  price_joined_area: {
    effects: ['corrected'],
    sees: 'a home’s price above the possible that ends in its own area, the rest being a usual price',
    does: 'cuts the area off',
    why: 'two fields ran together when the page was read',
    example: {
      given: {offers: [rent(2_800_000_129)], builtAreaM2: 129},
      field: 'price.rent',
      value: '2800000129',
      result: '2800000',
    },
  },
  sale_and_rent_swapped: {
    effects: ['corrected'],
    sees: 'both offers of a home, the sale at a usual rent and the rent at a usual sale price',
    does: 'exchanges the two prices',
    why: 'the two boxes of the form were mixed up; each price fits only the other',
    example: {
      given: {offers: [sale(3_800_000), rent(770_000_000)], builtAreaM2: 111},
      field: 'price.sale',
      value: '3800000',
      result: '770000000',
    },
  },
  rent_as_sale: {
    effects: ['excluded', 'nulled'],
    sees: 'a home’s sale price below the possible that is a usual rent for its area, or whose text offers it for rent only',
    does: 'takes the price out of use',
    why: 'a home to let under "venta" would be the cheapest of the city',
    example: {given: {offers: [sale(2_000_000)]}, field: 'price.sale', value: '2000000', result: 'null'},
  },
  sale_as_rent: {
    effects: ['excluded', 'nulled'],
    sees: 'a home’s rent that is a usual sale price for its area',
    does: 'takes the price out of use',
    why: 'a home for sale under "arriendo" would be the dearest rent of the city',
    example: {given: {offers: [rent(400_000_000)]}, field: 'price.rent', value: '400000000', result: 'null'},
  },
  price_too_low: {
    effects: ['excluded', 'nulled'],
    sees: 'a price below what any property of the kind asks (home: sale 20 M COP, rent 80,000)',
    does: 'takes the price out of use',
    why: 'no repair is sure enough',
    example: {
      given: {propertyType: 'land', offers: [sale(480_000)]},
      field: 'price.sale',
      value: '480000',
      result: 'null',
    },
  },
  price_too_high: {
    effects: ['excluded', 'nulled'],
    sees: 'a price above what any property of the kind asks (home: sale 20,000 M COP, rent 60 M)',
    does: 'takes the price out of use',
    why: 'no repair is sure enough',
    example: {
      given: {offers: [sale(35_000_000_000)]},
      field: 'price.sale',
      value: '35000000000',
      result: 'null',
    },
  },
  price_per_m2_range: {
    effects: ['excluded', 'nulled'],
    sees: 'a price per m² that no property of the kind has (home: sale 0.15–40 M COP/m², rent 1,500–300,000)',
    does: 'takes the price out of use',
    why: 'price or area is wrong, and nothing says which',
    example: {
      given: {propertyType: 'house', offers: [sale(48_000_000)], builtAreaM2: 4800},
      field: 'price.sale',
      value: '48000000',
      result: 'null',
    },
  },
  no_price: {
    effects: ['excluded'],
    sees: 'an advert left without any price in pesos that can be believed, by no rule above',
    does: 'keeps it out of statistics and models',
    why: 'there is nothing to compare',
    example: {given: {offers: []}, field: 'price', value: '', result: 'null'},
  },
  admin_fee_overflow: {
    effects: ['nulled'],
    sees: 'a negative administration fee or one beyond 2⁵³',
    does: 'empties the fee',
    why: 'the number did not fit the portal’s field',
    example: {
      given: {offers: [sale(4e8, {adminFeeCop: -1_773_790_777})]},
      field: 'adminFeeCop.sale',
      value: '-1773790777',
      result: 'null',
    },
  },
  admin_fee_placeholder: {
    effects: ['nulled'],
    sees: 'an administration fee of 1 to 1,000 COP a month',
    does: 'empties the fee',
    why: 'it fills a field (1) or is short for thousands (530): which, nobody can say',
    example: {
      given: {offers: [sale(4e8, {adminFeeCop: 1})]},
      field: 'adminFeeCop.sale',
      value: '1',
      result: 'null',
    },
  },
  admin_fee_absurd: {
    effects: ['nulled'],
    sees: 'an administration fee above 20 M COP a month, as high as the price, or above 2 % of a sale price',
    does: 'empties the fee; the price stays as it is',
    why: 'the price or the cadastral value was typed into the fee, or a zero too many',
    example: {
      given: {offers: [sale(4e8, {adminFeeCop: 4e8})]},
      field: 'adminFeeCop.sale',
      value: '400000000',
      result: 'null',
    },
  },
  admin_fee_included: {
    effects: ['flagged'],
    sees: 'a rent whose text says that the administration fee is in it',
    does: 'notes it; rent and fee stay as stated',
    why: 'texts say so of rents whose fee is stated apart as well, so nothing is ever subtracted',
    example: {
      given: {offers: [rent(2e6)], description: 'Canon: $2.000.000, incluye administración'},
      field: 'price.rent',
      value: 'incluye administracion',
      result: '2000000',
    },
  },
});
