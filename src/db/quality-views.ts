/** The queries behind `api.quality_rule` and `api.quality_report`: what cleaning did, in all and run by run. */
import {cleaningRules} from '../domain/cleaning-rules.ts';

/** Runs that a run is compared with. */
const RUNS_BEFORE = 4;

type Literal = (value: string | number | boolean | null) => string;

export function qualityQueries(literal: Literal): {quality_rule: string; quality_report: string} {
  return {quality_rule: qualityRule(literal), quality_report: QUALITY_REPORT};
}

function qualityRule(literal: Literal): string {
  const meanings = cleaningRules().map(
    ({name, rule}) => `(${[name, rule.sees, rule.does, rule.why].map(literal).join(', ')})`,
  );
  return `
  with found as (
    select rule, field as rule_field, effect, listing_id, value, message from core.quarantine
    union all
    select rule, null, 'rejected', null, null, message from raw.rejected_record
  ), total as (
    select (select count(*) from raw.observation) + (select count(*) from raw.rejected_record) as cases
  ), example as (
    select distinct on (rule, rule_field, effect) rule, rule_field, effect,
      listing_id as example_listing_id, value as example_value, message as example_message
    from found order by rule, rule_field, effect, listing_id, message
  ), counted as (
    select rule, rule_field, effect, count(*) as cases, nullif(count(distinct listing_id), 0) as listings_affected
    from found group by rule, rule_field, effect
  ), meaning (rule, rule_sees, rule_does, rule_why) as (
    values ${meanings.join(',\n    ')}
  )
  select c.*, round(100.0 * c.cases / nullif(t.cases, 0), 2) as cases_share_pct,
    e.example_listing_id, e.example_value, e.example_message, m.rule_sees, m.rule_does, m.rule_why
  from counted c cross join total t
  join example e on e.rule = c.rule and e.effect = c.effect and e.rule_field is not distinct from c.rule_field
  left join meaning m on m.rule = c.rule`;
}

/** Each rule that ever struck in a source has a row for each of its runs, with zero where it did not strike. */
const QUALITY_REPORT = `
  with sight as (
    select distinct s.run_id, g.listing_id, g.payload_hash
    from raw.sighting g join ops.run_scope s using (run_scope_id) join core.listing l using (listing_id)
    where g.payload_hash is not null
  ), reject as (
    select s.run_id, j.rule, count(*) as records
    from raw.rejected_record j join ops.run_scope s using (run_scope_id) group by s.run_id, j.rule
  ), seen as (
    select run_id, sum(n) as rows_seen from (
      select run_id, count(distinct listing_id) as n from sight group by run_id
      union all
      select run_id, sum(records) from reject group by run_id
    ) counted group by run_id
  ), run as (
    select r.run_id, r.portal, r.observed_on, r.is_synthetic, s.rows_seen,
      concat_ws(':', r.portal, case when r.kind = 'import' then r.options ->> 'mapping' end) as quality_source
    from ops.run r join seen s using (run_id)
  ), touched as (
    select g.run_id, q.rule, q.effect, count(distinct q.listing_id) as rows_touched, min(q.listing_id) as listing_id
    from sight g join core.quarantine q using (listing_id, payload_hash) group by g.run_id, q.rule, q.effect
    union all
    select run_id, rule, 'rejected', records, null from reject
  ), known as (
    select distinct r.quality_source, t.rule, t.effect from touched t join run r using (run_id)
  ), rate as (
    select r.*, k.rule, k.effect, coalesce(t.rows_touched, 0) as rows_touched, t.listing_id as example_listing_id,
      sum(coalesce(t.rows_touched, 0)) over w as touched_before, sum(r.rows_seen) over w as seen_before,
      count(*) over w as runs_compared
    from run r join known k using (quality_source)
    left join touched t on t.run_id = r.run_id and t.rule = k.rule and t.effect = k.effect
    window w as (partition by r.quality_source, k.rule, k.effect order by r.observed_on, r.run_id
      rows between ${RUNS_BEFORE} preceding and 1 preceding)
  )
  select x.*, x.observed_on as run_observed_on, round(100.0 * x.rows_touched / x.rows_seen, 2) as touched_share_pct,
    round(100.0 * x.touched_before / x.seen_before, 2) as usual_share_pct,
    round(100.0 * x.rows_touched / x.rows_seen - 100.0 * x.touched_before / x.seen_before, 2) as share_change_points,
    e.value as example_value, l.url
  from rate x
  left join core.listing l on l.listing_id = x.example_listing_id
  left join lateral (
    select min(q.value) as value from core.quarantine q
    where q.listing_id = x.example_listing_id and q.rule = x.rule and q.effect = x.effect
  ) e on true`;
