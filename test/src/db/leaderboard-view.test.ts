import {afterAll, beforeAll, expect, test} from 'vitest';
import {model} from '../../../drizzle/schema/ml.ts';
import type {Database} from '../../../src/db/client.ts';
import {applyViews} from '../../../src/db/views.ts';
import {testDatabase} from '../../support/database.ts';
import {day, seedRows} from '../../support/release-rows.ts';

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
  await applyViews(database);
  await seedRows(database);
});
afterAll(() => database.close());

test('api.leaderboard says in percent how each row stands, and which training is the newest', async () => {
  const [former] = await database.orm.select().from(model).limit(1);
  await database.orm.insert(model).values({
    ...former!,
    ...{modelId: 'newer', trainingId: 't2', trainedAt: day(20), isChampion: false, sizeBytes: 1200, seed: 9},
    comparison: {againstModelId: 'champion', relative: -0.02, low: -0.04, high: -0.01},
  });
  const rows = await database.sql`select * from api.leaderboard order by candidate_id`;
  expect(rows.map(row => [row.candidate_id, row.is_champion, row.is_newest_training])).toEqual([
    ['champion', true, false],
    ['newer', false, true],
    ['other', false, false],
  ]);
  expect(rows[1]).toMatchObject({
    mdape_pct: 10,
    within_10_pct: 50,
    range_coverage_pct: 80,
    relative_error_pct: -2,
    relative_error_high_pct: -1,
    compared_with: 'champion',
    size_bytes: 1200,
    training_seed: 9,
    candidate_kind: 'fitted',
  });
});

test('an operation has one champion at most', async () => {
  const [former] = await database.orm.select().from(model).limit(1);
  await expect(
    database.orm.insert(model).values({...former!, modelId: 'second', isChampion: true}),
  ).rejects.toThrow();
});
