/** `ml`: what we guess. */
import {sql} from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  real,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type {ModelComparison, ModelMetrics, RedFlagReason, ScoreReason} from '../../src/domain/model.ts';
import {ANOMALY_KINDS, MODEL_KINDS, OPERATIONS} from '../../src/domain/vocabulary.ts';
import {instant, oneOf} from './columns.ts';
import {listing} from './core.ts';

export const ml = pgSchema('ml');

/** One candidate of one training: a row of the leaderboard. Naive rows are here too. */
export const model = ml.table(
  'model',
  {
    modelId: text().primaryKey(),
    /** Candidates trained together, on the same rows and folds. */
    trainingId: text().notNull(),
    algorithm: text().notNull(),
    /** `outside`: predictions that a person brought, measured on the same split; never champion. */
    kind: text({enum: MODEL_KINDS}).notNull().default('fitted'),
    /** What differs from the usual settings; null: nothing. */
    settings: jsonb().$type<Record<string, unknown>>(),
    operation: text({enum: OPERATIONS}).notNull(),
    trainedAt: instant().notNull(),
    trainingRows: integer().notNull(),
    datasetHash: text().notNull(),
    splitId: text().notNull(),
    seed: integer().notNull(),
    backend: text().notNull(),
    fitSeconds: doublePrecision().notNull(),
    metrics: jsonb().$type<ModelMetrics>().notNull(),
    /** Against the champion, or the best, of the same training; null: not compared yet. */
    comparison: jsonb().$type<ModelComparison>(),
    /** What it takes to predict; null: only measured, or from outside. */
    sizeBytes: integer(),
    card: jsonb().$type<Record<string, unknown>>().notNull(),
    /** Folder under `<data>/models`; null for naive rows, which need none. */
    artifact: text(),
    isChampion: boolean().notNull(),
    /** When it last became champion. */
    promotedAt: instant(),
    /** A person, or the train stage. */
    promotedBy: text(),
    promotionNote: text(),
    /** Since when nobody wants it; null: in use or a candidate. */
    retiredAt: instant(),
    isSynthetic: boolean().notNull(),
  },
  t => [
    index('model_training').on(t.trainingId),
    uniqueIndex('model_champion').on(t.operation).where(sql`is_champion`),
    oneOf('model_operation_word', t.operation, OPERATIONS),
    oneOf('model_kind_word', t.kind, MODEL_KINDS),
  ],
);

export const score = ml.table(
  'score',
  {
    listingId: text()
      .notNull()
      .references(() => listing.listingId, {onDelete: 'cascade'}),
    operation: text({enum: OPERATIONS}).notNull(),
    modelId: text()
      .notNull()
      .references(() => model.modelId, {onDelete: 'cascade'}),
    /** Start of the price interval that was scored. */
    validFrom: instant().notNull(),
    priceCop: bigint({mode: 'number'}).notNull(),
    lowCop: bigint({mode: 'number'}).notNull(),
    midCop: bigint({mode: 'number'}).notNull(),
    highCop: bigint({mode: 'number'}).notNull(),
    /** (price − mid) / mid × 100. */
    gapPct: real().notNull(),
    /** Studentised log residual. */
    residualZ: real().notNull(),
    /** How far price or area stray, whichever more, in usual deviations: orders error candidates. */
    oddity: real().notNull().default(0),
    /** True: predicted by folds that never saw the home. */
    isOutOfFold: boolean().notNull(),
    anomaly: text({enum: ANOMALY_KINDS}).notNull(),
    reasons: jsonb().$type<ScoreReason[]>().notNull(),
    /** What may explain the price otherwise, the gravest first. */
    redFlags: jsonb().$type<RedFlagReason[]>().notNull().default([]),
    comparables: integer().notNull(),
  },
  t => [
    primaryKey({columns: [t.listingId, t.operation, t.modelId]}),
    index('score_model').on(t.modelId, t.anomaly),
    oneOf('score_anomaly_word', t.anomaly, ANOMALY_KINDS),
    oneOf('score_operation_word', t.operation, OPERATIONS),
  ],
);
