/** Trains a small network in a process of its own: `network-child.ts <backend> <seed> <epochs>` prints what came of it. */
import {createHash} from 'node:crypto';
import {ModelError} from '../../src/domain/errors.ts';
import {type BackendName, loadOnlyBackend} from '../../src/ml/backend.ts';
import {fitNetwork, predictNetwork} from '../../src/ml/network.ts';
import {curvedWorld, SMALL_NETWORK} from './curved-world.ts';

/** What it prints, as JSON. */
export type NetworkChildAnswer =
  | {readonly kind: 'absent'; readonly reason: string}
  | {
      readonly kind: 'trained';
      readonly heldLosses: readonly (readonly number[])[];
      readonly predicted: readonly number[];
      /** Hash of all weights. */
      readonly weights: string;
      readonly cpuSeconds: number;
    };

async function answer(name: BackendName, seed: number, epochs: number): Promise<NetworkChildAnswer> {
  const backend = await loadOnlyBackend(name).catch((error: unknown) => {
    if (error instanceof ModelError) return error.message;
    throw error;
  });
  if (typeof backend === 'string') return {kind: 'absent', reason: backend};
  const {x, y, group, columns} = curvedWorld(300, 1);
  const begun = process.cpuUsage();
  const model = await fitNetwork(backend, x, columns, y, group, seed, {...SMALL_NETWORK, epochs});
  const {user, system} = process.cpuUsage(begun);
  const hash = createHash('sha256');
  for (const {parameters} of model.backbones) for (const {values} of parameters) hash.update(values);
  return {
    kind: 'trained',
    heldLosses: model.backbones.map(({heldLosses}) => heldLosses),
    predicted: [...predictNetwork(backend, model, x)],
    weights: hash.digest('hex'),
    cpuSeconds: (user + system) / 1e6,
  };
}

const [name = 'wasm', seed = '1', epochs = '3'] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await answer(name as BackendName, Number(seed), Number(epochs))));
