/** `raiz value --file`: a table in, the same table with values out. */
import {resolve} from 'node:path';
import {stringify} from 'csv-stringify/sync';
import {readReference} from '../../pipelines/enrich/stage.ts';
import type {Db} from '../db/client.ts';
import {selectChampions, selectTrainingRows} from '../db/models.ts';
import {ConfigError} from '../domain/errors.ts';
import {OPERATIONS, type Operation} from '../domain/vocabulary.ts';
import {type Mapping, readMappingFile} from '../imports/mapping.ts';
import {openTable} from '../imports/readers.ts';
import type {Cell, Table, TableRow} from '../imports/readers-table.ts';
import {shapeNamed, shapeOf} from '../imports/shapes/index.ts';
import {bogotaDay} from '../lib/bogota-day.ts';
import {indexComparables} from '../ml/comparables.ts';
import {loadChampion} from '../valuation/load-champion.ts';
import {numberRows, ownMapping} from '../valuation/own-columns.ts';
import {VALUE_COLUMNS, valueCells} from '../valuation/value-columns.ts';
import {type Market, type RowValue, rowValuer} from '../valuation/value-rows.ts';
import {withDatabase} from './context.ts';
import {formatCount, formatSeconds, print, printJson} from './output.ts';
import {runSteps} from './progress.ts';
import {writeWhole} from './write-whole.ts';

interface TableFlags {
  readonly out?: string;
  readonly map?: string;
  readonly shape?: string;
  readonly operation?: Operation;
  readonly force?: boolean;
  readonly plot?: string;
  readonly demo?: boolean;
  readonly json?: boolean;
}

const ROWS_A_BATCH = 1000;

interface TableReport {
  readonly file: string;
  readonly out: string;
  readonly mapping: string;
  readonly rows: number;
  readonly valued: number;
  readonly insufficientData: number;
  readonly errors: number;
  readonly firstError: string | null;
  readonly isSynthetic: boolean;
  readonly seconds: number;
}

/** @throws ConfigError before anything is written, for a file nobody can read or an `--out` that must not be overwritten. */
export async function valueTable(file: string, flags: TableFlags): Promise<void> {
  const {out} = flags;
  if (out === undefined) throw new ConfigError('--file needs --out: the CSV file the values go to');
  if (resolve(out) === resolve(file))
    throw new ConfigError('--out would overwrite --file: name another file');
  if (flags.plot !== undefined) throw new ConfigError('--plot draws one home; leave out --file');
  await withDatabase({demo: flags.demo}, async ({database: {orm}, dataDir, hashKey}) => {
    const reports: TableReport[] = [];
    const step = {
      title: file,
      run: async (say: (line: string) => void) => {
        const report = await valueFile(orm, {file, out, dataDir, hashKey, now: new Date(), flags, say});
        reports.push(report);
        return `${formatCount(report.rows)} rows · ${formatSeconds(report.seconds)}`;
      },
    };
    await runSteps([step], {quiet: flags.json === true});
    for (const report of reports) {
      if (flags.json === true) printJson(report);
      else printReport(report);
    }
  });
}

interface FileWork {
  readonly file: string;
  readonly out: string;
  readonly dataDir: string;
  readonly hashKey: string;
  readonly now: Date;
  readonly flags: TableFlags;
  readonly say: (line: string) => void;
}

async function valueFile(db: Db, work: FileWork): Promise<TableReport> {
  const {file, out, hashKey, now, flags, say} = work;
  const started = performance.now();
  const opened = await openTable(file);
  const {mapping, isOwn} = chooseMapping(opened.columns, file, flags);
  const table = isOwn ? numberRows(opened) : opened;
  const [markets, reference] = await Promise.all([
    loadMarkets(db, work.dataDir, flags.operation),
    readReference(db),
  ]);
  const value = rowValuer(markets, reference, {
    ...{mapping, isOwn, hashKey, file, now},
    columns: table.columns,
    operation: flags.operation,
    today: bogotaDay(now),
  });
  // Columns of an earlier run are replaced.
  const kept = [...table.columns.keys()].filter(
    at => !(isOwn && at === 0) && !VALUE_COLUMNS.some(name => name === table.columns[at]),
  );
  const counts = {rows: 0, valued: 0, insufficientData: 0, errors: 0, firstError: null as string | null};
  await writeWhole(out, flags.force === true, async write => {
    await write(stringify([[...kept.map(at => table.columns[at]), ...VALUE_COLUMNS]]));
    for await (const batch of batches(table)) {
      const answers = value(batch);
      const lines = batch.map((row, index) => {
        const answer = answers[index] ?? {kind: 'error', message: 'not reached'};
        count(counts, row, answer);
        return [...kept.map(at => cellText(row.cells[at])), ...valueCells(answer)];
      });
      await write(stringify(lines));
      say(`${formatCount(counts.rows)} rows valued`);
    }
    if (counts.rows === 0) throw new ConfigError(`${file}: the file has a header and no rows`);
  });
  const isSynthetic = [...markets.values()].some(({loaded}) => loaded.model.isSynthetic);
  const seconds = (performance.now() - started) / 1000;
  return {file, out, mapping: mapping.name, ...counts, isSynthetic, seconds};
}

function chooseMapping(
  columns: readonly string[],
  file: string,
  flags: TableFlags,
): {readonly mapping: Mapping; readonly isOwn: boolean} {
  if (flags.map !== undefined && flags.shape !== undefined)
    throw new ConfigError('--shape and --map both say how to read the file: give one of them');
  if (flags.map !== undefined) return {mapping: readMappingFile(flags.map), isOwn: false};
  if (flags.shape !== undefined) return {mapping: shapeNamed(flags.shape), isOwn: false};
  const own = ownMapping(columns);
  return own === undefined ? {mapping: shapeOf(columns, file), isOwn: false} : {mapping: own, isOwn: true};
}

/** A model for each operation that has one. @throws ConfigError when none has, or the one asked for has none. */
async function loadMarkets(
  db: Db,
  dataDir: string,
  wanted: Operation | undefined,
): Promise<ReadonlyMap<Operation, Market>> {
  const champions = await selectChampions(db);
  const priced = OPERATIONS.filter(operation => champions.some(model => model.operation === operation));
  const operations = wanted !== undefined ? [wanted] : priced.length > 0 ? priced : ['sale' as const];
  const markets = new Map<Operation, Market>();
  for (const operation of operations) {
    const loaded = await loadChampion(db, dataDir, operation);
    const rows = await selectTrainingRows(db, [operation]);
    const known = new Map(rows.map(row => [row.listingId, row]));
    markets.set(operation, {loaded, comparables: indexComparables(rows), known});
  }
  return markets;
}

async function* batches({rows}: Table): AsyncGenerator<TableRow[]> {
  let batch: TableRow[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < ROWS_A_BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function count(
  counts: {rows: number; valued: number; insufficientData: number; errors: number; firstError: string | null},
  {row}: TableRow,
  answer: RowValue,
): void {
  counts.rows += 1;
  if (answer.kind === 'error') {
    counts.errors += 1;
    counts.firstError ??= `row ${row}: ${answer.message}`;
  } else if (answer.kind === 'value' && answer.value.status === 'valued') counts.valued += 1;
  else counts.insufficientData += 1;
}

function cellText(cell: Cell | undefined): string | null {
  if (cell === null || cell === undefined) return null;
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}

function printReport(report: TableReport): void {
  const {out, mapping, valued, insufficientData, errors, firstError, isSynthetic} = report;
  print(
    `\n${out}: ${formatCount(valued)} valued, ${formatCount(insufficientData)} with insufficient data, ${formatCount(errors)} with errors (${mapping})`,
  );
  if (firstError !== null) print(`first error: ${firstError}`);
  if (isSynthetic) print('SIMULADO: values of the simulated market.');
}
