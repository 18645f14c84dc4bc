import {createRandom} from '../../src/lib/random.ts';
import {emptyMatrix, type Matrix} from '../../src/ml/matrix.ts';
import {DAILY_NETWORK, type NetworkSettings} from '../../src/ml/network.ts';

export const SMALL_NETWORK: NetworkSettings = {
  ...DAILY_NETWORK,
  backbones: 2,
  members: 2,
  hidden: [24, 12],
  epochs: 25,
  patience: 25,
  batchRows: 32,
  learningRate: 0.01,
};

export interface CurvedWorld {
  readonly x: Matrix;
  readonly columns: readonly string[];
  readonly y: Float64Array;
  readonly group: Int32Array;
}

/** y = 10 + |x0| + x1 · x2: nothing a line can follow. */
export function curvedWorld(rows: number, seed: number): CurvedWorld {
  const random = createRandom(seed);
  const x = emptyMatrix(rows, 3);
  for (let index = 0; index < x.values.length; index++) x.values[index] = random.normal();
  const y = Float64Array.from({length: rows}, (_, row) => {
    const [a = 0, b = 0, c = 0] = x.values.subarray(row * 3, row * 3 + 3);
    return 10 + Math.abs(a) + b * c;
  });
  return {x, columns: ['a', 'b', 'c'], y, group: Int32Array.from(y.keys())};
}
