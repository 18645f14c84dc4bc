/**
 * `node --import tsx test/bench/backends.ts`: the same small network on every TensorFlow.js backend that loads here.
 * Ends with 1 when one of them learns something else; one that is not installed is skipped by name.
 */
import {trainInProcess, worstLossGap} from '../support/network-process.ts';

/** Standard deviations of the target, after each epoch. */
const MOST_GAP = 1e-3;
const SEED = 5;
const EPOCHS = 4;

const wasm = await trainInProcess('wasm', SEED, EPOCHS);
for (const name of ['wasm', 'cpu', 'tfjs-node'] as const) {
  const answer = name === 'wasm' ? wasm : await trainInProcess(name, SEED, EPOCHS);
  if (answer.kind === 'absent') {
    process.stdout.write(`${name}: skipped, ${answer.reason}\n`);
    continue;
  }
  const gap = worstLossGap(wasm, answer);
  const isSame = gap <= MOST_GAP;
  process.stdout.write(
    `${name}: ${isSame ? 'ok' : 'LEARNS SOMETHING ELSE'}, ${answer.cpuSeconds.toFixed(1)} CPU s, ` +
      `losses differ from wasm by at most ${gap.toExponential(1)}\n`,
  );
  if (!isSame) process.exitCode = 1;
}
