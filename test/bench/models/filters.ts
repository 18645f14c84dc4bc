/** Which rows of each file the models are compared on. A change here changes the split id that the bench prints. */
import type {FeatureRow} from '../../../src/domain/model.ts';

/** A rule in words, and the rule. */
export interface Filter<Row> {
  readonly text: string;
  readonly keeps: (row: Row) => boolean;
}

/**
 * Portal files: homes for sale that the clean stage found fit to learn from (it leaves out impossible prices and areas
 * by its own rules), within the bounds of the yardsticks in the files' README.
 */
export const SALE_HOMES: Filter<FeatureRow> = {
  text: 'homes for sale without exclusions of the clean stage, asking price 20 M to 20,000 M COP, 15 to 2,000 m²',
  keeps: ({operation, priceCop, areaM2}) =>
    operation === 'sale' && priceCop >= 20e6 && priceCop <= 20e9 && areaM2 >= 15 && areaM2 <= 2000,
};

/** King County: the known typing error (33 bedrooms on 1,620 square feet) and sales without rooms are left out. */
export const KING_COUNTY_HOMES: Filter<{bedrooms: number; bathrooms: number}> = {
  text: 'sales with 1 to 12 bedrooms and at least half a bathroom',
  keeps: ({bedrooms, bathrooms}) => bedrooms >= 1 && bedrooms <= 12 && bathrooms >= 0.5,
};
