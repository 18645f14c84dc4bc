/** What happens to our own machines: signals, database, disk, clocks. Each test is a row of docs/faults.md. */
import {spawn, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {describe, expect} from 'vitest';
import {connectDatabase, type Database} from '../../src/db/client.ts';
import {startEmbedded, stopEmbedded} from '../../src/db/embedded/server.ts';
import {migrateDatabase} from '../../src/db/migrate.ts';
import {createMarket} from '../../src/simulator/market/market.ts';
import {startSite} from '../../src/simulator/site/start-site.ts';
import {type FaultBench, faultsIn, ROOT} from '../support/fault-table.ts';
import {toyListings} from '../support/toy-portal.ts';

const fault = faultsIn('test/e2e/faults-machine.test.ts');
const BELLO = 'antioquia/bello';

/** Fails unless each page was asked for once. */
function expectAskedOnce(requests: readonly string[]): void {
  const pages = requests.filter(path => path !== '/robots.txt');
  expect(pages).toHaveLength(new Set(pages).size);
}

/** Goes on with the unfinished run. @returns its verdict, as the table names it. */
async function resumed({crawl}: FaultBench): Promise<string> {
  return `${(await crawl([], {resume: 'newest'})).verdict} after --resume`;
}

describe('signals to the command', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) stopByName(signal);

  function stopByName(signal: 'SIGINT' | 'SIGTERM'): void {
    const work = async ({database, dataDir}: FaultBench) => {
      const portal = await startGate();
      const raiz = (...flags: string[]) => {
        const args = [
          join(ROOT, 'bin/raiz.js'),
          'crawl',
          'fincaraiz',
          '--base-url',
          portal.baseUrl,
          ...flags,
        ];
        const env = {PATH: process.env.PATH ?? '', DATABASE_URL: database.url, RAIZ_DATA_DIR: dataDir};
        const child = spawn(process.execPath, args, {env, stdio: ['ignore', 'ignore', 'inherit']});
        const code = new Promise(resolve => child.once('close', resolve));
        return {child, code};
      };
      const first = raiz('--operation', 'sale');
      portal.atRequest(12, () => first.child.kill(signal));
      expect(await first.code).toBe(3);
      const answered = portal.requests.length - 1;
      const [stored] = await database.sql`select count(*)::int as n from raw.page`;
      expect(stored?.n).toBe(answered);
      const again = raiz('--resume', '--json');
      expect(await again.code).toBe(0);
      expectAskedOnce(portal.requests);
      await portal.close();
      const [run] = await database.sql`select verdict from ops.run`;
      return `${run?.verdict} after --resume`;
    };
    if (signal === 'SIGINT') fault('SIGINT to raiz crawl', work);
    else fault('SIGTERM to raiz crawl', work);
  }

  /** The simulated portal without its mark, which acts when a request comes and is slow from then on. */
  async function startGate() {
    const market = createMarket({seed: 'signals', days: 1, startOn: '2026-09-01', size: 300});
    const site = await startSite(market, {day: 0});
    const requests: string[] = [];
    let gate: {readonly n: number; readonly act: () => void} | undefined;
    const server = createServer(async (request, response) => {
      requests.push(request.url ?? '/');
      if (gate?.n === requests.length) gate.act();
      if (gate !== undefined && requests.length >= gate.n) await sleep(100);
      const answer = await fetch(`${site.baseUrl}${request.url}`, {redirect: 'manual'});
      response.writeHead(answer.status, {'content-type': answer.headers.get('content-type') ?? ''});
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return {
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      requests,
      atRequest: (n: number, act: () => void) => {
        gate = {n, act};
      },
      close: async () => {
        await site.close();
        server.closeAllConnections();
        await new Promise(resolve => server.close(resolve));
      },
    };
  }
});

describe('the database', () => {
  let folder = '';

  async function openOwnServer(): Promise<Database> {
    folder = mkdtempSync(join(tmpdir(), 'raiz-restart-'));
    const {url} = await startEmbedded({dataDir: folder, database: 'raiz'});
    await migrateDatabase(url);
    const database = await connectDatabase(url, {max: 5});
    const close = async () => {
      await database.close();
      await stopEmbedded(folder);
      rmSync(folder, {recursive: true, force: true});
    };
    return {...database, close};
  }

  fault(
    'the database restarts',
    async bench => {
      const {site, database, dataDir} = bench;
      site.places.set(BELLO, toyListings(1500));
      site.places.set('antioquia/itagui', toyListings(1500, 10_000));
      site.latencyMs = 10;
      let stopped: Promise<boolean> | undefined;
      site.fault = () => {
        if (site.requests.length < 80 || stopped !== undefined) return undefined;
        stopped = stopEmbedded(folder);
        site.latencyMs = 1000; // The server takes its time to stop; the crawl must not be through before.
        return undefined;
      };
      const script = join(ROOT, 'test/support/crawl-child.ts');
      const args = ['--import', 'tsx', script, database.url, dataDir, site.baseUrl];
      const child = spawn(process.execPath, args, {stdio: ['ignore', 'pipe', 'inherit']});
      let said = '';
      child.stdout.setEncoding('utf8').on('data', text => {
        said += text;
      });
      expect(await new Promise(resolve => child.once('close', resolve))).toBe(2);
      expect(said).toContain('StorageError');
      expect(await stopped).toBe(true);
      await startEmbedded({dataDir: folder, database: 'raiz'});
      site.latencyMs = 0;
      const verdict = await resumed(bench);
      const [row] = await bench.database
        .sql`select count(*)::int as n, count(distinct url)::int as urls from raw.page`;
      expect({...row}).toEqual({n: 300, urls: 300});
      return verdict;
    },
    {openDatabase: openOwnServer},
  );
});

describe('the disk', () => {
  fault(
    'the disk is full (needs the right to mount)',
    async bench => {
      const {crawl, dataDir, site, database} = bench;
      site.places.set(BELLO, toyListings(1500));
      expect(mount(dataDir, '32k')).toBe(true);
      await expect(crawl([BELLO])).rejects.toThrow(/ENOSPC.*Free space/);
      expect(mount(dataDir, '32m', 'remount,')).toBe(true);
      const verdict = await resumed(bench);
      const [row] =
        await database.sql`select count(*)::int as n, count(distinct url)::int as urls from raw.page`;
      expect({...row}).toEqual({n: 150, urls: 150});
      return verdict;
    },
    {skip: !canMount(), undo: ({dataDir}) => void spawnSync('umount', [dataDir])},
  );

  function mount(folder: string, size: string, how = ''): boolean {
    return spawnSync('mount', ['-t', 'tmpfs', '-o', `${how}size=${size}`, 'tmpfs', folder]).status === 0;
  }

  function canMount(): boolean {
    const folder = mkdtempSync(join(tmpdir(), 'raiz-mount-'));
    const can = mount(folder, '16k');
    if (can) spawnSync('umount', [folder]);
    rmSync(folder, {recursive: true});
    return can;
  }
});

describe('clocks', () => {
  const HOURS_MS = 5 * 3_600_000;

  fault('the clock of the crawl jumps by hours', async ({database, site, crawl}) => {
    site.places.set(BELLO, toyListings(200));
    let n = 0;
    const now = () => new Date(Date.parse('2026-03-01T15:00:00Z') + ((n++ % 3) - 1) * HOURS_MS);
    const {verdict} = await crawl([BELLO], {now, delayMs: 5});
    expectAskedOnce(site.requests);
    const [row] = await database.sql`
      select count(*)::int as n, count(distinct fetched_at)::int as instants from raw.page`;
    expect({...row}).toEqual({n: 20, instants: 3});
    return verdict;
  });

  fault('the clock of the database was set back', async ({database, site, crawl}) => {
    site.places.set(BELLO, toyListings(200));
    const stop = new AbortController();
    site.fault = () => {
      if (site.requests.length === 6) stop.abort();
      return undefined;
    };
    await crawl([BELLO], {signal: stop.signal, delayMs: 5, concurrency: 1});
    // What a clock that ran five hours ahead has written.
    await database.sql`update ops.host_pace set next_at = next_at + interval '5 hours'`;
    await database.sql`update raw.frontier set not_before = now() + interval '5 hours' where state = 'queued'`;
    await database.sql`
      update raw.frontier set state = 'leased', lease_owner = 'gone', lease_until = now() + interval '5 hours'
      where frontier_id = (select max(frontier_id) from raw.frontier where state = 'queued')`;
    const {verdict} = await crawl([], {resume: 'newest', delayMs: 5});
    expectAskedOnce(site.requests);
    return verdict;
  });

  fault('the clock of the database was set forward', async ({database, site, crawl}) => {
    site.places.set(BELLO, toyListings(200));
    const shifts: PromiseLike<unknown>[] = [];
    site.fault = () => {
      // To a clock five hours on, the next slot lies five hours back.
      shifts.push(database.sql`update ops.host_pace set next_at = next_at - interval '5 hours'`.execute());
      return undefined;
    };
    const started = performance.now();
    const {verdict} = await crawl([BELLO], {delayMs: 40});
    // Twenty pages keep nineteen distances: a lower bound that no slow machine can break. A timer may be 1 ms early.
    expect(performance.now() - started).toBeGreaterThanOrEqual(19 * 40 - 1);
    await Promise.all(shifts);
    return verdict;
  });
});

describe('budgets', () => {
  fault('the budget of the day is used up', async ({site, crawl}) => {
    site.places.set(BELLO, toyListings(200));
    const day = (now: string, maxPagesPerDay: number) =>
      crawl([BELLO], {limits: {maxPagesPerDay}, now: () => new Date(now)});
    expect((await day('2026-03-01T15:00:00Z', 25)).pages).toBe(20);
    const {verdict, pages, scopes} = await day('2026-03-02T04:59:00Z', 25);
    expect(pages).toBe(5);
    expect(scopes[0]?.reason).toBe("stopped at the day's budget of 25 pages of toy");
    expect((await day('2026-03-02T04:59:30Z', 25)).pages).toBe(0);
    // Five in the morning in London is midnight in Bogotá.
    expect((await day('2026-03-02T05:00:00Z', 25)).verdict).toBe('complete');
    expect(site.requests.filter(path => path !== '/robots.txt')).toHaveLength(45);
    return verdict;
  });
});
