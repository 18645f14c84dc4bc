/** Histories of listings: what they are made from, and replacing what was made. */

import type {InferInsertModel, SQL} from 'drizzle-orm';
import {sql} from 'drizzle-orm';
import {
  listing,
  listingPrice,
  listingSpell,
  listingStatus,
  listingVersion,
  quarantine,
} from '../../drizzle/schema/core.ts';
import type {StagedListing} from '../domain/listing.ts';
import type {RunKind} from '../domain/vocabulary.ts';
import {groupBy} from '../lib/group-by.ts';
import {deleteByKeys, replaceRows, upsertRows} from './bulk.ts';
import type {Tx} from './client.ts';
import {DOUBTED} from './surges.ts';

/** An absence this long after the first one closes a spell; the same figure as in the fold, here to bound what is read. */
const ABSENCES_APART = sql.raw(`interval '20 hours'`);

/** The first instant of an ascending array at least 20 hours after another; null: there is none. */
const nextLook = (instants: SQL, after: SQL) =>
  sql`${instants}[width_bucket(${after} + ${ABSENCES_APART} - interval '1 microsecond', ${instants}) + 1]`;

/**
 * Every listing with a hash of all that its history is made from: its sightings, and those complete runs of its scopes
 * that can still change it (up to the one that would close it after its last sight), doubted ones by name. Runs long
 * after a listing was closed leave its hash alone. A search is walked to its end after it showed the listing: that end
 * belongs to the sight and is no later look.
 * @param portal only listings of this portal
 */
export function listingWork(portal: string | undefined): SQL {
  const ofPortal = portal === undefined ? sql`true` : sql`s.listing_id like ${`${portal}:%`}`;
  const [firm, first] = [sql`firm`, sql`instants[until + 1]`];
  const once = nextLook(firm, first);
  return sql`
    with looks as (
      select scope_key, array_agg(observed_at order by observed_at) as instants,
        array_agg(observed_at order by observed_at) filter (where d.run_scope_id is null) as firm,
        array_agg(observed_at order by observed_at) filter (where d.run_scope_id is not null) as doubted
      from ops.run_scope left join ${DOUBTED} d using (run_scope_id)
      where verdict = 'complete' and observed_at is not null group by scope_key
    ), seen as (
      select s.listing_id, r.scope_key,
        string_agg(s.run_scope_id || ' ' || extract(epoch from s.observed_at) || ' ' || coalesce(s.payload_hash, 'gone'),
          ',' order by s.run_scope_id) as sightings,
        min(s.observed_at) as first_at, max(greatest(s.observed_at, r.observed_at)) filter (where s.payload_hash is not null) as last_at
      from raw.sighting s join ops.run_scope r using (run_scope_id)
      where ${ofPortal} group by s.listing_id, r.scope_key
    ), life as (
      select listing_id, min(first_at) as first_at, coalesce(max(last_at), min(first_at)) as last_at
      from seen group by listing_id
    ), bounded as (
      select seen.listing_id, seen.scope_key as key_of_scope, seen.sightings, life.first_at,
        looks.instants, looks.firm, looks.doubted,
        width_bucket(life.first_at, looks.instants) as before,
        width_bucket(life.last_at, looks.instants) as until
      from seen join life using (listing_id) left join looks on looks.scope_key = seen.scope_key
    ), closing as (
      select *, case when ${first} = any (doubted) then ${nextLook(firm, nextLook(firm, once))} else ${once} end as closed_at
      from bounded
    )
    select listing_id as key,
      md5(string_agg(concat_ws('|', key_of_scope, sightings, until - before, ${first}, closed_at,
        width_bucket(closed_at, instants) - until,
        (select string_agg(at::text, ',') from unnest(doubted) at where at >= first_at and at <= coalesce(closed_at, at))),
        ';' order by key_of_scope)) as input_hash
    from closing group by listing_id`;
}

export interface ListingEvidence {
  readonly key: string;
  readonly isSynthetic: boolean;
  readonly observations: {payloadHash: string; payload: StagedListing}[];
  readonly sightings: {
    scopeKey: string;
    runId: number;
    runKind: RunKind;
    observedAt: Date;
    payloadHash: string | null;
  }[];
  readonly completeRuns: CompleteRunRow[];
}

interface CompleteRunRow {
  readonly scopeKey: string;
  readonly runId: number;
  readonly observedAt: Date;
  readonly isDoubted: boolean;
}

/** All that is known of these listings; runs of one scope are one shared list. Listings never parsed are left out. */
export async function loadListingEvidence(tx: Tx, listingIds: readonly string[]): Promise<ListingEvidence[]> {
  const keys = sql`(select jsonb_array_elements_text(${JSON.stringify(listingIds)}::jsonb))`;
  const observations = await tx.execute<{
    listing_id: string;
    payload_hash: string;
    payload: StagedListing;
    is_synthetic: boolean;
  }>(sql`
    select listing_id, payload_hash, payload, is_synthetic from raw.observation
    where listing_id in ${keys} order by listing_id, payload_hash`);
  const sightings = await tx.execute<{
    listing_id: string;
    scope_key: string;
    run_id: number;
    run_kind: RunKind;
    observed_at: Date;
    payload_hash: string | null;
  }>(sql`
    select s.listing_id, r.scope_key, r.run_id, run.kind as run_kind, s.observed_at, s.payload_hash
    from raw.sighting s join ops.run_scope r using (run_scope_id) join ops.run run using (run_id) where s.listing_id in ${keys}`);
  const runs = await loadCompleteRuns(tx, [...new Set(sightings.map(row => row.scope_key))]);
  const evidence = new Map<string, ListingEvidence & {scopes: Set<string>}>();
  for (const row of observations) {
    let known = evidence.get(row.listing_id);
    if (known === undefined) {
      known = {
        key: row.listing_id,
        isSynthetic: row.is_synthetic,
        observations: [],
        sightings: [],
        completeRuns: [],
        scopes: new Set(),
      };
      evidence.set(row.listing_id, known);
    }
    known.observations.push({payloadHash: row.payload_hash, payload: row.payload});
  }
  for (const row of sightings) {
    const known = evidence.get(row.listing_id);
    if (known === undefined) continue;
    known.sightings.push({
      scopeKey: row.scope_key,
      runId: row.run_id,
      runKind: row.run_kind,
      observedAt: new Date(row.observed_at),
      payloadHash: row.payload_hash,
    });
    if (known.scopes.has(row.scope_key)) continue;
    known.scopes.add(row.scope_key);
    known.completeRuns.push(...(runs.get(row.scope_key) ?? []));
  }
  return [...evidence.values()];
}

async function loadCompleteRuns(
  tx: Tx,
  scopeKeys: readonly string[],
): Promise<Map<string, CompleteRunRow[]>> {
  const rows = await tx.execute<{
    scope_key: string;
    run_id: number;
    observed_at: Date;
    is_doubted: boolean;
  }>(sql`
    select scope_key, run_id, observed_at, d.run_scope_id is not null as is_doubted
    from ops.run_scope left join ${DOUBTED} d using (run_scope_id)
    where verdict = 'complete' and observed_at is not null
      and scope_key in (select jsonb_array_elements_text(${JSON.stringify(scopeKeys)}::jsonb))
    order by observed_at`);
  const found = rows.map(row => ({
    scopeKey: row.scope_key,
    runId: row.run_id,
    observedAt: new Date(row.observed_at),
    isDoubted: row.is_doubted,
  }));
  return groupBy(found, run => run.scopeKey);
}

/** Rows of `core` that stand for the histories of some listings. */
export interface HistoryRows {
  readonly listings: readonly InferInsertModel<typeof listing>[];
  readonly versions: readonly InferInsertModel<typeof listingVersion>[];
  readonly prices: readonly InferInsertModel<typeof listingPrice>[];
  readonly statuses: readonly InferInsertModel<typeof listingStatus>[];
  readonly spells: readonly InferInsertModel<typeof listingSpell>[];
  readonly findings: readonly InferInsertModel<typeof quarantine>[];
}

/**
 * Puts these histories in place of what was there. `core.listing` is updated, never deleted: homes, places and scores
 * hang on it.
 */
export async function replaceHistories(tx: Tx, rows: HistoryRows): Promise<void> {
  const ids = rows.listings.map(row => row.listingId);
  await upsertRows(tx, listing, rows.listings, {target: [listing.listingId]});
  await replaceRows(tx, listingVersion, listingVersion.listingId, ids, rows.versions);
  await replaceRows(tx, listingPrice, listingPrice.listingId, ids, rows.prices);
  await replaceRows(tx, listingStatus, listingStatus.listingId, ids, rows.statuses);
  await replaceRows(tx, listingSpell, listingSpell.listingId, ids, rows.spells);
  await replaceRows(tx, quarantine, quarantine.listingId, ids, rows.findings);
}

/** Removes listings with all that hangs on them. */
export async function deleteListings(tx: Tx, listingIds: readonly string[]): Promise<void> {
  await deleteByKeys(tx, listing, listing.listingId, listingIds);
}
