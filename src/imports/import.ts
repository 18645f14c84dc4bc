/** Importing files of listings: every day of a file becomes a run, every row a sighting, in one transaction a file. */
import {basename} from 'node:path';
import {sql} from 'drizzle-orm';
import type {Database, Tx} from '../db/client.ts';
import {
  addImportRows,
  type ImportDay,
  type ImportPayload,
  type ImportRow,
  openImportTables,
  saveImportDays,
} from '../db/imports.ts';
import {saveIssues} from '../db/observations.ts';
import {ConfigError} from '../domain/errors.ts';
import type {Issue} from '../domain/issue.ts';
import {listingId} from '../domain/listing.ts';
import {payloadHash} from '../lib/payload-hash.ts';
import type {Mapping} from './mapping.ts';
import {compileMapping, type ReadRow, type RejectedRow, unreadColumns} from './mapping-rows.ts';
import {openTable} from './readers.ts';
import type {Table} from './readers-table.ts';
import {shapeOf} from './shapes/index.ts';

export interface ImportSettings {
  /** Without it the file's columns tell which known shape it has. */
  readonly mapping?: Mapping | undefined;
  /** Overrides the mapping's portal. */
  readonly portal?: string | undefined;
  /** Bogotá day of files that name none, `YYYY-MM-DD`. */
  readonly observedOn?: string | undefined;
  /** Secret of advertiser pseudonyms. */
  readonly hashKey: string;
  readonly now: Date;
  readonly isSynthetic?: boolean;
  /** Do everything and roll it back. */
  readonly dryRun?: boolean;
  /** Called now and then with the number of rows read. */
  readonly onProgress?: (rows: number) => void;
}

export interface ImportReport {
  readonly file: string;
  readonly mapping: string;
  readonly portal: string;
  readonly rows: number;
  /** Distinct adverts in the file. */
  readonly listings: number;
  /** Days, in order; those known already are not new. */
  readonly days: readonly ImportDay[];
  /** Rows that did not become a sighting, by rule. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Words nobody understood, by column. */
  readonly unknownWords: Readonly<Record<string, number>>;
  readonly unreadColumns: readonly string[];
  readonly seconds: number;
}

const ROWS_A_BATCH = 2000;
/** Payloads whose first copy was sent lately; forgetting one costs a second copy, nothing else. */
const MOST_REMEMBERED_PAYLOADS = 200_000;

/** Undoes a dry run; never leaves this file. */
class DryRunRollback extends Error {}

/**
 * Imports one file. Importing it again, or its days in another order or in other files, changes nothing.
 * @throws ConfigError unreadable or truncated file, unknown columns, missing day; nothing is then imported.
 */
export async function importFile(
  database: Database,
  path: string,
  settings: ImportSettings,
): Promise<ImportReport> {
  const clock = performance.now();
  const table = await openTable(path);
  const mapping = withPortal(settings.mapping ?? shapeOf(table.columns, basename(path)), settings.portal);
  const readRow = compileMapping(mapping, table.columns, {...settings, file: basename(path)});
  let gathered = new Gathered();
  let days: ImportDay[] = [];
  let listings = 0;
  try {
    await database.orm.transaction(async tx => {
      await openImportTables(tx);
      gathered = await gatherRows(tx, table, readRow, settings);
      refuseUnreadable(path, gathered);
      listings = await countListings(tx);
      days = await saveImportDays(tx, sourceOf(mapping, settings));
      if (days.some(day => day.isNew))
        await saveIssues(tx, `import:${mapping.name}`, gathered.issues(), settings.now);
      if (settings.dryRun === true) throw new DryRunRollback();
    });
  } catch (error) {
    if (!(error instanceof DryRunRollback)) throw error;
  }
  const repeated = days.reduce((sum, day) => sum + day.repeated, 0);
  return {
    file: basename(path),
    mapping: mapping.name,
    portal: mapping.portal,
    rows: gathered.rows,
    listings,
    days,
    rejected: {...gathered.rejected, ...(repeated > 0 ? {repeated_in_day: repeated} : {})},
    unknownWords: gathered.unknownWords,
    unreadColumns: unreadColumns(mapping, table.columns),
    seconds: (performance.now() - clock) / 1000,
  };
}

function withPortal(mapping: Mapping, portal: string | undefined): Mapping {
  return portal === undefined ? mapping : {...mapping, portal};
}

function sourceOf(mapping: Mapping, settings: ImportSettings) {
  const {operation, propertyType, place} = mapping.scope;
  return {
    mapping: mapping.name,
    portal: mapping.portal,
    place,
    operation: operation === 'by row' ? null : operation,
    propertyType: propertyType === 'by row' ? null : propertyType,
    isComplete: mapping.complete,
    isSynthetic: settings.isSynthetic ?? false,
    now: settings.now,
  };
}

/** What was counted while rows went to the database. Issues are kept once each, with how often they came. */
class Gathered {
  rows = 0;
  firstRejection: RejectedRow | undefined;
  readonly rejected: Record<string, number> = {};
  readonly unknownWords: Record<string, number> = {};
  readonly #issues = new Map<string, {issue: Issue; count: number}>();

  reject(row: RejectedRow): void {
    this.firstRejection ??= row;
    this.rejected[row.rule] = (this.rejected[row.rule] ?? 0) + 1;
  }

  note(issue: Issue): void {
    const column = issue.path ?? '';
    this.unknownWords[column] = (this.unknownWords[column] ?? 0) + 1;
    const key = `${column} ${issue.value}`;
    const known = this.#issues.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#issues.size < MOST_ISSUES) this.#issues.set(key, {issue, count: 1});
  }

  issues(): Issue[] {
    return [...this.#issues.values()].flatMap(({issue, count}) => Array.from({length: count}, () => issue));
  }
}

/** A file with more different unknown words than this has the wrong mapping; their number is still counted. */
const MOST_ISSUES = 1000;

async function gatherRows(
  tx: Tx,
  table: Table,
  readRow: ReturnType<typeof compileMapping>,
  settings: ImportSettings,
): Promise<Gathered> {
  const gathered = new Gathered();
  const sent = new Set<string>();
  let rows: ImportRow[] = [];
  let payloads: ImportPayload[] = [];
  for await (const tableRow of table.rows) {
    const row = readRow(tableRow);
    gathered.rows += 1;
    if (row.kind === 'rejected') {
      gathered.reject(row);
      rows.push(rejectedRow(row));
    } else {
      for (const issue of row.issues) gathered.note(issue);
      const {imported, payload} = listingRow(row);
      rows.push(imported);
      const key = `${payload.listingId} ${payload.payloadHash}`;
      if (!sent.has(key)) payloads.push(payload);
      if (sent.size >= MOST_REMEMBERED_PAYLOADS) sent.clear();
      sent.add(key);
    }
    if (rows.length < ROWS_A_BATCH) continue;
    await addImportRows(tx, rows, payloads);
    rows = [];
    payloads = [];
    settings.onProgress?.(gathered.rows);
  }
  await addImportRows(tx, rows, payloads);
  settings.onProgress?.(gathered.rows);
  return gathered;
}

function rejectedRow({row, day, rule, message}: RejectedRow): ImportRow {
  return {sourceRow: row, observedOn: day, rule, message};
}

function listingRow(row: ReadRow): {imported: ImportRow; payload: ImportPayload} {
  const {portal, idSpace, portalListingId} = row.listing;
  const identity = {
    listingId: listingId(portal, idSpace, portalListingId),
    payloadHash: payloadHash(row.listing),
  };
  const operations = row.operations.filter(operation => operation !== null);
  return {
    imported: {
      ...identity,
      sourceRow: row.row,
      observedOn: row.day,
      operations,
      propertyType: row.propertyType,
    },
    payload: {...identity, payload: row.listing},
  };
}

function refuseUnreadable(path: string, gathered: Gathered): void {
  const rejected = Object.values(gathered.rejected).reduce((sum, count) => sum + count, 0);
  if (gathered.rows > rejected) return;
  const first = gathered.firstRejection;
  throw new ConfigError(
    gathered.rows === 0
      ? `${path}: the file has a header and no rows. Nothing was imported.`
      : `${path}: none of its ${gathered.rows} rows could be read (row ${first?.row}: ${first?.message}). Check the mapping.`,
  );
}

async function countListings(tx: Tx): Promise<number> {
  const [row] = await tx.execute<{count: number}>(
    sql`select count(distinct listing_id)::int as count from import_row where rule is null`,
  );
  return row?.count ?? 0;
}
