/** Runs made of web-archive files: one a file and Bogotá day. They show what was there and prove no absence. */
import {eq, sql} from 'drizzle-orm';
import {run, runScope} from '../../drizzle/schema/ops.ts';
import {StorageError} from '../domain/errors.ts';
import {type Scope, scopeKey} from '../domain/page.ts';
import {RAIZ_VERSION} from '../domain/version.ts';
import type {Tx} from './client.ts';
import type {NewPage} from './pages.ts';

export interface ArchiveRunSettings {
  readonly portal: string;
  /** Bogotá day, `YYYY-MM-DD`. */
  readonly observedOn: string;
  /** Name of the file the pages come from. */
  readonly file: string;
  readonly isSynthetic: boolean;
  readonly now: Date;
}

/** Opens the run of a day. It is finished from the start: its transaction ends with the file. @returns its id. */
export async function openArchiveRun(tx: Tx, settings: ArchiveRunSettings): Promise<number> {
  const {portal, observedOn, file, isSynthetic, now} = settings;
  const [opened] = await tx
    .insert(run)
    .values({
      ...{kind: 'import', portal, observedOn, isSynthetic, startedAt: now, finishedAt: now},
      ...{verdict: 'incomplete', options: {archive: file}, codeVersion: RAIZ_VERSION},
    })
    .returning({runId: run.runId});
  if (opened === undefined) throw new StorageError(`the database gave no id for a run of ${portal}`);
  return opened.runId;
}

/** Opens a scope of such a run. @param scope null: of pages that don't tell. @returns its id. */
export async function openArchiveScope(
  tx: Tx,
  {runId, portal, scope, now}: {runId: number; portal: string; scope: Scope | null; now: Date},
): Promise<number> {
  const [opened] = await tx
    .insert(runScope)
    .values({
      ...{runId, portal, startedAt: now, closedAt: now, verdict: 'incomplete'},
      verdictReason: 'pages of a web archive: they prove no absence',
      ...(scope === null
        ? {scopeKey: `${portal}/unknown/unknown/unknown`, place: 'unknown'}
        : {
            scopeKey: scopeKey(scope),
            operation: scope.operation,
            propertyType: scope.propertyType,
            place: scope.place,
          }),
    })
    .returning({runScopeId: runScope.runScopeId});
  if (opened === undefined) throw new StorageError(`the database gave no id for a scope of run ${runId}`);
  return opened.runScopeId;
}

/** Writes what the pages of a scope came to. Its instant is that of its last page. */
export async function closeArchiveScope(tx: Tx, runScopeId: number, listingsSeen: number): Promise<void> {
  const [counted] = await tx.execute<{done: number; failed: number; last: string | Date | null}>(sql`
    select count(*) filter (where outcome <> 'error')::int as done, count(*) filter (where outcome = 'error')::int as failed,
      max(fetched_at) as last
    from raw.page where run_scope_id = ${runScopeId}`);
  if (counted === undefined) throw new StorageError(`the database gave no count of scope ${runScopeId}`);
  await tx
    .update(runScope)
    .set({
      pagesDone: counted.done,
      pagesFailed: counted.failed,
      listingsSeen,
      observedAt: counted.last === null ? null : new Date(counted.last),
    })
    .where(eq(runScope.runScopeId, runScopeId));
}

/** What tells a page of another archive from all others. */
export type PageIdentity = Pick<NewPage, 'url' | 'fetchedAt'> & {readonly contentSha256: string};

/** A page's identity as one text. */
export function identityKey({url, fetchedAt, contentSha256}: PageIdentity): string {
  return `${contentSha256} ${fetchedAt.toISOString()} ${url}`;
}

/** Of these pages of a portal, those that are known: same address, instant and content, of whatever run. */
export async function knownPages(
  tx: Tx,
  portal: string,
  pages: readonly PageIdentity[],
): Promise<Set<string>> {
  const given = pages.map(page => ({
    url: page.url,
    at: page.fetchedAt.toISOString(),
    sha: page.contentSha256,
  }));
  const rows = await tx.execute<{url: string; at: string | Date; sha: string}>(sql`
    select distinct p.url, p.fetched_at as at, p.content_sha256 as sha
    from jsonb_to_recordset(${JSON.stringify(given)}::text::jsonb) as g(url text, at timestamptz, sha text)
    join raw.page p on p.url = g.url and p.fetched_at = g.at and p.content_sha256 = g.sha
    join ops.run_scope s using (run_scope_id) where s.portal = ${portal}`);
  return new Set(
    rows.map(({url, at, sha}) => identityKey({url, fetchedAt: new Date(at), contentSha256: sha})),
  );
}
