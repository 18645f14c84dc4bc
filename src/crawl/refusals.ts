/** What an answer that is no page means: refusals, errors, challenges. The same for every transport. */
import type {IncomingHttpHeaders} from 'node:http';
import {FetchError, type FetchFailure} from '../domain/errors.ts';
import type {FetchedPage} from '../domain/page.ts';
import {decompress} from './decode.ts';

/** What a server answered to one request, as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Characters of a page in which a challenge gives itself away. */
const CHALLENGE_START = 4096;

/** @throws FetchError unless the status is 2xx and no edge server marked the answer as a challenge. */
export function refuseUnlessGood(answer: Answer, url: string, now: Date, maxBytesUnpacked: number): void {
  const {status, headers} = answer;
  const isMitigated = headerOf(headers, 'cf-mitigated') !== undefined;
  if (status >= 200 && status < 300 && !isMitigated) return;
  const isChallenge = isMitigated || isChallengeText(startOf(answer, maxBytesUnpacked));
  const retryAfterMs = parseRetryAfter(headerOf(headers, 'retry-after'), instantOf(answer) ?? now);
  throw new FetchError(
    isChallenge ? 'blocked' : failureOf(status, retryAfterMs !== undefined),
    `${url}: the server answered ${status}${isChallenge ? ' (challenge)' : ''}`,
    {
      context: {status, bytesReceived: answer.body.length, isChallenge},
      ...(retryAfterMs === undefined ? {} : {retryAfterMs}),
    },
  );
}

/** The server's own clock when it answered: what a date in `Retry-After` is meant by, whatever our clock says. */
function instantOf({headers}: Answer): Date | undefined {
  const ms = Date.parse(headerOf(headers, 'date') ?? '');
  return Number.isFinite(ms) ? new Date(ms) : undefined;
}

/** Beginning of the body of a refusal, to tell a challenge from a plain error. */
function startOf({body, headers}: Answer, maxBytes: number): string {
  try {
    const text = decompress(body, headerOf(headers, 'content-encoding'), maxBytes);
    return text.toString('latin1', 0, CHALLENGE_START);
  } catch (error) {
    // The body can't be unpacked: the status alone says what is reported next.
    if (error instanceof FetchError) return '';
    throw error;
  }
}

function failureOf(status: number, asksForPause: boolean): FetchFailure {
  if (status === 404 || status === 410) return 'gone';
  if (status === 429) return 'throttled';
  if (status === 403) return 'blocked';
  if (status >= 500) return asksForPause ? 'throttled' : 'transient';
  return status === 408 || status === 425 ? 'transient' : 'permanent';
}

/**
 * Pages that ask whether we are a person; answered with 200 by some. We are not, and stop. Incapsula's has no title: a
 * frame that fills the page holds a sentence and the number of the incident.
 */
const CHALLENGE =
  /<title>\s*(Just a moment|Attention Required|Access denied|Un momento|Pardon Our Interruption|Human Verification)|Request unsuccessful\. Incapsula incident/i;

function isChallengeText(text: string): boolean {
  return CHALLENGE.test(text);
}

/** @throws FetchError blocked when the page is a challenge, whatever its status. */
export function refuseChallenge(page: FetchedPage): void {
  if (!isChallengeText(page.body.slice(0, CHALLENGE_START))) return;
  throw new FetchError(
    'blocked',
    `${page.ref.url}: the server answered ${page.status} with a challenge page`,
    {
      context: {status: page.status, bytesReceived: page.body.length, isChallenge: true},
    },
  );
}

const MAX_RETRY_AFTER_MS = 24 * 3600_000;

/** `Retry-After` in seconds or as a date; milliseconds from `now`, at most a day. */
export function parseRetryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS) : undefined;
}

export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

export function flattenHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map(name => [name, headerOf(headers, name) ?? '']));
}
