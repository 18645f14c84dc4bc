/** The registry's writing side: rows of models, and which one prices. */
import {and, eq, isNull, sql} from 'drizzle-orm';
import {model} from '../../drizzle/schema/ml.ts';
import type {ModelComparison} from '../domain/model.ts';
import {upsertRows} from './bulk.ts';
import type {Db, Tx} from './client.ts';
import type {ModelRow, NewModelRow} from './models.ts';

/** What a later training of the same model may change: never who is champion or retired. */
const RETRAINED = [
  model.trainedAt,
  model.fitSeconds,
  model.metrics,
  model.card,
  model.sizeBytes,
  model.artifact,
  model.backend,
];

/** Writes trained models; known ones keep their standing and their scores. */
export function saveModels(tx: Db, rows: readonly NewModelRow[]): Promise<number> {
  return upsertRows(tx, model, rows, {target: [model.modelId], update: RETRAINED});
}

/** Writes rows that were only measured; what is known better already is left alone. */
export function addModels(db: Db, rows: readonly NewModelRow[]): Promise<number> {
  return upsertRows(db, model, rows, {target: [model.modelId], update: 'nothing'});
}

export async function findModel(db: Db, modelId: string): Promise<ModelRow | undefined> {
  const [found] = await db.select().from(model).where(eq(model.modelId, modelId));
  return found;
}

/** What stands in one training, not retired, best first. */
export function selectTraining(db: Db, trainingId: string): Promise<ModelRow[]> {
  return db
    .select()
    .from(model)
    .where(and(eq(model.trainingId, trainingId), isNull(model.retiredAt)))
    .orderBy(sql`(${model.metrics}->>'mdape')::double precision`, model.modelId);
}

export async function saveComparisons(
  db: Db,
  comparisons: ReadonlyMap<string, ModelComparison>,
): Promise<void> {
  for (const [modelId, comparison] of comparisons)
    await db.update(model).set({comparison}).where(eq(model.modelId, modelId));
}

/** Who said so, when and why. */
export interface Promotion {
  readonly at: Date;
  readonly by: string;
  readonly note: string | null;
}

/** Makes a model the champion of its operation; the former one becomes a candidate again. */
export async function crownModel(
  tx: Tx,
  {modelId, operation}: Pick<ModelRow, 'modelId' | 'operation'>,
  {at, by, note}: Promotion,
): Promise<void> {
  await tx
    .update(model)
    .set({isChampion: false})
    .where(and(eq(model.operation, operation), eq(model.isChampion, true)));
  await tx
    .update(model)
    .set({isChampion: true, promotedAt: at, promotedBy: by, promotionNote: note, retiredAt: null})
    .where(eq(model.modelId, modelId));
}

/** Takes a model off the leaderboard and, when it was, from being champion. */
export async function retireModel(db: Db, modelId: string, at: Date): Promise<void> {
  await db.update(model).set({isChampion: false, retiredAt: at}).where(eq(model.modelId, modelId));
}
