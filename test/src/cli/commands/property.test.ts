import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, beforeEach, expect, test, vi} from 'vitest';
import {propertyCommand} from '../../../../src/cli/commands/property.ts';
import type {Database} from '../../../../src/db/client.ts';
import {loadPropertyDecisions} from '../../../../src/db/properties.ts';
import {testDatabase} from '../../../support/database.ts';
import {idOf, seedRows} from '../../../support/release-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'raiz-property-command-'));
let database: Database;
let output = '';

beforeAll(async () => {
  database = await testDatabase();
  await seedRows(database);
});
afterAll(async () => {
  await database.close();
  rmSync(folder, {recursive: true});
});
beforeEach(() => {
  output = '';
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('RAIZ_DATA_DIR', folder);
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    output += String(text);
    return true;
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function run(...args: string[]): Promise<string> {
  await propertyCommand().exitOverride().parseAsync(args, {from: 'user'});
  return output;
}

test('a home is shown by its own id and by any of its listings', async () => {
  const adverts = JSON.parse(await run('show', 'p1', '--json'));
  expect(adverts.map((row: {listingId: string}) => row.listingId)).toEqual(
    [idOf('cut'), idOf('gone')].sort(),
  );
  output = '';
  expect(await run('show', idOf('cut'))).toContain(idOf('gone'));
});

test('a split is recorded against every other advert of the home, a join against the one given', async () => {
  await run('split', idOf('cut'), '--note', 'another tower', '--by', 'ana');
  expect(output).toContain('raiz stage match');
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
