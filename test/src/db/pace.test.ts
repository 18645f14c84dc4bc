import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {pauseHost, reserveSlot} from '../../../src/db/pace.ts';
import {testDatabase} from '../../support/database.ts';

let database: Database;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.close());

test('slots asked for at once are a delay apart, whoever asks', async () => {
  const waits = await Promise.all(Array.from({length: 5}, () => reserveSlot(database.orm, 'host', 10_000)));
  waits.sort((a, b) => a - b);
  expect(waits[0]).toBeLessThan(1000);
  for (let n = 1; n < 5; n++) expect(waits[n]! - waits[n - 1]!).toBeGreaterThan(5000);
  expect(waits[4]).toBeLessThanOrEqual(41_000);
});

test('hosts do not wait for each other, and a pause moves the next slot', async () => {
  await reserveSlot(database.orm, 'a', 60_000);
  expect(await reserveSlot(database.orm, 'b', 60_000)).toBeLessThan(1000);
  await pauseHost(database.orm, 'c', 120_000);
  expect(await reserveSlot(database.orm, 'c', 1000)).toBeGreaterThan(60_000);
});
