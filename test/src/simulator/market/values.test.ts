import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../../src/lib/random.ts';
import {createProperty} from '../../../../src/simulator/market/properties.ts';
import {
  priceLevel,
  rentValueCop,
  saleValueCop,
  type ValueFacts,
} from '../../../../src/simulator/market/values.ts';

const flat: ValueFacts = {
  propertyType: 'apartment',
  municipality: 'medellin',
  municipalityCode: '05001',
  barrio: 'laureles',
  premium: 0,
  point: {latitude: 6.2447, longitude: -75.5953},
  stratum: 5,
  areaM2: 90,
  landAreaM2: null,
  bedrooms: 3,
  bathrooms: 2,
  parkingSpaces: 1,
  floor: 4,
  floorsCount: 8,
  ageYears: 10,
  amenities: [],
  adminFeeCop: 400_000,
};

describe('values', () => {
  it('rise with area, but less than in proportion', () => {
    const larger = saleValueCop({...flat, areaM2: 180}) / saleValueCop(flat);
    expect(larger).toBeGreaterThan(1.5);
    expect(larger).toBeLessThan(2);
  });

  it('fall with age and rise with floor, amenities and parking', () => {
    expect(saleValueCop({...flat, ageYears: 30})).toBeLessThan(saleValueCop(flat));
    for (const better of [{floor: 12}, {amenities: ['Ascensor']}, {parkingSpaces: 2}]) {
      expect(saleValueCop({...flat, ...better})).toBeGreaterThan(saleValueCop(flat));
      expect(rentValueCop({...flat, ...better})).toBeGreaterThan(rentValueCop(flat));
    }
  });

  it('fall beside the prison', () => {
    const beside = {...flat, point: {latitude: 6.3207, longitude: -75.5563}};
    const away = {...flat, point: {latitude: 6.3207, longitude: -75.5663}};
    expect(saleValueCop(beside)).toBeLessThan(saleValueCop(away));
  });

  it('ask 0.3–0.7 % of the sale value as monthly rent', () => {
    const random = createRandom('yield');
    for (let id = 1; id <= 200; id += 1) {
      const property = createProperty(random, id, 'rent');
      if (property.propertyType !== 'apartment') continue;
      const share = property.rentValueCop / property.saleValueCop;
      expect(share).toBeGreaterThan(0.003);
      expect(share).toBeLessThan(0.007);
    }
  });

  it('stand on a price level that is 1 in the first month and the same for every day of a month', () => {
    expect(priceLevel('s', '2026-09-01', '2026-09-30')).toBe(1);
    expect(priceLevel('s', '2026-09-01', '2026-12-01')).toBe(priceLevel('s', '2026-09-01', '2026-12-31'));
    expect(priceLevel('s', '2026-09-01', '2027-09-01')).toBeGreaterThan(1.03);
  });
});
