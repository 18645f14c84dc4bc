import type {SQL} from 'drizzle-orm';
import type {Database, Tx} from '../db/client.ts';
import type {Effort} from '../domain/vocabulary.ts';
import {runStage} from './runner.ts';

export interface StageOptions {
  /** Only listings of this portal. */
  readonly portal?: string;
  /** Take every key, changed or not. */
  readonly rebuild?: boolean;
  /** Do the work and roll it back. */
  readonly dryRun?: boolean;
  /** What the train stage may cost; the policy's unless told. */
  readonly effort?: Effort;
}

/** What a stage may know beside its inputs. The clock is an argument, so that simulated days work. */
export interface StageContext {
  readonly stageRunId: number;
  readonly now: Date;
  readonly dataDir: string;
  readonly options: StageOptions;
  /** A line for people on long work; shown under the stage's progress. */
  readonly note: (line: string) => void;
}

export interface StageProgress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly note?: string;
}

export interface StageReport {
  readonly stage: string;
  readonly keysFound: number;
  readonly keysDone: number;
  readonly keysFailed: number;
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number>>;
}

export interface StageSettings {
  readonly now: () => Date;
  readonly dataDir: string;
  readonly options?: StageOptions;
  readonly onProgress?: (progress: StageProgress) => void;
}

export type Counts = Readonly<Record<string, number>>;

/**
 * A stage reads tables, computes with a pure core, and writes tables it alone owns.
 *
 * Work is found by hash: `work` names every key with a hash of all it is made from; the runner takes those whose
 * hash or stage version differs from what `ops.stage_state` remembers. A second run finds nothing.
 */
export interface StageDefinition<Shared, Input extends {readonly key: string}, Output> {
  readonly name: string;
  /** Raise when the core changes its results: every key is then made again. */
  readonly version: number;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly batchSize: number;
  /**
   * Batches at work at the same time, each in its own transaction: this process computes one while the server saves
   * another. Only where batches don't read what others write; 1 unless told.
   */
  readonly batchesAtOnce?: number;
  /** `fail`: a key that throws fails the stage and is tried again, for stages of few, big keys. Default: put it aside. */
  readonly onKeyError?: 'fail' | 'put aside';
  /** Brings up to date what is derived of all runs together and takes part in the hashes; before work is looked for. */
  readonly refresh?: (database: Database) => Promise<void>;
  /** A query of two columns: `key` text (unique) and `input_hash` text. */
  readonly work: (options: StageOptions) => SQL;
  /** Loaded once a run, handed to every batch: indexes, tables of reference. */
  readonly prepare: (database: Database, context: StageContext) => Promise<Shared>;
  /** Inputs of these keys; a key without input is counted done and left alone. */
  readonly load: (tx: Tx, keys: readonly string[], shared: Shared, context: StageContext) => Promise<Input[]>;
  /** Pure. What happens when it throws is `onKeyError`'s to say. */
  readonly core: (input: Input, shared: Shared, context: StageContext) => Output | Promise<Output>;
  readonly save: (
    tx: Tx,
    results: readonly {readonly key: string; readonly output: Output}[],
    shared: Shared,
    context: StageContext,
  ) => Promise<Counts>;
  /** Removes what was made from keys that no longer exist. */
  readonly remove?: (tx: Tx, keys: readonly string[]) => Promise<void>;
}

export interface Stage {
  readonly name: string;
  readonly version: number;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly run: (database: Database, settings: StageSettings) => Promise<StageReport>;
}

export function defineStage<Shared, Input extends {readonly key: string}, Output>(
  definition: StageDefinition<Shared, Input, Output>,
): Stage {
  const {name, version, reads, writes} = definition;
  return Object.freeze({
    name,
    version,
    reads,
    writes,
    run: (database: Database, settings: StageSettings) => runStage(definition, database, settings),
  });
}
