/** What the newest crawls of searches say about the next one. */
import type {Database} from './client.ts';

export interface SearchForecast {
  readonly scopeKey: string;
  /** Adverts the portal announced when the search was last walked. */
  readonly listings: number;
  /** Search pages those take, at as many adverts a page as the last walk saw. */
  readonly searchPages: number;
}

/** Reads only: tables that aren't there yet know nothing. Searches never walked are left out. */
export async function forecastSearches(
  {sql: client}: Pick<Database, 'sql'>,
  scopeKeys: readonly string[],
): Promise<SearchForecast[]> {
  if (!(await hasTables({sql: client}))) return [];
  const rows = await client<{scopeKey: string; announced: number; seen: number; pages: number}[]>`
    select distinct on (s.scope_key) s.scope_key as "scopeKey", s.announced_total as announced, s.listings_seen as seen,
      (select count(*)::int from raw.page p
        where p.run_scope_id = s.run_scope_id and p.kind = 'search' and p.outcome = 'ok') as pages
    from ops.run_scope s join ops.run r using (run_id)
    where r.kind = 'crawl' and s.scope_key = any(${[...scopeKeys]}) and s.announced_total is not null
      and s.verdict in ('complete', 'incomplete')
    order by s.scope_key, s.observed_at desc nulls last, s.run_scope_id desc`;
  return rows.map(({scopeKey, announced, seen, pages}) => ({
    scopeKey,
    listings: announced,
    searchPages: Math.max(1, Math.ceil((announced * pages) / Math.max(1, seen))),
  }));
}

/** False on a server where nothing has been collected yet. */
export async function hasTables({sql: client}: Pick<Database, 'sql'>): Promise<boolean> {
  const [row] = await client<{found: boolean}[]>`select to_regclass('raw.page') is not null as found`;
  return row?.found ?? false;
}
