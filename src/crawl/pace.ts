import {setTimeout as sleep} from 'node:timers/promises';
import type {Db} from '../db/client.ts';
import {pauseHost, reserveSlot} from '../db/pace.ts';
import {type Answered, adaptDelay} from './throttle.ts';

export interface Pace {
  /** Resolves when the next request may be sent. Rejects with `AbortError` when the crawl is stopped meanwhile. */
  readonly waitForSlot: () => Promise<void>;
  /** Nothing is sent to the host for so long, by any process. */
  readonly pause: (delayMs: number) => Promise<void>;
  /** Slows down after a slow answer or a failure, and recovers after good ones; never faster than the legal pace. */
  readonly observe: (answered: Answered) => void;
}

/**
 * The pace of one host, shared through the database by every process that asks it: requests start at least
 * `legalDelayMs` apart. A delay of 0 (loopback only) asks nobody.
 *
 * The database's clock orders processes; within this one a clock that only goes forward keeps the distance too, so that
 * neither machine's clock may jump a request ahead.
 */
export function openPace(db: Db, host: string, legalDelayMs: number, signal: AbortSignal): Pace {
  let delayMs = legalDelayMs;
  let pausedUntil = 0;
  let nextOwnSlot = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const reserve = async (): Promise<number> => {
    const sharedMs = await reserveSlot(db, host, delayMs);
    const startAt = Math.max(performance.now() + sharedMs, nextOwnSlot);
    nextOwnSlot = startAt + delayMs;
    return startAt;
  };
  /** One after the other: slots are taken in the order they are asked for. */
  const reserveInTurn = (): Promise<number> => {
    const slot = turn.then(reserve);
    turn = slot.catch(() => undefined); // Whoever asked for the slot gets the error; the next asks anew.
    return slot;
  };
  return {
    waitForSlot: async () => {
      for (;;) {
        const startAt = legalDelayMs > 0 ? await reserveInTurn() : 0;
        const waitMs = Math.max(startAt, pausedUntil) - performance.now();
        if (waitMs > 0) await sleep(waitMs, undefined, {signal});
        else if (signal.aborted) throw signal.reason;
        // A pause that began while we slept counts for us too: the slot is given up and a new one taken.
        if (performance.now() >= pausedUntil) return;
      }
    },
    pause: async pauseMs => {
      pausedUntil = Math.max(pausedUntil, performance.now() + pauseMs);
      if (legalDelayMs > 0) await pauseHost(db, host, pauseMs);
    },
    observe: answered => {
      if (legalDelayMs > 0) delayMs = adaptDelay(delayMs, answered, legalDelayMs);
    },
  };
}
