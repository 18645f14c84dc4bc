import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {PRICE_PARTS, type PriceDifference} from '../../../src/ml/explain.ts';
import {explainPrice, roundDifference} from '../../../src/ml/price-reasons.ts';
import {featureRow} from '../../support/housing-world.ts';

/** @param cops of location, stratum, area, rooms, condition, amenities, text, fees; those left out are 0. */
function differenceOf(cops: number[], typicalCop: number, restCop = 0): PriceDifference {
  const parts = PRICE_PARTS.map((part, index) => ({part, cop: cops[index] ?? 0}));
  return {typicalCop, typicalAreaM2: 74.6, typicalRows: 120, place: null, isOwnType: true, parts, restCop};
}

describe('explainPrice', () => {
  it('names the five largest parts and adds up the others', () => {
    const cops = [62.3e6, 8.1e6, -25.4e6, 5.2e6, 3.9e6, 0.4e6, 9.8e6, 2.2e6];
    const difference = {...differenceOf(cops, 334.5e6), place: 'Laureles'};
    expect(explainPrice(featureRow(), 401e6, difference)).toEqual([
      {
        code: 'typical_price',
        text: 'Un apartamento típico de Laureles (75 m²) se pide en 335 M; este se espera en 401 M',
      },
      {code: 'price_location', text: 'Ubicación y precios cercanos: +62 M'},
      {code: 'price_area', text: 'Área: −25 M'},
      {code: 'price_text', text: 'Lo que dice el aviso: +10 M'},
      {code: 'price_stratum', text: 'Estrato: +8 M'},
      {code: 'price_rooms', text: 'Alcobas, baños, parqueaderos y tipo: +5 M'},
      {code: 'price_rest', text: 'Lo demás: +6 M'},
    ]);
  });

  it('speaks of rents in finer units and of rare types as homes', () => {
    const row = featureRow({operation: 'rent', propertyType: 'house'});
    const cops = [300_000, 0, 44_000];
    const rent = explainPrice(row, 2_350_000, differenceOf(cops, 2_006_000));
    expect(rent.map(({text}) => text)).toEqual([
      'Una casa típica (75 m²) se pide en 2,01 M; este se espera en 2,35 M',
      'Ubicación y precios cercanos: +0,30 M',
      'Área: +0,04 M',
    ]);
    const small = explainPrice(row, 980_400, {...differenceOf([], 980_000), isOwnType: false});
    expect(small).toEqual([
      {
        code: 'typical_price',
        text: 'Un inmueble típico (75 m²) se pide en 980 mil; este se espera en 980 mil',
      },
    ]);
  });

  it('always adds up as printed', () => {
    const random = createRandom(1);
    const amountOf = (text: string, pattern: RegExp) => Number(pattern.exec(text)![1]!.replace(',', '.'));
    for (let trial = 0; trial < 200; trial++) {
      const cops = PRICE_PARTS.map(() => random.normal(0, 4e7));
      const rest = random.normal(0, 1e7);
      const typical = random.between(3e8, 5e8);
      const mid = cops.reduce((sum, cop) => sum + cop, typical + rest);
      if (mid < 1e8) continue;
      const [first, ...lines] = explainPrice(featureRow(), mid, differenceOf(cops, typical, rest));
      const printed = lines.reduce((sum, {text}) => {
        return sum + amountOf(text, /([\d,]+) M$/) * (text.includes('−') ? -1 : 1);
      }, 0);
      const gap = amountOf(first!.text, /en ([\d,]+) M$/) - amountOf(first!.text, /en ([\d,]+) M;/);
      expect(printed).toBe(gap);
      const rounded = roundDifference(mid, differenceOf(cops, typical, rest));
      const sum = rounded.lines.reduce((total, {cop}) => total + cop, rounded.typicalCop);
      expect(sum).toBe(rounded.midCop);
    }
  });
});
