/**
 * How fresh a portal's listings are for how many requests. A day: adverts change, the searches are walked, listing
 * pages are visited; then each live advert counts as fresh when its own page was visited after its last change, whether
 * searches show that change or not. Nothing of the truth reaches a strategy but the oracle.
 */
import {crawlValue, planRefresh, type RefreshCandidate} from '../../src/crawl/refresh.ts';
import type {BenchRow} from './bench-row.ts';
import {dateOf, Knowledge, Market, type MarketSettings} from './freshness-market.ts';

const SEEDS = [1, 2, 3];
const DAYS = 60;
const WARM_UP_DAYS = 14;
/** As Finca Raíz shows them. */
const LISTINGS_A_PAGE = 21;
/** Share of the listings whose pages a run may visit: with the searches below 13 % of a full crawl. */
const DETAIL_SHARE = 0.088;
const BASE = {listings: 6000, visibleShare: 0.7, turnover: 0.01, tail: 1.5} as const;

interface Day {
  readonly day: number;
  readonly market: Market;
  readonly candidates: readonly RefreshCandidate[];
  /** Listing pages left of the day's share once removals are confirmed. */
  readonly budget: number;
}

/** Which listings to visit today. */
type Strategy = (today: Day) => readonly string[];

const STRATEGIES: readonly (readonly [string, Strategy])[] = [
  ['full daily', ({candidates}) => candidates.map(({listingId}) => listingId)],
  ['uniform weekly', ({candidates, day}) => weekly(candidates, day)],
  ['uniform, requests of Raíz', ({candidates, budget}) => oldestFirst(candidates, budget, false)],
  ['signals, then oldest', ({candidates, budget}) => oldestFirst(candidates, budget, true)],
  ['Raíz', ({candidates, budget, day}) => raiz(candidates, budget, day)],
  ['oracle of the true rates', oracle],
];

function raiz(candidates: readonly RefreshCandidate[], budget: number, day: number): string[] {
  const {pages} = planRefresh(candidates, {budget, now: dateOf(day), maxAgeDays: null});
  return pages.map(({listingId}) => listingId);
}

/** New listings at once, the others each seven days. */
function weekly(candidates: readonly RefreshCandidate[], day: number): string[] {
  const isDue = ({listingId, lastVisitedAt}: RefreshCandidate) =>
    lastVisitedAt === null || (Number(listingId) + day) % 7 === 0;
  return candidates.filter(isDue).map(({listingId}) => listingId);
}

/** New listings first, then (if asked) those whose search changed, then the longest unvisited. */
function oldestFirst(
  candidates: readonly RefreshCandidate[],
  budget: number,
  readsSignals: boolean,
): string[] {
  const turn = ({lastVisitedAt, signals}: RefreshCandidate) => {
    if (lastVisitedAt === null) return Number.NEGATIVE_INFINITY;
    return readsSignals && signals.hasChanged ? 0 : lastVisitedAt.getTime();
  };
  const ordered = [...candidates].sort(
    (a, b) => turn(a) - turn(b) || Number(a.listingId) - Number(b.listingId),
  );
  return ordered.slice(0, budget).map(({listingId}) => listingId);
}

/** The policy of Raíz with the market's own rates instead of learned ones: what knowing more could still bring. */
function oracle({market, candidates, budget, day}: Day): string[] {
  const {visibleShare} = market.settings;
  const valued = candidates.map(({listingId, lastVisitedAt, signals}) => {
    const rate = market.live.get(listingId)?.changesPerDay ?? 0;
    const rates = {visiblePerDay: visibleShare * rate, hiddenPerDay: (1 - visibleShare) * rate};
    const isDirty = lastVisitedAt === null || signals.hasChanged;
    const days = isDirty
      ? Number.POSITIVE_INFINITY
      : (dateOf(day).getTime() - lastVisitedAt.getTime()) / 86_400_000;
    return {listingId, isDirty, value: crawlValue(rates, days)};
  });
  valued.sort((a, b) => Number(b.isDirty) - Number(a.isDirty) || b.value - a.value);
  return valued.slice(0, budget).map(({listingId}) => listingId);
}

interface Outcome {
  /** Share of live listings, mean over the days after the warm-up. */
  readonly fresh: number;
  /** Requests a day over the same days: searches, removals, listing pages. */
  readonly requests: number;
}

/** The first day visits every listing, whatever the strategy. */
function simulate(settings: MarketSettings, strategy: Strategy): Outcome {
  const market = new Market(settings);
  const knowledge = new Knowledge();
  let freshDays = 0;
  let requests = 0;
  for (let day = 0; day < DAYS; day += 1) {
    if (day > 0) market.passDay();
    const missing = knowledge.walk(market, day);
    const budget = Math.max(0, Math.floor(DETAIL_SHARE * market.live.size) - missing.length);
    const today = {day, market, candidates: knowledge.candidates(), budget};
    const visits = day === 0 ? [...market.live.keys()] : strategy(today);
    for (const id of visits) {
      const advert = market.live.get(id);
      if (advert === undefined) throw new Error(`a strategy visits advert ${id}, which no search shows`);
      knowledge.visit(advert, day);
    }
    if (day < WARM_UP_DAYS) continue;
    const adverts = [...market.live.values()];
    freshDays += adverts.filter(advert => knowledge.isFresh(advert)).length / adverts.length;
    requests += Math.ceil(adverts.length / LISTINGS_A_PAGE) + missing.length + visits.length;
  }
  const days = DAYS - WARM_UP_DAYS;
  return {fresh: freshDays / days, requests: requests / days};
}

/** Freshness, requests a day and their share of a full crawl, at three rates of change. */
export function benchFreshness(): Promise<BenchRow[]> {
  return Promise.resolve([0.01, 0.02, 0.05].flatMap(benchRate));
}

function benchRate(changesPerDay: number): BenchRow[] {
  const outcomes = STRATEGIES.map(([name, strategy]) => ({
    name,
    runs: SEEDS.map(seed => simulate({...BASE, seed, changesPerDay}, strategy)),
  }));
  const full = mean(outcomes[0]?.runs.map(run => run.requests) ?? []);
  return outcomes.map(({name, runs}) => {
    const fresh = runs.map(run => 100 * run.fresh);
    const requests = mean(runs.map(run => run.requests));
    const spread = `${Math.min(...fresh).toFixed(2)}–${Math.max(...fresh).toFixed(2)} over ${SEEDS.length} seeds`;
    const goal = name === 'Raíz' && changesPerDay === 0.02 ? '; goal ≥ 97.5 % at ≤ 13 %' : '';
    return {
      name: `${100 * changesPerDay} % a day: ${name}`,
      value: Math.round(100 * mean(fresh)) / 100,
      unit: '% fresh',
      note: `${requests.toFixed(0)} requests/day = ${((100 * requests) / full).toFixed(1)} % of full; ${spread}${goal}`,
    };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
