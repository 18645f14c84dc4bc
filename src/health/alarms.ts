/**
 * Drift alarms: what the newest runs say against the runs before. Pure.
 *
 * An alarm speaks of one portal and, where it makes sense, one field; scopes that share a cause share the alarm, so that
 * a portal which loses a field sends one message and not one for each of its searches.
 */
import {MAX_LINK_AGE_DAYS} from '../domain/detail-plan.ts';
import type {AlarmKind, Verdict} from '../domain/vocabulary.ts';
import {type AbsenceStep, findSurges, SURGE_FACTOR} from '../lib/absence-surge.ts';
import {median} from '../lib/stats.ts';

/** One scope of one run. Sampled and unfinished runs are left out: they say nothing about the portal. */
export interface ScopeRun {
  readonly runId: number;
  /** When its search was walked to the end. */
  readonly observedAt: Date;
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly announcedTotal: number | null;
  /** Distinct adverts the crawl saw. */
  readonly listingsSeen: number;
  /** Listing pages it knew of and left out by plan: how many it saw is then its own choice. */
  readonly linksLeft: number;
  /** The oldest last visit among those; null: none of them was ever visited. */
  readonly oldestVisitAt: Date | null;
  /** Null until its pages are parsed. */
  readonly measure: ScopeMeasure | null;
}

export interface ScopeMeasure {
  readonly listings: number;
  /** Listings of the complete run before; null: there is none. */
  readonly listingsBefore: number | null;
  /** Those of them that are in no scope of this run; null where it isn't complete. */
  readonly listingsGone: number | null;
  readonly duplicates: number;
  readonly filled: Readonly<Record<string, number>>;
}

/** The newest runs of one search, oldest first. */
export interface ScopeHistory {
  readonly portal: string;
  /** Short name within the portal: `sale/house/antioquia/bello`. */
  readonly scope: string;
  readonly runs: readonly ScopeRun[];
}

/** An unknown word or a key nobody reads that was not there when health first looked, and still is. */
export interface NewWord {
  readonly portal: string;
  readonly code: string;
  readonly path: string | null;
  readonly value: string | null;
  readonly firstSeenAt: Date;
}

export interface Evidence {
  readonly histories: readonly ScopeHistory[];
  readonly newWords: readonly NewWord[];
  /** Since when open incidents hold, by fingerprint: what came later is not what an alarm compares with. */
  readonly openSince: ReadonlyMap<string, Date>;
  /** Runs whose absences a person believes. */
  readonly acceptedRuns: ReadonlySet<number>;
  readonly now: Date;
}

export interface Alarm {
  readonly kind: AlarmKind;
  readonly portal: string;
  readonly subject: string | null;
  readonly observed: string;
  readonly expected: string;
  readonly since: Date;
}

const DAY_MS = 86_400_000;
const ZERO_RUNS = 3;
/** A search of fewer adverts may well run dry. */
const LIVE_LISTINGS = 5;
const BASE_RUNS = 4;
const LEAST_SEEN_SHARE = 0.8;
/** Smaller searches move by a fifth by chance. */
const LEAST_MEDIAN = 20;
const SHARE_POINTS = 0.05;
/** Below this many listings a share says nothing. */
const LEAST_LISTINGS = 50;
/** Half of the 14 days after which a spell ends unknown: a week is left to mend it. */
export const FRESH_DAYS = 7;
/** Links are visited within `MAX_LINK_AGE_DAYS`; two days are left for runs that fail. */
export const FRESH_LINK_DAYS = MAX_LINK_AGE_DAYS + 2;
const FRESH = `at most ${FRESH_DAYS} days, ${FRESH_LINK_DAYS} where links are visited by plan`;
const NAMED_SCOPES = 3;

/** Every alarm that the evidence raises, by portal. */
export function findAlarms({histories, newWords, openSince, acceptedRuns, now}: Evidence): Alarm[] {
  const portals = [...new Set(histories.map(({portal}) => portal))].sort();
  return portals.flatMap(portal => {
    const own = histories.filter(history => history.portal === portal && history.runs.length > 0);
    const until = (kind: AlarmKind, subject: string | null = null) =>
      openSince.get(fingerprintOf({kind, portal, subject}));
    const drop = (history: ScopeHistory) => seenDrop(history, until('seen_drop'));
    return [
      ...grouped('blocked', portal, own, blockedNow, 'a portal that lets us read'),
      ...grouped('failed', portal, own, failedNow, 'pages built as the portal file reads them'),
      ...grouped('three_zeros', portal, own, threeZeros, 'adverts, as in the runs before'),
      ...grouped('seen_drop', portal, own, drop, 'at least 80 % of the median of the last four'),
      ...grouped(
        'gone_rate',
        portal,
        own,
        goneRates(own, acceptedRuns),
        `less than ${SURGE_FACTOR} times the usual rate`,
      ),
      ...grouped('stale', portal, own, history => stale(history, now), FRESH),
      ...fillDrops(portal, own, field => until('field_fill_drop', field)),
      ...duplicateJump(portal, own, until('duplicate_jump')),
      ...wordAlarms('new_value', portal, newWords, 'words that the portal file knows'),
      ...wordAlarms('payload_keys_changed', portal, newWords, 'keys that are read or ignored by name'),
    ];
  });
}

/** What identifies an incident while it is open. */
export function fingerprintOf({kind, portal, subject}: Pick<Alarm, 'kind' | 'portal' | 'subject'>): string {
  return [kind, portal, subject ?? ''].join('|');
}

interface Finding {
  readonly what: string;
  readonly since: Date;
  /** Adverts concerned: the largest are named first. */
  readonly weight: number;
}

type FindIn = (history: ScopeHistory) => Finding | undefined;

function grouped(
  kind: AlarmKind,
  portal: string,
  histories: readonly ScopeHistory[],
  find: FindIn,
  expected: string,
): Alarm[] {
  const found = histories.flatMap(history => {
    const finding = find(history);
    return finding === undefined ? [] : [{scope: history.scope, ...finding}];
  });
  if (found.length === 0) return [];
  found.sort((a, b) => b.weight - a.weight || a.scope.localeCompare(b.scope));
  const named = found.slice(0, NAMED_SCOPES).map(({scope, what}) => `${scope}: ${what}`);
  const rest = found.length > named.length ? [`and ${found.length - named.length} more`] : [];
  const count = `${found.length} of ${histories.length} searches`;
  return [
    {
      ...{kind, portal, expected},
      subject: null,
      observed: `${count}: ${[...named, ...rest].join('; ')}`,
      since: earliest(found.map(({since}) => since)),
    },
  ];
}

/** Blocked is the portal's will, failed is our reading of it: two alarms, two remedies. */
function blockedNow(history: ScopeHistory): Finding | undefined {
  return verdictNow(history, 'blocked');
}

function failedNow(history: ScopeHistory): Finding | undefined {
  return verdictNow(history, 'failed');
}

function verdictNow({runs}: ScopeHistory, verdict: Verdict): Finding | undefined {
  const newest = runs.at(-1);
  if (newest?.verdict !== verdict) return undefined;
  const before = runs.findLastIndex(run => run.verdict !== verdict);
  const weight = Math.max(...runs.map(run => run.listingsSeen));
  return {what: newest.reason ?? verdict, since: (runs[before + 1] ?? newest).observedAt, weight};
}

function threeZeros({runs}: ScopeHistory): Finding | undefined {
  const judged = runs.filter(run => isJudged(run) && run.linksLeft === 0);
  const last = judged.slice(-ZERO_RUNS);
  const before = judged.slice(0, -ZERO_RUNS);
  const first = last[0];
  if (first === undefined || last.length < ZERO_RUNS || last.some(run => run.listingsSeen > 0))
    return undefined;
  const most = Math.max(0, ...before.map(run => run.listingsSeen));
  if (most < LIVE_LISTINGS) return undefined;
  const firstZero = judged[judged.findLastIndex(run => run.listingsSeen > 0) + 1] ?? first;
  return {
    what: `0 in the last ${ZERO_RUNS} runs, up to ${most} before`,
    since: firstZero.observedAt,
    weight: most,
  };
}

function seenDrop({runs}: ScopeHistory, until: Date | undefined): Finding | undefined {
  const {newest, base} = newestAndBase(
    runs.filter(run => run.linksLeft === 0),
    until,
  );
  if (newest === undefined || base.length < 2) return undefined;
  const usual = median(base.map(run => run.listingsSeen));
  if (usual < LEAST_MEDIAN || newest.listingsSeen >= LEAST_SEEN_SHARE * usual) return undefined;
  const what = `saw ${newest.listingsSeen}, median ${usual} (${percent(newest.listingsSeen / usual)})`;
  return {what, since: newest.observedAt, weight: usual};
}

/** Searches whose newest complete run misses too many, unless a person has accepted that run. */
function goneRates(histories: readonly ScopeHistory[], accepted: ReadonlySet<number>): FindIn {
  const steps = histories.flatMap(absenceSteps);
  const newest = new Map(steps.map(step => [step.scope, step.runId]));
  const surges = findSurges(steps).filter(
    ({step}) => newest.get(step.scope) === step.runId && !accepted.has(step.runId),
  );
  return ({scope}) => {
    const surge = surges.find(({step}) => step.scope === scope);
    if (surge === undefined) return undefined;
    const {absent, observedAt} = surge.step;
    return {
      what: `${absent} gone, ${surge.expected.toFixed(1)} expected`,
      since: observedAt,
      weight: absent,
    };
  };
}

/** Oldest first, as the runs are. */
function absenceSteps({portal, scope, runs}: ScopeHistory): AbsenceStep[] {
  return runs.flatMap(({runId, observedAt, verdict, measure}, index) => {
    const before = runs.slice(0, index).findLast(earlier => earlier.verdict === 'complete');
    const {listingsBefore: listings = null, listingsGone: absent = null} = measure ?? {};
    if (verdict !== 'complete' || before === undefined || listings === null || absent === null) return [];
    return [{portal, scope, runId, observedAt, beforeAt: before.observedAt, listings, absent}];
  });
}

/**
 * A search is as fresh as its last complete run. One that leaves links out by plan is as fresh as the oldest visit of
 * those, and has longer.
 */
function stale({runs}: ScopeHistory, now: Date): Finding | undefined {
  const complete = runs.findLast(run => run.verdict === 'complete');
  const byPlan = runs.findLast(run => run.linksLeft > 0);
  const isByPlan = byPlan !== undefined && byPlan === runs.findLast(isJudged);
  const whole = (complete ?? runs[0])?.observedAt;
  if (whole === undefined) return undefined;
  const oldest = isByPlan ? byPlan.oldestVisitAt : null;
  const last = oldest !== null && oldest > whole ? oldest : whole;
  const freshDays = isByPlan ? FRESH_LINK_DAYS : FRESH_DAYS;
  const days = Math.floor((now.getTime() - last.getTime()) / DAY_MS);
  if (days <= freshDays) return undefined;
  const never = complete === undefined ? `never complete in ${days} days` : `last complete ${days} days ago`;
  return {
    what: last === whole ? never : `links not visited for ${days} days`,
    since: new Date(last.getTime() + freshDays * DAY_MS),
    weight: Math.max(...runs.map(run => run.listingsSeen)),
  };
}

function fillDrops(
  portal: string,
  histories: readonly ScopeHistory[],
  untilOf: (field: string) => Date | undefined,
): Alarm[] {
  const fields = new Set(
    histories.flatMap(({runs}) => runs.flatMap(run => Object.keys(run.measure?.filled ?? {}))),
  );
  return [...fields].sort().flatMap(field => {
    const shares = compareShares(histories, measure => measure.filled[field] ?? 0, untilOf(field));
    if (shares === undefined || !isFarther(shares.expected - shares.observed, shares)) return [];
    const {observed, expected, listings, since} = shares;
    return [
      {
        ...{kind: 'field_fill_drop' as const, portal, since},
        subject: field,
        observed: `${field} is filled on ${percent(observed)} of ${listings} adverts`,
        expected: `${percent(expected)}, as in the last runs of the same searches`,
      },
    ];
  });
}

function duplicateJump(portal: string, histories: readonly ScopeHistory[], until: Date | undefined): Alarm[] {
  // The more adverts are looked at, the more of them meet their double: a part of a search says nothing.
  const whole = histories.map(history => ({
    ...history,
    runs: history.runs.filter(run => run.linksLeft === 0),
  }));
  const shares = compareShares(whole, measure => measure.duplicates, until);
  if (shares === undefined || !isFarther(shares.observed - shares.expected, shares)) return [];
  const {observed, expected, listings, since} = shares;
  return [
    {
      ...{kind: 'duplicate_jump' as const, portal, since},
      subject: null,
      observed: `${percent(observed)} of ${listings} adverts repeat another of their search`,
      expected: `${percent(expected)}, as in the last runs of the same searches`,
    },
  ];
}

interface Shares {
  readonly observed: number;
  readonly expected: number;
  readonly listings: number;
  readonly since: Date;
}

/** A share of the newest measured run of each search, against the last four of the same searches, weighted alike. */
function compareShares(
  histories: readonly ScopeHistory[],
  count: (measure: ScopeMeasure) => number,
  until: Date | undefined,
): Shares | undefined {
  const found = histories.flatMap(({runs}) => {
    const {newest, base} = newestAndBase(
      runs.filter(run => (run.measure?.listings ?? 0) > 0),
      until,
    );
    const before = base.flatMap(run => run.measure ?? []);
    const now = newest?.measure ?? null;
    const beforeListings = sum(before.map(measure => measure.listings));
    if (newest === undefined || now === null || beforeListings === 0) return [];
    const expected = (sum(before.map(count)) / beforeListings) * now.listings;
    return [{listings: now.listings, observed: count(now), expected, at: newest.observedAt}];
  });
  const listings = sum(found.map(each => each.listings));
  if (listings < LEAST_LISTINGS) return undefined;
  return {
    observed: sum(found.map(each => each.observed)) / listings,
    expected: sum(found.map(each => each.expected)) / listings,
    listings,
    since: earliest(found.map(each => each.at)),
  };
}

/** By five points or more, and by more than three standard errors. */
function isFarther(points: number, {expected, listings}: Shares): boolean {
  const bounded = Math.min(1, Math.max(0, expected));
  return points >= Math.max(SHARE_POINTS, 3 * Math.sqrt((bounded * (1 - bounded)) / listings));
}

function wordAlarms(
  kind: 'new_value' | 'payload_keys_changed',
  portal: string,
  words: readonly NewWord[],
  expected: string,
): Alarm[] {
  const own = words.filter(
    word => word.portal === portal && (word.code === 'unread_key') === (kind !== 'new_value'),
  );
  if (own.length === 0) return [];
  if (kind === 'payload_keys_changed') {
    const paths = [...new Set(own.map(word => word.path ?? 'somewhere'))].sort();
    const since = earliest(own.map(word => word.firstSeenAt));
    return [{kind, portal, expected, since, subject: null, observed: `new keys: ${listed(paths)}`}];
  }
  const paths = [...new Set(own.map(word => word.path))];
  return paths.map(path => {
    const here = own.filter(word => word.path === path);
    const values = here.map(word => word.value ?? 'a word').sort();
    const since = earliest(here.map(word => word.firstSeenAt));
    return {kind, portal, expected, since, subject: path, observed: `new: ${listed(values)}`};
  });
}

function listed(words: readonly string[]): string {
  const shown = words.slice(0, 8).join(', ');
  return words.length > 8 ? `${shown} and ${words.length - 8} more` : shown;
}

/** A run whose count speaks of the portal's offer: not one that was refused or that we could not read. */
function isJudged(run: ScopeRun): boolean {
  return run.verdict === 'complete' || run.verdict === 'incomplete';
}

/** The newest run that was neither refused nor failed (such a run ends no alarm), and the last four complete ones before it and before `until`. */
function newestAndBase(
  runs: readonly ScopeRun[],
  until: Date | undefined,
): {newest: ScopeRun | undefined; base: readonly ScopeRun[]} {
  const judged = runs.filter(isJudged);
  const newest = judged.at(-1);
  const earlier = judged.slice(0, -1).filter(run => until === undefined || run.observedAt < until);
  const complete = earlier.filter(run => run.verdict === 'complete');
  return {newest, base: complete.slice(-BASE_RUNS)};
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function earliest(instants: readonly Date[]): Date {
  return new Date(Math.min(...instants.map(instant => instant.getTime())));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
