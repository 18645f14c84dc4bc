/** Trains a stored model again from its frozen rows and seed, and holds the files against each other. */
import type {ModelRow} from '../../src/db/models.ts';
import {ModelError} from '../../src/domain/errors.ts';
import {EFFORTS, USUAL_EFFORT} from '../../src/domain/vocabulary.ts';
import {FITTED_ALGORITHMS, type FitSettings, type Tuned} from '../../src/ml/algorithms.ts';
import {packArtifact} from '../../src/ml/artifact.ts';
import {crossValidate} from '../../src/ml/cross-validate.ts';
import {readFrozenRows} from '../../src/ml/frozen-rows.ts';
import {loadModelFiles} from '../../src/ml/model-store.ts';
import {threadsFor} from '../../src/ml/workers/fold-runner.ts';
import {loadFrozen, loadPredictions, trainingFolder} from '../../src/registry/training-folder.ts';
import {finishTraining, openTraining} from './core.ts';

/** The card tells times, which no seed repeats. */
const TIMED_FILE = 'card.json';

/** One file or value of the model: whether it came out the same, bit for bit. */
export interface Reproduced {
  readonly what: string;
  readonly isEqual: boolean;
}

export interface ReproduceOptions extends Omit<FitSettings, 'seed' | 'effort' | 'tuned'> {
  readonly dataDir: string;
  readonly clock: () => number;
  readonly note: (line: string) => void;
}

/** @throws ModelError when rows, split, backend or program are not those it was trained with. */
export async function reproduceModel(row: ModelRow, options: ReproduceOptions): Promise<Reproduced[]> {
  const {dataDir, backend} = options;
  const {modelId, trainingId, operation, seed} = row;
  if (row.kind === 'outside')
    throw new ModelError(`${modelId} was brought from outside: only who made it can make it again.`);
  const rows = readFrozenRows(
    (await loadFrozen(dataDir, trainingId)).text,
    trainingFolder(dataDir, trainingId),
  );
  const effort = EFFORTS.find(known => known === row.card.effort) ?? USUAL_EFFORT;
  const start = openTraining(operation, rows, {seed, backend, effort});
  if (start.kind === 'skipped') throw new ModelError(`${modelId}: ${start.reason}`);
  const {opened} = start;
  if (opened.trainingId !== trainingId) {
    const changed = [
      opened.datasetHash === row.datasetHash ? [] : ['the rows'],
      opened.split.splitId === row.splitId ? [] : ['how folds are dealt'],
      backend.name === row.backend ? [] : [`the backend (${row.backend} then, ${backend.name} now)`],
    ].flat();
    throw new ModelError(
      `${modelId} can't be trained again with this program: ${changed.join(', ') || 'the artifact version or the usual settings'} differs. ` +
        'Use the program it was trained with (its version is in the git history), or train anew: `raiz train`.',
    );
  }
  const names = new Set<string>(row.algorithm === 'blend' ? membersOf(row.card) : [row.algorithm]);
  const tuned = tunedOf(row);
  const settings = {
    ...options,
    seed,
    effort,
    tuned,
    threads: threadsFor(rows.length),
    algorithms: FITTED_ALGORITHMS.filter(name => names.has(name)),
  };
  const validation = await crossValidate(rows, opened.split, {
    ...settings,
    budgetMs: Number.POSITIVE_INFINITY,
  });
  const training = await finishTraining(opened, validation, {...settings, trainedAt: row.trainedAt});
  const again = training.candidates.find(candidate => candidate.modelId === modelId);
  if (again === undefined) {
    return [
      {
        what: `the model: ${training.candidates.map(candidate => candidate.modelId).join(', ')} came out`,
        isEqual: false,
      },
    ];
  }
  const before = await loadPredictions(dataDir, trainingId, modelId, rows.length);
  const results: Reproduced[] = [
    {
      what: 'out-of-fold predictions',
      isEqual: before?.every((value, place) => Object.is(value, again.predicted[place])) === true,
    },
  ];
  if (row.artifact === null || again.artifact === null) return results;
  const stored = await loadModelFiles(dataDir, row.artifact);
  const made = packArtifact(again.artifact, again.card);
  for (const name of new Set([...stored.keys(), ...made.keys()])) {
    if (name === TIMED_FILE) continue;
    const [old, fresh] = [stored.get(name), made.get(name)];
    results.push({
      what: name,
      isEqual: old !== undefined && fresh !== undefined && Buffer.compare(old, fresh) === 0,
    });
  }
  return results;
}

function membersOf(card: Readonly<Record<string, unknown>>): string[] {
  const weights = card.weights;
  return Array.isArray(weights) ? weights.map(({algorithm}: {algorithm: string}) => algorithm) : [];
}

/** Stored settings are our own writing: their shape is believed. */
function tunedOf({algorithm, settings}: ModelRow): Tuned {
  if (settings === null) return {};
  return (algorithm === 'blend' ? settings : {[algorithm]: settings}) as Tuned;
}
