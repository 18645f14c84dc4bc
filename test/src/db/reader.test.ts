import {rm, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, inject, it} from 'vitest';
import {connectDatabase, type Database} from '../../../src/db/client.ts';
import {openDatabase} from '../../../src/db/open.ts';
import {readerUrl} from '../../../src/db/reader.ts';

let database: Database;
const passwordFile = join(inject('serverFolder'), 'reader-password');
/** The embedded server, which wants passwords; never a server of somebody's, whose reader may be in use. */
beforeAll(async () => {
  database = await openDatabase({env: {}, dataDir: inject('serverFolder'), databaseName: 'raiz'});
});
afterAll(async () => {
  await database.close();
  await rm(passwordFile, {force: true});
});

it('gives an address that reads api, and the same one the next time', async () => {
  const url = await readerUrl(database, passwordFile);
  expect((await stat(passwordFile)).mode & 0o777).toBe(0o600);
  expect(await readerUrl(database, passwordFile)).toBe(url);
  const reader = await connectDatabase(url, {max: 1});
  expect(
    await reader.sql`select current_user as name, current_setting('transaction_read_only') as reads_only`,
  ).toEqual([{name: 'raiz_reader', reads_only: 'on'}]);
  await expect(reader.sql`select * from core.listing`).rejects.toThrow(/permission denied/);
  await expect(reader.sql`create temp table t (a int)`).rejects.toThrow(/read-only transaction/);
  await reader.close();
});

it('sets the password again when another one is in force', async () => {
  await writeFile(passwordFile, 'another-password\n');
  const url = await readerUrl(database, passwordFile);
  expect(new URL(url).password).toBe('another-password');
  await (await connectDatabase(url, {max: 1})).close();
});
