/** A worker thread as a place of a job queue. */
import {Worker} from 'node:worker_threads';
import type {Place} from './job-queue.ts';

export type ThreadAnswer<Result> =
  | {readonly kind: 'done'; readonly result: Result}
  | {readonly kind: 'failed'; readonly error: unknown};

/** tsx compiles for threads only when it is asked to inside them (Node 20), whatever started the program. */
const COMPILER = import.meta.resolve('tsx/esm/api');

/**
 * @param script answers each message, a task, with one `ThreadAnswer`.
 * @param workerData copied to the thread at its start.
 */
export function openThread<Task, Result>(script: URL, workerData: unknown): Place<Task, Result> {
  const start = `import('${COMPILER}').then(({register}) => { register(); return import('${script}'); })`;
  const worker = new Worker(start, {eval: true, workerData, execArgv: []});
  let isOpen = true;
  let waiting: {resolve: (result: Result) => void; reject: (error: unknown) => void} | undefined;
  const fail = (error: unknown): void => {
    isOpen = false;
    waiting?.reject(error);
  };
  worker.on('message', (answer: ThreadAnswer<Result>) => {
    if (answer.kind === 'done') waiting?.resolve(answer.result);
    else waiting?.reject(answer.error);
  });
  worker.on('error', fail);
  worker.on('messageerror', fail);
  worker.on('exit', code => fail(new Error(`its thread ended with code ${code}`)));
  return {
    do: task =>
      new Promise((resolve, reject) => {
        waiting = {resolve, reject};
        worker.postMessage(task);
      }),
    get isOpen() {
      return isOpen;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}
