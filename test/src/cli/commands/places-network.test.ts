import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Command} from 'commander';
import {eq} from 'drizzle-orm';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {listingLocation} from '../../../../drizzle/schema/core.ts';
import {accessCommand} from '../../../../src/cli/commands/access.ts';
import {placesCommand} from '../../../../src/cli/commands/places.ts';
import type {Database} from '../../../../src/db/client.ts';
import {ConfigError} from '../../../../src/domain/errors.ts';
import {loadReferenceData} from '../../../../src/imports/reference.ts';
import {loadEngine} from '../../../../src/travel/engine.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';
import {idOf, seedRows} from '../../../support/release-rows.ts';
import {encodeHill, encodeStreets, placeAt} from '../../../support/street-world.ts';

let database: Database;
const files = mkdtempSync(join(tmpdir(), 'raiz-places-network-'));
const extract = join(files, 'streets.osm.pbf');
const tile = join(files, 'N06W076.hgt');
const foot = placeAt(250, 500);
const {latitude: north, longitude: east} = placeAt(1150, 500);
const UPHILL = ['--to', `${north},${east}`, '--listing', idOf('both')];
const hasEngine = 'engine' in (await loadEngine());

beforeAll(async () => {
  writeFileSync(extract, encodeStreets());
  writeFileSync(tile, encodeHill());
  database = await testDatabase();
  await seedRows(database);
  await loadReferenceData(database);
  await database.orm
    .update(listingLocation)
    .set({...foot, geoQuality: 'exact', municipalityCode: '05001'})
    .where(eq(listingLocation.listingId, idOf('both')));
});
afterAll(async () => {
  rmSync(files, {recursive: true});
  await database.close();
});

const {run} = commandBench(
  () => new Command().addCommand(placesCommand()).addCommand(accessCommand()),
  () => database,
);
const runAccess = (...args: string[]): Promise<string> => run('access', ...args);
const runPlaces = (...args: string[]): Promise<string> => run('places', ...args);

async function uphill(): Promise<{minutes: number; quality: string; mode: string}> {
  const [home] = JSON.parse(await runAccess(...UPHILL, '--json'));
  return home.journeys[0];
}

test('nothing there: the state says so, and minutes are level estimates', async () => {
  expect(await runPlaces('network')).toMatch(/No street network.*No elevation tiles/s);
  expect(await uphill()).toMatchObject({mode: 'walk', quality: 'estimated'});
  expect(await runAccess(...UPHILL)).toMatch(/relieve no contado.*no hay red de calles/);
});

test('elevation tiles: the climb counts, and the table says whose tiles they are', async () => {
  const {minutes: level} = await uphill();
  const said = await runPlaces(
    'elevation',
    tile,
    '--source',
    'made up',
    '--licence',
    'CC0',
    '--as-of',
    '2026-11-01',
  );
  expect(said).toMatch(/N06W076 +93 +1,500 +1,700 +0\.00 % +made up +CC0 +2026-11-01/);
  const climbed = await uphill();
  expect(climbed.quality).toBe('estimated');
  expect(climbed.minutes).toBeGreaterThan(level * 1.3);
  expect(await runAccess(...UPHILL)).toContain(
    'con la subida entre los extremos (Tobler 1993; made up, 2026-11-01)',
  );
});

describe.skipIf(!hasEngine)('with the engine installed', () => {
  test('a network with slopes gives exact minutes on foot, and says where it comes from', async () => {
    const said = await runPlaces('network', 'build', extract, '--as-of', '2026-11-01');
    expect(said).toMatch(/^Built .+\/network\/[0-9a-f]{16}: 1 tiles, with slopes, ODbL 1\.0\./);
    const again = JSON.parse(await runPlaces('network', 'build', extract, '--as-of', '2026-11-01', '--json'));
    expect(again.isNew).toBe(false);
    expect(await uphill()).toMatchObject({mode: 'bus', quality: 'estimated'});
    const [flat] = JSON.parse(
      await runAccess(
        '--to',
        `${foot.latitude - 0.004},${placeAt(200, 0).longitude}`,
        '--listing',
        idOf('both'),
        '--json',
      ),
    );
    expect(flat.journeys[0]).toMatchObject({mode: 'walk', quality: 'exact'});
    expect(await runAccess(...UPHILL)).toContain(
      'exacto por la red de calles de OpenStreetMap (ODbL 1.0, 2026-11-01), a 4,8 km/h, con pendientes',
    );
    expect(await runPlaces('network')).toMatch(/[0-9a-f]{16} +yes +streets\.osm\.pbf +1 +N06W076/);
  }, 60_000);
});

test('refused: a file that is no tile', async () => {
  const failed = runPlaces('elevation', extract, '--source', 'x', '--licence', 'y', '--as-of', '2026-11-01');
  await expect(failed).rejects.toBeInstanceOf(ConfigError);
});
