/** What is known of the listings of a run's searches: visits, changes, gaps. Derived from what was seen; nothing is kept. */
import {eq, sql} from 'drizzle-orm';
import {run, runScope} from '../../drizzle/schema/ops.ts';
import type {DetailPlan, LinkPlan} from '../domain/detail-plan.ts';
import type {Offer} from '../domain/listing.ts';
import type {Db, Tx} from './client.ts';

/** Older sightings say little about how often a listing changes now. Days. */
const WINDOW_DAYS = 60;

export interface KnownVisit {
  /** The scope of the run that asks. */
  readonly runScopeId: number;
  readonly listingId: string;
  /** Newest visit of the listing's own page, failed ones included; null: none within the window. */
  readonly lastVisitedAt: Date | null;
  /** What its last readable visit said; null: there was none, or it says nothing of the kind. */
  readonly visitOffers: readonly Offer[] | null;
  readonly visitUpdatedOn: string | null;
  /** Changes from one search to the next, and days between the first and the last sighting. */
  readonly visibleChanges: number;
  readonly visibleDays: number;
  /** Changes from one visit to the next that no search showed, and days between the first and the last visit. */
  readonly hiddenChanges: number;
  readonly hiddenDays: number;
  /** When it was last seen again after a complete run without it; null: never. */
  readonly reappearedAt: Date | null;
  /** Not in the newest complete run of its scope. */
  readonly isMissing: boolean;
}

/**
 * Listings seen within the last 60 days in the scopes of a run, by what other crawls of the same scopes stored. Of pages
 * that the parse stage has not read only the visit is known.
 */
export async function knownVisits(db: Db, runId: number, now: Date): Promise<KnownVisit[]> {
  const since = sql`${now.toISOString()}::timestamptz - ${WINDOW_DAYS} * interval '1 day'`;
  return db.transaction(async tx => {
    // A million and a half sightings are sorted once; the usual 4 MB would send them to the disk in crumbs.
    await tx.execute(sql`set local work_mem = '128MB'`);
    const rows = await tx.execute<{[Key in keyof KnownVisit]: KnownVisit[Key]}>(sql`
    with scope as materialized (
      -- Complete runs are counted through: a gap between two sightings is a run without the listing. A run that nobody
      -- has parsed counts for nothing.
      select own.run_scope_id as asked_by, s.run_scope_id,
        count(*) filter (where s.verdict = 'complete' and exists (
          select 1 from raw.sighting seen where seen.run_scope_id = s.run_scope_id))
          over (partition by own.run_scope_id order by s.run_scope_id) as nth
      from ops.run_scope own
      join ops.run_scope s on s.scope_key = own.scope_key and s.run_id <> own.run_id and s.observed_at >= ${since}
      join ops.run r on r.run_id = s.run_id and r.kind = 'crawl'
      where own.run_id = ${runId}),
    attempt as materialized (
      select scope.asked_by, p.url, max(p.fetched_at) as fetched_at
      from scope join raw.page p using (run_scope_id) where p.kind = 'listing' group by 1, 2),
    sighting as (
      -- Runs follow each other, so that of texts that begin with the run's number the greatest is the newest.
      select scope.asked_by, scope.nth, s.listing_id collate "C" as listing_id, s.payload_hash, s.observed_at,
        p.kind = 'listing' as is_visit, lpad(s.run_scope_id::text, 12, '0') || s.payload_hash collate "C" as seen
      from scope join raw.sighting s using (run_scope_id) join raw.page p on p.page_id = s.page_id),
    stepped as (
      select *,
        not is_visit and payload_hash <> substr(max(seen) filter (where not is_visit) over before, 13) as is_visible,
        is_visit and payload_hash <> substr(max(seen) filter (where is_visit) over before, 13) as is_new_visit,
        payload_hash is not null and (nth - lag(nth) over listing > 1
          or lag(nth) over listing is not null and lag(payload_hash) over listing is null) as is_reappearance,
        lead(nth) over listing is not null as is_followed
      from sighting
      window listing as (partition by asked_by, listing_id order by observed_at),
        before as (listing rows between unbounded preceding and 1 preceding)),
    counted as (
      -- A visit takes the place of its own day's search, so that a change of that day shows in the next one.
      select *, count(*) filter (where is_visible) over (
          partition by asked_by, listing_id order by observed_at rows between unbounded preceding and 1 following) as shown
      from stepped),
    judged as (
      -- What searches had shown only grows: at the visit before it was the most of all visits before.
      select *, is_new_visit and is_followed and shown = max(shown) filter (where is_visit) over (
          partition by asked_by, listing_id order by observed_at rows between unbounded preceding and 1 preceding) as is_hidden
      from counted),
    listing as (
      select asked_by, listing_id, coalesce(max(nth) filter (where payload_hash is not null), 0) as nth,
        max(observed_at) filter (where is_visit) as visited_at,
        count(*) filter (where is_visible)::int as visible_changes, count(*) filter (where is_hidden)::int as hidden_changes,
        extract(epoch from max(observed_at) - min(observed_at))::float8 / 86400 as visible_days,
        coalesce(extract(epoch from max(observed_at) filter (where is_visit) - min(observed_at) filter (where is_visit)),
          0)::float8 / 86400 as hidden_days,
        max(observed_at) filter (where is_reappearance) as reappeared_at,
        substr(max(seen), 13) as newest, substr(max(seen) filter (where is_visit), 13) as newest_visit
      from judged group by 1, 2)
    select l.asked_by as "runScopeId", l.listing_id as "listingId",
      greatest(l.visited_at, a.fetched_at) as "lastVisitedAt",
      v.payload -> 'offers' as "visitOffers", v.payload ->> 'updatedOn' as "visitUpdatedOn",
      l.visible_changes as "visibleChanges", l.visible_days as "visibleDays",
      l.hidden_changes as "hiddenChanges", l.hidden_days as "hiddenDays",
      l.reappeared_at as "reappearedAt",
      l.nth < max(l.nth) over (partition by l.asked_by) as "isMissing"
    from listing l
    left join raw.observation o on o.listing_id = l.listing_id and o.payload_hash = l.newest
    left join raw.observation v on v.listing_id = l.listing_id and v.payload_hash = l.newest_visit
    left join attempt a on a.asked_by = l.asked_by and a.url = o.payload ->> 'url'
    order by 1, 2`);
    return [...rows];
  });
}

/** The newest request for each listing page in the scopes of a run, by `runScopeId url`; whatever it answered, parsed or not. */
export async function newestVisits(db: Db, runId: number, now: Date): Promise<Map<string, Date>> {
  const rows = await db.execute<{key: string; at: Date}>(sql`
    select own.run_scope_id || ' ' || p.url as key, max(p.fetched_at) as at
    from ops.run_scope own
    join ops.run_scope s on s.scope_key = own.scope_key and s.run_id <> own.run_id
    join raw.page p on p.run_scope_id = s.run_scope_id and p.kind = 'listing'
      and p.fetched_at >= ${now.toISOString()}::timestamptz - ${WINDOW_DAYS} * interval '1 day'
    where own.run_id = ${runId} group by 1`);
  return new Map(rows.map(({key, at}) => [key, new Date(at)]));
}

/** Scopes of a run of which no crawl was complete within the last `days` Bogotá days before it; with 0 days all of them. */
export async function scopesDueFullPass(db: Db, runId: number, days: number): Promise<Set<number>> {
  const rows = await db.execute<{run_scope_id: number}>(sql`
    select own.run_scope_id from ops.run_scope own join ops.run r using (run_id)
    where own.run_id = ${runId} and not exists (
      select 1 from ops.run_scope s join ops.run e using (run_id)
      where s.scope_key = own.scope_key and s.run_id <> own.run_id and s.verdict = 'complete' and e.kind = 'crawl'
        and e.observed_on > r.observed_on - ${days}::int and ${days}::int > 0)`);
  return new Set(rows.map(row => row.run_scope_id));
}

/** Addresses of listing pages that a run asks for already: to confirm removals, or because a search only linked to them. */
export async function listingUrlsOfRun(db: Db, runId: number): Promise<Set<string>> {
  const rows = await db.execute<{url: string}>(
    sql`select distinct url from raw.frontier where run_id = ${runId} and kind = 'listing'`,
  );
  return new Set(rows.map(({url}) => url));
}

/** Keeps what a run planned, with the pages themselves: a run that is gone on with is not planned again. */
export async function saveDetailPlan(tx: Tx, runId: number, plan: DetailPlan): Promise<void> {
  await tx.update(run).set({detailPlan: plan}).where(eq(run.runId, runId));
}

/** Keeps what was decided about the links of scopes, with the pages themselves. */
export async function saveLinkPlans(tx: Tx, plans: ReadonlyMap<number, LinkPlan>): Promise<void> {
  for (const [runScopeId, linkPlan] of plans)
    await tx.update(runScope).set({linkPlan}).where(eq(runScope.runScopeId, runScopeId));
}

/** What a run planned; null: its searches were not all walked yet. */
export async function detailPlanOf(db: Db, runId: number): Promise<DetailPlan | null> {
  const [found] = await db.select({plan: run.detailPlan}).from(run).where(eq(run.runId, runId));
  return found?.plan ?? null;
}
