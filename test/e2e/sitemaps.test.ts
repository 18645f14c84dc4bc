/** A portal that is walked by its sitemaps: crawl, parse and clean on a site in the shape of Ciencuadras. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {rmSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {cleanStage} from '../../pipelines/clean/stage.ts';
import {parseStage} from '../../pipelines/parse/stage.ts';
import ciencuadras from '../../scrapers/ciencuadras.ts';
import {type CrawlOptions, crawl} from '../../src/crawl/crawl.ts';
import type {Database} from '../../src/db/client.ts';
import {
  advertPath,
  answerOf,
  type CiencuadrasSite,
  siteAdverts,
  siteScope,
  startCiencuadrasSite,
} from '../support/ciencuadras-site.ts';
import {testDatabase} from '../support/database.ts';
import {type FaultBench, faultsIn} from '../support/fault-table.ts';

const INDEX = '/sitemap-index-detalles-inmuebles-venta.xml';
const BELLO = '/sitemap-detalles-venta-bello.xml';

let database: Database;
let site: CiencuadrasSite;
let dataDir: string;

beforeEach(async () => {
  database = await testDatabase();
  site = await startCiencuadrasSite();
  dataDir = await mkdtemp(join(tmpdir(), 'raiz-sitemaps-'));
});

afterEach(async () => {
  await site.close();
  await database.close();
  rmSync(dataDir, {recursive: true, force: true});
});

function optionsOn(day: string): CrawlOptions {
  return {
    ...{database, dataDir, portal: ciencuadras},
    scopes: [siteScope('bello'), siteScope('bello', 'sale', 'house'), siteScope('itagui')],
    baseUrl: site.baseUrl,
    contact: undefined,
    hashKey: 'a test key of some length',
    now: () => new Date(`${day}T15:00:00Z`),
    isSynthetic: true,
    observedOn: day,
    retry: {baseDelayMs: 5, maxAttempts: 3, maxPauseMs: 2000},
  };
}

const crawlOn = (day: string, options: Partial<CrawlOptions> = {}) => crawl({...optionsOn(day), ...options});

async function readOn(day: string): Promise<void> {
  const context = {now: () => new Date(`${day}T16:00:00Z`), dataDir};
  await parseStage([ciencuadras]).run(database, context);
  await cleanStage.run(database, context);
}

const asked = (path: string) => site.requests.filter(request => request === path).length;

const listings = () => database.sql<{id: string; status: string; price: number | null}[]>`
  select l.portal_listing_id as id, l.status, p.price_cop::float8 as price
  from core.listing l join core.listing_price p using (listing_id) where p.valid_to is null order by 1`;

describe('sitemaps', () => {
  beforeEach(() => {
    site.adverts.push(...siteAdverts(45, 4_000_000), ...siteAdverts(6, 5_000_000, {propertyType: 'house'}));
    site.adverts.push(...siteAdverts(8, 6_000_000, {city: 'itagui'}));
  });

  test('are requested once for all scopes, and every scope has its own pages, links and counts', async () => {
    const report = await crawlOn('2026-05-02');
    expect(report.verdict).toBe('complete');
    expect(report.scopes.map(scope => [scope.announcedTotal, scope.listingsSeen, scope.reason])).toEqual([
      [45, 45, 'saw 45 of 45'],
      [6, 6, 'saw 6 of 6'],
      [8, 8, 'saw 8 of 8'],
    ]);
    expect([INDEX, BELLO, '/sitemap-detalles-venta-bello-2.xml'].map(asked)).toEqual([1, 1, 1]);
    expect(new Set(site.requests).size).toBe(site.requests.length);
    // Index, two sitemaps of Bello, one of Itagüí, and the adverts.
    expect(report.pages).toBe(4 + 59);
    const pages = await database.sql<{pages: number; spans: number; bytes: number}[]>`
      select count(*)::int as pages, count(distinct (file, file_offset))::int as spans,
        count(*) filter (where bytes_received > 0)::int as bytes
      from raw.page where kind = 'sitemap' group by url order by url`;
    expect(pages.map(row => [row.pages, row.spans, row.bytes])).toEqual([
      [2, 1, 1],
      [2, 1, 1],
      [1, 1, 1],
      [3, 1, 1],
    ]);
  });

  test('give the right adverts; zombies and stale links are gone, and lower what is announced', async () => {
    for (const advert of site.adverts.slice(0, 12)) advert.state = 'removed';
    for (const advert of site.adverts.slice(12, 15)) advert.state = 'missing';
    const report = await crawlOn('2026-05-02');
    expect(report.scopes[0]).toMatchObject({verdict: 'complete', announcedTotal: 30, listingsSeen: 30});
    await readOn('2026-05-02');
    const rows = await listings();
    const live = site.adverts.filter(advert => advert.state === 'live');
    expect(rows.map(row => [row.id, row.price])).toEqual(
      live.map(advert => [String(advert.id), advert.price]).sort(),
    );
    const [gone] = await database.sql<{n: number}[]>`
      select count(*)::int as n from raw.sighting where gone_reason is not null`;
    expect(gone?.n).toBe(15);
  });

  test('show on a later day what is new, cheaper and gone', async () => {
    await crawlOn('2026-05-02');
    await readOn('2026-05-02');
    const [cheaper, removed, unlisted] = site.adverts;
    if (!cheaper || !removed || !unlisted) throw new Error('the site has no adverts');
    cheaper.price = 150_000_000;
    removed.state = 'removed';
    unlisted.state = 'removed';
    site.adverts.push(...siteAdverts(2, 7_000_000));
    site.fault = path => {
      // One advert is withdrawn and leaves the sitemap at once: it must be looked for.
      if (!path.startsWith('/sitemap-detalles-venta-bello')) return undefined;
      const {body = ''} = answerOf(site.adverts, path);
      return {body: body.replace(new RegExp(`<url><loc>[^<]*${unlisted.id}<.*?</url>`), '')};
    };
    site.requests.length = 0;
    const report = await crawlOn('2026-05-03');
    expect(report.scopes[0]).toMatchObject({verdict: 'complete', announcedTotal: 45, listingsSeen: 45});
    expect(asked(advertPath(unlisted))).toBe(1);
    expect(asked(advertPath(removed))).toBe(1);
    await readOn('2026-05-03');
    const rows = new Map((await listings()).map(row => [row.id, row]));
    expect(rows.size).toBe(61);
    expect(rows.get(String(cheaper.id))).toMatchObject({status: 'active', price: 150_000_000});
    expect(rows.get(String(removed.id))?.status).toBe('delisted');
    expect(rows.get(String(unlisted.id))?.status).toBe('delisted');
    expect(rows.get('7000000')?.status).toBe('active');
  });

  test('count the fields of the adverts: a portal whose prices are gone is not complete', async () => {
    site.adverts.length = 0;
    site.adverts.push(...siteAdverts(60, 4_000_000, {price: 0}));
    const report = await crawlOn('2026-05-02', {scopes: [siteScope('bello')]});
    expect(report.scopes[0]).toMatchObject({verdict: 'incomplete', listingsSeen: 60});
    expect(report.scopes[0]?.reason).toContain('price is filled on 0.0 %');
  });

  test('budgets count requests: a sitemap that another scope has fetched costs none', async () => {
    const report = await crawlOn('2026-05-02', {limits: {maxPages: 63}});
    expect(report).toMatchObject({verdict: 'complete', pages: 63});
    const short = await crawlOn('2026-05-03', {limits: {maxPages: 62}});
    expect(short).toMatchObject({verdict: 'incomplete', pages: 62});
    const day = await crawlOn('2026-05-04', {limits: {maxPagesPerDay: 10}});
    expect(day.pages).toBe(10);
  });
});

test('after kill -9 no sitemap and no advert that was stored is asked for again', async () => {
  site.adverts.push(...siteAdverts(300, 4_000_000), ...siteAdverts(60, 6_000_000, {city: 'itagui'}));
  site.latencyMs = 20;
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      join(import.meta.dirname, '../support/sitemap-child.ts'),
      database.url,
      dataDir,
      site.baseUrl,
    ],
    {stdio: 'inherit'},
  );
  const committed = async () => (await database.sql`select count(*)::int as n from raw.page`)[0]?.n ?? 0;
  while ((await committed()) < 80 && child.exitCode === null) await sleep(20);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const done = await database.sql<{path: string}[]>`
    select distinct replace(url, 'https://www.ciencuadras.com', '') as path from raw.frontier where state = 'done'`;
  expect(done.length).toBeLessThan(360);
  expect(done.length).toBeGreaterThan(40);
  const before = site.requests.length;
  const report = await crawlOn('2026-05-02', {resume: 'newest'});
  expect(report.scopes.map(scope => [scope.verdict, scope.announcedTotal, scope.listingsSeen])).toEqual([
    ['complete', 300, 300],
    ['complete', 60, 60],
  ]);
  const again = new Set(site.requests.slice(before));
  expect(done.filter(({path}) => again.has(path))).toEqual([]);
});

const fault = faultsIn('test/e2e/sitemaps.test.ts');

/** One scope of the site, in the installation of the fault bench. */
const crawlBello = (bench: FaultBench) =>
  bench.crawl([], {portal: ciencuadras, scopes: [siteScope('bello')], baseUrl: site.baseUrl});

const goneStored = async (bench: FaultBench) => {
  await parseStage([ciencuadras]).run(bench.database, {now: () => new Date(), dataDir: bench.dataDir});
  const [row] = await bench.database.sql<{n: number}[]>`
    select count(*)::int as n from raw.sighting where gone_reason is not null`;
  return row?.n;
};

describe('faults', () => {
  fault('a sitemap cut short', async bench => {
    site.adverts.push(...siteAdverts(45, 4_000_000));
    site.fault = path =>
      path === '/sitemap-detalles-venta-bello-2.xml'
        ? {body: answerOf(site.adverts, path).body?.slice(0, 700) ?? ''}
        : undefined;
    const report = await crawlBello(bench);
    expect(report.scopes[0]).toMatchObject({listingsSeen: 30, announcedTotal: 30});
    expect(report.scopes[0]?.reason).toContain('cut off');
    return report.verdict;
  });

  fault('a sitemap that answers 503', async bench => {
    site.adverts.push(...siteAdverts(45, 4_000_000));
    site.fault = path => (path === '/sitemap-detalles-venta-bello-2.xml' ? {status: 503} : undefined);
    const report = await crawlBello(bench);
    expect(asked('/sitemap-detalles-venta-bello-2.xml')).toBe(3);
    expect(report.scopes[0]?.listingsSeen).toBe(30);
    return report.verdict;
  });

  fault('a sitemap that repeats another', async bench => {
    site.adverts.push(...siteAdverts(45, 4_000_000));
    site.fault = path =>
      path === '/sitemap-detalles-venta-bello-2.xml' ? answerOf(site.adverts, BELLO) : undefined;
    const report = await crawlBello(bench);
    expect(report.scopes[0]).toMatchObject({announcedTotal: 30, listingsSeen: 30});
    expect(new Set(site.requests).size).toBe(site.requests.length);
    return report.verdict;
  });

  fault('sitemaps that list nothing', async bench => {
    site.adverts.push(...siteAdverts(5, 4_000_000));
    site.fault = path => (path === BELLO ? {body: '<urlset></urlset>'} : undefined);
    const report = await crawlBello(bench);
    expect(report.scopes[0]).toMatchObject({announcedTotal: 0, listingsSeen: 0});
    return report.verdict;
  });

  fault('adverts of a sitemap that nearly all answer 404', async bench => {
    site.adverts.push(...siteAdverts(120, 4_000_000));
    site.fault = path =>
      path.startsWith('/inmueble/') && !path.endsWith('0') ? {status: 404, body: 'no'} : undefined;
    const report = await crawlBello(bench);
    expect(report.scopes[0]?.reason).toMatch(/\d+ of \d+ adverts that the sitemaps list answer 404/);
    expect(site.requests.length).toBeLessThan(120);
    expect(await goneStored(bench)).toBe(0);
    const [issue] = await bench.database.sql`select code from ops.issue where code = 'adverts_not_found'`;
    expect(issue?.code).toBe('adverts_not_found');
    return report.verdict;
  });

  fault('a sitemap of another site', async bench => {
    site.adverts.push(...siteAdverts(30, 4_000_000));
    site.fault = path =>
      path === BELLO
        ? {
            body:
              answerOf(site.adverts, path).body?.replaceAll('www.ciencuadras.com', 'www.else.example') ?? '',
          }
        : undefined;
    const report = await crawlBello(bench);
    expect(site.requests.filter(path => path.startsWith('/inmueble/'))).toEqual([]);
    return report.verdict;
  });
});
