import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {parseStage} from '../../../pipelines/parse/stage.ts';
import {crawl} from '../../../src/crawl/crawl.ts';
import {connectDatabase, type Database} from '../../../src/db/client.ts';
import {recordReview} from '../../../src/db/reviews.ts';
import {StorageError} from '../../../src/domain/errors.ts';
import {checkNode, type DoctorOptions, examine} from '../../../src/health/doctor.ts';
import {testDatabase} from '../../support/database.ts';
import {startToySite, toyListings, toyPortal, toyScope} from '../../support/toy-portal.ts';

const NOW = new Date('2026-03-01T15:00:00Z');

let database: Database;
let dataDir: string;

beforeEach(async () => {
  database = await testDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'raiz-doctor-'));
});
afterEach(async () => {
  await database.close();
  rmSync(dataDir, {recursive: true, force: true});
});

async function checks(changes: Partial<DoctorOptions> = {}) {
  const found = await examine({
    ...{
      nodeVersion: 'v20.20.2',
      host: 'ours',
      dataDir,
      contact: 'raiz@example.org',
      portals: ['toy'],
      now: NOW,
    },
    ...{browserPortals: [], chromium: undefined},
    openDatabase: () => connectDatabase(database.url, {max: 2}),
    ...changes,
  });
  return new Map(found.map(check => [check.name, check]));
}

const review = (reviewedOn: string, mayCrawl = true) =>
  recordReview(database.orm, {
    ...{portal: 'toy', reviewedOn, reviewedBy: 'Ana', mayCrawl},
    ...{mayRelease: false, maySell: false, note: ''},
  });

test('a healthy installation', async () => {
  await review('2026-02-01');
  const found = await checks();
  expect([...found.values()].filter(check => check.status === 'failed')).toEqual([]);
  expect([...found.keys()]).toEqual([
    ...['Node', 'data folder', 'database', 'tables', 'roles', 'archived pages', 'hosts', 'review of toy'],
    ...['archive', 'contact', 'TensorFlow', 'disk use'],
  ]);
  expect(found.get('archive')?.found).toBe('a page was written, synced and read back');
  expect(found.get('review of toy')?.found).toMatch(
    /may be crawled, decided by Ana on 2026-02-01, 28 days ago/,
  );
  expect(readdirSync(join(dataDir, 'raw'))).toEqual([]);
});

test('a damaged archive is found, and what is good is not called damaged', async () => {
  const site = await startToySite();
  site.places.set('antioquia/bello', toyListings(60));
  await crawl({
    ...{database, dataDir, portal: toyPortal, scopes: [toyScope('antioquia/bello')], baseUrl: site.baseUrl},
    ...{contact: undefined, hashKey: 'a test key of some length', now: () => NOW, isSynthetic: true},
    observedOn: '2026-03-01',
  });
  await parseStage([toyPortal]).run(database, {now: () => NOW, dataDir});
  await site.close();
  expect((await checks()).get('archived pages')).toMatchObject({
    status: 'ok',
    found: 'a sample of 6 is as it was stored',
  });
  const [{file}] =
    (await database.sql`select distinct file from raw.page where file is not null`) as unknown as [
      {file: string},
    ];
  writeFileSync(join(dataDir, 'raw', file), Buffer.alloc(20_000, 1));
  const found = (await checks()).get('archived pages');
  expect(found).toMatchObject({status: 'failed'});
  expect(found?.found).toMatch(/^6 of 6 damaged: /);
  expect(found?.remedy).toMatch(/backup/);
});

test('a browser, where a configured portal needs one', async () => {
  const withBrowser = await checks({browserPortals: ['toy'], chromium: process.execPath});
  expect(withBrowser.get('browser')).toMatchObject({
    status: 'ok',
    found: `${process.execPath}; toy needs one`,
  });
  const without = await checks({browserPortals: ['toy', 'toys'], chromium: '/absent/chromium'});
  expect(without.get('browser')).toMatchObject({
    status: 'failed',
    found: expect.stringMatching(/RAIZ_CHROMIUM is \/absent\/chromium, .*apt install chromium/),
  });
});

describe('faults', () => {
  test('no database: said once, the rest is checked all the same', async () => {
    const openDatabase = () =>
      Promise.reject(new StorageError('No PostgreSQL answers at x. Start that server.'));
    const found = await checks({openDatabase});
    expect(found.get('database')).toMatchObject({
      status: 'failed',
      found: expect.stringMatching(/No PostgreSQL answers/),
    });
    expect(found.get('archive')?.status).toBe('ok');
    expect(found.has('tables')).toBe(false);
  });

  test('tables of an older version', async () => {
    await database.sql`delete from drizzle.__drizzle_migrations where id > 1`;
    expect((await checks()).get('tables')).toMatchObject({status: 'failed', remedy: 'Run: raiz db migrate'});
  });

  test('reviews: none, declined, nearly too old, too old', async () => {
    const status = async () => (await checks()).get('review of toy')?.status;
    expect(await status()).toBe('warning');
    await review('2025-08-01');
    expect(await status()).toBe('failed');
    await review('2025-09-25');
    expect(await status()).toBe('warning');
    await review('2025-01-01', false);
    expect(await status()).toBe('ok');
  });

  test('no contact, and a data folder that is a file', async () => {
    const file = join(dataDir, 'file');
    writeFileSync(file, '');
    const found = await checks({contact: undefined, dataDir: file});
    expect(found.get('contact')?.status).toBe('warning');
    expect(found.get('data folder')).toMatchObject({
      status: 'failed',
      found: expect.stringMatching(/a file stands/),
    });
    expect(found.get('archive')?.status).toBe('failed');
  });
});

test.each([
  ['v20.19.0', 'ok'],
  ['v20.18.9', 'failed'],
  ['v22.11.0', 'ok'],
  ['v23.0.0', 'failed'],
  ['v18.20.0', 'failed'],
])('Node %s: %s', (version, status) => {
  expect(checkNode(version).status).toBe(status);
});
