import {Command, InvalidArgumentError, Option} from 'commander';
import type {SearchReport} from '../../../pipelines/train/stage-search.ts';
import policy from '../../../raiz.config.ts';
import {effortOf, promotionOf} from '../../config/policy.ts';
import {leaderboard} from '../../db/models.ts';
import {ConfigError} from '../../domain/errors.ts';
import {EFFORTS, type Effort, OPERATIONS, type Operation} from '../../domain/vocabulary.ts';
import {type CommandContext, withDatabase} from '../context.ts';
import {parseDuration} from '../duration.ts';
import {modelsTable} from '../leaderboard-table.ts';
import {formatCount, formatSeconds, print, printJson} from '../output.ts';
import {runSteps} from '../progress.ts';
import type {TableFlags} from './train-table.ts';

const BUDGET_MS = 600_000;

interface Flags extends Partial<Omit<TableFlags, 'budget' | 'seed' | 'rounds' | 'json'>> {
  readonly operation: Operation[];
  readonly budget: number;
  readonly effort?: Effort;
  readonly seed?: number;
  readonly rounds?: number;
  readonly resume?: boolean;
  readonly demo?: boolean;
  readonly json?: boolean;
}

export function trainCommand(): Command {
  return new Command('train')
    .description('search for better price models within a time, on the folds of the leaderboard')
    .addOption(
      new Option('--operation <operation...>', 'sale, rent or both')
        .choices(OPERATIONS)
        .default([...OPERATIONS]),
    )
    .addOption(
      new Option('--budget <time>', 'time for all of it, as 90s, 10m or 1h; folds in progress are finished')
        .argParser(parseDuration)
        .default(BUDGET_MS, '10m'),
    )
    .addOption(
      new Option('--effort <effort>', 'what one model may cost (default: as the policy says)').choices(
        EFFORTS,
      ),
    )
    .option('--seed <number>', 'another seed deals other folds and draws other settings', wholeNumber)
    .option('--rounds <number>', 'rounds of drawn settings a model gets at most (default: 3)', wholeNumber)
    .option('--resume', 'go on with a search that was cut off, on its frozen rows')
    .option(
      '--data <file>',
      'a table of your own (CSV, JSON, Parquet) instead of the listings; no database is needed',
    )
    .option('--target <column>', 'with --data: the number to predict')
    .option('--group <column>', 'with --data: rows with the same value stand on one side of every fold')
    .option('--time <column>', 'with --data: predict later rows from earlier ones')
    .option('--lat <column>', 'with --data: degrees north')
    .option('--lon <column>', 'with --data: degrees east')
    .option('--drop <column...>', 'with --data: columns to leave out')
    .option('--keep <column...>', 'with --data: columns you vouch for, though they look like leaks')
    .option('--out <folder>', 'with --data: where report and predictions go (default: <file>-raiz)')
    .option('--demo', 'on the simulated installation')
    .option('--json', 'print the leaderboard and all trials as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  raiz train --operation sale --budget 10m\n  raiz train --demo --budget 2m\n' +
        '  raiz train --data homes.csv --target price --group id --lat lat --lon long\n' +
        '\nEvery model is first measured with its usual settings, then settings are drawn at random and the worse ones given\n' +
        'up early. What is finished stays, also after a kill: run it again. Nothing found becomes champion by itself when an\n' +
        'operation has one: see `raiz model promote`.',
    )
    .action(train);
}

async function train(flags: Flags): Promise<void> {
  const {data} = flags;
  if (data !== undefined) {
    const {trainTable} = await import('./train-table.ts');
    await trainTable({...flags, data});
    return;
  }
  if (flags.target !== undefined)
    throw new ConfigError('--target goes with --data: the file whose column it is.');
  const {operation: operations, budget, resume = false} = flags;
  await withDatabase({demo: flags.demo}, async context => {
    const {canSearch} = await import('../../../pipelines/train/stage-search.ts');
    const {database, dataDir} = context;
    const isSearched = await Promise.all(
      operations.map(operation => canSearch(database, operation, {dataDir, resume})),
    );
    const reports: SearchReport[] = [];
    const began = performance.now();
    await runSteps(
      operations.map((operation, place) => ({
        title: `train ${operation}`,
        run: async say => {
          const left = budget - (performance.now() - began);
          const waiting = isSearched.slice(place).filter(Boolean).length;
          const budgetMs = Math.max(left, 0) / Math.max(waiting, 1);
          const report = await searchOne(context, operation, flags, budgetMs, say);
          reports.push(report);
          return describeReport(report);
        },
      })),
      {quiet: flags.json === true},
    );
    const models = await leaderboard(context.database.orm);
    if (flags.json === true) {
      printJson({
        leaderboard: models.map(({card: _card, ...model}) => model),
        trials: reports.flatMap(report => (report.kind === 'searched' ? report.result.lines : [])),
        skipped: reports.flatMap(report => (report.kind === 'skipped' ? [report] : [])),
      });
      return;
    }
    printReports(reports);
    if (models.length > 0) print(`\n${modelsTable(models)}`);
    if (reports.every(({kind}) => kind === 'skipped')) {
      throw new ConfigError(
        `nothing was trained: ${reports.map(report => describeReport(report)).join('; ')}.` +
          (resume ? '' : ' Bring listings: `raiz import`, `raiz crawl`, then `raiz stage all`.'),
      );
    }
  });
}

async function searchOne(
  {database, dataDir}: CommandContext,
  operation: Operation,
  {seed, rounds, resume, effort}: Flags,
  budgetMs: number,
  note: (line: string) => void,
): Promise<SearchReport> {
  // TensorFlow.js takes a second to load: only where something is trained.
  const [{searchModels}, {SEED}, {loadBackend}] = await Promise.all([
    import('../../../pipelines/train/stage-search.ts'),
    import('../../../pipelines/train/stage.ts'),
    import('../../ml/backend.ts'),
  ]);
  return searchModels(database, operation, {
    backend: await loadBackend(),
    seed: seed ?? SEED,
    budgetMs,
    clock: () => performance.now(),
    dataDir,
    now: new Date(),
    note,
    promotion: promotionOf(policy),
    effort: effort ?? effortOf(policy),
    resume: resume === true,
    ...(rounds === undefined ? {} : {rounds}),
  });
}

function describeReport(report: SearchReport): string {
  if (report.kind === 'skipped') return `${report.operation}: no model, ${report.reason}`;
  const {lines, isComplete} = report.result;
  const count = (outcome: string) => lines.filter(line => line.outcome === outcome).length;
  const seconds = report.training.candidates.reduce((sum, candidate) => sum + candidate.fitSeconds, 0);
  return (
    `${formatCount(lines.length)} tried: ${count('finished')} finished, ${count('stopped')} given up early, ` +
    `${count('cut')} cut by the time${isComplete ? '' : ' (time over)'} · ${formatSeconds(seconds)} in what stands`
  );
}

function printReports(reports: readonly SearchReport[]): void {
  for (const report of reports) {
    if (report.kind === 'skipped') continue;
    for (const {algorithm, reason} of report.result.skipped)
      print(`${report.operation}: ${algorithm} skipped: ${reason}`);
    const best = report.training.candidates.find(({isBest}) => isBest);
    if (best !== undefined)
      print(
        `${report.operation}: best is ${best.modelId}. Make it champion: raiz model promote ${best.modelId}`,
      );
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
