import {afterAll, beforeAll, expect, test} from 'vitest';
import {propertyCommand} from '../../../../src/cli/commands/property.ts';
import type {Database} from '../../../../src/db/client.ts';
import {loadPropertyDecisions} from '../../../../src/db/properties.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';
import {idOf, seedRows} from '../../../support/release-rows.ts';

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
  await seedRows(database);
});
afterAll(async () => {
  await database.close();
});
const {run} = commandBench(propertyCommand, () => database);

test('a home is shown by its own id and by any of its listings', async () => {
  const adverts = JSON.parse(await run('show', 'p1', '--json'));
  expect(adverts.map((row: {listingId: string}) => row.listingId)).toEqual(
    [idOf('cut'), idOf('gone')].sort(),
  );
  expect(await run('show', idOf('cut'))).toContain(idOf('gone'));
});

test('a split is recorded against every other advert of the home, a join against the one given', async () => {
  const said = await run('split', idOf('cut'), '--note', 'another tower', '--by', 'ana');
  expect(said).toContain('raiz stage match');
  await run('join', idOf('cut'), idOf('gone'), '--note', 'same balcony', '--by', 'ana');
  expect(await loadPropertyDecisions(database.orm)).toEqual([
    {listingId: idOf('cut'), otherListingId: idOf('gone'), verdict: 'split'},
    {listingId: idOf('cut'), otherListingId: idOf('gone'), verdict: 'join'},
  ]);
});

test('an unknown listing is refused and says what to do', async () => {
  await expect(run('join', idOf('cut'), 'nobody:id:1', '--note', 'x')).rejects.toThrow(
    /nobody:id:1.*raiz stage match/,
  );
  await expect(run('show', 'p:none')).rejects.toThrow(/no matched listing or home/);
});
