import {describe, expect, test} from 'vitest';
import {
  type ChangeRates,
  crawlValue,
  dueLinks,
  NEVER_VISITED,
  ownRates,
  planRefresh,
  pooledRates,
  type RefreshCandidate,
  type RefreshSignals,
  USUAL_RATES,
} from '../../../src/crawl/refresh.ts';
import {createRandom, type Random} from '../../../src/lib/random.ts';

const NOW = new Date('2026-03-31T06:00:00Z');
const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS);
const QUIET: RefreshSignals = {hasChanged: false, hasReappeared: false, lastmod: null};

function candidate(listingId: string, given: Partial<RefreshCandidate> = {}): RefreshCandidate {
  return {...NEVER_VISITED, listingId, url: `https://p/${listingId}`, signals: QUIET, ...given};
}

/** Candidates of every kind, many of them alike so that ties are common. */
function anyCandidates(random: Random): RefreshCandidate[] {
  return Array.from({length: random.int(1, 60)}, (_, n) =>
    candidate(String(n), {
      lastVisitedAt: random.chance(0.2) ? null : daysAgo(random.int(0, 30)),
      visible: {changes: random.int(0, 3), days: random.int(0, 60)},
      hidden: {changes: random.int(0, 2), days: random.pick([0, 10, 30])},
      signals: {
        hasChanged: random.chance(0.1),
        hasReappeared: random.chance(0.1),
        lastmod: random.pick([null, '2026-03-20', '2026-03-28T10:00:00Z', 'ayer']),
      },
    }),
  );
}

function anyRates(random: Random): ChangeRates {
  return {visiblePerDay: random.pick([0, 0.001, 0.02, 2]), hiddenPerDay: random.pick([0.0001, 0.006, 0.5])};
}

describe('crawlValue', () => {
  test('without visible changes it is (1 − e^(−z)(1 + z))/λ', () => {
    for (const [lambda, days] of [
      [0.02, 7],
      [0.5, 3],
      [0.001, 60],
    ] as const) {
      const z = lambda * days;
      const expected = (1 - Math.exp(-z) * (1 + z)) / lambda;
      expect(crawlValue({visiblePerDay: 0, hiddenPerDay: lambda}, days)).toBeCloseTo(expected, 10);
      // A rate of visible changes next to nothing is as good as none.
      expect(crawlValue({visiblePerDay: 1e-9, hiddenPerDay: lambda}, days)).toBeCloseTo(expected, 5);
    }
  });

  test('is 0 at age 0, grows with age, and never exceeds the worth of a page known to be stale', () => {
    const random = createRandom(7);
    for (let n = 0; n < 300; n += 1) {
      const rates = anyRates(random);
      const most = crawlValue(rates, Number.POSITIVE_INFINITY);
      expect(crawlValue(rates, 0)).toBe(0);
      let before = 0;
      for (let days = 0.5; days < 400; days *= 1.7) {
        const value = crawlValue(rates, days);
        expect(value).toBeGreaterThanOrEqual(before - 1e-9);
        expect(value).toBeLessThanOrEqual(most + 1e-9);
        before = value;
      }
      expect(before).toBeGreaterThan(0);
    }
  });

  test('nothing that searches show all of is worth a visit', () => {
    expect(crawlValue({visiblePerDay: 0.5, hiddenPerDay: 0}, 30)).toBeCloseTo(0, 12);
    expect(crawlValue({visiblePerDay: 0, hiddenPerDay: 0}, 30)).toBe(0);
  });
});

describe('rates', () => {
  test('with one kind of change, λ̂ = (x + 0.5)/(T + 0.5/λ₀)', () => {
    const pooled = {visiblePerDay: 0, hiddenPerDay: 0.01};
    const own = ownRates({...NEVER_VISITED, hidden: {changes: 3, days: 20}}, pooled);
    expect(own.hiddenPerDay).toBeCloseTo(3.5 / (20 + 0.5 / 0.01), 12);
  });

  test('a portal without history has the usual rates, one with much history its own', () => {
    expect(pooledRates([])).toEqual(USUAL_RATES);
    const busy = {...NEVER_VISITED, visible: {changes: 6, days: 60}, hidden: {changes: 0, days: 60}};
    const {visiblePerDay, hiddenPerDay} = pooledRates(Array.from({length: 5000}, () => busy));
    expect(visiblePerDay).toBeCloseTo(0.1, 2);
    expect(hiddenPerDay).toBeLessThan(0.0001);
  });

  test('a listing that changed more than expected is faster than the portal, one that did not is slower', () => {
    const watched = {days: 60};
    const often = ownRates({...NEVER_VISITED, visible: {...watched, changes: 9}}, USUAL_RATES);
    const never = ownRates({...NEVER_VISITED, visible: {...watched, changes: 0}}, USUAL_RATES);
    expect(often.hiddenPerDay).toBeGreaterThan(USUAL_RATES.hiddenPerDay);
    expect(never.hiddenPerDay).toBeLessThan(USUAL_RATES.hiddenPerDay);
    expect(ownRates(NEVER_VISITED, USUAL_RATES)).toEqual(USUAL_RATES);
  });
});

describe('planRefresh', () => {
  test('holds the budget, visits no listing twice, takes dirty ones first; order of input is nothing to it', () => {
    const random = createRandom(11);
    for (let n = 0; n < 200; n += 1) {
      const candidates = anyCandidates(random);
      const twice = [...candidates, ...candidates.slice(0, 5).map(each => ({...each, url: `${each.url}?b`}))];
      const limits = {budget: random.int(0, 80), now: NOW, maxAgeDays: random.pick([null, 10])};
      const plan = planRefresh(twice, limits);
      expect(plan.pages.length).toBeLessThanOrEqual(limits.budget);
      expect(new Set(plan.pages.map(page => page.listingId)).size).toBe(plan.pages.length);
      const isDirty = plan.pages.map(({reason}) => reason !== 'value' && reason !== 'overdue');
      expect(isDirty).toEqual([...isDirty].sort((a, b) => Number(b) - Number(a)));
      if (plan.dirtyLeft > 0) expect(isDirty.every(Boolean)).toBe(true);
      expect(planRefresh(random.shuffle(twice), limits)).toEqual(plan);
    }
  });

  test('what is stored wrong comes before what is missing, then what is too old, then by value', () => {
    const candidates = [
      candidate('a-quiet', {lastVisitedAt: daysAgo(2)}),
      candidate('b-older', {lastVisitedAt: daysAgo(9)}),
      candidate('c-overdue', {lastVisitedAt: daysAgo(11)}),
      candidate('d-new'),
      candidate('e-today', {lastVisitedAt: NOW}),
      candidate('f-changed', {lastVisitedAt: daysAgo(1), signals: {...QUIET, hasChanged: true}}),
      candidate('g-back', {lastVisitedAt: daysAgo(1), signals: {...QUIET, hasReappeared: true}}),
    ];
    const {pages} = planRefresh(candidates, {budget: 10, now: NOW, maxAgeDays: 10});
    expect(pages.map(page => [page.listingId, page.reason])).toEqual([
      ['f-changed', 'changed'],
      ['g-back', 'reappeared'],
      ['d-new', 'new'],
      ['c-overdue', 'overdue'],
      ['b-older', 'value'],
      ['a-quiet', 'value'],
    ]);
  });

  test('of two pages of one age the one that changes more often is visited, until it changes too often to keep up', () => {
    const at = (changes: number) => ({lastVisitedAt: daysAgo(5), visible: {changes, days: 60}});
    const many = Array.from({length: 500}, (_, n) => candidate(`x${n}`, at(1)));
    const {pages} = planRefresh([...many, candidate('often', at(8)), candidate('never', at(0))], {
      budget: 502,
      now: NOW,
      maxAgeDays: null,
    });
    expect(pages[0]?.listingId).toBe('often');
    expect(pages.at(-1)?.listingId).toBe('never');
    const hectic: ChangeRates = {visiblePerDay: 0, hiddenPerDay: 5};
    const calm: ChangeRates = {visiblePerDay: 0, hiddenPerDay: 0.2};
    expect(crawlValue(hectic, 5)).toBeLessThan(crawlValue(calm, 5));
  });
});

describe('dueLinks', () => {
  const link = (listingId: string, lastmod: string | null = null) => ({
    listingId,
    lastmod,
    url: `https://p/${listingId}`,
  });
  const visitedAt = (days: number) => ({...NEVER_VISITED, lastVisitedAt: daysAgo(days)});

  test('takes changed and new links, then those that no spell can wait for, then others within their share', () => {
    const links = [
      link('calm'),
      link('changed', '2026-03-29'),
      link('seen', '2026-03-01'),
      link('new'),
      link('old'),
    ];
    const visited = new Map([
      ['calm', visitedAt(3)],
      ['changed', visitedAt(3)],
      ['seen', visitedAt(4)],
      ['old', visitedAt(12)],
    ]);
    const {due, left} = dueLinks(links, visited, {budget: 3, now: NOW});
    expect(due.map(page => [page.listingId, page.reason])).toEqual([
      ['changed', 'lastmod'],
      ['new', 'new'],
      ['old', 'overdue'],
    ]);
    expect(left.map(each => each.listingId)).toEqual(['calm', 'seen']);
    // What calls for a visit gets it; the rest only as far as their share goes.
    const dueWith = (valueBudget: number) =>
      dueLinks(links, visited, {budget: 10, valueBudget, now: NOW}).due.map(page => page.listingId);
    expect(dueWith(1)).toEqual(['changed', 'new', 'old']);
    expect(dueWith(4)).toEqual(['changed', 'new', 'old', 'seen']);
  });

  test('a budget for all of them makes a full pass', () => {
    const {due, left} = dueLinks([link('a'), link('b')], new Map(), {budget: 5, now: NOW});
    expect(due).toHaveLength(2);
    expect(left).toEqual([]);
  });

  test.each([
    ['2026-03-28', true],
    ['2026-03-27', false],
    ['2026-03-28T05:59:59Z', false],
    ['2026-03-28T06:00:00Z', true],
    ['2026-03-28T01:00:00-05:00', true],
    ['hace poco', false],
  ])('lastmod %s after a visit on 2026-03-28 01:00 Bogotá: %s', (lastmod, isDirty) => {
    const {due} = dueLinks([link('a', lastmod)], new Map([['a', visitedAt(3)]]), {budget: 1, now: NOW});
    expect(due[0]?.reason).toBe(isDirty ? 'lastmod' : 'value');
  });

  test('a tenth of the links a day lets none grow old enough to be lost', () => {
    const ids = Array.from({length: 300}, (_, n) => String(n));
    const visited = new Map(ids.map(id => [id, visitedAt(Number(id) % 10)]));
    for (let day = 1; day <= 40; day += 1) {
      const now = new Date(NOW.getTime() + day * DAY_MS);
      const {due} = dueLinks(
        ids.map(id => link(id)),
        visited,
        {budget: 30, now},
      );
      for (const {listingId} of due) visited.set(listingId, {...NEVER_VISITED, lastVisitedAt: now});
      const oldest = Math.min(
        ...[...visited.values()].map(({lastVisitedAt}) => lastVisitedAt?.getTime() ?? 0),
      );
      expect((now.getTime() - oldest) / DAY_MS).toBeLessThan(14);
    }
  });
});
