import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {PRICE_PARTS, type PriceDifference} from '../../../src/ml/explain.ts';
import {explainPrice} from '../../../src/ml/price-reasons.ts';
import {featureRow} from '../../support/housing-world.ts';

function differenceOf(cops: number[], typicalCop: number, restCop = 0): PriceDifference {
  const parts = PRICE_PARTS.map((part, index) => ({part, cop: cops[index]!}));
  return {typicalCop, typicalAreaM2: 74.6, isOwnType: true, parts, restCop};
}

describe('explainPrice', () => {
  it('names the largest parts and adds up the others', () => {
    const cops = [62.3e6, -25.4e6, 0.4e6, 9.8e6, 3.9e6];
    expect(explainPrice(featureRow(), 401e6, differenceOf(cops, 350e6))).toEqual([
      {
        code: 'typical_price',
        text: 'Un apartamento típico (75 m²) se pide en 350 M; este se espera en 401 M',
      },
      {code: 'price_location', text: 'Ubicación, estrato y precios cercanos: +62 M'},
      {code: 'price_size', text: 'Área, espacios y tipo: −25 M'},
      {code: 'price_amenities', text: 'Comodidades y descripción: +10 M'},
      {code: 'price_rest', text: 'Lo demás: +4 M'},
    ]);
  });

  it('speaks of rents in finer units and of rare types as homes', () => {
    const row = featureRow({operation: 'rent', propertyType: 'house'});
    const cops = [300_000, 44_000, 0, 0, 0];
    const rent = explainPrice(row, 2_350_000, differenceOf(cops, 2_006_000));
    expect(rent.map(({text}) => text)).toEqual([
      'Una casa típica (75 m²) se pide en 2,01 M; este se espera en 2,35 M',
      'Ubicación, estrato y precios cercanos: +0,30 M',
      'Área, espacios y tipo: +0,04 M',
    ]);
    const small = explainPrice(row, 980_400, {...differenceOf([0, 0, 0, 0, 0], 980_000), isOwnType: false});
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
    }
  });
});
