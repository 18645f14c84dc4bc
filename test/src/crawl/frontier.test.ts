import {afterEach, beforeEach, expect, test} from 'vitest';
import {Frontier} from '../../../src/crawl/frontier.ts';
import type {Database} from '../../../src/db/client.ts';
import {addToFrontier, releaseLeases} from '../../../src/db/pages.ts';
import {openCrawlRun} from '../../../src/db/runs.ts';
import {testDatabase} from '../../support/database.ts';
import {toyScope} from '../../support/toy-portal.ts';

let database: Database;
let runId: number;
let frontier: Frontier;

beforeEach(async () => {
  database = await testDatabase();
  await database.orm.transaction(async tx => {
    const run = await openCrawlRun(tx, {
      ...{portal: 'toy', scopes: [toyScope('a/b')], observedOn: '2026-03-01', startedAt: new Date(0)},
      ...{isSynthetic: true, options: {}},
    });
    runId = run.runId;
    const runScopeId = run.scopes[0]!.runScopeId;
    const urls = ['u1', 'u2', 'u3'];
    await addToFrontier(
      tx,
      runId,
      'host',
      urls.map(url => ({runScopeId, kind: 'search' as const, url})),
    );
  });
  frontier = new Frontier({
    ...{db: database.orm, runId, owner: 'me', block: 2},
    ...{isFinished: () => false, onDry: () => {}},
  });
});

afterEach(() => database.close());

const leased = async () =>
  (await database.sql`select count(*)::int as n from raw.frontier where state = 'leased'`)[0]?.n;

test('hands out every page once, block by block', async () => {
  const urls: string[] = [];
  for await (const request of frontier) urls.push(request.url);
  expect(urls).toEqual(['u1', 'u2', 'u3']);
  expect(await frontier.isEmpty()).toBe(true);
});

test('a block that is being leased while the crawl stops can be waited for and given back', async () => {
  let unlock = () => {};
  const held = new Promise<void>(resolve => {
    unlock = resolve;
  });
  let locked: Promise<unknown> = held;
  await new Promise<void>(isLocked => {
    locked = database.sql.begin(async tx => {
      await tx`lock table raw.frontier in access exclusive mode`;
      isLocked();
      await held;
    });
  });
  const empty = frontier.isEmpty();
  frontier.stop();
  unlock();
  await locked;
  await frontier.settle();
  expect(await leased()).toBe(2);
  await releaseLeases(database.orm, runId, 'me');
  await empty;
  expect(await frontier.fetchNextRequest()).toBeNull();
  expect(await leased()).toBe(0);
});
