/** `raiz train`: the search over one operation's models, from rows to the leaderboard; killed, it goes on. */
import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Database} from '../../src/db/client.ts';
import {withAdvisoryLock} from '../../src/db/locks.ts';
import {addModels} from '../../src/db/model-registry.ts';
import {countTrainingRows, selectTrainingRows} from '../../src/db/models.ts';
import type {FeatureRow} from '../../src/domain/model.ts';
import {type Effort, type Operation, USUAL_EFFORT} from '../../src/domain/vocabulary.ts';
import type {FitSettings, FittedAlgorithm} from '../../src/ml/algorithms.ts';
import {crossChosenError, homeSearchTask, tunedOf, validationOf} from '../../src/ml/automl/home-search.ts';
import {type FinishedTrial, type SearchResult, search} from '../../src/ml/automl/search.ts';
import {readFrozenRows} from '../../src/ml/frozen-rows.ts';
import {threadsFor} from '../../src/ml/workers/fold-runner.ts';
import {
  loadFrozen,
  openFoldJournal,
  savePredictions,
  trainingFolder,
  writeWhole,
} from '../../src/registry/training-folder.ts';
import {
  finishTraining,
  MIN_TRAINING_ROWS,
  measureTrial,
  type OpenTraining,
  openTraining,
  type Training,
} from './core.ts';
import {
  type ChampionRules,
  freezeTraining,
  modelRow,
  saveTrainingFiles,
  saveTrainingRows,
} from './stage-save.ts';

export interface SearchOptions extends FitSettings, ChampionRules {
  readonly budgetMs: number;
  readonly clock: () => number;
  /** Go on with the newest search that was cut off, on its frozen rows, though the data has changed since. */
  readonly resume?: boolean;
  /** Only these; all unless told. */
  readonly algorithms?: readonly FittedAlgorithm[];
  /** As `SearchSettings.rounds`. */
  readonly rounds?: number;
}

export type SearchReport =
  | {readonly kind: 'skipped'; readonly operation: Operation; readonly reason: string}
  | {
      readonly kind: 'searched';
      readonly operation: Operation;
      readonly training: Training;
      readonly result: SearchResult<string>;
    };

/** Where a search stands; `running` outlives a kill. */
interface SearchState {
  readonly state: 'running' | 'done';
  readonly operation: Operation;
  readonly seed: number;
  readonly effort: Effort;
  readonly begunAt: string;
}

/**
 * Searches, measures and stores. Rows of the leaderboard are written as candidates finish; folds are kept one by one.
 * @throws LockHeldError while the train stage or another search runs.
 */
export function searchModels(
  database: Database,
  operation: Operation,
  options: SearchOptions,
): Promise<SearchReport> {
  return withAdvisoryLock(database, 'stage:train', async () => {
    const source = await findRows(database, operation, options);
    if (source === undefined) return {kind: 'skipped', operation, reason: NOTHING_CUT_OFF};
    const settings = {...options, seed: source.seed, effort: source.effort};
    const start = openTraining(operation, source.rows, settings);
    return start.kind === 'skipped' ? start : searchOpened(database, start.opened, settings);
  });
}

const NOTHING_CUT_OFF =
  'no search was cut off here: run `raiz train` without --resume (on unchanged data it finds its fitted folds by itself)';

/** Whether a search of the operation would begin, so that none gets time it has no use for. */
export async function canSearch(
  database: Database,
  operation: Operation,
  {dataDir, resume = false}: Pick<SearchOptions, 'dataDir' | 'resume'>,
): Promise<boolean> {
  if (resume) return (await newestCutOff(dataDir, operation)) !== undefined;
  return (await countTrainingRows(database.orm, operation)) >= MIN_TRAINING_ROWS;
}

async function newestCutOff(dataDir: string, operation: Operation) {
  const cut = (await readStates(dataDir)).filter(
    found => found.state === 'running' && found.operation === operation,
  );
  return cut.sort((a, b) => b.begunAt.localeCompare(a.begunAt))[0];
}

/** @returns undefined when there is nothing to resume. */
async function findRows(
  database: Database,
  operation: Operation,
  {dataDir, resume = false, seed, effort = USUAL_EFFORT}: SearchOptions,
): Promise<{rows: readonly FeatureRow[]; seed: number; effort: Effort} | undefined> {
  if (!resume) return {rows: await selectTrainingRows(database.orm, [operation]), seed, effort};
  const newest = await newestCutOff(dataDir, operation);
  if (newest === undefined) return undefined;
  const {text} = await loadFrozen(dataDir, newest.trainingId);
  return {
    rows: readFrozenRows(text, trainingFolder(dataDir, newest.trainingId)),
    seed: newest.seed,
    effort: newest.effort,
  };
}

async function searchOpened(
  database: Database,
  opened: OpenTraining,
  options: SearchOptions,
): Promise<SearchReport> {
  const {dataDir, backend, now, note, clock, budgetMs, seed} = options;
  const {operation, trainingId, rows, split} = opened;
  await freezeTraining(dataDir, opened);
  const state = {operation, seed, effort: opened.effort, begunAt: now.toISOString()};
  await writeState(dataDir, trainingId, {state: 'running', ...state});
  const isSynthetic = rows[0]?.isSynthetic ?? false;
  const threads = threadsFor(rows.length);
  const task = homeSearchTask(rows, split, {...options, threads});
  const result = await search(task, {
    ...{seed, budgetMs, clock},
    ...(options.rounds === undefined ? {} : {rounds: options.rounds}),
    journal: openFoldJournal(trainingFolder(dataDir, trainingId)),
    note: line => note(`${operation}: ${line}`),
    onFinished: async trial => {
      // Drawn settings come to the leaderboard when they have won.
      if (trial.settings !== null) return;
      const candidate = measureTrial(opened, trial as FinishedTrial<FittedAlgorithm>, {
        ...{backend, trainedAt: now},
      });
      await savePredictions(dataDir, trainingId, candidate.modelId, candidate.predicted);
      await addModels(database.orm, [
        modelRow({opened, backend: backend.name, trainedAt: now, isSynthetic}, candidate),
      ]);
    },
  }).finally(task.close);
  const training = await finishTraining(opened, validationOf(result, rows, split), {
    ...{backend, seed, clock, note, trainedAt: now, tuned: tunedOf(result)},
    threads,
    ...(options.network === undefined ? {} : {network: options.network}),
    remarks: algorithm => ({search: remarksOf(task, result, algorithm, options)}),
  });
  await saveTrainingFiles(dataDir, training);
  await database.orm.transaction(tx => saveTrainingRows(tx, training, options));
  await writeState(dataDir, trainingId, {state: 'done', ...state});
  return {kind: 'searched', operation, training, result};
}

/** What the card says of how a candidate's settings were found. */
function remarksOf<A extends string>(
  task: Parameters<typeof crossChosenError<A>>[0],
  result: SearchResult<A>,
  algorithm: string,
  {budgetMs}: SearchOptions,
): Readonly<Record<string, unknown>> {
  const lines = result.lines.filter(line => line.algorithm === algorithm);
  const name = result.best.find(trial => trial.algorithm === algorithm)?.algorithm;
  const chosen = name === undefined ? null : crossChosenError(task, result.finished, name);
  return {
    budgetSeconds: budgetMs / 1000,
    isComplete: result.isComplete,
    tried: lines.length,
    chosenOf: chosen?.chosenOf ?? null,
    mdapeChosenOnOtherFolds: chosen?.error ?? null,
    trials: lines.map(line => ({...line, error: Number.isFinite(line.error) ? line.error : null})),
  };
}

function statePath(dataDir: string, trainingId: string): string {
  return join(trainingFolder(dataDir, trainingId), 'search.json');
}

function writeState(dataDir: string, trainingId: string, state: SearchState): Promise<void> {
  return writeWhole(statePath(dataDir, trainingId), `${JSON.stringify(state)}\n`);
}

async function readStates(dataDir: string): Promise<(SearchState & {readonly trainingId: string})[]> {
  const names = await readdir(join(dataDir, 'trainings')).catch(() => []);
  const states: (SearchState & {readonly trainingId: string})[] = [];
  for (const trainingId of names) {
    const text = await readFile(statePath(dataDir, trainingId), 'utf8').catch(() => undefined);
    if (text !== undefined) states.push({...(JSON.parse(text) as SearchState), trainingId});
  }
  return states;
}
