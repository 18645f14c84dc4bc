import {describe, expect, it} from 'vitest';
import {DIRT_RATES} from '../../../../src/simulator/market/dirt.ts';
import {createMarket, DEMO_MARKET} from '../../../../src/simulator/market/market.ts';
import {AGENCY_PINS} from '../../../../src/simulator/market/places.ts';
import {mangle} from '../../../../src/simulator/market/texts.ts';
import {type Advert, ERROR_KINDS, type ErrorKind} from '../../../../src/simulator/market/truth.ts';

const {truth} = createMarket(DEMO_MARKET);
const withError = (kind: ErrorKind): Advert[] =>
  truth.adverts.filter(advert => advert.labels.some(label => label.kind === kind));

describe('planted dirt', () => {
  it.each(ERROR_KINDS)('%s occurs, near its rate', kind => {
    const count = withError(kind).length;
    const expected = DIRT_RATES[kind] * truth.adverts.length;
    expect(count).toBeGreaterThan(0);
    // Five standard deviations of the count; rural kinds and those of homes with a floor differ by design.
    const slack = 5 * Math.sqrt(expected) + 3;
    if (kind !== 'stratum_code' && kind !== 'area_hectares')
      expect(Math.abs(count - expected)).toBeLessThan(slack);
  });

  it('states what its label says', () => {
    for (const advert of withError('coordinates_missing')) expect(advert.stated.point).toBeNull();
    for (const advert of withError('coordinates_shared_pin'))
      expect(AGENCY_PINS).toContainEqual(advert.stated.point);
    for (const advert of withError('coordinates_swapped')) {
      expect(advert.stated.point?.latitude).toBe(truth.property(advert).point.longitude);
    }
    for (const advert of withError('admin_fee_overflow')) expect(advert.stated.adminFeeCop).toBe(-1773790777);
    for (const advert of withError('stratum_code')) expect([0, 7, 100, 110]).toContain(advert.stated.stratum);
    for (const advert of withError('price_placeholder'))
      expect([1, 2, 123_456]).toContain(advert.stated.price);
    for (const advert of withError('area_zero')) expect(advert.stated.builtAreaM2).toBe(0);
    for (const advert of withError('floor_flat_number')) expect(advert.stated.floor).toBeGreaterThan(100);
    for (const advert of withError('currency_usd')) expect(advert.stated.currency).toBe('USD');
    for (const advert of withError('description_mojibake')) expect(advert.stated.description).toMatch(/√|¬/);
    for (const advert of withError('price_of_other_operation')) {
      const isSale = advert.operation === 'sale';
      expect(
        advert.stated.price < 20_000_000 === isSale || truth.property(advert).propertyType === 'land',
      ).toBe(true);
    }
  });

  it('repairs some prices typed in thousands by a factor of exactly 1,000', () => {
    const repaired = withError('price_in_thousands').filter(advert =>
      advert.labels.some(label => label.kind === 'price_in_thousands' && label.untilDay !== null),
    );
    expect(repaired.length).toBeGreaterThan(0);
    for (const advert of repaired) {
      const prices = truth.pricePath(advert.id).map(({price}) => price);
      expect(prices.slice(0, 2)).toEqual([advert.stated.price, advert.stated.price * 1000]);
    }
  });

  it('leaves adverts without labels honest', () => {
    for (const advert of truth.adverts.filter(({labels}) => labels.length === 0)) {
      const property = truth.property(advert);
      expect(Math.abs(advert.stated.builtAreaM2 - property.areaM2)).toBeLessThanOrEqual(1);
      expect(advert.stated.stratum).toBe(property.stratum);
      expect(advert.stated.point).toEqual(property.point);
    }
  });

  it('mangles as UTF-8 read in Mac Roman', () => {
    expect(mangle('Belén')).toBe('Bel√©n');
  });
});
