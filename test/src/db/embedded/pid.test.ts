import {spawn} from 'node:child_process';
import {expect, it} from 'vitest';
import {isAlive, isServerOf} from '../../../../src/db/embedded/pid.ts';

it('knows the living from the dead and from what is no pid', async () => {
  const child = spawn('sleep', ['30']);
  expect(isAlive(child.pid ?? 0)).toBe(true);
  child.kill('SIGKILL');
  await new Promise(resolve => child.on('close', resolve));
  expect(isAlive(child.pid ?? 0)).toBe(false);
  expect([0, -1, Number.NaN, 1.5].map(isAlive)).toEqual([false, false, false, false]);
});

it('takes no other program for a server', async () => {
  expect(await isServerOf('/data/pg/cluster', process.pid)).toBe(false);
  expect(await isServerOf('/data/pg/cluster', Number.NaN)).toBe(false);
});
