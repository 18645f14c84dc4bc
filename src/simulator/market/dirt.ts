/**
 * The usual dirt of portals, planted at measured rates and labelled.
 *
 * Rates are per advert, after the public data sets (Finca Raíz Medellín 2021 and 2023, Metrocuadrado 2021, Finca Raíz
 * Bogotá 2026-08). Kinds rarer than about 1 in 500 are raised to that, so that a demo of 2,500 adverts shows them.
 */
import type {Random} from '../../lib/random.ts';
import {AGENCY_PINS, FAR_POINTS} from './places.ts';
import {mangle} from './texts.ts';
import type {Advert, ErrorKind, Label, Property, Statement} from './truth.ts';

export const DIRT_RATES: Readonly<Record<ErrorKind, number>> = {
  coordinates_missing: 0.1, // 19.6 % of 2021, 6.7 % of 2023
  coordinates_shared_pin: 0.105, // 10.5 % of 2021, 24 % of 2023
  coordinates_swapped: 0.002, // 3 of 4,581
  coordinates_far_away: 0.012, // 1.9 % of 2021, 0.5 % of 2023
  admin_fee_one: 0.008, // 38 of 4,581
  admin_fee_overflow: 0.002, // 1 of 4,581
  stratum_code: 0.006, // 0: 14 of 7,743; 110: country houses
  bedrooms_zero: 0.0135, // 62 of 4,581
  bedrooms_negative: 0.002,
  price_placeholder: 0.003,
  price_in_thousands: 0.003, // 3 of 4,581
  price_of_other_operation: 0.003, // 29 sale prices in 12,698 rents
  area_hectares: 0.002,
  area_zero: 0.01, // 326 of 9,317 on Metrocuadrado
  floor_flat_number: 0.004,
  currency_usd: 0.002, // 1 of 31,252
  price_hidden: 0.003,
  project_from_price: 0.012,
  description_mojibake: 0.015, // 1,194 of 9,317 on Metrocuadrado
};

/** Integer overflow seen on a real advert. */
const OVERFLOWED_FEE = -1_773_790_777;

/** COP per USD that the simulated portal uses. */
export const COP_PER_USD = 3950;

interface Change {
  readonly field: keyof Statement;
  readonly values: Partial<Statement>;
}

type Spoiler = (
  stated: Statement,
  property: Property,
  advert: Pick<Advert, 'operation'>,
  random: Random,
) => Change | null;

const isDwelling = (property: Property): boolean => property.bedrooms > 0;

/** One error of a group hits an advert at most once: a price is not both a placeholder and in thousands. */
const SPOILERS: readonly (readonly (readonly [ErrorKind, Spoiler])[])[] = [
  [
    ['coordinates_missing', () => ({field: 'point', values: {point: null}})],
    [
      'coordinates_shared_pin',
      (_s, _p, _a, random) => ({field: 'point', values: {point: random.pick(AGENCY_PINS)}}),
    ],
    [
      'coordinates_swapped',
      (_s, {point}) => ({
        field: 'point',
        values: {point: {latitude: point.longitude, longitude: point.latitude}},
      }),
    ],
    [
      'coordinates_far_away',
      (_s, _p, _a, random) => ({field: 'point', values: {point: random.pick(FAR_POINTS)}}),
    ],
  ],
  [
    ['admin_fee_one', () => ({field: 'adminFeeCop', values: {adminFeeCop: 1}})],
    ['admin_fee_overflow', () => ({field: 'adminFeeCop', values: {adminFeeCop: OVERFLOWED_FEE}})],
  ],
  [
    [
      'stratum_code',
      (_s, property, _a, random) => {
        const stratum =
          property.propertyType === 'country_house'
            ? 110
            : random.weighted([
                [0, 3],
                [7, 1],
                [100, 1],
              ]);
        return {field: 'stratum', values: {stratum}};
      },
    ],
  ],
  [
    [
      'bedrooms_zero',
      (_s, property) => (isDwelling(property) ? {field: 'bedrooms', values: {bedrooms: 0}} : null),
    ],
    [
      'bedrooms_negative',
      (_s, property) => (isDwelling(property) ? {field: 'bedrooms', values: {bedrooms: -1}} : null),
    ],
  ],
  [
    [
      'price_placeholder',
      (_s, _p, _a, random) => ({field: 'price', values: {price: random.pick([1, 2, 123_456])}}),
    ],
    ['price_in_thousands', stated => ({field: 'price', values: {price: Math.round(stated.price / 1000)}})],
    [
      'price_of_other_operation',
      (_s, property, {operation}) => ({
        field: 'price',
        values: {
          price:
            operation === 'sale'
              ? Math.round(property.rentValueCop / 50_000) * 50_000
              : Math.round(property.saleValueCop / 1_000_000) * 1_000_000,
        },
      }),
    ],
    [
      'currency_usd',
      stated => ({
        field: 'price',
        values: {price: Math.round(stated.price / COP_PER_USD / 100) * 100, currency: 'USD'},
      }),
    ],
    ['price_hidden', () => ({field: 'hidePrice', values: {hidePrice: true}})],
  ],
  [
    [
      'area_hectares',
      (_s, property) => {
        const hectares = Number(((property.landAreaM2 ?? property.areaM2) / 10_000).toFixed(2));
        return property.propertyType === 'country_house' || property.propertyType === 'land'
          ? {field: 'builtAreaM2', values: {builtAreaM2: hectares, privateAreaM2: 0}}
          : null;
      },
    ],
    ['area_zero', () => ({field: 'builtAreaM2', values: {builtAreaM2: 0, privateAreaM2: 0}})],
  ],
  [
    [
      'floor_flat_number',
      (_s, {floor}, _a, random) =>
        floor === null ? null : {field: 'floor', values: {floor: floor * 100 + random.int(1, 6)}},
    ],
  ],
  [
    [
      'description_mojibake',
      stated => ({field: 'description', values: {description: mangle(stated.description)}}),
    ],
  ],
];

/** Rural homes carry some codes far more often than the market as a whole. */
function rateOf(kind: ErrorKind, property: Property): number {
  const isRural = property.propertyType === 'country_house' || property.propertyType === 'land';
  if (kind === 'stratum_code' && property.propertyType === 'country_house') return 0.3;
  if (kind === 'area_hectares' && isRural) return 0.06;
  return DIRT_RATES[kind];
}

export interface Spoiled {
  readonly stated: Statement;
  readonly labels: readonly Label[];
}

/** Applies at most one error of each group to an honest statement. */
export function spoil(
  random: Random,
  honest: Statement,
  property: Property,
  advert: Pick<Advert, 'operation'>,
): Spoiled {
  let stated = honest;
  const labels: Label[] = [];
  for (const group of SPOILERS) {
    let ticket = random.next();
    for (const [kind, spoilOne] of group) {
      ticket -= rateOf(kind, property);
      if (ticket >= 0) continue;
      const change = spoilOne(stated, property, advert, random);
      if (change !== null) {
        stated = {...stated, ...change.values};
        labels.push({kind, field: change.field, untilDay: null, ratio: null});
      }
      break;
    }
  }
  return {stated, labels};
}
