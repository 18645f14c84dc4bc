import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import type {KnownStratum} from '../../../src/lib/stratum.ts';
import {
  confidenceOf,
  crossValidateStratum,
  fitStratumEstimator,
  measureReliability,
  scoreGuesses,
} from '../../../src/lib/stratum-estimator.ts';
import {ESTRATO_POINTS, readEstratoPoints} from '../../support/shared-estrato.ts';

function town(homesABlock: number, noise: number): KnownStratum[] {
  const random = createRandom(3);
  return Array.from({length: 400}, (_, block) => {
    const [column, row] = [block % 20, Math.floor(block / 20)];
    const stratum = random.next() < noise ? 1 + Math.floor(random.next() * 6) : 1 + Math.floor(column / 4);
    return Array.from({length: homesABlock}, () => ({
      latitude: 6.25 + row * 0.001,
      longitude: -75.57 + column * 0.001,
      stratum,
      blockCode: String(block),
      neighbourhoodCode: `${Math.floor(column / 10)}/${Math.floor(row / 10)}`,
    }));
  }).flat();
}

describe('holding out', () => {
  test('no home is guessed from its own block: single odd blocks are missed', () => {
    const guesses = crossValidateStratum(town(3, 0.1));
    const {exact} = scoreGuesses(guesses);
    expect(guesses).toHaveLength(1200);
    // A leak would find the odd ones too.
    expect(exact).toBeGreaterThan(0.7);
    expect(exact).toBeLessThan(0.93);
  });

  test('too few homes say nothing', () => {
    expect(fitStratumEstimator(town(1, 0).slice(0, 150))).toBeNull();
  });
});

test('confidence rises with the share of votes and stays within what was measured', () => {
  const guesses = Array.from({length: 1000}, (_, index) => {
    const share = index / 1000;
    const isRight = index % 10 < share * 10;
    return {stratum: isRight ? 3 : 4, guess: {stratum: 3, share}, commonest: undefined};
  });
  const reliability = measureReliability(guesses);
  const asked = [0, 0.1, 0.35, 0.6, 0.99, 1].map(share => confidenceOf(reliability, share));
  expect(asked).toEqual(asked.toSorted((a, b) => a - b));
  expect(Math.abs(confidenceOf(reliability, 0.5) - 0.5)).toBeLessThan(0.08);
  expect(reliability.reduce((sum, {homes}) => sum + homes, 0)).toBe(1000);
});

describe.skipIf(!existsSync(fileURLToPath(ESTRATO_POINTS)))('with ../shared/data/geo/estrato', () => {
  test('held-out blocks of Medellín: 78 % exact and 95.5 % within one, above the barrio’s commonest', async () => {
    const points = await readEstratoPoints();
    const guesses = crossValidateStratum(points);
    const scored = scoreGuesses(guesses);
    const baseline = scoreGuesses(guesses.map(({stratum, commonest}) => ({stratum, guess: commonest})));
    expect(guesses).toHaveLength(points.length);
    expect(scored.exact).toBeGreaterThanOrEqual(0.78);
    expect(scored.withinOne).toBeGreaterThanOrEqual(0.955);
    expect(scored.exact).toBeGreaterThan(baseline.exact);
    const gap = guesses.reduce(
      (sum, {confidence, guess, stratum}) => sum + confidence - (guess?.stratum === stratum ? 1 : 0),
      0,
    );
    expect(Math.abs(gap / guesses.length)).toBeLessThan(0.05);
  });
});
