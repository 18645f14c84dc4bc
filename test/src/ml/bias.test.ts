import {describe, expect, it} from 'vitest';
import {measureBias} from '../../../src/ml/bias.ts';
import {knownWorld} from '../../support/housing-world.ts';

describe('measureBias', () => {
  const rows = knownWorld({homes: 600, seed: 6}).map((row, index) => ({
    ...row,
    district: index % 2 === 0 ? 'Laureles - Estadio' : null,
    stratum: index < 10 ? 1 : index % 3 === 0 ? null : row.stratum,
  }));
  // 10 % too much in estrato 6, right elsewhere but for noise without a median.
  const predicted = Float64Array.from(rows, ({priceCop, stratum}, index) => {
    const error = stratum === 6 ? Math.log(1.1) : 0;
    return Math.log(priceCop) + error + (((index * 37) % 101) - 50) / 1000;
  });
  const bias = measureBias(rows, predicted);
  const of = (by: string, segment: string) => bias.find(each => each.by === by && each.segment === segment);

  it('finds the segment for which the model says too much, and no other', () => {
    const rich = of('stratum', '6')!;
    expect(rich.bias).toBeCloseTo(0.1, 1);
    expect(rich.low).toBeGreaterThan(0.05);
    const sure = bias.filter(({by, low, high}) => by === 'stratum' && (low > 0 || high < 0));
    expect(sure.map(({segment}) => segment)).toEqual(['6']);
  });

  it('counts adverts, names those that state nothing, and leaves out tiny segments', () => {
    expect(of('stratum', '6')!.rows).toBe(rows.filter(({stratum}) => stratum === 6).length);
    expect(of('stratum', 'sin dato')!.rows).toBe(rows.filter(({stratum}) => stratum === null).length);
    expect(of('stratum', '1')).toBeUndefined();
    expect(of('district', 'Medellín / Laureles - Estadio')!.rows).toBe(300);
    expect(of('district', 'Medellín')!.rows).toBe(300);
    expect(of('type', 'apartment')!.rows).toBe(600);
  });
});
