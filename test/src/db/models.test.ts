import {afterEach, beforeEach, expect, test} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {selectTrainingRows} from '../../../src/db/models.ts';
import {testDatabase} from '../../support/database.ts';
import {knownWorld} from '../../support/housing-world.ts';
import {saveWorld} from '../../support/saved-world.ts';

let database: Database;

beforeEach(async () => {
  database = await testDatabase();
});

afterEach(() => database.close());

test('training rows say what is near, and nothing of what is not', async () => {
  const [near, far] = knownWorld({homes: 2, seed: 1}) as [
    ReturnType<typeof knownWorld>[0],
    ReturnType<typeof knownWorld>[0],
  ];
  await saveWorld(database, [near, {...far, nearestM: {}}]);
  const rows = await selectTrainingRows(database.orm, ['sale', 'rent']);
  const read = new Map(rows.map(row => [row.listingId, row.nearestM]));
  expect(read.get(near.listingId)).toEqual(near.nearestM);
  expect(read.get(far.listingId)).toEqual({});
});
