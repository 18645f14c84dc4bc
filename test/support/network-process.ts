import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import type {BackendName} from '../../src/ml/backend.ts';
import type {NetworkChildAnswer} from './network-child.ts';

const CHILD = fileURLToPath(new URL('network-child.ts', import.meta.url));

/** Trains the small network of `network-child.ts` in a process that has no other backend. */
export async function trainInProcess(
  backend: BackendName,
  seed: number,
  epochs: number,
): Promise<NetworkChildAnswer> {
  const args = ['--import', 'tsx', CHILD, backend, String(seed), String(epochs)];
  const {stdout} = await promisify(execFile)(process.execPath, args);
  // TensorFlow's own library greets on standard output.
  return JSON.parse(stdout.slice(stdout.indexOf('{"kind"')));
}

/** Largest difference of two runs' held-out losses, epoch by epoch, in standard deviations of the target. */
export function worstLossGap(one: NetworkChildAnswer, other: NetworkChildAnswer): number {
  if (one.kind !== 'trained' || other.kind !== 'trained') return Number.NaN;
  const gaps = one.heldLosses.flatMap((losses, backbone) =>
    losses.map((loss, epoch) => Math.abs(loss - (other.heldLosses[backbone]?.[epoch] ?? Number.NaN))),
  );
  return Math.max(...gaps);
}
