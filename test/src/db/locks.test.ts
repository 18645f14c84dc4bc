import {afterAll, beforeAll, expect, it} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {withAdvisoryLock} from '../../../src/db/locks.ts';
import {EXIT, LockHeldError} from '../../../src/domain/errors.ts';
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
