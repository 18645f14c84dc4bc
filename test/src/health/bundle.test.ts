import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {incident, stageRun} from '../../../drizzle/schema/ops.ts';
import {readEnv, secretsOf, variablesSet} from '../../../src/config/env.ts';
import {connectDatabase, type Database} from '../../../src/db/client.ts';
import {saveIssues} from '../../../src/db/observations.ts';
import {recordReview} from '../../../src/db/reviews.ts';
import {StorageError} from '../../../src/domain/errors.ts';
import {type BundleOptions, makeBundle} from '../../../src/health/bundle.ts';
import {crawlToy, parseToy} from '../../support/archived-crawl.ts';
import {testDatabase} from '../../support/database.ts';

const NOW = new Date('2026-03-01T15:00:00Z');
const LISTING = 'https://www.toy.example/casa-de-maria-fernanda-gomez/191480058';
const ENV = readEnv({
  DATABASE_URL: 'postgres://raiz:p%40ss-w0rd-of-mine@db.example.org:5432/raiz',
  RAIZ_HASH_KEY: 'a-hash-key-that-nobody-knows',
  RAIZ_DISCORD_WEBHOOK: 'https://discord.com/api/webhooks/123456/tOkEn-of-the-channel',
  RAIZ_CONTACT: 'crawler@our-group.example',
});
const PLANTED = [
  ...['p@ss-w0rd-of-mine', 'p%40ss-w0rd-of-mine', 'a-hash-key-that-nobody-knows', 'tOkEn-of-the-channel'],
  ...[
    'crawler@our-group.example',
    'db.example.org',
    'maria-fernanda',
    'María Fernanda',
    'Gómez',
    '3001234567',
  ],
  ...['ana.perez@gmail.com', 'Wilfredo Quintanilla', 'server-of-ours', 'Inmueble 1'],
];

let database: Database;
let dataDir: string;
beforeEach(async () => {
  database = await testDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'raiz-bundle-'));
});
afterEach(async () => {
  await database.close();
  rmSync(dataDir, {recursive: true, force: true});
});

const make = async (more: Partial<BundleOptions> = {}) =>
  makeBundle({
    ...{
      dataDir,
      programDir: '/opt/raiz',
      host: 'server-of-ours',
      now: NOW,
      policy: {portals: {toy: {places: ['a/b']}}},
    },
    ...{variables: variablesSet(ENV), secrets: secretsOf(ENV)},
    checks: [
      {name: 'review', status: 'ok', found: `decided by Wilfredo Quintanilla, ${dataDir}/raw`, remedy: ''},
    ],
    openDatabase: () => connectDatabase(database.url, {max: 2}),
    ...more,
  });

/** Everything a bundle is made of, with something in it that must not come out. */
async function plant(): Promise<void> {
  const text = `${LISTING}: Llame a María Fernanda Gómez, 3001234567 o ana.perez@gmail.com`;
  await crawlToy(database, dataDir, NOW);
  await parseToy(database, dataDir, NOW);
  const issues = [{code: 'unknown_word', message: text, value: text, path: '$.a'}];
  await database.orm.transaction(tx => saveIssues(tx, 'toy', issues, NOW));
  await recordReview(database.orm, {
    ...{portal: 'toy', reviewedOn: '2026-02-01', reviewedBy: 'Wilfredo Quintanilla'},
    ...{mayCrawl: true, mayRelease: false, maySell: false, note: text},
  });
  await database.sql`update ops.run_scope set verdict = 'incomplete', verdict_reason = ${text}`;
  await database.orm.insert(stageRun).values({
    ...{stage: 'clean', version: 1, status: 'failed', startedAt: NOW},
    message: `connection to ${ENV.databaseUrl} lost; ${text}`,
  });
  await database.orm.insert(incident).values({
    ...{
      kind: 'new_value',
      portal: 'toy',
      fingerprint: 'x',
      observed: text,
      expected: 'none',
      since: NOW,
      openedAt: NOW,
    },
    sendError: `POST ${ENV.discordWebhook} answered 404`,
  });
  mkdirSync(join(dataDir, 'logs'), {recursive: true});
  const line = {
    level: 50,
    hostname: 'server-of-ours',
    msg: `${text}; key ${ENV.hashKey}; write to ${ENV.contact}`,
  };
  writeFileSync(
    join(dataDir, 'logs/raiz.log'),
    `${JSON.stringify(line)}\n{"msg":"cut off: ${ENV.hashKey} ${LISTING}`,
  );
}

test('nothing that was planted comes out, and what helps does', async () => {
  await plant();
  const text = await make();
  expect(PLANTED.filter(secret => text.includes(secret))).toEqual([]);
  const bundle = JSON.parse(text);
  expect(bundle.variables).toMatchObject({DATABASE_URL: 'set', RAIZ_HASH_KEY: 'set', RAIZ_LOG_LEVEL: 'set'});
  expect(bundle.policy).toEqual({portals: {toy: {places: ['a/b']}}});
  expect(bundle.checks[0].found).toBe('decided by [hidden], <data>/raw');
  expect(bundle.database.schemaVersion).toBeGreaterThan(1_700_000_000_000);
  expect(bundle.database.runs[0]).toMatchObject({
    portal: 'toy',
    observedOn: '2026-03-01',
    pages: 3,
    listings: 30,
  });
  expect(bundle.database.scopes[0]).toMatchObject({verdict: 'incomplete', observedAt: NOW.toISOString()});
  expect(bundle.database.scopes[0].reason).toMatch(/^https:\/\/www\.toy\.example\/… Llame/);
  expect(bundle.database.incidents[0].sendError).toBe('POST [hidden] answered 404');
  expect(bundle.database.issues).toContainEqual(
    expect.objectContaining({code: 'unknown_word', source: 'toy', path: '$.a', occurrences: 1}),
  );
  expect(
    bundle.database.stageRuns.map(({stage, status}: Record<string, string>) => `${stage} ${status}`),
  ).toEqual(['clean failed', 'parse done']);
  expect(bundle.log).toHaveLength(2);
});

test('without a database it says why, and holds the rest', async () => {
  const openDatabase = () => Promise.reject(new StorageError(`No PostgreSQL answers at ${ENV.databaseUrl}.`));
  const text = await make({openDatabase, checks: []});
  expect(PLANTED.filter(secret => text.includes(secret))).toEqual([]);
  expect(JSON.parse(text)).toMatchObject({
    database: {error: expect.stringMatching(/No PostgreSQL/)},
    log: [],
  });
});

test('of a long log the end, in whole lines', async () => {
  mkdirSync(join(dataDir, 'logs'));
  const lines = Array.from({length: 5000}, (_, n) => JSON.stringify({n, msg: 'stage parse'}));
  writeFileSync(join(dataDir, 'logs/raiz.log'), `${lines.join('\n')}\n`);
  const {log} = JSON.parse(await make());
  expect(log.at(-1)).toEqual({n: 4999, msg: 'stage parse'});
  expect(log.every((line: unknown) => typeof line === 'object')).toBe(true);
});
