import {rmSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {parseStage} from '../../../pipelines/parse/stage.ts';
import {type CrawlOptions, type CrawlReport, crawl} from '../../../src/crawl/crawl.ts';
import type {Database} from '../../../src/db/client.ts';
import {portalHealth} from '../../../src/db/status.ts';
import {detailPagesOf, savedPagesOf} from '../../../src/domain/detail-plan.ts';
import {testDatabase} from '../../support/database.ts';
import {startToySite, type ToySite, toyListings, toyPortal, toyScope} from '../../support/toy-portal.ts';

const BELLO = 'antioquia/bello';
const ITAGUI = 'antioquia/itagui';

let database: Database;
let site: ToySite;
let dataDir: string;

beforeEach(async () => {
  database = await testDatabase();
  site = await startToySite();
  dataDir = await mkdtemp(join(tmpdir(), 'raiz-refresh-'));
});

afterEach(async () => {
  await site.close();
  await database.close();
  rmSync(dataDir, {recursive: true, force: true});
});

const instant = (day: number) => new Date(Date.UTC(2026, 2, day, 15));

/** The crawl of one day with a quarter of the listings' pages, parsed, and what the server was asked for. */
async function crawlDay(day: number, options: Partial<CrawlOptions> = {}) {
  const before = site.requests.length;
  const report = await crawl({
    ...{database, dataDir, portal: toyPortal},
    scopes: [toyScope(BELLO), toyScope(ITAGUI)],
    baseUrl: site.baseUrl,
    contact: undefined,
    hashKey: 'a test key of some length',
    now: () => instant(day),
    isSynthetic: true,
    observedOn: instant(day).toISOString().slice(0, 10),
    retry: {baseDelayMs: 5, maxAttempts: 2, maxPauseMs: 2000},
    limits: {detailShare: 0.25},
    // The server then meets the pages in the order of the plan.
    concurrency: 1,
    ...options,
  });
  await parseStage([toyPortal]).run(database, {now: () => instant(day), dataDir});
  return {report, details: detailsAsked(before)};
}

function detailsAsked(from: number): number[] {
  return site.requests.slice(from).flatMap(path => {
    const id = /^\/inmueble\/(\d+)$/.exec(path)?.[1];
    return id === undefined ? [] : [Number(id)];
  });
}

function listing(id: number) {
  const found = [...site.places.values()].flat().find(each => each.id === id);
  if (found === undefined) throw new Error(`the toy site has no listing ${id}`);
  return found;
}

/** Rooms as the newest observation of a listing has them. */
async function storedBedrooms(id: number): Promise<number | null> {
  const [row] = await database.sql<{bedrooms: number | null}[]>`
    select (o.payload ->> 'bedrooms')::int as bedrooms
    from raw.sighting s join raw.observation o using (listing_id, payload_hash) join raw.page p using (page_id)
    where s.listing_id = ${`toy:id:${id}`} and p.kind = 'listing' order by s.observed_at desc limit 1`;
  return row?.bedrooms ?? null;
}

function openTown(): void {
  site.places.set(BELLO, toyListings(24));
  site.places.set(ITAGUI, toyListings(16, 101));
  for (const each of [...site.places.values()].flat()) each.bedrooms = 2;
}

describe('day after day', () => {
  test('new pages, then changed ones first, removals among them, then the oldest; never more than the share', async () => {
    openTown();
    const visited: number[] = [];
    for (const day of [1, 2, 3, 4]) {
      const {report, details} = await crawlDay(day);
      expect(report.verdict).toBe('complete');
      expect(details).toHaveLength(10);
      expect(report.detailPlan).toEqual({
        listings: 40,
        linked: 0,
        planned: {new: 10},
        dirtyLeft: 40 - 10 * day,
      });
      visited.push(...details);
    }
    expect(new Set(visited).size).toBe(40);

    const firstDay = visited.slice(0, 10);
    const lastDay = visited.slice(30);
    const [oldest = 0] = [...firstDay].sort();
    const changed = lastDay.slice(0, 3);
    const removed = lastDay[5] ?? 0;
    for (const id of changed) listing(id).price = 99_000_000;
    listing(oldest).bedrooms = 5;
    const place = site.places.get(BELLO)?.some(each => each.id === removed) === true ? BELLO : ITAGUI;
    site.places.set(place, site.places.get(place)?.filter(each => each.id !== removed) ?? []);
    site.gone.add(removed);

    const {report, details} = await crawlDay(5);
    expect(report.verdict).toBe('complete');
    expect(report.detailPlan).toMatchObject({listings: 39, linked: 1, planned: {changed: 3, value: 5}});
    expect(details).toHaveLength(9);
    expect(details).toContain(removed);
    expect(
      details
        .filter(id => id !== removed)
        .slice(0, 3)
        .sort(),
    ).toEqual([...changed].sort());
    const byValue = details.filter(id => id !== removed && !changed.includes(id));
    expect(byValue.every(id => firstDay.includes(id))).toBe(true);
    expect(byValue).toContain(oldest);
    expect(await storedBedrooms(oldest)).toBe(5);

    const [health] = await portalHealth(database.orm, 1);
    expect(health?.detailPlan).toEqual(report.detailPlan);
    if (report.detailPlan === null) throw new Error('a finished run has a plan');
    expect([detailPagesOf(report.detailPlan), savedPagesOf(report.detailPlan)]).toEqual([9, 30]);
  });

  test('a change seen but not visited is visited the next day; one visited is not visited again for it', async () => {
    openTown();
    const all = {limits: {detailShare: 1}};
    await crawlDay(1, all);
    for (const id of [3, 4]) listing(id).price = 1_000_000;
    const one = {limits: {detailShare: 0.025}};
    const second = await crawlDay(2, one);
    expect(second.report.detailPlan).toMatchObject({planned: {changed: 1}, dirtyLeft: 1});
    const third = await crawlDay(3, one);
    expect(third.report.detailPlan).toMatchObject({planned: {changed: 1}, dirtyLeft: 0});
    expect([...second.details, ...third.details].sort()).toEqual([3, 4]);
    expect((await crawlDay(4, one)).report.detailPlan).toMatchObject({planned: {value: 1}, dirtyLeft: 0});
  });

  test('an advert that comes back after a complete run without it is visited', async () => {
    openTown();
    await crawlDay(1, {limits: {detailShare: 1}});
    const bello = site.places.get(BELLO) ?? [];
    site.places.set(BELLO, bello.slice(1));
    // The page of the first says that it is gone, that of the second doesn't answer the day after.
    expect((await crawlDay(2, {limits: {}})).details).toEqual([1]);
    site.fault = path => (path === '/inmueble/2' ? {status: 500} : undefined);
    site.places.set(BELLO, bello.slice(2));
    expect(new Set((await crawlDay(3, {limits: {}})).details)).toEqual(new Set([2]));
    site.fault = () => undefined;
    site.places.set(BELLO, bello);
    const back = await crawlDay(4, {limits: {detailShare: 0.05}});
    expect(back.report.detailPlan).toMatchObject({planned: {reappeared: 2}, dirtyLeft: 0});
    expect(back.details.sort()).toEqual([1, 2]);
    const after = await crawlDay(5, {limits: {detailShare: 0.05}});
    expect(after.report.detailPlan?.planned).toEqual({value: 2});
  });

  test('one that was gone and is back the next day is visited, if not at once then later', async () => {
    openTown();
    await crawlDay(1, {limits: {detailShare: 1}});
    const bello = site.places.get(BELLO) ?? [];
    site.places.set(BELLO, bello.slice(1));
    await crawlDay(2, {limits: {}});
    site.places.set(BELLO, bello);
    expect((await crawlDay(3, {limits: {}})).details).toEqual([]);
    expect((await crawlDay(4, {limits: {detailShare: 0.025}})).report.detailPlan?.planned).toEqual({
      reappeared: 1,
    });
  });
});

describe('one run', () => {
  test('no share: only removals are visited, as before', async () => {
    openTown();
    const {report, details} = await crawlDay(1, {limits: {}});
    expect(details).toEqual([]);
    expect(report.detailPlan).toEqual({listings: 40, linked: 0, planned: {}, dirtyLeft: 0});
  });

  test('failing listing pages leave the verdict of the searches alone, and wait their turn', async () => {
    openTown();
    site.fault = path => (path.startsWith('/inmueble/') ? {status: 500} : undefined);
    const first = await crawlDay(1);
    expect(first.report.verdict).toBe('complete');
    expect(new Set(first.details).size).toBe(10);
    expect(first.report.scopes.map(scope => scope.verdict)).toEqual(['complete', 'complete']);
    site.fault = () => undefined;
    const second = await crawlDay(2);
    expect(second.details.some(id => first.details.includes(id))).toBe(false);
  });

  test('budgets of run and day end the plan, not the run', async () => {
    openTown();
    const {report, details} = await crawlDay(1, {limits: {detailShare: 1, maxPages: 12}});
    // 3 + 2 search pages.
    expect([report.verdict, details.length]).toEqual(['complete', 7]);
    expect(report.detailPlan).toMatchObject({planned: {new: 7}, dirtyLeft: 33});
    const next = await crawlDay(2, {limits: {detailShare: 1, maxPagesPerDay: 9}});
    expect([next.report.verdict, next.details.length]).toEqual(['complete', 4]);
  });

  test('a listing of two searches is visited once, and a sample visits none', async () => {
    site.places.set(BELLO, toyListings(10));
    site.places.set(ITAGUI, toyListings(10));
    const {details, report} = await crawlDay(1, {limits: {detailShare: 1}});
    expect([details.length, new Set(details).size, report.detailPlan?.listings]).toEqual([10, 10, 10]);
    expect((await crawlDay(2, {limits: {detailShare: 1, sample: 5}})).details).toEqual([]);
  });

  test('stopped among its listing pages it goes on with the plan it made: nothing is planned or asked for twice', async () => {
    openTown();
    const stop = new AbortController();
    site.fault = () => {
      if (detailsAsked(0).length === 6) stop.abort();
      return undefined;
    };
    const stopped = await crawlDay(1, {limits: {detailShare: 0.75}, signal: stop.signal});
    const {detailPlan, isInterrupted} = stopped.report;
    expect(isInterrupted).toBe(true);
    expect(detailPlan).toMatchObject({planned: {new: 30}});
    const resumed = await crawlDay(1, {resume: 'newest'});
    expect(resumed.report.verdict).toBe('complete');
    expect(resumed.report.detailPlan).toEqual(detailPlan);
    const asked = [...stopped.details, ...resumed.details];
    expect([asked.length, new Set(asked).size]).toEqual([30, 30]);
  });

  test('stopped while one search is walked, the plan still ranks what the others showed', async () => {
    openTown();
    const stop = new AbortController();
    site.fault = path => {
      if (path.endsWith(`${ITAGUI}/pagina2`) && !stop.signal.aborted) {
        stop.abort();
        return {status: 503};
      }
      return undefined;
    };
    const stopped: {report: CrawlReport; details: number[]} = await crawlDay(1, {
      limits: {detailShare: 1},
      signal: stop.signal,
      retry: {baseDelayMs: 200, maxAttempts: 3, maxPauseMs: 2000},
    });
    expect([stopped.report.isInterrupted, stopped.report.detailPlan]).toEqual([true, null]);
    const resumed = await crawlDay(1, {resume: 'newest'});
    expect(resumed.report.verdict).toBe('complete');
    expect(resumed.details).toHaveLength(40);
  });
});
