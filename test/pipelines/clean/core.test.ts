import {describe, expect, test} from 'vitest';
import {cleanListing} from '../../../pipelines/clean/core.ts';
import type {Offer, StagedListing} from '../../../src/domain/listing.ts';
import {stagedListing} from '../../support/staged-listing.ts';

const sale = (price: number | null, changes: Partial<Offer> = {}): Offer[] => [
  {operation: 'sale', price, currency: 'COP', adminFeeCop: null, ...changes},
];
const rent = (price: number | null, changes: Partial<Offer> = {}): Offer[] => [
  {operation: 'rent', price, currency: 'COP', adminFeeCop: null, ...changes},
];

/** Findings as `rule field effect`. */
function findingsOf(changes: Partial<StagedListing>): string[] {
  return cleanListing(stagedListing(changes)).findings.map(
    ({rule, field, effect}) => `${rule} ${field} ${effect}`,
  );
}

test('a usual advert passes unchanged and without findings', () => {
  const {listing, findings} = cleanListing(stagedListing());
  expect(findings).toEqual([]);
  expect(listing).toMatchObject({areaM2: 80, stratum: 5, exclusions: []});
  expect(listing.offers).toEqual([
    {
      operation: 'sale',
      priceStated: 400_000_000,
      currency: 'COP',
      priceCop: 400_000_000,
      adminFeeCop: 300_000,
      correction: null,
    },
  ]);
});

describe('what each rule finds', () => {
  const cases: [string, Partial<StagedListing>, string[]][] = [
    ['estrato 0', {stratum: 0}, ['stratum_range stratum nulled']],
    ['estrato 7', {stratum: 7}, ['stratum_range stratum nulled']],
    ['estrato 110', {stratum: 110}, ['stratum_range stratum nulled']],
    ['estrato −5', {stratum: -5}, ['stratum_range stratum nulled']],
    ['estrato 6', {stratum: 6}, []],
    ['no bedrooms', {bedrooms: 0}, ['zero_not_stated bedrooms nulled']],
    ['253 bedrooms', {bedrooms: 253}, ['count_range bedrooms nulled']],
    ['40 bedrooms in a building', {propertyType: 'building', bedrooms: 40, builtAreaM2: 900}, []],
    ['2.5 bathrooms', {bathrooms: 2.5}, ['count_fraction bathrooms corrected']],
    ['floor 250', {floor: 250}, ['count_range floor nulled']],
    ['no photos', {photosCount: 0}, []],
    ['too many photos for the column', {photosCount: 70_000}, ['count_range photosCount nulled']],
    ['area 0', {builtAreaM2: 0}, ['zero_not_stated builtAreaM2 nulled', 'no_area areaM2 excluded']],
    ['area 1', {builtAreaM2: 1}, ['area_range builtAreaM2 nulled', 'no_area areaM2 excluded']],
    [
      'area 14,522,098',
      {builtAreaM2: 14_522_098},
      ['area_range builtAreaM2 nulled', 'no_area areaM2 excluded'],
    ],
    ['a private area that is a typing error', {privateAreaM2: 7000}, ['area_range privateAreaM2 nulled']],
    ['coordinates 0', {latitude: 0, longitude: 0}, ['coordinates_unstated coordinates nulled']],
    ['half a point', {longitude: null}, ['coordinates_unstated coordinates nulled']],
    ['Madrid', {latitude: 40.4, longitude: -3.7}, ['coordinates_abroad coordinates nulled']],
    ['swapped', {latitude: -75.59, longitude: 6.245}, ['coordinates_swapped coordinates corrected']],
    ['positive longitude', {longitude: 75.59}, ['longitude_sign coordinates corrected']],
    ['mojibake', {description: 'cerca a bel√©n'}, ['mojibake description corrected']],
    ['a project', {isProject: true}, ['project isProject excluded']],
    ['off plan', {isOffPlan: true}, ['off_plan isOffPlan excluded']],
    ['an auction', {isAuction: true}, ['auction isAuction excluded']],
    ['no type', {propertyType: null}, ['no_property_type propertyType excluded']],
    ['price 0', {offers: sale(0)}, ['zero_not_stated price.sale nulled', 'no_price price excluded']],
    ['no price', {offers: sale(null)}, ['no_price price excluded']],
    ['no offer', {offers: []}, ['no_price price excluded']],
    ['price 1', {offers: sale(1)}, ['price_placeholder price.sale excluded']],
    ['price 123', {offers: sale(123)}, ['price_placeholder price.sale excluded']],
    ['price 123456789', {offers: sale(123_456_789)}, ['price_placeholder price.sale excluded']],
    ['price 1111111', {offers: sale(1_111_111)}, ['price_placeholder price.sale excluded']],
    ['price 123,400,000 is a price', {offers: sale(123_400_000)}, []],
    ['price 100,000,000 is a price', {offers: sale(100_000_000), builtAreaM2: 45}, []],
    ['rent 9,999,999 is a price', {offers: rent(9_999_999), builtAreaM2: 350}, []],
    ['overflow', {offers: sale(-1_773_790_777)}, ['price_overflow price.sale excluded']],
    ['thousands', {offers: sale(350_000)}, ['price_in_thousands price.sale corrected']],
    ['rent in thousands', {offers: rent(1600)}, ['price_in_thousands price.rent corrected']],
    ['a rent as sale price', {offers: sale(2_000_000)}, ['rent_as_sale price.sale excluded']],
    ['a sale price as rent', {offers: rent(400_000_000)}, ['sale_as_rent price.rent excluded']],
    ['3,000,000 M', {offers: sale(3e12)}, ['price_too_high price.sale excluded']],
    [
      '480,000 for a plot',
      {propertyType: 'land', offers: sale(480_000)},
      ['price_too_low price.sale excluded'],
    ],
    [
      'far too cheap a m²',
      {offers: sale(50_000_000), builtAreaM2: 1900},
      ['price_per_m2_range price.sale excluded'],
    ],
    ['dollars', {offers: sale(150_000, {currency: 'USD'})}, ['foreign_currency price.sale excluded']],
    ['fee 0', {offers: sale(4e8, {adminFeeCop: 0})}, ['zero_not_stated adminFeeCop.sale nulled']],
    ['fee 1', {offers: sale(4e8, {adminFeeCop: 1})}, ['admin_fee_placeholder adminFeeCop.sale nulled']],
    [
      'fee overflow',
      {offers: sale(4e8, {adminFeeCop: -1_773_790_777})},
      ['admin_fee_overflow adminFeeCop.sale nulled'],
    ],
    [
      'fee of 1,486 M',
      {offers: sale(4e9, {adminFeeCop: 1.486e9}), builtAreaM2: 800},
      ['admin_fee_absurd adminFeeCop.sale nulled'],
    ],
    [
      'fee above the rent',
      {offers: rent(2e6, {adminFeeCop: 2.5e6})},
      ['admin_fee_absurd adminFeeCop.rent nulled'],
    ],
    [
      'hectares as m²',
      {propertyType: 'farm', builtAreaM2: 12, offers: sale(4e8)},
      ['hectares_as_m2 builtAreaM2 flagged'],
    ],
  ];
  test.each(cases)('%s', (_name, changes, expected) => {
    expect(findingsOf(changes)).toEqual(expected);
  });
});

describe('what is believed after a correction', () => {
  test('thousands are multiplied, what was stated stays', () => {
    const [offer] = cleanListing(stagedListing({offers: sale(350_000)})).listing.offers;
    expect(offer).toMatchObject({
      priceStated: 350_000,
      priceCop: 350_000_000,
      correction: 'price_in_thousands',
    });
  });

  test('dollars stay as stated and are no pesos', () => {
    const [offer] = cleanListing(stagedListing({offers: sale(150_000, {currency: 'USD'})})).listing.offers;
    expect(offer).toMatchObject({priceStated: 150_000, currency: 'USD', priceCop: null});
  });

  test('a swapped point is turned round', () => {
    const {listing} = cleanListing(stagedListing({latitude: -75.59, longitude: 6.245}));
    expect(listing).toMatchObject({latitude: 6.245, longitude: -75.59});
  });

  test('a refused offer beside a believable one does not exclude the advert', () => {
    const offers = [...sale(400_000_000), ...rent(400_000_000)];
    const {listing, findings} = cleanListing(stagedListing({offers}));
    expect(findings).toMatchObject([{rule: 'sale_as_rent', effect: 'nulled'}]);
    expect(listing.exclusions).toEqual([]);
  });

  test('two refused offers exclude it, in whatever order they were refused', () => {
    for (const offers of [
      [...sale(1), ...rent(0)],
      [...rent(0), ...sale(1)],
    ]) {
      expect(cleanListing(stagedListing({offers})).listing.exclusions.length).toBeGreaterThan(0);
    }
  });
});

test('without exclusions there is a type, an area and a price; with one there is a finding that says why', () => {
  const odd: Partial<StagedListing>[] = [
    {},
    {propertyType: null},
    {builtAreaM2: null},
    {offers: []},
    {offers: sale(5)},
    {isProject: true},
    {propertyType: 'land', builtAreaM2: null, landAreaM2: 600},
  ];
  for (const changes of odd) {
    const {listing, findings} = cleanListing(stagedListing(changes));
    const excluding = findings.filter(finding => finding.effect === 'excluded').map(finding => finding.rule);
    expect(listing.exclusions).toEqual(excluding);
    if (listing.exclusions.length > 0) continue;
    expect(listing.propertyType).not.toBeNull();
    expect(listing.areaM2).not.toBeNull();
    expect(listing.offers.some(offer => offer.priceCop !== null)).toBe(true);
  }
});
