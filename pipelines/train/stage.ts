import policy from '../../raiz.config.ts';
import {effortOf, promotionOf} from '../../src/config/policy.ts';
import {countOrigins, selectTrainingRows, trainWork} from '../../src/db/models.ts';
import {ModelError} from '../../src/domain/errors.ts';
import type {FeatureRow} from '../../src/domain/model.ts';
import {type Effort, OPERATIONS, type Operation} from '../../src/domain/vocabulary.ts';
import {type Backend, loadBackend} from '../../src/ml/backend.ts';
import {threadsFor} from '../../src/ml/workers/fold-runner.ts';
import {defineStage} from '../../src/stage/define-stage.ts';
import {type TrainingResult, trainOperation} from './core.ts';
import {saveTrainingFiles, saveTrainingRows} from './stage-save.ts';

export const SEED = 20_260;
/** For all folds of one operation; the last fold begun is finished. */
const BUDGET_MS: Readonly<Record<Effort, number>> = {daily: 10 * 60_000, full: 40 * 60_000};

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
  core: ({key, rows}, {backend}, context) => {
    const effort = context.options.effort ?? effortOf(policy);
    return trainOperation(key, rows, {
      backend,
      seed: SEED,
      effort,
      budgetMs: BUDGET_MS[effort],
      threads: threadsFor(rows.length),
      clock: () => performance.now(),
      note: context.note,
      trainedAt: context.now,
    });
  },
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
      // Files don't roll back.
      if (context.options.dryRun === true) continue;
      await saveTrainingFiles(context.dataDir, training);
      await saveTrainingRows(tx, training, {
        promotion: promotionOf(policy),
        dataDir: context.dataDir,
        now: context.now,
        note: context.note,
      });
      models += training.candidates.length;
    }
    return {models, ...(skipped > 0 ? {skipped} : {})};
  },
});
