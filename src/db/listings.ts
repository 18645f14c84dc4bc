/** Histories of listings: what they are made from, and replacing what was made. */

import type {InferInsertModel, SQL} from 'drizzle-orm';
import {sql} from 'drizzle-orm';
import {
  listing,
  listingPrice,
  listingSpell,
  listingStatus,
  listingVersion,
  property,
  propertyMember,
  quarantine,
} from '../../drizzle/schema/core.ts';
import type {StagedListing} from '../domain/listing.ts';
import {deleteByKeys, replaceRows, upsertRows} from './bulk.ts';
import type {Db, Tx} from './client.ts';

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

/** The advert as it stands now: open version and open prices. */
export interface CurrentListing {
  readonly listingId: string;
  readonly propertyType: string | null;
  readonly municipality: string | null;
  readonly neighbourhood: string | null;
  readonly stratum: number | null;
  readonly areaM2: number | null;
  readonly bedrooms: number | null;
  readonly bathrooms: number | null;
  readonly isUsable: boolean;
  /** COP by operation; an offer whose price can't be believed has none. */
  readonly prices: Readonly<Record<string, number>>;
}

/** Every listing as it stands now, listed or not, by id. */
export async function loadCurrentListings(db: Db): Promise<CurrentListing[]> {
  const rows = await db.execute<{
    listing_id: string;
    property_type: string | null;
    municipality: string | null;
    neighbourhood: string | null;
    stratum: number | null;
    area_m2: number | null;
    bedrooms: number | null;
    bathrooms: number | null;
    is_usable: boolean;
    prices: Record<string, number>;
  }>(sql`
    select v.listing_id, v.property_type, v.municipality, v.neighbourhood, v.stratum, v.area_m2, v.bedrooms, v.bathrooms,
      v.exclusions = '{}' as is_usable, coalesce(p.prices, '{}') as prices
    from core.listing_version v
    left join (
      select listing_id, jsonb_object_agg(operation, price_cop) as prices from core.listing_price
      where valid_to is null and price_cop is not null group by listing_id
    ) p using (listing_id)
    where v.valid_to is null order by v.listing_id`);
  return rows.map(row => ({
    listingId: row.listing_id,
    propertyType: row.property_type,
    municipality: row.municipality,
    neighbourhood: row.neighbourhood,
    stratum: row.stratum,
    areaM2: row.area_m2,
    bedrooms: row.bedrooms,
    bathrooms: row.bathrooms,
    isUsable: row.is_usable,
    prices: row.prices,
  }));
}

/** Makes `core.property` and its members exactly these. @returns number of homes. */
export async function replaceProperties(
  tx: Tx,
  members: readonly InferInsertModel<typeof propertyMember>[],
): Promise<number> {
  const adverts = new Map<string, number>();
  for (const {propertyId} of members) adverts.set(propertyId, (adverts.get(propertyId) ?? 0) + 1);
  const properties = [...adverts].map(([propertyId, count]) => ({propertyId, adverts: count}));
  await upsertRows(tx, property, properties, {target: [property.propertyId]});
  await upsertRows(tx, propertyMember, members, {target: [propertyMember.listingId]});
  const ids = JSON.stringify(members.map(member => member.listingId));
  await tx.execute(sql`
    delete from core.property_member m
    where not exists (select from jsonb_array_elements_text(${ids}::jsonb) kept(id) where kept.id = m.listing_id)`);
  await tx.execute(sql`
    delete from core.property p
    where not exists (select from core.property_member m where m.property_id = p.property_id)`);
  return properties.length;
}
