import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, beforeEach, expect, test, vi} from 'vitest';
import policy from '../../../../raiz.config.ts';
import {outputLine, scheduleCommand} from '../../../../src/cli/commands/schedule.ts';
import type {Database} from '../../../../src/db/client.ts';
import {ConfigError} from '../../../../src/domain/errors.ts';
import {testDatabase} from '../../../support/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'raiz-schedule-command-'));
let database: Database;
let output = '';

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
  rmSync(folder, {recursive: true});
});
beforeEach(() => {
  output = '';
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('RAIZ_DATA_DIR', folder);
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    output += String(text);
    return true;
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function run(...args: string[]): Promise<string> {
  await scheduleCommand().exitOverride().parseAsync(args, {from: 'user'});
  return output;
}

test('registers the cadences of raiz.config.ts and sends nothing; list shows them', async () => {
  const registered = await run();
  const {cron} = policy.portals.fincaraiz?.cadence ?? {};
  expect(registered).toMatch(new RegExp(`crawl-fincaraiz-1 +${cron?.replaceAll('*', '\\*')} +\\d{4}-`));
  output = '';
  const {queues, dead} = JSON.parse(await run('list', '--json'));
  expect(queues[0]).toMatchObject({queue: 'crawl-fincaraiz-1', cron, zone: 'America/Bogota', waiting: 0});
  expect(dead).toEqual([]);
});

test('once sends each crawl, and says when one waits already', async () => {
  expect(await run('once', '--shards', '3')).toContain('3 of 3 crawls sent');
  output = '';
  expect(await run('once', '--shards', '3')).toContain('0 of 3 crawls sent');
});

test('a stand-in is for the simulated installation, and that has nothing else', async () => {
  await expect(run('once', '--base-url', 'http://127.0.0.1:8080')).rejects.toThrow(ConfigError);
  await expect(run('once', '--demo')).rejects.toThrow(/--base-url/);
  await expect(run('once', '--demo', '--base-url', 'http://example.com')).rejects.toThrow(/loopback/);
});

test('a job’s last words stand on one line', () => {
  expect(outputLine({verdict: 'complete', pages: 7})).toBe('verdict complete, pages 7');
  expect(outputLine({message: 'the disk\nis full'})).toBe('the disk is full');
  expect(outputLine(null)).toBe('');
});
