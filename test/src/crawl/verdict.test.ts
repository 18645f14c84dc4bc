import {describe, expect, test} from 'vitest';
import {judgeScope, type ScopeWalk, worstVerdict} from '../../../src/crawl/verdict.ts';

const expectation = {announcedShare: 0.95, fill: {price: 0.98}};

const walk = (changes: Partial<ScopeWalk> = {}): ScopeWalk => ({
  pagesDone: 100,
  pagesFailed: 0,
  pagesMisshapen: 0,
  rejectedReason: null,
  failedReason: null,
  blockedReason: null,
  budgetReason: null,
  pagesRepeated: 0,
  announcedTotal: 2000,
  listingsSeen: 2000,
  filled: {price: 2000},
  isListed: false,
  linkPlan: null,
  listFailedReason: null,
  notFoundReason: null,
  parts: 0,
  partsRefused: 0,
  ...changes,
});

describe('judgeScope', () => {
  test('a plan that leaves links out is the reason only when nothing else is', () => {
    const part = {isListed: true, listingsSeen: 40, filled: {price: 40}, linkPlan: {due: 40, left: 1960}};
    const reasonOf = (changes: Partial<ScopeWalk>) =>
      judgeScope(walk({...part, ...changes}), expectation).reason;
    expect(reasonOf({})).toBe('by plan: 40 of 2000 linked pages were due within the budgets');
    expect(reasonOf({listingsSeen: 0})).toMatch(/^by plan/);
    expect(reasonOf({pagesFailed: 9, failedReason: 'HTTP 500'})).toMatch(/pages failed/);
    expect(reasonOf({listFailedReason: 'cut off'})).toMatch(/sitemap could not be read/);
    expect(reasonOf({budgetReason: 'stopped'})).toBe('stopped');
  });

  test.each<[string, Partial<ScopeWalk>, string]>([
    ['everything seen', {}, 'complete'],
    ['95 % seen', {listingsSeen: 1900, filled: {price: 1900}}, 'complete'],
    ['less than 95 % seen', {listingsSeen: 1899, filled: {price: 1899}}, 'incomplete'],
    ['repeated pages, and all that is announced seen', {pagesRepeated: 3}, 'complete'],
    ['repeated pages, and no total announced', {pagesRepeated: 3, announcedTotal: null}, 'incomplete'],
    ['1 % of the pages failed', {pagesDone: 99, pagesFailed: 1}, 'complete'],
    ['more than 1 % failed', {pagesDone: 98, pagesFailed: 2}, 'incomplete'],
    [
      'announced nothing, had nothing',
      {pagesDone: 1, announcedTotal: 0, listingsSeen: 0, filled: {}},
      'complete',
    ],
    [
      'announced nothing at all, had nothing',
      {announcedTotal: null, listingsSeen: 0, filled: {}},
      'incomplete',
    ],
    ['announces no totals', {announcedTotal: null}, 'complete'],
    ['no page visited', {pagesDone: 0, announcedTotal: null, listingsSeen: 0}, 'incomplete'],
    ['all that sitemaps list seen', {isListed: true}, 'complete'],
    ['all links of a plan', {isListed: true, linkPlan: {due: 2000, left: 0}}, 'complete'],
    [
      'links left out by plan',
      {isListed: true, listingsSeen: 40, linkPlan: {due: 40, left: 1960}},
      'incomplete',
    ],
    ['nothing due by plan', {isListed: true, listingsSeen: 0, linkPlan: {due: 0, left: 9}}, 'incomplete'],
    ['a sitemap that could not be read', {isListed: true, listFailedReason: 'cut off'}, 'incomplete'],
    [
      'sitemaps that list nothing that is there',
      {isListed: true, announcedTotal: 0, listingsSeen: 0, filled: {}},
      'incomplete',
    ],
    ['adverts that are all not found', {isListed: true, notFoundReason: '18 of 20 answer 404'}, 'failed'],
    [
      'parts that show 95 %',
      {parts: 9, partsRefused: 2, listingsSeen: 1900, filled: {price: 1900}},
      'complete',
    ],
    ['parts that show less', {parts: 9, listingsSeen: 1899, filled: {price: 1899}}, 'incomplete'],
    ['a budget ended it', {budgetReason: 'stopped after a sample of 2 pages'}, 'incomplete'],
    ['blocked, whatever was seen', {blockedReason: '3 refusals'}, 'blocked'],
    [
      'blocked, though pages are misshapen too',
      {blockedReason: 'x', pagesMisshapen: 50, pagesFailed: 50},
      'blocked',
    ],
    ['more than 5 % misshapen', {pagesDone: 94, pagesFailed: 6, pagesMisshapen: 6}, 'failed'],
    ['5 % misshapen', {pagesDone: 95, pagesFailed: 5, pagesMisshapen: 5}, 'incomplete'],
    [
      'the wrong place from the start',
      {pagesDone: 0, pagesFailed: 1, rejectedReason: 'colombia', listingsSeen: 0},
      'failed',
    ],
    ['a wrong page on the way', {pagesFailed: 1, rejectedReason: 'page 1 again'}, 'incomplete'],
    ['prices missing on many', {filled: {price: 1800}}, 'incomplete'],
    ['prices missing on few of few', {announcedTotal: 65, listingsSeen: 65, filled: {price: 63}}, 'complete'],
  ])('%s', (_name, changes, verdict) => {
    expect(judgeScope(walk(changes), expectation).verdict).toBe(verdict);
  });

  test('the reason holds the figures', () => {
    expect(judgeScope(walk({listingsSeen: 900}), expectation).reason).toBe(
      'saw 900 of 2000 announced (45.0 %)',
    );
    const failed = judgeScope(walk({pagesDone: 9, pagesFailed: 1, failedReason: 'page 3: 503'}), expectation);
    expect(failed.reason).toBe('1 of 10 pages failed; first: page 3: 503');
  });
});

test('a run is as good as its worst scope', () => {
  expect(worstVerdict(['complete', 'complete'])).toBe('complete');
  expect(worstVerdict(['complete', 'incomplete', 'failed'])).toBe('failed');
  expect(worstVerdict(['blocked', 'failed'])).toBe('blocked');
  expect(worstVerdict([])).toBe('incomplete');
});

test('the reason says that a search was split', () => {
  expect(judgeScope(walk({parts: 1}), expectation).reason).toBe('saw 2000 of 2000; split into 1 searches');
  expect(judgeScope(walk({parts: 9, partsRefused: 2, listingsSeen: 100}), expectation).reason).toBe(
    'saw 100 of 2000 announced (5.0 %); split into 9 searches, 2 pages of which were refused',
  );
});
