/** A crawl with everything on beside the least that could be done: undici, gunzip, cut the JSON out, parse it. */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {gunzip} from 'node:zlib';
import {Agent} from 'undici';
import fincaraiz from '../../scrapers/fincaraiz.ts';
import {env} from '../../src/config/env.ts';
import {crawl} from '../../src/crawl/crawl.ts';
import {connectDatabase, type Database} from '../../src/db/client.ts';
import {startEmbedded, stopEmbedded} from '../../src/db/embedded/server.ts';
import {migrateDatabase} from '../../src/db/migrate.ts';
import {withDatabase} from '../../src/db/open.ts';
import type {BenchRow} from './bench-row.ts';
import {benchScopes, PAGES_A_SEARCH, searchPaths} from './crawl-searches.ts';

const SIZES = [
  {label: '97 KB', bytes: 97_000, listings: 12, pages: 2000, goal: 3},
  {label: '420 KB', bytes: 420_000, listings: 21, pages: 600, goal: 10},
] as const;
const CONNECTIONS = 32;

/** Pages/s and CPU seconds per 1,000 pages, of this process and of Postgres; the site runs in a third one. */
export async function benchCrawl(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'raiz-bench-'));
  const {database, close} = await openBenchDatabase(folder);
  try {
    const rows: BenchRow[] = [];
    for (const size of SIZES) rows.push(...(await benchSize(size, database, folder)));
    return rows;
  } finally {
    await close();
    await rm(folder, {recursive: true, force: true});
  }
}

async function benchSize(
  size: (typeof SIZES)[number],
  database: Database,
  folder: string,
): Promise<BenchRow[]> {
  const site = await startSite(size.pages, size.bytes, size.listings);
  try {
    // Once to warm up: compiled code, connections, the server's cache of plans.
    await crawlAll(database, folder, site.baseUrl, size.pages);
    const everything = await measure(database, size.pages, () =>
      crawlAll(database, folder, site.baseUrl, size.pages),
    );
    const bare = await measure(database, size.pages, () => fetchAll(site.baseUrl, size.pages));
    const name = (what: string) => `crawl ${size.label}: ${what}`;
    return [
      {name: name('everything on'), value: everything.pagesPerSecond, unit: 'pages/s'},
      {
        name: name('everything on'),
        value: everything.cpu,
        unit: 'CPU s per 1,000 pages',
        note: `goal ≤ ${size.goal}`,
      },
      {name: name('Postgres'), value: everything.postgresCpu, unit: 'CPU s per 1,000 pages'},
      {name: name('bare undici + JSON'), value: bare.pagesPerSecond, unit: 'pages/s'},
      {name: name('bare undici + JSON'), value: bare.cpu, unit: 'CPU s per 1,000 pages'},
    ];
  } finally {
    await site.close();
  }
}

async function measure(database: Database, pages: number, work: () => Promise<void>) {
  const postgres = await postgresCpuSeconds(database);
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  const {user, system} = process.cpuUsage(cpu);
  return {
    pagesPerSecond: pages / seconds,
    cpu: ((user + system) / 1e6 / pages) * 1000,
    postgresCpu: (((await postgresCpuSeconds(database)) - postgres) / pages) * 1000,
  };
}

async function crawlAll(database: Database, folder: string, baseUrl: string, pages: number): Promise<void> {
  const report = await crawl({
    database,
    dataDir: folder,
    portal: fincaraiz,
    scopes: benchScopes(pages),
    baseUrl,
    contact: undefined,
    hashKey: 'a key for the bench only',
    now: () => new Date(),
    isSynthetic: true,
    observedOn: '2026-09-01',
    concurrency: CONNECTIONS,
  });
  if (report.verdict !== 'complete')
    throw new Error(`the bench crawl ended ${report.verdict}: ${report.scopes[0]?.reason}`);
}

const unzip = promisify(gunzip);

async function fetchAll(baseUrl: string, pages: number): Promise<void> {
  const agent = new Agent({connections: CONNECTIONS});
  const paths = searchPaths(pages).flatMap(path =>
    Array.from({length: PAGES_A_SEARCH}, (_, n) => (n === 0 ? path : `${path}/pagina${n + 1}`)),
  );
  const work = async () => {
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
      const {body} = await agent.request({
        origin: baseUrl,
        path,
        method: 'GET',
        headers: {'accept-encoding': 'gzip'},
      });
      const html = (await unzip(Buffer.from(await body.arrayBuffer()))).toString('utf8');
      const start = html.indexOf('>', html.indexOf('__NEXT_DATA__')) + 1;
      JSON.parse(html.slice(start, html.indexOf('</script', start)));
    }
  };
  await Promise.all(Array.from({length: CONNECTIONS}, work));
  await agent.close();
}

async function startSite(pages: number, bytes: number, listings: number) {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      join(import.meta.dirname, 'crawl-site.ts'),
      String(pages),
      String(bytes),
      String(listings),
    ],
    {stdio: ['ignore', 'pipe', 'inherit']},
  );
  const [line] = child.stdout === null ? [] : await once(child.stdout, 'data');
  return {
    baseUrl: String(line).trim(),
    close: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function openBenchDatabase(folder: string): Promise<{database: Database; close: () => Promise<void>}> {
  const {databaseUrl} = env();
  const name = `raiz_bench_${process.pid}`;
  const serverUrl = databaseUrl ?? (await startEmbedded({dataDir: folder, database: 'raiz'})).url;
  const server = await connectDatabase(serverUrl, {max: 1});
  await server.sql`create database ${server.sql(name)}`;
  const url = withDatabase(serverUrl, name);
  await migrateDatabase(url);
  const database = await connectDatabase(url);
  return {
    database,
    close: async () => {
      await database.close();
      await server.sql`drop database ${server.sql(name)} with (force)`;
      await server.close();
      if (databaseUrl === undefined) await stopEmbedded(folder);
    },
  };
}

const TICKS_PER_SECOND = 100;

/** CPU of the server's processes, those that ended included; 0 where /proc doesn't show them (macOS, another host). */
async function postgresCpuSeconds(database: Database): Promise<number> {
  const [row] = await database.sql<{pid: number}[]>`select pg_backend_pid() as pid`;
  const own = statOf(row?.pid ?? 0);
  if (own === undefined) return 0;
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    if (stat === undefined) continue;
    if (Number(name) === own.parent) ticks += stat.own + stat.children;
    else if (stat.parent === own.parent) ticks += stat.own;
  }
  return ticks / TICKS_PER_SECOND;
}

function statOf(pid: number): {parent: number; own: number; children: number} | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // It ended meanwhile, or there is no /proc: the caller counts it as nothing.
  }
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const at = (n: number) => fields[n - 3] ?? 0;
  return {parent: at(4), own: at(14) + at(15), children: at(16) + at(17)};
}
