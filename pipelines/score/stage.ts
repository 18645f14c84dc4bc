import {selectCautionFacts} from '../../src/db/anomalies.ts';
import {
  replaceScores,
  scoreWork,
  selectChampions,
  selectFeatureRows,
  selectTrainingRows,
} from '../../src/db/models.ts';
import {ModelError} from '../../src/domain/errors.ts';
import type {FeatureRow} from '../../src/domain/model.ts';
import type {Operation} from '../../src/domain/vocabulary.ts';
import {fitAnomalyReference, measureStraying} from '../../src/ml/anomaly/reference.ts';
import {unpackArtifact} from '../../src/ml/artifact.ts';
import {type Backend, loadBackend} from '../../src/ml/backend.ts';
import {indexComparables} from '../../src/ml/comparables.ts';
import {loadModelFiles, modelFolder} from '../../src/ml/model-store.ts';
import {defineStage} from '../../src/stage/define-stage.ts';
import {
  type Champion,
  type Evidence,
  type ListingPrediction,
  type ListingScore,
  predictListings,
  scoreListing,
} from './core.ts';

interface Shared {
  readonly backend: Backend;
  readonly champions: ReadonlyMap<Operation, Champion>;
}

interface ScoreInput {
  /** The listing. */
  readonly key: string;
  /** One an operation it is offered for. */
  readonly predictions: readonly JudgedPrediction[];
}

interface JudgedPrediction {
  readonly prediction: ListingPrediction;
  readonly evidence: Evidence;
}

export const scoreStage = defineStage<Shared, ScoreInput, ListingScore[]>({
  name: 'score',
  version: 6,
  reads: [
    'core.listing',
    'core.listing_version',
    'core.listing_price',
    'core.listing_location',
    'core.property_member',
    'core.place',
    'core.quarantine',
    'ml.model',
  ],
  writes: ['ml.score'],
  batchSize: 1000,
  work: options => scoreWork(options.portal),
  prepare: async (database, {dataDir}) => {
    const models = await selectChampions(database.orm);
    const rows = await selectTrainingRows(
      database.orm,
      models.map(model => model.operation),
    );
    const champions = new Map<Operation, Champion>();
    for (const {modelId, operation, artifact, seed} of models) {
      if (artifact === null)
        throw new ModelError(
          `champion ${modelId} has no stored model. Train again: \`raiz stage train --rebuild\`.`,
        );
      const files = await loadModelFiles(dataDir, artifact);
      const stored = unpackArtifact(files, modelFolder(dataDir, artifact));
      const own = rows.filter(row => row.operation === operation);
      champions.set(operation, {
        ...stored,
        ...fitAnomalyReference(own, stored.outOfFold, stored.model.encoder, seed),
        comparables: indexComparables(own),
      });
    }
    return {backend: await loadBackend(), champions};
  },
  load: async (tx, keys, {backend, champions}) => {
    const rows = await selectFeatureRows(tx, keys);
    const facts = await selectCautionFacts(tx, keys);
    const predictions = new Map<string, JudgedPrediction[]>(keys.map(key => [key, []]));
    for (const [operation, champion] of champions) {
      const offered: FeatureRow[] = rows.filter(row => row.operation === operation);
      const priced = predictListings(champion, offered, backend);
      for (const [at, strayed] of measureStraying(champion, priced).entries()) {
        const prediction = priced[at];
        const own = facts.get(`${prediction?.row.listingId}|${operation}`);
        if (prediction === undefined || own === undefined) continue;
        predictions.get(prediction.row.listingId)?.push({prediction, evidence: {strayed, facts: own}});
      }
    }
    return [...predictions].map(([key, list]) => ({key, predictions: list}));
  },
  core: ({predictions}, {champions}) =>
    predictions.flatMap(({prediction, evidence}) => {
      const champion = champions.get(prediction.row.operation);
      return champion === undefined ? [] : [scoreListing(prediction, evidence, champion)];
    }),
  save: async (tx, results) => {
    const scores = results.flatMap(({output}) => output);
    await replaceScores(
      tx,
      results.map(({key}) => key),
      scores,
    );
    const counts: Record<string, number> = {scores: scores.length};
    for (const {anomaly} of scores) if (anomaly !== 'none') counts[anomaly] = (counts[anomaly] ?? 0) + 1;
    return counts;
  },
  remove: (tx, keys) => replaceScores(tx, keys, []),
});
