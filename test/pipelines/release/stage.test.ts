import {cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {asyncBufferFromFile, parquetReadObjects} from 'hyparquet';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {releaseStage} from '../../../pipelines/release/stage.ts';
import type {Database} from '../../../src/db/client.ts';
import {listReleases} from '../../../src/db/releases.ts';
import {applyViews} from '../../../src/db/views.ts';
import {FILES} from '../../../src/domain/dictionary.ts';
import {ContractError} from '../../../src/domain/errors.ts';
import {readManifest} from '../../../src/release/folder.ts';
import {verifyRelease} from '../../../src/release/verify.ts';
import type {StageOptions} from '../../../src/stage/define-stage.ts';
import {testDatabase} from '../../support/database.ts';
import {idOf, seedRows} from '../../support/release-rows.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const LATER = new Date('2026-11-24T12:00:00Z');

let database: Database;
let dataDir: string;

beforeEach(async () => {
  database = await testDatabase();
  await applyViews(database);
  dataDir = await mkdtemp(join(tmpdir(), 'raiz-release-'));
});
afterEach(async () => {
  await database.close();
  await rm(dataDir, {recursive: true, force: true});
});

const build = (now = NOW, options: StageOptions = {}) =>
  releaseStage.run(database, {now: () => now, dataDir, options});
const releases = () =>
  readdir(join(dataDir, 'releases')).then(
    names => names.sort(),
    () => [],
  );
const folder = (version = '2026.11.1') => join(dataDir, 'releases', version);
const readRows = async (name: string) =>
  parquetReadObjects({file: await asyncBufferFromFile(join(folder(), name))});

describe('a build', () => {
  test('writes every file, whole, and points latest.json at it', async () => {
    await seedRows(database);
    const report = await build();
    expect(report).toMatchObject({
      keysFound: 1,
      keysFailed: 0,
      counts: {releases: 1, listings: 6, files: 12},
    });
    const tables = FILES.flatMap(file => [`${file.name}.csv.gz`, `${file.name}.parquet`]);
    expect((await readdir(folder())).sort()).toEqual(
      [...tables, 'README.md', 'SHA256SUMS', 'data_dictionary.csv', 'manifest.json'].sort(),
    );
    expect(await releases()).toEqual(['2026.11.1', 'latest.json']);
    const latest = JSON.parse(await readFile(join(dataDir, 'releases/latest.json'), 'utf8'));
    expect(latest).toMatchObject({version: '2026.11.1', tier: 'internal', is_synthetic: false});
    const check = await verifyRelease(folder());
    expect(check.files.flatMap(file => file.faults)).toEqual([]);
    expect(check.manifest).toMatchObject({
      version: '2026.11.1',
      tier: 'internal',
      is_synthetic: false,
      listings: 6,
      coordinates: 'exact',
      built_at: NOW.toISOString(),
      data_from: '2026-01-01T17:00:00.000Z',
      data_until: '2026-01-17T17:00:00.000Z',
      models: [{operation: 'sale', model_id: 'champion', algorithm: 'mlp'}],
    });
    expect(check.manifest.tables.map(table => [table.name, table.rows])).toEqual([
      ['listings', 7],
      ['price_history', 8],
      ['scores', 3],
      ['spells', 6],
    ]);
    expect((await listReleases(database.orm)).map(row => [row.version, row.tier, row.folder])).toEqual([
      ['2026.11.1', 'internal', 'releases/2026.11.1'],
    ]);
  });

  test('keeps types and meaning through Parquet', async () => {
    await seedRows(database);
    await build();
    const row = (await readRows('listings.parquet')).find(({listing_id}) => listing_id === idOf('cut'));
    expect(row).toMatchObject({
      listing_key: `${idOf('cut')}:sale`,
      price_cop: 430_000_000n,
      area_m2: 85.3,
      bedrooms: 4,
      stratum: null,
      is_current: true,
      amenities: ['ascensor', 'balcón'],
      exclusions: [],
      first_seen_at: new Date('2026-01-01T17:00:00Z'),
      nearest_school_m: 310,
      school_within_1000_m: 4,
      nearest_mall_m: null,
      mall_within_500_m: 0,
      prison_within_500_m: null,
    });
    const [score] = (await readRows('scores.parquet')).filter(({listing_id}) => listing_id === idOf('cut'));
    expect(score).toMatchObject({
      low_cop: 480_000_000n,
      gap_pct: -17.3,
      reason_codes: ['below_range', 'many_rooms'],
    });
  });

  test('holds no title, text, link or company of an advert', async () => {
    await seedRows(database);
    await build();
    for (const name of await readdir(folder())) {
      const bytes = await readFile(join(folder(), name), 'latin1');
      expect(
        bytes.includes('Inmobiliaria Ejemplo') || bytes.includes('Amplia casa') || bytes.includes('/x/cut'),
        name,
      ).toBe(false);
    }
  });

  test('says SIMULADO in README and manifest when the rows are synthetic', async () => {
    await seedRows(database, {isSynthetic: true});
    await build();
    expect(await readFile(join(folder(), 'README.md'), 'utf8')).toMatch(
      /^# Raíz · avisos de vivienda · 2026\.11\.1 · SIMULADO/,
    );
    expect((await readManifest(folder())).is_synthetic).toBe(true);
  });

  test('makes the same bytes of the same rows', async () => {
    await seedRows(database);
    await build();
    await build(LATER, {rebuild: true});
    const sums = async (version: string) =>
      (await readManifest(folder(version))).files
        .filter(file => file.name !== 'README.md')
        .map(file => [file.name, file.sha256]);
    expect(await releases()).toContain('2026.11.2');
    expect(await sums('2026.11.2')).toEqual(await sums('2026.11.1'));
  });
});

describe('again', () => {
  test('the same rows are no work; a changed row is a new version', async () => {
    await seedRows(database);
    await build();
    expect((await build(LATER)).keysFound).toBe(0);
    expect(await releases()).toEqual(['2026.11.1', 'latest.json']);
    await database.sql`update core.listing_price set price_cop = 429000000 where valid_to is null and price_cop = 430000000`;
    expect((await build(LATER)).counts.releases).toBe(1);
    expect(await releases()).toEqual(['2026.11.1', '2026.11.2', 'latest.json']);
  });

  test('a dry run checks everything and leaves nothing', async () => {
    await seedRows(database);
    expect((await build(NOW, {dryRun: true})).counts).toEqual({listings: 6});
    expect(await releases()).toEqual([]);
    expect(await listReleases(database.orm)).toEqual([]);
    expect((await build()).counts.releases).toBe(1);
  });

  test('an empty database is no work', async () => {
    expect((await build()).keysFound).toBe(0);
  });
});

describe('refusals', () => {
  test('synthetic and real rows', async () => {
    await seedRows(database);
    await database.sql`update core.listing set is_synthetic = true where listing_id = ${idOf('bare')}`;
    await expect(build()).rejects.toThrow(/1 synthetic and 5 real listings/);
    await expect(build()).rejects.toThrow(/1 synthetic and 5 real listings/);
    expect(await releases()).toEqual([]);
  });

  test('personal data in any text column, without repeating it', async () => {
    await seedRows(database, {neighbourhood: 'Laureles, llamar al 300 123 45 67'});
    const refused = await build().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ContractError);
    expect(String(refused)).toMatch(/listings\.neighbourhood of fincaraiz:id:\w+(:\w+)? \(phone\)/);
    expect(JSON.stringify((refused as ContractError).context)).not.toContain('300 123');
    expect(await releases()).toEqual([]);
    expect(await listReleases(database.orm)).toEqual([]);
  });

  test('a disk that does not take it: a plain file where the folder should be', async () => {
    await seedRows(database);
    await writeFile(join(dataDir, 'releases'), '');
    await expect(build()).rejects.toThrow(/a file stands where a folder should be/);
    expect(await listReleases(database.orm)).toEqual([]);
  });
});

describe('after a stop', () => {
  test('what a killed build left is removed', async () => {
    await seedRows(database);
    await mkdir(join(dataDir, 'releases/.building-2026.11.1'), {recursive: true});
    await writeFile(join(dataDir, 'releases/.building-2026.11.1/listings.parquet'), 'half');
    await build();
    expect(await releases()).toEqual(['2026.11.1', 'latest.json']);
  });

  test('a whole folder whose row was never committed is adopted', async () => {
    await seedRows(database);
    await build();
    const {sha256} = (await readManifest(folder())).files[0]!;
    await database.sql`delete from ops.release`;
    await database.sql`delete from ops.stage_state`;
    await rm(join(dataDir, 'releases/latest.json'));
    await build(LATER);
    expect(await releases()).toEqual(['2026.11.1', 'latest.json']);
    const [row] = await listReleases(database.orm);
    expect(row).toMatchObject({version: '2026.11.1', builtAt: NOW});
    expect((await readManifest(folder())).files[0]?.sha256).toBe(sha256);
  });

  test('a damaged folder is not adopted', async () => {
    await seedRows(database);
    await build();
    await database.sql`delete from ops.release`;
    await database.sql`delete from ops.stage_state`;
    await truncate(join(folder(), 'spells.parquet'), 100);
    await expect(build(LATER)).rejects.toThrow(/spells\.parquet has 100 bytes/);
  });

  test('a release verifies as a copy elsewhere', async () => {
    await seedRows(database);
    await build();
    const copy = join(dataDir, 'copy');
    await cp(folder(), copy, {recursive: true});
    expect((await verifyRelease(copy)).files.flatMap(file => file.faults)).toEqual([]);
  });
});
