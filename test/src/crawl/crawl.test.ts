import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {gunzipSync} from 'node:zlib';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {parseStage} from '../../../pipelines/parse/stage.ts';
import {verifyArchive} from '../../../src/archive/reader.ts';
import {type CrawlOptions, crawl} from '../../../src/crawl/crawl.ts';
import type {Database} from '../../../src/db/client.ts';
import {withAdvisoryLock} from '../../../src/db/locks.ts';
import {recordReview} from '../../../src/db/reviews.ts';
import {ConfigError, LockHeldError, StorageError} from '../../../src/domain/errors.ts';
import {definePortal} from '../../../src/portal/define-portal.ts';
import {testDatabase} from '../../support/database.ts';
import {
  startToySite,
  type ToySite,
  toyHtml,
  toyListings,
  toyPortal,
  toyScope,
} from '../../support/toy-portal.ts';

let database: Database;
let site: ToySite;
let dataDir: string;

beforeEach(async () => {
  database = await testDatabase();
  site = await startToySite();
  dataDir = await mkdtemp(join(tmpdir(), 'raiz-crawl-'));
});

afterEach(async () => {
  await site.close();
  await database.close();
  rmSync(dataDir, {recursive: true, force: true});
});

function crawlToy(places: string[], options: Partial<CrawlOptions> = {}) {
  return crawl({
    database,
    dataDir,
    portal: toyPortal,
    scopes: places.map(place => toyScope(place)),
    baseUrl: site.baseUrl,
    contact: undefined,
    hashKey: 'a test key of some length',
    now: () => new Date('2026-03-01T15:00:00Z'),
    isSynthetic: true,
    observedOn: '2026-03-01',
    retry: {baseDelayMs: 5, maxAttempts: 3, maxPauseMs: 2000},
    ...options,
  });
}

const parse = (now = '2026-03-01T16:00:00Z') =>
  parseStage([toyPortal]).run(database, {now: () => new Date(now), dataDir});

const pagesOf = (path: string) => site.requests.filter(request => request === path).length;

async function outcomes(): Promise<Record<string, number>> {
  const rows = await database.sql<{outcome: string; n: number}[]>`
    select outcome, count(*)::int as n from raw.page group by 1`;
  return Object.fromEntries(rows.map(row => [row.outcome, row.n]));
}

function archivedText(): string {
  const files = readdirSync(join(dataDir, 'raw'), {recursive: true, encoding: 'utf8'}).filter(name =>
    name.endsWith('.gz'),
  );
  return files.map(name => gunzipSync(readFileSync(join(dataDir, 'raw', name))).toString('utf8')).join('\n');
}

describe('a healthy site', () => {
  test('walks every page of every scope and closes each as complete', async () => {
    site.places.set('antioquia/bello', toyListings(95));
    site.places.set('antioquia/itagui', toyListings(7, 1000));
    site.places.set('antioquia/barbosa', []);
    const report = await crawlToy(['antioquia/bello', 'antioquia/itagui', 'antioquia/barbosa']);
    expect(report).toMatchObject({verdict: 'complete', isInterrupted: false, pages: 12});
    expect(
      report.scopes.map(scope => [scope.verdict, scope.announcedTotal, scope.listingsSeen, scope.pagesDone]),
    ).toEqual([
      ['complete', 95, 95, 10],
      ['complete', 7, 7, 1],
      ['complete', 0, 0, 1],
    ]);
    expect([...site.userAgents]).toEqual(['Raiz/0.1 (+loopback)']);
    expect(new Set(site.requests).size).toBe(site.requests.length);
  });

  test('archives what it saw without personal data, readable and verified, and leaves no Crawlee storage', async () => {
    site.places.set('antioquia/bello', toyListings(25));
    await crawlToy(['antioquia/bello']);
    const text = archivedText();
    expect(text).toContain('"price":100000000');
    expect(text).not.toContain('3001234567');
    expect(text).toContain('WARC-Target-URI: https://www.toy.example/sale/house/antioquia/bello');
    const spans = await database.sql<
      {file: string; fileOffset: number; fileLength: number; contentSha256: string}[]
    >`
      select file, file_offset as "fileOffset", file_length as "fileLength", content_sha256 as "contentSha256" from raw.page`;
    expect(await verifyArchive(dataDir, spans)).toMatchObject({pages: 3, problems: []});
    expect(existsSync('storage')).toBe(false);
    expect(readdirSync(dataDir)).toEqual(['raw']);
  });

  test('parses into sightings and observations, and a second parse finds nothing', async () => {
    site.places.set('antioquia/bello', toyListings(25));
    await crawlToy(['antioquia/bello']);
    expect(await parse()).toMatchObject({keysFound: 3, keysFailed: 0, counts: {listings: 25}});
    const [seen] = await database.sql`
      select count(*)::int as sightings, count(distinct o.listing_id)::int as observations, bool_and(o.is_synthetic) as synthetic
      from raw.sighting s join raw.observation o using (listing_id, payload_hash)`;
    expect(seen).toEqual({sightings: 25, observations: 25, synthetic: true});
    expect(await parse()).toMatchObject({keysFound: 0});
  });
});

describe('removals', () => {
  test('listings of the last complete run that were not seen get their page visited', async () => {
    site.places.set('antioquia/bello', toyListings(20));
    await crawlToy(['antioquia/bello']);
    await parse();
    const all = toyListings(20);
    // 3 is gone and says so, 4 answers 404, 5 left the search but is still there.
    site.places.set(
      'antioquia/bello',
      all.filter(({id}) => id !== 3 && id !== 4 && id !== 5),
    );
    site.places.set(
      'elsewhere/town',
      all.filter(({id}) => id === 5),
    );
    site.gone.add(3);
    site.requests.length = 0;
    const report = await crawlToy(['antioquia/bello']);
    expect(report.verdict).toBe('complete');
    expect(report.scopes[0]).toMatchObject({announcedTotal: 17, listingsSeen: 17});
    expect(site.requests.filter(path => path.startsWith('/inmueble/')).sort()).toEqual([
      '/inmueble/3',
      '/inmueble/4',
      '/inmueble/5',
    ]);
    await parse();
    const rows = await database.sql`
      select s.listing_id, s.gone_reason, s.payload_hash is null as empty from raw.sighting s
      where run_scope_id = (select max(run_scope_id) from ops.run_scope) and listing_id in ('toy:id:3', 'toy:id:4', 'toy:id:5')
      order by 1`;
    expect(rows.map(row => ({...row}))).toEqual([
      {listing_id: 'toy:id:3', gone_reason: 'the page says so', empty: true},
      {listing_id: 'toy:id:4', gone_reason: 'HTTP 404', empty: true},
      {listing_id: 'toy:id:5', gone_reason: null, empty: false},
    ]);
  });

  test('a failing confirmation leaves the verdict of the search alone', async () => {
    site.places.set('antioquia/bello', toyListings(11));
    await crawlToy(['antioquia/bello']);
    await parse();
    site.places.set('antioquia/bello', toyListings(10));
    site.fault = path => (path === '/inmueble/11' ? {status: 500} : undefined);
    expect((await crawlToy(['antioquia/bello'])).verdict).toBe('complete');
    expect(pagesOf('/inmueble/11')).toBe(3);
    expect(await outcomes()).toEqual({ok: 3, error: 1});
  });
});

describe('a site that misbehaves', () => {
  test('an unknown place stores nothing and blocks no other scope', async () => {
    site.places.set('antioquia/bello', toyListings(15));
    const report = await crawlToy(['antioquia/belo', 'antioquia/bello']);
    expect(report.scopes.map(({verdict, reason}) => [verdict, reason])).toEqual([
      ['failed', 'asked antioquia/belo, portal answered colombia'],
      ['complete', 'saw 15 of 15'],
    ]);
    expect(await outcomes()).toEqual({ok: 2, rejected: 1});
    await parse();
    const [row] =
      await database.sql`select count(*)::int as n from raw.sighting s join ops.run_scope using (run_scope_id) where place = 'antioquia/belo'`;
    expect(row?.n).toBe(0);
  });

  test('passing errors are tried again: 500, a cut connection, truncated gzip, 429 with Retry-After', async () => {
    site.places.set('antioquia/bello', toyListings(50));
    site.fault = (path, n) => {
      if (n > 0) return undefined;
      if (path.endsWith('pagina2')) return {status: 500, body: 'oops'};
      if (path.endsWith('pagina3'))
        return {body: 'x'.repeat(500), headers: {'content-length': '500'}, cutAt: 100};
      if (path.endsWith('pagina4'))
        return {body: Buffer.from('1f8b08000000000000036362', 'hex'), headers: {'content-encoding': 'gzip'}};
      if (path.endsWith('pagina5')) return {status: 429, headers: {'retry-after': '0'}};
      return undefined;
    };
    expect(await crawlToy(['antioquia/bello'])).toMatchObject({verdict: 'complete'});
    expect(site.requests.filter(path => path.includes('pagina'))).toHaveLength(8);
    expect(await outcomes()).toEqual({ok: 5});
  });

  test('a page that stays away makes the scope incomplete, with the reason', async () => {
    site.places.set('antioquia/bello', toyListings(50));
    site.fault = path => (path.endsWith('pagina3') ? {status: 503, body: 'no'} : undefined);
    const report = await crawlToy(['antioquia/bello']);
    expect(report.scopes[0]).toMatchObject({verdict: 'incomplete', listingsSeen: 40, pagesFailed: 1});
    expect(report.scopes[0]?.reason).toContain('1 of 5 pages failed');
    expect(report.scopes[0]?.reason).toContain('503');
    const [issue] = await database.sql`select code, source from ops.issue`;
    expect({...issue}).toEqual({code: 'page_transient', source: 'toy'});
  });

  test('what a redirect puts into addresses is redacted before it is kept', async () => {
    site.places.set('antioquia/bello', toyListings(5));
    site.fault = path => {
      if (path === '/sale/house/antioquia/bello')
        return {status: 302, headers: {location: '/llame-3001234567-ya'}};
      return path.startsWith('/llame') ? {status: 400, body: 'no'} : undefined;
    };
    const report = await crawlToy(['antioquia/bello']);
    const kept = await database.sql`
      select (select json_agg(f) from raw.frontier f)::text || (select json_agg(p) from raw.page p)::text
        || (select json_agg(i) from ops.issue i)::text as text`;
    expect(kept[0]?.text).toContain('the server answered 400');
    expect(kept[0]?.text + JSON.stringify(report)).not.toContain('3001234567');
  });

  test('malformed pages fail the scope and are reported', async () => {
    site.places.set('antioquia/bello', toyListings(50));
    site.fault = path => (path.endsWith('pagina3') ? {body: '<html>maintenance</html>'} : undefined);
    const report = await crawlToy(['antioquia/bello']);
    expect(report.scopes[0]).toMatchObject({verdict: 'failed'});
    expect(await parse()).toMatchObject({keysFound: 0});
  });

  test('repeated 403 blocks the scope, and the pages left are not asked for', async () => {
    site.places.set('antioquia/bello', toyListings(200));
    site.fault = path => (path.includes('pagina') ? {status: 403, body: 'no'} : undefined);
    const report = await crawlToy(['antioquia/bello'], {concurrency: 1});
    expect(report.verdict).toBe('blocked');
    expect(site.requests.filter(path => path.includes('pagina')).length).toBeLessThanOrEqual(4);
  });

  test('a challenge page is a block, however it answers', async () => {
    site.places.set('antioquia/bello', toyListings(5));
    site.fault = path => (path === '/robots.txt' ? undefined : {body: '<title>Just a moment...</title>'});
    expect((await crawlToy(['antioquia/bello'])).verdict).toBe('blocked');
    expect(site.requests).toHaveLength(2);
  });

  test('429 until the last attempt is a block', async () => {
    site.places.set('antioquia/bello', toyListings(20));
    site.fault = path => (path.includes('pagina') ? {status: 429} : undefined);
    const report = await crawlToy(['antioquia/bello']);
    expect(report.scopes[0]).toMatchObject({verdict: 'blocked', listingsSeen: 10});
    expect(pagesOf('/sale/house/antioquia/bello/pagina2')).toBe(3);
  });

  test('a portal that blocks scope after scope is left alone', async () => {
    const places = Array.from({length: 12}, (_, n) => `antioquia/town-${n}`);
    site.fault = path =>
      path === '/robots.txt' ? undefined : {status: 403, headers: {'cf-mitigated': 'challenge'}};
    const report = await crawlToy(places, {concurrency: 1});
    expect(new Set(report.scopes.map(scope => scope.verdict))).toEqual(new Set(['blocked']));
    expect(site.requests.filter(path => path !== '/robots.txt')).toHaveLength(3);
  });

  test('redirects are followed within the portal only', async () => {
    site.places.set('antioquia/bello', toyListings(5));
    site.fault = path => {
      if (path === '/sale/house/antioquia/bello')
        return {status: 301, headers: {location: '/sale/house/antioquia/bello/pagina1'}};
      if (path === '/sale/house/antioquia/itagui')
        return {status: 302, headers: {location: 'http://127.0.0.2:1/other'}};
      return undefined;
    };
    const report = await crawlToy(['antioquia/bello', 'antioquia/itagui']);
    expect(report.scopes.map(scope => scope.verdict)).toEqual(['complete', 'incomplete']);
    expect(report.scopes[1]?.reason).toContain('outside the portal');
    const [row] = await database.sql`select final_url from raw.page where outcome = 'ok'`;
    expect(row?.final_url).toBe('https://www.toy.example/sale/house/antioquia/bello/pagina1');
  });
});

describe('robots.txt and pace', () => {
  test('a disallowed path is never requested, not even by a redirect', async () => {
    site.places.set('antioquia/bello', toyListings(30));
    site.fault = path => {
      if (path === '/robots.txt') return {body: 'User-agent: *\nDisallow: /*/pagina2\nDisallow: /secret'};
      if (path.endsWith('pagina3')) return {status: 302, headers: {location: '/secret'}};
      return undefined;
    };
    const report = await crawlToy(['antioquia/bello']);
    expect(pagesOf('/sale/house/antioquia/bello/pagina2')).toBe(0);
    expect(pagesOf('/secret')).toBe(0);
    expect(report.scopes[0]).toMatchObject({verdict: 'incomplete', listingsSeen: 10});
    const [row] = await database.sql`select state, error from raw.frontier where url like '%pagina2'`;
    expect(row?.state).toBe('skipped');
    expect(row?.error).toContain('robots.txt disallows');
  });

  test('an unreadable robots.txt forbids everything', async () => {
    site.places.set('antioquia/bello', toyListings(30));
    site.fault = path => (path === '/robots.txt' ? {status: 503} : undefined);
    const report = await crawlToy(['antioquia/bello']);
    expect(report.verdict).toBe('incomplete');
    expect(report.robots).toContain('503');
    expect(site.requests).toEqual(['/robots.txt']);
  });

  test('requests keep their distance, counted in the database for every process', async () => {
    site.places.set('antioquia/bello', toyListings(60));
    const started = performance.now();
    const report = await crawlToy(['antioquia/bello'], {delayMs: 40});
    expect(report.verdict).toBe('complete');
    // Six requests keep five distances: a lower bound that no slow machine can break.
    expect(performance.now() - started).toBeGreaterThanOrEqual(5 * 40);
    const [row] =
      await database.sql`select delay_ms from ops.host_pace where host = ${new URL(site.baseUrl).host}`;
    // More on a busy machine: the pace eases off when answers come late.
    expect(row?.delay_ms).toBeGreaterThanOrEqual(40);
  });
});

describe('budgets', () => {
  test('a sample is never complete, and each scope gets its own', async () => {
    site.places.set('antioquia/bello', toyListings(50));
    site.places.set('antioquia/itagui', toyListings(5, 1000));
    const report = await crawlToy(['antioquia/bello', 'antioquia/itagui'], {limits: {sample: 2}});
    expect(report.scopes.map(({verdict, pagesDone}) => [verdict, pagesDone])).toEqual([
      ['incomplete', 2],
      ['incomplete', 1],
    ]);
  });

  test('the budget of pages ends the run as incomplete', async () => {
    site.places.set('antioquia/bello', toyListings(500));
    const report = await crawlToy(['antioquia/bello'], {limits: {maxPages: 7}});
    expect(report).toMatchObject({verdict: 'incomplete', pages: 7, isInterrupted: false});
    expect(report.scopes[0]?.reason).toContain('budget of 7 pages');
    expect(site.requests.filter(path => path !== '/robots.txt')).toHaveLength(7);
  });
});

describe('stopping and resuming', () => {
  test('what a budget left out is known after a kill: the scope is not judged by the rest', async () => {
    site.places.set('antioquia/bello', toyListings(500));
    await crawlToy(['antioquia/bello'], {limits: {maxPages: 7}});
    // Killed after the last commit, before the verdict; and the portal announces no totals.
    await database.sql`update ops.run set verdict = null, finished_at = null, detail_plan = null`;
    await database.sql`update ops.run_scope set verdict = null, verdict_reason = null, closed_at = null`;
    const resumed = await crawlToy(['antioquia/bello'], {
      resume: 'newest',
      portal: {
        ...toyPortal,
        parseSearch: page => ({...toyPortal.parseSearch(page), announcedTotal: null}),
      },
    });
    expect(resumed).toMatchObject({verdict: 'incomplete', pages: 0});
    expect(resumed.scopes[0]?.reason).toMatch(/\d+ of \d+ pages failed; first: stopped at the run's budget/);
  });

  test('a stopped run keeps what it did and is finished later without asking again', async () => {
    site.places.set('antioquia/bello', toyListings(400));
    site.latencyMs = 5;
    const stop = new AbortController();
    site.fault = () => {
      if (site.requests.length === 12) stop.abort();
      return undefined;
    };
    const first = await crawlToy(['antioquia/bello'], {
      concurrency: 2,
      signal: stop.signal,
    });
    expect(first).toMatchObject({isInterrupted: true, verdict: null});
    const [leased] = await database.sql`select count(*)::int as n from raw.frontier where state = 'leased'`;
    expect(leased?.n).toBe(0);
    const second = await crawlToy([], {resume: 'newest'});
    expect(second).toMatchObject({runId: first.runId, verdict: 'complete'});
    expect(second.scopes[0]).toMatchObject({listingsSeen: 400, pagesDone: 40});
    const pages = site.requests.filter(path => path !== '/robots.txt');
    expect(pages).toHaveLength(40);
    expect(new Set(pages).size).toBe(40);
    await expect(crawlToy([], {resume: 'newest'})).rejects.toThrow(/no unfinished crawl of toy/);
  });

  test('after kill -9 only pages in flight are asked for again; no row is lost or doubled', async () => {
    site.places.set('antioquia/bello', toyListings(1500));
    site.places.set('antioquia/itagui', toyListings(1500, 10_000));
    site.latencyMs = 20;
    const child = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        join(import.meta.dirname, '../../support/crawl-child.ts'),
        database.url,
        dataDir,
        site.baseUrl,
      ],
      {stdio: 'inherit'},
    );
    const committed = async () => (await database.sql`select count(*)::int as n from raw.page`)[0]?.n ?? 0;
    while ((await committed()) < 60 && child.exitCode === null) await sleep(20);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const done = await database.sql<{path: string}[]>`
      select replace(url, 'https://www.toy.example', '') as path from raw.frontier where state = 'done'`;
    expect(done.length).toBeLessThan(300);
    const before = site.requests.length;
    const report = await crawlToy([], {resume: 'newest'});
    expect(report.verdict).toBe('complete');
    const asked = new Set(site.requests.slice(before));
    expect(done.filter(({path}) => asked.has(path))).toEqual([]);
    expect(report.scopes.map(scope => [scope.pagesDone, scope.listingsSeen])).toEqual([
      [150, 1500],
      [150, 1500],
    ]);
    const [pages] =
      await database.sql`select count(*)::int as n, count(distinct url)::int as urls from raw.page`;
    expect({...pages}).toEqual({n: 300, urls: 300});
    expect(await parse()).toMatchObject({keysFound: 300, keysFailed: 0});
    const [seen] = await database.sql`select count(*)::int as n from raw.sighting`;
    expect(seen?.n).toBe(3000);
  });

  test('one crawl of a portal at a time', async () => {
    await withAdvisoryLock(database, 'crawl:toy', async () => {
      await expect(crawlToy(['antioquia/bello'])).rejects.toThrow(LockHeldError);
    });
  });

  test('a read-only data folder ends the crawl with what to do, and nothing is lost', async () => {
    site.places.set('antioquia/bello', toyListings(30));
    const blocked = join(dataDir, 'file');
    const {writeFileSync} = await import('node:fs');
    writeFileSync(blocked, 'not a folder');
    await expect(crawlToy(['antioquia/bello'], {dataDir: blocked})).rejects.toThrow(StorageError);
    expect((await crawlToy([], {resume: 'newest'})).scopes[0]).toMatchObject({
      verdict: 'complete',
      listingsSeen: 30,
    });
  });
});

describe('real sites', () => {
  const real = (options: Partial<CrawlOptions> = {}) =>
    crawlToy(['antioquia/bello'], {baseUrl: undefined, ...options});
  const review = {portal: 'toy', reviewedBy: 'A person', mayRelease: false, maySell: false, note: 'read'};

  test('are not crawled before a person has decided, after a no, or with an old decision', async () => {
    await expect(real()).rejects.toThrow(/raiz portal review toy/);
    await recordReview(database.orm, {...review, reviewedOn: '2026-02-01', mayCrawl: false});
    await expect(real()).rejects.toThrow(/decided on 2026-02-01 not to crawl/);
    await recordReview(database.orm, {...review, reviewedOn: '2025-06-01', mayCrawl: true});
    await expect(real()).rejects.toThrow(/more than 180 days old/);
    await recordReview(database.orm, {...review, reviewedOn: '2026-02-20', mayCrawl: true});
    await expect(real()).rejects.toThrow(/RAIZ_CONTACT/);
    expect(site.requests).toEqual([]);
  });

  test('only loopback may stand in for a portal', async () => {
    await expect(crawlToy(['antioquia/bello'], {baseUrl: 'http://example.com'})).rejects.toThrow(ConfigError);
    await expect(crawlToy(['antioquia/bello'], {baseUrl: 'nonsense'})).rejects.toThrow(/loopback/);
  });

  test('a run begun on loopback is not resumed on the real site', async () => {
    const portal = definePortal({...toyPortal, politeness: {...toyPortal.politeness, maxPagesPerRun: 1}});
    const stop = new AbortController();
    stop.abort();
    await crawlToy(['antioquia/bello'], {portal, signal: stop.signal});
    await recordReview(database.orm, {...review, reviewedOn: '2026-02-20', mayCrawl: true});
    await expect(real({resume: 'newest', contact: 'a@example.com'})).rejects.toThrow(
      /begun on a loopback server/,
    );
  });
});

test('the toy site renders what the portal reads', () => {
  const content = toyPortal.keep(toyHtml({place: 'a/b', page: 1, lastPage: 1, total: 0, listings: []}));
  expect(content.title).toBe('Toy');
});
