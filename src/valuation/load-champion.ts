/** The model that prices an operation, with what it needs and nothing more. */
import {predictListings} from '../../pipelines/score/core.ts';
import type {Db} from '../db/client.ts';
import {type ModelRow, selectChampions, selectSimilarRows} from '../db/models.ts';
import {ConfigError, ModelError} from '../domain/errors.ts';
import type {FeatureRow} from '../domain/model.ts';
import type {Operation} from '../domain/vocabulary.ts';
import type {Parameters} from '../ml/algorithms.ts';
import {type Artifact, unpackArtifact} from '../ml/artifact.ts';
import type {Backend} from '../ml/backend.ts';
import {type ComparableIndex, indexComparables} from '../ml/comparables.ts';
import {loadModelFiles, modelFolder} from '../ml/model-store.ts';
import {type HomeValue, valueHome} from './value-home.ts';

export interface LoadedModel {
  readonly model: ModelRow;
  readonly artifact: Artifact;
  readonly backend: Backend;
}

/**
 * @throws ConfigError when no model prices the operation here.
 * @throws ModelError when its files are missing or damaged.
 */
export async function loadChampion(db: Db, dataDir: string, operation: Operation): Promise<LoadedModel> {
  const champions = await selectChampions(db);
  const model = champions.find(row => row.operation === operation);
  if (model === undefined) {
    const others = champions.map(row => row.operation).join(', ');
    throw new ConfigError(
      `no model prices ${operation === 'sale' ? 'sales' : 'rents'} here yet${others === '' ? '' : ` (there is one for ${others})`}. ` +
        'Bring adverts (raiz import, raiz crawl) and train with: raiz stage all',
      {context: {operation}},
    );
  }
  if (model.artifact === null) {
    throw new ModelError(
      `champion ${model.modelId} has no stored model. Train again: \`raiz stage train --rebuild\`.`,
    );
  }
  const files = await loadModelFiles(dataDir, model.artifact);
  const artifact = unpackArtifact(files, modelFolder(dataDir, model.artifact));
  return {model, artifact, backend: await backendFor(artifact.model.parameters)};
}

/** TensorFlow.js takes longer to start than trees to answer: it is loaded for models with a network only. */
async function backendFor(parameters: Parameters): Promise<Backend> {
  const hasNetwork =
    parameters.algorithm === 'network' ||
    (parameters.algorithm === 'blend' &&
      parameters.parts.some(part => part.parameters.algorithm === 'network'));
  if (hasNetwork) return (await import('../ml/backend.ts')).loadBackend();
  return {
    name: 'cpu',
    passedOver: [],
    get tf(): never {
      throw new ModelError(`a ${parameters.algorithm} model asked for TensorFlow.js, which it doesn't need`);
    },
  };
}

/** A little wider than the area a comparable may differ by. */
const AREA_SHARE = 0.26;

/** The adverts that one home may be compared with; few, so that an answer takes milliseconds. */
export async function indexSimilar(db: Db, row: FeatureRow): Promise<ComparableIndex> {
  const {operation, propertyType, areaM2} = row;
  const [low, high] = [areaM2 * (1 - AREA_SHARE), areaM2 * (1 + AREA_SHARE)];
  return indexComparables(await selectSimilarRows(db, {operation, propertyType, low, high}));
}

/** Values of homes of the model's operation, in their order. */
export function valueHomes(
  {artifact, backend}: LoadedModel,
  comparables: ComparableIndex,
  rows: readonly FeatureRow[],
): HomeValue[] {
  return predictListings(artifact, rows, backend).map(prediction =>
    valueHome(prediction, {...artifact, comparables}),
  );
}
