import {beforeAll, describe, expect, it} from 'vitest';
import {createRandom} from '../../../src/lib/random.ts';
import {median} from '../../../src/lib/stats.ts';
import {type Backend, loadBackend} from '../../../src/ml/backend.ts';
import {emptyMatrix, type Matrix} from '../../../src/ml/matrix.ts';
import {DEFAULT_NETWORK, fitNetwork, predictNetwork} from '../../../src/ml/network.ts';

const SMALL = {
  ...DEFAULT_NETWORK,
  members: 2,
  hidden: [24],
  epochs: 25,
  patience: 25,
  batchRows: 32,
  learningRate: 0.02,
};

/** y = |x0| + x1 · x2: nothing a line can follow. */
function curvedWorld(rows: number, seed: number): {x: Matrix; y: Float64Array; group: Int32Array} {
  const random = createRandom(seed);
  const x = emptyMatrix(rows, 3);
  for (let index = 0; index < x.values.length; index++) x.values[index] = random.normal();
  const y = Float64Array.from({length: rows}, (_, row) => {
    const [a, b, c] = x.values.subarray(row * 3, row * 3 + 3);
    return 10 + Math.abs(a!) + b! * c!;
  });
  return {x, y, group: Int32Array.from(y.keys())};
}

describe('fitNetwork', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await loadBackend();
  });

  it('learns a curved rule, far better than the median', async () => {
    const {x, y, group} = curvedWorld(800, 1);
    const test = curvedWorld(300, 2);
    const predicted = predictNetwork(backend, await fitNetwork(backend, x, y, group, 1, SMALL), test.x);
    const error = (of: (row: number) => number) =>
      median(test.y.map((value, row) => Math.abs(value - of(row))));
    const middle = median(y);
    expect(error(row => predicted[row]!)).toBeLessThan(0.45 * error(() => middle));
  });

  it('repeats exactly with the same seed, not with another', async () => {
    const {x, y, group} = curvedWorld(300, 3);
    const short = {...SMALL, epochs: 3};
    const predictions = await Promise.all(
      [7, 7, 8].map(async seed => [
        ...predictNetwork(backend, await fitNetwork(backend, x, y, group, seed, short), x),
      ]),
    );
    expect(predictions[1]).toEqual(predictions[0]);
    expect(predictions[2]).not.toEqual(predictions[0]);
  });

  it('leaves no tensors behind', async () => {
    const {x, y, group} = curvedWorld(200, 4);
    const before = backend.tf.memory().numTensors;
    predictNetwork(backend, await fitNetwork(backend, x, y, group, 1, {...SMALL, epochs: 2}), x);
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
