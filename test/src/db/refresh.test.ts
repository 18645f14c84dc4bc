import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {type KnownVisit, knownVisits} from '../../../src/db/refresh.ts';
import {openCrawlRun} from '../../../src/db/runs.ts';
import type {Scope} from '../../../src/domain/page.ts';
import type {Verdict} from '../../../src/domain/vocabulary.ts';
import {testDatabase} from '../../support/database.ts';

const SCOPE: Scope = {portal: 'toy', operation: 'sale', propertyType: 'house', place: 'antioquia/bello'};
const ID = 'toy:id:1';
const URL_OF_IT = 'https://toy/1';
const day = (n: number) => new Date(Date.UTC(2026, 2, n, 12));

let database: Database;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.close());

async function openRun(n: number): Promise<{runId: number; runScopeId: number}> {
  const opened = await database.orm.transaction(tx =>
    openCrawlRun(tx, {
      portal: 'toy',
      scopes: [SCOPE],
      observedOn: `2026-03-${String(n).padStart(2, '0')}`,
      startedAt: day(n),
      isSynthetic: true,
      options: {},
    }),
  );
  return {runId: opened.runId, runScopeId: opened.scopes[0]?.runScopeId ?? 0};
}

/** One day of one listing: `s` a search, `v` a visit, each with a version of the payload; `-` unseen, `x` gone, `e` a failed visit. */
async function liveDay(n: number, what: string, verdict: Verdict = 'complete'): Promise<void> {
  const {runScopeId} = await openRun(n);
  const {sql} = database;
  await sql`update ops.run_scope set verdict = ${verdict}, observed_at = ${day(n)} where run_scope_id = ${runScopeId}`;
  // Another listing, so that a run without ours is a run that saw something.
  await see(runScopeId, n, 'toy:id:2', 'search', 'same', 'https://toy/2');
  const [kind = '', version = ''] = [what[0], what.slice(1)];
  if (kind === 's') await see(runScopeId, n, ID, 'search', version, URL_OF_IT);
  if (kind === 'v') await see(runScopeId, n, ID, 'listing', version, URL_OF_IT);
  if (kind === 'x') await see(runScopeId, n, ID, 'listing', null, URL_OF_IT);
  if (kind === 'e') await visitPage(runScopeId, n, 'listing', URL_OF_IT, 'error');
}

async function visitPage(
  runScopeId: number,
  n: number,
  kind: string,
  url: string,
  outcome: string,
): Promise<number> {
  const [page] = await database.sql<{pageId: number}[]>`
    insert into raw.page (run_scope_id, kind, url, final_url, status, fetched_at, outcome, bytes_received)
    values (${runScopeId}, ${kind}, ${url}, ${url}, 200, ${day(n)}, ${outcome}, 1) returning page_id as "pageId"`;
  return page?.pageId ?? 0;
}

async function see(
  runScopeId: number,
  n: number,
  listingId: string,
  kind: string,
  version: string | null,
  url: string,
): Promise<void> {
  const {sql} = database;
  const pageId = await visitPage(runScopeId, n, kind, url, version === null ? 'gone' : 'ok');
  if (version !== null) {
    const payload = {url, offers: [{operation: 'sale', price: version.length}], updatedOn: `day ${n}`};
    await sql`insert into raw.observation (listing_id, payload_hash, portal, source_kind, payload, staged_version, is_synthetic)
      values (${listingId}, ${version}, 'toy', 'crawl', ${sql.json(payload)}, 1, true) on conflict do nothing`;
  }
  await sql`insert into raw.sighting (run_scope_id, listing_id, observed_at, payload_hash, gone_reason, page_id)
    values (${runScopeId}, ${listingId}, ${day(n)}, ${version}, ${version === null ? 'gone' : null}, ${pageId})`;
}

/** What is known after these days, asked on the day after the last. */
async function knownAfter(days: readonly string[], verdicts: Readonly<Record<number, Verdict>> = {}) {
  for (const [index, what] of days.entries()) await liveDay(index + 1, what, verdicts[index + 1]);
  const {runId} = await openRun(days.length + 1);
  const all = await knownVisits(database.orm, runId, day(days.length + 1));
  return all.find(({listingId}) => listingId === ID);
}

const figures = (known: KnownVisit | undefined) =>
  known && [known.visibleChanges, known.visibleDays, known.hiddenChanges, known.hiddenDays];

describe('knownVisits', () => {
  test('a listing that only searches saw was never visited', async () => {
    const known = await knownAfter(['sA', 'sA', 'sB']);
    expect(known).toMatchObject({
      lastVisitedAt: null,
      visitOffers: null,
      reappearedAt: null,
      isMissing: false,
    });
    expect(figures(known)).toEqual([1, 2, 0, 0]);
  });

  test('searches and visits are each compared with their own kind', async () => {
    const known = await knownAfter(['sA', 'vAx', 'sA', 'vAx', 'sA']);
    expect(figures(known)).toEqual([0, 4, 0, 2]);
    expect(known?.lastVisitedAt).toEqual(day(4));
    expect(known?.visitOffers).toEqual([{operation: 'sale', price: 2}]);
    expect(known?.visitUpdatedOn).toBe('day 2');
  });

  test('a change that a visit finds is hidden when no search showed one', async () => {
    expect(figures(await knownAfter(['vAx', 'sA', 'sA', 'vAy', 'sA']))).toEqual([0, 4, 1, 3]);
  });

  test('a change of the visit’s own day shows in the next search, and is not hidden', async () => {
    expect(figures(await knownAfter(['vAx', 'sA', 'sA', 'vBx', 'sB']))).toEqual([1, 4, 0, 3]);
  });

  test('until a later search tells, the last visit’s finding counts as nothing', async () => {
    expect(figures(await knownAfter(['vAx', 'sA', 'sA', 'vAy']))).toEqual([0, 3, 0, 3]);
  });

  test('a failed visit counts as a visit, and says nothing', async () => {
    expect(await knownAfter(['sA', 'sA', 'e', 'sA'])).toMatchObject({
      lastVisitedAt: day(3),
      visitOffers: null,
      hiddenDays: 0,
    });
  });

  test('missing, back again, and gone and back', async () => {
    expect(await knownAfter(['sA', '-'])).toMatchObject({isMissing: true, reappearedAt: null});
    expect(await knownAfterFresh(['sA', '-', 'sA'])).toMatchObject({isMissing: false, reappearedAt: day(3)});
    expect(await knownAfterFresh(['sA', 'x', 'sA'])).toMatchObject({
      reappearedAt: day(3),
      lastVisitedAt: day(2),
    });
    expect(await knownAfterFresh(['sA', 'x'])).toMatchObject({isMissing: true});
  });

  test('a run that is not complete misses nobody', async () => {
    expect(await knownAfter(['sA', '-', 'sA', '-'], {2: 'incomplete', 4: 'blocked'})).toMatchObject({
      isMissing: false,
      reappearedAt: null,
    });
  });

  test('what is older than the window is forgotten', async () => {
    await liveDay(1, 'sA');
    const {runId} = await openRun(31);
    const later = new Date(day(1).getTime() + 61 * 86_400_000);
    expect(await knownVisits(database.orm, runId, later)).toEqual([]);
    expect(await knownVisits(database.orm, runId, day(31))).toHaveLength(2);
  });
});

async function knownAfterFresh(days: readonly string[]) {
  await database.sql`truncate ops.run cascade`;
  await database.sql`truncate raw.observation`;
  return knownAfter(days);
}
