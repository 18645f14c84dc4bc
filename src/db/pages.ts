/** Pages and the frontier: what is to be visited, what was, and how it ended. Written in batches. */
import {and, eq, inArray, sql} from 'drizzle-orm';
import {frontier, page} from '../../drizzle/schema/raw.ts';
import {placelessScope, type Scope} from '../domain/page.ts';
import type {FrontierState, PageKind, PageOutcome, RunKind} from '../domain/vocabulary.ts';
import {insertRows} from './bulk.ts';
import type {Db, Tx} from './client.ts';

/** A page to visit. */
export interface NewFrontierPage {
  readonly runScopeId: number;
  readonly kind: PageKind;
  readonly url: string;
}

/** A page this process took and nobody else visits until the lease ends. */
export interface LeasedPage extends NewFrontierPage {
  readonly frontierId: number;
  /** Failed attempts so far. */
  readonly attempts: number;
}

/** Adds pages that the scope doesn't know yet. @returns how many were new, by run scope. */
export async function addToFrontier(
  tx: Tx,
  runId: number,
  host: string,
  pages: readonly NewFrontierPage[],
): Promise<Map<number, number>> {
  const added = new Map<number, number>();
  if (pages.length === 0) return added;
  const rows = await tx.execute<{run_scope_id: number}>(sql`
    insert into raw.frontier (run_id, run_scope_id, kind, url, host)
    select ${runId}::bigint, run_scope_id, kind, url, ${host}::text
    from jsonb_to_recordset(${JSON.stringify(
      pages.map(({runScopeId, kind, url}) => ({run_scope_id: runScopeId, kind, url})),
    )}::text::jsonb) as given(run_scope_id bigint, kind text, url text)
    on conflict (run_scope_id, url) do nothing
    returning run_scope_id`);
  for (const row of rows) added.set(row.run_scope_id, (added.get(row.run_scope_id) ?? 0) + 1);
  return added;
}

/** How long a lease lasts; a process that holds one that long without an answer is dead. */
const LEASE_MINUTES = 15;

/**
 * True when a queued page may be visited. No rest is as long as an hour: one that seems to be was written before the
 * database's clock was set back.
 */
const IS_DUE = sql`(not_before is null or not_before <= now() or not_before > now() + interval '1 hour')`;

/**
 * Takes the next pages of a run, oldest first, so that all scopes get on together. Pages whose lease ended are taken
 * again; two processes never take the same.
 *
 * Two searches rather than one with `or`: each reads its own stretch of `frontier_next` in order and stops at the limit.
 * With `or` the planner walks the primary key instead, past every page that was visited before.
 */
export async function leasePages(db: Db, runId: number, owner: string, limit: number): Promise<LeasedPage[]> {
  const rows = await db.execute<{
    frontier_id: number;
    run_scope_id: number;
    kind: PageKind;
    url: string;
    attempts: number;
  }>(sql`
    with given_up as materialized (
      select frontier_id from raw.frontier
      where run_id = ${runId} and state = 'leased' and lease_until < now() and lease_owner <> ${owner}
      order by frontier_id limit ${limit}
      for update skip locked),
    waiting as materialized (
      select frontier_id from raw.frontier
      where run_id = ${runId} and state = 'queued' and ${IS_DUE}
      order by frontier_id limit ${limit}
      for update skip locked),
    next as (
      select frontier_id from given_up union all select frontier_id from waiting
      order by frontier_id limit ${limit})
    update raw.frontier f
    set state = 'leased', lease_owner = ${owner}, lease_until = now() + ${LEASE_MINUTES} * interval '1 minute', not_before = null
    from next where f.frontier_id = next.frontier_id
    returning f.frontier_id, f.run_scope_id, f.kind, f.url, f.attempts`);
  return rows
    .map(row => ({
      frontierId: row.frontier_id,
      runScopeId: row.run_scope_id,
      kind: row.kind,
      url: row.url,
      attempts: row.attempts,
    }))
    .sort((a, b) => a.frontierId - b.frontierId);
}

/** Milliseconds until the first queued page of a run may be visited; undefined when none is queued. */
export async function nextDueMs(db: Db, runId: number): Promise<number | undefined> {
  const [row] = await db.execute<{due_ms: number | null}>(sql`
    select extract(epoch from min(case when ${IS_DUE} then now() else not_before end) - now())::float8 * 1000 as due_ms
    from raw.frontier where run_id = ${runId} and state = 'queued'`);
  return row === undefined || row.due_ms === null ? undefined : Math.max(0, row.due_ms);
}

/** Gives back the leases of one owner, or of all when the caller holds the portal's lock and so is alone. */
export async function releaseLeases(db: Db, runId: number, owner?: string): Promise<void> {
  await db
    .update(frontier)
    .set({state: 'queued', leaseOwner: null, leaseUntil: null})
    .where(
      and(
        eq(frontier.runId, runId),
        eq(frontier.state, 'leased'),
        ...(owner === undefined ? [] : [eq(frontier.leaseOwner, owner)]),
      ),
    );
}

/** How a visit left its place in the frontier. */
export interface FrontierChange {
  readonly frontierId: number;
  readonly state: FrontierState;
  readonly attempts: number;
  /** A queued page rests so long before it is tried again. */
  readonly delayMs: number | null;
  readonly error: string | null;
}

export async function changeFrontier(tx: Tx, changes: readonly FrontierChange[]): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map(change => ({
    frontier_id: change.frontierId,
    state: change.state,
    attempts: change.attempts,
    delay_ms: change.delayMs,
    error: change.error,
  }));
  await tx.execute(sql`
    update raw.frontier f
    set state = c.state, attempts = c.attempts, error = c.error, lease_owner = null, lease_until = null,
        not_before = now() + c.delay_ms * interval '1 millisecond'
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as c(frontier_id bigint, state text, attempts smallint, delay_ms float8, error text)
    where f.frontier_id = c.frontier_id`);
}

/** Gives up whatever is queued in these scopes. @returns how many pages, by run scope. */
export async function skipQueued(
  tx: Tx,
  runScopeIds: readonly number[],
  reason: string,
): Promise<Map<number, number>> {
  const skipped = new Map<number, number>();
  if (runScopeIds.length === 0) return skipped;
  const rows = await tx
    .update(frontier)
    .set({state: 'skipped', error: reason})
    .where(and(inArray(frontier.runScopeId, [...runScopeIds]), eq(frontier.state, 'queued')))
    .returning({runScopeId: frontier.runScopeId});
  for (const {runScopeId} of rows) skipped.set(runScopeId, (skipped.get(runScopeId) ?? 0) + 1);
  return skipped;
}

/** Pages of a run that wait or are being visited, by run scope. */
export async function countOpenPages(db: Db, runId: number): Promise<Map<number, number>> {
  const rows = await db.execute<{run_scope_id: number; n: number}>(sql`
    select run_scope_id, count(*)::int as n from raw.frontier
    where run_id = ${runId} and state in ('queued', 'leased') group by 1`);
  return new Map(rows.map(row => [row.run_scope_id, row.n]));
}

/** Pages of a run that were given up without an answer: a budget was spent, or robots.txt disallows them. */
export async function skippedPages(
  db: Db,
  runId: number,
): Promise<{runScopeId: number; kind: PageKind; reason: string; pages: number}[]> {
  const rows = await db.execute<{runScopeId: number; kind: PageKind; reason: string; pages: number}>(sql`
    select run_scope_id as "runScopeId", kind, coalesce(min(error), 'skipped') as reason, count(*)::int as pages
    from raw.frontier where run_id = ${runId} and state = 'skipped' group by 1, 2 order by 1, 2`);
  return [...rows];
}

export type NewPage = Omit<typeof page.$inferInsert, 'pageId'>;

export async function insertPages(tx: Tx, pages: readonly NewPage[]): Promise<void> {
  await insertRows(tx, page, pages);
}

/**
 * Pages of a portal that were visited on a Bogotá day, over all its runs. A sitemap is a page of every scope it lists, and
 * visited once.
 * @param isLoopback of a stand-in on this machine, or of the real site.
 */
export async function countPagesOnDay(
  db: Db,
  portal: string,
  isLoopback: boolean,
  day: string,
): Promise<number> {
  const start = sql`(${day}::date::timestamp at time zone 'America/Bogota')`;
  const [row] = await db.execute<{n: number}>(sql`
    select count(*) filter (where p.kind <> 'sitemap')::int
      + count(distinct (r.run_id, p.url)) filter (where p.kind = 'sitemap')::int as n
    from ops.run r join ops.run_scope s using (run_id) join raw.page p using (run_scope_id)
    where r.kind = 'crawl' and r.portal = ${portal} and r.options ->> 'isLoopback' = ${String(isLoopback)}
      and (r.finished_at is null or r.finished_at >= ${start})
      and p.fetched_at >= ${start} and p.fetched_at < ${start} + interval '1 day'`);
  return row?.n ?? 0;
}

/** What a batch adds to a run scope. */
export interface ScopeCounters {
  readonly runScopeId: number;
  readonly pagesDone: number;
  readonly pagesFailed: number;
  /** As it stands now; null: leave it, the search is over. */
  readonly listingsSeen: number | null;
  readonly announcedTotal: number | null;
}

export async function addToCounters(tx: Tx, counters: readonly ScopeCounters[]): Promise<void> {
  if (counters.length === 0) return;
  const rows = counters.map(counter => ({
    run_scope_id: counter.runScopeId,
    done: counter.pagesDone,
    failed: counter.pagesFailed,
    seen: counter.listingsSeen,
    announced: counter.announcedTotal,
  }));
  await tx.execute(sql`
    update ops.run_scope s
    set pages_done = s.pages_done + c.done, pages_failed = s.pages_failed + c.failed,
        listings_seen = coalesce(c.seen, s.listings_seen), announced_total = coalesce(c.announced, s.announced_total)
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as c(run_scope_id bigint, done int, failed int, seen int, announced int)
    where s.run_scope_id = c.run_scope_id`);
}

/** A page of the archive with what is needed to read it again. */
export interface StoredPage {
  readonly pageId: number;
  readonly runScopeId: number;
  readonly runKind: RunKind;
  /** Of an imported page that doesn't tell, a stand-in without a place. */
  readonly scope: Scope;
  readonly kind: PageKind;
  readonly url: string;
  readonly finalUrl: string;
  readonly status: number;
  readonly fetchedAt: Date;
  readonly outcome: PageOutcome;
  readonly reason: string | null;
  readonly isSynthetic: boolean;
  /** Its content was given up after it was parsed: it can't be read again. */
  readonly isPruned: boolean;
  /** Null: nothing of it was worth keeping. */
  readonly span: {file: string; fileOffset: number; fileLength: number; contentSha256: string} | null;
}

interface StoredPageRow extends Record<string, unknown> {
  page_id: number;
  run_scope_id: number;
  run_kind: RunKind;
  portal: string;
  operation: Scope['operation'] | null;
  property_type: Scope['propertyType'] | null;
  place: string;
  kind: PageKind;
  url: string;
  final_url: string;
  status: number;
  fetched_at: Date;
  outcome: PageOutcome;
  reason: string | null;
  is_synthetic: boolean;
  is_pruned: boolean;
  file: string | null;
  file_offset: number;
  file_length: number;
  content_sha256: string;
}

const STORED_PAGE = sql`
  select p.page_id, p.run_scope_id, r.kind as run_kind, s.portal, s.operation, s.property_type, s.place, p.kind, p.url, p.final_url, p.status,
         p.fetched_at, p.outcome, p.reason, r.is_synthetic, p.pruned_at is not null as is_pruned,
         p.file, p.file_offset, p.file_length, p.content_sha256
  from raw.page p join ops.run_scope s using (run_scope_id) join ops.run r using (run_id)`;

/** Stored pages by id, in archive order. */
export async function storedPages(db: Db, pageIds: readonly number[]): Promise<StoredPage[]> {
  const rows = await db.execute<StoredPageRow>(sql`
    ${STORED_PAGE} where p.page_id in (select jsonb_array_elements_text(${JSON.stringify(pageIds)}::text::jsonb)::bigint)
    order by p.file, p.file_offset`);
  return rows.map(storedPage);
}

/** Stored pages of a run, in the order they were visited. */
export async function storedPagesOfRun(db: Db, runId: number): Promise<StoredPage[]> {
  const rows = await db.execute<StoredPageRow>(
    sql`${STORED_PAGE} where s.run_id = ${runId} order by p.page_id`,
  );
  return rows.map(storedPage);
}

function storedPage(row: StoredPageRow): StoredPage {
  const {
    page_id: pageId,
    run_scope_id: runScopeId,
    portal,
    operation,
    property_type: propertyType,
    place,
  } = row;
  const {kind, url, status, outcome, reason} = row;
  return {
    pageId,
    runScopeId,
    runKind: row.run_kind,
    scope:
      operation === null || propertyType === null
        ? placelessScope(portal)
        : {portal, operation, propertyType, place},
    kind,
    url,
    finalUrl: row.final_url,
    status,
    fetchedAt: row.fetched_at,
    outcome,
    reason,
    isSynthetic: row.is_synthetic,
    isPruned: row.is_pruned,
    span:
      row.file === null
        ? null
        : {
            file: row.file,
            fileOffset: row.file_offset,
            fileLength: row.file_length,
            contentSha256: row.content_sha256,
          },
  };
}
