import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {sql} from 'drizzle-orm';
import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest';
import {anomalyDecision} from '../../../../drizzle/schema/ops.ts';
import {anomalyCommand} from '../../../../src/cli/commands/anomaly.ts';
import type {Database} from '../../../../src/db/client.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';
import {idOf, seedRows} from '../../../support/release-rows.ts';

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
  await seedRows(database);
});
beforeEach(async () => {
  await database.orm.delete(anomalyDecision);
});
afterAll(() => database.close());
const {run, folder} = commandBench(anomalyCommand, () => database);
const cut = idOf('cut');

test('the list shows gap, range, comparables, reasons and red flags', async () => {
  const said = await run('list');
  expect(said).toContain('1. sale -17 %  asks 430 M, normal 480 M – 520 M – 570 M, 5 comparables');
  expect(said).toContain('17 % por debajo de lo esperado');
  expect(said).toContain('ojo: Muchos avisos comparten su punto');
  const rows = JSON.parse(await run('list', '--json'));
  expect(rows).toMatchObject([
    {listingId: cut, rank: 1, gapPct: -17.3, redFlags: ['shared_pin', 'few_comparables'], verdict: null},
  ]);
  expect(await run('list', '--operation', 'rent')).toContain('No advert on offer is below_normal');
  expect(await run('list', '--kind', 'error_candidate')).toContain('No advert on offer is error_candidate');
});

test('a verdict is kept with who and when, shown with the advert, and can be changed', async () => {
  expect(await run('verdict', cut, 'real', '--why', 'saw it', '--by', 'ana')).toContain('below_normal, real');
  const changed = await run('verdict', cut, 'false', '--why', 'the photos show another flat', '--by', 'luis');
  expect(changed).toContain('Before: real, by ana (saw it)');
  expect(await run('list')).toContain('false: the photos show another flat');
  expect(await database.orm.select().from(anomalyDecision)).toMatchObject([
    {
      listingId: cut,
      priceCop: 430e6,
      anomaly: 'below_normal',
      verdict: 'real',
      decidedBy: 'ana',
      modelId: 'champion',
    },
    {verdict: 'false', decidedBy: 'luis', note: 'the photos show another flat', decidedAt: expect.any(Date)},
  ]);
});

test('it survives scoring again; another price or another reading asks anew', async () => {
  await run('verdict', cut, 'real', '--why', 'saw it');
  const shown = async () =>
    (JSON.parse(await run('list', '--json')) as {verdict: string | null}[])[0]?.verdict;
  await database.orm.execute(sql`
    with gone as (delete from ml.score where listing_id = ${cut} returning *)
    insert into ml.score select * from gone where false`);
  await database.orm.execute(sql`
    insert into ml.score (listing_id, operation, model_id, valid_from, price_cop, low_cop, mid_cop, high_cop, gap_pct,
      residual_z, is_out_of_fold, anomaly, reasons, comparables)
    select ${cut}, operation, model_id, (select valid_from from core.listing_price where listing_id = ${cut} and valid_to is null),
      430000000, low_cop, mid_cop, high_cop, -19, -2.7, true, 'below_normal', '[]', 11
    from ml.score where listing_id = ${idOf('both')} and model_id = 'champion'`);
  expect(await shown()).toBe('real');
  await database.orm.execute(sql`update ml.score set price_cop = 420000000 where listing_id = ${cut}`);
  expect(await shown()).toBeNull();
  await database.orm.execute(
    sql`update ml.score set price_cop = 430000000, anomaly = 'error_candidate' where listing_id = ${cut}`,
  );
  expect(JSON.parse(await run('list', '--kind', 'error_candidate', '--json'))).toMatchObject([
    {verdict: null},
  ]);
  await database.orm.execute(sql`update ml.score set anomaly = 'below_normal' where listing_id = ${cut}`);
  expect(await shown()).toBe('real');
});

test('precision@20 counts the judged, with an interval', async () => {
  expect(await run('precision')).toContain('sale: 1 of the first 1 wait for a verdict.');
  await run('verdict', cut, 'real', '--why', 'saw it');
  const {precision, ever} = JSON.parse(await run('precision', '--json'));
  expect(precision).toEqual([
    {
      ...{operation: 'sale', listed: 1, judged: 1, real: 1, precision: 1, high: 1},
      low: expect.closeTo(0.2065, 3),
    },
  ]);
  expect(ever).toEqual([{anomaly: 'below_normal', operation: 'sale', judged: 1, real: 1}]);
  await run('verdict', cut, 'false', '--why', 'another flat');
  expect(await run('precision')).toMatch(/sale +1 +1 +0 +0 % +0 % – 79 %/);
});

test('what is no anomaly takes no verdict, nor a verdict without a reason', async () => {
  await expect(run('verdict', idOf('gone'), 'real', '--why', 'x')).rejects.toThrow(/raiz anomaly list/);
  await expect(run('verdict', cut, 'real', '--why', ' ')).rejects.toThrow(/--why is empty/);
});

test('the report is one page without scripts', async () => {
  await run('verdict', cut, 'false', '--why', '<b>another</b> flat');
  const out = join(folder, 'report');
  expect(await run('report', '--out', out)).toContain(join(out, 'index.html'));
  const html = await readFile(join(out, 'index.html'), 'utf8');
  expect(html).toContain('aria-label="Precio pedido contra precio esperado"');
  expect(html).toContain('aria-label="Cuánto se aparta lo pedido, por tipo"');
  expect(html).toContain('&lt;b&gt;another&lt;/b&gt; flat');
  expect(html).not.toMatch(/<script|<b>another/);
  await expect(run('report', '--operation', 'rent', '--out', out)).rejects.toThrow(/raiz stage score/);
});
