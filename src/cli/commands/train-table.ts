/** `raiz train --data`: the leaderboard on anybody's table, without a database. */
import {mkdir, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {stringify} from 'csv-stringify/sync';
import {ConfigError, StorageError} from '../../domain/errors.ts';
import {openTable} from '../../imports/readers.ts';
import {sha256Hex} from '../../lib/hash.ts';
import type {TableCell} from '../../ml/automl/table/columns.ts';
import type {OpenTable, TableQuestion} from '../../ml/automl/table/read-table.ts';
import type {TableReport} from '../../ml/automl/table/table-report.ts';
import {percentText} from '../leaderboard-table.ts';
import {formatCount, formatTable, print, printJson} from '../output.ts';
import {runSteps} from '../progress.ts';

export interface TableFlags {
  readonly data: string;
  readonly target?: string;
  readonly group?: string;
  readonly time?: string;
  readonly lat?: string;
  readonly lon?: string;
  readonly drop?: string[];
  readonly keep?: string[];
  readonly out?: string;
  readonly budget: number;
  readonly seed?: number;
  readonly rounds?: number;
  readonly json?: boolean;
}

/** More than this is too much for one process's memory. */
const MOST_ROWS = 200_000;
/** Rows that don't have the header's columns, as a share, before the file is not believed. */
const FAULTY_SHARE = 0.02;
const SEED = 1;

export async function trainTable(flags: TableFlags): Promise<void> {
  const {data, target, budget, rounds} = flags;
  if (target === undefined)
    throw new ConfigError(
      '--data needs --target: the column to predict. Example: raiz train --data f.csv --target price',
    );
  const began = performance.now();
  const {names, rows} = await readRows(data);
  const [
    {openTableProblem},
    {solveTable},
    {loadBackend},
    {openFoldJournal},
    {tableReportMarkdown},
    {usualSettings},
  ] = await Promise.all([
    import('../../ml/automl/table/read-table.ts'),
    import('../../ml/automl/table/solve-table.ts'),
    import('../../ml/backend.ts'),
    import('../../registry/training-folder.ts'),
    import('../../ml/automl/table/table-report.ts'),
    import('../../ml/algorithms.ts'),
  ]);
  const question = questionOf(flags, target);
  const opened = openTableProblem(names, rows, question);
  const out = flags.out ?? `${basename(data).replace(/\..*$/, '')}-raiz`;
  await makeFolder(out);
  // Folds of another file, target, choice of columns or usual settings are other folds.
  const facts = [opened.datasetHash, opened.splitId, question, usualSettings('daily')];
  const runId = sha256Hex(JSON.stringify(facts)).slice(0, 12);
  const solved: {report: TableReport; predictions: readonly (readonly unknown[])[]}[] = [];
  await runSteps(
    [
      {
        title: `train on ${basename(data)}`,
        run: async say => {
          const result = await solveTable(opened, question, {
            backend: await loadBackend(),
            seed: question.seed,
            budgetMs: Math.max(0, Math.round(budget - (performance.now() - began))),
            clock: () => performance.now(),
            journal: openFoldJournal(join(out, 'work', runId)),
            note: say,
            ...(rounds === undefined ? {} : {rounds}),
          });
          solved.push(result);
          return `${formatCount(result.report.trials.length)} tried`;
        },
      },
    ],
    {quiet: flags.json === true},
  );
  const [result] = solved;
  if (result === undefined) return;
  await write(join(out, 'report.md'), tableReportMarkdown(result.report));
  await write(join(out, 'predictions.csv'), stringify([...result.predictions]));
  await write(join(out, 'leaderboard.json'), `${JSON.stringify(result.report.board, null, 2)}\n`);
  if (flags.json === true)
    printJson({...result.report, columns: result.report.columns.map(describeColumn), out});
  else printReport(result.report, opened, out);
}

function questionOf(flags: TableFlags, target: string): TableQuestion {
  return {
    file: basename(flags.data),
    target,
    group: flags.group,
    time: flags.time,
    latitude: flags.lat,
    longitude: flags.lon,
    drop: flags.drop ?? [],
    keep: flags.keep ?? [],
    seed: flags.seed ?? SEED,
  };
}

/** @throws ConfigError when the file is no table, or too large. */
async function readRows(file: string): Promise<{names: readonly string[]; rows: (readonly TableCell[])[]}> {
  const table = await openTable(file);
  const rows: (readonly TableCell[])[] = [];
  let faulty = 0;
  let example = '';
  for await (const {row, cells, fault} of table.rows) {
    if (fault === undefined) rows.push(cells);
    else {
      faulty += 1;
      if (example === '') example = `row ${row}: ${fault}`;
    }
    if (rows.length > MOST_ROWS)
      throw new ConfigError(`${file}: more than ${formatCount(MOST_ROWS)} rows; take a sample of them.`);
  }
  if (faulty > FAULTY_SHARE * (rows.length + faulty)) {
    throw new ConfigError(
      `${file}: ${faulty} of ${rows.length + faulty} rows don't have the header's columns (${example}). Is it a table? Check its delimiter and quotes.`,
    );
  }
  if (faulty > 0) process.stderr.write(`! ${file}: ${faulty} rows left out (${example})\n`);
  return {names: table.columns, rows};
}

function printReport(report: TableReport, {problem}: OpenTable, out: string): void {
  const {board, skipped, warnings} = report;
  for (const {column, text, isDropped} of warnings) {
    print(`! ${column === null ? '' : `${column}: `}${text}${isDropped ? ' (left out)' : ''}`);
  }
  for (const {algorithm, reason} of skipped) print(`${algorithm} skipped: ${reason}`);
  print(
    formatTable(board, [
      {title: 'model', value: row => (row.settings === null ? row.algorithm : `${row.algorithm} ◇`)},
      {title: 'MdAPE', align: 'right', value: row => percentText(row.mdape)},
      {
        title: 'against best (95 %)',
        align: 'right',
        value: ({comparison}) =>
          comparison === null
            ? 'best'
            : `${percentText(comparison.relative)} (${percentText(comparison.low)} … ${percentText(comparison.high)})`,
      },
      {title: 'MAE', align: 'right', value: row => Number(row.mae.toPrecision(4))},
      {title: '≤ 10 %', align: 'right', value: row => percentText(row.within10)},
      {title: '≤ 20 %', align: 'right', value: row => percentText(row.within20)},
      {title: 'R²', align: 'right', value: row => row.r2.toFixed(3)},
      {title: '80 % range holds', align: 'right', value: row => percentText(row.coverage80)},
      {title: 'fit', align: 'right', value: row => `${row.fitSeconds.toFixed(1)} s`},
      {title: 'bytes', align: 'right', value: row => row.sizeBytes},
    ]),
  );
  print(
    `\n${formatCount(problem.target.length)} rows, seed ${report.seed}, data ${report.datasetHash}, split ${report.splitId}\n` +
      `Read ${join(out, 'report.md')}; predictions of every row: ${join(out, 'predictions.csv')}`,
  );
}

function describeColumn({name, kind, stated, distinct}: TableReport['columns'][number]) {
  return {name, kind, stated, distinct};
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, {recursive: true}).catch((cause: NodeJS.ErrnoException) => {
    throw new StorageError(
      `can't make the folder ${folder} (${cause.code ?? cause.message}): choose another with --out`,
      {
        cause,
      },
    );
  });
}

async function write(path: string, content: string): Promise<void> {
  await writeFile(path, content).catch((cause: NodeJS.ErrnoException) => {
    throw new StorageError(
      `can't write ${path} (${cause.code ?? cause.message}): choose another place with --out`,
      {cause},
    );
  });
}
