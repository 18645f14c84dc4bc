import {beforeAll, describe, expect, it} from 'vitest';
import type {FeatureRow} from '../../../src/domain/model.ts';
import {createRandom} from '../../../src/lib/random.ts';
import {fitAlgorithm, type PriceModel} from '../../../src/ml/algorithms.ts';
import {type Backend, loadBackend} from '../../../src/ml/backend.ts';
import {
  askCounterfactuals,
  BATHROOM_BOUND,
  type Counterfactual,
  WORDING_BOUND,
} from '../../../src/ml/counterfactuals.ts';
import {encoderColumns, fitEncoder, logPricePerM2} from '../../../src/ml/features.ts';
import {joinGroups} from '../../../src/ml/split.ts';
import {knownWorld} from '../../support/housing-world.ts';

/** Adverts whose words say nothing of the price. */
function wordedWorld(homes: number, seed: number): FeatureRow[] {
  const random = createRandom(`words/${seed}`);
  const words = [
    'con balcón',
    'cocina integral',
    'cerca del metro',
    'gran oportunidad',
    'hermosa vista',
    'patio',
  ];
  return knownWorld({homes, seed}).map((row, index) => ({
    ...row,
    description: `Aviso ${index} ${random
      .shuffle([...words])
      .slice(0, 3)
      .join(', ')} en el barrio`,
  }));
}

async function fitModel(
  rows: readonly FeatureRow[],
  algorithm: 'ridge_hedonic' | 'gbdt',
): Promise<PriceModel> {
  const group = joinGroups(rows);
  const {encoder, matrix} = fitEncoder(rows, group, 1);
  const set = {rows, target: logPricePerM2(rows), group, matrix, columns: encoderColumns(encoder)};
  return {encoder, parameters: await fitAlgorithm(algorithm, set, {backend: await loadBackend(), seed: 1})};
}

describe('askCounterfactuals', () => {
  const rows = wordedWorld(700, 2);
  let backend: Backend;
  beforeAll(async () => {
    backend = await loadBackend();
  });
  const ask = (model: PriceModel, of = rows) => askCounterfactuals(model, of, backend, 1);

  it.each(['ridge_hedonic', 'gbdt'] as const)(
    '%s: a bathroom more lowers no price by much, and loud words move none',
    async algorithm => {
      const [bathroom, ...wordings] = ask(await fitModel(rows, algorithm)) as [
        Counterfactual,
        ...Counterfactual[],
      ];
      expect(bathroom).toMatchObject({question: 'un baño más', bound: BATHROOM_BOUND, homes: 400});
      expect(bathroom.violations).toBeLessThanOrEqual(0.01 * bathroom.homes);
      // The world's own rule: + 7 %.
      expect(bathroom.median).toBeGreaterThan(0.03);
      expect(bathroom.median).toBeLessThan(0.1);
      expect(wordings.map(({question}) => question)).toContain('"oportunidad"');
      for (const {homes, bound, violations, worst} of wordings) {
        expect({homes, bound, violations}).toEqual({homes: 400, bound: WORDING_BOUND, violations: 0});
        expect(Math.abs(worst)).toBeLessThanOrEqual(WORDING_BOUND);
      }
    },
  );

  it('catches a model that listens to the advertiser', async () => {
    const praised = rows.map((row, index) =>
      index % 2 === 0
        ? row
        : {...row, priceCop: 1.3 * row.priceCop, description: `${row.description} negociable`},
    );
    const quiet = praised.map(row => ({
      ...row,
      description: row.description!.replace('gran oportunidad', ''),
    }));
    const found = ask(await fitModel(quiet, 'gbdt'), quiet).find(
      ({question}) => question === '"oportunidad"',
    )!;
    expect(found.violations).toBeGreaterThan(0.3 * found.homes);
    expect(found.worst).toBeGreaterThan(0.2);
  });

  it('catches a model by which bathrooms cost', async () => {
    const odd = rows.map(row => ({...row, priceCop: row.priceCop * Math.exp(-0.2 * (row.bathrooms ?? 0))}));
    const [bathroom] = ask(await fitModel(odd, 'gbdt'), odd);
    expect(bathroom!.violations).toBeGreaterThan(0.9 * bathroom!.homes);
    expect(bathroom!.worst).toBeLessThan(-0.1);
  });

  it('asks nothing of adverts without words, and the same homes each time', async () => {
    const model = await fitModel(rows, 'ridge_hedonic');
    const silent = rows.map(row => ({...row, description: null}));
    expect(
      ask(model, silent)
        .slice(1)
        .every(({homes, violations}) => homes === 0 && violations === 0),
    ).toBe(true);
    expect(ask(model)).toEqual(ask(model));
  });
});
