/** Sets every row of a training beside its champion, or the best trained here, on the same homes. */
import type {Db} from '../db/client.ts';
import {saveComparisons, selectTraining} from '../db/model-registry.ts';
import {comparePaired} from '../ml/bootstrap.ts';
import {readFrozenRows} from '../ml/frozen-rows.ts';
import {joinGroups} from '../ml/split.ts';
import {loadFrozen, loadPredictions, trainingFolder} from './training-folder.ts';

/**
 * Renews the comparisons of one training: after it, after predictions from outside, after a promotion. Rows whose
 * predictions were not kept stay as they are.
 * @throws ModelError when the frozen rows can't be read.
 */
export async function compareTraining(db: Db, dataDir: string, trainingId: string): Promise<void> {
  const {facts, text} = await loadFrozen(dataDir, trainingId);
  const rows = readFrozenRows(text, trainingFolder(dataDir, trainingId));
  const models = await selectTraining(db, trainingId);
  const known: {modelId: string; losses: Float64Array; isChampion: boolean; isOwn: boolean}[] = [];
  for (const {modelId, isChampion, kind} of models) {
    const predicted = await loadPredictions(dataDir, trainingId, modelId, rows.length);
    if (predicted === undefined) continue;
    const losses = predicted.map((value, row) =>
      Math.abs(Math.expm1(value - Math.log(rows[row]?.priceCop ?? Number.NaN))),
    );
    known.push({modelId, losses, isChampion, isOwn: kind === 'fitted'});
  }
  const champion = known.findIndex(({isChampion}) => isChampion);
  const reference = champion >= 0 ? champion : known.findIndex(({isOwn}) => isOwn);
  const against = known[reference];
  if (against === undefined) return;
  const compared = comparePaired(
    known.map(({losses}) => losses),
    joinGroups(rows),
    reference,
    {seed: facts.seed},
  );
  await saveComparisons(
    db,
    new Map(
      compared.map((line, place) => [
        known[place]?.modelId ?? '',
        {againstModelId: against.modelId, ...line},
      ]),
    ),
  );
}
