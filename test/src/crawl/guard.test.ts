import {afterAll, beforeAll, expect, test} from 'vitest';
import {reviewRefusal} from '../../../src/crawl/guard.ts';
import type {Database} from '../../../src/db/client.ts';
import {recordReview} from '../../../src/db/reviews.ts';
import {testDatabase} from '../../support/database.ts';
import {toyPortal} from '../../support/toy-portal.ts';

const NOW = new Date('2026-03-02T15:00:00Z');

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test('says why a portal is left out, until a person has decided that it may be crawled', async () => {
  expect(await reviewRefusal(database.orm, toyPortal, NOW)).toMatch(
    /nobody has decided yet.*portal review toy/,
  );
  await recordReview(database.orm, {
    portal: 'toy',
    reviewedOn: '2026-03-01',
    reviewedBy: 'Ana',
    mayCrawl: true,
    mayRelease: false,
    maySell: false,
    note: 'read',
  });
  expect(await reviewRefusal(database.orm, toyPortal, NOW)).toBeUndefined();
});

test('lets troubles of the database through', async () => {
  const closed = await testDatabase();
  await closed.close();
  await expect(reviewRefusal(closed.orm, toyPortal, NOW)).rejects.toThrow();
});
