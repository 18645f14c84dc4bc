import {join, relative} from 'node:path';
import {type LeaderboardRow, leaderboard} from '../db/models.ts';
import {portalHealth, type RunHealth} from '../db/status.ts';
import {
  type Candidate,
  furthestBelowNormal,
  type NewestRelease,
  newestRelease,
  type RuleCount,
  ruleCounts,
} from '../db/summary.ts';
import {runsTable} from './commands/status.ts';
import type {CommandContext} from './context.ts';
import {formatMillions, formatTable, print} from './output.ts';

export interface Summary {
  readonly runs: readonly RunHealth[];
  readonly rules: readonly RuleCount[];
  readonly leaderboard: readonly LeaderboardRow[];
  readonly belowNormal: readonly Candidate[];
  readonly release: NewestRelease | null;
}

const SHOWN_RUNS = 8;
const SHOWN_CANDIDATES = 10;

export async function collectSummary({database}: CommandContext): Promise<Summary> {
  const {orm} = database;
  return {
    runs: await portalHealth(orm, SHOWN_RUNS),
    rules: await ruleCounts(orm),
    leaderboard: await leaderboard(orm),
    belowNormal: await furthestBelowNormal(orm, SHOWN_CANDIDATES),
    release: (await newestRelease(orm)) ?? null,
  };
}

/** What a run of the pipeline found, for people. */
export function printSummary(summary: Summary, context: CommandContext): void {
  const mark = context.isDemo ? ' · SIMULADO' : '';
  const flag = context.isDemo ? ' --demo' : '';
  print(`\nRUNS${mark}\n${runsTable(summary.runs)}`);
  print(
    `\nQUARANTINE BY RULE (nothing is dropped in silence: api.quality_rule)\n${rulesTable(summary.rules)}`,
  );
  print(
    `\nLEADERBOARD (errors on homes the model never saw; asking prices)\n${leaderboardTable(summary.leaderboard)}`,
  );
  print(`\nTEN ADVERTS MOST BELOW NORMAL${mark}`);
  for (const [i, candidate] of summary.belowNormal.entries()) printCandidate(i + 1, candidate);
  print('\nNEXT');
  if (summary.release !== null) {
    const {version, tier, listings, folder} = summary.release;
    print(
      `  release ${version} (${tier}, ${listings} rows)  ${relative(process.cwd(), join(context.dataDir, folder))}`,
    );
  }
  print(`  look inside                npm run raiz -- db psql${flag}     (or: db url --reader${flag})`);
  print(`  what ran                   npm run raiz -- status${flag}`);
  if (context.isDemo) {
    print(
      '  now with real data         npm run raiz -- import <listings.csv.gz> && npm run raiz -- stage all',
    );
  }
}

function rulesTable(rules: readonly RuleCount[]): string {
  return formatTable(rules, [
    {title: 'rule', value: row => row.rule},
    {title: 'effect', value: row => row.effect},
    {title: 'cases', align: 'right', value: row => row.cases},
    {title: 'for example', value: row => row.exampleMessage.slice(0, 70)},
  ]);
}

function leaderboardTable(rows: readonly LeaderboardRow[]): string {
  const percent = (share: number | null) => (share === null ? null : `${(100 * share).toFixed(1)} %`);
  return formatTable(rows, [
    {title: 'operation', value: row => row.operation},
    {title: 'model', value: row => (row.isChampion ? `${row.algorithm} ★` : row.algorithm)},
    {title: 'MdAPE', align: 'right', value: row => percent(row.metrics.mdape)},
    {title: 'within 10 %', align: 'right', value: row => percent(row.metrics.within10)},
    {title: 'R² log', align: 'right', value: row => row.metrics.r2Log.toFixed(3)},
    {title: '80 % range holds', align: 'right', value: row => percent(row.metrics.coverage80)},
    {title: 'rows', align: 'right', value: row => row.trainingRows},
    {title: 'fit', align: 'right', value: row => `${row.fitSeconds.toFixed(1)} s`},
  ]);
}

function printCandidate(rank: number, candidate: Candidate): void {
  const {propertyType, municipality, neighbourhood, stratum, areaM2, operation} = candidate;
  const place = [neighbourhood, municipality].filter(part => part !== null).join(', ');
  const home = [
    propertyType,
    areaM2 === null ? null : `${areaM2} m²`,
    stratum === null ? null : `estrato ${stratum}`,
  ]
    .filter(part => part !== null)
    .join(' · ');
  const per = operation === 'rent' ? ' a month' : '';
  print(
    `${String(rank).padStart(3)}. ${candidate.gapPct.toFixed(0)} %  asks ${formatMillions(candidate.priceCop)}${per}, ` +
      `normal ${formatMillions(candidate.lowCop)} – ${formatMillions(candidate.midCop)} – ${formatMillions(candidate.highCop)}  ` +
      `${home}  ${place}  ${candidate.listingId}`,
  );
  for (const reason of candidate.reasons.slice(0, 3)) print(`       ${reason}`);
  if (candidate.redFlags.length > 0) print(`       ojo: ${candidate.redFlags.join(', ')}`);
}
