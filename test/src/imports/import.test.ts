import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import {stringify} from 'csv-stringify/sync';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {cleanStage} from '../../../pipelines/clean/stage.ts';
import type {Database} from '../../../src/db/client.ts';
import {importFile} from '../../../src/imports/import.ts';
import {defineMapping, type MappingInput} from '../../../src/imports/mapping.ts';
import {openTable} from '../../../src/imports/readers.ts';
import {createRandom} from '../../../src/lib/random.ts';
import {testDatabase} from '../../support/database.ts';

const LISTINGS = fileURLToPath(new URL('../../../../shared/data/listings/', import.meta.url));
const SETTINGS = {hashKey: 'a key of the installation', now: new Date('2026-11-23T12:00:00Z')};

const MAPPING: MappingInput = {
  name: 'toy-days',
  portal: 'toy',
  idSpace: 'id',
  observedOn: {column: 'dia', format: 'YYYY-MM-DD'},
  scope: {operation: 'sale', propertyType: 'house', place: 'antioquia/medellin'},
  complete: true,
  fields: {
    portalListingId: 'id',
    propertyType: 'tipo',
    builtAreaM2: 'area',
    latitude: 'lat',
    longitude: 'lon',
  },
  offers: {operations: {value: 'venta'}, price: {sale: 'precio'}},
};
const HEADER = 'dia,id,tipo,area,lat,lon,precio';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'raiz-import-'));
});
afterAll(() => rmSync(folder, {recursive: true}));

let database: Database;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(async () => database.close());

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const csv = (name: string, rows: readonly string[]) => file(name, `${[HEADER, ...rows].join('\n')}\n`);
const importToy = (path: string, changes: Partial<MappingInput> = {}) =>
  importFile(database, path, {...SETTINGS, mapping: defineMapping({...MAPPING, ...changes})});
const clean = () => cleanStage.run(database, {now: () => SETTINGS.now, dataDir: folder});

/** Everything that is believed, without ids given by the database. */
async function historyOf(from: Database): Promise<unknown> {
  const tables = [
    'listing',
    'listing_version',
    'listing_price',
    'listing_status',
    'listing_spell',
    'quarantine',
  ];
  const dump: Record<string, unknown> = {};
  for (const table of tables) {
    const [row] = await from.sql.unsafe(
      `select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as hash, count(*)::int as rows from core.${table} t`,
    );
    dump[table] = {...row};
  }
  return dump;
}

const count = async (table: string): Promise<number> => {
  const [row] = await database.sql.unsafe<{count: number}[]>(`select count(*)::int as count from ${table}`);
  return row?.count ?? -1;
};

const DAYS = [
  '2026-01-01,1,Casa,100,6.2,-75.6,500000000',
  '2026-01-01,2,Casa,90,6.2,-75.6,400000000',
  '2026-01-02,1,CASA,100.0,6.20000001,-75.6,500000000.0',
  '2026-01-03,1,Casa,100,6.2,-75.6,480000000',
  '2026-01-03,3,Casa,80,6.3,-75.6,300000000',
];

test('each day is a complete run at noon in Bogotá, each row a sighting', async () => {
  const report = await importToy(csv('days.csv', DAYS));
  expect(report).toMatchObject({mapping: 'toy-days', rows: 5, listings: 3, rejected: {}, unreadColumns: []});
  expect(report.days.map(day => [day.observedOn, day.rows, day.verdict, day.isNew])).toEqual([
    ['2026-01-01', 2, 'complete', true],
    ['2026-01-02', 1, 'complete', true],
    ['2026-01-03', 2, 'complete', true],
  ]);
  const scopes =
    await database.sql`select scope_key, observed_at, verdict, listings_seen from ops.run_scope order by observed_at`;
  expect(scopes.map(row => ({...row}))[0]).toEqual({
    scope_key: 'toy/sale/house/antioquia/medellin',
    observed_at: new Date('2026-01-01T17:00:00Z'),
    verdict: 'complete',
    listings_seen: 2,
  });
  expect(await count('raw.sighting')).toBe(5);
  // A number in another format is the same payload.
  expect(await count('raw.observation')).toBe(4);
});

test('history: a price change, a withdrawal, no change of number formats', async () => {
  await importToy(csv('days.csv', DAYS));
  await clean();
  const listings = await database.sql`select portal_listing_id as id, status from core.listing order by 1`;
  expect(listings.map(row => [row.id, row.status])).toEqual([
    ['1', 'active'],
    ['2', 'delisted'],
    ['3', 'active'],
  ]);
  const prices =
    await database.sql`select price_stated from core.listing_price where listing_id = 'toy:id:1' order by valid_from`;
  expect(prices.map(row => row.price_stated)).toEqual([500_000_000, 480_000_000]);
  expect(await count('core.listing_version')).toBe(3);
  expect(await clean()).toMatchObject({keysFound: 0});
});

test('twice, shuffled, day by day in any order: the same history', async () => {
  await importToy(csv('days.csv', DAYS));
  await clean();
  const expected = await historyOf(database);
  const again = await importToy(csv('shuffled.csv', createRandom(7).shuffle(DAYS)));
  expect(again.days.every(day => !day.isNew)).toBe(true);
  expect(await clean()).toMatchObject({keysFound: 0});

  const other = await testDatabase();
  try {
    for (const day of ['2026-01-03', '2026-01-01', '2026-01-02']) {
      const path = csv(
        `${day}.csv`,
        DAYS.filter(row => row.startsWith(day)),
      );
      await importFile(other, path, {...SETTINGS, mapping: defineMapping(MAPPING)});
      await cleanStage.run(other, {now: () => SETTINGS.now, dataDir: folder});
    }
    expect(await historyOf(other)).toEqual(expected);
  } finally {
    await other.close();
  }
});

test('rows without id and repeated rows are rejected with their row; too many of them and the day proves no absence', async () => {
  const rows = [
    '2026-01-01,,Casa,100,6.2,-75.6,500000000',
    ...DAYS,
    '2026-01-01,2,Casa,91,6.2,-75.6,400000000',
  ];
  const report = await importToy(csv('dirty.csv', rows));
  expect(report.rejected).toEqual({no_id: 1, repeated_in_day: 1});
  expect(report.days.map(day => day.verdict)).toEqual(['incomplete', 'complete', 'complete']);
  const rejected = await database.sql`select rule from raw.rejected_record order by rule`;
  expect(rejected.map(row => row.rule)).toEqual(['no_id', 'repeated_in_day']);
  const [{kept} = {kept: -1}] = await database.sql<
    {kept: number}[]
  >`select count(*)::int as kept from raw.sighting`;
  expect(kept + 2).toBe(rows.length);
});

test('by row: a scope for each operation and type, also for those nobody knows; usable + excluded = all', async () => {
  const {observedOn: _, complete: __, ...rest} = MAPPING;
  const mapping = defineMapping({
    ...rest,
    observedOn: {date: '2026-01-01'},
    scope: {operation: 'by row', propertyType: 'by row', place: 'antioquia/medellin'},
    ignore: ['dia'],
  });
  const rows = [...DAYS.slice(0, 2), 'x,4,Iglú,50,6.2,-75.6,1', 'x,5,Apartamento,0,6.2,-75.6,250000000'];
  const report = await importFile(database, csv('mixed.csv', rows), {...SETTINGS, mapping});
  expect(report).toMatchObject({unknownWords: {tipo: 1}, listings: 4});
  const scopes = await database.sql`select scope_key from ops.run_scope order by 1`;
  expect(scopes.map(row => row.scope_key)).toEqual([
    'toy/sale/apartment/antioquia/medellin',
    'toy/sale/house/antioquia/medellin',
    'toy/sale/unknown/antioquia/medellin',
  ]);
  await clean();
  const [usable] =
    await database.sql`select count(*)::int as n from core.listing_version where exclusions = '{}'`;
  const [excluded] = await database.sql`
    select count(distinct (listing_id, payload_hash))::int as n from core.quarantine where effect = 'excluded'`;
  expect([usable?.n, excluded?.n]).toEqual([2, 2]);
});

describe('nothing is half imported', () => {
  test('truncated gzip', async () => {
    const whole = gzipSync(
      [HEADER, ...Array.from({length: 5000}, (_, i) => `2026-01-01,${i},Casa,${i},6.2,-75.6,${i}`)].join(
        '\n',
      ),
    );
    const path = file('cut.csv.gz', whole.subarray(0, whole.length - 200));
    await expect(importToy(path)).rejects.toThrow(/truncated or damaged/);
    expect(await count('ops.run')).toBe(0);
    expect(await count('raw.sighting')).toBe(0);
  });

  test('dry run', async () => {
    const report = await importFile(database, csv('dry.csv', DAYS), {
      ...SETTINGS,
      mapping: defineMapping(MAPPING),
      dryRun: true,
    });
    expect(report).toMatchObject({rows: 5, listings: 3});
    expect(await count('ops.run')).toBe(0);
  });

  test('unknown columns name the nearest shapes', async () => {
    await expect(importFile(database, csv('unknown.csv', DAYS), SETTINGS)).rejects.toThrow(
      /columns are those of no known shape:[\s\S]*fincaraiz-2023: lacks[\s\S]*--map/,
    );
  });

  test('no rows, and rows without ids', async () => {
    await expect(importToy(csv('header.csv', []))).rejects.toThrow(/a header and no rows/);
    await expect(importToy(csv('idless.csv', ['2026-01-01,,Casa,1,1,1,1']))).rejects.toThrow(
      /none of its 1 rows/,
    );
  });
});

const SNAPSHOTS = `${LISTINGS}fincaraiz-medellin-casas-2021-snapshots.csv.gz`;

describe.skipIf(!existsSync(SNAPSHOTS))('real snapshots of 2021 (needs ../shared/data/listings)', () => {
  const importReal = (into: Database, path: string) => importFile(into, path, SETTINGS);

  test('13 complete runs; changes, gaps and withdrawals as counted by hand; twice and shuffled the same', {
    timeout: 600_000,
  }, async () => {
    const report = await importReal(database, SNAPSHOTS);
    expect(report).toMatchObject({
      mapping: 'fincaraiz-casas-2021',
      rows: 53_139,
      listings: 4581,
      rejected: {},
      unknownWords: {},
    });
    expect(report.days.map(day => day.verdict)).toEqual(Array(13).fill('complete'));
    await clean();
    await expectHistoryOf2021();
    const expected = await historyOf(database);

    await importReal(database, SNAPSHOTS);
    expect(await clean()).toMatchObject({keysFound: 0});

    const other = await testDatabase();
    try {
      for (const path of await splitByDay(SNAPSHOTS)) await importReal(other, path);
      await cleanStage.run(other, {now: () => SETTINGS.now, dataDir: folder});
      expect(await historyOf(other)).toEqual(expected);
    } finally {
      await other.close();
    }
  });

  async function expectHistoryOf2021(): Promise<void> {
    const changes = await database.sql`
      with steps as (
        select listing_id, price_stated, price_cop, lag(price_stated) over w as stated, lag(price_cop) over w as cop
        from core.listing_price window w as (partition by listing_id, operation order by valid_from)
      )
      select count(*) filter (where stated <> price_stated)::int as stated,
        count(distinct listing_id) filter (where stated <> price_stated)::int as stated_listings,
        count(*) filter (where cop <> price_cop)::int as corrected,
        count(distinct listing_id) filter (where cop <> price_cop)::int as corrected_listings from steps`;
    expect({...changes[0]}).toEqual({stated: 92, stated_listings: 89, corrected: 91, corrected_listings: 88});
    const statuses =
      await database.sql`select status, count(*)::int as n from core.listing group by 1 order by 1`;
    expect(statuses.map(row => [row.status, row.n])).toEqual([
      ['active', 4046],
      ['delisted', 497],
      ['missing', 38],
    ]);
    const [back] = await database.sql`
      select count(*) filter (where reason = 'seen again')::int as skipped_one,
        count(*) filter (where reason = 'came back')::int as came_back from core.listing_status`;
    expect({...back}).toEqual({skipped_one: 52, came_back: 4});
    const [moved] = await database.sql`
      with steps as (
        select *, lag(latitude) over w as was_latitude, lag(area_m2) over w as was_area
        from core.listing_version window w as (partition by listing_id order by valid_from)
      )
      select count(*) filter (where abs(latitude - was_latitude) between 1e-12 and 1e-5)::int as reprinted,
        count(*) filter (where area_m2 <> was_area and abs(area_m2 - was_area) <= 0.01)::int as rounded from steps`;
    expect({...moved}).toEqual({reprinted: 0, rounded: 0});
  }

  /** One file a day, in an order of its own, rows shuffled. */
  async function splitByDay(path: string): Promise<string[]> {
    const {columns, rows} = await openTable(path);
    const days = new Map<string, (readonly unknown[])[]>();
    for await (const {cells} of rows) {
      const day = String(cells[0]);
      const known = days.get(day);
      if (known === undefined) days.set(day, [cells]);
      else known.push(cells);
    }
    const random = createRandom(2021);
    return random
      .shuffle([...days])
      .map(([day, cells]) => file(`real-${day}.csv`, stringify([columns, ...random.shuffle(cells)])));
  }
});

describe.skipIf(!existsSync(LISTINGS))('other real files (need ../shared/data/listings)', () => {
  test.each([
    ['fincaraiz-medellin-2023.csv.gz', 'fincaraiz-2023', 7743, {}],
    ['metrocuadrado-medellin-2021.csv.gz', 'metrocuadrado-2021', 9317, {}],
    ['fincaraiz-colombia-arriendos-2019.csv.gz', 'fincaraiz-arriendos-2019', 12_698, {repeated_in_day: 904}],
    ['fincaraiz-villavicencio-fusagasuga-2020-api.csv.gz', 'fincaraiz-2020-api', 3846, {}],
  ])(
    '%s: clean and quarantine explain every row',
    {timeout: 300_000},
    async (name, mapping, rows, rejected) => {
      const report = await importFile(database, `${LISTINGS}${name}`, SETTINGS);
      expect(report).toMatchObject({mapping, rows, rejected, unreadColumns: []});
      await clean();
      const [explained] = await database.sql`
      select (select count(*) from raw.observation)::int as observations,
        (select count(*) from raw.rejected_record)::int as rejected,
        (select count(*) from core.listing_version where exclusions = '{}')::int as usable,
        (select count(distinct (listing_id, payload_hash)) from core.quarantine where effect = 'excluded')::int as excluded`;
      expect(explained?.usable + explained?.excluded).toBe(explained?.observations);
      expect(explained?.observations + explained?.rejected).toBe(rows);
      expect(explained?.usable).toBeGreaterThan(rows * 0.85);
    },
  );
});
