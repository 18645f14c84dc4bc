/**
 * Imported rows on their way into `ops` and `raw`: gathered in temporary tables of one transaction, then turned into
 * runs, scopes, sightings and observations by set. Nothing is visible before the transaction ends.
 */
import {sql} from 'drizzle-orm';
import {date, integer, jsonb, pgTable, text} from 'drizzle-orm/pg-core';
import type {StagedListing} from '../domain/listing.ts';
import {STAGED_LISTING_VERSION} from '../domain/listing.ts';
import {RAIZ_VERSION} from '../domain/version.ts';
import {insertRows} from './bulk.ts';
import type {Tx} from './client.ts';

/** One row per row of the file. Rejected rows have a rule and no listing. */
const importRow = pgTable('import_row', {
  sourceRow: integer().notNull(),
  observedOn: date({mode: 'string'}),
  listingId: text(),
  payloadHash: text(),
  operations: text().array(),
  propertyType: text(),
  rule: text(),
  message: text(),
});
export type ImportRow = typeof importRow.$inferInsert;

/** Payloads of the rows, each at least once. */
const importPayload = pgTable('import_payload', {
  listingId: text().notNull(),
  payloadHash: text().notNull(),
  payload: jsonb().$type<StagedListing>().notNull(),
});
export type ImportPayload = typeof importPayload.$inferInsert;

/** What an import says about the rows as a whole. */
export interface ImportSource {
  /** Name of the mapping. */
  readonly mapping: string;
  readonly portal: string;
  readonly place: string;
  /** Null: each row tells. */
  readonly operation: string | null;
  readonly propertyType: string | null;
  /** Each day holds every advert of the scope. */
  readonly isComplete: boolean;
  readonly isSynthetic: boolean;
  readonly now: Date;
}

export interface ImportDay {
  readonly observedOn: string;
  readonly rows: number;
  readonly listings: number;
  /** Rows that did not become a sighting. */
  readonly rejected: number;
  /** Those of them whose listing stands in another row of the day. */
  readonly repeated: number;
  readonly verdict: 'complete' | 'incomplete';
  /** False: the same content of the same day was imported before. */
  readonly isNew: boolean;
}

/** A day on which more than this share of rows could not be read is no proof of any absence. */
const MAX_REJECTED_SHARE = 0.01;

export async function openImportTables(tx: Tx): Promise<void> {
  await tx.execute(sql`
    create temporary table import_row (
      source_row int not null, observed_on date, listing_id text, payload_hash text, operations text[],
      property_type text, rule text, message text
    ) on commit drop`);
  await tx.execute(sql`
    create temporary table import_payload (listing_id text not null, payload_hash text not null, payload jsonb not null)
    on commit drop`);
}

export async function addImportRows(
  tx: Tx,
  rows: readonly ImportRow[],
  payloads: readonly ImportPayload[],
): Promise<void> {
  await insertRows(tx, importRow, rows);
  await insertRows(tx, importPayload, payloads);
}

/**
 * Turns the gathered rows into one run a day. A day whose content is known already (same mapping, scope, day and rows,
 * in any order) is left alone. @returns the days in order.
 */
export async function saveImportDays(tx: Tx, source: ImportSource): Promise<ImportDay[]> {
  await keepOneRowPerListing(tx);
  const days = await openRuns(tx, source);
  await openScopes(tx, source);
  await tx.execute(sql`
    insert into raw.observation (listing_id, payload_hash, portal, source_kind, payload, staged_version, is_synthetic)
    select distinct on (p.listing_id, p.payload_hash) p.listing_id, p.payload_hash, ${source.portal}, 'import', p.payload,
      ${STAGED_LISTING_VERSION}::smallint, ${source.isSynthetic}
    from import_payload p join import_row r using (listing_id, payload_hash) join import_day d using (observed_on)
    where r.rule is null
    on conflict (listing_id, payload_hash) do nothing`);
  await tx.execute(sql`
    insert into raw.sighting (run_scope_id, listing_id, observed_at, payload_hash, source_row)
    select distinct on (s.run_scope_id, r.listing_id) s.run_scope_id, r.listing_id, s.observed_at, r.payload_hash, r.source_row
    from import_row r join import_scope s on s.observed_on = r.observed_on
      and (s.operation = any(r.operations) or (s.operation is null and r.operations = '{}'))
      and s.property_type is not distinct from r.property_type
    where r.rule is null`);
  await tx.execute(sql`
    insert into raw.rejected_record (run_scope_id, source_ref, rule, message)
    select (select min(s.run_scope_id) from import_scope s where s.observed_on =
        coalesce(r.observed_on, (select min(observed_on) from import_day))), 'row:' || r.source_row, r.rule, r.message
    from import_row r
    where r.rule is not null
      and coalesce(r.observed_on, (select min(observed_on) from import_day)) in (select observed_on from import_day)`);
  await tx.execute(sql`
    update ops.run_scope s
    set listings_seen = (select count(*) from raw.sighting g where g.run_scope_id = s.run_scope_id)
    where run_scope_id in (select run_scope_id from import_scope)`);
  return days;
}

/**
 * A listing that stands twice under one day keeps the row whose payload hash is smallest, so that the order of rows
 * decides nothing; the others are rejected.
 */
async function keepOneRowPerListing(tx: Tx): Promise<void> {
  await tx.execute(sql`create index on import_row (observed_on, listing_id)`);
  await tx.execute(sql`analyze import_row`);
  await tx.execute(sql`
    with ranked as (
      select ctid, row_number() over w as place, first_value(source_row) over w as kept from import_row where rule is null
      window w as (partition by observed_on, listing_id order by payload_hash, source_row)
    )
    update import_row r set rule = 'repeated_in_day', message = 'the same listing as row ' || kept || ' on the same day'
    from ranked where ranked.ctid = r.ctid and place > 1`);
}

async function openRuns(tx: Tx, source: ImportSource): Promise<ImportDay[]> {
  const found = await tx.execute<{
    observed_on: string;
    rows: number;
    listings: number;
    rejected: number;
    repeated: number;
    content: string;
  }>(sql`
    select observed_on::text, count(*)::int as rows, count(*) filter (where rule is null)::int as listings,
      count(*) filter (where rule is not null)::int as rejected,
      count(*) filter (where rule = 'repeated_in_day')::int as repeated,
      md5(string_agg(listing_id || payload_hash || coalesce(operations::text, '') || coalesce(property_type, ''), ','
        order by listing_id) filter (where rule is null)) as content
    from import_row where observed_on is not null group by observed_on order by observed_on`);
  await tx.execute(sql`
    create temporary table import_day (observed_on date primary key, run_id bigint not null, verdict text not null)
    on commit drop`);
  const days: ImportDay[] = [];
  for (const day of found) {
    const isComplete = source.isComplete && day.rejected - day.repeated <= day.rows * MAX_REJECTED_SHARE;
    const verdict = isComplete ? 'complete' : 'incomplete';
    const scope = [source.portal, source.operation ?? '*', source.propertyType ?? '*', source.place].join(
      '/',
    );
    const naturalKey = `import:${source.mapping}:${scope}:${verdict}:${day.observed_on}:${day.content}`;
    const options = JSON.stringify({mapping: source.mapping, rows: day.rows});
    const opened = await tx.execute(sql`
      with opened as (
        insert into ops.run (kind, portal, natural_key, observed_on, started_at, finished_at, verdict, options,
          code_version, is_synthetic)
        values ('import', ${source.portal}, ${naturalKey}, ${day.observed_on}, ${source.now}, ${source.now}, ${verdict},
          ${options}::jsonb, ${RAIZ_VERSION}, ${source.isSynthetic})
        on conflict (natural_key) do nothing returning run_id
      )
      insert into import_day select ${day.observed_on}, run_id, ${verdict} from opened`);
    const {observed_on: observedOn, rows, listings, rejected, repeated} = day;
    days.push({observedOn, rows, listings, rejected, repeated, verdict, isNew: opened.count === 1});
  }
  return days;
}

/** One scope a day where the file declares one, else one for each operation and type its rows name. */
async function openScopes(tx: Tx, source: ImportSource): Promise<void> {
  const operation = source.operation === null ? sql`named.operation` : sql`${source.operation}::text`;
  const type = source.propertyType === null ? sql`r.property_type` : sql`${source.propertyType}::text`;
  await tx.execute(sql`
    create temporary table import_scope (
      run_scope_id bigint, observed_on date, observed_at timestamptz, operation text, property_type text
    ) on commit drop`);
  await tx.execute(sql`
    with wanted as (
      select distinct d.run_id, d.observed_on, d.verdict, ${operation} as operation, ${type} as property_type
      from import_row r join import_day d using (observed_on)
      left join lateral unnest(r.operations) as named(operation) on true
    ), opened as (
      insert into ops.run_scope (run_id, scope_key, portal, operation, property_type, place, observed_at, verdict,
        verdict_reason, started_at, closed_at)
      select run_id, concat_ws('/', ${source.portal}::text, coalesce(operation, 'unknown'),
          coalesce(property_type, 'unknown'), ${source.place}::text),
        ${source.portal}, operation, property_type, ${source.place},
        (observed_on + time '12:00') at time zone 'America/Bogota', verdict, 'declared by the mapping',
        ${source.now}, ${source.now}
      from wanted returning run_scope_id, observed_at, operation, property_type
    )
    insert into import_scope
    select run_scope_id, (observed_at at time zone 'America/Bogota')::date, observed_at, operation, property_type from opened`);
}
