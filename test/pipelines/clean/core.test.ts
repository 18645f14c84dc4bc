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
    [
      'hectares as m², said by the text',
      {propertyType: 'land', builtAreaM2: 18, offers: sale(3.06e9), description: 'Lote de 18 has vía puerto'},
      ['hectares_as_m2 builtAreaM2 corrected'],
    ],
    [
      'other hectares in the text',
      {propertyType: 'land', builtAreaM2: 18, offers: sale(3.06e9), description: 'reserva de 118 has'},
      ['hectares_as_m2 builtAreaM2 flagged', 'price_per_m2_range price.sale excluded'],
    ],
    [
      'a trillion',
      {builtAreaM2: 157, offers: sale(980_000_000_000)},
      ['price_times_thousand price.sale corrected'],
    ],
    [
      'a rent times a thousand',
      {builtAreaM2: 90, offers: rent(1_700_000_000)},
      ['price_times_thousand price.rent corrected'],
    ],
    [
      'a trillion for offices whose thousandth is nothing',
      {builtAreaM2: 498, offers: sale(26_074_931_619)},
      ['price_too_high price.sale excluded'],
    ],
    [
      'rent and area run together',
      {builtAreaM2: 129, offers: rent(2_800_000_129)},
      ['price_joined_area price.rent corrected'],
    ],
    [
      'both boxes mixed up',
      {builtAreaM2: 111, offers: [...sale(3_800_000), ...rent(770_000_000)]},
      ['sale_and_rent_swapped price.sale corrected', 'sale_and_rent_swapped price.rent corrected'],
    ],
    [
      'both operations, both usual',
      {builtAreaM2: 111, offers: [...sale(770_000_000), ...rent(3_800_000)]},
      [],
    ],
    [
      'a rent in thousands under sale, by its text',
      {builtAreaM2: 77, offers: sale(300_000), description: 'disponible para arriendo sector la américa'},
      ['rent_as_sale price.sale excluded'],
    ],
    [
      'thousands of a home for sale that is let',
      {offers: sale(350_000), description: 'vendo apartamento, está en arriendo'},
      ['price_in_thousands price.sale corrected'],
    ],
    [
      'dollars by the text',
      {offers: sale(350_000), description: 'precio en USD, negociable'},
      ['foreign_currency price.sale excluded'],
    ],
    [
      'fee of a tenth of the price',
      {offers: sale(175e6, {adminFeeCop: 17.5e6}), builtAreaM2: 65},
      ['admin_fee_absurd adminFeeCop.sale nulled'],
    ],
    [
      'rent that holds the fee',
      {offers: rent(3.6e6), builtAreaM2: 112, description: 'valor $3,6 millones, (incluye administración)'},
      ['admin_fee_included price.rent flagged'],
    ],
    [
      'rent that does not',
      {offers: rent(3.6e6), builtAreaM2: 112, description: 'el canon no incluye administración'},
      [],
    ],
    [
      'a lost decimal point',
      {propertyType: 'house', builtAreaM2: 13_273, description: 'con un área de 132.73 mts'},
      ['area_lost_decimal builtAreaM2 corrected'],
    ],
    [
      'a lost decimal point of the plot',
      {propertyType: 'house', builtAreaM2: 10_240, description: 'una área de lote de 102.40 metros'},
      ['price_per_m2_range price.sale excluded'],
    ],
    [
      'a lost decimal point of the deed, beside what is built',
      {
        propertyType: 'house',
        builtAreaM2: 4246,
        description: 'por escritura 42.46 metros y construidos 90 mts',
      },
      ['price_per_m2_range price.sale excluded'],
    ],
    [
      'decimals of a terrace',
      {builtAreaM2: 1640, description: '149,20 metros, terraza cubierta 16,40 metros'},
      [],
    ],
    [
      'a plot as built area',
      {propertyType: 'house', builtAreaM2: 2240, description: 'lote de 2.240 mts y construidos 245 mts'},
      ['plot_as_built builtAreaM2 corrected'],
    ],
    [
      'a plot as built area, the built one not said',
      {propertyType: 'house', builtAreaM2: 350, description: 'en un lote de 350 m2'},
      ['plot_as_built builtAreaM2 flagged'],
    ],
    [
      'a plot beside its built area',
      {propertyType: 'house', builtAreaM2: 410, description: 'lote 1200 metros y 410 metros construidos'},
      [],
    ],
    [
      'three bedrooms in 14 m²',
      {builtAreaM2: 14},
      ['area_below_rooms builtAreaM2 nulled', 'no_area areaM2 excluded'],
    ],
    [
      'a room let in a home of six',
      {propertyType: 'room', builtAreaM2: 9, bedrooms: 6, offers: rent(420_000)},
      [],
    ],
    [
      'a plot as private area',
      {propertyType: 'house', builtAreaM2: 350, privateAreaM2: 8180},
      ['private_above_built privateAreaM2 nulled'],
    ],
    [
      'a private area of a part, the built one counts',
      {builtAreaM2: 72, privateAreaM2: 10},
      ['area_below_rooms privateAreaM2 nulled'],
    ],
    ['bedrooms −1', {bedrooms: -1}, ['count_range bedrooms nulled']],
    ['bedrooms 33', {bedrooms: 33}, ['count_range bedrooms nulled']],
    ['parking −2', {parkingSpaces: -2}, ['count_range parkingSpaces nulled']],
    ['parking 127', {parkingSpaces: 127}, ['count_range parkingSpaces nulled']],
    ['floor 502', {floor: 502}, ['count_range floor nulled']],
    ['age 915', {ageYearsMin: 915}, ['count_range ageYearsMin nulled']],
    ['estrato 100', {stratum: 100}, ['stratum_range stratum nulled']],
    ['mojibake of Windows', {description: 'ubicado en MedellÃ­n'}, ['mojibake description corrected']],
    ['mojibake of amenities', {amenities: ['balc√≥n']}, ['mojibake amenities corrected']],
    ['a trial', {title: 'Prueba botmaker'}, ['test_advert title excluded']],
    [
      'a trial, by its address',
      {url: 'https://toy.example/proyecto/prueba-botmaker/213'},
      ['test_advert url excluded'],
    ],
    ['windows proof against noise', {description: 'balcón, vidrios a prueba del ruido'}, []],
    ['rights', {description: 'Cesión de derechos de apartamento'}, ['rights_only description excluded']],
    ['rights to build', {description: 'con compra de derechos de construcción'}, []],
    ['rights to water', {description: 'tiene derecho a aguas de nacimiento'}, []],
    ['shared ownership', {description: 'finca en común y proindiviso'}, ['rights_only description excluded']],
    ['no shared ownership', {description: 'escritura, no proindiviso, no prefabricada'}, []],
    ['an auction by its text', {description: 'Remates Bancarios: casa'}, ['auction isAuction excluded']],
    ['a bargain', {description: 'hermosa finca, con valor de remate'}, []],
    ['off plan by its text', {description: 'apartamento sobre planos'}, ['off_plan isOffPlan excluded']],
    ['a pool off plan', {description: 'con piscina (jacuzzi y zona bbq sobre planos)'}, []],
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

  test('every repaired price keeps what was stated, and the rule', () => {
    const offersOf = (offers: Offer[], builtAreaM2: number) =>
      cleanListing(stagedListing({offers, builtAreaM2})).listing.offers.map(
        ({priceStated, priceCop, correction}) => [priceStated, priceCop, correction],
      );
    expect(offersOf(sale(980_000_000_000), 157)).toEqual([
      [980_000_000_000, 980_000_000, 'price_times_thousand'],
    ]);
    expect(offersOf(rent(2_800_000_129), 129)).toEqual([[2_800_000_129, 2_800_000, 'price_joined_area']]);
    expect(offersOf([...sale(3_800_000), ...rent(770_000_000)], 111)).toEqual([
      [3_800_000, 770_000_000, 'sale_and_rent_swapped'],
      [770_000_000, 3_800_000, 'sale_and_rent_swapped'],
    ]);
  });

  test('a plot given as built area moves to its place; the built area of the text counts', () => {
    const description = 'área de lote 1.300 mts aproximadamente, área construida 432 mts';
    const {listing} = cleanListing(stagedListing({propertyType: 'house', builtAreaM2: 1300, description}));
    expect(listing).toMatchObject({builtAreaM2: 432, landAreaM2: 1300, areaM2: 432});
  });

  test('a private area above the built one leaves the built one to count', () => {
    const changes = {propertyType: 'house', builtAreaM2: 350, privateAreaM2: 8180} as const;
    expect(cleanListing(stagedListing(changes)).listing).toMatchObject({areaM2: 350, privateAreaM2: null});
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
