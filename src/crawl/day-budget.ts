import type {Db} from '../db/client.ts';
import {countPagesOnDay} from '../db/pages.ts';
import {bogotaDay} from '../lib/bogota-day.ts';

export interface DayBudgetOptions {
  readonly db: Db;
  readonly portalId: string;
  /** Visits to a stand-in and to the real site are counted apart. */
  readonly isLoopback: boolean;
  /** Pages of one Bogotá day, over all runs of the portal; infinite: no such budget. */
  readonly maxPages: number;
  readonly now: () => Date;
}

/**
 * What one portal may still be asked today, over all runs and processes. Of one process it is exact; of several at once
 * it is as exact as their last counts, so that together they may exceed it by the pages they have in flight. A crawl that
 * goes on past midnight is charged to the day it began as well.
 */
export class DayBudget {
  readonly #options: DayBudgetOptions;
  #countedBefore: number | undefined;
  #takenHere = 0;
  #counted = 0;

  constructor(options: DayBudgetOptions) {
    this.#options = options;
  }

  /** Counts again what all processes visited today. Call it once before the first `take`, then as others go on. */
  async recount(): Promise<void> {
    const {db, portalId, isLoopback, maxPages, now} = this.#options;
    if (maxPages === Number.POSITIVE_INFINITY) return;
    this.#counted = await countPagesOnDay(db, portalId, isLoopback, bogotaDay(now()));
    this.#countedBefore ??= this.#counted;
  }

  /** Pages that may still be asked for today. */
  get left(): number {
    const today = Math.max(this.#counted, (this.#countedBefore ?? 0) + this.#takenHere);
    return Math.max(0, this.#options.maxPages - today);
  }

  /** Charges one page. @returns why there is none left, or undefined. */
  take(): string | undefined {
    const {portalId, maxPages} = this.#options;
    if (this.left <= 0) return `stopped at the day's budget of ${maxPages} pages of ${portalId}`;
    this.#takenHere += 1;
    return undefined;
  }
}
