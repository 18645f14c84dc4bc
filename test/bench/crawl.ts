/** A crawl with everything on beside the least that could be done: undici, gunzip, cut the JSON out, parse it. */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {gunzip} from 'node:zlib';
import {Agent} from 'undici';
import type {Database} from '../../src/db/client.ts';
import {openBenchDatabase, postgresCpuSeconds} from './bench-database.ts';
import type {BenchRow} from './bench-row.ts';
import {crawlBenchSite} from './crawl-everything.ts';
import {pagePath, type SearchSet, searchPaths} from './crawl-searches.ts';
import {openCrawlSite} from './open-crawl-site.ts';

const SIZES = [
  {label: '97 KB', bytes: 97_000, set: {searches: 40, pagesASearch: 50, listingsAPage: 12}, goal: 3},
  {label: '420 KB', bytes: 420_000, set: {searches: 15, pagesASearch: 40, listingsAPage: 21}, goal: 10},
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
  const site = await openCrawlSite(size.set, size.bytes);
  const pages = size.set.searches * size.set.pagesASearch;
  const crawlAll = async () => {
    await crawlBenchSite({database, folder, baseUrl: site.baseUrl, set: size.set, concurrency: CONNECTIONS});
  };
  try {
    // Once to warm up: compiled code, connections, the server's cache of plans.
    await crawlAll();
    const everything = await measure(database, pages, crawlAll);
    const bare = await measure(database, pages, () => fetchAll(site.baseUrl, size.set));
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

const unzip = promisify(gunzip);

async function fetchAll(baseUrl: string, {searches, pagesASearch}: SearchSet): Promise<void> {
  const agent = new Agent({connections: CONNECTIONS});
  const paths = searchPaths(searches).flatMap(path =>
    Array.from({length: pagesASearch}, (_, n) => pagePath(path, n + 1)),
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
