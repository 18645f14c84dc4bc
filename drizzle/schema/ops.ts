/** `ops`: what ran. Runs, scopes and their verdicts, stages, issues, reviews, releases. */
import {sql} from 'drizzle-orm';
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
import type {DetailPlan, LinkPlan} from '../../src/domain/detail-plan.ts';
import {
  ALARM_KINDS,
  ANOMALY_KINDS,
  ANOMALY_VERDICTS,
  OPERATIONS,
  PROPERTY_TYPES,
  PROPERTY_VERDICTS,
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
    /** Listing pages it decided to visit; null: an import, or its searches were not all walked yet. */
    detailPlan: jsonb().$type<DetailPlan>(),
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
    /** Of a scope that sitemaps list, once all of them were read. */
    linkPlan: jsonb().$type<LinkPlan>(),
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

/** A person's word that two adverts are one home, or are not. The newest row on a pair counts; match honours it. */
export const propertyDecision = ops.table(
  'property_decision',
  {
    propertyDecisionId: bigint({mode: 'number'}).generatedAlwaysAsIdentity().primaryKey(),
    listingId: text().notNull(),
    otherListingId: text().notNull(),
    verdict: text({enum: PROPERTY_VERDICTS}).notNull(),
    decidedAt: instant().notNull(),
    decidedBy: text().notNull(),
    note: text().notNull(),
  },
  t => [oneOf('property_decision_word', t.verdict, PROPERTY_VERDICTS)],
);

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

/** A machine on which a worker ran, and the word it left in its data folder: who reads the word there shares the folder. */
export const workerHost = ops.table('worker_host', {
  host: text().primaryKey(),
  token: text().notNull(),
  seenAt: instant().notNull(),
});

/** What a scope of a run brought, measured from its sightings; made anew when they change. */
export const scopeMeasure = ops.table('scope_measure', {
  runScopeId: bigint({mode: 'number'})
    .primaryKey()
    .references(() => runScope.runScopeId),
  /** Of the sightings it was measured from. */
  inputHash: text().notNull(),
  firstMeasuredAt: instant().notNull(),
  /** Listings with a payload. */
  listings: integer().notNull(),
  /** Never seen in an earlier run. */
  listingsNew: integer().notNull(),
  /** Seen before, with another payload than the last time. */
  listingsChanged: integer().notNull(),
  /** Listings of the complete run before this one of the same scope; null: there is none. */
  listingsBefore: integer(),
  /** Those of them that no scope of this run saw; null where the scope isn't complete. */
  listingsGone: integer(),
  /** Adverts that repeat another advert of the scope in title, price, area, rooms and point. */
  duplicates: integer().notNull(),
  /** Listings on which a field is filled, by field. */
  filled: jsonb().$type<Record<string, number>>().notNull(),
  /** Answers that refused us: 401, 403, 429, or a page of the portal's edge. */
  blocks: integer().notNull(),
  /** From the first page to the last. */
  seconds: doublePrecision(),
});

/**
 * Complete runs of a search that miss far more adverts than usual, as the clean stage found them from the sightings of
 * all runs. Derived: made anew before each clean.
 */
export const absenceSurge = ops.table('absence_surge', {
  runScopeId: bigint({mode: 'number'})
    .primaryKey()
    .references(() => runScope.runScopeId),
  /** Adverts of the complete run before. */
  listings: integer().notNull(),
  /** Those of them that no search of this run saw. */
  absent: integer().notNull(),
  /** Absent ones at the usual rate. */
  expected: doublePrecision().notNull(),
});

/** A person's word that the absences of a run are true: its adverts left. Rows are only added. */
export const absenceDecision = ops.table('absence_decision', {
  absenceDecisionId: bigint({mode: 'number'}).generatedAlwaysAsIdentity().primaryKey(),
  runId: bigint({mode: 'number'})
    .notNull()
    .references(() => run.runId),
  decidedAt: instant().notNull(),
  decidedBy: text().notNull(),
  note: text().notNull(),
});

/**
 * A member's word on an anomaly at one asking price. Rows are only added, the newest on a listing, operation, price and
 * kind counts: scoring again changes nothing, another price or another reading asks anew.
 */
export const anomalyDecision = ops.table(
  'anomaly_decision',
  {
    anomalyDecisionId: bigint({mode: 'number'}).generatedAlwaysAsIdentity().primaryKey(),
    listingId: text().notNull(),
    operation: text({enum: OPERATIONS}).notNull(),
    priceCop: bigint({mode: 'number'}).notNull(),
    /** What it was taken for. */
    anomaly: text({enum: ANOMALY_KINDS}).notNull(),
    verdict: text({enum: ANOMALY_VERDICTS}).notNull(),
    /** The model that took it for that, and the gap it saw: (price − mid) / mid × 100. */
    modelId: text().notNull(),
    gapPct: doublePrecision().notNull(),
    decidedAt: instant().notNull(),
    decidedBy: text().notNull(),
    note: text().notNull(),
  },
  t => [
    index('anomaly_decision_listing').on(t.listingId, t.operation, t.priceCop),
    oneOf('anomaly_decision_operation_word', t.operation, OPERATIONS),
    oneOf('anomaly_decision_kind_word', t.anomaly, ANOMALY_KINDS),
    oneOf('anomaly_decision_word', t.verdict, ANOMALY_VERDICTS),
  ],
);

/** Something is not as it was. Open while it holds; a message goes out when it opens and when it is over. */
export const incident = ops.table(
  'incident',
  {
    incidentId: bigint({mode: 'number'}).generatedAlwaysAsIdentity().primaryKey(),
    kind: text({enum: ALARM_KINDS}).notNull(),
    portal: text().notNull(),
    /** The field or path it is about; null: the portal as a whole. */
    subject: text(),
    /** Kind, portal and subject: one open incident each. */
    fingerprint: text().notNull(),
    observed: text().notNull(),
    expected: text().notNull(),
    /** When what is observed began, as far as runs tell. */
    since: instant().notNull(),
    openedAt: instant().notNull(),
    closedAt: instant(),
    openingSentAt: instant(),
    closingSentAt: instant(),
    /** Why the last message could not be sent. */
    sendError: text(),
  },
  t => [
    uniqueIndex('incident_open').on(t.fingerprint).where(sql`closed_at is null`),
    oneOf('incident_kind_word', t.kind, ALARM_KINDS),
  ],
);
