/** `raw`: what was seen. Append only, but for the frontier. */
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type {StagedListing} from '../../src/domain/listing.ts';
import {FRONTIER_STATES, PAGE_KINDS, PAGE_OUTCOMES, RUN_KINDS} from '../../src/domain/vocabulary.ts';
import {instant, oneOf} from './columns.ts';
import {run, runScope} from './ops.ts';

export const raw = pgSchema('raw');

/** Pages to visit in a run. Rows outlive the run: they are what `--resume` and a refetch check read. */
export const frontier = raw.table(
  'frontier',
  {
    frontierId: bigint({mode: 'number'}).generatedAlwaysAsIdentity().primaryKey(),
    runId: bigint({mode: 'number'})
      .notNull()
      .references(() => run.runId),
    runScopeId: bigint({mode: 'number'})
      .notNull()
      .references(() => runScope.runScopeId),
    kind: text({enum: PAGE_KINDS}).notNull(),
    url: text().notNull(),
    host: text().notNull(),
    state: text({enum: FRONTIER_STATES}).notNull().default('queued'),
    attempts: smallint().notNull().default(0),
    leaseOwner: text(),
    leaseUntil: instant(),
    notBefore: instant(),
    error: text(),
  },
  t => [
    uniqueIndex('frontier_url').on(t.runScopeId, t.url),
    index('frontier_next').on(t.runId, t.state, t.frontierId),
    oneOf('frontier_state_word', t.state, FRONTIER_STATES),
    oneOf('frontier_kind_word', t.kind, PAGE_KINDS),
  ],
);

/** One answer of a portal, and where its redacted content lies in the archive. */
export const page = raw.table(
  'page',
  {
    pageId: bigint({mode: 'number'}).generatedAlwaysAsIdentity().primaryKey(),
    runScopeId: bigint({mode: 'number'})
      .notNull()
      .references(() => runScope.runScopeId),
    kind: text({enum: PAGE_KINDS}).notNull(),
    url: text().notNull(),
    finalUrl: text().notNull(),
    status: smallint().notNull(),
    fetchedAt: instant().notNull(),
    outcome: text({enum: PAGE_OUTCOMES}).notNull(),
    /** Why it is gone or was rejected. */
    reason: text(),
    /** Bytes of the body as received, decompressed. */
    bytesReceived: integer().notNull(),
    /** SHA-256 of the archived content, hex; of an imported page that could not be read, of the body that came. */
    contentSha256: text(),
    /** Archive file, relative to `<data>/raw`, and the span of the record in it. Null: nothing is kept, or no longer. */
    file: text(),
    fileOffset: bigint({mode: 'number'}),
    fileLength: integer(),
    /** When its bytes were given up by `raiz archive prune`; what was parsed from it stays. */
    prunedAt: instant(),
  },
  t => [
    index('page_run_scope').on(t.runScopeId),
    index('page_url').on(t.url),
    oneOf('page_kind_word', t.kind, PAGE_KINDS),
    oneOf('page_outcome_word', t.outcome, PAGE_OUTCOMES),
  ],
);

/** A listing was seen (or said to be gone) in a scope of a run. */
export const sighting = raw.table(
  'sighting',
  {
    runScopeId: bigint({mode: 'number'})
      .notNull()
      .references(() => runScope.runScopeId),
    listingId: text().notNull(),
    observedAt: instant().notNull(),
    /** What was seen; null when the portal said the advert is gone. */
    payloadHash: text(),
    goneReason: text(),
    /** Page it came from; null for imports. */
    pageId: bigint({mode: 'number'}).references(() => page.pageId),
    /** Row of the imported file; null for pages. */
    sourceRow: integer(),
  },
  t => [
    primaryKey({columns: [t.runScopeId, t.listingId]}),
    index('sighting_listing').on(t.listingId),
    index('sighting_page').on(t.pageId),
  ],
);

/** What was seen, once per distinct payload. */
export const observation = raw.table(
  'observation',
  {
    listingId: text().notNull(),
    payloadHash: text().notNull(),
    portal: text().notNull(),
    sourceKind: text({enum: RUN_KINDS}).notNull(),
    payload: jsonb().$type<StagedListing>().notNull(),
    stagedVersion: smallint().notNull(),
    unread: text().array().notNull().default([]),
    isSynthetic: boolean().notNull(),
  },
  t => [
    primaryKey({columns: [t.listingId, t.payloadHash]}),
    oneOf('observation_source_word', t.sourceKind, RUN_KINDS),
  ],
);

/** A record of a page or file that could not become an observation. */
export const rejectedRecord = raw.table(
  'rejected_record',
  {
    runScopeId: bigint({mode: 'number'})
      .notNull()
      .references(() => runScope.runScopeId),
    /** `page:<id>$.data[3]` or `row:17`. */
    sourceRef: text().notNull(),
    rule: text().notNull(),
    message: text().notNull(),
  },
  t => [primaryKey({columns: [t.runScopeId, t.sourceRef]})],
);
