/** A member's predictions on the leaderboard: the same rows, folds and measures as everybody's. */
import type {Database} from '../../src/db/client.ts';
import {addModels} from '../../src/db/model-registry.ts';
import {leaderboard, type ModelRow} from '../../src/db/models.ts';
import {ConfigError, ModelError} from '../../src/domain/errors.ts';
import type {FeatureRow} from '../../src/domain/model.ts';
import type {Operation} from '../../src/domain/vocabulary.ts';
import {sha256Hex} from '../../src/lib/hash.ts';
import {type OutsideLine, readOutside} from '../../src/ml/automl/outside.ts';
import {readFrozenRows} from '../../src/ml/frozen-rows.ts';
import {type Split, splitFolds} from '../../src/ml/split.ts';
import {compareTraining} from '../../src/registry/compare.ts';
import {loadFrozen, savePredictions, trainingFolder} from '../../src/registry/training-folder.ts';
import {measurePredictions} from './measure.ts';

/** The newest training of an operation, as it was frozen. */
export interface PublicSplit {
  readonly newest: ModelRow;
  readonly rows: readonly FeatureRow[];
  readonly split: Split;
}

/** @throws ConfigError when nothing was trained; ModelError when its rows were not kept. */
export async function loadSplit(
  database: Database,
  dataDir: string,
  operation: Operation,
): Promise<PublicSplit> {
  const newest = (await leaderboard(database.orm)).find(row => row.operation === operation);
  if (newest === undefined)
    throw new ConfigError(`no model of ${operation} has been trained here. Train with: raiz stage train`);
  const {facts, text} = await loadFrozen(dataDir, newest.trainingId);
  const rows = readFrozenRows(text, trainingFolder(dataDir, newest.trainingId));
  const split = splitFolds(rows, facts.folds, facts.seed);
  if (split.splitId !== facts.splitId) {
    throw new ModelError(
      `this program deals the folds of ${newest.trainingId} otherwise than the one that trained it. Train again: \`raiz train\`.`,
    );
  }
  return {newest, rows, split};
}

export interface Submission {
  readonly operation: Operation;
  /** What the row is called. */
  readonly name: string;
  readonly by: string;
  readonly file: string;
  readonly lines: readonly OutsideLine[];
  readonly now: Date;
}

/** Measures and stores. @returns the id of the new row. @throws ConfigError when the file doesn't fit the split. */
export async function submitPredictions(
  database: Database,
  dataDir: string,
  {operation, name, by, file, lines, now}: Submission,
): Promise<string> {
  const {newest, rows, split} = await loadSplit(database, dataDir, operation);
  const predicted = readOutside(lines, rows, await otherListings(database, dataDir, operation), file);
  const {metrics, segments} = measurePredictions(predicted, rows, split, {
    quantiles: null,
    seed: newest.seed,
  });
  const {trainingId, datasetHash, splitId, seed, trainingRows, isSynthetic} = newest;
  const sha256 = sha256Hex(Buffer.from(predicted.buffer));
  const modelId = `${trainingId}-outside-${sha256Hex(`${name}/${sha256}`).slice(0, 8)}`;
  const card = {
    ...{
      modelId,
      algorithm: 'outside',
      operation,
      name,
      by,
      file,
      sha256,
      metrics,
      datasetHash,
      splitId,
      seed,
    },
    note: 'predictions brought from outside; that they are out of fold is its author’s word',
    rows: trainingRows,
    metricsBySegment: segments,
    trainedAt: now.toISOString(),
    isSynthetic,
  };
  await savePredictions(dataDir, trainingId, modelId, predicted);
  await addModels(database.orm, [
    {
      ...{
        modelId,
        trainingId,
        operation,
        trainingRows,
        datasetHash,
        splitId,
        seed,
        isSynthetic,
        metrics,
        card,
      },
      ...{algorithm: 'outside', kind: 'outside', trainedAt: now, backend: 'outside', fitSeconds: 0},
      isChampion: false,
    },
  ]);
  await compareTraining(database.orm, dataDir, trainingId);
  return modelId;
}

async function otherListings(
  database: Database,
  dataDir: string,
  operation: Operation,
): Promise<ReadonlySet<string>> {
  const other = (await leaderboard(database.orm)).find(row => row.operation !== operation);
  if (other === undefined) return new Set();
  const {text} = await loadFrozen(dataDir, other.trainingId);
  return new Set(readFrozenRows(text, other.trainingId).map(row => row.listingId));
}
