import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {planPrune, prune} from '../../../src/archive/prune.ts';
import {verifyFiles} from '../../../src/archive/verify.ts';
import type {Database} from '../../../src/db/client.ts';
import {withAdvisoryLock} from '../../../src/db/locks.ts';
import {LockHeldError} from '../../../src/domain/errors.ts';
import {crawlToy, observationsOf, parseToy, sightingsOf} from '../../support/archived-crawl.ts';
import {testDatabase} from '../../support/database.ts';

const FIRST = new Date('2026-03-01T15:00:00Z');
/** 2026-03-04 in Bogotá, already the 5th in Greenwich. */
const SECOND = new Date('2026-03-05T02:00:00Z');
const NOW = new Date('2026-04-01T15:00:00Z');

let database: Database;
let dataDir: string;
beforeEach(async () => {
  database = await testDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'raiz-prune-'));
  await crawlToy(database, dataDir, FIRST);
  await crawlToy(database, dataDir, SECOND, 1000);
});
afterEach(async () => {
  await database.close();
  rmSync(dataDir, {recursive: true, force: true});
});

const plan = (before: string, portal?: string) => planPrune(database, {dataDir, before, portal});
const files = () => readdirSync(join(dataDir, 'raw/toy/2026'));

test('whole old files go, their listings stay, and parsing all again neither fails nor forgets', async () => {
  await parseToy(database, dataDir, NOW);
  const before = {observations: await observationsOf(database), sightings: await sightingsOf(database)};
  const old = await plan('2026-03-02');
  expect(old).toMatchObject({pages: 3, kept: [], files: [{pages: 3, newestAt: FIRST}]});
  expect(old.bytes).toBeGreaterThan(500);
  expect(await prune(database, {dataDir, plan: old, now: NOW})).toBe(old.bytes);
  expect(files()).toHaveLength(1);
  expect(await parseToy(database, dataDir, NOW)).toMatchObject({keysFound: 0});
  expect(await parseToy(database, dataDir, NOW, true)).toMatchObject({keysFound: 6, keysFailed: 0});
  expect({observations: await observationsOf(database), sightings: await sightingsOf(database)}).toEqual(
    before,
  );
  expect(await verifyFiles(database.orm, {dataDir})).toMatchObject({
    files: 1,
    pages: 3,
    problems: [],
    notes: [],
  });
  expect((await plan('2026-03-02')).files).toEqual([]);
});

test('pages that nobody read, or that a crawl may go on from, stay, and it says why', async () => {
  expect((await plan('2026-03-02')).kept).toEqual([
    {
      file: expect.stringMatching(/^toy\/2026\//),
      why: expect.stringMatching(/3 pages are not parsed: run raiz stage parse/),
    },
  ]);
  await parseToy(database, dataDir, NOW);
  await database.sql`update ops.run set finished_at = null where observed_on = '2026-03-01'`;
  expect(await plan('2026-03-02')).toMatchObject({
    files: [],
    kept: [{why: expect.stringMatching(/may be resumed/)}],
  });
});

test('days are those of Bogotá, and a portal is pruned alone', async () => {
  await parseToy(database, dataDir, NOW);
  expect((await plan('2026-03-04')).files).toHaveLength(1);
  expect((await plan('2026-03-05')).files).toHaveLength(2);
  expect((await plan('2026-03-05', 'another')).files).toEqual([]);
});

test('not while pages are parsed', async () => {
  await parseToy(database, dataDir, NOW);
  const old = await plan('2026-03-05');
  await withAdvisoryLock(database, 'stage:parse', () =>
    expect(prune(database, {dataDir, plan: old, now: NOW})).rejects.toThrow(LockHeldError),
  );
  expect(files()).toHaveLength(2);
});
