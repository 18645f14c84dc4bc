/** A training into the registry: files first, then rows, then who is champion. */
import type {Tx} from '../../src/db/client.ts';
import {crownModel, findModel, saveModels} from '../../src/db/model-registry.ts';
import {type ModelRow, type NewModelRow, selectChampions} from '../../src/db/models.ts';
import {ModelError} from '../../src/domain/errors.ts';
import {packArtifact, unpackArtifact} from '../../src/ml/artifact.ts';
import {writeFrozenRows} from '../../src/ml/frozen-rows.ts';
import {loadModelFiles, modelFolder, saveModelFiles} from '../../src/ml/model-store.ts';
import {compareTraining} from '../../src/registry/compare.ts';
import {freezeRows, savePredictions} from '../../src/registry/training-folder.ts';
import type {OpenTraining, TrainedCandidate, Training} from './core.ts';

/** Freezes the rows of a training beside its models. @returns what its cards say of them. */
export async function freezeTraining(
  dataDir: string,
  {trainingId, operation, seed, split, datasetHash, rows}: OpenTraining,
): Promise<{readonly folder: string; readonly sha256: string}> {
  const facts = {trainingId, operation, seed, folds: split.folds, splitId: split.splitId, datasetHash};
  const sha256 = await freezeRows(dataDir, {...facts, rows: rows.length}, writeFrozenRows(rows));
  return {folder: `trainings/${trainingId}`, sha256};
}

/** Everything of a training that lies on the disk. */
export async function saveTrainingFiles(dataDir: string, training: Training): Promise<void> {
  const {opened, candidates} = training;
  const trainingSet = await freezeTraining(dataDir, opened);
  for (const {modelId, predicted, artifact, card} of candidates) {
    await savePredictions(dataDir, opened.trainingId, modelId, predicted);
    if (artifact !== null)
      await saveModelFiles(dataDir, modelId, packArtifact(artifact, {...card, trainingSet}));
  }
}

export interface ChampionRules {
  readonly promotion: 'person' | 'auto';
  readonly dataDir: string;
  readonly now: Date;
  readonly note: (line: string) => void;
}

/**
 * Writes the rows of a training and settles who is champion: the first training makes one; later ones only where the
 * policy says `auto`, or when the champion's files can't be read by this program any more.
 */
export async function saveTrainingRows(tx: Tx, training: Training, rules: ChampionRules): Promise<void> {
  const {opened, candidates} = training;
  await saveModels(
    tx,
    candidates.map(candidate => modelRow(training, candidate)),
  );
  const best = candidates.find(({isBest}) => isBest);
  const champion = (await selectChampions(tx)).find(({operation}) => operation === opened.operation);
  const unreadable = champion === undefined ? undefined : await whyUnreadable(rules.dataDir, champion);
  const isFree = champion === undefined || unreadable !== undefined || rules.promotion === 'auto';
  if (best !== undefined && isFree && champion?.modelId !== best.modelId) {
    const known = await findModel(tx, best.modelId);
    // Who was retired comes back by a person's word only.
    if (known !== undefined && known.retiredAt === null) {
      const note = champion === undefined ? 'first champion' : (unreadable ?? 'the policy says auto');
      await crownModel(tx, known, {at: rules.now, by: 'train', note});
      rules.note(`${opened.operation}: ${best.modelId} is champion (${note})`);
    }
  }
  await compareTraining(tx, rules.dataDir, opened.trainingId);
}

async function whyUnreadable(dataDir: string, {modelId, artifact}: ModelRow): Promise<string | undefined> {
  try {
    const name = artifact ?? modelId;
    unpackArtifact(await loadModelFiles(dataDir, name), modelFolder(dataDir, name));
    return undefined;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return `the former champion can't be read: ${error.message}`;
  }
}

export function modelRow(training: Omit<Training, 'candidates'>, candidate: TrainedCandidate): NewModelRow {
  const {modelId, algorithm, settings, metrics, fitSeconds, sizeBytes, card, artifact} = candidate;
  const {opened, backend, trainedAt, isSynthetic} = training;
  const {trainingId, operation, rows, datasetHash, split, seed} = opened;
  return {
    ...{modelId, trainingId, algorithm, operation, trainedAt, datasetHash, seed, backend, fitSeconds},
    kind: 'fitted',
    settings,
    trainingRows: rows.length,
    splitId: split.splitId,
    metrics,
    card,
    sizeBytes,
    artifact: artifact === null ? null : modelId,
    isChampion: false,
    isSynthetic,
  };
}
