/** Misbehaviour of the simulated portal, asked for by tests and by the demo's incomplete run. */
import type {Search} from './paths.ts';

interface SiteRequest {
  readonly path: string;
  readonly day: number;
  /** Set when the path is a search. */
  readonly search: Search | undefined;
  /** How many requests came before this one, for any path. */
  readonly earlier: number;
  /** How many came before for this very path on this day. */
  readonly earlierForPath: number;
}

export type Fault =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Serves another path in its place, without a redirect. */
  | {readonly kind: 'serve'; readonly path: string}
  /** Sends so many bytes of the body and kills the connection. */
  | {readonly kind: 'drop'; readonly afterBytes: number}
  | {readonly kind: 'delay'; readonly delayMs: number};

/** Undefined: answer as usual. */
export type FaultHook = (request: SiteRequest) => Fault | undefined;

/** On one day, searches break off: from a page on they answer 503. `paths`: first pages of the searches; default all. */
export function incompletePages(options: {
  day: number;
  fromPage: number;
  paths?: readonly string[];
}): FaultHook {
  return ({day, search}) => {
    if (search === undefined || day !== options.day || search.page < options.fromPage) return undefined;
    if (options.paths !== undefined && !options.paths.includes(search.basePath)) return undefined;
    return {kind: 'answer', status: 503, body: 'Service Unavailable'};
  };
}

/** From a page on, searches repeat their first page without saying so. */
export function repeatedFirstPage(options: {fromPage: number; day?: number}): FaultHook {
  return ({day, search}) => {
    if (search === undefined || search.page < options.fromPage) return undefined;
    if (options.day !== undefined && day !== options.day) return undefined;
    return {kind: 'serve', path: search.basePath};
  };
}

/** Each path answers 429 that many times before it gives in. */
export function throttled(options: {times: number; retryAfterSeconds: number}): FaultHook {
  return ({earlierForPath}) => {
    if (earlierForPath >= options.times) return undefined;
    const headers = {'retry-after': String(options.retryAfterSeconds)};
    return {kind: 'answer', status: 429, headers, body: 'Too Many Requests'};
  };
}

/** After so many requests the portal's edge asks for a browser: 403 and a challenge page, marked by its header only. */
export function challenged(options: {afterRequests: number}): FaultHook {
  const body =
    '<!DOCTYPE html><html><head><title>Just a moment…</title></head>' +
    '<body><h1>www.fincaraiz.com.co</h1><p>Verifying you are human.</p></body></html>';
  return ({earlier, path}) =>
    earlier < options.afterRequests || path === '/robots.txt'
      ? undefined
      : {kind: 'answer', status: 403, headers: {'cf-mitigated': 'challenge'}, body};
}

/** The first fault that applies. */
export function anyFault(...hooks: readonly FaultHook[]): FaultHook {
  return request => {
    for (const hook of hooks) {
      const fault = hook(request);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}
