/** `raiz model split|submit`: the folds for a notebook, and its predictions back on the leaderboard. */
import {writeFile} from 'node:fs/promises';
import {userInfo} from 'node:os';
import {basename} from 'node:path';
import {Command, Option} from 'commander';
import {stringify} from 'csv-stringify/sync';
import {leaderboard} from '../../db/models.ts';
import {ConfigError, StorageError} from '../../domain/errors.ts';
import {OPERATIONS, type Operation} from '../../domain/vocabulary.ts';
import {openTable} from '../../imports/readers.ts';
import type {OutsideLine} from '../../ml/automl/outside.ts';
import {withDatabase} from '../context.ts';
import {modelsTable} from '../leaderboard-table.ts';
import {formatCount, print, printJson} from '../output.ts';

interface Flags {
  readonly operation: Operation;
  readonly out: string;
  readonly name?: string;
  readonly by?: string;
  readonly demo?: boolean;
  readonly json?: boolean;
}

const COLUMNS = {id: 'listing_id', predicted: 'predicted_cop'} as const;

export function outsideCommands(): Command[] {
  return [
    withFlags('split', 'write the folds of the newest training, so that a notebook can use the same')
      .requiredOption('--out <file>', 'CSV to write: listing_id, fold, home, asking_price_cop')
      .addHelpText(
        'after',
        '\nExample:\n  raiz model split --out split.csv\n' +
          '\nPredict the homes of each fold with a model that saw only the other folds. Adverts with the same "home" tell each\n' +
          'other’s price: keep them together in splits of your own too.',
      )
      .action(writeSplit),
    withFlags(
      'submit',
      'measure predictions of your own on the same split; they stand on the leaderboard, never as champion',
    )
      .argument(
        '<file>',
        `CSV with ${COLUMNS.id} and ${COLUMNS.predicted}, one line for each listing of the split`,
      )
      .option('--name <name>', 'what the row is called (default: the file’s name)')
      .option('--by <name>', 'whose they are (default: the user of this machine)')
      .addHelpText(
        'after',
        '\nExample:\n  raiz model submit preds.csv --name "LightGBM of the Tuesday group"',
      )
      .action(submit),
  ];
}

function withFlags(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(new Option('--operation <operation>', 'of which prices').choices(OPERATIONS).default('sale'))
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON');
}

async function writeSplit({operation, out, demo, json}: Flags): Promise<void> {
  await withDatabase({demo}, async ({database, dataDir}) => {
    const {loadSplit} = await import('../../../pipelines/train/stage-submit.ts');
    const {rows, split, newest} = await loadSplit(database, dataDir, operation);
    const lines = rows.map((row, place) => [
      row.listingId,
      split.fold[place] ?? 0,
      split.group[place] ?? place,
      row.priceCop,
    ]);
    const text = stringify([['listing_id', 'fold', 'home', 'asking_price_cop'], ...lines]);
    await writeFile(out, text).catch((cause: NodeJS.ErrnoException) => {
      throw new StorageError(`can't write ${out} (${cause.code ?? cause.message}): choose another place`, {
        cause,
      });
    });
    const facts = {
      file: out,
      listings: rows.length,
      folds: split.folds,
      splitId: split.splitId,
      datasetHash: newest.datasetHash,
    };
    if (json === true) printJson(facts);
    else {
      print(
        `${out}: ${formatCount(rows.length)} listings for ${operation} in ${split.folds} folds, split ${split.splitId}.`,
      );
      print(`Bring predictions back with: raiz model submit preds.csv --operation ${operation}`);
    }
  });
}

async function submit(file: string, {operation, name, by, demo, json}: Flags): Promise<void> {
  const lines = await readLines(file);
  await withDatabase({demo}, async ({database, dataDir}) => {
    const {submitPredictions} = await import('../../../pipelines/train/stage-submit.ts');
    const modelId = await submitPredictions(database, dataDir, {
      operation,
      name: name ?? basename(file).replace(/\.[^.]*$/, ''),
      by: by ?? userInfo().username,
      file: basename(file),
      lines,
      now: new Date(),
    });
    const models = (await leaderboard(database.orm)).filter(row => row.operation === operation);
    const place = models.findIndex(row => row.modelId === modelId);
    if (json === true) {
      printJson({modelId, place: place + 1, of: models.length, metrics: models[place]?.metrics});
      return;
    }
    print(modelsTable(models));
    print(`\nPlace ${place + 1} of ${models.length}: ${modelId}`);
  });
}

/** @throws ConfigError when a column is missing or a line is not of the header's width. */
async function readLines(file: string): Promise<OutsideLine[]> {
  const {columns, rows} = await openTable(file);
  const [id, predicted] = [COLUMNS.id, COLUMNS.predicted].map(column => columns.indexOf(column));
  if (id === undefined || predicted === undefined || id < 0 || predicted < 0) {
    throw new ConfigError(
      `${file}: needs the columns ${COLUMNS.id} and ${COLUMNS.predicted}; it has ${columns.join(', ')}`,
    );
  }
  const lines: OutsideLine[] = [];
  for await (const {row, cells, fault} of rows) {
    if (fault !== undefined) throw new ConfigError(`${file}, row ${row}: ${fault}. Nothing was stored.`);
    lines.push({row, listingId: String(cells[id] ?? ''), predicted: String(cells[predicted] ?? '')});
  }
  return lines;
}
