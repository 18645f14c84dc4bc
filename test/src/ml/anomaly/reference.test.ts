import {describe, expect, it} from 'vitest';
import {createRandom} from '../../../../src/lib/random.ts';
import {fitAnomalyReference, measureStraying} from '../../../../src/ml/anomaly/reference.ts';
import {fitEncoder} from '../../../../src/ml/features.ts';
import {joinGroups} from '../../../../src/ml/split.ts';
import {knownWorld} from '../../../support/housing-world.ts';

const random = createRandom('reference');
const world = knownWorld({homes: 600, seed: 2});
const outOfFold = Object.fromEntries(
  world.map(row => [row.listingId, Math.log(row.priceCop) + 0.1 * random.normal()]),
);
const {encoder} = fitEncoder(world, joinGroups(world), 1);
const reference = fitAnomalyReference(world, outOfFold, encoder, 1);
const strayedOf = (changes: object) => {
  const row = world[7]!;
  const predicted = Math.log(row.priceCop);
  return measureStraying(reference, [{row: {...row, ...changes}, predicted}])[0]!;
};

describe('measureStraying', () => {
  it('says how far a price strays, in log units and in what is usual', () => {
    const {residual, z, oddity} = strayedOf({priceCop: world[7]!.priceCop * 10});
    expect(residual).toBeCloseTo(Math.log(10), 6);
    expect(z).toBeGreaterThan(10);
    expect(oddity).toBeGreaterThan(10);
  });

  it('finds an area out of proportion where the price is usual', () => {
    const {residual, areaResidual, oddity} = strayedOf({areaM2: world[7]!.areaM2 * 10});
    expect(residual).toBe(0);
    expect(areaResidual).toBeGreaterThan(Math.log(4));
    expect(oddity).toBeGreaterThan(8);
  });

  it('finds nothing odd in an ordinary home', () => {
    expect(strayedOf({}).oddity).toBeLessThan(6);
  });
});

it('refuses a champion that learnt from none of the homes', () => {
  expect(() => fitAnomalyReference(world, {}, encoder, 1)).toThrow(/none of the 600 homes.*raiz stage train/);
});
