import {afterAll, beforeAll, expect, test} from 'vitest';
import {advertisersCommand} from '../../../../src/cli/commands/advertisers.ts';
import type {Database} from '../../../../src/db/client.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';
import {idOf, seedRows} from '../../../support/release-rows.ts';

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
  await seedRows(database);
});
afterAll(() => database.close());
const {run} = commandBench(advertisersCommand, () => database);

test('few cases are told apart from a habit', async () => {
  expect(await run()).toContain('No advertiser does anything far more often');
  // "cut" asks less than the low end of its range; "gone", the same home, was online with it for less than two days.
  expect(JSON.parse(await run('--all', '--json'))).toMatchObject([
    {advertiserKey: 'fr_0f72380746', oddity: 'low_price', cases: 1, isOdd: false},
  ]);
  expect(await run('--all')).toContain(idOf('cut'));
});
