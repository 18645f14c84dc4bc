import {Agent} from 'undici';
import {FetchError} from '../domain/errors.ts';
import type {PortalAddress} from './address.ts';
import {type Answer, headerOf} from './refusals.ts';
import type {Answered} from './throttle.ts';

export interface HttpOptions {
  readonly address: PortalAddress;
  readonly userAgent: string;
  /** Connections to the host. */
  readonly connections: number;
  /** Of each request, to its last byte. */
  readonly deadlineMs: number;
  readonly maxBytesReceived: number;
  /** Told after each request how it went: what the pace adapts to. */
  readonly observe: (answered: Answered) => void;
}

/** How one page, or one part of it, is asked for. */
export interface Asking {
  /** Called before each request, redirects too: waits for the host's pace, throws where robots.txt says no. */
  readonly permit: (portalUrl: string) => Promise<void>;
  /** Value of `Accept`; that of a page unless told. */
  readonly accept?: string | undefined;
  /** Cuts the request short. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer, and the portal's own address that gave it in the end. */
export interface Arrival {
  readonly answer: Answer;
  readonly url: string;
}

/** Requests to one portal's host and no other. */
export interface Http {
  /**
   * One GET, redirects followed inside the portal.
   * @throws FetchError when no full answer came; an answer with any status is an answer.
   */
  readonly get: (portalUrl: string, asking: Asking) => Promise<Arrival>;
  readonly close: () => Promise<void>;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const PAGE_TYPES = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5';

/** One connection pool for one portal; certificates are verified. */
export function openHttp(options: HttpOptions): Http {
  const agent = new Agent({
    connections: options.connections,
    pipelining: 1,
    connect: {timeout: Math.min(options.deadlineMs, 10_000)},
    // The total deadline rules; these only free sockets of servers that went silent.
    headersTimeout: options.deadlineMs,
    bodyTimeout: options.deadlineMs,
  });
  return {
    get: (portalUrl, asking) => followRedirects(agent, options, portalUrl, asking),
    // Bodies cut off by a cap or deadline may still be arriving: they aren't waited for.
    close: () => agent.destroy(),
  };
}

async function followRedirects(
  agent: Agent,
  options: HttpOptions,
  from: string,
  asking: Asking,
): Promise<Arrival> {
  let url = from;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    await asking.permit(url);
    const answer = await observed(options, () => request(agent, options, url, asking));
    const location = headerOf(answer.headers, 'location');
    if (!REDIRECTS.has(answer.status) || location === undefined) return {answer, url};
    url = options.address.resolve(location, url);
  }
  throw new FetchError('permanent', `${from}: more than ${MAX_REDIRECTS} redirects, last to ${url}`);
}

/** Statuses of a server that is well: it answered the question, be it with "not here". */
const GOOD_ANSWERS = new Set([404, 410]);

async function observed(options: HttpOptions, ask: () => Promise<Answer>): Promise<Answer> {
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

/** One request, body buffered as it came over the wire, under one deadline and one cap. */
async function request(agent: Agent, options: HttpOptions, url: string, asking: Asking): Promise<Answer> {
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
        accept: asking.accept ?? PAGE_TYPES,
        'accept-encoding': 'gzip, deflate, br',
        'accept-language': 'es-CO,es;q=0.9',
      },
      signal: asking.signal === undefined ? cut.signal : AbortSignal.any([cut.signal, asking.signal]),
    });
    return {status: statusCode, headers, body: await readBody(body, url, options.maxBytesReceived)};
  } catch (cause) {
    if (cause instanceof FetchError) throw cause;
    if (cut.signal.aborted || asking.signal?.aborted)
      throw new FetchError('transient', `${url}: no full answer within ${options.deadlineMs} ms`, {cause});
    throw new FetchError('transient', `${url}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}

async function readBody(body: AsyncIterable<Buffer>, url: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new FetchError('permanent', `${url}: more than ${maxBytes} bytes, given up`);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size);
}
