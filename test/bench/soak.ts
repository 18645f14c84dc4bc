/**
 * `npm run bench -- soak [--pages 100000] [--folder …]`: see `test/support/soak.ts`. A folder that is named stays, and an
 * interrupted soak of the same seed and size goes on in it. Exits with 1 when anything differs from the truth.
 */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type SoakReport, soak} from '../support/soak.ts';
import type {BenchOptions, BenchRow} from './bench-row.ts';

/** About four hundred pages a day. */
const SIZE = 4000;
const PAGES_A_DAY = 300;

export async function benchSoak({pages = 100_000, folder}: BenchOptions): Promise<BenchRow[]> {
  const ownFolder = folder ?? (await mkdtemp(join(tmpdir(), 'raiz-soak-')));
  const report = await soak({
    folder: ownFolder,
    ...{seed: 'soak', pages, size: SIZE, days: Math.ceil(pages / PAGES_A_DAY) + 1},
    ...{killsADay: 2.5, serverShare: 0.2},
    onProgress: line => process.stdout.write(`${line}\n`),
  });
  if (folder === undefined) await rm(ownFolder, {recursive: true, force: true});
  for (const example of report.examples) process.stdout.write(`✖ ${example}\n`);
  if (differencesOf(report) > 0) process.exitCode = 1;
  return [
    {name: 'pages stored', value: report.pages, unit: 'pages', note: `${report.days} simulated days`},
    {
      name: 'kill -9',
      value: report.kills,
      unit: 'kills',
      note: `${report.serverKills} of the database server`,
    },
    {name: 'network faults', value: report.faults, unit: 'answers', note: '503, 429, cut, late'},
    {
      name: 'differences from the truth',
      value: differencesOf(report),
      unit: 'must be 0',
      note: `${partsOf(report)}; ${report.hidden} adverts that no crawl must see left out, ${report.incomplete} incomplete scopes`,
    },
    {
      name: 'CPU',
      value: Math.round(report.cpuSeconds),
      unit: 's',
      note: 'killed processes and the server not counted',
    },
    {name: 'time', value: Math.round(100 * report.hours) / 100, unit: 'h'},
  ];
}

const DIFFERENCES = ['unfinished', 'doubledPages', 'lost', 'invented', 'wrongSpells', 'wrongPrices'] as const;

const differencesOf = (report: SoakReport) => DIFFERENCES.reduce((sum, name) => sum + report[name], 0);
const partsOf = (report: SoakReport) => DIFFERENCES.map(name => `${name} ${report[name]}`).join(', ');
