import {afterEach, describe, expect, it} from 'vitest';
import {fitAlgorithm} from '../../../../src/ml/algorithms.ts';
import {loadBackend} from '../../../../src/ml/backend.ts';
import {encodeAll, trainingSetOf} from '../../../../src/ml/folds.ts';
import {splitFolds} from '../../../../src/ml/split.ts';
import {fitSpread} from '../../../../src/ml/spread.ts';
import {
  type FoldRunner,
  type FoldRunnerOptions,
  openFoldRunner,
} from '../../../../src/ml/workers/fold-runner.ts';
import {SMALL_NETWORK} from '../../../support/curved-world.ts';
import {knownWorld} from '../../../support/housing-world.ts';

const rows = knownWorld({homes: 240, seed: 1});
const split = splitFolds(rows, 3, 1);
const world = {rows, split, seed: 1};
const network = {...SMALL_NETWORK, epochs: 2};

let runner: FoldRunner;
afterEach(() => runner.close());

async function open(options: Partial<FoldRunnerOptions>): Promise<FoldRunner> {
  const backend = await loadBackend();
  runner = openFoldRunner(world, {threads: 1, backend, clock: () => performance.now(), ...options});
  return runner;
}

describe.each([1, 2])('with %i threads', threads => {
  it('fits all rows as this thread would', async () => {
    const own = await open({threads});
    const {encoded} = encodeAll(world);
    const set = trainingSetOf(world, null, encoded).set;
    const backend = await loadBackend();
    const algorithms = ['ridge_hedonic', 'network'] as const;
    const fits = await Promise.all(algorithms.map(algorithm => own.fitAll({algorithm, network}, encoded)));
    for (const [at, algorithm] of algorithms.entries())
      expect(fits[at]).toEqual(await fitAlgorithm(algorithm, set, {backend, seed: 1, network}));
    expect(await own.spreadAll(encoded)).toEqual(fitSpread(set, 1));
  });

  it('names the candidate of all rows that fails', async () => {
    const own = await open({threads});
    const broken = {algorithm: 'network', network: {...network, hidden: [-1]}} as const;
    await expect(own.fitAll(broken, encodeAll(world).encoded)).rejects.toThrow(/^all rows, network: ./);
  });

  it('names fold and candidate of an error, and goes on', async () => {
    const own = await open({threads});
    const broken = {algorithm: 'network', network: {...network, hidden: [-1]}} as const;
    await expect(own.fit(1, broken)).rejects.toThrow(/^fold 2 of 3, network: ./);
    expect((await own.fit(1, {algorithm: 'ridge_hedonic'}))?.predicted).toHaveLength(80);
  });

  it('does not begin what may not', async () => {
    const own = await open({threads});
    expect(await own.fit(0, {algorithm: 'ridge_hedonic'}, () => false)).toBeNull();
  });

  it('ends at once when its signal says so', async () => {
    const controller = new AbortController();
    const own = await open({threads, signal: controller.signal});
    const fits = [0, 1, 2].map(fold => own.fit(fold, {algorithm: 'gbdt'}));
    const refused = Promise.all(fits.map(fit => expect(fit).rejects.toThrow('enough')));
    controller.abort(new Error('enough'));
    await refused;
    await expect(own.fit(0, {algorithm: 'gbdt'})).rejects.toThrow('enough');
  });
});
