import {afterEach, expect, it} from 'vitest';
import type {Place} from '../../../../src/ml/workers/job-queue.ts';
import {openThread} from '../../../../src/ml/workers/thread.ts';

const SCRIPT = new URL('../../../support/echo-thread.ts', import.meta.url);

let thread: Place<string, string>;
afterEach(() => thread.close());

it('runs TypeScript in a thread that got its data at the start', async () => {
  thread = openThread(SCRIPT, {greeting: 'hello'});
  expect(await thread.do('one')).toBe('hello one');
  expect(await thread.do('two')).toBe('hello two');
});

it('hands back what the thread failed on, and can go on', async () => {
  thread = openThread(SCRIPT, {greeting: 'hello'});
  await expect(thread.do('fail')).rejects.toThrow(new RangeError('asked to'));
  expect(thread.isOpen).toBe(true);
  expect(await thread.do('again')).toBe('hello again');
});

it('is shut when the thread ended, and says with which code', async () => {
  thread = openThread(SCRIPT, {});
  await expect(thread.do('end')).rejects.toThrow('its thread ended with code 3');
  expect(thread.isOpen).toBe(false);
});

it('says why when the script is no program', async () => {
  thread = openThread(new URL('no-such-thread.ts', SCRIPT), {});
  await expect(thread.do('anything')).rejects.toThrow(/no-such-thread/);
});
