/** What the database knows of the archive's files. */
import {sql} from 'drizzle-orm';
import type {PageKind} from '../domain/vocabulary.ts';
import type {Db, Tx} from './client.ts';

/** Where a page lies; the same names as `ArchivedSpan`. */
export interface KnownSpan {
  readonly file: string;
  readonly fileOffset: number;
  readonly fileLength: number;
  readonly contentSha256: string;
}

/** Every archive file that pages refer to, with how many do. @param portal of this portal only. */
export async function filesOfArchive(db: Db, portal: string | undefined): Promise<Map<string, number>> {
  const rows = await db.execute<{file: string; pages: number}>(sql`
    select file, count(*)::int as pages from raw.page join ops.run_scope using (run_scope_id)
    where file is not null and (${portal ?? null}::text is null or portal = ${portal ?? null}::text)
    group by file order by file`);
  return new Map(rows.map(({file, pages}) => [file, pages]));
}

/** The pages of one file, in the order they stand in it. */
export async function spansOfFile(db: Db, file: string): Promise<KnownSpan[]> {
  const rows = await db.execute<{[Key in keyof KnownSpan]: KnownSpan[Key]}>(sql`
    select file, file_offset as "fileOffset", file_length as "fileLength", content_sha256 as "contentSha256"
    from raw.page where file = ${file} order by file_offset`);
  return [...rows];
}

/** An archived page with what another reader needs to know of it. */
export interface ExportablePage extends KnownSpan {
  readonly pageId: number;
  readonly portal: string;
  /** Of the search that led to it; null where that isn't known. */
  readonly scope: {readonly operation: string; readonly propertyType: string; readonly place: string} | null;
  readonly kind: PageKind;
  readonly url: string;
  readonly finalUrl: string;
  readonly status: number;
  readonly fetchedAt: Date;
  readonly isSynthetic: boolean;
}

export interface ExportFilter {
  readonly portal?: string | undefined;
  /** Bogotá days, `YYYY-MM-DD`, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** The next `limit` good pages with content after one of them, in archive order. */
export async function pagesToExport(
  db: Db,
  filter: ExportFilter,
  after: Pick<KnownSpan, 'file' | 'fileOffset'> | null,
  limit: number,
): Promise<ExportablePage[]> {
  const {portal = null, from = null, to = null} = filter;
  type Row = {[Key in keyof ExportablePage]: ExportablePage[Key]};
  const rows = await db.execute<Omit<Row, 'fetchedAt'> & {fetchedAt: string | Date}>(sql`
    select p.page_id as "pageId", s.portal, p.kind, p.url, p.final_url as "finalUrl", p.status, p.fetched_at as "fetchedAt",
      r.is_synthetic as "isSynthetic", p.file, p.file_offset as "fileOffset", p.file_length as "fileLength",
      p.content_sha256 as "contentSha256",
      case when s.operation is not null and s.property_type is not null then
        jsonb_build_object('operation', s.operation, 'propertyType', s.property_type, 'place', s.place) end as scope
    from raw.page p join ops.run_scope s using (run_scope_id) join ops.run r using (run_id)
    where p.file is not null and p.outcome in ('ok', 'gone')
      and (${portal}::text is null or s.portal = ${portal}::text)
      and (${from}::date is null or (p.fetched_at at time zone 'America/Bogota')::date >= ${from}::date)
      and (${to}::date is null or (p.fetched_at at time zone 'America/Bogota')::date <= ${to}::date)
      and (p.file, p.file_offset) > (${after?.file ?? ''}::text, ${after?.fileOffset ?? -1}::bigint)
    order by p.file, p.file_offset limit ${limit}`);
  return rows.map(row => ({...row, fetchedAt: new Date(row.fetchedAt)}));
}

/** A file all of whose pages are older than a day. */
export interface OldFile {
  readonly file: string;
  readonly pages: number;
  readonly newestAt: Date;
  /** Pages the parse stage has not read, or failed on: what they say would be lost. */
  readonly unread: number;
  /** Pages of a crawl that may be resumed. */
  readonly unfinished: number;
}

/** Archive files every page of which was fetched before a Bogotá day. */
export async function filesBefore(db: Db, day: string, portal: string | undefined): Promise<OldFile[]> {
  const rows = await db.execute<{
    file: string;
    pages: number;
    newestAt: string | Date;
    unread: number;
    unfinished: number;
  }>(sql`
    select p.file, count(*)::int as pages, max(p.fetched_at) as "newestAt",
      count(*) filter (where p.outcome in ('ok', 'gone') and s.verdict is distinct from 'failed'
        and (t.key is null or t.error is not null))::int as unread,
      count(*) filter (where r.finished_at is null)::int as unfinished
    from raw.page p join ops.run_scope s using (run_scope_id) join ops.run r using (run_id)
    left join ops.stage_state t on t.stage = 'parse' and t.key = p.page_id::text
    where p.file is not null
    group by p.file
    having max(p.fetched_at) < ${day}::date::timestamp at time zone 'America/Bogota'
      and (${portal ?? null}::text is null or bool_and(s.portal = ${portal ?? null}::text))
    order by p.file`);
  return rows.map(row => ({...row, newestAt: new Date(row.newestAt)}));
}

/** Says of the pages of these files that their content is given up. What was parsed from them stays. */
export async function forgetFiles(tx: Tx, files: readonly string[], now: Date): Promise<void> {
  await tx.execute(sql`
    update raw.page set file = null, file_offset = null, file_length = null, pruned_at = ${now.toISOString()}::timestamptz
    where file in (select jsonb_array_elements_text(${JSON.stringify(files)}::text::jsonb))`);
}
