import {describe, expect, it} from 'vitest';
import {parseSpokenPesos} from '../../../src/lib/money.ts';

describe('parseSpokenPesos', () => {
  it.each([
    ['450M', 450e6],
    ['450 m', 450e6],
    ['450 millones', 450e6],
    ['450 Millones de pesos', 450e6],
    ['$ 450.000.000', 450e6],
    ['450000000', 450e6],
    ['450,000,000 COP', 450e6],
    ['1.200 M', 1200e6],
    ['1,2 mil millones', 1.2e9],
    ['2,35 millones', 2_350_000],
    ['850 mil', 850_000],
    ['850k', 850_000],
    ['$1.850.000 pesos', 1_850_000],
  ])('%s', (text, pesos) => {
    expect(parseSpokenPesos(text)).toBe(pesos);
  });

  it.each(['450', '', 'M', '450 USD', '450 M 3', '-450M', '4.5.0 M', 'cuatrocientos', '99999999999999999 M'])(
    'refuses %s',
    text => {
      expect(parseSpokenPesos(text)).toBeNull();
    },
  );
});
