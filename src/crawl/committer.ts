import type {ArchiveWriter} from '../archive/warc.ts';
import type {Database} from '../db/client.ts';
import {saveIssues} from '../db/observations.ts';
import {addToCounters, addToFrontier, changeFrontier, insertPages, skipQueued} from '../db/pages.ts';
import type {Visit} from './visit.ts';
import type {Walk} from './walk.ts';

/** Visits of one commit at most, and the longest one waits for others, milliseconds. */
const BATCH = 64;
const MAX_WAIT_MS = 200;
/** Above this many uncommitted visits, new ones wait. */
const MAX_WAITING = 256;

export interface CommitterOptions {
  readonly database: Database;
  readonly archive: ArchiveWriter;
  readonly runId: number;
  readonly portalId: string;
  readonly host: string;
  readonly now: () => Date;
  /** Called after each commit. New pages may be in the frontier when it resolves. */
  readonly afterCommit: () => Promise<void>;
  /** Called once when a commit failed: nothing more can be kept. */
  readonly onFailure: () => void;
}

/**
 * Commits visits in groups: archive bytes to disk first, then pages, frontier, newly found pages and counters in one
 * transaction. A kill before the transaction leaves the pages leased, to be visited again; after it, all of it is there.
 */
export class Committer {
  readonly #options: CommitterOptions;
  #waiting: Visit[] = [];
  #turn: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isScheduled = false;
  #failure: {readonly error: unknown} | undefined;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** Takes over a visit; resolves at once unless too many wait. Rejects when a commit failed. */
  async add(visit: Visit): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#waiting.push(visit);
    if (this.#waiting.length >= BATCH) this.flushSoon();
    else this.#timer ??= setTimeout(() => this.flushSoon(), MAX_WAIT_MS);
    if (this.#waiting.length >= MAX_WAITING) await this.#turn;
  }

  /** Commits what waits as soon as the commit before is through. */
  flushSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    this.#turn = this.#turn.then(async () => {
      this.#isScheduled = false;
      await this.#commit(this.#waiting.splice(0));
    });
    this.#turn.catch(error => {
      // Whoever adds or drains next throws it.
      this.#failure ??= {error};
      this.#options.onFailure();
    });
  }

  /** Resolves when everything added is committed. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.flushSoon();
      await this.#turn;
    }
    await this.#turn;
  }

  async #commit(visits: readonly Visit[]): Promise<void> {
    const {database, archive, runId, portalId, host, now, afterCommit} = this.#options;
    const walks = [...new Set(visits.map(visit => visit.walk))];
    const stopped = walks.filter(walk => walk.stopReason !== null);
    await archive.sync();
    const {added, skipped} = await database.orm.transaction(async tx => {
      await insertPages(
        tx,
        visits.flatMap(({page}) => (page === null ? [] : [page])),
      );
      await changeFrontier(
        tx,
        visits.map(visit => visit.change),
      );
      const found = visits.flatMap(visit => (visit.walk.stopReason === null ? visit.found : []));
      const skipped = new Map<number, number>();
      for (const walk of stopped) {
        for (const [id, n] of await skipQueued(tx, [walk.runScopeId], walk.stopReason ?? ''))
          skipped.set(id, n);
      }
      await addToCounters(
        tx,
        walks.map(walk => countersOf(walk, visits)),
      );
      await saveIssues(
        tx,
        portalId,
        visits.flatMap(visit => visit.issues),
        now(),
      );
      return {added: await addToFrontier(tx, runId, host, found), skipped};
    });
    for (const {walk, change} of visits) {
      if (change.state !== 'queued') walk.openPages -= 1;
    }
    for (const walk of walks) {
      walk.openPages += (added.get(walk.runScopeId) ?? 0) - (skipped.get(walk.runScopeId) ?? 0);
    }
    await afterCommit();
  }
}

function countersOf(walk: Walk, visits: readonly Visit[]) {
  const own = visits.filter(visit => visit.walk === walk && visit.page !== null);
  const pagesFailed = own.filter(
    ({page}) => page?.outcome === 'error' || page?.outcome === 'rejected',
  ).length;
  return {
    runScopeId: walk.runScopeId,
    pagesDone: own.length - pagesFailed,
    pagesFailed,
    listingsSeen: walk.phase === 'searching' ? walk.seen.size : null,
    announcedTotal: walk.announcedTotal,
  };
}
