/** The queries behind schema `api`, by view. Types are cast and columns put in order where the views are made. */
import {
  columnMeaning,
  dictionaryRows,
  FILES,
  gravityColumn,
  nearestColumn,
  nearFlagColumn,
  VIEWS,
  withinColumn,
} from '../domain/dictionary.ts';
import {NEAR_FLAG_CATEGORIES, NEAR_FLAG_RADII_M, POI_CATEGORIES, POI_RADII_M} from '../domain/vocabulary.ts';
import {ADVERTISER_ODDITY} from './advertiser-view.ts';
import {LEADERBOARD} from './leaderboard-view.ts';
import {qualityQueries} from './quality-views.ts';
import {travelQueries} from './travel-views.ts';

/** How old, in days before the portal's newest run, a complete run may be to speak of today's offer. */
const CURRENT_DAYS = 14;
/** `real` as the double people typed: 85.3 and not 85.30000305. */
const exact = (column: string) => `${column}::text::double precision`;

/** A text as an SQL literal; null as `null`. */
export function literal(value: string | number | boolean | null): string {
  if (value === null) return 'null';
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

const LISTING = `
  with newest as (
    select portal, max(observed_at) as newest_at from ops.run_scope where verdict is not null group by portal
  ), current_scope as (
    select distinct s.scope_key from ops.run_scope s join newest n on n.portal = s.portal
    where s.verdict = 'complete' and s.observed_at >= n.newest_at - interval '${CURRENT_DAYS} days'
  ), in_current_scope as (
    select distinct g.listing_id
    from raw.sighting g
    join ops.run_scope s on s.run_scope_id = g.run_scope_id
    join current_scope c on c.scope_key = s.scope_key
  )
  select l.listing_id || coalesce(':' || p.operation, '') as listing_key, l.listing_id, l.portal, p.operation,
    l.status, l.status = 'active' and c.listing_id is not null as is_current,
    l.first_seen_at, l.last_seen_at,
    p.price_cop, p.price_stated, p.currency, p.correction as price_correction, p.admin_fee_cop,
    p.valid_from as price_since, round(p.price_cop / nullif(${exact('v.area_m2')}, 0)) as price_per_m2_cop,
    v.property_type, ${exact('v.area_m2')} as area_m2, ${exact('v.built_area_m2')} as built_area_m2,
    ${exact('v.private_area_m2')} as private_area_m2, ${exact('v.land_area_m2')} as land_area_m2,
    v.bedrooms, v.bathrooms, v.parking_spaces, v.floor, v.floors_count, v.stratum, v.age_years_min, v.age_years_max,
    v.condition, coalesce(v.amenities, '{}') as amenities, coalesce(v.is_project, false) as is_project,
    coalesce(v.is_off_plan, false) as is_off_plan, coalesce(v.is_auction, false) as is_auction, v.photos_count,
    v.department, v.municipality, v.district, v.neighbourhood,
    g.municipality_code, g.district_code, g.neighbourhood_code, g.latitude, g.longitude, g.geo_quality,
    m.property_id, h.adverts as property_adverts, coalesce(v.exclusions, '{}') as exclusions,
    v.advertiser_kind, v.advertiser_key, v.title, l.url, v.agency_name, l.is_synthetic
  from core.listing l
  left join core.listing_version v on v.listing_id = l.listing_id and v.valid_to is null
  left join core.listing_price p on p.listing_id = l.listing_id and p.valid_to is null
  left join core.listing_location g on g.listing_id = l.listing_id
  left join core.property_member m on m.listing_id = l.listing_id
  left join core.property h on h.property_id = m.property_id
  left join in_current_scope c on c.listing_id = l.listing_id`;

/** The advert's text is not shown: that it changed is enough. */
const HISTORY = `
  with fact as (
    select v.listing_id, v.valid_from,
      to_jsonb(v) - array['listing_id', 'valid_from', 'valid_to', 'payload_hash', 'description'] || jsonb_build_object(
        'description', length(v.description) || ' letras, huella ' || left(md5(v.description), 8)) as facts
    from core.listing_version v
  ), version as (
    select listing_id, valid_from, facts, lag(facts) over (partition by listing_id order by valid_from) as facts_before
    from fact
  ), price as (
    select p.*,
      lag(price_stated) over w as stated_before, lag(price_cop) over w as cop_before, lag(admin_fee_cop) over w as fee_before
    from core.listing_price p window w as (partition by listing_id, operation order by valid_from)
  ), change as (
    select v.listing_id, v.valid_from as changed_at, 'attribute' as change_kind, null as operation,
      f.key as changed_field, v.facts_before ->> f.key as old_value, f.value as new_value, null as change_reason
    from version v cross join lateral jsonb_each_text(v.facts) f
    where v.facts_before is not null and v.facts_before ->> f.key is distinct from f.value
    union all
    select p.listing_id, p.valid_from, 'price', p.operation, f.field, f.before::text, f.after::text, p.correction
    from price p cross join lateral (values
      ('price_stated', p.stated_before, p.price_stated),
      ('price_cop', p.cop_before, p.price_cop),
      ('admin_fee_cop', p.fee_before, p.admin_fee_cop)) f(field, before, after)
    where f.before is distinct from f.after
    union all
    select listing_id, valid_from, 'status', null, 'status',
      lag(status) over (partition by listing_id order by valid_from), status, reason
    from core.listing_status
  )
  select c.listing_id, c.changed_at, c.change_kind, c.operation, c.changed_field,
    left(c.old_value, 200) as old_value, left(c.new_value, 200) as new_value, c.change_reason,
    (select min(s.run_id) from raw.sighting g join ops.run_scope s on s.run_scope_id = g.run_scope_id
     where g.listing_id = c.listing_id and g.observed_at = c.changed_at) as seen_in_run_id
  from change c`;

/** That a price is now believed, or no longer, changes nothing of what is asked: both sides must have a value. */
const PRICE_CHANGE = `
  select c.*,
    case when c.old_currency = c.new_currency
      then round(100.0 * (c.new_price_stated - c.old_price_stated) / nullif(c.old_price_stated, 0), 2) end as stated_change_pct,
    round(100.0 * (c.new_price_cop - c.old_price_cop) / nullif(c.old_price_cop, 0), 2) as price_change_pct,
    c.is_restated and c.old_price_cop is not null and c.old_price_cop is not distinct from c.new_price_cop as is_correction
  from (
    select p.*, (p.old_price_stated, p.old_currency) is distinct from (p.new_price_stated, p.new_currency) as is_restated
    from (
      select p.listing_id, p.operation, p.valid_from as changed_at, p.correction as price_correction, l.is_synthetic,
        lag(p.price_stated) over w as old_price_stated, p.price_stated as new_price_stated,
        lag(p.currency) over w as old_currency, p.currency as new_currency,
        lag(p.price_cop) over w as old_price_cop, p.price_cop as new_price_cop,
        row_number() over w as position
      from core.listing_price p join core.listing l on l.listing_id = p.listing_id
      window w as (partition by p.listing_id, p.operation order by p.valid_from)
    ) p
    where p.position > 1
  ) c
  where c.is_restated or c.old_price_cop <> c.new_price_cop`;

const SPELL = `
  select s.listing_id, row_number() over (partition by s.listing_id order by s.started_at) as spell_number,
    s.started_at as spell_started_at, s.last_seen_at as spell_last_seen_at, s.first_absent_at,
    s.ended_at as spell_ended_at, s.ended_reason,
    round(extract(epoch from s.last_seen_at - s.started_at) / 86400, 2) as days_online,
    s.ended_at is null or s.ended_reason = 'unknown' as is_censored, l.is_synthetic
  from core.listing_spell s join core.listing l on l.listing_id = s.listing_id`;

const PROPERTY = `
  select h.property_id, h.adverts as property_adverts, count(*) filter (where l.status = 'active') as active_adverts,
    array_agg(distinct l.portal order by l.portal) as portals, array_agg(l.listing_id order by l.listing_id) as listing_ids,
    array_agg(distinct m.reason order by m.reason) as match_reasons,
    min(l.first_seen_at) as first_seen_at, max(l.last_seen_at) as last_seen_at, bool_or(l.is_synthetic) as is_synthetic
  from core.property h
  join core.property_member m on m.property_id = h.property_id
  join core.listing l on l.listing_id = m.listing_id
  group by h.property_id, h.adverts`;

const ACCESS = `
  select g.listing_id, g.latitude, g.longitude, g.geo_quality, g.evidence ->> 'point' as geo_reason,
    g.evidence -> 'municipality' ->> 'by' as municipality_by, g.evidence -> 'district' ->> 'by' as district_by,
    g.evidence -> 'neighbourhood' ->> 'by' as neighbourhood_by, g.conflicts as location_conflicts,
    array(select jsonb_array_elements_text(g.evidence -> 'conflicts')) as conflict_reasons,
    g.estimated_stratum, ${exact('g.estimated_stratum_confidence')} as estimated_stratum_confidence, l.is_synthetic,
    ${POI_CATEGORIES.flatMap((category, index) => [
      `g.nearest_m[${index + 1}][1] as ${nearestColumn(category)}`,
      `${exact(`g.poi_gravity[${index + 1}]`)} as ${gravityColumn(category)}`,
      ...POI_RADII_M.map(
        (radiusM, ring) => `g.poi_counts[${index + 1}][${ring + 1}] as ${withinColumn(category, radiusM)}`,
      ),
    ]).join(',\n    ')},
    ${NEAR_FLAG_CATEGORIES.flatMap(category => {
      const index = POI_CATEGORIES.indexOf(category) + 1;
      return NEAR_FLAG_RADII_M.map(
        radiusM =>
          `case when g.poi_counts[${index}][1] is not null then coalesce(g.nearest_m[${index}][1] <= ${radiusM}, false)
           end as ${nearFlagColumn(category, radiusM)}`,
      );
    }).join(',\n    ')}
  from core.listing_location g join core.listing l on l.listing_id = g.listing_id`;

const NEAREST = `
  select g.listing_id, p.category as poi_category, rank as nearest_rank, p.poi_id, p.name as poi_name,
    g.nearest_m[c][rank] as poi_distance_m, p.source as poi_source, p.licence as poi_licence, p.as_of as poi_as_of,
    l.is_synthetic
  from core.listing_location g join core.listing l on l.listing_id = g.listing_id
  cross join lateral generate_subscripts(g.nearest_poi, 1) c
  cross join lateral generate_subscripts(g.nearest_poi, 2) rank
  join core.poi p on p.poi_number = g.nearest_poi[c][rank]`;

const VALUATION = `
  select s.listing_id, s.operation, s.model_id, s.price_cop as scored_price_cop, s.valid_from as scored_price_since,
    s.low_cop, s.mid_cop, s.high_cop, ${exact('s.gap_pct')} as gap_pct, ${exact('s.residual_z')} as residual_z, s.comparables,
    case when s.price_cop < s.low_cop then 'below' when s.price_cop > s.high_cop then 'above' else 'within' end as price_position,
    s.anomaly, s.is_out_of_fold,
    array(select r.reason ->> 'text' from jsonb_array_elements(s.reasons) with ordinality r(reason, n) order by n) as reasons,
    array(select r.reason ->> 'code' from jsonb_array_elements(s.reasons) with ordinality r(reason, n) order by n) as reason_codes,
    exists (select from core.listing_price p
      where p.listing_id = s.listing_id and p.operation = s.operation and p.valid_from = s.valid_from and p.valid_to is null
    ) as is_price_current,
    l.is_synthetic
  from ml.score s
  join ml.model m on m.model_id = s.model_id and m.is_champion
  join core.listing l on l.listing_id = s.listing_id`;

const ANOMALY = `
  select v.listing_id, v.operation, v.anomaly, v.model_id, v.scored_price_cop, v.low_cop, v.mid_cop, v.high_cop, v.gap_pct,
    v.residual_z, v.comparables, v.reasons, v.is_synthetic, l.property_type, l.municipality, l.neighbourhood, l.stratum,
    l.area_m2, l.bedrooms, l.price_cop, l.is_current, l.geo_quality, l.property_adverts, l.title, l.url,
    row_number() over (partition by v.operation, v.anomaly
      order by case v.anomaly when 'error_candidate' then s.oddity else abs(v.residual_z) end desc, v.listing_id) as rank,
    ${exact('s.oddity')} as oddity,
    array(select f.flag ->> 'code' from jsonb_array_elements(s.red_flags) with ordinality f(flag, n) order by n)
      || case when v.is_price_current then '{}' else array['old_price'] end as red_flags,
    array(select f.flag ->> 'text' from jsonb_array_elements(s.red_flags) with ordinality f(flag, n) order by n) as warnings,
    d.verdict as anomaly_verdict, d.note as anomaly_verdict_why, d.decided_at as anomaly_verdict_at
  from api.listing_valuation v
  join ml.score s on s.listing_id = v.listing_id and s.operation = v.operation and s.model_id = v.model_id
  join api.listing l on l.listing_id = v.listing_id and l.operation = v.operation
  left join lateral (
    select verdict, note, decided_at from ops.anomaly_decision d
    where d.listing_id = v.listing_id and d.operation = v.operation and d.price_cop = v.scored_price_cop
      and d.anomaly = v.anomaly
    order by d.anomaly_decision_id desc limit 1
  ) d on true
  where v.anomaly <> 'none' and l.status = 'active'`;

const FRESHNESS = `
  with scope as (
    select s.portal, s.operation, s.run_id, s.observed_at, s.verdict, r.is_synthetic,
      first_value(s.run_id) over (
        partition by s.portal, s.operation order by s.observed_at desc nulls last, s.run_id desc) as newest_run_id
    from ops.run_scope s join ops.run r on r.run_id = s.run_id
    where s.verdict is not null
  ), searched as (
    select portal, operation, max(observed_at) as last_run_at,
      max(observed_at) filter (where verdict = 'complete') as last_complete_at,
      (array['failed', 'blocked', 'incomplete', 'complete'])[
        min(array_position(array['failed', 'blocked', 'incomplete', 'complete'], verdict)) filter (where run_id = newest_run_id)
      ] as last_run_verdict,
      bool_or(is_synthetic) as is_synthetic
    from scope group by portal, operation
  ), offered as (
    select portal, operation, count(*) filter (where status = 'active') as active_listings,
      count(*) filter (where is_current) as current_listings
    from api.listing group by portal, operation
  )
  select s.*, round(extract(epoch from now() - s.last_complete_at) / 86400, 1) as days_since_complete,
    coalesce(s.last_complete_at < now() - interval '${CURRENT_DAYS} days', true) as is_stale,
    coalesce(o.active_listings, 0) as active_listings, coalesce(o.current_listings, 0) as current_listings
  from searched s left join offered o on o.portal = s.portal and o.operation = s.operation`;

const HEALTH = `
  select s.run_id, r.kind as run_kind, s.portal, r.observed_on as run_observed_on, s.scope_key, s.operation, s.property_type,
    s.place as search_place, s.verdict, s.verdict_reason, s.announced_total, s.listings_seen,
    round(100.0 * s.listings_seen / nullif(s.announced_total, 0), 1) as coverage_pct, g.new_listings, g.gone_listings,
    s.pages_done, s.pages_failed, s.started_at as scope_started_at, s.closed_at as scope_closed_at,
    round(extract(epoch from s.closed_at - s.started_at), 1) as duration_seconds, r.is_synthetic
  from ops.run_scope s
  join ops.run r on r.run_id = s.run_id
  cross join lateral (
    select count(*) filter (where g.gone_reason is not null) as gone_listings,
      count(*) filter (where l.first_seen_at = g.observed_at) as new_listings
    from raw.sighting g left join core.listing l on l.listing_id = g.listing_id
    where g.run_scope_id = s.run_scope_id
  ) g`;

const RELEASE = `
  select version as release_version, tier as release_tier, built_at, (manifest ->> 'data_until')::timestamptz as data_until,
    listings as listings_count, input_hash, folder as release_folder, is_synthetic
  from ops.release order by built_at desc`;

function columnDictionary(): string {
  const columns = VIEWS.find(view => view.name === 'column_dictionary')?.columns ?? [];
  const rows = [
    ...VIEWS.flatMap(view => dictionaryRows(`api.${view.name}`, view)),
    ...FILES.flatMap(file => dictionaryRows(file.name, file)),
  ];
  const values = rows.map(row => `(${columns.map(column => literal(row[column] ?? null)).join(', ')})`);
  return `select * from (values\n${values.join(',\n')}) as t(${columns.join(', ')})`;
}

/** Query by view name, in the order in which the views can be made. */
export function viewQueries(): Readonly<Record<string, string>> {
  return {
    listing: LISTING,
    listing_current: 'select * from api.listing where is_current',
    listing_history: HISTORY,
    price_change: PRICE_CHANGE,
    listing_spell: SPELL,
    property: PROPERTY,
    listing_access: ACCESS,
    listing_nearest: NEAREST,
    listing_valuation: VALUATION,
    advertiser_oddity: ADVERTISER_ODDITY,
    anomaly: ANOMALY,
    below_normal: `select * from api.anomaly where anomaly = 'below_normal'`,
    leaderboard: LEADERBOARD,
    ...travelQueries(literal),
    freshness: FRESHNESS,
    portal_health: HEALTH,
    ...qualityQueries(literal),
    release: RELEASE,
    column_dictionary: columnDictionary(),
  };
}

const SQL_TYPES = {
  text: 'text',
  'text[]': 'text[]',
  boolean: 'boolean',
  integer: 'integer',
  bigint: 'bigint',
  double: 'double precision',
  date: 'date',
  timestamp: 'timestamptz',
} as const;

/** Name of the SQL type of a column, by the dictionary. */
export function sqlType(column: string): string {
  return SQL_TYPES[columnMeaning(column).type];
}
