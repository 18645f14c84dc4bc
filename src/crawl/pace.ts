import {setTimeout as sleep} from 'node:timers/promises';
import type {Db} from '../db/client.ts';
import {pauseHost, reserveSlot} from '../db/pace.ts';

export interface Pace {
  /** Resolves when the next request may be sent. Rejects with `AbortError` when the crawl is stopped meanwhile. */
  readonly waitForSlot: () => Promise<void>;
  /** Nothing is sent to the host for so long, by any process. */
  readonly pause: (delayMs: number) => Promise<void>;
  readonly delayMs: number;
}

/**
 * The pace of one host, shared through the database by every process that asks it: requests start at least `delayMs`
 * apart. A delay of 0 (loopback only) asks nobody.
 */
export function openPace(db: Db, host: string, delayMs: number, signal: AbortSignal): Pace {
  let pausedUntil = 0;
  return {
    delayMs,
    waitForSlot: async () => {
      for (;;) {
        const waitMs = Math.max(
          delayMs > 0 ? await reserveSlot(db, host, delayMs) : 0,
          pausedUntil - performance.now(),
        );
        if (waitMs > 0) await sleep(waitMs, undefined, {signal});
        else if (signal.aborted) throw signal.reason;
        // A pause that began while we slept counts for us too: the slot is given up and a new one taken.
        if (performance.now() >= pausedUntil) return;
      }
    },
    pause: async pauseMs => {
      pausedUntil = Math.max(pausedUntil, performance.now() + pauseMs);
      if (delayMs > 0) await pauseHost(db, host, pauseMs);
    },
  };
}
