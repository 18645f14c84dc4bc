/**
 * What a page costs the frontier, lease and commit together, by what else lies in the table: a queue a hundred times
 * as long, and rows of pages that were visited before. Neither may count.
 */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {sql} from 'drizzle-orm';
import type {Database} from '../../src/db/client.ts';
import {addToCounters, addToFrontier, changeFrontier, insertPages, leasePages} from '../../src/db/pages.ts';
import {openCrawlRun} from '../../src/db/runs.ts';
import {openBenchDatabase, postgresCpuSeconds} from './bench-database.ts';
import type {BenchRow} from './bench-row.ts';
import {benchScopes} from './crawl-searches.ts';

const HOST = 'bench.invalid';
const BLOCK = 100;
const BLOCKS = 15;
const CASES = [
  {label: '2,000 queued', queued: 2000, done: 0},
  {label: '200,000 queued', queued: 200_000, done: 0},
  {label: '10,000 queued behind 190,000 done', queued: 10_000, done: 190_000},
] as const;

export async function benchFrontier(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'raiz-bench-'));
  const {database, close} = await openBenchDatabase(folder);
  try {
    const rows: BenchRow[] = [];
    for (const {label, queued, done} of CASES) {
      const run = await fillRun(database, queued, done);
      rows.push(...(await measure(database, run, label)));
    }
    return rows;
  } finally {
    await close();
    await rm(folder, {recursive: true, force: true});
  }
}

interface FilledRun {
  readonly runId: number;
  readonly runScopeId: number;
}

/** The done rows were queued, leased and done one after the other, as in a crawl, and nobody has vacuumed since. */
async function fillRun(database: Database, queued: number, done: number): Promise<FilledRun> {
  const run = await database.orm.transaction(tx =>
    openCrawlRun(tx, {
      portal: 'fincaraiz',
      scopes: benchScopes(1),
      observedOn: '2026-09-01',
      startedAt: new Date(),
      isSynthetic: true,
      options: {},
    }),
  );
  const runScopeId = run.scopes[0]?.runScopeId ?? 0;
  await database.orm.execute(sql`alter table raw.frontier set (autovacuum_enabled = off)`);
  await database.orm.execute(sql`
    insert into raw.frontier (run_id, run_scope_id, kind, url, host)
    select ${run.runId}::bigint, ${runScopeId}::bigint, 'search', 'http://bench.invalid/' || n, ${HOST}::text
    from generate_series(1, ${queued + done}::int) n order by n`);
  for (const state of done > 0 ? ['leased', 'done'] : []) {
    await database.orm.execute(sql`
      update raw.frontier set state = ${state}
      where frontier_id in (select frontier_id from raw.frontier where run_id = ${run.runId} order by 1 limit ${done}::int)`);
  }
  await database.orm.execute(sql`analyze raw.frontier`);
  return {runId: run.runId, runScopeId};
}

async function measure(database: Database, run: FilledRun, label: string): Promise<BenchRow[]> {
  await visitBlock(database, run, 0); // Plans and pages of the table are warm.
  const [cpu, read] = [await postgresCpuSeconds(database), await blocksRead(database)];
  let leaseMs = 0;
  let commitMs = 0;
  for (let block = 1; block <= BLOCKS; block++) {
    const times = await visitBlock(database, run, block);
    leaseMs += times.leaseMs;
    commitMs += times.commitMs;
  }
  const pages = BLOCKS * BLOCK;
  const name = `frontier, ${label}`;
  return [
    {name: `${name}: lease`, value: leaseMs / pages, unit: 'ms a page'},
    {name: `${name}: commit`, value: commitMs / pages, unit: 'ms a page'},
    {
      name,
      value: ((await postgresCpuSeconds(database)) - cpu) * (1000 / pages) * 1000,
      unit: 'Postgres CPU ms per 1,000 pages',
    },
    {
      name,
      value: ((await blocksRead(database)) - read) / pages,
      unit: 'blocks of the frontier touched a page',
    },
  ];
}

/** Leases pages and commits them as visited, each page with the address of one that is known already and one new. */
async function visitBlock(database: Database, {runId, runScopeId}: FilledRun, block: number) {
  const started = performance.now();
  const leases = await leasePages(database.orm, runId, 'bench', BLOCK);
  const leased = performance.now();
  if (leases.length !== BLOCK) throw new Error(`asked for ${BLOCK} pages, got ${leases.length}`);
  await database.orm.transaction(async tx => {
    await insertPages(
      tx,
      leases.map(({kind, url}) => ({
        ...{runScopeId, kind, url, finalUrl: url, status: 200, fetchedAt: new Date(), outcome: 'ok' as const},
        ...{
          bytesReceived: 97_000,
          contentSha256: '0'.repeat(64),
          file: 'bench',
          fileOffset: 0,
          fileLength: 1,
        },
      })),
    );
    await changeFrontier(
      tx,
      leases.map(({frontierId}) => ({
        frontierId,
        state: 'done' as const,
        attempts: 0,
        delayMs: null,
        error: null,
      })),
    );
    await addToCounters(tx, [
      {runScopeId, pagesDone: BLOCK, pagesFailed: 0, listingsSeen: null, announcedTotal: null},
    ]);
    const found = leases.flatMap(({kind, url}, n) => [
      {runScopeId, kind, url},
      {runScopeId, kind, url: `http://bench.invalid/new-${block}-${n}`},
    ]);
    await addToFrontier(tx, runId, HOST, found);
  });
  return {leaseMs: leased - started, commitMs: performance.now() - leased};
}

/** Blocks of the table and its indexes that were looked at so far, in memory or on disk. */
async function blocksRead(database: Database): Promise<number> {
  await database.orm.execute(sql`select pg_stat_force_next_flush()`);
  const [row] = await database.orm.execute<{blocks: string}>(sql`
    select heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit as blocks
    from pg_statio_user_tables where relid = 'raw.frontier'::regclass`);
  return Number(row?.blocks ?? 0);
}
