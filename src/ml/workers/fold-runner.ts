/** Models fitted here or spread over threads: who asks sees no difference but the time. */
import {availableParallelism} from 'node:os';
import type {FittedParameters} from '../algorithms.ts';
import type {Backend} from '../backend.ts';
import {
  type Candidate,
  type EncodedFold,
  type EncodedRows,
  type FoldFit,
  type FoldTask,
  type FoldWorld,
  runFoldTask,
  type TimedResult,
} from '../folds.ts';
import type {Quantiles, SpreadModel} from '../spread.ts';
import {JobQueue, type Place} from './job-queue.ts';
import {openThread} from './thread.ts';

export interface FoldRunner {
  /**
   * Fits a candidate outside the fold and predicts the fold. A fold is encoded once, by the first who asks.
   * @param mayBegin asked when a thread is free; a fit that may not begin gives null.
   * @throws ModelError that names fold and candidate.
   */
  fit(fold: number, candidate: Candidate, mayBegin?: () => boolean): Promise<TimedFit | null>;
  /** Low and high quantile of the fold's rows, learnt outside it. */
  spread(fold: number): Promise<Quantiles>;
  /** Fits a candidate on all rows. @throws ModelError that names the candidate. */
  fitAll(candidate: Candidate, encoded: EncodedRows): Promise<FittedParameters>;
  spreadAll(encoded: EncodedRows): Promise<SpreadModel>;
  close(): Promise<void>;
}

export interface TimedFit extends FoldFit {
  readonly seconds: number;
  /** Encoding the fold, for all its candidates together. */
  readonly encodeSeconds: number;
}

export interface FoldRunnerOptions {
  /**
   * 1: everything runs in this thread, on `backend`. More: each loads a TensorFlow.js of its own; the native one uses
   * all cores by itself and stays in this thread.
   */
  readonly threads: number;
  readonly backend: Backend;
  /** Milliseconds on any steady clock; other threads use their own. */
  readonly clock: () => number;
  /** Ends what runs in other threads at once. */
  readonly signal?: AbortSignal | undefined;
}

/** With fewer homes a thread takes longer to start than it saves. */
const MIN_ROWS_FOR_THREADS = 2000;
/** Each holds a copy of the rows. */
const MOST_THREADS = 8;

/** Threads worth opening here for so many homes. */
export function threadsFor(rows: number): number {
  return rows < MIN_ROWS_FOR_THREADS ? 1 : Math.min(availableParallelism(), MOST_THREADS);
}

type FoldPlace = Place<FoldTask, TimedResult>;
/** Encoding goes before all fitting. */
const ENCODE_RANK = -1;

/**
 * Fits are done in the order they are asked for; those whose fold is being encoded let others pass.
 *
 * Every thread holds a copy of the rows; the encoded folds stand once in shared memory until `close`
 * (rows × columns × 4 bytes a fold: 5 folds of 20,000 rows and 200 columns take 80 MB).
 */
export function openFoldRunner(world: FoldWorld, options: FoldRunnerOptions): FoldRunner {
  const {backend, clock, signal} = options;
  const threads = backend.name === 'tfjs-node' ? 1 : options.threads;
  const script = new URL('./fold-thread.ts', import.meta.url);
  const here: FoldPlace = {
    do: task => runFoldTask(world, task, backend, clock),
    isOpen: true,
    close: () => Promise.resolve(),
  };
  const openPlace = (): FoldPlace => (threads > 1 ? openThread(script, world) : here);
  const queue = new JobQueue(openPlace, threads);
  const abort = (): void => void queue.close(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, {once: true});
  const {folds} = world.split;
  const encodings = new Map<number, Promise<TimedResult | null>>();
  const encode = (fold: number): Promise<TimedResult | null> => {
    let encoding = encodings.get(fold);
    if (encoding === undefined) {
      const name = `fold ${fold + 1} of ${folds}, features`;
      encoding = queue.run({kind: 'encode', fold}, {name, rank: ENCODE_RANK});
      encodings.set(fold, encoding);
    }
    return encoding;
  };
  let asked = 0;
  return {
    fit: async (fold, candidate, mayBegin) => {
      const rank = asked++;
      const encoding = await encode(fold);
      if (encoding === null) return null;
      const encoded = encoding.result as EncodedFold;
      const name = `fold ${fold + 1} of ${folds}, ${candidate.algorithm}`;
      const fitted = await queue.run({kind: 'fit', fold, candidate, encoded}, {name, rank, mayBegin});
      if (fitted === null) return null;
      return {...(fitted.result as FoldFit), seconds: fitted.seconds, encodeSeconds: encoding.seconds};
    },
    spread: async fold => {
      const rank = asked++;
      const encoded = (await encode(fold))?.result as EncodedFold;
      const name = `fold ${fold + 1} of ${folds}, ranges`;
      const spread = await queue.run({kind: 'spread', fold, encoded}, {name, rank});
      return spread?.result as Quantiles;
    },
    fitAll: async (candidate, encoded) => {
      const job = {name: `all rows, ${candidate.algorithm}`, rank: asked++};
      const fitted = await queue.run({kind: 'fit_all', candidate, encoded}, job);
      return fitted?.result as FittedParameters;
    },
    spreadAll: async encoded => {
      const fitted = await queue.run(
        {kind: 'spread_all', encoded},
        {name: 'all rows, ranges', rank: asked++},
      );
      return fitted?.result as SpreadModel;
    },
    close: async () => {
      signal?.removeEventListener('abort', abort);
      await queue.close();
    },
  };
}
