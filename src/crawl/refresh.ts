/**
 * Which listing pages are worth a visit: those known to have changed first, then those whose visit is worth most.
 *
 * A listing changes at its own rate (Poisson): `visible` changes are told by the search (price, date), `hidden` ones only
 * by the listing's page. A visit at age t buys the expected time until the next change and gives up what the page as
 * stored still had. The value of one more visit follows from the renewal argument of Azar, Horvitz, Lubetzky, Peres and
 * Shahaf, "Tractable near-optimal policies for crawling", PNAS 115 (2018), extended to pages that signal some of their
 * changes by Busa-Fekete et al., "A scalable crawling algorithm utilizing noisy change-indicating signals", WWW (2025).
 * Visiting whatever has the highest value within a budget is their near-optimal policy.
 *
 * Pure: everything known is an argument; the same candidates in any order give the same plan.
 */
import {MAX_LINK_AGE_DAYS, type RefreshReason} from '../domain/detail-plan.ts';
import {bogotaDay} from '../lib/bogota-day.ts';

/** Changes counted during so many days of watching. */
export interface Exposure {
  readonly changes: number;
  readonly days: number;
}

/** What visits and searches of the last weeks told about one listing. */
export interface VisitHistory {
  /** Newest visit of its own page, failed ones included: a page that can't be read waits its turn. Null: never. */
  readonly lastVisitedAt: Date | null;
  /** Changes between searches, and the days between the first and the last search that saw it. */
  readonly visible: Exposure;
  /** Changes that a visit found and no search had shown, and the days between the first and the last visit. */
  readonly hidden: Exposure;
}

/** What the walk of today says about a listing. */
export interface RefreshSignals {
  /** A search shows another price or date than the page did when it was last visited. */
  readonly hasChanged: boolean;
  /** It was missing in a complete run since its last visit. */
  readonly hasReappeared: boolean;
  /** When a sitemap says it last changed, as written (`2026-05-01`); null: it doesn't say. */
  readonly lastmod: string | null;
}

export interface RefreshCandidate extends VisitHistory {
  readonly listingId: string;
  readonly url: string;
  readonly signals: RefreshSignals;
}

export interface RefreshLimits {
  /** Pages at most. */
  readonly budget: number;
  readonly now: Date;
  /** A page older than this comes right after the dirty ones; null: only its value counts. Days. */
  readonly maxAgeDays: number | null;
}

export interface PlannedPage {
  readonly listingId: string;
  readonly url: string;
  readonly reason: RefreshReason;
}

export interface RefreshPlan {
  /** The most urgent first. */
  readonly pages: readonly PlannedPage[];
  /** Candidates known to have changed, or never visited, that the budget left out. */
  readonly dirtyLeft: number;
}

/** Changes a day of a usual listing, before a portal has shown its own: 2 % a day, 70 % of them in searches. */
export const USUAL_RATES: ChangeRates = {visiblePerDay: 0.014, hiddenPerDay: 0.006};
/** Listing-days of watching that the usual rates weigh when a portal's own are pooled. */
const USUAL_WEIGHT_DAYS = 1000;
/**
 * Shape of the gamma distribution of listings' rates around the portal's: one half has the heavy tail of real adverts,
 * where few are edited often and most never.
 */
const RATE_SHAPE = 0.5;
const DAY_MS = 86_400_000;

export interface ChangeRates {
  readonly visiblePerDay: number;
  readonly hiddenPerDay: number;
}

/** The portal's own rates: all changes over all days watched, drawn to the usual ones while there is little. */
export function pooledRates(histories: readonly VisitHistory[]): ChangeRates {
  const pool = (of: (history: VisitHistory) => Exposure, usual: number) => {
    let changes = usual * USUAL_WEIGHT_DAYS;
    let days = USUAL_WEIGHT_DAYS;
    for (const history of histories) {
      changes += of(history).changes;
      days += of(history).days;
    }
    return changes / days;
  };
  return {
    visiblePerDay: pool(history => history.visible, USUAL_RATES.visiblePerDay),
    hiddenPerDay: pool(history => history.hidden, USUAL_RATES.hiddenPerDay),
  };
}

/**
 * A listing's own rates: the portal's, times how often it changed against what was expected of it. With one kind of
 * change this is λ̂ = (x + 0.5)/(T + 0.5/λ₀).
 */
export function ownRates({visible, hidden}: VisitHistory, pooled: ChangeRates): ChangeRates {
  const {visiblePerDay, hiddenPerDay} = pooled;
  const expected = visiblePerDay * visible.days + hiddenPerDay * hidden.days;
  const factor = (visible.changes + hidden.changes + RATE_SHAPE) / (expected + RATE_SHAPE);
  return {visiblePerDay: factor * visiblePerDay, hiddenPerDay: factor * hiddenPerDay};
}

/**
 * What a visit is worth, in days of freshness, to a listing visited `days` ago that has not signalled a change since.
 * Without visible changes it is (1 − e^(−z)(1 + z))/λ with z = λ·days. Infinite age: a page known to be stale.
 */
export function crawlValue({visiblePerDay, hiddenPerDay}: ChangeRates, days: number): number {
  const both = visiblePerDay + hiddenPerDay;
  if (both <= 0 || days <= 0) return 0;
  if (days === Number.POSITIVE_INFINITY) return 1 / both;
  const freshDays = -Math.expm1(-both * days) / both;
  const cycleDays = visiblePerDay > 0 ? -Math.expm1(-visiblePerDay * days) / visiblePerDay : days;
  return Math.max(0, freshDays - Math.exp(-hiddenPerDay * days) * cycleDays);
}

/** Why a candidate's stored state is known to be old; null: nothing says so. */
export function dirtyReason({signals, lastVisitedAt}: RefreshCandidate): RefreshReason | null {
  if (lastVisitedAt === null) return 'new';
  if (signals.hasChanged) return 'changed';
  if (signals.hasReappeared) return 'reappeared';
  return isModifiedSince(signals.lastmod, lastVisitedAt) ? 'lastmod' : null;
}

/** A bare day counts to its end: the change may have come after a visit of the same day. Unreadable text says nothing. */
function isModifiedSince(lastmod: string | null, visitedAt: Date): boolean {
  if (lastmod === null) return false;
  if (/^\d{4}-\d{2}-\d{2}$/.test(lastmod)) return lastmod >= bogotaDay(visitedAt);
  return Date.parse(lastmod) >= visitedAt.getTime();
}

const TIERS: Readonly<Record<RefreshReason, number>> = {
  changed: 0,
  reappeared: 0,
  lastmod: 0,
  // What is stored of a changed page is wrong; of a new one it is only missing.
  new: 1,
  overdue: 2,
  value: 3,
};

/** The pages to visit within the budget. A listing given twice counts once. */
export function planRefresh(candidates: readonly RefreshCandidate[], limits: RefreshLimits): RefreshPlan {
  const {budget, now, maxAgeDays} = limits;
  const known = distinct(candidates);
  const pooled = pooledRates(known);
  const ranked = known.map(candidate => {
    const {listingId, url, lastVisitedAt} = candidate;
    const days = lastVisitedAt === null ? Number.POSITIVE_INFINITY : daysBetween(lastVisitedAt, now);
    const isOverdue = maxAgeDays !== null && days >= maxAgeDays;
    const dirty = dirtyReason(candidate);
    const reason: RefreshReason = dirty ?? (isOverdue ? 'overdue' : 'value');
    const age = dirty === null ? days : Number.POSITIVE_INFINITY;
    // Of two overdue pages the older is nearer to being lost.
    const worth = reason === 'overdue' ? days : crawlValue(ownRates(candidate, pooled), age);
    return {listingId, url, reason, worth};
  });
  ranked.sort(
    (a, b) => TIERS[a.reason] - TIERS[b.reason] || b.worth - a.worth || compareText(a.listingId, b.listingId),
  );
  const worthwhile = ranked.filter(({worth}) => worth > 0);
  const taken = worthwhile.slice(0, Math.max(0, Math.floor(budget)));
  const dirtyLeft = worthwhile.slice(taken.length).filter(({reason}) => TIERS[reason] < TIERS.overdue).length;
  return {pages: taken.map(({listingId, url, reason}) => ({listingId, url, reason})), dirtyLeft};
}

/** In one order, whatever the order given: sums of days are the same to the last bit. */
function distinct(candidates: readonly RefreshCandidate[]): RefreshCandidate[] {
  const sorted = [...candidates].sort(
    (a, b) =>
      compareText(a.listingId, b.listingId) ||
      compareText(a.url, b.url) ||
      (b.lastVisitedAt?.getTime() ?? 0) - (a.lastVisitedAt?.getTime() ?? 0),
  );
  return sorted.filter(({listingId}, index) => listingId !== sorted[index - 1]?.listingId);
}

/** A listing page that a sitemap names. */
export interface ListingLink {
  readonly url: string;
  readonly listingId: string;
  readonly lastmod: string | null;
}

export interface LinkLimits {
  /** Pages at most. */
  readonly budget: number;
  /** Pages up to which the plan is filled with links that nothing calls for but their age; `budget` unless told. */
  readonly valueBudget?: number;
  readonly now: Date;
  readonly maxAgeDays?: number;
}

export interface DueLinks {
  readonly due: readonly PlannedPage[];
  /** Links left for a later run; none: a full pass. */
  readonly left: readonly RefreshCandidate[];
}

/**
 * Which links of a portal's sitemaps a run visits, for portals whose searches hold no listings.
 *
 * A run that leaves links out is *incomplete by plan*, also when every page it asked for was good. It has not looked at
 * the rest, so that:
 * - spells: nothing it did not visit counts as absent. A removal comes from the listing's own page (gone), or from two
 *   full passes without it. `MAX_LINK_AGE_DAYS` brings each listing a sighting before the 14 days after which its spell
 *   would end unknown, as long as the budget holds a tenth of the links a day.
 * - alarms: what such runs saw is a part chosen by them, so that only what is true of each advert may be read from it.
 */
export function dueLinks(
  links: readonly ListingLink[],
  visited: ReadonlyMap<string, VisitHistory>,
  {budget, valueBudget = budget, now, maxAgeDays = MAX_LINK_AGE_DAYS}: LinkLimits,
): DueLinks {
  const candidates = links.map(({url, listingId, lastmod}) => ({
    ...(visited.get(listingId) ?? NEVER_VISITED),
    ...{url, listingId},
    signals: {hasChanged: false, hasReappeared: false, lastmod},
  }));
  const {pages} = planRefresh(candidates, {budget, now, maxAgeDays});
  const urgent = pages.filter(({reason}) => reason !== 'value').length;
  const due = pages.slice(0, Math.max(urgent, Math.floor(valueBudget)));
  const taken = new Set(due.map(({listingId}) => listingId));
  const left = distinct(candidates).filter(({listingId}) => !taken.has(listingId));
  return {due, left};
}

export const NEVER_VISITED: VisitHistory = {
  lastVisitedAt: null,
  visible: {changes: 0, days: 0},
  hidden: {changes: 0, days: 0},
};

/** Never negative: clocks are set back. */
function daysBetween(from: Date, to: Date): number {
  return Math.max(0, (to.getTime() - from.getTime()) / DAY_MS);
}

/** By code units: the same on every machine, whatever its language. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
