/** How a request went, as the pace sees it. */
export interface Answered {
  /** From the request to the last byte, or to the failure. */
  readonly latencyMs: number;
  /** False: refused, an error of the server, or no full answer. */
  readonly isGood: boolean;
}

/** Slowest pace that latency and errors lead to, unless the legal one is slower still. */
export const SLOWEST_DELAY_MS = 20_000;

/**
 * Distance to the next request after an answer, milliseconds: never below the legal one, never below the server's own
 * latency (one request in its hands at a time), doubled by each failure, eased by half of the way with each good answer.
 * After Scrapy's AutoThrottle, which has no doubling.
 * @param delayMs distance kept so far.
 * @param legalMs least distance allowed: the portal's own, or robots.txt's.
 */
export function adaptDelay(delayMs: number, {latencyMs, isGood}: Answered, legalMs: number): number {
  const wanted = isGood ? latencyMs : Math.max(latencyMs, 2 * delayMs);
  const eased = Math.max(wanted, (delayMs + wanted) / 2);
  const slowest = Math.max(legalMs, SLOWEST_DELAY_MS);
  return Math.round(Math.min(slowest, Math.max(legalMs, eased)));
}
