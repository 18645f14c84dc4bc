import {describe, expect, it} from 'vitest';
import {explainScore, type ScoreFacts} from '../../../src/ml/reasons.ts';
import {featureRow} from '../../support/housing-world.ts';

const FACTS: ScoreFacts = {
  row: featureRow({priceCop: 248_000_000}),
  anomaly: 'below_normal',
  gapPct: -31.2,
  lowCop: 310_000_000,
  highCop: 420_000_000,
  comparables: {count: 14, medianPerM2: 4_500_000, radiusM: 1500},
  fewComparables: false,
  expectedAreaM2: null,
};

describe('explainScore', () => {
  it('says how far below, and against whom', () => {
    expect(explainScore(FACTS)).toEqual([
      {code: 'below_range', text: 'Pide 31 % menos de lo esperado (entre 310 M y 420 M)'},
      {
        code: 'below_comparables',
        text: '3,10 M por m² frente a 4,50 M: 31 % menos que 14 apartamentos parecidos cerca de Laureles, estrato 5',
      },
    ]);
  });

  it('speaks of rents in thousands a square metre', () => {
    const row = featureRow({operation: 'rent', priceCop: 1_600_000});
    const [gap, against] = explainScore({
      ...FACTS,
      row,
      lowCop: 2_100_000,
      highCop: 2_900_000,
      comparables: {count: 9, medianPerM2: 30_000, radiusM: 1500},
    });
    expect(gap?.text).toBe('Pide 31 % menos de lo esperado (entre 2,10 M y 2,90 M)');
    expect(against?.text).toContain('20 mil por m² frente a 30 mil');
  });

  it('says what the advert leaves open', () => {
    const row = featureRow({latitude: null, longitude: null, adminFeeCop: null, stratum: null});
    const codes = explainScore({...FACTS, row, fewComparables: true}).map(reason => reason.code);
    expect(codes).toEqual(['below_range', 'few_comparables', 'no_point', 'no_stratum', 'no_admin_fee']);
  });

  it('calls an error candidate one', () => {
    const [first] = explainScore({...FACTS, anomaly: 'error_candidate', gapPct: 912});
    expect(first).toEqual({
      code: 'likely_error',
      text: 'Pide 912 % más de lo esperado (entre 310 M y 420 M): parece un error de precio o de área',
    });
  });
});
