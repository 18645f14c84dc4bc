/**
 * A whole crawl by Raíz beside Scrapy, of the same site in the same run: Raíz with robots.txt, redaction, archive,
 * frontier and Postgres; Scrapy with selectors, and with the JSON cut out, neither storing anything.
 */
import {type SpawnOptions, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {type BenchDatabase, openBenchDatabase, postgresCpuSeconds} from './bench-database.ts';
import type {BenchOptions, BenchRow} from './bench-row.ts';
import {type SearchSet, searchPaths, searchSetOf} from './crawl-searches.ts';
import {type CrawlSite, openCrawlSite} from './open-crawl-site.ts';

const PAGES = 20_000;
const PAGE_BYTES = 97_000;
const LISTINGS_A_PAGE = 12;
const LATENCY_MS = 50;
const CONNECTIONS = 64;
/** `python3 -m venv /tmp/scrapy-new && /tmp/scrapy-new/bin/pip install scrapy`; `apt-get install python3-scrapy`. */
const PYTHONS = ['newest=/tmp/scrapy-new/bin/python', 'debian=/usr/bin/python3'];

/** What a crawler's process reports of itself. */
export interface CrawlerCost {
  readonly pages: number;
  readonly listings: number;
  /** Of the crawl, without the start of the process. */
  readonly seconds: number;
  /** Of the whole process, its start included. */
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

interface Contender {
  readonly name: string;
  readonly run: () => Promise<CrawlerCost>;
}

interface Total extends CrawlerCost {
  readonly name: string;
  readonly serverCpuSeconds: number;
  readonly postgresCpuSeconds: number;
}

/** @param options `pages` of each crawl; `rounds`: the crawlers take turns so many times; `scrapy`: `name=python`. */
export async function benchScrapy(options: BenchOptions): Promise<BenchRow[]> {
  const set = searchSetOf(options.pages ?? PAGES, LISTINGS_A_PAGE);
  const {pythons, skipped} = findScrapy(options.scrapy ?? PYTHONS);
  const folder = await mkdtemp(join(tmpdir(), 'raiz-bench-'));
  const bench = await openBenchDatabase(folder);
  const site = await openCrawlSite(set, PAGE_BYTES, LATENCY_MS);
  try {
    const contenders = [
      {name: 'Raíz, everything on', run: () => runRaiz(bench, folder, site, set)},
      ...pythons.flatMap(({name, path}) => [
        {name: `${name}, selectors`, run: () => runScrapy(path, 'selectors', site, set)},
        {name: `${name}, JSON cut out`, run: () => runScrapy(path, 'sliced', site, set)},
      ]),
    ];
    const totals = await takeTurns(contenders, options.rounds ?? 1, set, site, bench);
    return [...rowsOf(totals), ...skipped];
  } finally {
    await site.close();
    await bench.close();
    await rm(folder, {recursive: true, force: true});
  }
}

async function takeTurns(
  contenders: readonly Contender[],
  rounds: number,
  set: SearchSet,
  site: CrawlSite,
  {database}: BenchDatabase,
): Promise<Total[]> {
  const totals = new Map<string, Total>();
  for (let round = 0; round < rounds; round++) {
    for (const {name, run} of contenders) {
      const [server, postgres] = [site.cpuSeconds(), await postgresCpuSeconds(database)];
      const cost = await run();
      requireAll(name, cost, set);
      const before = totals.get(name);
      totals.set(name, {
        name,
        pages: (before?.pages ?? 0) + cost.pages,
        listings: (before?.listings ?? 0) + cost.listings,
        seconds: (before?.seconds ?? 0) + cost.seconds,
        cpuSeconds: (before?.cpuSeconds ?? 0) + cost.cpuSeconds,
        peakMb: Math.max(before?.peakMb ?? 0, cost.peakMb),
        serverCpuSeconds: (before?.serverCpuSeconds ?? 0) + site.cpuSeconds() - server,
        postgresCpuSeconds:
          (before?.postgresCpuSeconds ?? 0) + (await postgresCpuSeconds(database)) - postgres,
      });
    }
  }
  return [...totals.values()];
}

function requireAll(name: string, {pages, listings}: CrawlerCost, set: SearchSet): void {
  const expected = set.searches * set.pagesASearch;
  if (pages === expected && listings === expected * set.listingsAPage) return;
  throw new Error(
    `${name} read ${pages} pages and ${listings} listings of ${expected} and ${expected * set.listingsAPage}`,
  );
}

function rowsOf(totals: readonly Total[]): BenchRow[] {
  const raiz = totals[0];
  if (raiz === undefined) return [];
  return totals.flatMap(total => {
    const {name, pages, seconds, peakMb} = total;
    const perThousand = (cpuSeconds: number) => (cpuSeconds / pages) * 1000;
    const speedRatio = raiz.pages / raiz.seconds / (pages / seconds);
    const cpuRatio = perThousand(total.cpuSeconds) / ((raiz.cpuSeconds / raiz.pages) * 1000);
    const beside = (ratio: number) => (total === raiz ? {} : {note: `Raíz is ${ratio.toFixed(1)} × better`});
    return [
      {name, value: pages / seconds, unit: 'pages/s', ...beside(speedRatio)},
      {name, value: perThousand(total.cpuSeconds), unit: 'CPU s per 1,000 pages', ...beside(cpuRatio)},
      {name, value: peakMb, unit: 'MB resident at most'},
      {
        name: `${name}: the server meanwhile`,
        value: perThousand(total.serverCpuSeconds),
        unit: 'CPU s per 1,000 pages',
      },
      ...(total === raiz
        ? [
            {
              name: `${name}: Postgres`,
              value: perThousand(total.postgresCpuSeconds),
              unit: 'CPU s per 1,000 pages',
            },
          ]
        : []),
    ];
  });
}

interface Python {
  readonly name: string;
  readonly path: string;
}

function findScrapy(given: readonly string[]): {pythons: Python[]; skipped: BenchRow[]} {
  const pythons: Python[] = [];
  const skipped: BenchRow[] = [];
  for (const pair of given) {
    const [label = '', path = ''] = pair.split(/=(.*)/);
    const asked = spawnSync(path, ['-c', 'import scrapy; print(scrapy.__version__)'], {encoding: 'utf8'});
    if (asked.status === 0) pythons.push({name: `Scrapy ${asked.stdout.trim()} (${label})`, path});
    else skipped.push({name: `Scrapy (${label})`, value: 0, unit: 'skipped', note: `${path} has no Scrapy`});
  }
  return {pythons, skipped};
}

function runRaiz(
  {url}: BenchDatabase,
  folder: string,
  {baseUrl}: CrawlSite,
  set: SearchSet,
): Promise<CrawlerCost> {
  const script = join(import.meta.dirname, 'scrapy-raiz.ts');
  const job = {databaseUrl: url, folder, baseUrl, set, concurrency: CONNECTIONS};
  return runChild(process.execPath, ['--import', 'tsx', script], job);
}

function runScrapy(python: string, mode: string, {baseUrl}: CrawlSite, set: SearchSet): Promise<CrawlerCost> {
  const script = join(import.meta.dirname, 'scrapy-spider.py');
  const job = {baseUrl, mode, paths: searchPaths(set.searches), concurrency: CONNECTIONS};
  return runChild(python, [script], job);
}

/** Runs a crawler: its job goes in, its cost comes out as the last line. */
async function runChild(command: string, argv: readonly string[], job: object): Promise<CrawlerCost> {
  const stdio: SpawnOptions['stdio'] = ['pipe', 'pipe', 'inherit'];
  const child = spawn(command, argv, {stdio});
  const ended = once(child, 'exit');
  child.stdin?.end(JSON.stringify(job));
  const said = child.stdout === null ? '' : await text(child.stdout);
  const [code] = await ended;
  if (code !== 0) throw new Error(`${command} ${argv.join(' ')} ended with ${code}`);
  return JSON.parse(said.trim().split('\n').at(-1) ?? '');
}
