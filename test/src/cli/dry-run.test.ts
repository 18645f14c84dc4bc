import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest';
import {crawlCommand} from '../../../src/cli/commands/crawl.ts';
import type {Database} from '../../../src/db/client.ts';
import {openCrawlRun} from '../../../src/db/runs.ts';
import type {Scope} from '../../../src/domain/page.ts';
import {commandBench} from '../../support/command.ts';
import {testDatabase} from '../../support/database.ts';

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const {run, folder} = commandBench(crawlCommand, () => database);
const BELLO = ['fincaraiz', '--city', 'bello', '--operation', 'rent', '--type', 'house'];

/** A finished walk of a search of Bello: 42 adverts on two pages, announced as 63, of the real site or a stand-in. */
async function walkBello(propertyType: Scope['propertyType'], at: Date, isLoopback: boolean): Promise<void> {
  const scope: Scope = {portal: 'fincaraiz', operation: 'rent', propertyType, place: 'antioquia/bello'};
  await database.orm.transaction(async tx => {
    const {scopes} = await openCrawlRun(tx, {
      portal: 'fincaraiz',
      scopes: [scope],
      observedOn: '2026-03-01',
      startedAt: at,
      isSynthetic: true,
      options: {isLoopback},
    });
    const id = scopes[0]?.runScopeId ?? 0;
    await tx.execute(`update ops.run_scope set verdict = 'incomplete', observed_at = '${at.toISOString()}',
      announced_total = 63, listings_seen = 42 where run_scope_id = ${id}`);
    await tx.execute(`insert into raw.page (run_scope_id, kind, url, final_url, status, fetched_at, outcome, bytes_received)
      select ${id}, 'search', 'https://p/' || n, 'https://p/' || n, 200, '${at.toISOString()}', 'ok', 1 from generate_series(1, 2) n`);
  });
}

describe('raiz crawl --dry-run', () => {
  test('with no server running it starts none, makes no folder, and says that it knows nothing', async () => {
    vi.stubEnv('DATABASE_URL', undefined);
    vi.stubEnv('RAIZ_DATA_DIR', join(folder, 'nothing-yet'));
    const output = await run(...BELLO, '--dry-run');
    expect(output).toContain('requests: not known: no database is running here (raiz db up)');
    expect(output).toContain('up to 4,000 pages, one page in 2 s: up to 2.2 hours');
    expect(existsSync(join(folder, 'nothing-yet'))).toBe(false);
  });

  test('a database without tables is read as it stands and stays so', async () => {
    const [{name} = {name: ''}] = await database.sql<
      {name: string}[]
    >`select current_database() || '_bare' as name`;
    await database.sql`create database ${database.sql(name)}`;
    try {
      const bare = new URL(database.url);
      bare.pathname = `/${name}`;
      vi.stubEnv('DATABASE_URL', bare.href);
      expect(await run(...BELLO, '--dry-run')).toContain('1 searches have never been walked');
      bare.pathname = `/${name}_not_there`;
      vi.stubEnv('DATABASE_URL', bare.href);
      expect(await run(...BELLO, '--dry-run')).toContain('no database is running here');
    } finally {
      await database.sql`drop database ${database.sql(name)} with (force)`;
    }
  });

  test('estimates requests from the newest walk, and takes today off the day', async () => {
    const dayLeftBefore = JSON.parse(await run(...BELLO, '--dry-run', '--json'))[0].dayLeft;
    await walkBello('house', new Date('2026-03-01T15:00:00Z'), false);
    await walkBello('house', new Date(), false);
    await walkBello('apartment', new Date(), true);
    const [known] = JSON.parse(await run(...BELLO, '--dry-run', '--json'));
    // 63 adverts at 21 a page; 2 % of them: one listing page.
    expect(known).toMatchObject({
      estimate: {listings: 63, searchPages: 3, detailPages: 1, pages: 4, searchesUnknown: 0},
      requests: 4,
      dayLeft: dayLeftBefore - 2,
    });
    expect(known.hours).toBeCloseTo((4 * 2) / 3600, 10);
    const text = await run(...BELLO, '--dry-run');
    expect(text).toContain(
      'about 3 search pages for 63 adverts announced last time, at most 1 listing pages: 4 in all',
    );
    expect(text).toMatch(/budget: at most 4,000 pages, [\d,]+ left today/);
  });

  test('searches nobody has walked make it the whole budget, and it says so', async () => {
    const [known] = JSON.parse(
      await run('fincaraiz', '--city', 'bello', '--operation', 'rent', '--dry-run', '--json'),
    );
    expect(known.estimate.searchesUnknown).toBeGreaterThan(0);
    expect(known.requests).toBe(Math.min(known.maxPages, known.dayLeft));
  });
});
