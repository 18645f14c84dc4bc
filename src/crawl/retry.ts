import type {FetchError} from '../domain/errors.ts';

export interface RetryPolicy {
  /** Rest after the first failed attempt; each further one rests four times as long. */
  readonly baseDelayMs: number;
  readonly maxAttempts: number;
  /** A server that asks for a longer pause than this refuses us. */
  readonly maxPauseMs: number;
}

export const RETRY_POLICY: RetryPolicy = {baseDelayMs: 1000, maxAttempts: 4, maxPauseMs: 15 * 60_000};

/** Attempts at an address that answers 403: one more, in case it was a moment's mistake. A challenge is none. */
const MAX_BLOCKED_ATTEMPTS = 2;

/**
 * How long a page rests before it is tried again; undefined: it is given up.
 * @param attempts failed attempts, this one counted.
 */
export function restBeforeRetry(
  error: FetchError,
  attempts: number,
  policy: RetryPolicy,
): number | undefined {
  const backoffMs = policy.baseDelayMs * 4 ** (attempts - 1);
  switch (error.failure) {
    case 'transient':
      return attempts < policy.maxAttempts ? backoffMs : undefined;
    case 'throttled': {
      const restMs = Math.max(backoffMs, error.retryAfterMs ?? 0);
      return attempts < policy.maxAttempts && restMs <= policy.maxPauseMs ? restMs : undefined;
    }
    case 'blocked':
      return attempts < MAX_BLOCKED_ATTEMPTS && error.context.isChallenge !== true
        ? 4 * backoffMs
        : undefined;
    default:
      return undefined;
  }
}
