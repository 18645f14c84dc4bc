import {describe, expect, test} from 'vitest';
import {cleanListing} from '../../../pipelines/clean/core.ts';
import {foldHistory, type History} from '../../../pipelines/clean/fold.ts';
import type {CompleteRun, Sighting} from '../../../pipelines/clean/fold-status.ts';
import type {CleanListing, StagedListing} from '../../../src/domain/listing.ts';
import {createRandom} from '../../../src/lib/random.ts';
import {stagedListing} from '../../support/staged-listing.ts';

const SCOPE = 'toy/sale/apartment/antioquia/medellin';
const day = (number: number, hour = 12) => new Date(Date.UTC(2026, 0, number, hour));
const seen = (number: number, payloadHash = 'a', scopeKey = SCOPE): Sighting => ({
  scopeKey,
  runId: number,
  runKind: 'crawl',
  observedAt: day(number),
  payloadHash,
});
/** Told by an imported file, in a scope of its own. */
const imported = (number: number, scopeKey = 'toy/import'): Sighting => ({
  ...seen(number, 'a', scopeKey),
  runId: 1000 + number,
  runKind: 'import',
});
const gone = (number: number): Sighting => ({...seen(number), payloadHash: null});
const complete = (number: number, scopeKey = SCOPE): CompleteRun => ({
  scopeKey,
  runId: number,
  observedAt: day(number),
  isDoubted: false,
});
const doubted = (number: number): CompleteRun => ({...complete(number), isDoubted: true});

function listingsOf(payloads: Record<string, Partial<StagedListing>>): Map<string, CleanListing> {
  return new Map(
    Object.entries(payloads).map(([hash, changes]) => [hash, cleanListing(stagedListing(changes)).listing]),
  );
}

const price = (amount: number | null, adminFeeCop: number | null = null): Partial<StagedListing> => ({
  offers: [{operation: 'sale', price: amount, currency: 'COP', adminFeeCop}],
});

const ONE = listingsOf({a: {}});

function fold(sightings: Sighting[], runs: CompleteRun[], listings = ONE): History {
  const history = foldHistory(sightings, runs, listings);
  if (history === undefined) throw new Error('never seen');
  return history;
}

const statuses = (history: History) =>
  history.statuses.map(({status, validFrom}) => [status, validFrom.getUTCDate()]);

describe('status', () => {
  test('seen on each day: active, one open spell', () => {
    const history = fold([seen(1), seen(2)], [complete(1), complete(2)]);
    expect(statuses(history)).toEqual([['active', 1]]);
    expect(history.spells).toEqual([
      {startedAt: day(1), lastSeenAt: day(2), firstAbsentAt: null, endedAt: null, endedReason: null},
    ]);
  });

  test('absent from one complete run: missing, and active again when it is back', () => {
    const history = fold([seen(1), seen(3)], [complete(1), complete(2), complete(3)]);
    expect(statuses(history)).toEqual([
      ['active', 1],
      ['missing', 2],
      ['active', 3],
    ]);
    expect(history.spells).toHaveLength(1);
  });

  test('absent from two complete runs: withdrawn since the first absence', () => {
    const history = fold([seen(1)], [complete(1), complete(2), complete(3), complete(4)]);
    expect(statuses(history)).toEqual([
      ['active', 1],
      ['missing', 2],
      ['delisted', 3],
    ]);
    expect(history.spells).toEqual([
      {
        startedAt: day(1),
        lastSeenAt: day(1),
        firstAbsentAt: day(2),
        endedAt: day(2),
        endedReason: 'withdrawn',
      },
    ]);
  });

  test('two absences less than 20 hours apart are one look', () => {
    const sameEvening = {...complete(2), runId: 99, observedAt: day(2, 22)};
    expect(fold([seen(1)], [complete(1), complete(2), sameEvening]).status).toBe('missing');
    const nextMorning = {...complete(3), observedAt: day(3, 8)};
    expect(fold([seen(1)], [complete(1), complete(2), sameEvening, nextMorning]).status).toBe('delisted');
  });

  test('incomplete runs close nothing: they are not in the list of complete ones', () => {
    expect(fold([seen(1)], [complete(1)]).status).toBe('active');
  });

  test('the portal’s word ends it at once', () => {
    const history = fold([seen(1), gone(2)], [complete(1)]);
    expect(history.status).toBe('delisted');
    expect(history.spells).toMatchObject([{endedAt: day(2), endedReason: 'gone'}]);
  });

  test('after more than 14 days without a look it ends unknown, at its last sight', () => {
    const history = fold([seen(1)], [complete(1), complete(16)]);
    expect(statuses(history)).toEqual([
      ['active', 1],
      ['unknown', 15],
    ]);
    expect(history.spells).toMatchObject([{endedAt: day(1), endedReason: 'unknown'}]);
  });

  test('exactly 14 days are no gap', () => {
    expect(fold([seen(1)], [complete(1), complete(15)]).status).toBe('missing');
  });

  test('seen again after a gap: a new spell', () => {
    const history = fold([seen(1), seen(30)], [complete(1), complete(30)]);
    expect(statuses(history)).toEqual([
      ['active', 1],
      ['unknown', 15],
      ['active', 30],
    ]);
    expect(history.spells.map(spell => spell.endedReason)).toEqual(['unknown', null]);
  });

  test('a sighting in an incomplete run is a look', () => {
    const history = fold([seen(1), seen(10), seen(20)], [complete(1)]);
    expect(history.spells).toHaveLength(1);
  });

  test('withdrawn and back: two spells', () => {
    const history = fold(
      [seen(1), seen(4)],
      [1, 2, 3, 4].map(number => complete(number)),
    );
    expect(history.spells.map(spell => spell.endedReason)).toEqual(['withdrawn', null]);
    expect(history.status).toBe('active');
  });

  test('absence counts only in the scopes it was last seen in', () => {
    const other = 'toy/sale/house/antioquia/medellin';
    const moved = [seen(1), seen(2, 'a', other)];
    expect(fold(moved, [complete(1), complete(2), complete(3), complete(4)]).status).toBe('active');
    expect(fold(moved, [complete(3, other), complete(4, other)]).status).toBe('delisted');
  });

  test('seen elsewhere at the same instant beats absence', () => {
    const other = 'toy/rent/apartment/antioquia/medellin';
    const both = [seen(1), {...seen(1, 'a', other), runId: 51}, {...seen(2, 'a', other), runId: 52}];
    expect(statuses(fold(both, [complete(1), complete(2)]))).toEqual([['active', 1]]);
  });

  test('seen in another scope of the same run beats absence', () => {
    const other = 'toy/rent/apartment/antioquia/medellin';
    const late = {...seen(2, 'a', other), observedAt: day(2, 15)};
    expect(statuses(fold([seen(1), late], [complete(1), complete(2)]))).toEqual([['active', 1]]);
  });

  test('an import says that it was there, not where the next crawl has to find it', () => {
    const runs = [1, 3, 4].map(number => complete(number));
    const history = fold([seen(1), imported(2)], runs);
    expect(statuses(history)).toEqual([
      ['active', 1],
      ['missing', 3],
      ['delisted', 4],
    ]);
    expect(history.spells).toMatchObject([{lastSeenAt: day(2), endedAt: day(3), endedReason: 'withdrawn'}]);
    // Imported at the very instant of a sighting, and after an absence: a sign of life all the same.
    expect(fold([seen(1), {...imported(1), observedAt: day(1)}], runs).status).toBe('delisted');
    expect(fold([seen(1), imported(3.5)], runs).status).toBe('missing');
  });

  test('complete imports miss what imports saw, crawled or not', () => {
    const files = [4, 5].map(number => ({...complete(number, 'toy/import'), runId: 1000 + number}));
    expect(fold([seen(1), imported(3)], files).status).toBe('delisted');
    expect(fold([imported(1)], [complete(2), complete(3)]).status).toBe('active');
    expect(fold([imported(1, SCOPE)], [complete(2), complete(3)]).status).toBe('delisted');
  });

  test('only ever gone: no history', () => {
    expect(foldHistory([gone(1)], [complete(1)], ONE)).toBeUndefined();
  });
});

describe('doubted runs', () => {
  const days = (...numbers: number[]) => numbers.map(number => complete(number));
  const ends = (history: History) =>
    history.spells.map(({firstAbsentAt, endedAt, endedReason}) => [
      firstAbsentAt?.getUTCDate() ?? null,
      endedAt?.getUTCDate() ?? null,
      endedReason,
    ]);

  test('an absence in one, and back the next day: nothing ends', () => {
    const history = fold([seen(1), seen(3)], [complete(1), doubted(2), complete(3)]);
    expect(statuses(history)).toEqual([
      ['active', 1],
      ['missing', 2],
      ['active', 3],
    ]);
    expect(ends(history)).toEqual([[null, null, null]]);
  });

  test('an absence that begins in one needs three more runs; then it ended when it began', () => {
    expect(ends(fold([seen(1)], [complete(1), doubted(2), ...days(3, 4)]))).toEqual([[2, null, null]]);
    const history = fold([seen(1)], [complete(1), doubted(2), ...days(3, 4, 5)]);
    expect(ends(history)).toEqual([[2, 2, 'withdrawn']]);
    expect(statuses(history).at(-1)).toEqual(['delisted', 5]);
  });

  test('runs less than 20 hours apart are one look', () => {
    const twice = [3, 4].flatMap(number => [
      complete(number),
      {...complete(number), runId: 40 + number, observedAt: day(number, 16)},
    ]);
    expect(ends(fold([seen(1)], [complete(1), doubted(2), ...twice]))).toEqual([[2, null, null]]);
  });

  test('an absence begun before one is not hastened by it', () => {
    expect(ends(fold([seen(1)], [...days(1, 2), doubted(3)]))).toEqual([[2, null, null]]);
    expect(ends(fold([seen(1)], [...days(1, 2), doubted(3), complete(4)]))).toEqual([[2, 2, 'withdrawn']]);
  });

  test('more of them confirm nothing', () => {
    const runs = [complete(1), ...[2, 3, 4, 5, 6, 7].map(doubted)];
    expect(ends(fold([seen(1)], runs))).toEqual([[2, null, null]]);
  });

  test("the portal's word in one is an absence; confirmed, the spell ended at that word", () => {
    const sightings = [seen(1), {...gone(2), observedAt: day(2, 13)}];
    const before = [complete(1), doubted(2)];
    expect(fold(sightings, [...before, ...days(3, 4)]).status).toBe('missing');
    const history = fold(sightings, [...before, ...days(3, 4, 5)]);
    expect(ends(history)).toEqual([[2, 2, 'gone']]);
    expect(history.spells[0]?.endedAt).toEqual(day(2, 13));
  });

  test("the portal's word elsewhere ends the spell at once", () => {
    expect(ends(fold([seen(1), gone(3)], [complete(1), doubted(2), complete(3)]))).toEqual([[2, 3, 'gone']]);
  });
});

describe('prices', () => {
  const listings = listingsOf({a: price(4e8), b: price(3.8e8), none: price(null), fee: price(4e8, 250_000)});
  const amounts = (history: History) =>
    history.prices.map(({priceStated, validTo}) => [priceStated, validTo?.getUTCDate() ?? null]);

  test('a change opens an interval where the last one ends', () => {
    expect(amounts(fold([seen(1, 'a'), seen(2, 'a'), seen(3, 'b')], [], listings))).toEqual([
      [4e8, 3],
      [3.8e8, null],
    ]);
  });

  test('no price stated for a day is no change', () => {
    expect(amounts(fold([seen(1, 'a'), seen(2, 'none'), seen(3, 'a')], [], listings))).toEqual([[4e8, null]]);
    expect(amounts(fold([seen(1, 'a'), seen(2, 'none'), seen(3, 'b')], [], listings))).toEqual([
      [4e8, 3],
      [3.8e8, null],
    ]);
  });

  test('a fee that appears opens an interval, a fee that is not stated any more does not', () => {
    expect(fold([seen(1, 'a'), seen(2, 'fee')], [], listings).prices).toHaveLength(2);
    expect(fold([seen(1, 'fee'), seen(2, 'a')], [], listings).prices).toHaveLength(1);
  });

  test('an operation that is no longer offered ends', () => {
    const both = listingsOf({
      a: {
        offers: [
          ...(price(4e8).offers ?? []),
          {operation: 'rent', price: 2e6, currency: 'COP', adminFeeCop: null},
        ],
      },
      b: price(4e8),
    });
    const {prices} = fold([seen(1, 'a'), seen(2, 'b')], [], both);
    expect(prices.find(({operation}) => operation === 'rent')?.validTo).toEqual(day(2));
    expect(prices.find(({operation}) => operation === 'sale')?.validTo).toBeNull();
  });
});

describe('versions', () => {
  const count = (changes: Partial<StagedListing>) =>
    fold([seen(1, 'a'), seen(2, 'b')], [], listingsOf({a: {}, b: changes})).versions.length;

  test.each<[string, Partial<StagedListing>, number]>([
    ['coordinates with other digits', {latitude: 6.245004, longitude: -75.590004}, 1],
    ['a point 20 m away', {latitude: 6.2452}, 2],
    ['area with a rounding error', {builtAreaM2: 80.004}, 1],
    ['another area', {builtAreaM2: 81}, 2],
    ['case, accents and spaces', {description: 'APARTAMENTO  con balcon ', municipality: 'MEDELLIN'}, 1],
    ['another description', {description: 'Apartamento remodelado'}, 2],
    ['amenities in another order', {amenities: ['Porteria', 'balcon']}, 1],
    ['another amenity', {amenities: ['balcón']}, 2],
    ['photos', {photosCount: 12}, 1],
    ['address of the page', {url: 'https://toy.example/1'}, 1],
    ['price', price(3.9e8), 1],
    ['bedrooms', {bedrooms: 4}, 2],
    ['0 bedrooms and none stated', {bedrooms: null}, 2],
  ])('%s', (_name, changes, expected) => {
    expect(count(changes)).toBe(expected);
  });
});

test('any order of learning gives the same history, and intervals never overlap', () => {
  const listings = listingsOf({a: {}, b: price(3.8e8), c: {bedrooms: 4}, d: {latitude: 6.2450001}});
  const other = 'toy/rent/apartment/antioquia/medellin';
  for (let seed = 0; seed < 200; seed += 1) {
    const random = createRandom(seed);
    const sightings: Sighting[] = [];
    const runs: CompleteRun[] = [];
    let number = 1;
    for (let step = 0; step < 12; step += 1) {
      number += random.chance(0.1) ? 20 : random.int(0, 2);
      const scopeKey = random.chance(0.2) ? other : SCOPE;
      const hash = random.chance(0.05) ? null : random.pick(['a', 'b', 'c', 'd']);
      if (random.chance(0.6))
        sightings.push({
          ...seen(number, 'a', scopeKey),
          ...{
            runId: step,
            payloadHash: hash,
            runKind: random.chance(0.7) ? ('crawl' as const) : ('import' as const),
          },
        });
      if (random.chance(0.8))
        runs.push({...complete(number, scopeKey), runId: step, isDoubted: random.chance(0.2)});
    }
    const history = foldHistory(sightings, runs, listings);
    for (let round = 0; round < 3; round += 1) {
      expect(foldHistory(random.shuffle(sightings), random.shuffle(runs), listings)).toEqual(history);
    }
    if (history === undefined) continue;
    expectChain(history.statuses);
    expectChain(history.versions);
    expectChain(history.prices);
    for (const [index, spell] of history.spells.entries()) {
      const next = history.spells[index + 1];
      if (next === undefined) continue;
      expect(spell.endedAt?.getTime()).toBeLessThanOrEqual(next.startedAt.getTime());
      expect(spell.endedReason).not.toBeNull();
    }
  }
});

/** Each interval ends where the next begins, later than it began; only the last is open. */
function expectChain(intervals: readonly {validFrom: Date; validTo: Date | null}[]): void {
  for (const [index, {validFrom, validTo}] of intervals.entries()) {
    expect(validTo).toEqual(intervals[index + 1]?.validFrom ?? null);
    if (validTo !== null) expect(validFrom.getTime()).toBeLessThan(validTo.getTime());
  }
}
