import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {rmSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Policy} from '../../../src/config/policy.ts';
import {connectDatabase, type Database} from '../../../src/db/client.ts';
import {withAdvisoryLock} from '../../../src/db/locks.ts';
import {StorageError} from '../../../src/domain/errors.ts';
import {openBoss} from '../../../src/jobs/boss.ts';
import {registerSchedule, scheduledCrawls, scheduleHealth, sendNow} from '../../../src/jobs/schedule.ts';
import {testDatabase} from '../../support/database.ts';
import {startToySite, type ToySite, toyListings} from '../../support/toy-portal.ts';
import {runToyWorker, TOY_NOW, type ToyWorker, toyPolicy} from '../../support/toy-worker.ts';

const PLACES = ['antioquia/bello', 'antioquia/itagui', 'antioquia/barbosa', 'antioquia/caldas'];

let database: Database;
let site: ToySite;
let dataDir: string;
let children: ChildProcess[];

beforeEach(async () => {
  database = await testDatabase();
  site = await startToySite();
  dataDir = await mkdtemp(join(tmpdir(), 'raiz-worker-'));
  children = [];
});

afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await site.close();
  await database.close();
  rmSync(dataDir, {recursive: true, force: true});
});

/** Sends a crawl a shard. */
async function send(policy: Policy): Promise<void> {
  const boss = await openBoss(database, {isTimekeeper: false, onError: () => {}});
  const crawls = scheduledCrawls(policy, {isDemo: true, baseUrl: site.baseUrl});
  await registerSchedule(boss, database.orm, crawls);
  await sendNow(boss, crawls);
  await boss.close();
}

const work = (policy: Policy, changes: Partial<ToyWorker> = {}) =>
  runToyWorker({database, dataDir, policy, ...changes});

const health = () => scheduleHealth(database.orm, TOY_NOW);

function startChild(shards: number, places: string[]): ChildProcess {
  const file = join(import.meta.dirname, '../../support/worker-child.ts');
  const args = ['--import', 'tsx', file, database.url, dataDir, String(shards), ...places];
  const child = spawn(process.execPath, args, {stdio: 'inherit'});
  children.push(child);
  return child;
}

async function untilPages(pages: number): Promise<void> {
  const count = async () => (await database.sql`select count(*)::int as n from raw.page`)[0]?.n ?? 0;
  while ((await count()) < pages) await sleep(20);
}

const pagesAsked = () => site.requests.filter(path => path !== '/robots.txt');

/** Every page of the crawl stands there once, and every listing was seen once. */
async function expectWhole(pages: number, listings: number): Promise<void> {
  const [stored] = await database.sql`
    select count(*)::int as n, count(distinct url)::int as urls, count(distinct run_id)::int as runs
    from raw.page join ops.run_scope using (run_scope_id)`;
  expect(stored).toMatchObject({n: pages, urls: pages});
  const [seen] = await database.sql`
    select count(*)::int as n, count(distinct listing_id)::int as listings from raw.sighting`;
  expect({...seen}).toEqual({n: listings, listings});
}

describe('a round', () => {
  test('is a crawl of each shard, then the pipeline once', async () => {
    for (const [n, place] of PLACES.entries()) site.places.set(place, toyListings(25, n * 1000));
    const policy = toyPolicy(PLACES, 2);
    await send(policy);
    const {done, failed, events} = await work(policy);
    expect({done, failed}).toEqual({done: 3, failed: 0});
    expect(events.map(({queue, what}) => `${queue} ${what}`)).toEqual([
      'crawl-toy-1 begun',
      'crawl-toy-1 done',
      'crawl-toy-2 begun',
      'crawl-toy-2 done',
      'pipeline begun',
      'pipeline done',
    ]);
    expect(events.flatMap(({output}) => output ?? [])).toMatchObject([
      {verdict: 'complete', pages: 6},
      {verdict: 'complete', pages: 6},
      {keysFound: 12},
    ]);
    await expectWhole(12, 100);
    const {queues} = await health();
    expect(queues.map(({waiting, retrying, active}) => waiting + retrying + active)).toEqual([0, 0, 0]);
    expect(queues[0]?.output).toMatchObject({verdict: 'complete'});
    expect(await work(policy)).toMatchObject({done: 0, events: []});
  });

  test('a shard keeps to its part of the budget', async () => {
    site.places.set('antioquia/bello', toyListings(200));
    site.places.set('antioquia/itagui', toyListings(5, 1000));
    const policy = toyPolicy(PLACES.slice(0, 2), 2);
    const small = {portals: {toy: {...policy.portals.toy!, maxPagesPerRun: 10}}};
    await send(small);
    const {events} = await work(small);
    expect(events.flatMap(({output}) => output?.verdict ?? [])).toEqual(['incomplete', 'complete']);
    expect(pagesAsked()).toHaveLength(6);
  });

  test('a worker of other portals leaves the crawls and does the pipeline', async () => {
    site.places.set('antioquia/bello', toyListings(5));
    const policy = toyPolicy(['antioquia/bello'], 1);
    await send(policy);
    expect(await work(policy, {portals: ['other']})).toMatchObject({done: 0});
    expect(await work(policy, {portals: ['toy']})).toMatchObject({done: 2});
  });
});

describe('several workers', () => {
  test('share a portal, each scope crawled once, and keep the one pace of its host', async () => {
    for (const [n, place] of PLACES.entries()) site.places.set(place, toyListings(100, n * 1000));
    const policy = toyPolicy(PLACES, 4);
    await send(policy);
    const databases = await Promise.all(PLACES.map(() => connectDatabase(database.url, {max: 5})));
    const delayMs = 50;
    const started = performance.now();
    const workers = await Promise.all(databases.map(own => work(policy, {database: own, delayMs})));
    // 40 requests keep 39 distances, whoever sends them: a lower bound that no slow machine can break.
    expect(performance.now() - started).toBeGreaterThanOrEqual(39 * delayMs);
    await Promise.all(databases.map(own => own.close()));
    expect(workers.filter(({done}) => done > 0).length).toBeGreaterThan(1);
    await work(policy);
    expect(pagesAsked()).toHaveLength(40);
    await expectWhole(40, 400);
    const paces = await database.sql`select host, delay_ms from ops.host_pace`;
    expect([...paces]).toEqual([{host: new URL(site.baseUrl).host, delay_ms: delayMs}]);
  });

  test('no two do jobs of one queue, and a person’s crawl of the portal keeps them away', async () => {
    site.places.set('antioquia/bello', toyListings(5));
    const policy = toyPolicy(['antioquia/bello'], 1);
    await send(policy);
    await withAdvisoryLock(database, 'job:crawl-toy-1', async () => {
      expect(await work(policy)).toMatchObject({done: 0, events: []});
    });
    await withAdvisoryLock(database, 'crawl:toy', async () => {
      expect(await work(policy)).toMatchObject({failed: 1});
    });
    expect(site.requests).toEqual([]);
    expect((await health()).queues[0]).toMatchObject({retrying: 1, active: 0});
  });

  test('after kill -9 another goes on with the same run: only pages in flight are asked for again', async () => {
    site.places.set('antioquia/bello', toyListings(1500));
    site.places.set('antioquia/itagui', toyListings(1500, 10_000));
    site.latencyMs = 20;
    const places = PLACES.slice(0, 2);
    await send(toyPolicy(places, 1));
    const child = startChild(1, places);
    await untilPages(60);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const done = await database.sql<{path: string}[]>`
      select replace(url, 'https://www.toy.example', '') as path from raw.frontier where state = 'done'`;
    expect(done.length).toBeLessThan(300);
    const before = site.requests.length;
    const {events} = await workUntilDone(toyPolicy(places, 1));
    expect(events.map(({queue, what}) => `${queue} ${what}`)).toEqual([
      'crawl-toy-1 given out again',
      'crawl-toy-1 begun',
      'crawl-toy-1 done',
      'pipeline begun',
      'pipeline done',
    ]);
    const asked = new Set(site.requests.slice(before));
    expect(done.filter(({path}) => asked.has(path))).toEqual([]);
    await expectWhole(300, 3000);
    const [runs] = await database.sql`select count(*)::int as n, max(verdict) as verdict from ops.run`;
    expect({...runs}).toEqual({n: 1, verdict: 'complete'});
  });

  test('SIGTERM gives the job back, untried; another finishes it without asking anything again', async () => {
    site.places.set('antioquia/bello', toyListings(3000));
    site.latencyMs = 20;
    const places = PLACES.slice(0, 1);
    await send(toyPolicy(places, 1));
    const child = startChild(1, places);
    await untilPages(60);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    const [job] =
      await database.sql`select state, retry_count, started_on from jobs.job where name = 'crawl-toy-1'`;
    expect({...job}).toEqual({state: 'retry', retry_count: 0, started_on: null});
    const [leased] = await database.sql`select count(*)::int as n from raw.frontier where state = 'leased'`;
    expect(leased?.n).toBe(0);
    const {events} = await work(toyPolicy(places, 1));
    expect(events[0]).toMatchObject({queue: 'crawl-toy-1', what: 'begun'});
    expect(pagesAsked()).toHaveLength(300);
    await expectWhole(300, 3000);
  });
});

/** The server may notice the death of a session a moment after the process is gone. */
async function workUntilDone(policy: Policy) {
  for (;;) {
    const worked = await work(policy);
    if (worked.done > 0) return worked;
    await sleep(20);
  }
}

describe('failures', () => {
  test('rest longer each time, then lie in the dead letters with their reason; other shards are interpreted', async () => {
    site.places.set('antioquia/bello', toyListings(5));
    site.places.set('antioquia/itagui', toyListings(5, 1000));
    const policy = toyPolicy(PLACES.slice(0, 2), 2);
    await send(policy);
    const {crawlShard} = await import('../../../src/jobs/crawl-shard.ts');
    const {toyPortal} = await import('../../support/toy-portal.ts');
    const crawl: ToyWorker['crawl'] = (job, jobId, signal) => {
      if (job.shard === 1) throw new StorageError('the disk is full');
      return crawlShard(job, {
        ...{database, dataDir, policy, jobId, signal, portal: toyPortal, contact: undefined},
        ...{hashKey: 'a test key of some length', now: () => TOY_NOW, isSynthetic: true},
      });
    };
    const rests: number[] = [];
    for (let attempt = 0; attempt <= 5; attempt++) {
      const {events} = await work(policy, {crawl});
      expect(events.find(({what}) => what === 'failed')?.output).toEqual({message: 'the disk is full'});
      const [job] = await database.sql`
        select extract(epoch from start_after - now())::float8 as rest from jobs.job
        where name = 'crawl-toy-1' and state = 'retry'`;
      if (job !== undefined) rests.push(job.rest);
      await database.sql`update jobs.job set start_after = now() where name = 'crawl-toy-1' and state = 'retry'`;
      const pipelines = events.filter(({queue, what}) => queue === 'pipeline' && what === 'done');
      // Shard 2 is done at the first attempt, and interpreted when shard 1 is given up.
      expect(pipelines).toHaveLength(attempt < 5 ? 0 : 1);
    }
    expect(rests).toHaveLength(5);
    // 60 s doubled at each attempt, half of it by chance.
    rests.forEach((rest, n) => {
      expect(rest).toBeGreaterThan(0.9 * 60 * 2 ** n);
      expect(rest).toBeLessThanOrEqual(120 * 2 ** n);
    });
    const {dead, queues} = await health();
    expect(dead).toMatchObject([
      {data: {kind: 'crawl', portal: 'toy', shard: 1}, output: {message: 'the disk is full'}},
    ]);
    expect(queues[0]).toMatchObject({waiting: 0, retrying: 0, active: 0});
    await expectWhole(1, 5);
  });

  test('a job whose workers always die is given up after its last attempt', async () => {
    const policy = toyPolicy(['antioquia/bello'], 1);
    await send(policy);
    await database.sql`
      update jobs.job set state = 'active', started_on = now(), retry_count = retry_limit where name = 'crawl-toy-1'`;
    const {events} = await work(policy);
    expect(events[0]).toMatchObject({queue: 'crawl-toy-1', what: 'given out again'});
    expect((await health()).dead[0]?.output).toEqual({message: 'each of its workers ended without a word'});
    expect(site.requests).toEqual([]);
  });

  test('a worker that loses its locks stops and leaves the job to who gets them', async () => {
    site.places.set('antioquia/bello', toyListings(5));
    const policy = toyPolicy(['antioquia/bello'], 1);
    await send(policy);
    const crawl: ToyWorker['crawl'] = async (_job, _id, signal) => {
      const lost = once(signal, 'abort');
      await database.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name like '%worker'`;
      await lost;
      return {isInterrupted: true, output: {}};
    };
    await expect(work(policy, {crawl})).rejects.toThrow(StorageError);
    expect((await health()).queues[0]).toMatchObject({active: 1});
    const {events} = await work(policy);
    expect(events[0]?.what).toBe('given out again');
    await expectWhole(1, 5);
  });

  test('a job of the simulator is refused in an installation of real data', async () => {
    const policy = toyPolicy(['antioquia/bello'], 1);
    await send(policy);
    const {events} = await work(policy, {isDemo: false});
    expect(events.at(-1)?.output?.message).toContain('simulated installation');
    expect(site.requests).toEqual([]);
  });
});
