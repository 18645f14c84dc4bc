/** Runs and their scopes: opening, finding again, judging, closing. */
import {and, asc, desc, eq, inArray, isNotNull, isNull, sql} from 'drizzle-orm';
import {run, runScope} from '../../drizzle/schema/ops.ts';
import type {LinkPlan} from '../domain/detail-plan.ts';
import {ConfigError, StorageError} from '../domain/errors.ts';
import {type Scope, scopeKey} from '../domain/page.ts';
import {RAIZ_VERSION} from '../domain/version.ts';
import type {Verdict} from '../domain/vocabulary.ts';
import type {Db, Tx} from './client.ts';

export interface OpenedRun {
  readonly runId: number;
  readonly scopes: readonly OpenedScope[];
}

export interface OpenedScope {
  readonly runScopeId: number;
  readonly scope: Scope;
  /** Set when its search was walked to the end, before this process or in it. */
  readonly verdict: Verdict | null;
  readonly reason: string | null;
  readonly announcedTotal: number | null;
  readonly listingsSeen: number;
  readonly pagesDone: number;
  readonly pagesFailed: number;
  readonly closedAt: Date | null;
  /** What was decided about the links of its sitemaps; null: nothing yet, or it has none. */
  readonly linkPlan: LinkPlan | null;
}

export interface CrawlRunSettings {
  readonly portal: string;
  readonly scopes: readonly Scope[];
  /** Bogotá day, `YYYY-MM-DD`. */
  readonly observedOn: string;
  readonly startedAt: Date;
  readonly isSynthetic: boolean;
  /** What limits the run; a resumed run obeys the same. */
  readonly options: Record<string, unknown>;
}

/** Opens a crawl run with its scopes. */
export async function openCrawlRun(tx: Tx, settings: CrawlRunSettings): Promise<OpenedRun> {
  const {portal, observedOn, startedAt, isSynthetic, options} = settings;
  const [opened] = await tx
    .insert(run)
    .values({kind: 'crawl', portal, observedOn, startedAt, isSynthetic, options, codeVersion: RAIZ_VERSION})
    .returning({runId: run.runId});
  if (opened === undefined) throw new StorageError(`the database gave no id for a run of ${portal}`);
  const {runId} = opened;
  const distinct = new Map(settings.scopes.map(scope => [scopeKey(scope), scope]));
  await tx
    .insert(runScope)
    .values([...distinct].map(([key, scope]) => ({runId, scopeKey: key, ...scope, startedAt})));
  return {runId, scopes: await scopesOfRun(tx, runId)};
}

export interface ResumableRun {
  readonly runId: number;
  readonly observedOn: string;
  readonly isSynthetic: boolean;
  readonly options: Record<string, unknown>;
}

/** The newest crawl run of a portal that was not finished, or undefined. */
export async function findUnfinishedRun(db: Db, portal: string): Promise<ResumableRun | undefined> {
  const [found] = await db
    .select({
      runId: run.runId,
      observedOn: run.observedOn,
      isSynthetic: run.isSynthetic,
      options: run.options,
    })
    .from(run)
    .where(and(eq(run.portal, portal), eq(run.kind, 'crawl'), isNull(run.finishedAt)))
    .orderBy(desc(run.runId))
    .limit(1);
  return found;
}

/** An unfinished crawl run by its id. @throws ConfigError when there is none. */
export async function unfinishedRun(db: Db, portal: string, runId: number): Promise<ResumableRun> {
  const [found] = await db
    .select({
      runId: run.runId,
      observedOn: run.observedOn,
      isSynthetic: run.isSynthetic,
      options: run.options,
    })
    .from(run)
    .where(and(eq(run.runId, runId), eq(run.portal, portal), eq(run.kind, 'crawl'), isNull(run.finishedAt)));
  if (found === undefined)
    throw new ConfigError(`run ${runId} is no unfinished crawl of ${portal}: see raiz status`);
  return found;
}

/** The newest run that a job opened, or undefined. */
export async function runOfJob(
  db: Db,
  jobId: string,
): Promise<{runId: number; verdict: Verdict | null} | undefined> {
  const [found] = await db
    .select({runId: run.runId, verdict: run.verdict})
    .from(run)
    .where(sql`${run.kind} = 'crawl' and ${run.options} ->> 'jobId' = ${jobId}`)
    .orderBy(desc(run.runId))
    .limit(1);
  return found;
}

export async function scopesOfRun(db: Db, runId: number): Promise<OpenedScope[]> {
  const rows = await db
    .select()
    .from(runScope)
    .where(eq(runScope.runId, runId))
    .orderBy(asc(runScope.runScopeId));
  return rows.map(({runScopeId, portal, operation, propertyType, place, verdictReason: reason, ...row}) => {
    if (operation === null || propertyType === null) {
      throw new StorageError(
        `run scope ${runScopeId} of run ${runId} has no operation or type: only imports have such scopes`,
      );
    }
    return {...row, runScopeId, scope: {portal, operation, propertyType, place}, reason};
  });
}

export interface JudgedScope {
  readonly runScopeId: number;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly announcedTotal: number | null;
  readonly listingsSeen: number;
}

/** Writes the verdicts of scopes whose search was walked to its end. */
export async function judgeRunScopes(
  tx: Tx,
  judged: readonly JudgedScope[],
  observedAt: Date,
): Promise<void> {
  const rows = judged.map(scope => ({
    run_scope_id: scope.runScopeId,
    verdict: scope.verdict,
    reason: scope.reason,
    announced: scope.announcedTotal,
    seen: scope.listingsSeen,
  }));
  await tx.execute(sql`
    update ops.run_scope s
    set verdict = j.verdict, verdict_reason = j.reason, observed_at = ${observedAt.toISOString()}::timestamptz,
        announced_total = j.announced, listings_seen = j.seen
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as j(run_scope_id bigint, verdict text, reason text, announced int, seen int)
    where s.run_scope_id = j.run_scope_id`);
}

/** Nothing of these scopes is left to visit. */
export async function closeRunScopes(tx: Tx, runScopeIds: readonly number[], closedAt: Date): Promise<void> {
  if (runScopeIds.length === 0) return;
  await tx
    .update(runScope)
    .set({closedAt})
    .where(inArray(runScope.runScopeId, [...runScopeIds]));
}

/** Ends a run: it can't be resumed any more. */
export async function finishRun(db: Db, runId: number, verdict: Verdict, finishedAt: Date): Promise<void> {
  await db.update(run).set({verdict, finishedAt}).where(eq(run.runId, runId));
}

/** Bogotá day of the portal's newest finished crawl of the real site when that was blocked; undefined when it was not. */
export async function blockedOn(db: Db, portal: string): Promise<string | undefined> {
  const [newest] = await db
    .select({verdict: run.verdict, observedOn: run.observedOn})
    .from(run)
    .where(
      and(
        eq(run.portal, portal),
        eq(run.kind, 'crawl'),
        sql`${run.options} ->> 'isLoopback' = 'false'`,
        isNotNull(run.finishedAt),
      ),
    )
    .orderBy(desc(run.runId))
    .limit(1);
  return newest?.verdict === 'blocked' ? newest.observedOn : undefined;
}

export interface KnownListing {
  /** The scope that asks. */
  readonly runScopeId: number;
  readonly listingId: string;
  readonly url: string | null;
}

/** Listings seen in the last complete crawl of each scope before the given run scope, with their addresses. */
export async function listingsOfLastComplete(
  db: Db,
  runScopeIds: readonly number[],
): Promise<KnownListing[]> {
  if (runScopeIds.length === 0) return [];
  const rows = await db.execute<{run_scope_id: number; listing_id: string; url: string | null}>(sql`
    select now.run_scope_id, s.listing_id, o.payload ->> 'url' as url
    from jsonb_array_elements_text(${JSON.stringify(runScopeIds)}::text::jsonb) as given(id)
    join ops.run_scope now on now.run_scope_id = given.id::bigint
    cross join lateral (
      select rs.run_scope_id from ops.run_scope rs join ops.run r using (run_id)
      where rs.scope_key = now.scope_key and rs.verdict = 'complete' and r.kind = 'crawl' and rs.run_scope_id < now.run_scope_id
      order by rs.observed_at desc nulls last, rs.run_scope_id desc limit 1) last
    join raw.sighting s on s.run_scope_id = last.run_scope_id
    join raw.observation o on o.listing_id = s.listing_id and o.payload_hash = s.payload_hash
    where s.gone_reason is null
    order by 1, 2`);
  return rows.map(row => ({runScopeId: row.run_scope_id, listingId: row.listing_id, url: row.url}));
}
