import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {cleanStage} from '../../../../pipelines/clean/stage.ts';
import {qualityCommand} from '../../../../src/cli/commands/quality.ts';
import type {Database} from '../../../../src/db/client.ts';
import {ruleRuns} from '../../../../src/db/quality.ts';
import {applyViews} from '../../../../src/db/views.ts';
import {importFile} from '../../../../src/imports/import.ts';
import {defineMapping} from '../../../../src/imports/mapping.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const LISTINGS = 60;

const MAPPING = defineMapping({
  name: 'toy-days',
  portal: 'toy',
  idSpace: 'id',
  observedOn: {column: 'dia', format: 'YYYY-MM-DD'},
  scope: {operation: 'sale', propertyType: 'apartment', place: 'antioquia/medellin'},
  fields: {
    portalListingId: 'id',
    propertyType: {value: 'apartamento'},
    builtAreaM2: 'area',
    stratum: 'estrato',
  },
  offers: {operations: {value: 'venta'}, price: {sale: 'precio'}},
});

let database: Database;
const bench = commandBench(qualityCommand, () => database);

beforeAll(async () => {
  database = await testDatabase();
  await applyViews(database);
  // Three usual days, and one on which the estrato of twelve more adverts is the portal's code.
  for (const [day, odd] of [
    ['2026-11-01', 3],
    ['2026-11-02', 3],
    ['2026-11-03', 3],
    ['2026-11-04', 15],
  ] as const) {
    await importDay(day, odd);
  }
  await cleanStage.run(database, {now: () => NOW, dataDir: bench.folder});
}, 120_000);
afterAll(async () => database.close());

async function importDay(day: string, odd: number): Promise<void> {
  const rows = Array.from(
    {length: LISTINGS},
    (_, at) => `${day},${at + 1},80,400000000,${at < odd ? 110 : 4}`,
  );
  const path = join(bench.folder, `${day}.csv`);
  // The last row repeats the first: it is rejected, and stands in the report.
  writeFileSync(path, ['dia,id,area,precio,estrato', ...rows, rows[0]].join('\n'));
  await importFile(database, path, {mapping: MAPPING, hashKey: 'a key of the installation', now: NOW});
}

describe('api.quality_report', () => {
  test('each rule has a row for each run of its source, with its share and that of the runs before', async () => {
    const runs = await ruleRuns(database.orm, {});
    const strata = runs.filter(run => run.rule === 'stratum_range');
    expect(strata.map(run => [run.observedOn, run.rowsTouched, run.rowsSeen, run.runsCompared])).toEqual([
      ['2026-11-01', 3, 61, 0],
      ['2026-11-02', 3, 61, 1],
      ['2026-11-03', 3, 61, 2],
      ['2026-11-04', 15, 61, 3],
    ]);
    expect(strata.at(-1)).toMatchObject({
      ...{source: 'toy:toy-days', portal: 'toy', effect: 'nulled', isSynthetic: false},
      ...{touchedSharePct: 24.59, usualSharePct: 4.92, changePoints: 19.67},
      ...{exampleListingId: 'toy:id:1', exampleValue: '110'},
    });
    expect(strata[0]).toMatchObject({usualSharePct: null, changePoints: null});
  });

  test('rows that never became an observation are a rule like the others', async () => {
    const rejected = (await ruleRuns(database.orm, {})).filter(run => run.effect === 'rejected');
    expect(rejected.map(run => [run.rule, run.rowsTouched, run.exampleListingId])).toEqual(
      Array(4).fill(['repeated_in_day', 1, null]),
    );
  });

  test('a first day narrows what is shown, not what it is compared with; another portal has nothing', async () => {
    const since = await ruleRuns(database.orm, {portal: 'toy', since: '2026-11-04'});
    expect(since.map(run => [run.rule, run.runsCompared])).toEqual([
      ['repeated_in_day', 3],
      ['stratum_range', 3],
    ]);
    expect(await ruleRuns(database.orm, {portal: 'other'})).toEqual([]);
  });
});

describe('raiz quality', () => {
  test('a table by source: newest share, the runs before, the change, an alarm, an example', async () => {
    const text = await bench.run();
    expect(text).toContain('toy:toy-days: run 4 of 2026-11-04, 61 rows, 1 ALARM');
    expect(text).toMatch(
      /stratum_range +nulled +15 +24\.6 % +4\.9 % 4\.9 % 4\.9 % +\+19\.7 ALARM +110 in toy:id:1/,
    );
    expect(text).toMatch(/repeated_in_day +rejected +1 +1\.6 % +1\.6 % 1\.6 % 1\.6 % +\+0\.0 +·/);
  });

  test('as JSON every run, with its alarm', async () => {
    const runs: {rule: string; isAlarm: boolean}[] = JSON.parse(await bench.run('--json'));
    expect(runs.filter(run => run.rule === 'stratum_range').map(run => run.isAlarm)).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  test('nothing there, and a day that is none', async () => {
    expect(await bench.run('--portal', 'other')).toContain('No rule has struck here yet');
    await expect(bench.run('--since', '2026-02-30')).rejects.toThrow(/give a day as YYYY-MM-DD/);
  });
});
