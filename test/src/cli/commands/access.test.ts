import {eq} from 'drizzle-orm';
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest';
import {listingLocation} from '../../../../drizzle/schema/core.ts';
import {accessCommand} from '../../../../src/cli/commands/access.ts';
import type {Database} from '../../../../src/db/client.ts';
import {ConfigError} from '../../../../src/domain/errors.ts';
import {loadReferenceData} from '../../../../src/imports/reference.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';
import {idOf, seedRows} from '../../../support/release-rows.ts';

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
  await seedRows(database);
  await loadReferenceData(database);
  await database.orm
    .update(listingLocation)
    .set({latitude: 6.2425, longitude: -75.589, geoQuality: 'exact', municipalityCode: '05001'})
    .where(eq(listingLocation.listingId, idOf('both')));
});
afterAll(async () => {
  await database.close();
});
const {run} = commandBench(accessCommand, () => database);

test('one destination: minutes with their mode, the three parts, and what is unknown', async () => {
  const text = await run('--to', 'upb', '--days', '22');
  expect(text).toMatch(/min a upb/);
  expect(text).toMatch(/fincaraiz:id:both +Laureles +3 +2\.500\.000 +\? +0 +≥ 2\.500\.000 +\d a pie/);
  expect(text).toContain('A pie: estimado, línea recta');
  expect(text).toContain('? es desconocido, no cero: a 1 de 1 avisos les falta algún dato.');
});

test('two destinations: both times and the worse, both fares', async () => {
  const [home] = JSON.parse(await run('--to', 'upb', '--to', '6.337,-75.545@Bello', '--json'));
  const [toWork, toSchool] = home.journeys;
  expect(toWork).toMatchObject({to: 'upb', mode: 'walk', quality: 'estimated', fareCop: 0, transportCop: 0});
  expect(toSchool.minutes).toBeGreaterThan(30);
  expect(toSchool.fareCop).toBe(toSchool.mode === 'transit' ? 3820 : 4715);
  expect(home).toMatchObject({
    worstMinutes: toSchool.minutes,
    transportCop: toSchool.transportCop,
    totalCop: null,
    unknown: ['administración'],
  });
  expect(home.atLeastCop).toBe(2_500_000 + toSchool.fareCop * 44);
});

test('buying: the payment of a stated loan, and its assumptions', async () => {
  const text = await run('--to', 'upb', '--operation', 'sale', '--rate', '11', '--years', '15');
  expect(text).toContain('Cuota supuesta: 30 % de inicial, 11 % efectivo anual, 15 años, sin seguros.');
  expect(text).toContain('~ en 1: punto compartido por muchos avisos');
  const ids = [...text.matchAll(/fincaraiz:id:\w+/g)].map(([id]) => id);
  expect(ids).toEqual([idOf('mended'), idOf('cut'), idOf('both')]);
  expect(text).toMatch(/fincaraiz:id:mended .* \? +\?$/m);
});

test('--listing tells every trip leg by leg', async () => {
  const text = await run('--to', '6.337,-75.545@Bello', '--listing', idOf('both'), idOf('stale'));
  expect(text).toMatch(
    /:both a 6\.337,-75\.545@Bello: a pie \d+ min a .+ → metro A \d+ min a Niquía → a pie \d+ min\. Pasaje: [34]\.\d{3}\./,
  );
  expect(text).toContain('fincaraiz:id:stale a 6.337,-75.545@Bello: no se sabe dónde queda.');
});

test('--listing shows adverts that are no longer on offer; --csv has a column a value', async () => {
  const [header, row] = (await run('--to', 'eafit', '--listing', idOf('stale'), '--csv')).split('\n');
  const cells = Object.fromEntries(
    (header ?? '').split(',').map((name, n) => [name, (row ?? '').split(',')[n]]),
  );
  expect(cells).toMatchObject({
    listingId: idOf('stale'),
    housingCop: '1800000',
    adminFeeCop: '210000',
    transportCop: '',
    totalCop: '',
    atLeastCop: '2010000',
    minutes1: '',
    unknown: 'ubicación',
  });
});

describe('refused', () => {
  test.each([
    [['--to', 'itm'], /no destination "itm"\. Known: itm-fraternidad, itm-robledo/],
    [['--to', '-75.57,6.2'], /outside the Valle de Aburrá: write latitude first/],
    [['--to', '6.2,-75.57@Cali'], /no municipality "Cali" is known\. Known: .*medellin/],
    [
      ['--to', 'eafit', '--listing', 'fincaraiz:id:nobody'],
      /No advert with an offer has the id fincaraiz:id:nobody/,
    ],
  ])('%j', async (args, message) => {
    const failed = run(...args);
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toBeInstanceOf(ConfigError);
  });

  test.each([[[]], [['--to', 'eafit', '--days', '40']], [['--to', 'eafit', '--fare', 'rich']]])(
    '%j is a usage error',
    async args => {
      vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
      await expect(run(...args)).rejects.toMatchObject({code: expect.stringContaining('commander.')});
    },
  );
});
