import {Agent} from 'undici';
import type {Issue} from '../domain/issue.ts';
import type {PortalAddress} from './address.ts';
import {FETCH_LIMITS} from './fetch-limits.ts';
import {ALLOW_ALL, DISALLOW_ALL, parseRobots, type RobotsRules} from './robots.ts';

export interface RobotsAnswer {
  readonly rules: RobotsRules;
  /** For people: what was found, as `robots.txt (200)`, `no robots.txt (404): all is allowed`. */
  readonly found: string;
  /** When it could not be read, and nothing may be requested. */
  readonly issue: Issue | undefined;
  /** The server is Raíz's simulated market, which says so on every answer. */
  readonly isSimulated: boolean;
}

const SIMULATOR_HEADER = 'x-raiz-simulated';

const MAX_REDIRECTS = 5;
/** RFC 9309 asks for at least 500 KiB; what comes after is cut. */
const MAX_BYTES = 512 * 1024;

/**
 * Fetches and reads a portal's robots.txt after RFC 9309: no such file (4xx) allows all; a server error, 429, a
 * redirect out of the portal, or silence disallows all, because nobody could tell what is allowed.
 * @param product first word of our user agent.
 * @param deadlineMs from the first request to the last byte.
 */
export async function fetchRobots(
  address: PortalAddress,
  userAgent: string,
  product: string,
  deadlineMs: number = FETCH_LIMITS.robotsDeadlineMs,
): Promise<RobotsAnswer> {
  const agent = new Agent({connections: 1});
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    let path = '/robots.txt';
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const {statusCode, headers, body} = await agent.request({
        origin: address.origin,
        path,
        method: 'GET',
        headers: {'user-agent': userAgent, accept: 'text/plain,*/*;q=0.5', 'accept-encoding': 'identity'},
        signal,
      });
      const text = await readStart(body);
      const isSimulated = SIMULATOR_HEADER in headers;
      const {location} = headers;
      if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
        const target = new URL(location, `${address.origin}${path}`);
        if (target.origin !== address.origin) return unknown(`robots.txt leads to ${target.origin}`);
        path = `${target.pathname}${target.search}`;
        continue;
      }
      if (statusCode >= 200 && statusCode < 300) {
        const rules = parseRobots(text, product);
        return {rules, found: `robots.txt (${statusCode})`, issue: undefined, isSimulated};
      }
      if (statusCode >= 400 && statusCode < 500 && statusCode !== 429) {
        const found = `no robots.txt (${statusCode}): all is allowed`;
        return {rules: ALLOW_ALL, found, issue: undefined, isSimulated};
      }
      return unknown(`robots.txt answered ${statusCode}`);
    }
    return unknown(`robots.txt is more than ${MAX_REDIRECTS} redirects away`);
  } catch (error) {
    return unknown(
      `robots.txt could not be read (${error instanceof Error ? error.message : String(error)})`,
    );
  } finally {
    await agent.destroy();
  }
}

function unknown(why: string): RobotsAnswer {
  const message = `${why}: nothing may be requested until it can be read`;
  return {
    rules: DISALLOW_ALL,
    found: message,
    issue: {code: 'robots_unreachable', message},
    isSimulated: false,
  };
}

async function readStart(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BYTES) break;
  }
  const text = Buffer.concat(chunks).subarray(0, MAX_BYTES).toString('utf8');
  // A rule that was cut in the middle could allow what the whole of it does not.
  return size >= MAX_BYTES ? text.slice(0, Math.max(0, text.lastIndexOf('\n'))) : text;
}
