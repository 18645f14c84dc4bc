/** One listing from what was seen to what is guessed, with where each step comes from. Reads existing tables only. */
import {sql} from 'drizzle-orm';
import {POI_CATEGORIES, type PoiCategory} from '../domain/vocabulary.ts';
import type {Db} from './client.ts';

/** One sight of the advert: an answer of the portal, or a row of a file. */
export interface TracedSight {
  readonly observedAt: string;
  readonly runId: number;
  readonly source: 'crawl' | 'import';
  readonly scope: string;
  /** Null: the portal said that the advert is gone. */
  readonly payloadHash: string | null;
  readonly goneReason: string | null;
  readonly url: string | null;
  /** Archive file of the page, relative to `<data>/raw`, and where in it; null for imports. */
  readonly file: string | null;
  readonly fileOffset: number | null;
  /** Row of the imported file; null for pages. */
  readonly row: number | null;
}

/** Fields by name, as the database holds them. */
type Fields = Readonly<Record<string, unknown>>;

export interface TracedFinding {
  readonly payloadHash: string;
  readonly rule: string;
  readonly field: string;
  readonly effect: string;
  readonly value: string | null;
  readonly message: string;
}

/** What is near in one category. */
export interface TracedNear {
  readonly category: PoiCategory;
  /** The three nearest. */
  readonly nearest: readonly {readonly id: string; readonly name: string | null; readonly metres: number}[];
  /** Within 500, 1,000 and 2,000 m. */
  readonly within: readonly number[];
  readonly gravity: number;
}

/** When a stage last made this key; null: it never did. */
export interface TracedStage {
  readonly stage: string;
  readonly version: number;
  readonly stageRunId: number;
  readonly finishedAt: string | null;
}

export interface ListingTrace {
  readonly listingId: string;
  readonly status: string | null;
  readonly sights: readonly TracedSight[];
  /** What was seen, once per distinct payload, as the portal states it. */
  readonly observations: readonly {readonly payloadHash: string; readonly payload: Fields}[];
  readonly findings: readonly TracedFinding[];
  /** Attributes over time, oldest first. */
  readonly versions: readonly Fields[];
  readonly prices: readonly Fields[];
  readonly location: Fields | null;
  /** What is near, category by category, where it was measured. */
  readonly near: readonly TracedNear[];
  readonly property: Fields | null;
  /** Other adverts of the home. */
  readonly siblings: readonly string[];
  readonly scores: readonly Fields[];
  readonly stages: readonly TracedStage[];
}

/** @returns undefined when the listing was never seen. */
export async function loadTrace(db: Db, listingId: string): Promise<ListingTrace | undefined> {
  const [row] = await db.execute<{trace: ListingTrace}>(sql`
    select jsonb_build_object(
      'listingId', ${listingId}::text,
      'status', (select status from core.listing where listing_id = ${listingId}),
      'sights', ${list(sql`
        select s.observed_at as "observedAt", sc.run_id as "runId", r.kind as source, sc.scope_key as scope,
          s.payload_hash as "payloadHash", s.gone_reason as "goneReason", p.url, p.file,
          p.file_offset as "fileOffset", s.source_row as row
        from raw.sighting s
        join ops.run_scope sc using (run_scope_id) join ops.run r using (run_id)
        left join raw.page p on p.page_id = s.page_id
        where s.listing_id = ${listingId} order by s.observed_at, sc.run_id`)},
      'observations', ${list(sql`
        select payload_hash as "payloadHash", payload from raw.observation
        where listing_id = ${listingId} order by payload_hash`)},
      'findings', ${list(sql`
        select payload_hash as "payloadHash", rule, field, effect, value, message from core.quarantine
        where listing_id = ${listingId} order by payload_hash, field, rule`)},
      'versions', ${list(sql`
        select * from core.listing_version where listing_id = ${listingId} order by valid_from`)},
      'prices', ${list(sql`
        select * from core.listing_price where listing_id = ${listingId} order by operation, valid_from`)},
      'location', (
        select to_jsonb(g) - array['nearest_poi', 'nearest_m', 'poi_counts', 'poi_gravity']
        from core.listing_location g where listing_id = ${listingId}),
      'near', ${list(sql`
        select c.category, (g.poi_gravity[c.n])::text::double precision as gravity,
          array(select g.poi_counts[c.n][ring] from generate_series(1, 3) ring) as within,
          coalesce((
            select jsonb_agg(jsonb_build_object('id', p.poi_id, 'name', p.name, 'metres', g.nearest_m[c.n][rank]) order by rank)
            from generate_series(1, 3) rank join core.poi p on p.poi_number = g.nearest_poi[c.n][rank]), '[]') as nearest
        from core.listing_location g
        cross join jsonb_array_elements_text(${JSON.stringify(POI_CATEGORIES)}::jsonb) with ordinality c(category, n)
        where g.listing_id = ${listingId} and g.poi_gravity[c.n] is not null order by c.n`)},
      'property', (select to_jsonb(m) from core.property_member m where listing_id = ${listingId}),
      'siblings', coalesce((
        select jsonb_agg(o.listing_id order by o.listing_id)
        from core.property_member m join core.property_member o using (property_id)
        where m.listing_id = ${listingId} and o.listing_id <> m.listing_id), '[]'),
      'scores', ${list(sql`
        select s.*, m.algorithm, m.trained_at, m.is_champion from ml.score s join ml.model m using (model_id)
        where s.listing_id = ${listingId} order by s.operation, m.trained_at`)},
      'stages', ${list(sql`
        select t.stage, t.version, t.stage_run_id as "stageRunId", r.finished_at as "finishedAt"
        from ops.stage_state t join ops.stage_run r using (stage_run_id)
        where (t.stage in ('clean', 'enrich') and t.key = ${listingId}) or (t.stage = 'match' and t.key = 'all')
        order by array_position(array['clean', 'enrich', 'match'], t.stage)`)}
    ) as trace
    where exists (select from raw.sighting where listing_id = ${listingId})`);
  return row?.trace;
}

function list(query: ReturnType<typeof sql>) {
  return sql`coalesce((select jsonb_agg(to_jsonb(q)) from (${query}) q), '[]')`;
}
