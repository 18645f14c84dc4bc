import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {ALARM_KINDS, type Verdict} from '../../../src/domain/vocabulary.ts';
import {
  type Evidence,
  findAlarms,
  fingerprintOf,
  type NewWord,
  type ScopeHistory,
  type ScopeMeasure,
  type ScopeRun,
} from '../../../src/health/alarms.ts';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-03-01T17:00:00Z');

interface Given {
  seen?: number;
  verdict?: Verdict;
  reason?: string;
  measure?: Partial<ScopeMeasure> | null;
  linksLeft?: number;
  /** Of the oldest visit among the links left, in days since the first run. */
  oldestVisit?: number;
}

/** One run a day; a healthy one saw 100 adverts, 98 with a price, none gone, one doubled. */
function history(runs: Given[], scope = 'sale/house/antioquia/bello', everyDays = 1): ScopeHistory {
  return {
    portal: 'toy',
    scope,
    runs: runs.map(
      ({seen = 100, verdict = 'complete', reason, measure = {}, linksLeft = 0, oldestVisit}, n): ScopeRun => {
        const measured = {
          listings: seen,
          listingsBefore: n === 0 ? null : 100,
          listingsGone: n === 0 ? null : 2,
          duplicates: Math.round(seen / 100),
          filled: {price: Math.round(0.98 * seen), latitude: Math.round(0.7 * seen)},
          ...measure,
        };
        return {
          runId: n + 1,
          observedAt: new Date(START + n * everyDays * DAY_MS),
          verdict,
          reason: reason ?? null,
          announcedTotal: seen,
          listingsSeen: seen,
          linksLeft,
          oldestVisitAt: oldestVisit === undefined ? null : new Date(START + oldestVisit * DAY_MS),
          measure: measure === null ? null : measured,
        };
      },
    ),
  };
}

const days = (n: number, given: Given = {}) => Array.from({length: n}, () => given);

function alarms(histories: ScopeHistory[], more: Partial<Evidence> = {}) {
  const last = Math.max(...histories.flatMap(({runs}) => runs.map(run => run.observedAt.getTime())));
  return findAlarms({
    histories,
    newWords: [],
    openSince: new Map(),
    acceptedRuns: new Set(),
    now: new Date(last + 3_600_000),
    ...more,
  });
}

const kinds = (histories: ScopeHistory[], more: Partial<Evidence> = {}) =>
  alarms(histories, more).map(alarm => alarm.kind);

describe('no alarm', () => {
  test.each<[string, ScopeHistory[]]>([
    ['healthy runs', [history(days(8))]],
    ['the first run', [history(days(1))]],
    ['the first run is empty', [history(days(3, {seen: 0}))]],
    ['two zeros', [history([...days(4, {seen: 12}), ...days(2, {seen: 0})])]],
    ['a search of four that runs dry', [history([...days(4, {seen: 4}), ...days(3, {seen: 0})])]],
    ['a search that was never alive', [history(days(8, {seen: 0}))]],
    ['seen 80 % of the median', [history([...days(4), {seen: 80}])]],
    ['a small search that loses half', [history([...days(4, {seen: 8}), {seen: 4}])]],
    ['one run before', [history([{}, {seen: 10}])]],
    ['four points less filled', [history([...days(4), {measure: {filled: {price: 94, latitude: 70}}}])]],
    [
      'few adverts, none with a price',
      [history([...days(4, {seen: 12}), {seen: 12, measure: {filled: {}}}])],
    ],
    ['three times few gone', [history([...days(4), {measure: {listingsGone: 6}}])]],
    ['a run that is not parsed yet', [history([...days(4), {measure: null}])]],
    ['incomplete once', [history([...days(4), {verdict: 'incomplete', seen: 90}])]],
    ['a week since the last complete run', [history([{}, ...days(7, {verdict: 'incomplete'})])]],
    [
      'runs that leave most links out by plan',
      [history([...days(4), ...days(4, {seen: 9, verdict: 'incomplete', linksLeft: 91, oldestVisit: 3})])],
    ],
    [
      'runs whose plan asks for nothing of a search',
      [history([...days(4), ...days(4, {seen: 0, verdict: 'incomplete', linksLeft: 100, oldestVisit: 3})])],
    ],
    [
      'doubles of a part of a search',
      [history([...days(4), {seen: 60, verdict: 'incomplete', linksLeft: 40, measure: {duplicates: 20}}])],
    ],
    [
      'never a full pass, and no visit older than twelve days',
      [
        history(
          Array.from({length: 30}, (_, n) => ({
            ...{verdict: 'incomplete' as const, seen: 9, linksLeft: 91, oldestVisit: Math.max(0, n - 11)},
          })),
        ),
      ],
    ],
    [
      'as many gone as the days since',
      [
        (() => {
          const {runs, ...rest} = history([...days(5), {measure: {listingsGone: 14}}]);
          const shifted = runs.map((run, n) =>
            n === 5 ? {...run, observedAt: new Date(START + 11 * DAY_MS)} : run,
          );
          return {...rest, runs: shifted};
        })(),
      ],
    ],
  ])('%s', (_name, histories) => {
    expect(alarms(histories)).toEqual([]);
  });
});

describe('one alarm, and only that', () => {
  test.each<[string, ScopeHistory[], Partial<Evidence>, string, RegExp, RegExp]>([
    [
      'three zeros',
      [history([...days(4, {seen: 12}), ...days(3, {seen: 0})])],
      {},
      'three_zeros',
      /^1 of 1 searches: sale\/house\/antioquia\/bello: 0 in the last 3 runs, up to 12 before$/,
      /adverts/,
    ],
    [
      'less seen',
      [history([...days(4), {seen: 79}])],
      {},
      'seen_drop',
      /saw 79, median 100 \(79\.0 %\)/,
      /80 % of the median/,
    ],
    [
      'less seen and incomplete',
      [history([...days(4), {seen: 30, verdict: 'incomplete'}])],
      {},
      'seen_drop',
      /saw 30/,
      /80 %/,
    ],
    [
      'a field gets empty',
      [history([...days(4), {measure: {filled: {price: 98, latitude: 40}}}])],
      {},
      'field_fill_drop',
      /^latitude is filled on 40\.0 % of 100 adverts$/,
      /^70\.0 %/,
    ],
    [
      'a field is gone',
      [history([...days(4), {measure: {filled: {latitude: 70}}}])],
      {},
      'field_fill_drop',
      /^price is filled on 0\.0 %/,
      /^98\.0 %/,
    ],
    [
      'many gone',
      [history([...days(4), {measure: {listingsGone: 30}}])],
      {},
      'gone_rate',
      /30 gone, 2\.0 expected/,
      /3 times/,
    ],
    [
      'duplicates',
      [history([...days(4), {measure: {duplicates: 12}}])],
      {},
      'duplicate_jump',
      /^12\.0 % of 100 adverts/,
      /^1\.0 %/,
    ],
    [
      'nothing complete for eight days',
      [history([{}, ...days(8, {verdict: 'incomplete'})])],
      {},
      'stale',
      /last complete 8 days ago/,
      /7 days/,
    ],
    [
      'links that the budgets never reach',
      [
        history([
          {verdict: 'incomplete', linksLeft: 91},
          ...days(20, {verdict: 'incomplete', seen: 9, linksLeft: 91, oldestVisit: 1}),
        ]),
      ],
      {},
      'stale',
      /links not visited for 19 days/,
      /12 where links are visited by plan/,
    ],
    [
      'a field gets empty on the adverts that a plan visits',
      [
        history([
          ...days(4),
          {
            ...{seen: 60, verdict: 'incomplete', linksLeft: 40, oldestVisit: 3},
            measure: {filled: {price: 59, latitude: 20}},
          },
        ]),
      ],
      {},
      'field_fill_drop',
      /^latitude is filled on 33\.3 % of 60 adverts$/,
      /^70\.0 %/,
    ],
    [
      'nobody crawls',
      [history(days(5))],
      {now: new Date(START + 14 * DAY_MS)},
      'stale',
      /last complete 10 days ago/,
      /7 days/,
    ],
    [
      'blocked',
      [history([...days(4), {seen: 3, verdict: 'blocked', reason: 'challenge page', measure: null}])],
      {},
      'blocked',
      /challenge page/,
      /lets us read/,
    ],
    [
      'failed',
      [history([...days(4), {seen: 0, verdict: 'failed', reason: 'no state'}])],
      {},
      'failed',
      /no state/,
      /portal file/,
    ],
  ])('%s', (_name, histories, more, kind, observed, expected) => {
    const found = alarms(histories, more);
    expect(found.map(alarm => alarm.kind)).toEqual([kind]);
    expect(found[0]?.observed).toMatch(observed);
    expect(found[0]?.expected).toMatch(expected);
  });
});

const word = (given: Partial<NewWord>): NewWord => ({
  portal: 'toy',
  code: 'unknown_word',
  path: '$.type',
  value: 'Loft',
  firstSeenAt: new Date(START),
  ...given,
});

test('new words: one alarm a path; new keys: one a portal', () => {
  const newWords = [
    word({}),
    word({value: 'Dúplex'}),
    word({path: '$.operation', value: 'Permuta'}),
    word({code: 'unread_key', path: '$.b', value: null}),
    word({code: 'unread_key', path: '$.a', value: null}),
    word({portal: 'elsewhere'}),
  ];
  const found = alarms([history(days(3))], {newWords});
  expect(found.map(({kind, subject, observed}) => [kind, subject, observed])).toEqual([
    ['new_value', '$.type', 'new: Dúplex, Loft'],
    ['new_value', '$.operation', 'new: Permuta'],
    ['payload_keys_changed', null, 'new keys: $.a, $.b'],
  ]);
});

test('searches that share a cause share the alarm; the largest are named first', () => {
  const scopes = [40, 200, 90, 60, 300].map(size =>
    history([...days(4, {seen: size}), {seen: Math.round(size / 2)}], `size-${size}`),
  );
  const [alarm, ...more] = alarms([...scopes, history(days(5), 'well')]);
  expect(more).toEqual([]);
  expect(alarm?.observed).toMatch(/^5 of 6 searches: size-300: .*; size-200: .*; size-90: .*; and 2 more$/);
});

test('since is when it began, not when it was noticed', () => {
  const [zeros] = alarms([history([...days(4, {seen: 12}), ...days(5, {seen: 0})])]);
  expect(zeros?.since).toEqual(new Date(START + 4 * DAY_MS));
  const [failed] = alarms([history([...days(2), ...days(3, {seen: 0, verdict: 'failed'})])]);
  expect(failed?.since).toEqual(new Date(START + 2 * DAY_MS));
});

test('an open incident is compared with the runs before it: what is broken does not become normal in silence', () => {
  const broken = {measure: {filled: {price: 0, latitude: 70}}};
  const runs = [history([...days(4), ...days(8, broken)])];
  expect(kinds(runs)).toEqual([]);
  const fingerprint = fingerprintOf({kind: 'field_fill_drop', portal: 'toy', subject: 'price'});
  const openSince = new Map([[fingerprint, new Date(START + 4 * DAY_MS)]]);
  expect(kinds(runs, {openSince})).toEqual(['field_fill_drop']);
  expect(kinds([history([...days(4), ...days(8, broken), {}])], {openSince})).toEqual([]);
});

test('a refused run ends no alarm of drift', () => {
  const runs = [...days(4), {seen: 50}, {seen: 0, verdict: 'blocked' as const, reason: '403', measure: null}];
  expect(kinds([history(runs)])).toEqual(['blocked', 'seen_drop']);
});

test('every alarm has an entry in the runbook', () => {
  const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');
  const entries = [...runbook.matchAll(/^## (\w+)$/gm)].map(match => match[1]);
  expect(entries).toEqual([...ALARM_KINDS]);
  for (const kind of ALARM_KINDS) {
    const entry = runbook.split(`## ${kind}\n`)[1]?.split('\n## ')[0] ?? '';
    expect(entry).toMatch(/\*\*Raised\*\*[\s\S]*\*\*Look\*\*[\s\S]*\*\*Do\*\*[\s\S]*\*\*Over\*\*/);
  }
});
