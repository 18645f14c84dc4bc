import {expect, test} from 'vitest';
import {isRateAlarm, type RuleRate} from '../../../src/health/rule-rates.ts';

const rate = (changes: Partial<RuleRate>): RuleRate => ({
  ...{rowsSeen: 1000, touchedSharePct: 10, usualSharePct: 10, runsCompared: 4},
  ...changes,
});

test.each<[string, Partial<RuleRate>, boolean]>([
  ['as ever', {}, false],
  ['five points up', {touchedSharePct: 15}, true],
  ['five points down', {touchedSharePct: 5}, true],
  ['less than five points', {touchedSharePct: 14.9}, false],
  ['a rule that never struck before', {usualSharePct: 0, touchedSharePct: 5}, true],
  ['the first run', {usualSharePct: null, runsCompared: 0, touchedSharePct: 90}, false],
  ['one run before', {runsCompared: 1, touchedSharePct: 90}, false],
  ['too few rows', {rowsSeen: 49, touchedSharePct: 90}, false],
  ['eight points by chance among 100 rows', {rowsSeen: 100, touchedSharePct: 18}, false],
  ['ten points among 100 rows', {rowsSeen: 100, touchedSharePct: 20}, true],
])('%s', (_name, changes, expected) => expect(isRateAlarm(rate(changes))).toBe(expected));
