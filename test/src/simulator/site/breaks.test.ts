import {afterEach, beforeEach, expect, test} from 'vitest';
import {findPortal} from '../../../../scrapers/index.ts';
import type {Scope} from '../../../../src/domain/page.ts';
import {createMarket} from '../../../../src/simulator/market/market.ts';
import {BREAK_NAMES, BREAKS, type BreakName} from '../../../../src/simulator/site/breaks.ts';
import {type Site, startSite} from '../../../../src/simulator/site/start-site.ts';

const portal = findPortal('fincaraiz');
const SEARCH = '/venta/apartamentos/medellin/antioquia';

let site: Site;
beforeEach(async () => {
  site = await startSite(createMarket({seed: 'breaks', days: 2, startOn: '2026-09-01', size: 300}), {day: 0});
});
afterEach(() => site.close());

async function readSearch(path = SEARCH) {
  const answer = await fetch(site.baseUrl + path);
  const content = portal.keep(await answer.text());
  const scope: Scope = {
    portal: 'fincaraiz',
    operation: 'sale',
    propertyType: 'apartment',
    place: 'antioquia/medellin',
  };
  return portal.parseSearch({
    ref: {kind: 'search', url: portal.homepage + path},
    ...{scope, status: 200, finalUrl: path, fetchedAt: new Date(0), content},
  });
}

const ids = (reading: Awaited<ReturnType<typeof readSearch>>) =>
  reading.listings.map(({listing}) => listing.portalListingId);

test('fields, keys and words are broken, one at a time, and mended', async () => {
  const whole = await readSearch();
  const known = new Set(whole.listings.flatMap(({unread}) => unread));
  const broken = async (name: BreakName) => {
    site.breakBy(name);
    const {listings} = await readSearch();
    expect(listings).toHaveLength(whole.listings.length);
    return listings;
  };
  expect((await broken('price')).flatMap(({listing}) => listing.offers.map(offer => offer.price))).toEqual(
    whole.listings.map(() => null),
  );
  const pointless = await broken('latitude');
  expect(pointless.every(({listing}) => listing.latitude === null)).toBe(true);
  expect(pointless.some(({listing}) => listing.offers[0]?.price != null)).toBe(true);
  for (const {unread, listing} of await broken('rename-key')) {
    // Personal keys are dropped between `keep` and reading, which this test leaves out.
    expect(unread.filter(path => !known.has(path))).toEqual(['$.stratum_v2']);
    expect(listing.latitude).not.toBeNull();
  }
  for (const {issues} of await broken('new-word'))
    expect(issues.map(({code}) => code)).toContain('unknown_sheet_field');
  site.breakBy(undefined);
  expect(await readSearch()).toEqual(whole);
});

test('adverts vanish from searches and from their own pages', async () => {
  const whole = await readSearch();
  site.breakBy('vanish');
  const left = await readSearch();
  const share = (left.announcedTotal ?? 0) / (whole.announcedTotal ?? 1);
  expect(share).toBeGreaterThan(0.45);
  expect(share).toBeLessThan(0.75);
  const gone = whole.listings.find(({listing}) => !ids(left).includes(listing.portalListingId));
  const page = await fetch(gone?.listing.url?.replace(portal.homepage, site.baseUrl) ?? '', {
    redirect: 'manual',
  });
  expect(page.status === 301 || /no está disponible/.test(await page.text())).toBe(true);
  site.breakBy('empty');
  expect(await readSearch()).toMatchObject({listings: [], announcedTotal: 0});
});

test('pages refuse, change their shape, repeat the first', async () => {
  site.breakBy('block');
  const answer = await fetch(site.baseUrl + SEARCH);
  expect([answer.status, answer.headers.get('cf-mitigated')]).toEqual([403, 'challenge']);
  site.breakBy('shape');
  await expect(readSearch()).rejects.toThrow(/state|__NEXT_DATA__/);
  site.breakBy('repeat');
  expect(ids(await readSearch(`${SEARCH}/pagina2`))).toEqual(ids(await readSearch()));
});

test('commands: how it is, breaking, mending, days; wrong ones say which there are', async () => {
  const command = async (path: string, method = 'POST') => {
    const answer = await fetch(`${site.baseUrl}/_simulator${path}`, {method});
    return `${answer.status} ${await answer.text()}`;
  };
  expect(await command('', 'GET')).toMatch(/^200 SIMULADO · day 1 of 2 · all is well\n/);
  for (const name of BREAK_NAMES) {
    expect(await command(`/break/${name}`)).toContain(`broken: ${name} (${BREAKS[name].does})`);
    expect(site.broken).toBe(name);
  }
  expect(await command('/mend')).toContain('all is well');
  expect(await command('/day/2')).toContain('day 2 of 2');
  expect(site.day).toBe(1);
  for (const wrong of ['/break/glass', '/day/3', '/day/0', '/fly'])
    expect(await command(wrong)).toMatch(/^404 .*\nPOST \/_simulator\/day/);
  expect(await command('/mend', 'GET')).toMatch(/^405 /);
  expect(site.requests).toEqual([]);
});
