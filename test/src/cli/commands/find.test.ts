import {eq} from 'drizzle-orm';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {listingLocation, listingPrice} from '../../../../drizzle/schema/core.ts';
import {findCommand} from '../../../../src/cli/commands/find.ts';
import type {Database} from '../../../../src/db/client.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';
import {idOf, seedRows} from '../../../support/release-rows.ts';

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
  await seedRows(database);
  await database.orm
    .update(listingLocation)
    .set({latitude: 6.337, longitude: -75.545, geoQuality: 'exact', municipalityCode: '05088'})
    .where(eq(listingLocation.listingId, idOf('both')));
  await database.orm
    .update(listingPrice)
    .set({adminFeeCop: 300_000})
    .where(eq(listingPrice.listingId, idOf('both')));
});
afterAll(async () => {
  await database.close();
});
const {run} = commandBench(findCommand, () => database);

test('the rent budget is for rent, administration and fares together', async () => {
  const total = 2_500_000 + 300_000 + 3820 * 44;
  const [home] = JSON.parse(await run('--to', 'eafit', '--budget', String(total), '--json'));
  expect(home).toMatchObject({
    rank: 1,
    listingId: idOf('both'),
    housingCop: 2_500_000,
    adminFeeCop: 300_000,
    transportCop: 168_080,
    totalCop: total,
    unknown: [],
    midCop: null,
  });
  expect(await run('--to', 'eafit', '--budget', String(total - 1))).toContain(
    'Ninguna vivienda en oferta cumple.',
  );
});

test('a student fare brings a home within budget', async () => {
  const budget = String(2_800_000 + 1600 * 44);
  expect(
    JSON.parse(await run('--to', 'eafit', '--budget', budget, '--fare', 'student', '--json')),
  ).toHaveLength(1);
});

test('sales ranked by total, minutes and fair price; the unplaced and the unvalued come last', async () => {
  const text = await run('--to', 'upb', '--operation', 'sale', '--budget', '600000000');
  const ids = [...text.matchAll(/fincaraiz:id:\w+/g)].map(([id]) => id);
  expect(ids).toEqual([idOf('both'), idOf('cut'), idOf('mended')]);
  expect(text).toMatch(/cut .* 430\.000\.000 +520\.000\.000 +-17 %/);
  expect(text).toMatch(/mended .* \? +350\.000\.000 +\? +\?$/m);
  expect(text).toContain('3 viviendas cumplen; se muestran 3.');
});

test('--max-minutes and --bedrooms narrow; what could not be placed is counted, not hidden', async () => {
  const near = await run(
    '--to',
    'upb',
    '--operation',
    'sale',
    '--budget',
    '600000000',
    '--max-minutes',
    '30',
  );
  expect([...near.matchAll(/fincaraiz:id:\w+/g)].map(([id]) => id)).toEqual([idOf('cut')]);
  expect(near).toContain('1 avisos dentro del presupuesto no se pudieron ubicar y quedaron por fuera.');
  const large = await run(
    '--to',
    'upb',
    '--operation',
    'sale',
    '--budget',
    '600000000',
    '--bedrooms',
    '4',
    '--csv',
  );
  expect(large.trim().split('\n')).toHaveLength(2);
  expect(large).toContain(idOf('cut'));
});
