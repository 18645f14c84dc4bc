import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../../src/lib/random.ts';
import {robustSd} from '../../../../src/lib/stats.ts';
import {fitResidualScale, residualScales} from '../../../../src/ml/anomaly/residual-scale.ts';
import {fitEncoder} from '../../../../src/ml/features.ts';
import {knownWorld} from '../../../support/housing-world.ts';

/** Homes whose residuals stray 5 % in Laureles and 25 % elsewhere. */
function loudAndQuiet(homes: number) {
  const random = createRandom('loud and quiet');
  return knownWorld({homes, seed: 5}).map(row => {
    const sd = row.neighbourhood === 'Laureles' ? 0.05 : 0.25;
    return {row, predicted: Math.log(row.priceCop) + sd * random.normal()};
  });
}
const homes = loudAndQuiet(1500);
const group = Int32Array.from(homes.keys());
const {encoder} = fitEncoder(
  homes.map(({row}) => row),
  group,
  1,
);
const residualOf = ({row, predicted}: (typeof homes)[number]) => Math.log(row.priceCop) - predicted;

describe('fitResidualScale', () => {
  const scale = fitResidualScale(homes, group, encoder, 1);
  const scales = residualScales(scale, homes);

  it('learns where residuals stray and where not', () => {
    const meanOf = (isQuiet: boolean) => {
      const own = homes.flatMap(({row}, at) =>
        (row.neighbourhood === 'Laureles') === isQuiet ? [scales[at]!] : [],
      );
      return own.reduce((sum, value) => sum + value, 0) / own.length;
    };
    expect(meanOf(true)).toBeLessThan(0.11);
    expect(meanOf(false)).toBeGreaterThan(0.2);
  });

  it('makes residuals comparable: a robust standard deviation of 1', () => {
    expect(robustSd(homes.map((home, at) => residualOf(home) / scales[at]!))).toBeCloseTo(1, 1);
  });

  it('does not let one absurd price explain itself away', () => {
    const at = homes.findIndex(({row}) => row.neighbourhood === 'Laureles');
    const spoilt = homes.map((home, index) =>
      index === at ? {...home, predicted: home.predicted + Math.log(10)} : home,
    );
    const own = residualScales(fitResidualScale(spoilt, group, encoder, 1), spoilt)[at]!;
    expect(own).toBeLessThan(2 * scales[at]!);
  });

  it('gives few homes one scale, the same seed the same bits, and nobody an error', () => {
    const few = homes.slice(0, 100);
    const one = fitResidualScale(few, group.slice(0, 100), encoder, 1);
    expect(one.trees).toBeNull();
    expect(new Set(residualScales(one, few)).size).toBe(1);
    expect(fitResidualScale(homes, group, encoder, 1)).toEqual(scale);
    expect(() => fitResidualScale([], new Int32Array(), encoder, 1)).toThrow(RangeError);
  });
});
