import {sql} from 'drizzle-orm';
import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {
  addToFrontier,
  changeFrontier,
  countOpenPages,
  leasePages,
  nextDueMs,
  releaseLeases,
  skipQueued,
} from '../../../src/db/pages.ts';
import {openCrawlRun} from '../../../src/db/runs.ts';
import {testDatabase} from '../../support/database.ts';
import {toyScope} from '../../support/toy-portal.ts';

let database: Database;
let runId: number;
let runScopeId: number;

beforeEach(async () => {
  database = await testDatabase();
  const run = await database.orm.transaction(tx =>
    openCrawlRun(tx, {
      ...{portal: 'toy', scopes: [toyScope('a/b')], observedOn: '2026-03-01', startedAt: new Date(0)},
      ...{isSynthetic: true, options: {}},
    }),
  );
  runId = run.runId;
  runScopeId = run.scopes[0]!.runScopeId;
});

afterEach(() => database.close());

const add = (from: number, to: number) =>
  database.orm.transaction(tx =>
    addToFrontier(
      tx,
      runId,
      'host',
      Array.from({length: to - from}, (_, n) => ({runScopeId, kind: 'search' as const, url: `u${from + n}`})),
    ),
  );

test('an address enters the frontier of a scope once', async () => {
  expect(await add(0, 3)).toEqual(new Map([[runScopeId, 3]]));
  expect(await add(1, 5)).toEqual(new Map([[runScopeId, 2]]));
});

test('two processes never lease the same page', async () => {
  await add(0, 100);
  const leases = await Promise.all(
    ['a', 'b', 'c', 'd'].map(owner => leasePages(database.orm, runId, owner, 30)),
  );
  const urls = leases.flat().map(lease => lease.url);
  expect(urls).toHaveLength(100);
  expect(new Set(urls).size).toBe(100);
  expect(await leasePages(database.orm, runId, 'e', 30)).toEqual([]);
});

test('leases are given back by their owner, and those that ended are taken by another', async () => {
  await add(0, 4);
  await leasePages(database.orm, runId, 'a', 2);
  await leasePages(database.orm, runId, 'b', 2);
  await releaseLeases(database.orm, runId, 'a');
  expect((await leasePages(database.orm, runId, 'c', 9)).map(lease => lease.url)).toEqual(['u0', 'u1']);
  await database.sql`update raw.frontier set lease_until = now() - interval '1 second' where lease_owner = 'b'`;
  expect((await leasePages(database.orm, runId, 'c', 9)).map(lease => lease.url)).toEqual(['u2', 'u3']);
});

test('a page that rests is not leased before its time', async () => {
  await add(0, 2);
  const [first, second] = await leasePages(database.orm, runId, 'a', 2);
  await database.orm.transaction(tx =>
    changeFrontier(tx, [
      {frontierId: first!.frontierId, state: 'queued', attempts: 1, delayMs: 60_000, error: 'x'},
      {frontierId: second!.frontierId, state: 'done', attempts: 0, delayMs: null, error: null},
    ]),
  );
  expect(await leasePages(database.orm, runId, 'a', 2)).toEqual([]);
  const dueMs = await nextDueMs(database.orm, runId);
  expect(dueMs).toBeGreaterThan(30_000);
  expect(dueMs).toBeLessThanOrEqual(60_000);
  expect(await countOpenPages(database.orm, runId)).toEqual(new Map([[runScopeId, 1]]));
  expect(await database.orm.transaction(tx => skipQueued(tx, [runScopeId], 'budget'))).toEqual(
    new Map([[runScopeId, 1]]),
  );
  expect(await nextDueMs(database.orm, runId)).toBeUndefined();
});

test('a lease walks past no page that was visited before', async () => {
  await database.orm.execute(sql`
    insert into raw.frontier (run_id, run_scope_id, kind, url, host, state)
    select ${runId}::bigint, ${runScopeId}::bigint, 'search', 'n' || n, 'host', case when n <= 30000 then 'done' else 'queued' end
    from generate_series(1, 32000) n order by n`);
  await database.orm.execute(sql`analyze raw.frontier`);
  const {leases, rowsRead} = await database.orm.transaction(async tx => {
    const taken = await leasePages(tx, runId, 'me', 100);
    const [row] = await tx.execute<{rows: number}>(sql`
      select (coalesce(idx_tup_fetch, 0) + seq_tup_read)::int as rows
      from pg_stat_xact_user_tables where relid = 'raw.frontier'::regclass`);
    return {leases: taken, rowsRead: row?.rows};
  });
  expect(leases.map(({url}) => url)).toEqual(Array.from({length: 100}, (_, n) => `n${30_001 + n}`));
  expect(rowsRead).toBeGreaterThanOrEqual(100);
  expect(rowsRead).toBeLessThan(1000);
});
