import {describe, expect, it} from 'vitest';
import {measureErrors} from '../../../src/ml/metrics.ts';
import {featureRow} from '../../support/housing-world.ts';

describe('measureErrors', () => {
  it('measures known errors', () => {
    const rows = [100, 200, 300, 400].map(priceCop => featureRow({priceCop}));
    const predicted = [105, 230, 300, 800].map(Math.log);
    const errors = measureErrors(rows, predicted, 0.75);
    expect(errors.mdape).toBeCloseTo(0.1, 12);
    expect(errors.maeCop).toBeCloseTo((5 + 30 + 0 + 400) / 4, 9);
    expect(errors).toMatchObject({within10: 0.5, within20: 0.75, coverage80: 0.75});
    expect(
      measureErrors(
        rows,
        rows.map(row => Math.log(row.priceCop)),
        null,
      ).r2Log,
    ).toBe(1);
  });
});
