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
import {deleteByKeys, replaceRows, upsertRows} from './bulk.ts';
import type {Tx} from './client.ts';

/** An absence this long after the first one closes a spell; the same figure as in the fold, here to bound what is read. */
const ABSENCES_APART = sql.raw(`interval '20 hours'`);

/**
 * Every listing with a hash of all that its history is made from: its sightings, and those complete runs of its scopes
 * that can still change it (up to the one that would close it after its last sight). Runs long after a listing was
 * closed leave its hash alone.
 * @param portal only listings of this portal
 */
export function listingWork(portal: string | undefined): SQL {
  const ofPortal = portal === undefined ? sql`true` : sql`s.listing_id like ${`${portal}:%`}`;
  return sql`
    with looks as (
      select scope_key, array_agg(observed_at order by observed_at) as instants
      from ops.run_scope where verdict = 'complete' and observed_at is not null group by scope_key
    ), seen as (
      select s.listing_id, r.scope_key,
        string_agg(s.run_scope_id || ' ' || extract(epoch from s.observed_at) || ' ' || coalesce(s.payload_hash, 'gone'),
          ',' order by s.run_scope_id) as sightings,
        min(s.observed_at) as first_at, max(s.observed_at) as last_at
      from raw.sighting s join ops.run_scope r using (run_scope_id)
      where ${ofPortal} group by s.listing_id, r.scope_key
    ), life as (
      select listing_id, min(first_at) as first_at, max(last_at) as last_at from seen group by listing_id
    ), bounded as (
      select seen.listing_id, seen.scope_key, seen.sightings, looks.instants,
        width_bucket(life.first_at, looks.instants) as before,
        width_bucket(life.last_at, looks.instants) as until
      from seen join life using (listing_id) left join looks using (scope_key)
    ), closing as (
      select *, width_bucket(instants[until + 1] + ${ABSENCES_APART} - interval '1 microsecond', instants) + 1 as closed
      from bounded
    )
    select listing_id as key,
      md5(string_agg(concat_ws('|', scope_key, sightings, until - before,
        coalesce(closed, until) - until, instants[until + 1], instants[closed]), ';' order by scope_key)) as input_hash
    from closing group by listing_id`;
}

export interface ListingEvidence {
  readonly key: string;
  readonly isSynthetic: boolean;
  readonly observations: {payloadHash: string; payload: StagedListing}[];
  readonly sightings: {scopeKey: string; runId: number; observedAt: Date; payloadHash: string | null}[];
  readonly completeRuns: {scopeKey: string; runId: number; observedAt: Date}[];
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
    observed_at: Date;
    payload_hash: string | null;
  }>(sql`
    select s.listing_id, r.scope_key, r.run_id, s.observed_at, s.payload_hash
    from raw.sighting s join ops.run_scope r using (run_scope_id) where s.listing_id in ${keys}`);
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
): Promise<Map<string, {scopeKey: string; runId: number; observedAt: Date}[]>> {
  const rows = await tx.execute<{scope_key: string; run_id: number; observed_at: Date}>(sql`
    select scope_key, run_id, observed_at from ops.run_scope
    where verdict = 'complete' and observed_at is not null
      and scope_key in (select jsonb_array_elements_text(${JSON.stringify(scopeKeys)}::jsonb))
    order by observed_at`);
  const runs = new Map<string, {scopeKey: string; runId: number; observedAt: Date}[]>();
  for (const row of rows) {
    const known = runs.get(row.scope_key) ?? [];
    known.push({scopeKey: row.scope_key, runId: row.run_id, observedAt: new Date(row.observed_at)});
    runs.set(row.scope_key, known);
  }
  return runs;
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
