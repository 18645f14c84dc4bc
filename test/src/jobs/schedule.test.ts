import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {ConfigError} from '../../../src/domain/errors.ts';
import {type Boss, openBoss} from '../../../src/jobs/boss.ts';
import {registerSchedule, scheduledCrawls, scheduleHealth, sendNow} from '../../../src/jobs/schedule.ts';
import {testDatabase} from '../../support/database.ts';
import {toyPolicy} from '../../support/toy-worker.ts';

const PLACES = ['a/one', 'a/two', 'a/three'];
const baseUrl = 'http://127.0.0.1:9';
const crawlsOf = (shards: number, cron?: string) =>
  scheduledCrawls(toyPolicy(PLACES, shards, cron), {isDemo: true, baseUrl});

describe('scheduledCrawls', () => {
  test('is one crawl a shard, never more than there are places', () => {
    expect(crawlsOf(2)).toEqual([
      {
        queue: 'crawl-toy-1',
        cron: '30 2 * * *',
        job: {kind: 'crawl', portal: 'toy', shard: 1, shards: 2, baseUrl},
      },
      {
        queue: 'crawl-toy-2',
        cron: '30 2 * * *',
        job: {kind: 'crawl', portal: 'toy', shard: 2, shards: 2, baseUrl},
      },
    ]);
    expect(crawlsOf(16)).toHaveLength(3);
    expect(scheduledCrawls(toyPolicy(PLACES, 1), {isDemo: false, shards: 3})).toHaveLength(3);
  });

  test('refuses other addresses than loopback, and loopback outside the simulated installation', () => {
    const policy = toyPolicy(PLACES, 1);
    expect(() => scheduledCrawls(policy, {isDemo: true, baseUrl: 'http://example.com'})).toThrow(/loopback/);
    expect(() => scheduledCrawls(policy, {isDemo: false, baseUrl})).toThrow(ConfigError);
    expect(() => scheduledCrawls(policy, {isDemo: true})).toThrow(/--base-url/);
  });

  test('other times than those of the policy only in the simulated installation', () => {
    const policy = toyPolicy(PLACES, 1);
    const often = {cron: '*/2 * * * *', baseUrl};
    expect(scheduledCrawls(policy, {...often, isDemo: true}).map(({cron}) => cron)).toEqual(['*/2 * * * *']);
    expect(() => scheduledCrawls(policy, {cron: often.cron, isDemo: false})).toThrow(/--cron is for --demo/);
    expect(() => scheduledCrawls(policy, {...often, cron: 'often', isDemo: true})).toThrow(
      /write five fields/,
    );
  });

  test('a policy without a cadence says how to add one', () => {
    expect(() => scheduledCrawls({portals: {}}, {isDemo: false})).toThrow(/cadence: \{cron/);
  });
});

describe('registered', () => {
  let database: Database;
  let boss: Boss;
  beforeEach(async () => {
    database = await testDatabase();
    boss = await openBoss(database, {isTimekeeper: false, onError: () => {}});
  });
  afterEach(async () => {
    await boss.close();
    await database.close();
  });
  const health = () => scheduleHealth(database.orm, new Date('2026-03-01T12:00:00Z'));

  test('cron of the policy is read in Bogotá time', async () => {
    await registerSchedule(boss, database.orm, crawlsOf(1));
    const {queues, dead} = await health();
    expect(queues).toEqual([
      {
        ...{queue: 'crawl-toy-1', cron: '30 2 * * *', zone: 'America/Bogota'},
        ...{waiting: 0, retrying: 0, active: 0, doneAt: null, output: null},
        nextAt: new Date('2026-03-02T07:30:00Z'),
      },
      expect.objectContaining({queue: 'pipeline', cron: null, nextAt: null}),
    ]);
    expect(dead).toEqual([]);
  });

  test('a changed policy changes the schedules; shards that are no more go with their jobs', async () => {
    await registerSchedule(boss, database.orm, crawlsOf(3));
    await sendNow(boss, crawlsOf(3));
    await registerSchedule(boss, database.orm, crawlsOf(2, '0 5 * * 1'));
    const {queues} = await health();
    expect(queues.map(({queue, cron, waiting}) => [queue, cron, waiting])).toEqual([
      ['crawl-toy-1', '0 5 * * 1', 1],
      ['crawl-toy-2', '0 5 * * 1', 1],
      ['pipeline', null, 0],
    ]);
  });

  test('a crawl that waits already is not sent twice', async () => {
    await registerSchedule(boss, database.orm, crawlsOf(2));
    expect([await sendNow(boss, crawlsOf(2)), await sendNow(boss, crawlsOf(2))]).toEqual([2, 0]);
    expect((await health()).queues.map(({waiting}) => waiting)).toEqual([1, 1, 0]);
  });
});
