import {
  BasicCrawler,
  type BasicCrawlerOptions,
  Configuration,
  EventManager,
  Log,
  LogLevel,
} from '@crawlee/basic';
import type {Frontier} from './frontier.ts';

/** Longest a visit may take, with its wait for the host's pace: Crawlee wants a limit, the downloader keeps the real one. */
const VISIT_TIMEOUT_SECS = 6 * 3600;
/** How often the pool looks whether a task is ready when none ends by itself. */
const POLL_SECS = 0.05;

export interface Engine {
  /** Runs until the frontier is finished or stopped. Rejects with the first error a visit throws. */
  readonly run: () => Promise<void>;
  /** New pages may be ready: look at once. */
  readonly notify: () => void;
}

/**
 * Crawlee's BasicCrawler around our frontier: its pool and autoscaling, nothing else. Measured faults that are kept
 * out here: storage folders (`persistStorage`), the purge of queues (`purgeOnStart`), sessions, retries within
 * milliseconds, the fall to few pages a second on a busy machine (`minConcurrency`), a `ps` each second
 * (`EventManager` instead of the local one). The `requestManager` option throws in 3.18.1: `requestQueue` it is.
 */
export function openEngine(
  frontier: Frontier,
  visit: (requestId: string) => Promise<void>,
  concurrency: number,
): Engine {
  const config = new Configuration({persistStorage: false, purgeOnStart: false});
  config.useEventManager(new QuietEvents(config));
  let fatal: unknown;
  const options = {
    requestQueue: frontier,
    requestHandler: async ({request}: {request: {id?: string}}) => {
      try {
        await visit(request.id ?? '');
      } catch (error) {
        // Rethrown by `run`: Crawlee would only count it.
        fatal ??= error;
        frontier.stop();
      }
    },
    maxRequestRetries: 0,
    requestHandlerTimeoutSecs: VISIT_TIMEOUT_SECS,
    useSessionPool: false,
    minConcurrency: Math.max(1, Math.ceil(concurrency / 2)),
    maxConcurrency: concurrency,
    autoscaledPoolOptions: {desiredConcurrency: concurrency, maybeRunIntervalSecs: POLL_SECS},
    statisticsOptions: {persistenceOptions: {enable: false}},
    statusMessageLoggingInterval: 3600,
    log: new Log({level: LogLevel.OFF}),
  };
  // `requestQueue` is typed as Crawlee's own class; what it calls on it is `IRequestManager`, which the frontier is.
  const crawler = new SteadyCrawler(options as unknown as BasicCrawlerOptions, config);
  return {
    run: async () => {
      await crawler.run();
      if (fatal !== undefined) throw fatal;
    },
    notify: () => {
      void crawler.autoscaledPool?.notify();
    },
  };
}

/**
 * On SIGINT Crawlee would drop the pages in flight, after this has ended: it never ends. Whoever runs the crawl gives it
 * a signal, and pages in flight are kept.
 */
class SteadyCrawler extends BasicCrawler {
  protected override _pauseOnMigration(): Promise<void> {
    return new Promise(() => {});
  }
}

/** Crawlee's events without its system monitor. */
class QuietEvents extends EventManager {}
