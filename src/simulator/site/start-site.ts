/** The simulated portal on a loopback port. */
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import querystring from 'node:querystring';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Market} from '../market/market.ts';
import {BREAKS, type BreakName} from './breaks.ts';
import {answerControl} from './control.ts';
import {anyFault, type Fault, type FaultHook} from './faults.ts';
import {SIMULATED_MARK} from './markup.ts';
import {type Answer, type PagesOptions, SitePages} from './pages.ts';
import {readSearchPath} from './paths.ts';

export interface SiteOptions extends PagesOptions {
  readonly day: number;
  /** 0 or absent: any free port. */
  readonly port?: number;
  readonly faults?: FaultHook;
  /** Wait before every answer. */
  readonly latencyMs?: number;
  /** How the portal is broken from the beginning. */
  readonly broken?: BreakName | undefined;
}

interface LoggedRequest {
  readonly atMs: number;
  readonly day: number;
  readonly method: string;
  readonly path: string;
  readonly userAgent: string;
  /** 0 when the connection was killed. */
  readonly status: number;
}

export interface Site {
  /** `http://127.0.0.1:41234`, without a trailing slash. */
  readonly baseUrl: string;
  readonly day: number;
  readonly days: number;
  setDay(day: number): void;
  readonly broken: BreakName | undefined;
  /** Breaks the portal in one way, instead of any other; mends it without. */
  breakBy(name: BreakName | undefined): void;
  /** Answered requests, oldest first. */
  readonly requests: readonly LoggedRequest[];
  /** Renders and compresses every page of the present day; returns how many. */
  renderAll(): number;
  close(): Promise<void>;
}

/** Serves a market as Finca Raíz pages on 127.0.0.1. Days outside the market throw RangeError. */
export async function startSite(market: Market, options: SiteOptions): Promise<Site> {
  const pages = new SitePages(market, options);
  const requests: LoggedRequest[] = [];
  const pathCounts = new Map<string, number>();
  let day = requireDay(market, options.day);
  let received = 0;
  let broken: BreakName | undefined;
  const breakBy = (name: BreakName | undefined): void => {
    broken = name;
    pages.breakBy(name === undefined ? undefined : BREAKS[name]);
  };
  breakBy(options.broken);
  const faults = anyFault(
    request => options.faults?.(request),
    request => (broken === undefined ? undefined : BREAKS[broken].fault?.(request)),
  );

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = decodePath(request.url ?? '/');
    const control = answerControl(site, request.method ?? 'GET', path);
    if (control !== undefined) {
      response.writeHead(control.status, {'content-type': 'text/plain; charset=utf-8'}).end(control.text);
      return;
    }
    const countKey = `${day} ${path}`;
    const earlierForPath = pathCounts.get(countKey) ?? 0;
    pathCounts.set(countKey, earlierForPath + 1);
    const servedDay = day;
    const fault = faults({
      path,
      day,
      search: readSearchPath(path),
      earlier: received,
      earlierForPath,
    });
    received += 1;
    const waitMs = (options.latencyMs ?? 0) + (fault?.kind === 'delay' ? fault.delayMs : 0);
    if (waitMs > 0) await sleep(waitMs);
    const shownPath = fault?.kind === 'serve' ? fault.path : path;
    const status = send(request, response, pages, shownPath, servedDay, fault);
    const {method = 'GET', headers} = request;
    requests.push({
      atMs: Date.now(),
      day: servedDay,
      method,
      path,
      userAgent: headers['user-agent'] ?? '',
      status,
    });
  };

  const server = createServer((request, response) => {
    respond(request, response).catch(error => response.destroy(error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  const site: Site = {
    baseUrl: `http://127.0.0.1:${portOf(server.address())}`,
    get day() {
      return day;
    },
    days: market.days,
    setDay: next => {
      day = requireDay(market, next);
    },
    get broken() {
      return broken;
    },
    breakBy,
    requests,
    renderAll: () => pages.renderAll(day),
    close: () =>
      new Promise((resolve, reject) => {
        server.close(error => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
  return site;
}

function requireDay(market: Market, day: number): number {
  if (Number.isInteger(day) && day >= 0 && day < market.days) return day;
  throw new RangeError(
    `startSite: day ${day} is not one of the market's ${market.days} days (0–${market.days - 1})`,
  );
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') {
    throw new TypeError('startSite: the server has no port; it must listen on 127.0.0.1');
  }
  return address.port;
}

/** Path without query and encoding; never throws. */
function decodePath(url: string): string {
  return querystring.unescape(new URL(url, 'http://127.0.0.1').pathname);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  pages: SitePages,
  path: string,
  day: number,
  fault: Fault | undefined,
): number {
  response.setHeader('x-raiz-simulated', SIMULATED_MARK);
  if (fault?.kind === 'answer') {
    response.writeHead(fault.status, {'content-type': 'text/html; charset=utf-8', ...fault.headers});
    response.end(fault.body ?? '');
    return fault.status;
  }
  const answer = pages.answer(path, day);
  const body = encode(request, response, answer);
  if (answer.location !== null) response.setHeader('location', answer.location);
  response.setHeader('content-type', answer.contentType);
  response.setHeader('content-length', body.length);
  response.writeHead(answer.status);
  if (fault?.kind === 'drop') {
    response.write(body.subarray(0, fault.afterBytes), () => response.destroy());
    return 0;
  }
  response.end(request.method === 'HEAD' ? undefined : body);
  return answer.status;
}

function encode(request: IncomingMessage, response: ServerResponse, answer: Answer): Buffer {
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return answer.body;
  response.setHeader('content-encoding', 'gzip');
  response.setHeader('vary', 'accept-encoding');
  return answer.gzip();
}
