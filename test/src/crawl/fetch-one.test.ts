import {afterEach, beforeEach, expect, test} from 'vitest';
import {fetchOnePage} from '../../../src/crawl/fetch-one.ts';
import type {Database} from '../../../src/db/client.ts';
import {recordReview} from '../../../src/db/reviews.ts';
import {ConfigError} from '../../../src/domain/errors.ts';
import {definePortal, type Portal} from '../../../src/portal/define-portal.ts';
import {testDatabase} from '../../support/database.ts';
import {startToySite, TOY_HOME, type ToySite, toyListings, toyPortal} from '../../support/toy-portal.ts';

const NOW = new Date('2026-03-01T15:00:00Z');
const PATH = '/sale/house/antioquia/bello';

let database: Database;
let site: ToySite;

beforeEach(async () => {
  database = await testDatabase();
  site = await startToySite();
  site.places.set('antioquia/bello', toyListings(3));
});
afterEach(async () => {
  await site.close();
  await database.close();
});

const fetchOne = (url: string, portal: Portal = toyPortal) =>
  fetchOnePage({...{database, portal, url}, contact: undefined, chromium: undefined, now: () => NOW});

test('one request to a stand-in, after robots.txt', async () => {
  const page = await fetchOne(`${site.baseUrl}${PATH}`);
  expect(page).toMatchObject({status: 200, finalUrl: `${TOY_HOME}${PATH}`, ref: {kind: 'search'}});
  expect(site.requests).toEqual(['/robots.txt', PATH]);
});

test('what robots.txt disallows is not requested', async () => {
  site.fault = path => (path === '/robots.txt' ? {body: 'User-agent: *\nDisallow: /sale'} : undefined);
  await expect(fetchOne(`${site.baseUrl}${PATH}`)).rejects.toMatchObject({failure: 'robots'});
  expect(site.requests).toEqual(['/robots.txt']);
});

test('a challenge is no page', async () => {
  site.fault = path => (path === PATH ? {body: '<title>Just a moment...</title>'} : undefined);
  await expect(fetchOne(`${site.baseUrl}${PATH}`)).rejects.toMatchObject({failure: 'blocked'});
});

test('the real site: a review, a contact and what is left of the day, or no request', async () => {
  const url = `${TOY_HOME}${PATH}`;
  await expect(fetchOne(url)).rejects.toThrow(/nobody has decided yet/);
  await recordReview(database.orm, {
    ...{portal: 'toy', reviewedOn: '2026-02-01', reviewedBy: 'Ana', mayCrawl: true},
    ...{mayRelease: false, maySell: false, note: ''},
  });
  await expect(fetchOne(url)).rejects.toThrow(/set RAIZ_CONTACT/);
  const spent = definePortal({...toyPortal, politeness: {...toyPortal.politeness, maxPagesPerDay: 0}});
  await expect(fetchOne(url, spent)).rejects.toThrow(/stopped at the day's budget of 0 pages of toy/);
  await expect(fetchOne('https://other.example/x')).rejects.toThrow(ConfigError);
});
