import {Agent, type Dispatcher} from 'undici';
import {FetchError, type FetchFailure} from '../domain/errors.ts';
import type {FetchedPage, PageRef} from '../domain/page.ts';
import type {PortalAddress} from './address.ts';
import {decodeText, decompress} from './decode.ts';
import type {Answered} from './throttle.ts';

export interface DownloaderOptions {
  readonly address: PortalAddress;
  readonly userAgent: string;
  /** Clock of `fetchedAt`. */
  readonly now: () => Date;
  /** Connections to the host. */
  readonly connections: number;
  /** From the request to the last byte, redirects apart. */
  readonly deadlineMs: number;
  readonly maxBytesReceived: number;
  readonly maxBytesUnpacked: number;
  /** Called before each request, redirects too: waits for the host's pace, throws where robots.txt says no. */
  readonly permit: (portalUrl: string) => Promise<void>;
  /** Told after each request how it went: what the pace adapts to. */
  readonly observe: (answered: Answered) => void;
}

/** A page and what it weighed. */
export interface Download {
  readonly page: FetchedPage;
  /** Bytes of the body, unpacked. */
  readonly bytesReceived: number;
}

export interface Downloader {
  /** @throws FetchError; `context.status` holds the HTTP status when the server answered. */
  readonly download: (ref: PageRef) => Promise<Download>;
  readonly close: () => Promise<void>;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** One connection pool for one portal; certificates are verified. */
export function openDownloader(options: DownloaderOptions): Downloader {
  const agent = new Agent({
    connections: options.connections,
    pipelining: 1,
    connect: {timeout: Math.min(options.deadlineMs, 10_000)},
    // The total deadline rules; these only free sockets of servers that went silent.
    headersTimeout: options.deadlineMs,
    bodyTimeout: options.deadlineMs,
  });
  return {
    download: ref => followRedirects(agent, options, ref),
    // Bodies cut off by a cap or deadline may still be arriving: they aren't waited for.
    close: () => agent.destroy(),
  };
}

async function followRedirects(agent: Agent, options: DownloaderOptions, ref: PageRef): Promise<Download> {
  let url = ref.url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    await options.permit(url);
    const answer = await observed(options, () => request(agent, options, url));
    const location = headerOf(answer.headers, 'location');
    if (REDIRECTS.has(answer.status) && location !== undefined) {
      url = options.address.resolve(location, url);
      continue;
    }
    refuseUnlessGood(answer, url, options);
    const content = decompress(
      answer.body,
      headerOf(answer.headers, 'content-encoding'),
      options.maxBytesUnpacked,
    );
    const body = decodeText(content, headerOf(answer.headers, 'content-type'));
    const page = {
      ref,
      status: answer.status,
      finalUrl: url,
      headers: flatten(answer.headers),
      fetchedAt: options.now(),
      body,
    };
    refuseChallenge(page);
    return {page, bytesReceived: content.length};
  }
  throw new FetchError('permanent', `${ref.url}: more than ${MAX_REDIRECTS} redirects, last to ${url}`);
}

/** Statuses of a server that is well: it answered the question, be it with "not here". */
const GOOD_ANSWERS = new Set([404, 410]);

async function observed(options: DownloaderOptions, ask: () => Promise<Answer>): Promise<Answer> {
  const started = performance.now();
  let isGood = false;
  try {
    const answer = await ask();
    isGood = answer.status < 400 || GOOD_ANSWERS.has(answer.status);
    return answer;
  } finally {
    options.observe({latencyMs: performance.now() - started, isGood});
  }
}

type Headers = Dispatcher.ResponseData['headers'];

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** One request, body buffered as it came over the wire, under one deadline and one cap. */
async function request(agent: Agent, options: DownloaderOptions, url: string): Promise<Answer> {
  const path = options.address.toPath(url);
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), options.deadlineMs);
  try {
    const {statusCode, headers, body} = await agent.request({
      origin: options.address.origin,
      path,
      method: 'GET',
      headers: {
        'user-agent': options.userAgent,
        accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5',
        'accept-encoding': 'gzip, deflate, br',
        'accept-language': 'es-CO,es;q=0.9',
      },
      signal: cut.signal,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > options.maxBytesReceived) {
        throw new FetchError('permanent', `${url}: more than ${options.maxBytesReceived} bytes, given up`);
      }
      chunks.push(chunk);
    }
    return {
      status: statusCode,
      headers,
      body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size),
    };
  } catch (cause) {
    if (cause instanceof FetchError) throw cause;
    if (cut.signal.aborted)
      throw new FetchError('transient', `${url}: no full answer within ${options.deadlineMs} ms`, {cause});
    throw new FetchError('transient', `${url}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}

function refuseUnlessGood(answer: Answer, url: string, {now, maxBytesUnpacked}: DownloaderOptions): void {
  const {status, headers} = answer;
  const isMitigated = headerOf(headers, 'cf-mitigated') !== undefined;
  if (status >= 200 && status < 300 && !isMitigated) return;
  const isChallenge = isMitigated || isChallengeText(startOf(answer, maxBytesUnpacked));
  const retryAfterMs = parseRetryAfter(headerOf(headers, 'retry-after'), instantOf(answer) ?? now());
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
    return decompress(body, headerOf(headers, 'content-encoding'), maxBytes).toString('latin1', 0, 4096);
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

/** Pages that ask whether we are a person; answered with 200 by some. We are not, and stop. */
const CHALLENGE =
  /<title>\s*(Just a moment|Attention Required|Access denied|Un momento|Pardon Our Interruption|Human Verification)/i;

function isChallengeText(text: string): boolean {
  return CHALLENGE.test(text);
}

function refuseChallenge(page: FetchedPage): void {
  if (!isChallengeText(page.body.slice(0, 4096))) return;
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

function headerOf(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function flatten(headers: Headers): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map(name => [name, headerOf(headers, name) ?? '']));
}
