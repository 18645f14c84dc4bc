/** Health: what each scope of each run brought, and the incidents found in it. */
import {and, desc, eq, inArray, isNotNull, isNull, or, sql} from 'drizzle-orm';
import {incident} from '../../drizzle/schema/ops.ts';
import type {Operation, PropertyType, Verdict} from '../domain/vocabulary.ts';
import type {Db, Tx} from './client.ts';

/** Runs of a portal that are measured again when their sightings changed. */
const MEASURED_RUNS = 8;

/** A scope of which less is parsed than this share of what the crawl saw is not measured yet. */
const PARSED_SHARE = 0.5;

/** Fields whose fill is watched, as SQL conditions on the payload `o.payload`. */
const FIELDS: Readonly<Record<string, string>> = {
  price: `exists (select from jsonb_array_elements(payload -> 'offers') offer where offer ->> 'price' is not null)`,
  areaM2: `coalesce(payload ->> 'privateAreaM2', payload ->> 'builtAreaM2', payload ->> 'landAreaM2') is not null`,
  ...Object.fromEntries(
    [
      'url',
      'title',
      'description',
      'propertyType',
      'municipality',
      'neighbourhood',
      'latitude',
      'bedrooms',
      'bathrooms',
      'parkingSpaces',
      'stratum',
      'ageYearsMin',
      'condition',
      'advertiserKind',
      'photosCount',
      'publishedOn',
    ].map(field => [field, `payload ->> '${field}' is not null`]),
  ),
};

const FILLED = Object.entries(FIELDS)
  .map(([field, condition]) => `'${field}', count(*) filter (where ${condition})`)
  .join(', ');

/**
 * Measures the judged scopes of the newest runs of every portal whose sightings are not those measured before.
 * @returns scopes measured.
 */
export async function measureScopes(db: Db, now: Date): Promise<number> {
  const due = await db.execute<{run_scope_id: number; input_hash: string}>(sql`
    with newest as (
      select run_id from (
        select run_id, row_number() over (partition by portal order by run_id desc) as n
        from ops.run where kind = 'crawl') numbered
      where n <= ${MEASURED_RUNS}
    ), found as (
      select s.run_scope_id, s.verdict,
        concat_ws(':', s.verdict, count(g.listing_id), sum(hashtext(g.listing_id || coalesce(g.payload_hash, 'gone')))) as input_hash
      from ops.run_scope s join newest using (run_id)
      left join raw.sighting g using (run_scope_id)
      where s.verdict is not null
      group by s.run_scope_id
    )
    select f.run_scope_id, f.input_hash from found f
    left join ops.scope_measure m using (run_scope_id)
    where m.input_hash is distinct from f.input_hash
    order by f.run_scope_id`);
  for (let start = 0; start < due.length; start += 500) {
    await measure(db, due.slice(start, start + 500), now);
  }
  return due.length;
}

async function measure(
  db: Db,
  due: readonly {readonly run_scope_id: number; readonly input_hash: string}[],
  now: Date,
): Promise<void> {
  await db.execute(sql`
    with due as (
      select s.*, d.input_hash from jsonb_to_recordset(${JSON.stringify(due)}::text::jsonb) as d(run_scope_id bigint, input_hash text)
      join ops.run_scope s using (run_scope_id)
    ), seen as (
      select d.run_scope_id, d.run_id, g.listing_id, g.payload_hash, o.payload, before.payload_hash as payload_before,
        before.listing_id is not null as is_known
      from due d join raw.sighting g using (run_scope_id)
      join raw.observation o on o.listing_id = g.listing_id and o.payload_hash = g.payload_hash
      left join lateral (
        select b.listing_id, b.payload_hash from raw.sighting b join ops.run_scope s using (run_scope_id)
        where b.listing_id = g.listing_id and b.payload_hash is not null and s.run_id < d.run_id
        order by b.observed_at desc limit 1) before on true
    ), shares as (
      select run_scope_id, count(*) as listings, count(*) filter (where not is_known) as listings_new,
        count(*) filter (where is_known and payload_hash <> payload_before) as listings_changed,
        count(*) - count(distinct jsonb_build_array(payload -> 'title', payload -> 'offers', payload -> 'privateAreaM2',
          payload -> 'builtAreaM2', payload -> 'landAreaM2', payload -> 'bedrooms', payload -> 'latitude',
          payload -> 'longitude')) as duplicates,
        jsonb_build_object(${sql.raw(FILLED)}) as filled
      from seen group by run_scope_id
    ), gone as (
      select d.run_scope_id, count(g.listing_id) as listings_before,
        count(g.listing_id) filter (where now.listing_id is null) as listings_gone
      from due d
      cross join lateral (
        select e.run_scope_id from ops.run_scope e join ops.run r using (run_id)
        where e.scope_key = d.scope_key and e.verdict = 'complete' and r.kind = 'crawl' and e.run_id < d.run_id
        order by e.run_id desc limit 1) earlier
      join raw.sighting g on g.run_scope_id = earlier.run_scope_id and g.payload_hash is not null
      left join (
        select distinct s.run_id, n.listing_id from ops.run_scope s join raw.sighting n using (run_scope_id)
        where s.run_id in (select run_id from due) and n.payload_hash is not null
      ) now on now.run_id = d.run_id and now.listing_id = g.listing_id
      group by d.run_scope_id
    ), pages as (
      select p.run_scope_id, count(*) filter (where p.status in (401, 403, 429)) as blocks,
        extract(epoch from max(p.fetched_at) - min(p.fetched_at))::double precision as seconds
      from due d join raw.page p using (run_scope_id) group by p.run_scope_id
    )
    insert into ops.scope_measure (run_scope_id, input_hash, first_measured_at, listings, listings_new, listings_changed,
      listings_before, listings_gone, duplicates, filled, blocks, seconds)
    select d.run_scope_id, d.input_hash, ${now.toISOString()}::timestamptz, coalesce(s.listings, 0),
      coalesce(s.listings_new, 0), coalesce(s.listings_changed, 0), g.listings_before,
      case when d.verdict = 'complete' then g.listings_gone end, coalesce(s.duplicates, 0), coalesce(s.filled, '{}'),
      coalesce(p.blocks, 0), p.seconds
    from due d left join shares s using (run_scope_id) left join gone g using (run_scope_id)
    left join pages p using (run_scope_id)
    on conflict (run_scope_id) do update set
      first_measured_at = case when scope_measure.listings = 0 then excluded.first_measured_at else scope_measure.first_measured_at end,
      input_hash = excluded.input_hash, listings = excluded.listings,
      listings_new = excluded.listings_new, listings_changed = excluded.listings_changed,
      listings_before = excluded.listings_before, listings_gone = excluded.listings_gone,
      duplicates = excluded.duplicates, filled = excluded.filled, blocks = excluded.blocks, seconds = excluded.seconds`);
}

/** One scope of one crawl run, with what was measured of it. */
export interface ScopeRunRow {
  readonly portal: string;
  /** Its key without the portal: `sale/house/antioquia/bello`. */
  readonly scope: string;
  readonly operation: Operation | null;
  readonly propertyType: PropertyType | null;
  readonly place: string;
  readonly runId: number;
  readonly observedOn: string;
  readonly observedAt: Date;
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly announcedTotal: number | null;
  readonly listingsSeen: number;
  readonly isSynthetic: boolean;
  /** Links of its sitemaps that its run left out by plan; 0: none, or it has no sitemaps. */
  readonly linksLeft: number;
  /** The oldest last visit among those; null: none of them was ever visited. */
  readonly oldestVisitAt: Date | null;
  readonly measure: {
    readonly listings: number;
    readonly listingsNew: number;
    readonly listingsChanged: number;
    readonly listingsBefore: number | null;
    readonly listingsGone: number | null;
    readonly duplicates: number;
    readonly filled: Readonly<Record<string, number>>;
    readonly blocks: number;
    readonly seconds: number | null;
  } | null;
}

/** The newest `runs` judged runs of every crawled scope, oldest first; samples are left out. */
export async function scopeRuns(db: Db, runs: number): Promise<ScopeRunRow[]> {
  const rows = await db.execute<{[Key in keyof ScopeRunRow]: ScopeRunRow[Key]}>(sql`
    select s.portal, substr(s.scope_key, length(s.portal) + 2) as scope, s.operation, s.property_type as "propertyType",
      s.place, s.run_id as "runId", s.observed_on::text as "observedOn", s.observed_at as "observedAt", s.verdict,
      s.verdict_reason as reason, s.announced_total as "announcedTotal", s.listings_seen as "listingsSeen",
      s.is_synthetic as "isSynthetic", coalesce((s.link_plan ->> 'left')::int, 0) as "linksLeft",
      (s.link_plan ->> 'oldestVisitAt')::timestamptz as "oldestVisitAt",
      case when m.listings >= s.listings_seen * ${PARSED_SHARE}::float then jsonb_build_object('listings', m.listings, 'listingsNew', m.listings_new,
        'listingsChanged', m.listings_changed, 'listingsBefore', m.listings_before, 'listingsGone', m.listings_gone,
        'duplicates', m.duplicates, 'filled', m.filled, 'blocks', m.blocks, 'seconds', m.seconds) end as measure
    from (
      select s.*, r.observed_on, r.is_synthetic,
        row_number() over (partition by s.scope_key order by s.observed_at desc, s.run_scope_id desc) as n
      from ops.run_scope s join ops.run r using (run_id)
      where r.kind = 'crawl' and s.verdict is not null and s.observed_at is not null and r.options ->> 'sample' is null
    ) s
    left join ops.scope_measure m using (run_scope_id)
    where s.n <= ${runs}
    order by s.portal, s.scope_key, s.n desc`);
  return rows.map(row => ({
    ...row,
    observedAt: new Date(row.observedAt),
    oldestVisitAt: row.oldestVisitAt === null ? null : new Date(row.oldestVisitAt),
  }));
}

export interface NewWordRow {
  readonly portal: string;
  readonly code: string;
  readonly path: string | null;
  readonly value: string | null;
  readonly firstSeenAt: Date;
}

/** Unknown words and unread keys that came after health first looked at the portal and are in its newest parsed run still. */
export async function newWords(db: Db): Promise<NewWordRow[]> {
  const rows = await db.execute<{[Key in keyof NewWordRow]: NewWordRow[Key]}>(sql`
    with looked as (
      select s.portal, min(m.first_measured_at) as at from ops.scope_measure m join ops.run_scope s using (run_scope_id)
      where m.listings > 0 group by 1
    ), newest as (
      select r.portal, max(r.started_at) as at
      from ops.run r join ops.run_scope using (run_id) join ops.scope_measure m using (run_scope_id)
      where m.listings > 0 group by 1
    )
    select i.source as portal, i.code, i.path, i.value, i.first_seen_at as "firstSeenAt"
    from ops.issue i join looked on looked.portal = i.source join newest on newest.portal = i.source
    where (i.code = 'unread_key' or i.code like 'unknown\\_%')
      and i.first_seen_at > looked.at and i.last_seen_at >= newest.at
    order by i.source, i.code, i.path, i.value`);
  return rows.map(row => ({...row, firstSeenAt: new Date(row.firstSeenAt)}));
}

export type Incident = typeof incident.$inferSelect;

/** What is open, newest first. */
export function openIncidents(db: Db): Promise<Incident[]> {
  return db.select().from(incident).where(isNull(incident.closedAt)).orderBy(desc(incident.openedAt));
}

/** Open ones and those that are over, newest first. */
export function newestIncidents(db: Db, limit: number): Promise<Incident[]> {
  return db.select().from(incident).orderBy(desc(incident.incidentId)).limit(limit);
}

export async function incidentById(db: Db, incidentId: number): Promise<Incident | undefined> {
  const [found] = await db.select().from(incident).where(eq(incident.incidentId, incidentId));
  return found;
}

export type NewIncident = Pick<
  Incident,
  'kind' | 'portal' | 'subject' | 'fingerprint' | 'observed' | 'expected' | 'since'
>;

/**
 * Opens incidents that are new, brings open ones up to date, closes those that no longer hold.
 * One process at a time: the caller holds the health lock.
 */
export async function saveIncidents(
  tx: Tx,
  found: readonly NewIncident[],
  now: Date,
): Promise<{readonly opened: number; readonly closed: number}> {
  const open = new Map((await openIncidents(tx)).map(each => [each.fingerprint, each]));
  const fresh = found.filter(each => !open.has(each.fingerprint));
  if (fresh.length > 0) await tx.insert(incident).values(fresh.map(each => ({...each, openedAt: now})));
  for (const {fingerprint, observed, expected} of found) {
    const known = open.get(fingerprint);
    open.delete(fingerprint);
    if (known === undefined || known.observed === observed) continue;
    await tx.update(incident).set({observed, expected}).where(eq(incident.incidentId, known.incidentId));
  }
  const over = [...open.values()].map(each => each.incidentId);
  if (over.length > 0)
    await tx.update(incident).set({closedAt: now}).where(inArray(incident.incidentId, over));
  return {opened: fresh.length, closed: over.length};
}

/** Incidents of which a message is due: opened, or over after its opening was told. Oldest first. */
export function unsentIncidents(db: Db, limit: number): Promise<Incident[]> {
  return db
    .select()
    .from(incident)
    .where(
      or(
        and(isNull(incident.openingSentAt), isNull(incident.closedAt)),
        and(isNotNull(incident.openingSentAt), isNotNull(incident.closedAt), isNull(incident.closingSentAt)),
      ),
    )
    .orderBy(incident.incidentId)
    .limit(limit);
}

/** Records that a message went out, or why it did not. */
export async function recordSending(
  db: Db,
  {incidentId, closedAt}: Incident,
  outcome: {readonly sentAt: Date} | {readonly error: string},
): Promise<void> {
  const sent =
    'error' in outcome
      ? {sendError: outcome.error}
      : closedAt === null
        ? {openingSentAt: outcome.sentAt, sendError: null}
        : {closingSentAt: outcome.sentAt, sendError: null};
  await db.update(incident).set(sent).where(eq(incident.incidentId, incidentId));
}
