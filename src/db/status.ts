import {fileURLToPath} from 'node:url';
import {and, desc, eq, sql} from 'drizzle-orm';
import {readMigrationFiles} from 'drizzle-orm/migrator';
import {issue, stageRun} from '../../drizzle/schema/ops.ts';
import type {DetailPlan} from '../domain/detail-plan.ts';
import type {RunKind, StageStatus, Verdict} from '../domain/vocabulary.ts';
import {schemaVersion} from './backup.ts';
import type {Database, Db} from './client.ts';
import {READER, WRITER} from './roles.ts';

const MIGRATIONS = fileURLToPath(new URL('../../drizzle/migrations', import.meta.url));

export interface RunHealth {
  readonly runId: number;
  readonly portal: string;
  readonly kind: RunKind;
  readonly observedOn: string;
  readonly verdict: Verdict | null;
  readonly pages: number;
  readonly listings: number;
  /** Sum of what the scopes announced; null where none does (imports). */
  readonly announced: number | null;
  /** Scopes by verdict, as `158 complete, 2 incomplete`. */
  readonly scopes: string;
  /** Listing pages a crawl decided to visit; null: an import, or its searches were not all walked yet. */
  readonly detailPlan: DetailPlan | null;
  /** The first reason of a scope that isn't complete. */
  readonly reason: string | null;
}

/** The newest `limit` runs, oldest first. */
export async function portalHealth(db: Db, limit: number): Promise<RunHealth[]> {
  const rows = await db.execute<{[Key in keyof RunHealth]: RunHealth[Key]}>(sql`
    with newest as (select * from ops.run order by run_id desc limit ${limit}),
    verdicts as (
      select run_id, string_agg(n || ' ' || verdict, ', ' order by n desc) as scopes
      from (
        select run_id, coalesce(verdict, 'open') as verdict, count(*) as n
        from ops.run_scope where run_id in (select run_id from newest) group by 1, 2
      ) counted
      group by run_id
    )
    select r.run_id as "runId", r.portal, r.kind, r.observed_on::text as "observedOn", r.verdict,
      coalesce(sum(s.pages_done), 0)::int as pages, coalesce(sum(s.listings_seen), 0)::int as listings,
      sum(s.announced_total)::int as announced, coalesce(max(v.scopes), 'none') as scopes,
      r.detail_plan as "detailPlan",
      min(s.scope_key || ': ' || s.verdict_reason) filter (where s.verdict <> 'complete') as reason
    from newest r
    left join ops.run_scope s using (run_id)
    left join verdicts v using (run_id)
    group by r.run_id, r.portal, r.kind, r.observed_on, r.verdict, r.detail_plan
    order by r.run_id`);
  return [...rows];
}

export interface StageHealth {
  readonly stage: string;
  readonly status: StageStatus;
  readonly finishedAt: Date | null;
  readonly keysDone: number;
  readonly keysFailed: number;
  readonly seconds: number | null;
  readonly message: string | null;
}

/** The newest run of every stage, in the order the stages ran. */
export async function stageHealth(db: Db): Promise<StageHealth[]> {
  const rows = await db.execute<{[Key in keyof StageHealth]: StageHealth[Key]}>(sql`
    select * from (
      select distinct on (stage) stage_run_id, stage, status, finished_at as "finishedAt", keys_done as "keysDone",
        keys_failed as "keysFailed", seconds, message
      from ops.stage_run order by stage, stage_run_id desc
    ) newest
    order by stage_run_id`);
  return rows.map(({stage, status, finishedAt, keysDone, keysFailed, seconds, message}) => ({
    stage,
    status,
    finishedAt: finishedAt === null ? null : new Date(finishedAt),
    keysDone,
    keysFailed,
    seconds,
    message,
  }));
}

export type StageRunRow = typeof stageRun.$inferSelect;

/** The newest runs of all stages, newest first. */
export function newestStageRuns(db: Db, limit: number): Promise<StageRunRow[]> {
  return db.select().from(stageRun).orderBy(desc(stageRun.stageRunId)).limit(limit);
}

export type IssueRow = typeof issue.$inferSelect;

/** Issues of the data, the most frequent first. */
export function listIssues(
  db: Db,
  filter: {readonly source?: string | undefined; readonly code?: string | undefined; readonly limit: number},
): Promise<IssueRow[]> {
  return db
    .select()
    .from(issue)
    .where(
      and(
        filter.source === undefined ? undefined : eq(issue.source, filter.source),
        filter.code === undefined ? undefined : eq(issue.code, filter.code),
      ),
    )
    .orderBy(desc(issue.occurrences), issue.fingerprint)
    .limit(filter.limit);
}

export interface Foundations {
  readonly postgres: string;
  /** Migrations this program knows and the database has not had. */
  readonly migrationsMissing: number;
  /** Roles that are not there. */
  readonly rolesMissing: readonly string[];
}

/** What the database stands on. Reads only: it neither migrates nor makes roles. */
export async function foundations({sql: client}: Pick<Database, 'sql'>): Promise<Foundations> {
  const applied = await schemaVersion(client);
  const wanted = readMigrationFiles({migrationsFolder: MIGRATIONS});
  const roles = await client<
    {rolname: string}[]
  >`select rolname from pg_roles where rolname in (${READER}, ${WRITER})`;
  const [server] = await client<{version: string}[]>`select current_setting('server_version') as version`;
  return {
    postgres: server?.version ?? 'unknown',
    migrationsMissing: wanted.filter(migration => migration.folderMillis > applied).length,
    rolesMissing: [READER, WRITER].filter(name => !roles.some(role => role.rolname === name)),
  };
}

/** Archived pages spread evenly over all there are, the newest among them. */
export async function archiveSample(
  db: Db,
  pages: number,
): Promise<{file: string; fileOffset: number; fileLength: number; contentSha256: string}[]> {
  const rows = await db.execute<{
    file: string;
    fileOffset: number;
    fileLength: number;
    contentSha256: string;
  }>(sql`
    with span as (select max(page_id) as last from raw.page where file is not null),
    picked as (select distinct (last * n / ${pages}::bigint) as page_id from span, generate_series(1, ${pages}::int) n)
    select p.file, p.file_offset as "fileOffset", p.file_length as "fileLength", p.content_sha256 as "contentSha256"
    from picked cross join lateral (
      select * from raw.page p where p.page_id <= picked.page_id and p.file is not null order by p.page_id desc limit 1) p
    order by p.file, p.file_offset`);
  return [...rows];
}
