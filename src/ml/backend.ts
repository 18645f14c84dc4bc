/** The one file that names TensorFlow.js backends. */
import {createRequire} from 'node:module';
import {dirname, sep} from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
// For its side effect: the core's Node bundle has no gradients, this package registers them.
import '@tensorflow/tfjs-layers';
import {ModelError} from '../domain/errors.ts';

export type BackendName = 'tfjs-node' | 'wasm' | 'cpu';

export interface Backend {
  readonly name: BackendName;
  readonly tf: typeof tf;
  /** Faster backends that did not load, and why. */
  readonly passedOver: readonly {readonly name: BackendName; readonly reason: string}[];
}

/** Optional package, named through a variable: the compiler must not ask for it. */
const NATIVE_PACKAGE: string = '@tensorflow/tfjs-node';

const LOADERS: readonly {
  readonly name: BackendName;
  readonly registeredAs: string;
  readonly load: () => Promise<unknown>;
}[] = [
  {name: 'tfjs-node', registeredAs: 'tensorflow', load: () => import(NATIVE_PACKAGE)},
  {name: 'wasm', registeredAs: 'wasm', load: loadWasm},
  {name: 'cpu', registeredAs: 'cpu', load: () => import('@tensorflow/tfjs-backend-cpu')},
];

let loaded: Promise<Backend> | undefined;

/**
 * One backend and no other, for comparisons: in a process that has loaded none.
 * @throws ModelError when it doesn't work here.
 */
export function loadOnlyBackend(name: BackendName): Promise<Backend> {
  loaded ??= chooseBackend(LOADERS.filter(loader => loader.name === name));
  return loaded;
}

/**
 * The fastest TensorFlow.js backend that works here: native, else WebAssembly, else plain JavaScript.
 *
 * Loaded once a thread. WebAssembly does some 20 GFLOP/s a core, plain JavaScript 0.6; without SIMD it is passed over
 * by TensorFlow.js itself. WebAssembly has no gradient of gather: embeddings are written oneHot · matMul.
 * @throws ModelError when none works.
 */
export function loadBackend(): Promise<Backend> {
  loaded ??= chooseBackend(LOADERS);
  return loaded;
}

async function chooseBackend(loaders: typeof LOADERS): Promise<Backend> {
  const passedOver: {name: BackendName; reason: string}[] = [];
  for (const {name, registeredAs, load} of loaders) {
    try {
      await withoutNewListeners(async () => {
        await load();
        if (!(await tf.setBackend(registeredAs))) throw new Error('it refused to start');
        await tf.ready();
      });
      return {name, tf, passedOver};
    } catch (error) {
      passedOver.push({
        name,
        reason: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
      });
    }
  }
  const reasons = passedOver.map(({name, reason}) => `${name}: ${reason}`).join('; ');
  throw new ModelError(
    `no TensorFlow.js backend works here (${reasons}). Run \`npm ci\` again, then \`raiz doctor\`.`,
    {
      context: {passedOver},
    },
  );
}

async function loadWasm(): Promise<void> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  wasm.setWasmPaths(`${folder}${sep}`);
}

/** Emscripten's start-up code rethrows every uncaught error of the process and prints its own source: undo that. */
async function withoutNewListeners(start: () => Promise<void>): Promise<void> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map(event => new Set<unknown>(process.listeners(event as 'uncaughtException')));
  await start();
  for (const [index, event] of events.entries()) {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (before[index]?.has(listener) === false) process.removeListener(event, listener);
    }
  }
}
