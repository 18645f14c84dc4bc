import {userInfo} from 'node:os';
import {resolve} from 'node:path';
import {Argument, Command, InvalidArgumentError, Option} from 'commander';
import {
  type AnomalyRow,
  anomalyDecisions,
  countVerdicts,
  recordAnomalyDecision,
  selectAnomalies,
} from '../../db/anomalies.ts';
import {ConfigError} from '../../domain/errors.ts';
import {
  ANOMALY_KINDS,
  ANOMALY_VERDICTS,
  type AnomalyKind,
  type AnomalyVerdict,
  OPERATIONS,
  type Operation,
} from '../../domain/vocabulary.ts';
import {wilsonInterval} from '../../lib/wilson.ts';
import {writeAnomalyReport} from '../anomaly-report.ts';
import {withDatabase} from '../context.ts';
import {formatMillions, formatTable, print, printJson} from '../output.ts';

interface Flags {
  readonly operation?: Operation;
  readonly kind: AnomalyKind;
  readonly limit: number;
  readonly top: number;
  readonly why: string;
  readonly by?: string;
  readonly out: string;
  readonly demo?: boolean;
  readonly json?: boolean;
}

const KINDS = ANOMALY_KINDS.filter(kind => kind !== 'none');
const SHOWN_REASONS = 3;

/** `raiz anomaly`: adverts whose price strays, what members say of them, and how often the list is right. */
export function anomalyCommand(): Command {
  return new Command('anomaly')
    .description(
      'adverts whose price strays from normal: the daily list, members’ verdicts, precision, a report',
    )
    .addCommand(
      withFlags('list', 'the daily list, the most remarkable first', '--operation sale --limit 10')
        .addOption(kindOption())
        .option('--limit <n>', 'of each operation', wholeNumber, 20)
        .action(list),
    )
    .addCommand(
      withFlags(
        'verdict',
        'your word on one: it is what it seems, or something else explains it',
        'fincaraiz:id:193349683 false --why "the photos show another flat"',
      )
        .addArgument(new Argument('<listing>', 'listing id'))
        .addArgument(new Argument('<verdict>', 'real or false').choices(ANOMALY_VERDICTS))
        .requiredOption('--why <text>', 'what you saw')
        .option('--by <name>', 'who says so (default: the user of this machine)')
        .action(verdict),
    )
    .addCommand(
      withFlags('precision', 'how many of the first of the list are real, by the verdicts', '--top 20')
        .addOption(kindOption())
        .option('--top <n>', 'first so many of each operation', wholeNumber, 20)
        .action(precision),
    )
    .addCommand(
      withFlags('report', 'a page with plots, to read and to pass on', '--out report')
        .requiredOption('--out <folder>', 'where index.html is written')
        .option('--limit <n>', 'adverts listed of each operation', wholeNumber, 20)
        .action(report),
    );
}

function withFlags(name: string, description: string, example: string): Command {
  return new Command(name)
    .description(description)
    .addOption(new Option('--operation <operation>', 'only this one').choices(OPERATIONS))
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print as JSON')
    .addHelpText('after', `\nExample:\n  raiz anomaly ${name} ${example}`);
}

function kindOption(): Option {
  return new Option('--kind <kind>', 'which').choices(KINDS).default('below_normal');
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}

async function list({operation, kind, limit, demo, json}: Flags): Promise<void> {
  await withDatabase({demo}, async ({database}) => {
    const found = await selectAnomalies(database.orm, {operation, kind, limit});
    if (json === true) return printJson(found);
    if (found.length === 0)
      return print(`No advert on offer is ${kind}. Scores are made by: raiz stage score${demoFlag(demo)}`);
    if (found.some(row => row.isSynthetic)) print('SIMULADO: adverts of the simulated market.\n');
    for (const row of found) printAnomaly(row);
    print(`\nAfter looking at one: raiz anomaly verdict <listing> real|false --why "…"${demoFlag(demo)}`);
  });
}

function printAnomaly(row: AnomalyRow): void {
  const {rank, gapPct, priceCop, lowCop, midCop, highCop, operation, comparables, verdict} = row;
  const home = [
    row.propertyType,
    row.areaM2 === null ? null : `${row.areaM2} m²`,
    row.stratum === null ? null : `estrato ${row.stratum}`,
    [row.neighbourhood, row.municipality].filter(part => part !== null).join(', '),
  ].filter(part => part !== null && part !== '');
  const range = [lowCop, midCop, highCop].map(formatMillions).join(' – ');
  print(
    `${String(rank).padStart(3)}. ${operation} ${gapPct > 0 ? '+' : ''}${gapPct.toFixed(0)} %  asks ${formatMillions(priceCop)}, ` +
      `normal ${range}, ${comparables} comparables  ${home.join(' · ')}  ${row.listingId}${verdict === null ? '' : `  [${verdict}]`}`,
  );
  for (const reason of row.reasons.slice(0, SHOWN_REASONS)) print(`       ${reason}`);
  for (const warning of row.warnings) print(`       ojo: ${warning}`);
  if (row.verdictWhy !== null) print(`       ${verdict}: ${row.verdictWhy}`);
}

async function verdict(listingId: string, word: AnomalyVerdict, flags: Flags): Promise<void> {
  const {operation, demo, json, why, by} = flags;
  if (why.trim() === '') throw new ConfigError('--why is empty; say in a few words what you saw');
  await withDatabase({demo}, async ({database: {orm}}) => {
    const found = await selectAnomalies(orm, {listingId, operation});
    const [row] = found;
    if (row === undefined)
      throw new ConfigError(
        `${listingId} is no anomaly${operation === undefined ? '' : ` for ${operation}`} on offer now. See: raiz anomaly list${demoFlag(demo)}`,
      );
    if (found.length > 1)
      throw new ConfigError(`${listingId} is one for sale and for rent; say which with --operation`);
    const decision = {
      ...{listingId, operation: row.operation, priceCop: row.priceCop, anomaly: row.anomaly, verdict: word},
      ...{modelId: row.modelId, gapPct: row.gapPct, decidedAt: new Date()},
      ...{decidedBy: by ?? userInfo().username, note: why.trim()},
    };
    const [before] = (await anomalyDecisions(orm, listingId, row.operation)).filter(
      each => each.priceCop === row.priceCop && each.anomaly === row.anomaly,
    );
    await recordAnomalyDecision(orm, decision);
    if (json === true) return printJson({...decision, before: before ?? null});
    print(
      `Recorded: ${listingId} at ${formatMillions(row.priceCop)} is ${row.anomaly}, ${word}.` +
        (before === undefined ? '' : ` Before: ${before.verdict}, by ${before.decidedBy} (${before.note}).`),
    );
    print('It holds for this price; another price asks anew.');
  });
}

interface Precision {
  readonly operation: Operation;
  /** How many of the first are there at all, how many have a verdict, how many of those are real. */
  readonly listed: number;
  readonly judged: number;
  readonly real: number;
  /** Shares 0–1; null without a verdict. */
  readonly precision: number | null;
  readonly low: number;
  readonly high: number;
}

async function precision({operation, kind, top, demo, json}: Flags): Promise<void> {
  await withDatabase({demo}, async ({database: {orm}}) => {
    const first = await selectAnomalies(orm, {operation, kind, limit: top});
    const rows = OPERATIONS.filter(each => operation === undefined || each === operation).flatMap(each =>
      first.some(row => row.operation === each) ? [precisionOf(each, first)] : [],
    );
    const ever = (await countVerdicts(orm)).filter(row => row.anomaly === kind);
    if (json === true) return printJson({kind, top, precision: rows, ever});
    if (rows.length === 0) return print(`No advert on offer is ${kind}: nothing to judge.`);
    const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
    print(
      formatTable(rows, [
        {title: 'operation', value: row => row.operation},
        {title: `first ${top}`, align: 'right', value: row => row.listed},
        {title: 'judged', align: 'right', value: row => row.judged},
        {title: 'real', align: 'right', value: row => row.real},
        {
          title: `precision@${top}`,
          align: 'right',
          value: row => (row.precision === null ? null : percent(row.precision)),
        },
        {
          title: '95 % interval',
          value: row => (row.judged === 0 ? null : `${percent(row.low)} – ${percent(row.high)}`),
        },
      ]),
    );
    for (const row of rows)
      if (row.judged < row.listed)
        print(`${row.operation}: ${row.listed - row.judged} of the first ${row.listed} wait for a verdict.`);
    for (const row of ever)
      print(`Ever judged ${kind} for ${row.operation}: ${row.judged}, of them real ${row.real}.`);
  });
}

function precisionOf(operation: Operation, first: readonly AnomalyRow[]): Precision {
  const listed = first.filter(row => row.operation === operation);
  const judged = listed.filter(row => row.verdict !== null).length;
  const real = listed.filter(row => row.verdict === 'real').length;
  return {
    ...{operation, listed: listed.length, judged, real},
    precision: judged === 0 ? null : real / judged,
    ...wilsonInterval(real, judged),
  };
}

async function report({operation, limit, out, demo, json}: Flags): Promise<void> {
  await withDatabase({demo}, async ({database: {orm}}) => {
    const path = await writeAnomalyReport(orm, resolve(out), {operation, limit, now: new Date()});
    if (json === true) printJson({path});
    else print(`Written: ${path}`);
  });
}

function demoFlag(demo: boolean | undefined): string {
  return demo === true ? ' --demo' : '';
}
