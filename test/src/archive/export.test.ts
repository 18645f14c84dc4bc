import {spawnSync} from 'node:child_process';
import {createReadStream, mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {WARCParser} from 'warcio';
import {type ExportOptions, exportArchive} from '../../../src/archive/export.ts';
import {importArchive} from '../../../src/archive/import.ts';
import type {Database} from '../../../src/db/client.ts';
import {ConfigError, ContractError, StorageError} from '../../../src/domain/errors.ts';
import {crawlToy, observationsOf, parseToy, sightingsOf, TOY_HASH_KEY} from '../../support/archived-crawl.ts';
import {testDatabase} from '../../support/database.ts';
import {toyPortal} from '../../support/toy-portal.ts';

const FIRST = new Date('2026-03-01T15:00:00Z');
const SECOND = new Date('2026-03-02T15:00:00Z');
const NOW = new Date('2026-03-05T15:00:00Z');

let database: Database;
let dataDir: string;
let out: string;
beforeEach(async () => {
  database = await testDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'raiz-export-'));
  out = join(dataDir, 'pages.warc.gz');
  await crawlToy(database, dataDir, FIRST);
  await crawlToy(database, dataDir, SECOND, 1000);
});
afterEach(async () => {
  await database.close();
  rmSync(dataDir, {recursive: true, force: true});
});

const write = (more: Partial<ExportOptions> = {}) =>
  exportArchive(database.orm, {...{dataDir, out, isSynthetic: true, now: NOW}, ...more});

test('an export, imported into an empty database, gives the same listings at the same instants', async () => {
  await parseToy(database, dataDir, NOW);
  const before = {observations: await observationsOf(database), sightings: await sightingsOf(database)};
  expect(before.observations).toHaveLength(60);
  expect(await write()).toMatchObject({pages: 6});
  const other = await testDatabase();
  const otherDir = mkdtempSync(join(tmpdir(), 'raiz-export-'));
  try {
    const settings = {database: other, dataDir: otherDir, portal: toyPortal, hashKey: TOY_HASH_KEY, now: NOW};
    const report = await importArchive(out, {...settings, isSynthetic: true});
    expect(report).toMatchObject({records: 7, stored: {ok: 6}, skipped: {warcinfo: 1}});
    await parseToy(other, otherDir, NOW);
    expect(await observationsOf(other)).toEqual(before.observations);
    expect(await sightingsOf(other)).toEqual(before.sightings);
    const [scope] = await other.sql`select distinct scope_key as key, verdict from ops.run_scope`;
    expect(scope).toEqual({key: 'toy/sale/house/antioquia/bello', verdict: 'incomplete'});
    await expect(importArchive(out, {...settings, isSynthetic: false})).rejects.toThrow(/SIMULATED.*--demo/);
  } finally {
    await other.close();
    rmSync(otherDir, {recursive: true});
  }
});

test('the first record says what it is and what may be done with it; each page its date and search', async () => {
  await write({from: '2026-03-02', to: '2026-03-02'});
  const found: {type: string; date: string | null; scope: string | null; text: string}[] = [];
  for await (const record of new WARCParser(createReadStream(out))) {
    const header = (name: string) => record.warcHeader(name) ?? null;
    const [type, date, scope] = [record.warcType, header('WARC-Date'), header('Raiz-Scope')];
    found.push({type, date, scope, text: await record.contentText()});
  }
  expect(found.map(({type}) => type)).toEqual(['warcinfo', 'conversion', 'conversion', 'conversion']);
  expect(found[0]?.text).toMatch(/software: Raíz.*license: None is granted.*warning: .*Ley 1581/s);
  expect(found[0]?.text).toContain('SIMULADO');
  expect(found[1]).toMatchObject({date: SECOND.toISOString(), scope: 'sale/house/antioquia/bello'});
});

const hasWarcio = spawnSync('python3', ['-c', 'import warcio']).status === 0;

test.skipIf(!hasWarcio)(
  'warcio of Python reads an export and finds its digests right (skipped without it)',
  async () => {
    await write();
    const checked = spawnSync('python3', ['-m', 'warcio.cli', 'check', '-v', out], {encoding: 'utf8'});
    expect(checked.status).toBe(0);
    expect(checked.stdout.match(/digest pass/g)).toHaveLength(6);
  },
);

test('nothing is written over, nothing empty and nothing half is left', async () => {
  await expect(write({from: '2027-01-01'})).rejects.toThrow(/No archived page fits/);
  await expect(write({portal: 'another'})).rejects.toThrow(ConfigError);
  await expect(write({out: join(dataDir, 'no/folder.warc.gz')})).rejects.toThrow(StorageError);
  await database.sql`update raw.page set content_sha256 = repeat('f', 64) where page_id = (select max(page_id) from raw.page)`;
  await expect(write()).rejects.toThrow(ContractError);
  expect(readdirSync(dataDir).filter(name => name.includes('pages'))).toEqual([]);
  await write({to: '2026-03-01'});
  await expect(write()).rejects.toThrow(/exists already/);
});
