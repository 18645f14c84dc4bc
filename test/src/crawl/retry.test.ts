import {expect, test} from 'vitest';
import {restBeforeRetry} from '../../../src/crawl/retry.ts';
import {FetchError, type FetchFailure} from '../../../src/domain/errors.ts';

const policy = {baseDelayMs: 1000, maxAttempts: 4, maxPauseMs: 60_000};
const rest = (failure: FetchFailure, attempts: number, retryAfterMs?: number) =>
  restBeforeRetry(
    new FetchError(failure, 'x', retryAfterMs === undefined ? {} : {retryAfterMs}),
    attempts,
    policy,
  );

test.each<[FetchFailure, number, number | undefined, number | undefined]>([
  ['transient', 1, undefined, 1000],
  ['transient', 3, undefined, 16_000],
  ['transient', 4, undefined, undefined],
  ['throttled', 1, 30_000, 30_000],
  ['throttled', 2, 10, 4000],
  ['throttled', 1, 61_000, undefined],
  ['blocked', 1, undefined, 4000],
  ['blocked', 2, undefined, undefined],
  ['gone', 1, undefined, undefined],
  ['robots', 1, undefined, undefined],
  ['permanent', 1, undefined, undefined],
])('%s after %d attempts (retry after %s): %s', (failure, attempts, retryAfterMs, expected) => {
  expect(rest(failure, attempts, retryAfterMs)).toBe(expected);
});

test('a challenge is not tried again', () => {
  expect(
    restBeforeRetry(new FetchError('blocked', 'x', {context: {isChallenge: true}}), 1, policy),
  ).toBeUndefined();
});
