import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {migrateDatabase} from '../../../src/db/migrate.ts';
import {testDatabase} from '../../support/database.ts';

const FOLDER = fileURLToPath(new URL('../../../drizzle/migrations', import.meta.url));

describe('the journal of migrations', () => {
  const {entries}: {entries: {idx: number; when: number; tag: string}[]} = JSON.parse(
    readFileSync(`${FOLDER}/meta/_journal.json`, 'utf8'),
  );

  it('is in order: the migrator silently skips a migration older than the last applied', () => {
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.map(entry => entry.idx)).toEqual(entries.map((_, index) => index));
    expect(entries.map(entry => entry.when)).toEqual(
      [...new Set(entries.map(entry => entry.when))].toSorted((a, b) => a - b),
    );
  });

  it('names each file once, and no file is missing or unnamed', () => {
    const files = readdirSync(FOLDER).filter(name => name.endsWith('.sql'));
    expect(files.toSorted()).toEqual(entries.map(entry => `${entry.tag}.sql`).toSorted());
    expect(existsSync(`${FOLDER}/meta/_journal.json`)).toBe(true);
  });
});

describe('migrateDatabase', () => {
  let database: Database;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  const applied = () => database.sql`select hash, created_at from drizzle.__drizzle_migrations order by id`;

  it('does nothing the second time', async () => {
    const before = await applied();
    await migrateDatabase(database.url);
    expect(await applied()).toEqual(before);
  });

  it('is applied once when several processes begin on an empty database', async () => {
    const before = await applied();
    await database.sql.unsafe('drop schema if exists api, ml, core, raw, ops, drizzle cascade');
    const notices = await Promise.all([1, 2, 3].map(() => migrateDatabase(database.url)));
    expect(notices).toEqual([[], [], []]);
    expect(await applied()).toEqual(before);
  });

  it('refuses a database that a newer Raíz has migrated', async () => {
    await database.sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 9999999999999)`;
    await expect(migrateDatabase(database.url)).rejects.toThrow(/newer version of Raíz.*Update/);
  });
});
