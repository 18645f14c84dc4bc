/** Rates of cleaning rules over time, from schema `api`. */
import {sql} from 'drizzle-orm';
import type {RuleEffect} from '../domain/vocabulary.ts';
import type {Db} from './client.ts';

/** One rule in one run of one source. */
export interface RuleRun {
  /** The portal of a crawl; portal and mapping of an import. */
  readonly source: string;
  readonly portal: string;
  readonly runId: number;
  /** Bogotá day, `YYYY-MM-DD`. */
  readonly observedOn: string;
  readonly rule: string;
  readonly effect: RuleEffect | 'rejected';
  readonly rowsSeen: number;
  readonly rowsTouched: number;
  readonly touchedSharePct: number;
  /** Share in the last four runs before; null: there is none. */
  readonly usualSharePct: number | null;
  readonly changePoints: number | null;
  readonly runsCompared: number;
  readonly exampleListingId: string | null;
  readonly exampleValue: string | null;
  readonly exampleUrl: string | null;
  readonly isSynthetic: boolean;
}

export interface QualityFilter {
  readonly portal?: string | undefined;
  /** First Bogotá day, `YYYY-MM-DD`; the runs before it still count as what was usual. */
  readonly since?: string | undefined;
}

/** Oldest run first within source, rule and effect. */
export async function ruleRuns(db: Db, {portal, since}: QualityFilter): Promise<RuleRun[]> {
  const rows = await db.execute<{[Key in keyof RuleRun]: RuleRun[Key]}>(sql`
    select quality_source as source, portal, run_id as "runId", run_observed_on::text as "observedOn", rule, effect,
      rows_seen::int as "rowsSeen", rows_touched::int as "rowsTouched", touched_share_pct as "touchedSharePct",
      usual_share_pct as "usualSharePct", share_change_points as "changePoints", runs_compared as "runsCompared",
      example_listing_id as "exampleListingId", example_value as "exampleValue", url as "exampleUrl",
      is_synthetic as "isSynthetic"
    from api.quality_report
    where (${portal ?? null}::text is null or portal = ${portal ?? null})
      and (${since ?? null}::date is null or run_observed_on >= ${since ?? null}::date)
    order by quality_source, rule, effect, run_observed_on, run_id`);
  return [...rows];
}
