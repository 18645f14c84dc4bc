import {describe, expect, test} from 'vitest';
import {type AbsenceStep, findSurges} from '../../../src/lib/absence-surge.ts';

const day = (number: number) => new Date(Date.UTC(2026, 0, number, 12));

/** One step a day, from day 2 on; `absent` of 200 adverts each. */
function steps(absent: readonly number[], scope = 'a', listings = 200): AbsenceStep[] {
  return absent.map((count, n) => ({
    ...{portal: 'toy', scope, listings, absent: count},
    runId: n + 2,
    observedAt: day(n + 2),
    beforeAt: day(n + 1),
  }));
}

const found = (given: readonly AbsenceStep[]) =>
  findSurges(given).map(({step, expected, isPortalWide}) => [step.scope, step.runId, expected, isPortalWide]);

describe('a search', () => {
  test.each<[string, number[], number[]]>([
    ['three times the median', [4, 4, 4, 40], [5]],
    ['twelve where four are usual', [4, 4, 4, 12], [5]],
    ['eleven where four are usual', [4, 4, 4, 11], []],
    ['nine, from none', [0, 0, 0, 9], []],
    ['ten, from none', [0, 0, 0, 10], [5]],
    ['the first runs, with nothing to compare', [4, 80], []],
    ['again two days later: an odd run does not move the median', [4, 4, 4, 80, 4, 80], [5, 7]],
    ['a new usual rate', [4, 4, 4, 80, 80, 80, 80, 80, 80, 80], [5, 6, 7]],
    ['within chance of a large rate', [60, 60, 60, 90], []],
  ])('%s', (_name, absent, runs) => {
    expect(found(steps(absent)).map(([, runId]) => runId)).toEqual(runs);
  });

  test('the rate is a day: six days without a run may miss six times as many', () => {
    const [last, ...before] = steps([4, 4, 4, 24]).reverse();
    if (last === undefined) throw new Error('no step');
    const late = {...last, observedAt: new Date(last.observedAt.getTime() + 5 * 86_400_000)};
    expect(found([...before, last])).toEqual([['a', 5, 4, false]]);
    expect(found([...before, late])).toEqual([]);
  });
});

test('searches too small to be judged alone are judged together, without those that were', () => {
  const small = ['b', 'c', 'd', 'e'].flatMap(scope => steps([1, 1, 1, 8], scope, 20));
  expect(found(small).map(([scope, runId, , isWide]) => [scope, runId, isWide])).toEqual(
    ['b', 'c', 'd', 'e'].map(scope => [scope, 5, true]),
  );
  const calm = ['b', 'c', 'd', 'e'].flatMap(scope => steps([1, 1, 1, 1], scope, 20));
  expect(found([...steps([4, 4, 4, 100]), ...calm])).toEqual([['a', 5, 4, false]]);
});

test('the order in which runs are given changes nothing', () => {
  const given = [...steps([4, 4, 4, 40, 4]), ...steps([2, 2, 2, 2, 30], 'b')];
  expect(new Set(findSurges(given.toReversed()).map(({step}) => step))).toEqual(
    new Set(findSurges(given).map(({step}) => step)),
  );
});
