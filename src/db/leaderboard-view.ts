/** The query behind `api.leaderboard`. */

/** A share of a jsonb column as a percentage. */
const percent = (expression: string) => `100 * (${expression})::double precision`;

export const LEADERBOARD = `
  with newest as (
    select distinct on (operation) operation, training_id from ml.model
    where kind = 'fitted' and retired_at is null order by operation, trained_at desc, training_id
  )
  select m.operation, m.model_id as candidate_id, m.training_id, m.algorithm, m.kind as candidate_kind, m.is_champion,
    coalesce(n.training_id = m.training_id, false) as is_newest_training,
    ${percent("m.metrics ->> 'mdape'")} as mdape_pct, (m.metrics ->> 'maeCop')::double precision as mae_cop,
    ${percent("m.metrics ->> 'within10'")} as within_10_pct, ${percent("m.metrics ->> 'within20'")} as within_20_pct,
    (m.metrics ->> 'r2Log')::double precision as r2_log,
    ${percent("m.metrics ->> 'coverage80'")} as range_coverage_pct,
    m.comparison ->> 'againstModelId' as compared_with,
    ${percent("m.comparison ->> 'relative'")} as relative_error_pct,
    ${percent("m.comparison ->> 'low'")} as relative_error_low_pct,
    ${percent("m.comparison ->> 'high'")} as relative_error_high_pct,
    m.fit_seconds, m.size_bytes, m.seed as training_seed, m.dataset_hash, m.split_id, m.training_rows, m.trained_at,
    m.promoted_at, m.promoted_by, m.retired_at, m.is_synthetic
  from ml.model m left join newest n on n.operation = m.operation`;
