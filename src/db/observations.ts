import {sql} from 'drizzle-orm';
import {observation, rejectedRecord} from '../../drizzle/schema/raw.ts';
import type {Issue} from '../domain/issue.ts';
import {listingId, STAGED_LISTING_VERSION, type StagedListing} from '../domain/listing.ts';
import type {RunKind} from '../domain/vocabulary.ts';
import {canonicalJson} from '../lib/canonical-json.ts';
import {upsertRows} from './bulk.ts';
import type {Tx} from './client.ts';

/** Where a reading comes from: a page of the archive or a row of an imported file. */
interface Source {
  readonly runScopeId: number;
  readonly observedAt: Date;
  readonly pageId?: number;
  readonly sourceRow?: number;
}

/** One listing as seen once. */
export interface SavedReading extends Source {
  readonly listing: StagedListing;
  readonly payloadHash: string;
  /** JSON paths or columns nobody read. */
  readonly unread: readonly string[];
}

/** The portal said that this advert is gone. */
export interface GoneReading extends Source {
  readonly listingId: string;
  readonly goneReason: string;
}

/** A record that could not become an observation. */
export interface SavedReject {
  readonly runScopeId: number;
  /** `page:<id>$.data[3]` or `row:17`. */
  readonly sourceRef: string;
  readonly rule: string;
  readonly message: string;
}

interface SightingRow extends Source {
  readonly listingId: string;
  readonly payloadHash: string | null;
  readonly goneReason: string | null;
}

/**
 * Saves sightings and, once per distinct payload, observations. Within a run scope a listing has one sighting: the
 * latest (by instant, then page, then row), in whatever order they are saved. Saving the same readings twice changes
 * nothing.
 */
export async function saveReadings(
  tx: Tx,
  readings: readonly SavedReading[],
  origin: {readonly sourceKind: RunKind; readonly isSynthetic: boolean},
): Promise<void> {
  if (readings.length === 0) return;
  const distinct = new Map<string, typeof observation.$inferInsert>();
  const sightings: SightingRow[] = [];
  for (const reading of readings) {
    const {listing, payloadHash, unread} = reading;
    const id = listingId(listing.portal, listing.idSpace, listing.portalListingId);
    sightings.push({...reading, listingId: id, payloadHash, goneReason: null});
    const key = `${id} ${payloadHash}`;
    if (distinct.has(key)) continue;
    distinct.set(key, {
      listingId: id,
      payloadHash,
      portal: listing.portal,
      sourceKind: origin.sourceKind,
      payload: listing,
      stagedVersion: STAGED_LISTING_VERSION,
      unread: [...unread],
      isSynthetic: origin.isSynthetic,
    });
  }
  await upsertRows(tx, observation, [...distinct.values()], {
    target: [observation.listingId, observation.payloadHash],
    update: 'nothing',
  });
  await saveSightings(tx, sightings);
}

/** Saves sightings without payload: the portal answered, and the advert is gone. */
export async function saveGone(tx: Tx, readings: readonly GoneReading[]): Promise<void> {
  await saveSightings(
    tx,
    readings.map(reading => ({...reading, payloadHash: null})),
  );
}

/** Saves records that could not become observations; the same `sourceRef` again replaces the message. */
export async function saveRejects(tx: Tx, rejects: readonly SavedReject[]): Promise<void> {
  const distinct = new Map(rejects.map(reject => [`${reject.runScopeId} ${reject.sourceRef}`, reject]));
  await upsertRows(tx, rejectedRecord, [...distinct.values()], {
    target: [rejectedRecord.runScopeId, rejectedRecord.sourceRef],
    update: 'all',
  });
}

/** Removes what these pages said, before they say it anew. Observations stay: they are kept once for all who saw them. */
export async function removePageReadings(tx: Tx, pageIds: readonly number[]): Promise<void> {
  await tx.execute(sql`
    with page as (select jsonb_array_elements_text(${JSON.stringify(pageIds)}::text::jsonb) as id),
      gone as (delete from raw.sighting s using page where s.page_id = page.id::bigint)
    delete from raw.rejected_record r using page, raw.page p
    where p.page_id = page.id::bigint and r.run_scope_id = p.run_scope_id and split_part(r.source_ref, '$', 1) = 'page:' || page.id`);
}

/**
 * Counts issues by fingerprint. Positions inside lists take no part in it, so that the same unknown word in a hundred
 * records is one issue with a hundred occurrences.
 * @param source what found it: a portal id, an import shape.
 */
export async function saveIssues(tx: Tx, source: string, issues: readonly Issue[], now: Date): Promise<void> {
  if (issues.length === 0) return;
  const counted = new Map<string, {issue: Issue; path: string | null; occurrences: number}>();
  for (const issue of issues) {
    const path = issue.path === undefined ? null : issue.path.replaceAll(/\[\d+\]/g, '[]');
    const fingerprint = [source, issue.code, path ?? '', issue.value ?? ''].join('|');
    const known = counted.get(fingerprint);
    if (known === undefined) counted.set(fingerprint, {issue, path, occurrences: 1});
    else known.occurrences += 1;
  }
  const rows = [...counted].map(([fingerprint, {issue, path, occurrences}]) => ({
    fingerprint,
    code: issue.code,
    path,
    value: issue.value ?? null,
    message: issue.message,
    occurrences,
  }));
  await tx.execute(sql`
    insert into ops.issue as i (fingerprint, code, source, path, value, message, occurrences, first_seen_at, last_seen_at)
    select fingerprint, code, ${source}, path, value, message, occurrences, ${now.toISOString()}::timestamptz, ${now.toISOString()}::timestamptz
    from jsonb_to_recordset(${canonicalJson(rows)}::text::jsonb)
      as t(fingerprint text, code text, path text, value text, message text, occurrences int)
    on conflict (fingerprint) do update
      set occurrences = i.occurrences + excluded.occurrences,
          first_seen_at = least(i.first_seen_at, excluded.first_seen_at),
          last_seen_at = greatest(i.last_seen_at, excluded.last_seen_at)`);
}

async function saveSightings(tx: Tx, sightings: readonly SightingRow[]): Promise<void> {
  const latest = new Map<string, SightingRow>();
  for (const sighting of sightings) {
    const key = `${sighting.runScopeId} ${sighting.listingId}`;
    const known = latest.get(key);
    if (known === undefined || compareSources(known, sighting) <= 0) latest.set(key, sighting);
  }
  if (latest.size === 0) return;
  const rows = [...latest.values()].map(row => ({
    run_scope_id: row.runScopeId,
    listing_id: row.listingId,
    observed_at: row.observedAt.toISOString(),
    payload_hash: row.payloadHash,
    gone_reason: row.goneReason,
    page_id: row.pageId ?? null,
    source_row: row.sourceRow ?? null,
  }));
  await tx.execute(sql`
    insert into raw.sighting as s (run_scope_id, listing_id, observed_at, payload_hash, gone_reason, page_id, source_row)
    select run_scope_id, listing_id, observed_at, payload_hash, gone_reason, page_id, source_row
    from jsonb_to_recordset(${canonicalJson(rows)}::text::jsonb)
      as t(run_scope_id bigint, listing_id text, observed_at timestamptz, payload_hash text, gone_reason text,
           page_id bigint, source_row int)
    on conflict (run_scope_id, listing_id) do update
      set observed_at = excluded.observed_at, payload_hash = excluded.payload_hash,
          gone_reason = excluded.gone_reason, page_id = excluded.page_id, source_row = excluded.source_row
      where (excluded.observed_at, coalesce(excluded.page_id, 0), coalesce(excluded.source_row, 0))
         >= (s.observed_at, coalesce(s.page_id, 0), coalesce(s.source_row, 0))`);
}

function compareSources(a: Source, b: Source): number {
  return (
    a.observedAt.getTime() - b.observedAt.getTime() ||
    (a.pageId ?? 0) - (b.pageId ?? 0) ||
    (a.sourceRow ?? 0) - (b.sourceRow ?? 0)
  );
}
