import {randomBytes} from 'node:crypto';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {connectDatabase, type Database} from '../../../src/db/client.ts';
import {withDatabase} from '../../../src/db/open.ts';
import {ensureRoles, READER, WRITER} from '../../../src/db/roles.ts';
import {testDatabase, testServerUrl} from '../../support/database.ts';

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
  await database.sql.unsafe('create schema if not exists api');
});
afterAll(() => database.close());

/** Runs a statement as a role, in a transaction that is rolled back. */
async function as(role: string, statement: string): Promise<unknown[]> {
  const rolledBack = new Error('rolled back');
  let rows: unknown[] = [];
  await database.sql
    .begin(async sql => {
      await sql.unsafe(`set local role ${role}`);
      rows = [...(await sql.unsafe(statement))];
      throw rolledBack;
    })
    .catch((error: unknown) => {
      if (error !== rolledBack) throw error;
    });
  return rows;
}

describe('the reader', () => {
  it('reads views of api, also one made later, without a right on what lies under it', async () => {
    await database.sql.unsafe('create view api.later as select count(*)::int as listings from core.listing');
    expect(await as(READER, 'select listings from api.later')).toEqual([{listings: 0}]);
    await expect(as(READER, 'select * from core.listing')).rejects.toThrow(
      /permission denied for schema core/,
    );
    await expect(as(READER, 'select * from raw.page')).rejects.toThrow(/permission denied/);
  });

  it('writes nothing', async () => {
    await database.sql.unsafe('create table api.writable (a int)');
    await expect(as(READER, 'insert into api.writable values (1)')).rejects.toThrow(/permission denied/);
    await expect(as(READER, 'create table api.mine (a int)')).rejects.toThrow(/permission denied/);
  });

  it('is limited by settings of its own', async () => {
    const [role] = await database.sql`
      select rolcanlogin, rolconnlimit > 0 as limited, rolconfig from pg_roles where rolname = ${READER}`;
    expect(role).toMatchObject({rolcanlogin: true, limited: true});
    expect(role?.rolconfig).toEqual(
      expect.arrayContaining(['default_transaction_read_only=on', 'statement_timeout=60s']),
    );
  });

  it('reads api again after it was dropped and made anew', async () => {
    await database.sql.unsafe(
      'drop schema api cascade; create schema api; create view api.anew as select 1 as one',
    );
    await expect(as(READER, 'select one from api.anew')).rejects.toThrow(/permission denied/);
    expect(await ensureRoles(database.sql)).toEqual([]);
    expect(await as(READER, 'select one from api.anew')).toEqual([{one: 1}]);
    await database.sql.unsafe('create view api.after as select 2 as two');
    expect(await as(READER, 'select two from api.after')).toEqual([{two: 2}]);
  });
});

it('lets the writer write rows of the layers, tables made later too, but change no table', async () => {
  await database.sql.unsafe('create table core.later (a int)');
  expect(await as(WRITER, 'insert into core.later values (1) returning a')).toEqual([{a: 1}]);
  expect(await as(WRITER, "select nextval(pg_get_serial_sequence('ops.run', 'run_id')) > 0 as ok")).toEqual([
    {ok: true},
  ]);
  await expect(as(WRITER, 'drop table core.listing cascade')).rejects.toThrow(/must be owner/);
});

it('can be set up by several processes at once', async () => {
  const others = await Promise.all([1, 2, 3, 4].map(() => connectDatabase(database.url, {max: 1})));
  await database.sql.unsafe('drop schema api cascade; create schema api');
  await database.sql.unsafe(`alter role ${READER} reset statement_timeout`);
  expect(await Promise.all(others.map(other => ensureRoles(other.sql)))).toEqual([[], [], [], []]);
  await Promise.all(others.map(other => other.close()));
});

it('goes on with a notice where the user may not make roles', async () => {
  const name = `raiz_test_owner_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(8).toString('hex');
  const server = await connectDatabase(await testServerUrl(), {max: 1});
  try {
    await server.sql.unsafe(`create role ${name} login password '${password}'`);
    await server.sql.unsafe(`create database ${name} owner ${name}`);
    const url = new URL(withDatabase(server.url, name));
    url.username = name;
    url.password = password;
    const owned = await connectDatabase(url.href, {max: 1});
    await owned.sql.unsafe('create schema api');
    await server.sql.unsafe(`alter role ${READER} reset statement_timeout`); // something to repair
    const notices = await ensureRoles(owned.sql);
    expect(notices.join()).toMatch(/may not set up the roles.*raiz db migrate/);
    await owned.close();
  } finally {
    await ensureRoles(database.sql);
    await server.sql.unsafe(`drop database if exists ${name}`);
    await server.sql.unsafe(`drop role if exists ${name}`);
    await server.close();
  }
});
