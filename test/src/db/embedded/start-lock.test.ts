import {existsSync} from 'node:fs';
import {mkdtemp, readFile, rm, utimes, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, beforeAll, expect, it} from 'vitest';
import {withStartLock} from '../../../../src/db/embedded/start-lock.ts';

let path = '';
beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'raiz-lock-')), 'start.lock');
});
afterAll(() => rm(join(path, '..'), {recursive: true}));

it('lets one in at a time and leaves nothing behind, also after a failure', async () => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await sleep(20);
    inside -= 1;
  };
  await Promise.all([1, 2, 3, 4].map(() => withStartLock(path, work)));
  expect(most).toBe(1);
  await expect(withStartLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

it('takes over from a dead process and from a living one that got its pid long after', async () => {
  await writeFile(path, '999999999 leftover');
  expect(await withStartLock(path, () => readFile(path, 'utf8'))).toMatch(new RegExp(`^${process.pid} `));
  await writeFile(path, `${process.pid} leftover`);
  const tenMinutesAgo = new Date(Date.now() - 600_000);
  await utimes(path, tenMinutesAgo, tenMinutesAgo);
  expect(await withStartLock(path, async () => 'in')).toBe('in');
});

it('waits for a living process', async () => {
  await writeFile(path, `${process.pid} other`);
  const waiting = withStartLock(path, async () => existsSync(path));
  await sleep(150);
  expect(await readFile(path, 'utf8')).toBe(`${process.pid} other`);
  await rm(path);
  expect(await waiting).toBe(true);
});
