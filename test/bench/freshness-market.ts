/** A market of adverts that change, and what a crawler that walks its searches every day comes to know of it. */
import {NEVER_VISITED, type RefreshCandidate, type VisitHistory} from '../../src/crawl/refresh.ts';
import {createRandom, type Random} from '../../src/lib/random.ts';

export interface MarketSettings {
  readonly seed: number;
  readonly listings: number;
  /** Changes of the mean listing a day. */
  readonly changesPerDay: number;
  /** Share of the changes that searches show. */
  readonly visibleShare: number;
  /** Share of the listings that leaves each day; as many arrive. */
  readonly turnover: number;
  /** Spread of the listings' rates: standard deviation of their logarithms. */
  readonly tail: number;
}

export interface Advert {
  readonly id: string;
  /** True rate, changes a day. Only the market and the oracle look at it. */
  readonly changesPerDay: number;
  /** Counts what searches show, as a price would. */
  price: number;
  /** Counts what only the advert's page shows, as a description would. */
  text: number;
}

/** Adverts with rates of a log-normal distribution: half change less than a third as often as the mean. */
export class Market {
  readonly live = new Map<string, Advert>();
  readonly settings: MarketSettings;
  readonly #random: Random;
  #lastId = 0;

  constructor(settings: MarketSettings) {
    this.settings = settings;
    this.#random = createRandom(settings.seed);
    for (let n = 0; n < settings.listings; n += 1) this.#arrive();
  }

  #arrive(): void {
    const {changesPerDay, tail} = this.settings;
    const id = String(++this.#lastId);
    const rate = changesPerDay * Math.exp(tail * this.#random.normal() - tail ** 2 / 2);
    this.live.set(id, {id, changesPerDay: rate, price: 0, text: 0});
  }

  passDay(): void {
    const {turnover, visibleShare} = this.settings;
    for (const advert of [...this.live.values()]) {
      if (this.#random.chance(turnover)) {
        this.live.delete(advert.id);
        this.#arrive();
        continue;
      }
      for (let n = poisson(advert.changesPerDay, this.#random); n > 0; n -= 1) {
        if (this.#random.chance(visibleShare)) advert.price += 1;
        else advert.text += 1;
      }
    }
  }
}

/** Knuth's product of uniform numbers; rates are small. */
function poisson(mean: number, random: Random): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > limit; product *= random.next()) count += 1;
  return count;
}

interface Known {
  readonly firstSeenDay: number;
  seenDay: number;
  seenPrice: number;
  /** Price changes that searches showed, and how many of them were known at the last visit. */
  priceChanges: number;
  priceChangesAtVisit: number;
  firstVisitDay: number | null;
  visitDay: number | null;
  visitPrice: number;
  visitText: number;
  hiddenChanges: number;
}

/** What a crawler knows: only what searches and visits showed it. */
export class Knowledge {
  readonly #known = new Map<string, Known>();

  /** A walk of all searches. @returns listings that were there yesterday and are no more. */
  walk(market: Market, day: number): string[] {
    for (const {id, price} of market.live.values()) {
      const known = this.#known.get(id);
      if (known === undefined) {
        this.#known.set(id, newlySeen(day, price));
        continue;
      }
      if (known.seenPrice !== price) known.priceChanges += 1;
      known.seenPrice = price;
      known.seenDay = day;
    }
    const missing = [...this.#known].flatMap(([id, known]) => (known.seenDay < day ? [id] : []));
    for (const id of missing) this.#known.delete(id);
    return missing;
  }

  visit(advert: Advert, day: number): void {
    const known = this.#known.get(advert.id);
    if (known === undefined) throw new Error(`advert ${advert.id} was visited before a search showed it`);
    const isShown = known.priceChanges !== known.priceChangesAtVisit;
    if (known.visitDay !== null && known.visitText !== advert.text && !isShown) known.hiddenChanges += 1;
    known.firstVisitDay ??= day;
    known.visitDay = day;
    known.visitPrice = advert.price;
    known.visitText = advert.text;
    known.priceChangesAtVisit = known.priceChanges;
  }

  isFresh(advert: Advert): boolean {
    const known = this.#known.get(advert.id);
    return known?.visitDay != null && known.visitPrice === advert.price && known.visitText === advert.text;
  }

  candidates(): RefreshCandidate[] {
    return [...this.#known].map(([id, known]) => ({
      ...historyOf(known),
      listingId: id,
      url: id,
      signals: {
        hasChanged: known.visitDay !== null && known.visitPrice !== known.seenPrice,
        hasReappeared: false,
        lastmod: null,
      },
    }));
  }
}

function newlySeen(day: number, price: number): Known {
  return {
    firstSeenDay: day,
    seenDay: day,
    seenPrice: price,
    priceChanges: 0,
    priceChangesAtVisit: 0,
    firstVisitDay: null,
    visitDay: null,
    visitPrice: 0,
    visitText: 0,
    hiddenChanges: 0,
  };
}

function historyOf(known: Known): VisitHistory {
  const {visitDay, firstVisitDay, firstSeenDay, seenDay, priceChanges, hiddenChanges} = known;
  return {
    ...NEVER_VISITED,
    lastVisitedAt: visitDay === null ? null : dateOf(visitDay),
    visible: {changes: priceChanges, days: seenDay - firstSeenDay},
    hidden: {
      changes: hiddenChanges,
      days: visitDay === null || firstVisitDay === null ? 0 : visitDay - firstVisitDay,
    },
  };
}

export function dateOf(day: number): Date {
  return new Date(Date.UTC(2026, 0, 1 + day, 6));
}
