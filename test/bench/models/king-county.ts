/**
 * Sales of King County (Washington, USA) as rows of the models: a control on closing prices, never part of a release.
 *
 * `priceCop` holds **US dollars** here, and areas are converted from square feet: models only see log price per m², so
 * the currency is a constant. What `FeatureRow` has no field for stands in columns beside the encoder's.
 */
import {z} from 'zod';
import type {FeatureRow} from '../../../src/domain/model.ts';
import {openTable} from '../../../src/imports/readers.ts';
import {KING_COUNTY_HOMES} from './filters.ts';

const M2_PER_SQUARE_FOOT = 0.092903;
const DAYS_PER_MONTH = 30.4375;
const FIRST_SALE = Date.UTC(2014, 4, 1);

const saleSchema = z.object({
  id: z.string(),
  date: z.string().regex(/^\d{8}T/),
  price: z.coerce.number().positive(),
  bedrooms: z.coerce.number(),
  bathrooms: z.coerce.number(),
  sqft_living: z.coerce.number().positive(),
  sqft_lot: z.coerce.number().positive(),
  floors: z.coerce.number(),
  waterfront: z.coerce.number(),
  view: z.coerce.number(),
  condition: z.coerce.number(),
  grade: z.coerce.number(),
  sqft_above: z.coerce.number().positive(),
  sqft_basement: z.coerce.number(),
  yr_built: z.coerce.number(),
  yr_renovated: z.coerce.number(),
  zipcode: z.string(),
  lat: z.coerce.number(),
  long: z.coerce.number(),
  sqft_living15: z.coerce.number().positive(),
  sqft_lot15: z.coerce.number().positive(),
});
type Sale = z.infer<typeof saleSchema>;

/** Columns that the encoder does not make, one list of numbers a row. */
export interface ExtraColumns {
  readonly names: readonly string[];
  readonly values: readonly (readonly number[])[];
}

const EXTRA: readonly (readonly [string, (sale: Sale) => number])[] = [
  ['grade', sale => sale.grade],
  ['condition', sale => sale.condition],
  ['view', sale => sale.view],
  ['waterfront', sale => sale.waterfront],
  ['storeys', sale => sale.floors],
  ['log_lot_m2', sale => Math.log(sale.sqft_lot * M2_PER_SQUARE_FOOT)],
  ['log_above_m2', sale => Math.log(sale.sqft_above * M2_PER_SQUARE_FOOT)],
  ['basement_share', sale => sale.sqft_basement / sale.sqft_living],
  ['years_since_works', sale => yearOf(sale) - Math.max(sale.yr_built, sale.yr_renovated)],
  ['is_renovated', sale => (sale.yr_renovated > 0 ? 1 : 0)],
  ['log_living_m2_of_15_near', sale => Math.log(sale.sqft_living15 * M2_PER_SQUARE_FOOT)],
  ['log_lot_m2_of_15_near', sale => Math.log(sale.sqft_lot15 * M2_PER_SQUARE_FOOT)],
  ['sale_month', sale => (dayOf(sale).getTime() - FIRST_SALE) / 86_400_000 / DAYS_PER_MONTH],
];

/** @throws ZodError naming the column when the file is not what its README says. */
export async function readKingCounty(path: string): Promise<{rows: FeatureRow[]; extra: ExtraColumns}> {
  const sales: Sale[] = [];
  const {columns, rows} = await openTable(path);
  for await (const {cells} of rows) {
    const sale = saleSchema.parse(Object.fromEntries(columns.map((name, at) => [name, cells[at]])));
    if (KING_COUNTY_HOMES.keeps(sale)) sales.push(sale);
  }
  return {
    rows: sales.map(toFeatureRow),
    extra: {names: EXTRA.map(([name]) => name), values: sales.map(sale => EXTRA.map(([, of]) => of(sale)))},
  };
}

function toFeatureRow(sale: Sale): FeatureRow {
  const age = Math.max(0, yearOf(sale) - sale.yr_built);
  return {
    // A home sold twice is one group of two rows.
    listingId: `king-county:sale:${sale.id}-${sale.date.slice(0, 8)}`,
    groupId: sale.id,
    operation: 'sale',
    propertyType: 'house',
    priceCop: sale.price,
    priceValidFrom: dayOf(sale),
    areaM2: sale.sqft_living * M2_PER_SQUARE_FOOT,
    municipality: 'King County',
    district: null,
    neighbourhood: sale.zipcode,
    // The assessor's grade 6 and less … 11 and more, as the class of six that the market features know.
    stratum: Math.min(Math.max(sale.grade - 5, 1), 6),
    bedrooms: sale.bedrooms,
    bathrooms: sale.bathrooms,
    parkingSpaces: null,
    floor: null,
    ageYearsMin: age,
    ageYearsMax: age,
    adminFeeCop: null,
    condition: null,
    latitude: sale.lat,
    longitude: sale.long,
    isSharedPin: false,
    amenities: [],
    description: null,
    nearestM: {},
    isSynthetic: false,
  };
}

function dayOf({date}: Sale): Date {
  return new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6, 8))));
}

function yearOf(sale: Sale): number {
  return dayOf(sale).getUTCFullYear();
}
