/** What came of a table, as text that a person reads. */
import type {TrialLine} from '../search.ts';
import type {TableColumn} from './columns.ts';
import type {TableWarning} from './warnings.ts';

/** One row of the table's leaderboard. Shares are null where the target isn't positive throughout. */
export interface TableRowOfBoard {
  readonly algorithm: string;
  readonly settings: Readonly<Record<string, unknown>> | null;
  readonly mdape: number | null;
  readonly mae: number;
  readonly within10: number | null;
  readonly within20: number | null;
  readonly r2: number;
  readonly coverage80: number;
  readonly fitSeconds: number;
  /** What it takes to predict. */
  readonly sizeBytes: number | null;
  /** Error against the best row, as shares; null for the best. */
  readonly comparison: {readonly relative: number; readonly low: number; readonly high: number} | null;
}

export interface TableReport {
  readonly file: string;
  readonly target: string;
  readonly rows: number;
  readonly rowsWithoutTarget: number;
  readonly groups: number;
  readonly split: string;
  readonly isLog: boolean;
  readonly seed: number;
  readonly datasetHash: string;
  readonly splitId: string;
  readonly columns: readonly TableColumn[];
  readonly warnings: readonly TableWarning[];
  readonly board: readonly TableRowOfBoard[];
  readonly skipped: readonly {readonly algorithm: string; readonly reason: string}[];
  readonly trials: readonly TrialLine[];
}

export function tableReportMarkdown(report: TableReport): string {
  const {board, warnings, columns, skipped, trials} = report;
  const dropped = new Set(warnings.filter(({isDropped}) => isDropped).map(({column}) => column));
  const best = board[0];
  const naive = board.find(({algorithm}) => algorithm === 'naive_median');
  return [
    `# ${report.target}, predicted from ${report.file}`,
    '',
    best === undefined || naive === undefined
      ? 'Nothing was trained in the time given.'
      : `The best is **${best.algorithm}**: half of its predictions of rows it never saw are off by less than ${errorText(best)}; always saying the middle of all errs by ${errorText(naive)}.`,
    '',
    `${report.rows} rows with a target (${report.rowsWithoutTarget} without) in ${report.groups} groups; ${report.split}; ${report.isLog ? 'the logarithm of the target is learned' : 'the target is learned as it is'}. Dataset ${report.datasetHash}, split ${report.splitId}, seed ${report.seed}: the same give the same bits.`,
    '',
    '## Leaderboard',
    '',
    '| model | MdAPE | against the best (95 %) | MAE | within 10 % | within 20 % | R² | 80 % range holds | fit, s | bytes |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...board.map(boardLine),
    ...skipped.map(({algorithm, reason}) => `\n${algorithm} was skipped: ${reason}.`),
    '',
    `${trials.length} choices of settings were tried: ${countOf(trials, 'finished')} on all folds, ${countOf(trials, 'stopped')} given up early, ${countOf(trials, 'cut')} cut off by the time. Settings were picked on the same folds that the table shows: expect the winner to do a little worse on new rows.`,
    '',
    '## Warnings',
    '',
    ...(warnings.length === 0
      ? ['None. That is no proof: ask of each column whether it is known when a prediction is wanted.']
      : warnings.map(
          ({column, text, isDropped}) =>
            `- ${column === null ? '' : `**${column}** `}${text}${isDropped ? ` — left out (\`--keep ${column}\` brings it back)` : ''}`,
        )),
    '',
    '## Columns',
    '',
    '| column | read as | stated | distinct | used |',
    '| --- | --- | ---: | ---: | --- |',
    ...columns.map(
      ({name, kind, stated, distinct}) =>
        `| ${name} | ${kind} | ${stated} | ${distinct} | ${dropped.has(name) ? 'no' : 'yes'} |`,
    ),
    '',
    '## How to read it',
    '',
    'Every row was predicted by models that saw neither it nor any row of its group. *Against the best* resamples whole groups a thousand times: an interval that holds 0 is no difference to speak of. `predictions.csv` has each row’s prediction and 80 % range.',
    '',
  ].join('\n');
}

function boardLine(row: TableRowOfBoard): string {
  const percent = (share: number | null) => (share === null ? '·' : `${(100 * share).toFixed(1)} %`);
  const {comparison} = row;
  const against =
    comparison === null
      ? 'best'
      : `+${(100 * comparison.relative).toFixed(1)} % (${(100 * comparison.low).toFixed(1)} … ${(100 * comparison.high).toFixed(1)})`;
  const name = row.settings === null ? row.algorithm : `${row.algorithm} ◇`;
  const {mdape, mae, within10, within20, r2, coverage80, fitSeconds, sizeBytes} = row;
  return `| ${name} | ${percent(mdape)} | ${against} | ${Number(mae.toPrecision(4))} | ${percent(within10)} | ${percent(within20)} | ${r2.toFixed(3)} | ${percent(coverage80)} | ${fitSeconds.toFixed(1)} | ${sizeBytes ?? '·'} |`;
}

function errorText({mdape, mae}: TableRowOfBoard): string {
  return mdape === null ? `${Number(mae.toPrecision(4))} on average` : `${(100 * mdape).toFixed(1)} %`;
}

function countOf(trials: readonly TrialLine[], outcome: TrialLine['outcome']): number {
  return trials.filter(line => line.outcome === outcome).length;
}
