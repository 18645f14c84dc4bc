/** A thread for tests: says what it was told, fails or ends when asked. */
import {parentPort, workerData} from 'node:worker_threads';

parentPort?.on('message', (task: string) => {
  if (task === 'end') process.exit(3);
  if (task === 'fail') parentPort?.postMessage({kind: 'failed', error: new RangeError('asked to')});
  else parentPort?.postMessage({kind: 'done', result: `${workerData.greeting} ${task}`});
});
