/** A portal walked by its sitemaps, day after day: full passes, and between them only what calls for a visit. */
import {rmSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {cleanStage} from '../../pipelines/clean/stage.ts';
import {parseStage} from '../../pipelines/parse/stage.ts';
import ciencuadras from '../../scrapers/ciencuadras.ts';
import {type CrawlOptions, type CrawlReport, crawl} from '../../src/crawl/crawl.ts';
import type {Database} from '../../src/db/client.ts';
import {openIncidents} from '../../src/db/health.ts';
import {reviewHealth} from '../../src/health/review.ts';
import {
  advertPath,
  type CiencuadrasSite,
  type SiteAdvert,
  siteAdverts,
  siteScope,
  startCiencuadrasSite,
} from '../support/ciencuadras-site.ts';
import {testDatabase} from '../support/database.ts';

let database: Database;
let site: CiencuadrasSite;
let dataDir: string;

beforeEach(async () => {
  database = await testDatabase();
  site = await startCiencuadrasSite();
  site.adverts.push(...siteAdverts(45, 4_000_000), ...siteAdverts(8, 6_000_000, {city: 'itagui'}));
  for (const advert of site.adverts) advert.lastmod = '2026-04-01';
  dataDir = await mkdtemp(join(tmpdir(), 'raiz-links-'));
});

afterEach(async () => {
  await site.close();
  await database.close();
  rmSync(dataDir, {recursive: true, force: true});
});

const on = (day: number) => `2026-05-${String(day).padStart(2, '0')}`;

function crawlOn(day: number, options: Partial<CrawlOptions> = {}): Promise<CrawlReport> {
  site.requests.length = 0;
  return crawl({
    ...{database, dataDir, portal: ciencuadras},
    scopes: [siteScope('bello'), siteScope('itagui')],
    baseUrl: site.baseUrl,
    contact: undefined,
    hashKey: 'a test key of some length',
    now: () => new Date(`${on(day)}T15:00:00Z`),
    isSynthetic: true,
    observedOn: on(day),
    limits: {detailShare: 0.05, fullPassDays: 7},
    retry: {baseDelayMs: 5, maxAttempts: 3, maxPauseMs: 2000},
    ...options,
  });
}

/** What happens after a crawl, and which incidents are open then. */
async function readOn(day: number): Promise<string[]> {
  const now = new Date(`${on(day)}T16:00:00Z`);
  await parseStage([ciencuadras]).run(database, {now: () => now, dataDir});
  await cleanStage.run(database, {now: () => now, dataDir});
  await reviewHealth({database, dataDir, now, isLive: () => true, webhook: undefined});
  return (await openIncidents(database.orm)).map(({kind, observed}) => `${kind}: ${observed}`);
}

const advertsAsked = () => site.requests.filter(path => path.startsWith('/inmueble/'));
const sitemapsAsked = () => site.requests.filter(path => path.endsWith('.xml'));

function advert(n: number): SiteAdvert {
  const found = site.adverts[n];
  if (found === undefined) throw new Error(`the site has no advert ${n}`);
  return found;
}

async function stored(of: SiteAdvert): Promise<{status: string; price: number | null} | undefined> {
  const [row] = await database.sql<{status: string; price: number | null}[]>`
    select l.status, p.price_cop::float8 as price from core.listing l join core.listing_price p using (listing_id)
    where l.portal_listing_id = ${String(of.id)} order by p.valid_from desc limit 1`;
  return row;
}

test('a full pass, days by change, and the full pass of a week later', async () => {
  for (const day of [1, 2]) {
    const report = await crawlOn(day, {limits: {fullPassDays: 0}});
    expect(report).toMatchObject({verdict: 'complete', pages: 4 + 53});
    expect(await readOn(day)).toEqual([]);
  }
  const [cheaper, removed, unlisted] = [advert(3), advert(7), advert(11)];

  // One advert is cheaper, one is new, one leaves the sitemap together with its page.
  cheaper.price = 150_000_000;
  cheaper.lastmod = on(3);
  const [fresh] = siteAdverts(1, 7_000_000);
  if (fresh === undefined) throw new Error('one advert was asked for');
  site.adverts.splice(site.adverts.indexOf(unlisted), 1);
  site.adverts.push(fresh);
  const third = await crawlOn(3);
  expect(advertsAsked().sort()).toEqual([advertPath(cheaper), advertPath(fresh)].sort());
  expect(sitemapsAsked()).toHaveLength(4);
  expect(third.verdict).toBe('incomplete');
  expect(third.scopes.map(scope => [scope.verdict, scope.announcedTotal, scope.reason])).toEqual([
    ['incomplete', 45, 'by plan: 2 of 45 linked pages were due within the budgets'],
    ['incomplete', 8, 'by plan: 0 of 8 linked pages were due within the budgets'],
  ]);
  expect(third.detailPlan).toEqual({listings: 53, linked: 0, planned: {lastmod: 1, new: 1}, dirtyLeft: 0});
  expect(await readOn(3)).toEqual([]);
  expect(await stored(cheaper)).toEqual({status: 'active', price: 150_000_000});
  expect((await stored(fresh))?.status).toBe('active');

  // Still listed, as zombies are, and changed by what the sitemap says; its page says that it is gone.
  removed.state = 'removed';
  removed.lastmod = on(4);
  await crawlOn(4);
  // The price may have changed again on the day of its visit: the sitemap tells days only.
  expect(advertsAsked().sort()).toEqual([advertPath(cheaper), advertPath(removed)].sort());
  expect(await readOn(4)).toEqual([]);
  expect((await stored(removed))?.status).toBe('delisted');

  const fifth = await crawlOn(5);
  expect(advertsAsked()).toHaveLength(2);
  expect(advertsAsked()).toContain(advertPath(removed));
  expect(fifth.detailPlan?.planned).toEqual({lastmod: 1, value: 1});
  expect(await readOn(5)).toEqual([]);
  // Nobody has looked for it: what a plan leaves out is not absent.
  expect((await stored(unlisted))?.status).toBe('active');

  const ninth = await crawlOn(9);
  expect(ninth).toMatchObject({verdict: 'complete', pages: 4 + 53 + 1});
  expect(advertsAsked()).toContain(advertPath(unlisted));
  expect(ninth.scopes[0]).toMatchObject({announcedTotal: 44, listingsSeen: 44});
  expect(await readOn(9)).toEqual([]);
  expect((await stored(unlisted))?.status).toBe('delisted');
  expect((await stored(advert(0)))?.status).toBe('active');
  const spells = await database.sql<{n: number}[]>`
    select count(*)::int as n from core.listing_spell where ended_at is not null`;
  expect(spells[0]?.n).toBe(2);
});

test('a full pass that the budgets do not hold comes nearer by the day, and is no stop', async () => {
  const asked = new Set<string>();
  for (const day of [1, 2, 3]) {
    const report = await crawlOn(day, {limits: {maxPages: 24, fullPassDays: 7}});
    expect(report).toMatchObject({verdict: 'incomplete', pages: 24});
    expect(report.scopes[0]?.reason).toMatch(/^by plan: \d+ of 45 /);
    expect(advertsAsked()).toHaveLength(20);
    for (const path of advertsAsked()) asked.add(path);
    // Without a parse between them: that a page was asked for is known all the same.
  }
  expect(asked.size).toBe(53);
});

test('a crawl that dies while it plans, or right after, plans once and visits nothing twice', async () => {
  await database.sql.unsafe(`
    create function refuse_links() returns trigger language plpgsql as $$
    begin raise exception 'the disk is full'; end $$;
    create trigger refuse before insert on raw.frontier for each row when (new.kind = 'listing')
      execute function refuse_links()`);
  await expect(crawlOn(2)).rejects.toThrow();
  expect(advertsAsked()).toEqual([]);
  const planned = async () =>
    (await database.sql`select link_plan from ops.run_scope order by run_scope_id`).map(row => row.link_plan);
  expect(await planned()).toEqual([null, null]);
  await database.sql.unsafe('drop trigger refuse on raw.frontier');

  const stop = new AbortController();
  site.fault = path => {
    if (path.startsWith('/inmueble/')) stop.abort();
    return undefined;
  };
  const stopped = await crawlOn(2, {resume: 'newest', signal: stop.signal, concurrency: 2});
  expect(stopped.isInterrupted).toBe(true);
  expect(sitemapsAsked()).toEqual([]);
  const before = advertsAsked();
  expect(before.length).toBeGreaterThan(0);
  const plans = await planned();
  expect(plans).toMatchObject([
    {due: 45, left: 0},
    {due: 8, left: 0},
  ]);

  site.fault = () => undefined;
  const report = await crawlOn(2, {resume: 'newest'});
  expect(report.verdict).toBe('complete');
  expect(await planned()).toEqual(plans);
  expect(sitemapsAsked()).toEqual([]);
  expect(advertsAsked().filter(path => before.includes(path))).toEqual([]);
  expect(before.length + advertsAsked().length).toBe(53);
});

test('a sample asks for the first links as ever', async () => {
  const report = await crawlOn(2, {limits: {sample: 6, fullPassDays: 7}});
  expect(report.scopes[0]?.reason).toBe('stopped after a sample of 6 pages');
  expect(advertsAsked()).toHaveLength(3 + 4);
});
