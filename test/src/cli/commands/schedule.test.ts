import {afterAll, beforeAll, expect, test} from 'vitest';
import policy from '../../../../raiz.config.ts';
import {outputLine, scheduleCommand} from '../../../../src/cli/commands/schedule.ts';
import type {Database} from '../../../../src/db/client.ts';
import {ConfigError} from '../../../../src/domain/errors.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
});
const {run} = commandBench(scheduleCommand, () => database);

test('registers the cadences of raiz.config.ts and sends nothing; list shows them', async () => {
  const registered = await run();
  const {cron} = policy.portals.fincaraiz?.cadence ?? {};
  expect(registered).toMatch(new RegExp(`crawl-fincaraiz-1 +${cron?.replaceAll('*', '\\*')} +\\d{4}-`));
  const {queues, dead} = JSON.parse(await run('list', '--json'));
  expect(queues[0]).toMatchObject({queue: 'crawl-fincaraiz-1', cron, zone: 'America/Bogota', waiting: 0});
  expect(dead).toEqual([]);
});

test('once sends each crawl, and says when one waits already', async () => {
  expect(await run('once', '--shards', '3')).toContain('3 of 3 crawls sent');
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
