/** `ops`: what ran. Runs, scopes and their verdicts, stages, issues, reviews, releases. */
import {
  bigint,
  boolean,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import {
  OPERATIONS,
  PROPERTY_TYPES,
  RELEASE_TIERS,
  RUN_KINDS,
  STAGE_STATUSES,
  VERDICTS,
} from '../../src/domain/vocabulary.ts';
import {instant, oneOf} from './columns.ts';

export const ops = pgSchema('ops');

/** One collection: a crawl of a portal, or one day of an imported file. */
export const run = ops.table(
  'run',
  {
    runId: bigint({mode: 'number'}).generatedAlwaysAsIdentity().primaryKey(),
    kind: text({enum: RUN_KINDS}).notNull(),
    portal: text().notNull(),
    /** Imports only: the same content of the same day is the same run. */
    naturalKey: text(),
    /** Bogotá day the run speaks of. */
    observedOn: date({mode: 'string'}).notNull(),
    startedAt: instant().notNull(),
    finishedAt: instant(),
    verdict: text({enum: VERDICTS}),
    options: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    codeVersion: text().notNull(),
    isSynthetic: boolean().notNull().default(false),
  },
  t => [
    uniqueIndex('run_natural_key').on(t.naturalKey),
    index('run_portal').on(t.portal, t.startedAt),
    oneOf('run_kind_word', t.kind, RUN_KINDS),
    oneOf('run_verdict_word', t.verdict, VERDICTS),
  ],
);

/** One leaf scope of a run, with its own verdict. */
export const runScope = ops.table(
  'run_scope',
  {
    runScopeId: bigint({mode: 'number'}).generatedAlwaysAsIdentity().primaryKey(),
    runId: bigint({mode: 'number'})
      .notNull()
      .references(() => run.runId),
    scopeKey: text().notNull(),
    portal: text().notNull(),
    /** Null here and in the type: rows of an imported file that don't tell; such a scope is never complete. */
    operation: text({enum: OPERATIONS}),
    propertyType: text({enum: PROPERTY_TYPES}),
    place: text().notNull(),
    /** The instant this scope speaks of: when its search was walked to the end, or the day of an import at noon. */
    observedAt: instant(),
    verdict: text({enum: VERDICTS}),
    verdictReason: text(),
    announcedTotal: integer(),
    listingsSeen: integer().notNull().default(0),
    pagesDone: integer().notNull().default(0),
    pagesFailed: integer().notNull().default(0),
    startedAt: instant().notNull(),
    closedAt: instant(),
  },
  t => [
    uniqueIndex('run_scope_key').on(t.runId, t.scopeKey),
    index('run_scope_history').on(t.scopeKey, t.observedAt),
    oneOf('run_scope_verdict_word', t.verdict, VERDICTS),
  ],
);

export const stageRun = ops.table(
  'stage_run',
  {
    stageRunId: bigint({mode: 'number'}).generatedAlwaysAsIdentity().primaryKey(),
    stage: text().notNull(),
    version: integer().notNull(),
    status: text({enum: STAGE_STATUSES}).notNull(),
    startedAt: instant().notNull(),
    finishedAt: instant(),
    keysFound: integer().notNull().default(0),
    keysDone: integer().notNull().default(0),
    keysFailed: integer().notNull().default(0),
    seconds: doublePrecision(),
    counts: jsonb().$type<Record<string, number>>().notNull().default({}),
    message: text(),
  },
  t => [
    index('stage_run_stage').on(t.stage, t.startedAt),
    oneOf('stage_run_status_word', t.status, STAGE_STATUSES),
  ],
);

/** From what each key of each stage was last made. Work is what differs; a second run finds none. */
export const stageState = ops.table(
  'stage_state',
  {
    stage: text().notNull(),
    key: text().notNull(),
    inputHash: text().notNull(),
    version: integer().notNull(),
    stageRunId: bigint({mode: 'number'})
      .notNull()
      .references(() => stageRun.stageRunId),
    /** Why the key threw, when it did; it is tried again when its input or the stage changes. */
    error: text(),
  },
  t => [primaryKey({columns: [t.stage, t.key]})],
);

/** Expected oddities, once each, counted. */
export const issue = ops.table('issue', {
  fingerprint: text().primaryKey(),
  code: text().notNull(),
  source: text().notNull(),
  path: text(),
  value: text(),
  message: text().notNull(),
  occurrences: integer().notNull().default(1),
  firstSeenAt: instant().notNull(),
  lastSeenAt: instant().notNull(),
});

/** A person's decision on crawling a real portal from this installation. The newest row counts. */
export const portalReview = ops.table('portal_review', {
  portalReviewId: bigint({mode: 'number'}).generatedAlwaysAsIdentity().primaryKey(),
  portal: text().notNull(),
  reviewedOn: date({mode: 'string'}).notNull(),
  reviewedBy: text().notNull(),
  mayCrawl: boolean().notNull(),
  mayRelease: boolean().notNull(),
  maySell: boolean().notNull(),
  note: text().notNull(),
});

export const release = ops.table(
  'release',
  {
    version: text().primaryKey(),
    tier: text({enum: RELEASE_TIERS}).notNull(),
    builtAt: instant().notNull(),
    inputHash: text().notNull(),
    listings: integer().notNull(),
    folder: text().notNull(),
    isSynthetic: boolean().notNull(),
    manifest: jsonb().$type<Record<string, unknown>>().notNull(),
  },
  t => [oneOf('release_tier_word', t.tier, RELEASE_TIERS)],
);

/** The earliest instant the next request to a host may be sent; shared by every process and machine. */
export const hostPace = ops.table('host_pace', {
  host: text().primaryKey(),
  nextAt: instant().notNull(),
  delayMs: integer().notNull(),
});
