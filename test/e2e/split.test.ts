/** A search too large to be walked page by page: flat, by parts, and completed by the sitemaps, on the simulated portal. */
import {rmSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest';
import {cleanStage} from '../../pipelines/clean/stage.ts';
import {parseStage} from '../../pipelines/parse/stage.ts';
import fincaraiz from '../../scrapers/fincaraiz.ts';
import {readArchived} from '../../src/archive/reader.ts';
import {type CrawlOptions, crawl} from '../../src/crawl/crawl.ts';
import type {Database} from '../../src/db/client.ts';
import type {Scope} from '../../src/domain/page.ts';
import type {Portal} from '../../src/portal/define-portal.ts';
import {createMarket, type Market} from '../../src/simulator/market/market.ts';
import {addDays} from '../../src/simulator/market/truth.ts';
import type {FaultHook} from '../../src/simulator/site/faults.ts';
import {type Site, startSite} from '../../src/simulator/site/start-site.ts';
import {testDatabase} from '../support/database.ts';

const SCOPE = {operation: 'sale', propertyType: 'apartment', place: 'antioquia/medellin'} as const;
const FIRST = '/venta/apartamentos/medellin/antioquia';

let market: Market;
let site: Site;
let database: Database;
let dataDir: string;
let fault: FaultHook = () => undefined;

beforeAll(async () => {
  market = createMarket({seed: 'split', days: 2, startOn: '2026-09-01', size: 5000});
  // From page 41 on, pages are drawn anew each time: the order is that of nothing.
  site = await startSite(market, {day: 0, stablePages: 40, faults: request => fault(request)});
});
beforeEach(async () => {
  database = await testDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'raiz-split-'));
  fault = () => undefined;
});
afterEach(async () => {
  await database.close();
  rmSync(dataDir, {recursive: true, force: true});
});
afterAll(() => site.close());

function crawlOn(day: number, portal: Portal = fincaraiz, options: Partial<CrawlOptions> = {}) {
  site.setDay(day);
  const observedOn = addDays(market.startOn, day);
  const scope: Scope = {portal: 'fincaraiz', ...SCOPE};
  return crawl({
    ...{database, dataDir, portal, observedOn},
    scopes: [scope],
    baseUrl: site.baseUrl,
    contact: undefined,
    hashKey: 'a test key of some length',
    now: () => new Date(`${observedOn}T15:00:00Z`),
    isSynthetic: true,
    retry: {baseDelayMs: 5, maxAttempts: 3, maxPauseMs: 2000},
    ...options,
  });
}

async function readOn(day: number): Promise<void> {
  const context = {now: () => new Date(`${addDays(market.startOn, day)}T16:00:00Z`), dataDir};
  await parseStage([fincaraiz]).run(database, context);
  await cleanStage.run(database, context);
}

const liveIds = (day: number) =>
  new Set(market.truth.advertsOfScope(day, SCOPE).map(advert => String(advert.id)));

const pathsSince = (n: number) => site.requests.slice(n).map(request => request.path);

test('walked page by page it misses listings, and says so', async () => {
  const {split, completion, ...flat} = fincaraiz;
  const report = await crawlOn(0, flat);
  const [scope] = report.scopes;
  expect(scope?.verdict).toBe('incomplete');
  expect(scope?.announcedTotal).toBe(liveIds(0).size);
  expect((scope?.listingsSeen ?? 0) / liveIds(0).size).toBeLessThan(0.95);
}, 60_000);

test('walked by rooms and neighbourhoods, and completed by the sitemaps, it is seen whole; spells are right', async () => {
  const before = site.requests.length;
  const report = await crawlOn(0);
  const [scope] = report.scopes;
  const live = liveIds(0);
  expect(scope).toMatchObject({verdict: 'complete', announcedTotal: live.size, pagesFailed: 0});
  expect(scope?.reason).toMatch(/^saw \d+ of \d+; split into 14 searches$/);
  expect((scope?.listingsSeen ?? 0) / live.size).toBeGreaterThan(0.99);
  const paths = pathsSince(before);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths.filter(path => path.startsWith(`${FIRST}/pagina`))).toEqual([]);
  expect(paths.filter(path => path.endsWith('.xml'))).toEqual([
    '/cde-sitemap-listings-index.xml',
    '/cde-sitemap-listings-apartamento-en-venta-antioquia.xml',
  ]);
  await readOn(0);
  const known = await database.sql<{id: string}[]>`select portal_listing_id as id from core.listing`;
  expect(known.length).toBe(scope?.listingsSeen);
  expect(known.filter(({id}) => !live.has(id))).toEqual([]);

  expect((await crawlOn(1)).verdict).toBe('complete');
  await readOn(1);
  const later = liveIds(1);
  const rows = await database.sql<{id: string; status: string}[]>`
    select portal_listing_id as id, status from core.listing`;
  const wrong = rows.filter(({id, status}) => (status === 'active') !== later.has(id));
  // A listing missed by one of two runs whose page answers is still active; one withdrawn is not.
  expect(wrong).toEqual([]);
  expect(rows.filter(({status}) => status === 'delisted').length).toBeGreaterThan(0);
  const [spells] = await database.sql<{doubled: number}[]>`
    select (count(*) - count(distinct listing_id))::int as doubled from core.listing_spell where ended_at is null`;
  expect(spells?.doubled).toBe(0);
}, 120_000);

test('nothing of a sitemap is kept but id, day and city', async () => {
  await crawlOn(0, fincaraiz, {limits: {maxPages: 400}});
  const [stored] = await database.sql<
    {file: string; fileOffset: number; fileLength: number; contentSha256: string}[]
  >`
    select file, file_offset as "fileOffset", file_length as "fileLength", content_sha256 as "contentSha256"
    from raw.page where kind = 'sitemap' and url like '%apartamento-en-venta%'`;
  if (stored === undefined) throw new Error('no sitemap was stored');
  const {state} = await readArchived(dataDir, stored);
  const {entries} = state as unknown as {entries: {loc: string; lastmod: string; city: string}[]};
  expect(entries.length).toBeGreaterThan(1000);
  for (const {loc, lastmod, city} of entries) {
    expect(loc).toMatch(/^https:\/\/www\.fincaraiz\.com\.co\/apartamento-en-venta\/\d+$/);
    expect(`${lastmod} ${city}`).toMatch(/^\d{4}-\d\d-\d\d [a-z-]+$/);
  }
}, 60_000);

test('parts that the portal does not narrow are refused and store nothing; the total tells what is missing', async () => {
  // Filters by rooms are ignored, neighbourhoods answer with the whole city.
  fault = ({search}) => {
    if (search === undefined) return undefined;
    if (search.rooms !== null || search.place.kind === 'neighbourhood') return {kind: 'serve', path: FIRST};
    return undefined;
  };
  const {completion, ...alone} = fincaraiz;
  const report = await crawlOn(0, alone);
  expect(report.scopes[0]).toMatchObject({verdict: 'incomplete', listingsSeen: 21});
  expect(report.scopes[0]?.reason).toMatch(/split into 14 searches, 14 pages of which were refused/);
  const rows = await database.sql<{outcome: string; n: number}[]>`
    select outcome, count(*)::int as n from raw.page group by 1 order by 1`;
  expect(rows.map(row => ({...row}))).toEqual([
    {outcome: 'ok', n: 1},
    {outcome: 'rejected', n: 14},
  ]);
}, 60_000);

test('a split walk that was stopped goes on where it was', async () => {
  const stop = new AbortController();
  const before = site.requests.length;
  fault = () => {
    if (site.requests.length - before === 50) stop.abort();
    return undefined;
  };
  const first = await crawlOn(0, fincaraiz, {signal: stop.signal, concurrency: 4});
  expect(first.isInterrupted).toBe(true);
  const report = await crawlOn(0, fincaraiz, {resume: 'newest'});
  expect(report.scopes[0]).toMatchObject({verdict: 'complete', announcedTotal: liveIds(0).size});
  expect(report.scopes[0]?.reason).toContain('split into 14 searches');
  const paths = pathsSince(before).filter(path => path !== '/robots.txt');
  expect(new Set(paths).size).toBe(paths.length);
}, 120_000);
