import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {openBoss} from '../../../src/jobs/boss.ts';
import {registerSchedule, scheduledCrawls} from '../../../src/jobs/schedule.ts';
import {testDatabase} from '../../support/database.ts';
import {toyPolicy} from '../../support/toy-worker.ts';

let database: Database;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.close());

const fail = (error: Error) => {
  throw error;
};

test('many processes may open the queues at once; the tables are made by one of them', async () => {
  const bosses = await Promise.all(
    Array.from({length: 4}, () => openBoss(database, {isTimekeeper: false, onError: fail})),
  );
  const names = await Promise.all(
    bosses.map(async ({queues}) => (await queues.getQueues()).map(q => q.name)),
  );
  for (const each of names) expect(each.sort()).toEqual(['dead', 'pipeline']);
  await Promise.all(bosses.map(boss => boss.close()));
});

test('a timekeeper sends the crawls whose minute has come', async () => {
  const crawls = scheduledCrawls(toyPolicy(['a/one', 'a/two'], 2, '* * * * *'), {isDemo: false});
  const registrar = await openBoss(database, {isTimekeeper: false, onError: fail});
  await registerSchedule(registrar, database.orm, crawls);
  await registrar.close();
  const boss = await openBoss(database, {isTimekeeper: true, onError: fail});
  const sent = () => database.sql`select name, data from jobs.job where name like 'crawl-%' order by name`;
  while ((await sent()).length < 2) await sleep(100);
  expect([...(await sent())]).toEqual(crawls.map(({queue, job}) => ({name: queue, data: job})));
  await boss.close();
});
