import {beforeAll, describe, expect, it} from 'vitest';
import {
  openTraining,
  refuseMixture,
  type Training,
  type TrainingSettings,
  trainOperation,
} from '../../../pipelines/train/core.ts';
import {ModelError} from '../../../src/domain/errors.ts';
import {isYardstick, predictLogPrices} from '../../../src/ml/algorithms.ts';
import {packArtifact, unpackArtifact} from '../../../src/ml/artifact.ts';
import {loadBackend} from '../../../src/ml/backend.ts';
import type {CoverageReport} from '../../../src/ml/coverage.ts';
import {explainDifference} from '../../../src/ml/explain.ts';
import {encodeRows} from '../../../src/ml/features.ts';
import {SMALL_NETWORK} from '../../support/curved-world.ts';
import {knownWorld} from '../../support/housing-world.ts';

async function settingsOf(changes: Partial<TrainingSettings> = {}): Promise<TrainingSettings> {
  return {
    backend: await loadBackend(),
    seed: 1,
    network: {...SMALL_NETWORK, backbones: 1, hidden: [24], epochs: 8},
    budgetMs: 60_000,
    clock: () => 0,
    note: () => {},
    trainedAt: new Date('2026-01-05T12:00:00Z'),
    ...changes,
  };
}

async function train(
  rows = knownWorld({homes: 450, seed: 1}),
  changes: Partial<TrainingSettings> = {},
): Promise<Training> {
  const result = await trainOperation('sale', rows, await settingsOf(changes));
  if (result.kind !== 'trained') throw new Error(result.reason);
  return result.training;
}

describe('trainOperation', () => {
  let training: Training;
  beforeAll(async () => {
    training = await train();
  });
  const of = (of: Training, algorithm: string) =>
    of.candidates.find(candidate => candidate.algorithm === algorithm)!;

  it('beats both naive rows on a market whose rule is known', () => {
    const mdape = (algorithm: string) => of(training, algorithm).metrics.mdape;
    // Nothing can predict the noise: its median absolute value is 0.674 · 8 % = 5.4 %.
    expect(mdape('network')).toBeLessThan(0.085);
    expect(mdape('ridge_hedonic')).toBeLessThan(0.085);
    expect(mdape('gbdt')).toBeLessThan(0.085);
    expect(mdape('blend')).toBeLessThan(1.02 * Math.min(mdape('gbdt'), mdape('network')));
    expect(mdape('network')).toBeLessThan(0.8 * mdape('naive_place_stratum'));
    // The rungs between: each learns more than a place's median.
    for (const rung of ['nearest', 'tree', 'forest'])
      expect(mdape(rung), rung).toBeLessThan(0.95 * mdape('naive_place_stratum'));
    expect(mdape('forest')).toBeLessThan(mdape('tree'));
    expect(mdape('naive_place_stratum')).toBeLessThan(mdape('naive_median_m2'));
  });

  it('puts every candidate on the leaderboard, one of them best, yardsticks without artifact', () => {
    expect(training.candidates.map(({algorithm}) => algorithm)).toEqual([
      'naive_median_m2',
      'naive_place_stratum',
      'ridge_hedonic',
      'nearest',
      'tree',
      'forest',
      'gbdt',
      'network',
      'blend',
    ]);
    const best = training.candidates.filter(({isBest}) => isBest);
    expect(best).toHaveLength(1);
    expect(best[0]!.artifact).not.toBeNull();
    for (const {algorithm, artifact, sizeBytes, metrics} of training.candidates) {
      expect(artifact === null, algorithm).toBe(isYardstick(algorithm));
      expect(sizeBytes, algorithm).toBeGreaterThan(0);
      expect(metrics.coverage80, algorithm).toBeGreaterThan(0.7);
    }
    expect(of(training, 'network').metrics.coverage80).toBeGreaterThan(0.75);
    expect(of(training, 'network').metrics.coverage80).toBeLessThan(0.85);
  });

  it('gives the same predictions and ids from the same seed', async () => {
    const again = await train();
    expect(again.opened.trainingId).toBe(training.opened.trainingId);
    expect(again.candidates.map(({metrics}) => metrics)).toEqual(
      training.candidates.map(({metrics}) => metrics),
    );
    expect(of(again, 'network').artifact?.outOfFold).toEqual(of(training, 'network').artifact?.outOfFold);
  });

  it('gives another effort other models: ids tell them apart, and the card says which', async () => {
    const settings = await settingsOf();
    const rows = knownWorld({homes: 450, seed: 1});
    const ids = (['daily', 'full'] as const).map(effort => {
      const start = openTraining('sale', rows, {...settings, effort});
      return start.kind === 'open' ? start.opened.trainingId : start.reason;
    });
    expect(ids[0]).toBe(training.opened.trainingId);
    expect(ids[1]).not.toBe(ids[0]);
    expect(of(training, 'gbdt').card.effort).toBe('daily');
    const full = await train(rows, {effort: 'full', algorithms: ['naive_median_m2', 'gbdt']});
    expect(full.opened.trainingId).toBe(ids[1]);
    expect(of(full, 'gbdt').card.effort).toBe('full');
    // Four boosters, whose trees all stand in the stored model.
    expect(of(full, 'gbdt').sizeBytes).toBeGreaterThan(2 * of(training, 'gbdt').sizeBytes!);
  });

  it('predicts the same after its files were written and read', async () => {
    const backend = await loadBackend();
    // Half of them were trained on: they read their own home's part out of the encoder's file.
    const strangers = [
      ...knownWorld({homes: 40, seed: 9}),
      ...knownWorld({homes: 450, seed: 1}).slice(0, 40),
    ];
    for (const algorithm of ['network', 'ridge_hedonic', 'gbdt', 'blend']) {
      const {artifact, card} = of(training, algorithm);
      const predict = ({model}: NonNullable<typeof artifact>) =>
        predictLogPrices(model.parameters, strangers, encodeRows(model.encoder, strangers), backend);
      const files = packArtifact(artifact!, card);
      expect(predict(unpackArtifact(files, 'test'))).toEqual(predict(artifact!));
      expect(unpackArtifact(files, 'test')).toEqual(artifact);
    }
  });

  it('says on the card how many prices its ranges hold, overall and by type, municipality and estrato', () => {
    const {card, metrics} = of(training, 'blend');
    const range = card.range as {share: number; method: string; crossFitted: CoverageReport};
    expect(range.share).toBe(0.8);
    expect(['split', 'quantile']).toContain(range.method);
    expect(range.crossFitted.coverage).toBe(metrics.coverage80);
    expect(Object.keys(range.crossFitted.byType)).toEqual(['apartment']);
    expect(range.crossFitted.byMunicipality.Medellín!.rows).toBe(450);
    // Yardsticks too: their ranges hold as many prices, and are wider.
    const naive = of(training, 'naive_median_m2').card.range as typeof range;
    expect(naive.crossFitted.meanWidth).toBeGreaterThan(range.crossFitted.meanWidth);
  });

  it('blends each fold by weights of the other folds, and says the final ones', () => {
    const weights = of(training, 'blend').card.weights as {algorithm: string; weight: number}[];
    expect(weights.map(({algorithm}) => algorithm)).toEqual(['ridge_hedonic', 'gbdt', 'network']);
    expect(weights.reduce((sum, {weight}) => sum + weight, 0)).toBeCloseTo(1, 9);
    // Every prediction stands among those of its members.
    const [blend, ...members] = ['blend', 'ridge_hedonic', 'gbdt', 'network'].map(
      name => of(training, name).artifact!.outOfFold,
    );
    for (const [id, value] of Object.entries(blend!)) {
      const own = members.map(member => member[id]!);
      expect(value).toBeGreaterThanOrEqual(Math.min(...own) - 1e-9);
      expect(value).toBeLessThanOrEqual(Math.max(...own) + 1e-9);
    }
  });

  it('explains ridge, trees and blend, and not the network', () => {
    const rows = knownWorld({homes: 450, seed: 1});
    expect(of(training, 'network').artifact!.explanation).toBeNull();
    for (const [algorithm, share] of [
      ['ridge_hedonic', 0.03],
      ['gbdt', 0.03],
      ['blend', 0.1],
    ] as const) {
      const {explanation, outOfFold} = of(training, algorithm).artifact!;
      for (const row of rows) {
        const predicted = outOfFold[row.listingId]!;
        const parts = explanation!.outOfFold[row.listingId]!;
        const {restCop} = explainDifference(explanation!, row, predicted, parts);
        // What is left over: folds' own constants, and in the blend the network's voice.
        expect(Math.abs(restCop)).toBeLessThan(share * Math.exp(predicted));
      }
    }
  });

  it('learns nothing where there is nothing to learn: permuted prices', async () => {
    const rows = knownWorld({homes: 250, seed: 2});
    const perM2 = rows.map(row => row.priceCop / row.areaM2);
    const permuted = rows.map((row, index) => ({
      ...row,
      priceCop: perM2[(index * 101 + 7) % 250]! * row.areaM2,
    }));
    const result = await train(permuted);
    for (const {metrics} of result.candidates) {
      expect(metrics.mdape).toBeGreaterThan(0.85 * of(result, 'naive_median_m2').metrics.mdape);
    }
  });

  it('skips what the time budget does not reach and says so', async () => {
    let now = 0;
    const result = await train(knownWorld({homes: 210, seed: 3}), {
      budgetMs: 5000,
      clock: () => (now += 900),
    });
    const cut = result.candidates.find(({algorithm}) => algorithm === 'naive_median_m2')!.card
      .skippedCandidates;
    const late = expect.stringContaining('time budget of 5 s');
    expect(cut).toEqual([
      {algorithm: 'ridge_hedonic', reason: late},
      {algorithm: 'nearest', reason: late},
      {algorithm: 'tree', reason: late},
      {algorithm: 'forest', reason: late},
      {algorithm: 'gbdt', reason: late},
      {algorithm: 'network', reason: late},
      {algorithm: 'blend', reason: expect.stringContaining('fewer than two')},
    ]);
    expect(result.candidates.map(({algorithm}) => algorithm)).toEqual([
      'naive_median_m2',
      'naive_place_stratum',
    ]);
    expect(result.candidates.some(({isBest}) => isBest)).toBe(false);
  });

  it('does not train on too few homes', async () => {
    const result = await trainOperation('rent', knownWorld({homes: 199, seed: 1}), await settingsOf());
    expect(result).toEqual({
      kind: 'skipped',
      operation: 'rent',
      reason: '199 homes with a price; a model needs 200',
    });
  });
});

describe('refuseMixture', () => {
  it('refuses simulated and real rows together', () => {
    const rows = knownWorld({homes: 10, seed: 1});
    expect(() => refuseMixture(rows)).not.toThrow();
    expect(() => refuseMixture([...rows, {...rows[0]!, isSynthetic: false}])).toThrow(ModelError);
    expect(() => refuseMixture([...rows, {...rows[0]!, isSynthetic: false}])).toThrow(
      /10 simulated and 1 real/,
    );
  });
});
