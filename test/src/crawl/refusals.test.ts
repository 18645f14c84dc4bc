import {expect, test} from 'vitest';
import {parseRetryAfter, refuseChallenge} from '../../../src/crawl/refusals.ts';

test.each([
  ['120', 120_000],
  ['Sun, 01 Mar 2026 00:01:00 GMT', 60_000],
  ['Sat, 28 Feb 2026 00:00:00 GMT', 0],
  ['999999999', 86_400_000],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After %s is %s ms', (value, expected) => {
  expect(parseRetryAfter(value, new Date('2026-03-01T00:00:00Z'))).toBe(expected);
});

const pageOf = (body: string) => ({
  ref: {kind: 'search', url: 'https://www.toy.example/venta'} as const,
  ...{status: 200, finalUrl: 'https://www.toy.example/venta', headers: {}, fetchedAt: new Date(0), body},
});

const INCAPSULA =
  '<html style="height:100%"><head><META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW"></head><body style="margin:0px;' +
  'height:100%"><iframe id="main-iframe" src="/_Incapsula_Resource?CWUDNSAI=23" frameborder=0 width="100%" ' +
  'height="100%">Request unsuccessful. Incapsula incident ID: 1-2</iframe></body></html>';

test.each([
  ['Cloudflare', '<head><title>Just a moment...</title>'],
  ['Incapsula', INCAPSULA],
])('a challenge of %s with status 200 is a refusal', (_, body) => {
  expect(() => refuseChallenge(pageOf(body))).toThrow(
    expect.objectContaining({failure: 'blocked', context: expect.objectContaining({isChallenge: true})}),
  );
});

test('a page is no challenge', () => {
  expect(() => refuseChallenge(pageOf('<title>Casa en venta</title> a moment, access'))).not.toThrow();
});
