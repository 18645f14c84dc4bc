import {describe, expect, it} from 'vitest';
import {crossFitGlassBox, fitGlassBox, glassBoxCost, predictGlassBox} from '../../../src/ml/glass-box.ts';
import {measureErrors} from '../../../src/ml/metrics.ts';
import {splitFolds} from '../../../src/ml/split.ts';
import {knownWorld} from '../../support/housing-world.ts';

const rows = knownWorld({homes: 900, seed: 4});
const glass = fitGlassBox(rows);

describe('fitGlassBox', () => {
  const effectOf = (fact: string, level: string) =>
    glass.effects.find(each => each.fact === fact && each.level === level)!.effect;

  it('finds the effects the world was made with', () => {
    // + 0.07 a bathroom, + 0.12 with parking, + 0.10 for the pool; levels shrink a little.
    expect(effectOf('baños', '3') - effectOf('baños', '1')).toBeCloseTo(0.14, 1);
    expect(effectOf('parqueaderos', '1') - effectOf('parqueaderos', '0')).toBeCloseTo(0.12, 1);
    expect(effectOf('comodidad', 'piscina')).toBeCloseTo(0.1, 1);
    const poblado = effectOf('lugar', 'n:medellin/el poblado') + effectOf('estrato', '6');
    const manrique = effectOf('lugar', 'n:medellin/manrique') + effectOf('estrato', '2');
    expect(poblado - manrique).toBeCloseTo(1.05, 1);
  });

  it('counts the adverts of each level, and gives rare ones no effect', () => {
    const twoBaths = rows.filter(({bathrooms}) => bathrooms === 2).length;
    expect(glass.effects.find(each => each.fact === 'baños' && each.level === '2')?.rows).toBe(twoBaths);
    expect(Math.min(...glass.effects.map(each => each.rows))).toBeGreaterThanOrEqual(20);
    // Everybody has a lift: nothing can be learnt of it.
    expect(glass.effects.some(({level}) => level === 'ascensor')).toBe(false);
  });

  it('is a sum: the prediction is the base and the effects of the levels', () => {
    const row = rows[0]!;
    const moved = {...row, bathrooms: row.bathrooms === 1 ? 2 : 1};
    const [one, other] = predictGlassBox(glass, [row, moved]);
    const level = (bathrooms: number | null) => effectOf('baños', String(bathrooms));
    expect(other! - one!).toBeCloseTo(level(moved.bathrooms) - level(row.bathrooms), 9);
  });
});

describe('crossFitGlassBox', () => {
  const split = splitFolds(rows, 5, 1);
  const held = crossFitGlassBox(rows, split);

  it('predicts homes it never saw far better than a median would', () => {
    expect(measureErrors(rows, held, null).mdape).toBeLessThan(0.1);
    expect(measureErrors(rows, held, null).r2Log).toBeGreaterThan(0.9);
  });

  it('does not depend on the prices of the homes it predicts', () => {
    const dearer = rows.map((row, index) =>
      split.fold[index] === 2 ? {...row, priceCop: 3 * row.priceCop} : row,
    );
    const again = crossFitGlassBox(dearer, split);
    for (const index of rows.keys()) {
      if (split.fold[index] === 2) expect(again[index]).toBe(held[index]);
    }
  });

  it('says what it costs against another model, with an interval, the same each time', () => {
    const truth = Float64Array.from(
      rows,
      (row, index) => Math.log(row.priceCop) + (index % 2 ? 0.02 : -0.02),
    );
    const cost = glassBoxCost(rows, split.group, held, truth, 1);
    expect(cost.mdapeOfModel).toBeCloseTo(0.02, 3);
    expect(cost.cost).toBeCloseTo(cost.mdape - cost.mdapeOfModel, 12);
    expect(cost.low).toBeGreaterThan(0);
    expect(cost.high).toBeGreaterThan(cost.low);
    expect(cost.cost).toBeGreaterThan(cost.low);
    expect(cost.cost).toBeLessThan(cost.high);
    expect(glassBoxCost(rows, split.group, held, truth, 1)).toEqual(cost);
    expect(glassBoxCost(rows, split.group, held, held, 1)).toMatchObject({cost: 0, low: 0, high: 0});
  });
});
