/** `raiz model ladder`: the rungs from the plainest guess to the blend, each with what it gained over the one below. */
import {Command, Option} from 'commander';
import {leaderboard, type ModelRow} from '../../db/models.ts';
import {OPERATIONS, type Operation} from '../../domain/vocabulary.ts';
import {withDatabase} from '../context.ts';
import {percentText} from '../leaderboard-table.ts';
import {formatTable, print, printJson} from '../output.ts';

/** From use inwards, as docs/ladder.md explains them. */
const RUNGS: readonly (readonly [algorithm: string, rung: string])[] = [
  ['naive_median_m2', 'one median for all'],
  ['naive_place_stratum', 'median of the zone'],
  ['ridge_hedonic', 'ridge'],
  ['nearest', 'nearest neighbours'],
  ['tree', 'one tree'],
  ['forest', 'forest'],
  ['gbdt', 'boosting'],
  ['network', 'network'],
  ['blend', 'blend'],
];

interface Flags {
  readonly operation: Operation;
  readonly markdown?: boolean;
  readonly demo?: boolean;
  readonly json?: boolean;
}

interface RungLine {
  readonly rung: string;
  readonly algorithm: string;
  readonly mdape: number;
  readonly within10: number;
  readonly fitSeconds: number;
  readonly sizeBytes: number | null;
  /** Less error than the first rung, as a share of its error. */
  readonly gain: number;
}

export function ladderCommand(): Command {
  return new Command('ladder')
    .description('the rungs of docs/ladder.md with the figures of the newest training')
    .addOption(new Option('--operation <operation>', 'of which prices').choices(OPERATIONS).default('sale'))
    .option('--markdown', 'as a Markdown table, for the page')
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  raiz model ladder --demo')
    .action(async ({operation, markdown, demo, json}: Flags) => {
      await withDatabase({demo}, async ({database}) => {
        const models = (await leaderboard(database.orm)).filter(row => row.operation === operation);
        const lines = ladderOf(models);
        if (json === true) printJson(lines);
        else if (lines.length === 0)
          print(`No model of ${operation} has been trained yet. Train with: raiz stage train`);
        else print(markdown === true ? markdownTable(lines) : plainTable(lines));
      });
    });
}

/** The best row of each rung that stands. */
function ladderOf(models: readonly ModelRow[]): RungLine[] {
  const first = models.find(({algorithm}) => algorithm === RUNGS[0]?.[0])?.metrics.mdape ?? Number.NaN;
  return RUNGS.flatMap(([algorithm, rung]) => {
    const row = models.find(model => model.algorithm === algorithm);
    if (row === undefined) return [];
    const {metrics, fitSeconds, sizeBytes} = row;
    const {mdape, within10} = metrics;
    return [{rung, algorithm, mdape, within10, fitSeconds, sizeBytes, gain: 1 - mdape / first}];
  });
}

function plainTable(lines: readonly RungLine[]): string {
  return formatTable(lines, [
    {title: 'rung', value: line => line.rung},
    {title: 'MdAPE', align: 'right', value: line => percentText(line.mdape)},
    {title: 'within 10 %', align: 'right', value: line => percentText(line.within10)},
    {title: 'less error than the first', align: 'right', value: line => percentText(line.gain, 0)},
    {title: 'fit', align: 'right', value: line => `${line.fitSeconds.toFixed(1)} s`},
    {title: 'size', align: 'right', value: line => line.sizeBytes},
  ]);
}

function markdownTable(lines: readonly RungLine[]): string {
  const rows = lines.map(
    ({rung, mdape, within10, gain, fitSeconds, sizeBytes}) =>
      `| ${rung} | ${percentText(mdape)} | ${percentText(within10)} | ${percentText(gain, 0)} | ${fitSeconds.toFixed(1)} | ${sizeBytes ?? '·'} |`,
  );
  return [
    '| rung | MdAPE | within 10 % | less error than the first | fit, s | bytes |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}
