/** What portals that need a browser do wrong, and what browsers do. Each fault is a row of docs/faults.md. */
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {gunzipSync} from 'node:zlib';
import {describe, expect} from 'vitest';
import {parseStage} from '../../pipelines/parse/stage.ts';
import type {CrawlOptions, CrawlReport} from '../../src/crawl/crawl.ts';
import {browserProcess, CHROMIUM, chromiumProcesses, NEEDS_CHROMIUM} from '../support/chromium.ts';
import {type FaultBench, faultsIn} from '../support/fault-table.ts';
import {
  scriptedAnswer,
  scriptedToy,
  type ToyAnswer,
  type ToySite,
  toyListings,
  toyPortal,
} from '../support/toy-portal.ts';

const BELLO = 'antioquia/bello';
const FIRST = `/sale/house/${BELLO}`;

const declareFault = faultsIn('test/e2e/faults-browser.test.ts');
const fault = (title: string, work: (bench: FaultBench) => Promise<string | null>, isLinuxOnly = false) =>
  declareFault(title, work, {
    skip: CHROMIUM === undefined || (isLinuxOnly && process.platform !== 'linux'),
  });

/** Two pages of adverts, written by scripts; `answer` stands in for what the site would say. */
function scripted(
  site: ToySite,
  answer: (path: string, n: number) => ToyAnswer | undefined = () => undefined,
) {
  site.places.set(BELLO, toyListings(20));
  site.fault = (path, n) => answer(path, n) ?? scriptedAnswer(site, path);
}

const browse = (bench: FaultBench, options: Partial<CrawlOptions> = {}): Promise<CrawlReport> =>
  bench.crawl([BELLO], {portal: scriptedToy, concurrency: 2, ...options});

const asked = (site: ToySite, path: string) => site.requests.filter(request => request === path).length;

/** What the archive holds of each page, and what the parse stage makes of it. */
async function contents({database, dataDir}: FaultBench) {
  await parseStage([toyPortal]).run(database, {now: () => new Date('2026-03-01T16:00:00Z'), dataDir});
  const pages = await database.sql<{url: string; hash: string}[]>`
    select url, encode(content_sha256::bytea, 'escape') as hash from raw.page where outcome = 'ok' order by url`;
  const listings = await database.sql<{id: string; hash: string}[]>`
    select listing_id as id, payload_hash::text as hash from raw.observation order by 1`;
  return {pages: [...pages], listings: [...listings]};
}

function archivedText({dataDir}: FaultBench): string {
  const raw = join(dataDir, 'raw');
  const files = readdirSync(raw, {recursive: true, encoding: 'utf8'}).filter(name => name.endsWith('.gz'));
  return files.map(name => gunzipSync(readFileSync(join(raw, name))).toString('utf8')).join('\n');
}

describe(`pages written by scripts${NEEDS_CHROMIUM}`, () => {
  fault('a page whose state comes by script, without a browser', async bench => {
    scripted(bench.site);
    const {verdict, scopes} = await bench.crawl([BELLO]);
    expect(scopes[0]).toMatchObject({listingsSeen: 0, reason: expect.stringContaining('no state')});
    return verdict;
  });

  let plain: Awaited<ReturnType<typeof contents>> | undefined;

  fault('a page whose state comes by script, in a browser', async bench => {
    scripted(bench.site);
    const {verdict, scopes} = await browse(bench);
    expect(scopes[0]).toMatchObject({listingsSeen: 20, announcedTotal: 20});
    expect(bench.site.userAgents).toEqual(new Set(['Raiz/0.1 (+loopback)']));
    expect(asked(bench.site, '/app.js')).toBeLessThanOrEqual(2);
    expect(asked(bench.site, '/pixel.png')).toBe(0);
    expect(archivedText(bench)).not.toMatch(/3001234567|Cargando/);
    expect(chromiumProcesses()).toEqual([]);
    plain = await contents(bench);
    expect(plain.listings).toHaveLength(20);
    return verdict;
  });

  fault('the same pages written by the server', async bench => {
    bench.site.places.set(BELLO, toyListings(20));
    const {verdict} = await bench.crawl([BELLO]);
    expect(await contents(bench)).toEqual(plain);
    return verdict;
  });

  fault('robots.txt disallows the data of a page', async bench => {
    scripted(bench.site, path =>
      path === '/robots.txt' ? {body: 'User-agent: *\nDisallow: /api'} : undefined,
    );
    const {verdict} = await browse(bench);
    expect(bench.site.requests.filter(path => path.startsWith('/api'))).toEqual([]);
    return verdict;
  });

  fault('429 with Retry-After for the data of a page', async bench => {
    scripted(bench.site, (path, n) =>
      path === `/api${FIRST}/pagina2` && n === 0 ? {status: 429, headers: {'retry-after': '1'}} : undefined,
    );
    const {verdict} = await browse(bench);
    expect(asked(bench.site, `/api${FIRST}/pagina2`)).toBe(2);
    return verdict;
  });

  fault('a challenge in a browser', async bench => {
    scripted(bench.site, path =>
      path === FIRST ? {body: '<title>Just a moment...</title><script src="/solve.js"></script>'} : undefined,
    );
    const {verdict} = await browse(bench);
    expect(bench.site.requests).toEqual(['/robots.txt', FIRST]);
    return verdict;
  });

  fault('404 of an advert in a browser', async bench => {
    scripted(bench.site);
    await browse(bench);
    await contents(bench);
    const [gone] = bench.site.places.get(BELLO)?.splice(0, 1) ?? [];
    const {verdict} = await browse(bench);
    const rows = await bench.database.sql`select url, status from raw.page where outcome = 'gone'`;
    expect(rows).toMatchObject([{url: expect.stringContaining(`/inmueble/${gone?.id}`), status: 404}]);
    return verdict;
  });

  fault('data that never comes', async bench => {
    scripted(bench.site, path => (path.startsWith('/api') ? {instead: 'silence'} : undefined));
    const {verdict, scopes} = await browse(bench, {fetchLimits: {deadlineMs: 1500}});
    expect(scopes[0]?.reason).toContain('1500 ms');
    expect(chromiumProcesses()).toEqual([]);
    return verdict;
  });

  fault(
    'kill -9 of the browser',
    async bench => {
      let killed: number | undefined;
      scripted(bench.site, path => {
        if (path === `/api${FIRST}/pagina2` && killed === undefined) {
          killed = browserProcess();
          if (killed !== undefined) process.kill(killed, 'SIGKILL');
        }
        return undefined;
      });
      const {verdict} = await browse(bench);
      expect(killed).toBeDefined();
      expect(chromiumProcesses()).toEqual([]);
      return verdict;
    },
    true,
  );
});
