import {afterEach, describe, expect, it} from 'vitest';
import {loadBackend} from '../../../../src/ml/backend.ts';
import {splitFolds} from '../../../../src/ml/split.ts';
import {
  type FoldRunner,
  type FoldRunnerOptions,
  openFoldRunner,
} from '../../../../src/ml/workers/fold-runner.ts';
import {SMALL_NETWORK} from '../../../support/curved-world.ts';
import {knownWorld} from '../../../support/housing-world.ts';

const rows = knownWorld({homes: 240, seed: 1});
const split = splitFolds(rows, 3, 1);
const network = {...SMALL_NETWORK, epochs: 2};

let runner: FoldRunner;
afterEach(() => runner.close());

async function open(options: Partial<FoldRunnerOptions>): Promise<FoldRunner> {
  const backend = await loadBackend();
  runner = openFoldRunner(
    {rows, split, seed: 1},
    {threads: 1, backend, clock: () => performance.now(), ...options},
  );
  return runner;
}

describe.each([1, 2])('with %i threads', threads => {
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
