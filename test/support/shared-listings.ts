/** The real files of listings beside the repository, read by their shapes and cleaned, without a database. */
import {fileURLToPath} from 'node:url';
import {cleanListing} from '../../pipelines/clean/core.ts';
import type {CleanListing, RuleFinding, StagedListing} from '../../src/domain/listing.ts';
import {compileMapping} from '../../src/imports/mapping-rows.ts';
import {openTable} from '../../src/imports/readers.ts';
import {shapeOf} from '../../src/imports/shapes/index.ts';

export const SHARED_LISTINGS = fileURLToPath(new URL('../../../shared/data/listings/', import.meta.url));

export const SHARED_FILES = {
  houses2021: 'fincaraiz-medellin-casas-2021-snapshots.csv.gz',
  metrocuadrado2021: 'metrocuadrado-medellin-2021.csv.gz',
  fincaraiz2023: 'fincaraiz-medellin-2023.csv.gz',
  rents2019: 'fincaraiz-colombia-arriendos-2019.csv.gz',
  api2020: 'fincaraiz-villavicencio-fusagasuga-2020-api.csv.gz',
} as const;
export type SharedFile = keyof typeof SHARED_FILES;

/** One row: what it states and what is believed of it. */
export interface JudgedRow {
  readonly staged: StagedListing;
  readonly listing: CleanListing;
  readonly findings: readonly RuleFinding[];
}

/** Calls `judge` for every row of a file, in order. @returns rows that never became an observation, by rule. */
export async function judgeSharedFile(
  file: SharedFile,
  judge: (row: JudgedRow) => void,
): Promise<{readonly rows: number; readonly rejected: Readonly<Record<string, number>>}> {
  const name = SHARED_FILES[file];
  const table = await openTable(`${SHARED_LISTINGS}${name}`);
  const readRow = compileMapping(shapeOf(table.columns, name), table.columns, {
    hashKey: 'shared',
    file: name,
  });
  const rejected: Record<string, number> = {};
  let rows = 0;
  for await (const tableRow of table.rows) {
    rows += 1;
    const row = readRow(tableRow);
    if (row.kind === 'rejected') rejected[row.rule] = (rejected[row.rule] ?? 0) + 1;
    else judge({staged: row.listing, ...cleanListing(row.listing)});
  }
  return {rows, rejected};
}

/** The last row of each listing. */
export async function lastRows(file: SharedFile): Promise<JudgedRow[]> {
  const last = new Map<string, JudgedRow>();
  await judgeSharedFile(file, row => last.set(row.staged.portalListingId, row));
  return [...last.values()];
}
