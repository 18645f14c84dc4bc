import {Command} from 'commander';
import {type RuleRun, ruleRuns} from '../../db/quality.ts';
import {ConfigError} from '../../domain/errors.ts';
import {isRateAlarm} from '../../health/rule-rates.ts';
import {withDatabase} from '../context.ts';
import {formatTable, print, printJson} from '../output.ts';

interface Flags {
  readonly portal?: string;
  readonly since?: string;
  readonly demo?: boolean;
  readonly json?: boolean;
}

/** `raiz quality`: what cleaning found in each source, and whether that changes. */
export function qualityCommand(): Command {
  return new Command('quality')
    .description('how often each cleaning rule struck, by source, and how that changes from run to run')
    .option('--portal <id>', 'only sources of this portal')
    .option('--since <day>', 'only runs of this Bogotá day and later, YYYY-MM-DD')
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print every run as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  raiz quality --demo\n  raiz quality --portal fincaraiz --since 2026-11-01\n' +
        'What each rule sees and does: raiz rules',
    )
    .action(async (flags: Flags) => {
      if (flags.since !== undefined && !isDay(flags.since))
        throw new ConfigError(`--since ${flags.since}: give a day as YYYY-MM-DD, for example 2026-11-01`);
      await withDatabase({demo: flags.demo}, async ({database}) => {
        const runs = await ruleRuns(database.orm, flags);
        if (flags.json === true) printJson(runs.map(run => ({...run, isAlarm: isRateAlarm(run)})));
        else print(describeQuality(runs));
      });
    });
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
  );
}

/** A rule in a source: its newest run, and the shares of the runs before. */
interface Line extends RuleRun {
  readonly earlier: readonly number[];
}

const SHOWN_EARLIER = 4;

function describeQuality(runs: readonly RuleRun[]): string {
  if (runs.length === 0)
    return 'No rule has struck here yet. Collect and clean first: raiz import <file>, then raiz stage clean.';
  const sources = [...new Set(runs.map(run => run.source))];
  const blocks = sources.map(source =>
    describeSource(source, linesOf(runs.filter(run => run.source === source))),
  );
  return `${blocks.join('\n\n')}\n\nWhat each rule sees and does: raiz rules. One advert step by step: raiz trace <listing>.`;
}

function linesOf(runs: readonly RuleRun[]): Line[] {
  const rules = new Map<string, RuleRun[]>();
  for (const run of runs) {
    const key = `${run.rule} ${run.effect}`;
    rules.set(key, [...(rules.get(key) ?? []), run]);
  }
  const lines = [...rules.values()].flatMap(history => {
    const newest = history.at(-1);
    const earlier = history.slice(0, -1).slice(-SHOWN_EARLIER);
    return newest === undefined ? [] : [{...newest, earlier: earlier.map(run => run.touchedSharePct)}];
  });
  return lines.sort((a, b) => b.rowsTouched - a.rowsTouched || (a.rule < b.rule ? -1 : 1));
}

function describeSource(source: string, lines: readonly Line[]): string {
  const newest = lines[0];
  const alarms = lines.filter(isRateAlarm).length;
  const mark = newest?.isSynthetic === true ? ' · SIMULADO' : '';
  const head = `${source}${mark}: run ${newest?.runId} of ${newest?.observedOn}, ${newest?.rowsSeen} rows${alarms > 0 ? `, ${alarms} ${alarms === 1 ? 'ALARM' : 'ALARMS'}` : ''}`;
  return `${head}\n${formatTable(lines, [
    {title: 'rule', value: line => line.rule},
    {title: 'effect', value: line => line.effect},
    {title: 'rows', align: 'right', value: line => line.rowsTouched},
    {title: 'share', align: 'right', value: line => percent(line.touchedSharePct)},
    {title: 'runs before', align: 'right', value: line => line.earlier.map(percent).join(' ') || null},
    {title: 'change', align: 'right', value: describeChange},
    {title: 'for example', value: describeExample},
  ])}`;
}

const percent = (share: number) => `${share.toFixed(1)} %`;

function describeChange(line: Line): string | null {
  if (line.changePoints === null) return null;
  const points = `${line.changePoints >= 0 ? '+' : '−'}${Math.abs(line.changePoints).toFixed(1)}`;
  return isRateAlarm(line) ? `${points} ALARM` : points;
}

function describeExample({exampleValue, exampleListingId, exampleUrl}: Line): string | null {
  if (exampleListingId === null) return null;
  return `${exampleValue === null ? '' : `${exampleValue.replaceAll(/\s+/g, ' ')} in `}${exampleUrl ?? exampleListingId}`;
}
