import {once} from 'node:events';
import {afterAll, beforeAll, expect, it} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {openLockSession, withAdvisoryLock} from '../../../src/db/locks.ts';
import {EXIT, LockHeldError, StorageError} from '../../../src/domain/errors.ts';
import {testDatabase} from '../../support/database.ts';

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

it('refuses a second holder at once, saying who holds it and what to do', async () => {
  await withAdvisoryLock(database, 'stage clean', async () => {
    const failure: unknown = await withAdvisoryLock(database, 'stage clean', async () => 'twice').catch(
      error => error,
    );
    expect(failure).toBeInstanceOf(LockHeldError);
    expect(failure).toMatchObject({exitCode: EXIT.locked, context: {lock: 'stage clean'}});
    expect(String(failure)).toMatch(
      new RegExp(
        `"stage clean" is being done already by raiz\\[${process.pid}\\] stage clean .*since \\d{4}-.*Wait`,
      ),
    );
  });
});

it('is free again after success and after failure, and returns what the work returns', async () => {
  expect(await withAdvisoryLock(database, 'a', async () => 7)).toBe(7);
  await expect(
    withAdvisoryLock(database, 'a', async () => {
      throw new Error('work failed');
    }),
  ).rejects.toThrow('work failed');
  expect(await withAdvisoryLock(database, 'a', async () => 8)).toBe(8);
});

it('keeps different names apart', async () => {
  expect(
    await withAdvisoryLock(database, 'a', () => withAdvisoryLock(database, 'b', async () => 'both')),
  ).toBe('both');
});

it('names the holder whose key is negative too', async () => {
  for (const name of ['x1', 'x2', 'x3', 'x4', 'x5', 'x6']) {
    await withAdvisoryLock(database, name, async () => {
      await expect(withAdvisoryLock(database, name, async () => 0)).rejects.toThrow(
        `raiz[${process.pid}] ${name}`,
      );
    });
  }
});

it('is held by many that share it, and by none of them while one holds it alone', async () => {
  const share = <T>(work: () => Promise<T>) => withAdvisoryLock(database, 'shared', work, 'shared');
  const alone = () => withAdvisoryLock(database, 'shared', async () => 'alone');
  expect(await share(() => share(async () => 'both'))).toBe('both');
  await share(() => expect(alone()).rejects.toThrow(LockHeldError));
  await withAdvisoryLock(database, 'shared', () => expect(share(alone)).rejects.toThrow(LockHeldError));
  expect(await alone()).toBe('alone');
});

it('a session takes and gives back locks; closing it frees the rest', async () => {
  const [one, two] = [openLockSession(database, 'one'), openLockSession(database, 'two')];
  expect([await one.tryLock('x'), await two.tryLock('x'), await two.tryLock('y')]).toEqual([
    true,
    false,
    true,
  ]);
  await one.unlock('x');
  expect(await two.tryLock('x')).toBe(true);
  const waiting = one.lock('y');
  await two.close();
  await waiting;
  expect([one.lost.aborted, two.lost.aborted]).toEqual([false, false]);
  await one.close();
});

it('a session says when its locks are gone, and takes none after that', async () => {
  const session = openLockSession(database, 'to be cut');
  await session.tryLock('z');
  const lost = once(session.lost, 'abort');
  await database.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like '%to be cut'`;
  await lost;
  await expect(session.tryLock('other')).rejects.toThrow(StorageError);
  await session.unlock('z');
  await session.close();
  expect(await withAdvisoryLock(database, 'z', async () => 'free')).toBe('free');
});
