/** Runs in a thread of its own, with a TensorFlow.js of its own: does the fold tasks it is sent. */
import {parentPort, workerData} from 'node:worker_threads';
import {loadBackend} from '../backend.ts';
import {type FoldTask, type FoldWorld, runFoldTask, type TimedResult} from '../folds.ts';
import type {ThreadAnswer} from './thread.ts';

const world = workerData as FoldWorld;

parentPort?.on('message', async (task: FoldTask) => {
  let answer: ThreadAnswer<TimedResult>;
  try {
    const backend = await loadBackend();
    answer = {kind: 'done', result: await runFoldTask(world, task, backend, () => performance.now())};
  } catch (error) {
    answer = {kind: 'failed', error};
  }
  parentPort?.postMessage(answer);
});
