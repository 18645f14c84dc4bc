import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {PacedDeadline} from '../../../src/crawl/paced-deadline.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const wait = (ms: number) => () => new Promise(resolve => setTimeout(resolve, ms));

test('time is up once', async () => {
  const deadline = new PacedDeadline(1000);
  await vi.advanceTimersByTimeAsync(999);
  expect([deadline.isLate, deadline.signal.aborted]).toEqual([false, false]);
  await vi.advanceTimersByTimeAsync(1);
  expect([deadline.isLate, deadline.signal.aborted]).toEqual([true, true]);
});

test('waits apart use up nothing, several at once neither', async () => {
  const deadline = new PacedDeadline(1000);
  await vi.advanceTimersByTimeAsync(600);
  const waits = Promise.all([deadline.apart(wait(5000)), deadline.apart(wait(8000))]);
  await vi.advanceTimersByTimeAsync(8000);
  await waits;
  await vi.advanceTimersByTimeAsync(399);
  expect(deadline.isLate).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(deadline.isLate).toBe(true);
});

test('a wait that fails lets time run on, and its error through', async () => {
  const deadline = new PacedDeadline(1000);
  await expect(deadline.apart(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await vi.advanceTimersByTimeAsync(1000);
  expect(deadline.isLate).toBe(true);
});

test('ended in time: whoever listens is cut short, and nothing is late', async () => {
  const deadline = new PacedDeadline(1000);
  deadline.end();
  expect(deadline.signal.aborted).toBe(true);
  await vi.advanceTimersByTimeAsync(2000);
  expect(deadline.isLate).toBe(false);
});
