import {Request} from '@crawlee/basic';
import type {Db} from '../db/client.ts';
import {type LeasedPage, leasePages, nextDueMs} from '../db/pages.ts';

export interface FrontierOptions {
  readonly db: Db;
  readonly runId: number;
  /** Name of this process in leases. */
  readonly owner: string;
  /** Pages taken at once: one round trip serves many. */
  readonly block: number;
  /** True when nothing is left to visit and everything visited is committed. */
  readonly isFinished: () => boolean;
  /** Called when no page can be taken now: what is visited but not committed may hold new ones. */
  readonly onDry: () => void;
}

/**
 * The frontier in Postgres, as Crawlee asks for requests (`IRequestManager`). Pages are leased in blocks; how a visit
 * ended is written by the batch that commits it, never by Crawlee: its `markRequestHandled` and `reclaimRequest` have
 * nothing to do here.
 */
export class Frontier {
  readonly #options: FrontierOptions;
  readonly #leases = new Map<string, LeasedPage>();
  #waiting: LeasedPage[] = [];
  #refill: Promise<void> | undefined;
  /** Nothing could be taken before this instant of `performance.now()`. */
  #dryUntil = 0;
  #isStopped = false;
  #handled = 0;

  constructor(options: FrontierOptions) {
    this.#options = options;
  }

  /** True when no page waits here and the database had none to give. */
  get isDry(): boolean {
    return this.#waiting.length === 0 && performance.now() < this.#dryUntil;
  }

  /** New or returned pages were committed: ask the database again. */
  wake(): void {
    this.#dryUntil = 0;
  }

  /** Hands out nothing more; pages in flight may end. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when no page is being leased. After `stop` none will be. */
  async settle(): Promise<void> {
    await this.#refill;
  }

  /** The page of a request that was handed out. */
  take(requestId: string): LeasedPage {
    const lease = this.#leases.get(requestId);
    if (lease === undefined) throw new Error(`request ${requestId} was not handed out by this frontier`);
    this.#leases.delete(requestId);
    return lease;
  }

  async isEmpty(): Promise<boolean> {
    if (this.#isStopped) return true;
    if (this.#waiting.length === 0) await this.#takeBlock();
    return this.#waiting.length === 0;
  }

  isFinished(): Promise<boolean> {
    return Promise.resolve(this.#isStopped || this.#options.isFinished());
  }

  async fetchNextRequest(): Promise<Request | null> {
    if (await this.isEmpty()) return null;
    const lease = this.#waiting.shift();
    if (lease === undefined) return null;
    const id = String(lease.frontierId);
    this.#leases.set(id, lease);
    return new Request({id, uniqueKey: id, url: lease.url});
  }

  markRequestHandled(): Promise<null> {
    this.#handled += 1;
    return Promise.resolve(null);
  }

  reclaimRequest(): Promise<null> {
    return Promise.resolve(null);
  }

  handledCount(): Promise<number> {
    return Promise.resolve(this.#handled);
  }

  getTotalCount(): number {
    return this.#handled + this.getPendingCount();
  }

  getPendingCount(): number {
    return this.#waiting.length + this.#leases.size;
  }

  /** Pages enter the frontier with the commit of the page that named them, never through Crawlee. */
  addRequest(): Promise<never> {
    return Promise.reject(new Error('pages enter the frontier with the page that links to them'));
  }

  addRequestsBatched(): Promise<never> {
    return this.addRequest();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Request> {
    for (
      let request = await this.fetchNextRequest();
      request !== null;
      request = await this.fetchNextRequest()
    ) {
      yield request;
    }
  }

  /** One query at a time, however many tasks ask. */
  async #takeBlock(): Promise<void> {
    if (this.#isStopped || performance.now() < this.#dryUntil) return;
    this.#refill ??= this.#lease().finally(() => {
      this.#refill = undefined;
    });
    await this.#refill;
  }

  async #lease(): Promise<void> {
    const {db, runId, owner, block, onDry} = this.#options;
    // Set first: a commit that wakes us while we ask must not be overwritten.
    this.#dryUntil = Number.POSITIVE_INFINITY;
    const pages = await leasePages(db, runId, owner, block);
    if (pages.length > 0) {
      this.#waiting = pages;
      this.wake();
      return;
    }
    const dueMs = await nextDueMs(db, runId);
    if (dueMs !== undefined && this.#dryUntil > 0) this.#dryUntil = performance.now() + dueMs;
    onDry();
  }
}
