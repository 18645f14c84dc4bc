/** What one request may cost. */
export interface FetchLimits {
  /** From the request of a page to its last byte, redirects apart; milliseconds. */
  readonly deadlineMs: number;
  /** The same of robots.txt, redirects included. */
  readonly robotsDeadlineMs: number;
  readonly maxBytesReceived: number;
  readonly maxBytesUnpacked: number;
}

export const FETCH_LIMITS: FetchLimits = {
  deadlineMs: 45_000,
  robotsDeadlineMs: 20_000,
  maxBytesReceived: 10 * 1024 * 1024,
  maxBytesUnpacked: 30 * 1024 * 1024,
};
