import {expect, test} from 'vitest';
import {adaptDelay, SLOWEST_DELAY_MS} from '../../../src/crawl/throttle.ts';

const LEGAL_MS = 2000;
const after = (delayMs: number, latencyMs: number, isGood = true) =>
  adaptDelay(delayMs, {latencyMs, isGood}, LEGAL_MS);

test.each<[string, number, number]>([
  ['a quick good answer keeps the legal pace', after(2000, 80), 2000],
  ['a slow answer is followed at once', after(2000, 5000), 5000],
  ['a failure doubles the distance', after(2000, 80, false), 4000],
  ['a failure after a long silence rests as long', after(2000, 9000, false), 9000],
  ['a good answer goes half of the way back', after(8000, 1000), 4500],
  ['never faster than the legal pace', after(2000, 0), 2000],
  ['never slower than the limit', after(15_000, 45_000, false), SLOWEST_DELAY_MS],
  ['a legal pace above the limit stays', adaptDelay(30_000, {latencyMs: 10, isGood: true}, 30_000), 30_000],
])('%s', (_name, delayMs, expected) => {
  expect(delayMs).toBe(expected);
});

test('errors slow down step by step, and good answers lead back to the legal pace', () => {
  let delayMs = LEGAL_MS;
  const slower = Array.from({length: 5}, () => (delayMs = after(delayMs, 50, false)));
  expect(slower).toEqual([4000, 8000, 16_000, 20_000, 20_000]);
  for (let n = 0; n < 20; n++) delayMs = after(delayMs, 50);
  expect(delayMs).toBe(LEGAL_MS);
});
