import {cpSync, mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {announceHost, checkHosts} from '../../../src/health/hosts.ts';
import {testDatabase} from '../../support/database.ts';

const NOW = new Date('2026-03-10T15:00:00Z');
const LONG_AGO = new Date('2026-03-01T15:00:00Z');

let database: Database;
let folders: string[];
beforeEach(async () => {
  database = await testDatabase();
  folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'raiz-hosts-')));
});
afterEach(async () => {
  await database.close();
  for (const folder of folders) rmSync(folder, {recursive: true, force: true});
});

const announce = (host: string, folder = 0, now = NOW) =>
  announceHost(database, {dataDir: folders[folder] ?? '', host, now});
const check = (folder = 0) =>
  checkHosts(database, {dataDir: folders[folder] ?? '', host: 'medellin', now: NOW});

test('nobody, one machine, two with one folder', async () => {
  expect(await check()).toMatchObject({status: 'ok', found: 'no worker ran within a week'});
  await announce('medellin');
  expect(await check()).toMatchObject({status: 'ok', found: 'medellin'});
  await announce('bogota');
  expect(await check()).toMatchObject({status: 'ok', found: 'bogota, medellin share this data folder'});
});

test('two machines with a folder each fail on both, with what to do', async () => {
  await announce('medellin');
  await announce('bogota', 1);
  expect(await check(0)).toMatchObject({
    status: 'failed',
    found: expect.stringMatching(/is not that of bogota$/),
  });
  expect((await check(1)).found).toMatch(/is not that of medellin$/);
  expect((await check(0)).remedy).toMatch(/RAIZ_DATA_DIR/);
});

test('a copy of the folder is not the folder', async () => {
  await announce('medellin');
  await announce('bogota');
  cpSync(folders[0]!, folders[1]!, {recursive: true});
  expect(await check(1)).toMatchObject({status: 'ok'});
  await announce('bogota');
  expect(await check(1)).toMatchObject({
    status: 'failed',
    found: expect.stringMatching(/not that of bogota$/),
  });
  expect(await check(0)).toMatchObject({status: 'ok'});
});

test('who was away for more than a week counts no more; one machine elsewhere is a warning', async () => {
  await announce('bogota', 1, LONG_AGO);
  await announce('medellin');
  expect(await check()).toMatchObject({status: 'ok', found: 'medellin'});
  expect(await check(1)).toMatchObject({status: 'warning'});
});

test('many workers of one machine announce at once: one word, in folder and database alike', async () => {
  await Promise.all(Array.from({length: 12}, () => announce('medellin/../x')));
  expect(await check()).toMatchObject({status: 'ok'});
  expect(readdirSync(join(folders[0]!, 'hosts'))).toEqual(['medellin_.._x.txt']);
});
