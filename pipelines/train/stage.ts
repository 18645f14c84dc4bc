import {
  countOrigins,
  type NewModelRow,
  saveTraining,
  selectTrainingRows,
  trainWork,
} from '../../src/db/models.ts';
import {ModelError} from '../../src/domain/errors.ts';
import type {FeatureRow} from '../../src/domain/model.ts';
import {OPERATIONS, type Operation} from '../../src/domain/vocabulary.ts';
import {packArtifact} from '../../src/ml/artifact.ts';
import {type Backend, loadBackend} from '../../src/ml/backend.ts';
import {saveModelFiles} from '../../src/ml/model-store.ts';
import {defineStage} from '../../src/stage/define-stage.ts';
import {type TrainedCandidate, type Training, type TrainingResult, trainOperation} from './core.ts';

const SEED = 20_260;
/** For all folds of one operation; the last fold begun is finished. */
const BUDGET_MS = 10 * 60_000;

interface TrainInput {
  /** The operation. */
  readonly key: Operation;
  readonly rows: readonly FeatureRow[];
}

export const trainStage = defineStage<{backend: Backend}, TrainInput, TrainingResult>({
  name: 'train',
  version: 3,
  reads: [
    'core.listing',
    'core.listing_version',
    'core.listing_price',
    'core.listing_location',
    'core.property_member',
    'core.place',
  ],
  writes: ['ml.model'],
  batchSize: 1,
  onKeyError: 'fail',
  work: () => trainWork,
  prepare: async database => {
    const {synthetic, real} = await countOrigins(database.orm);
    if (synthetic > 0 && real > 0) {
      throw new ModelError(
        `${synthetic} simulated and ${real} real listings stand in one database: a model of both is a model of neither. ` +
          'Keep real data in its own data folder and database; the demo has its own (`raiz demo`).',
        {context: {synthetic, real}},
      );
    }
    return {backend: await loadBackend()};
  },
  load: async (tx, keys) => {
    const operations = OPERATIONS.filter(operation => keys.includes(operation));
    const rows = await selectTrainingRows(tx, operations);
    return operations.map(key => ({key, rows: rows.filter(row => row.operation === key)}));
  },
  core: ({key, rows}, {backend}, context) =>
    trainOperation(key, rows, {
      backend,
      seed: SEED,
      budgetMs: BUDGET_MS,
      clock: () => performance.now(),
      note: context.note,
      trainedAt: context.now,
    }),
  save: async (tx, results, _shared, context) => {
    let models = 0;
    let skipped = 0;
    for (const {output} of results) {
      if (output.kind === 'skipped') {
        context.note(`${output.operation}: no model, ${output.reason}`);
        skipped += 1;
        continue;
      }
      const {training} = output;
      if (context.options.dryRun !== true) await saveArtifacts(context.dataDir, training);
      await saveTraining(
        tx,
        training.operation,
        training.candidates.map(candidate => modelRow(training, candidate)),
      );
      models += training.candidates.length;
    }
    return {models, ...(skipped > 0 ? {skipped} : {})};
  },
});

async function saveArtifacts(dataDir: string, training: Training): Promise<void> {
  for (const {modelId, artifact, card} of training.candidates) {
    if (artifact !== null) await saveModelFiles(dataDir, modelId, packArtifact(artifact, card));
  }
}

function modelRow(training: Training, candidate: TrainedCandidate): NewModelRow {
  const {modelId, algorithm, metrics, fitSeconds, isChampion, card, artifact} = candidate;
  const {trainingId, operation, rows, datasetHash, splitId, seed, backend, trainedAt, isSynthetic} = training;
  return {
    modelId,
    trainingId,
    algorithm,
    operation,
    trainedAt,
    trainingRows: rows,
    datasetHash,
    splitId,
    seed,
    backend,
    fitSeconds,
    metrics,
    card,
    artifact: artifact === null ? null : modelId,
    isChampion,
    isSynthetic,
  };
}
