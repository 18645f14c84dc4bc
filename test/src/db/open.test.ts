import {randomBytes} from 'node:crypto';
import {createServer} from 'node:net';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {codeOf} from '../../../src/db/explain.ts';
import {openDatabase, withDatabase} from '../../../src/db/open.ts';
import {ConfigError, EXIT, RaizError, StorageError} from '../../../src/domain/errors.ts';
import {testDatabase, testServerUrl} from '../../support/database.ts';

let scratch: Database;
beforeAll(async () => {
  scratch = await testDatabase();
});
afterAll(() => scratch.close());

const open = (databaseUrl: string, databaseName: 'raiz' | 'raiz_demo' = 'raiz') =>
  openDatabase({env: {databaseUrl}, dataDir: '/nowhere', databaseName});

async function failureOf(url: string): Promise<RaizError> {
  const failure: unknown = await open(url).then(
    database => database.close(),
    error => error,
  );
  if (!(failure instanceof RaizError)) throw new Error(`not a RaizError: ${String(failure)}`);
  expect(failure.exitCode).toBe(EXIT.usage);
  expect(failure.message).not.toContain('hunter2');
  return failure;
}

describe('DATABASE_URL', () => {
  it('opens the database it names, migrated', async () => {
    const database = await open(scratch.url);
    expect(await database.sql`select current_database() as name`).toEqual(
      await scratch.sql`select current_database() as name`,
    );
    expect(database.notices).toEqual([]);
    await database.close();
  });

  it('says where nobody answers', async () => {
    const port = await new Promise<number>(resolve => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });
    const failure = await failureOf(`postgres://ana:hunter2@127.0.0.1:${port}/casas`);
    expect(failure).toBeInstanceOf(StorageError);
    expect(failure.message).toContain(`No PostgreSQL answers at 127.0.0.1:${port}, database "casas"`);
    expect(failure.message).toContain('DATABASE_URL');
  });

  it('says that the host is unknown', async () => {
    expect((await failureOf('postgres://ana:hunter2@no-such-host.invalid/casas')).message).toMatch(
      /no-such-host\.invalid/,
    );
  });

  it('says that the database is missing', async () => {
    const failure = await failureOf(withDatabase(await testServerUrl(), 'no_such_database'));
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure.message).toMatch(/database "no_such_database" has no such database|no such database/);
  });

  it('says that user or password are refused', async () => {
    const url = new URL(await testServerUrl());
    url.username = 'no_such_user';
    url.password = 'hunter2';
    expect((await failureOf(url.href)).message).toMatch(
      /refuses the user or password.*Correct both in DATABASE_URL/,
    );
  });

  it('refuses the demo’s database for real rows', async () => {
    const failure = await failureOf(withDatabase(await testServerUrl(), 'raiz_demo'));
    expect(failure.message).toMatch(/raiz_demo.*Name another database/);
  });
});

it('gives the demo a database of its own and leaves the one in DATABASE_URL alone', async () => {
  const server = scratch;
  const [before] = await server.sql`select 1 from pg_database where datname = 'raiz_demo'`;
  const demos = await Promise.all([open(scratch.url, 'raiz_demo'), open(scratch.url, 'raiz_demo')]);
  for (const demo of demos) {
    expect(await demo.sql`select current_database() as name`).toEqual([{name: 'raiz_demo'}]);
    await demo.close();
  }
  if (before !== undefined) return;
  await server.sql.unsafe('drop database raiz_demo').catch((error: unknown) => {
    if (codeOf(error) !== '55006') throw error; // another test uses it now
  });
});

it('brings values back as the code expects them', async () => {
  const database = await open(scratch.url);
  const at = new Date('2026-02-03T04:05:06.789Z');
  const [row] = await database.sql`
    select 9007199254740991::bigint as big, 9007199254740993::bigint as bigger, 12.5::numeric as exact, sum(n) as total,
      ${at}::timestamptz as at, date '2026-02-28' as day, ${database.sql.json({a: [1]})} as json, ${randomBytes(2)}::bytea as bytes
    from generate_series(1, 3) as n`;
  expect(row).toMatchObject({
    big: 9007199254740991,
    bigger: '9007199254740993',
    exact: 12.5,
    total: 6,
    at,
    day: '2026-02-28',
    json: {a: [1]},
  });
  await database.close();
});
