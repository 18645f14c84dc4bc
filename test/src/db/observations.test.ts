import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {
  removePageReadings,
  type SavedReading,
  saveGone,
  saveIssues,
  saveReadings,
  saveRejects,
} from '../../../src/db/observations.ts';
import {insertPages} from '../../../src/db/pages.ts';
import {openCrawlRun} from '../../../src/db/runs.ts';
import {payloadHash} from '../../../src/lib/payload-hash.ts';
import {testDatabase} from '../../support/database.ts';
import {TOY_HOME, toyHtml, toyPortal, toyScope} from '../../support/toy-portal.ts';

let database: Database;
let runScopeId: number;

beforeEach(async () => {
  database = await testDatabase();
  runScopeId = await database.orm.transaction(async tx => {
    const run = await openCrawlRun(tx, {
      ...{portal: 'toy', scopes: [toyScope('a/b')], observedOn: '2026-03-01', startedAt: new Date(0)},
      ...{isSynthetic: true, options: {}},
    });
    const id = run.scopes[0]!.runScopeId;
    const page = {
      runScopeId: id,
      kind: 'search',
      finalUrl: '',
      status: 200,
      fetchedAt: new Date(0),
      outcome: 'ok',
      bytesReceived: 1,
    } as const;
    await insertPages(
      tx,
      [1, 2, 3].map(n => ({...page, url: `u${n}`})),
    );
    return id;
  });
});

afterEach(() => database.close());

const ORIGIN = {sourceKind: 'crawl', isSynthetic: true} as const;

function reading(id: number, price: number, at: string, changes: Partial<SavedReading> = {}): SavedReading {
  const url = `${TOY_HOME}/sale/house/a/b`;
  const content = toyPortal.keep(
    toyHtml({place: 'a/b', page: 1, lastPage: 1, total: 1, listings: [{id, price}]}),
  );
  const page = {
    ref: {kind: 'search', url},
    scope: toyScope('a/b'),
    status: 200,
    finalUrl: url,
    fetchedAt: new Date(0),
    content,
  } as const;
  const {listing} = toyPortal.parseSearch(page).listings[0]!;
  return {
    runScopeId,
    observedAt: new Date(at),
    listing,
    payloadHash: payloadHash(listing),
    unread: [],
    ...changes,
  };
}

const save = (...readings: SavedReading[]) =>
  database.orm.transaction(tx => saveReadings(tx, readings, ORIGIN));

const sightings = async () =>
  (
    await database.sql`select listing_id, observed_at, payload_hash, gone_reason from raw.sighting order by 1`
  ).map(row => ({...row}));

const EARLY = '2026-03-01T10:00:00Z';
const LATE = '2026-03-01T11:00:00Z';

test('the latest sighting of a listing wins, in whatever order they come', async () => {
  const early = reading(1, 5, EARLY);
  const late = reading(1, 6, LATE);
  const expected = [
    {listing_id: 'toy:id:1', observed_at: new Date(LATE), payload_hash: late.payloadHash, gone_reason: null},
  ];
  await save(early, late);
  expect(await sightings()).toEqual(expected);
  await save(early);
  expect(await sightings()).toEqual(expected);
  await database.sql`truncate raw.sighting`;
  await save(late, early);
  expect(await sightings()).toEqual(expected);
});

test('at one instant the later page wins, then the later row', async () => {
  await save(reading(1, 5, EARLY, {pageId: 2}), reading(1, 6, EARLY, {pageId: 1}));
  await save(reading(2, 5, EARLY, {sourceRow: 9}), reading(2, 6, EARLY, {sourceRow: 3}));
  const rows = await sightings();
  expect(rows.map(row => row.payload_hash)).toEqual([
    reading(1, 5, EARLY).payloadHash,
    reading(2, 5, EARLY).payloadHash,
  ]);
});

test('a listing that is gone has no payload; an earlier sight of it does not bring it back', async () => {
  const gone = {runScopeId, listingId: 'toy:id:1', observedAt: new Date(LATE), goneReason: 'HTTP 404'};
  await database.orm.transaction(tx => saveGone(tx, [gone]));
  await save(reading(1, 5, EARLY));
  expect(await sightings()).toEqual([
    {listing_id: 'toy:id:1', observed_at: new Date(LATE), payload_hash: null, gone_reason: 'HTTP 404'},
  ]);
});

test('removing what a page said leaves other pages alone', async () => {
  await save(reading(1, 5, EARLY, {pageId: 1}), reading(2, 5, EARLY, {pageId: 2}));
  const reject = (page: number) => ({
    runScopeId,
    sourceRef: `page:${page}$.data[0]`,
    rule: 'record_shape',
    message: 'm',
  });
  await database.orm.transaction(async tx => {
    await saveRejects(tx, [reject(1), reject(2), reject(2)]);
    await removePageReadings(tx, [1]);
  });
  expect((await sightings()).map(row => row.listing_id)).toEqual(['toy:id:2']);
  expect((await database.sql`select source_ref from raw.rejected_record`).map(row => row.source_ref)).toEqual(
    ['page:2$.data[0]'],
  );
});

test('issues are counted by what and where, not by position', async () => {
  const issue = (n: number, value = 'mansión') => ({
    code: 'unknown_word',
    message: `unknown "${value}"`,
    path: `$.data[${n}].type`,
    value,
  });
  const at = (hour: number) => new Date(`2026-03-01T0${hour}:00:00Z`);
  await database.orm.transaction(tx =>
    saveIssues(tx, 'toy', [issue(1), issue(2), issue(3, 'loft\0')], at(5)),
  );
  await database.orm.transaction(tx => saveIssues(tx, 'toy', [issue(7)], at(4)));
  const rows =
    await database.sql`select code, source, path, value, occurrences, first_seen_at, last_seen_at from ops.issue order by occurrences desc`;
  expect({...rows[0]}).toEqual({
    ...{code: 'unknown_word', source: 'toy', path: '$.data[].type', value: 'mansión', occurrences: 3},
    ...{first_seen_at: at(4), last_seen_at: at(5)},
  });
  expect(rows[1]).toMatchObject({value: 'loft\ufffd', occurrences: 1});
});
