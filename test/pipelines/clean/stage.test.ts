import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest';
import {cleanStage} from '../../../pipelines/clean/stage.ts';
import {matchStage} from '../../../pipelines/match/stage.ts';
import type {Database} from '../../../src/db/client.ts';
import {importFile} from '../../../src/imports/import.ts';
import {defineMapping} from '../../../src/imports/mapping.ts';
import {testDatabase} from '../../support/database.ts';

const NOW = new Date('2026-11-23T12:00:00Z');

const MAPPING = defineMapping({
  name: 'toy-days',
  portal: 'toy',
  idSpace: 'id',
  observedOn: {column: 'dia', format: 'YYYY-MM-DD'},
  scope: {operation: 'sale', propertyType: 'apartment', place: 'antioquia/medellin'},
  complete: true,
  fields: {
    portalListingId: 'id',
    propertyType: {value: 'apartamento'},
    municipality: {value: 'Medellín'},
    builtAreaM2: 'area',
    bedrooms: {column: 'alcobas'},
    bathrooms: {column: 'alcobas'},
    stratum: {column: 'alcobas'},
  },
  offers: {operations: {value: 'venta'}, price: {sale: 'precio'}},
});

let folder: string;
let database: Database;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'raiz-clean-'));
});
afterAll(() => rmSync(folder, {recursive: true}));
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(async () => database.close());

/** Imports one day; each listing as `id area price`. */
async function importDay(day: string, listings: readonly string[]): Promise<void> {
  const path = join(folder, `${day}.csv`);
  const rows = listings.map(listing => `${day},${listing.split(' ').join(',')},3`);
  writeFileSync(path, ['dia,id,area,precio,alcobas', ...rows].join('\n'));
  await importFile(database, path, {mapping: MAPPING, hashKey: 'a key of the installation', now: NOW});
}

const run = (stage: typeof cleanStage) => stage.run(database, {now: () => NOW, dataDir: folder});

async function statusOf(id: string): Promise<string> {
  const [row] = await database.sql`select status from core.listing where listing_id = ${`toy:id:${id}`}`;
  return row?.status;
}

test('work is what changed: a new complete run touches listings it can still change, not those closed before', async () => {
  await importDay('2026-01-01', ['1 80 400000000', '2 90 500000000']);
  await importDay('2026-01-02', ['1 80 400000000']);
  await importDay('2026-01-03', ['1 80 400000000']);
  expect(await run(cleanStage)).toMatchObject({keysFound: 2});
  expect(await statusOf('2')).toBe('delisted');
  expect(await run(cleanStage)).toMatchObject({keysFound: 0});
  await importDay('2026-01-04', ['1 80 390000000']);
  expect(await run(cleanStage)).toMatchObject({keysFound: 1});
});

test('a listing is seen before its search is walked to the end: the days after it count from there', async () => {
  const cleanSeenEarlier = async (day: string) => {
    // Adverts of a crawl are seen some seconds before their search ends.
    await database.sql`
      update raw.sighting g set observed_at = s.observed_at - interval '8 seconds'
      from ops.run_scope s join ops.run r using (run_id)
      where g.run_scope_id = s.run_scope_id and r.observed_on = ${day} and g.observed_at = s.observed_at`;
    return run(cleanStage);
  };
  await importDay('2026-01-01', ['1 80 400000000', '2 90 500000000']);
  await cleanSeenEarlier('2026-01-01');
  await importDay('2026-01-02', ['1 80 400000000']);
  await cleanSeenEarlier('2026-01-02');
  expect(await statusOf('2')).toBe('missing');
  await importDay('2026-01-03', ['1 80 400000000']);
  expect(await cleanSeenEarlier('2026-01-03')).toMatchObject({keysFound: 2});
  expect(await statusOf('2')).toBe('delisted');
});

test('a late day is folded in as if it had come in order', async () => {
  await importDay('2026-01-01', ['1 80 400000000', '2 90 500000000']);
  await importDay('2026-01-03', ['1 80 380000000']);
  await run(cleanStage);
  expect(await statusOf('2')).toBe('missing');
  await importDay('2026-01-02', ['1 80 390000000']);
  expect(await run(cleanStage)).toMatchObject({keysFound: 2});
  expect(await statusOf('2')).toBe('delisted');
  const prices =
    await database.sql`select price_cop from core.listing_price where listing_id = 'toy:id:1' order by valid_from`;
  expect(prices.map(row => row.price_cop)).toEqual([400_000_000, 390_000_000, 380_000_000]);
});

test('a clean after a clean keeps what hangs on the listing; a second match finds no work', async () => {
  await importDay('2026-01-01', ['1 80 400000000', '2 80.2 400000000', '3 95 400000000']);
  await run(cleanStage);
  // Equal in price, area and rooms, like two flats of one building: that makes no home.
  expect(await run(matchStage)).toMatchObject({keysFound: 1, counts: {properties: 3, matched: 0}});
  expect(await run(matchStage)).toMatchObject({keysFound: 0});
  await importDay('2026-01-02', ['1 80 390000000', '2 80.2 400000000', '3 95 400000000']);
  await run(cleanStage);
  const [kept] = await database.sql`select count(*)::int as members from core.property_member`;
  expect(kept?.members).toBe(3);
  expect(await run(matchStage)).toMatchObject({keysFound: 1, counts: {properties: 3}});
});

test('a listing whose sightings are erased is removed with its history', async () => {
  await importDay('2026-01-01', ['1 80 400000000', '2 90 500000000']);
  await run(cleanStage);
  await database.sql`delete from raw.sighting where listing_id = 'toy:id:1'`;
  await run(cleanStage);
  const left = await database.sql`select listing_id from core.listing_version`;
  expect(left.map(row => row.listing_id)).toEqual(['toy:id:2']);
});
