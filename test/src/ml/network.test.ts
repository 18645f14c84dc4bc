import {beforeAll, describe, expect, it} from 'vitest';
import {median} from '../../../src/lib/stats.ts';
import {type Backend, loadBackend} from '../../../src/ml/backend.ts';
import {fitNetwork, predictNetwork} from '../../../src/ml/network.ts';
import {curvedWorld, SMALL_NETWORK} from '../../support/curved-world.ts';
import {trainInProcess, worstLossGap} from '../../support/network-process.ts';

describe('fitNetwork', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await loadBackend();
  });

  it('learns a curved rule, far better than the median', async () => {
    const {x, columns, y, group} = curvedWorld(800, 1);
    const test = curvedWorld(300, 2);
    const model = await fitNetwork(backend, x, columns, y, group, 1, SMALL_NETWORK);
    const predicted = predictNetwork(backend, model, test.x);
    const error = (of: (row: number) => number) =>
      median(test.y.map((value, row) => Math.abs(value - of(row))));
    const middle = median(y);
    expect(error(row => predicted[row]!)).toBeLessThan(0.45 * error(() => middle));
  });

  it('repeats exactly with the same seed, not with another', async () => {
    const {x, columns, y, group} = curvedWorld(300, 3);
    const short = {...SMALL_NETWORK, epochs: 3};
    const predictions = await Promise.all(
      [7, 7, 8].map(async seed => [
        ...predictNetwork(backend, await fitNetwork(backend, x, columns, y, group, seed, short), x),
      ]),
    );
    expect(predictions[1]).toEqual(predictions[0]);
    expect(predictions[2]).not.toEqual(predictions[0]);
  });

  it('repeats exactly in another process', async () => {
    const answers = await Promise.all([7, 7, 8].map(seed => trainInProcess('wasm', seed, 3)));
    const [one, two, other] = answers.map(answer => ({...answer, cpuSeconds: 0}));
    expect(one).toMatchObject({kind: 'trained', weights: expect.stringMatching(/^[0-9a-f]{64}$/)});
    expect(two).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('learns the same on WebAssembly as in plain JavaScript', async () => {
    const [wasm, cpu] = await Promise.all([trainInProcess('wasm', 5, 4), trainInProcess('cpu', 5, 4)]);
    expect(worstLossGap(wasm!, cpu!)).toBeLessThan(1e-3);
  });

  it('keeps the weights of the best epoch and stops when patience is over', async () => {
    const {x, columns, y, group} = curvedWorld(300, 6);
    const wild = {...SMALL_NETWORK, backbones: 1, epochs: 60, patience: 2, learningRate: 0.05};
    const model = await fitNetwork(backend, x, columns, y, group, 1, wild);
    const {heldLosses} = model.backbones[0]!;
    const best = heldLosses.indexOf(Math.min(...heldLosses));
    expect(heldLosses).toHaveLength(best + 1 + wild.patience);
  });

  it('holds out whole groups, however few, and refuses a single one', async () => {
    const {x, columns, y} = curvedWorld(200, 5);
    const short = {...SMALL_NETWORK, backbones: 3, epochs: 2};
    const two = Int32Array.from(y.keys(), row => row % 2);
    const model = await fitNetwork(backend, x, columns, y, two, 1, short);
    expect(model.backbones.flatMap(({heldLosses}) => heldLosses).every(Number.isFinite)).toBe(true);
    const one = new Int32Array(200);
    await expect(fitNetwork(backend, x, columns, y, one, 1, short)).rejects.toThrow(/two groups/);
  });

  it('leaves no tensors behind', async () => {
    const {x, columns, y, group} = curvedWorld(200, 4);
    const before = backend.tf.memory().numTensors;
    const settings = {...SMALL_NETWORK, epochs: 2};
    predictNetwork(backend, await fitNetwork(backend, x, columns, y, group, 1, settings), x);
    expect(backend.tf.memory().numTensors).toBe(before);
  });
});

describe('loadBackend', () => {
  it('says which backend runs and why faster ones do not', async () => {
    const {name, passedOver} = await loadBackend();
    expect(['tfjs-node', 'wasm', 'cpu']).toContain(name);
    for (const {reason} of passedOver) expect(reason).not.toBe('');
  });

  it('adds no listener that ends the process on a caught rejection', () => {
    const sources = process.listeners('unhandledRejection').map(String);
    expect(sources.filter(source => source.includes('throw reason'))).toEqual([]);
  });
});
