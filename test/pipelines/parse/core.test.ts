import {describe, expect, test} from 'vitest';
import {type ArchivedPage, parsePage} from '../../../pipelines/parse/core.ts';
import type {PageKind} from '../../../src/domain/vocabulary.ts';
import {TOY_HOME, type ToyListing, toyHtml, toyPortal, toyScope} from '../../support/toy-portal.ts';

function archived(
  kind: PageKind,
  path: string,
  listings: ToyListing[],
  {place = 'a/b', notice = ''} = {},
): ArchivedPage {
  const ref = {kind, url: `${TOY_HOME}${path}`};
  const content = toyPortal.keep(
    toyHtml({place, page: 1, lastPage: 1, total: listings.length, listings}, notice),
  );
  const page = {ref, scope: toyScope('a/b'), status: 200, finalUrl: ref.url, fetchedAt: new Date(0), content};
  return {ref, page, goneReason: null};
}

describe('search pages', () => {
  test('give listings with their hashes, rejects and issues', () => {
    const broken = {id: 'x', price: 1} as unknown as ToyListing;
    const parsed = parsePage(
      archived('search', '/sale/house/a/b', [{id: 1, price: 5}, broken, {id: 2, price: 1}]),
      toyPortal,
    );
    expect(parsed.listings.map(({listing}) => listing.portalListingId)).toEqual(['1', '2']);
    expect(new Set(parsed.listings.map(listing => listing.payloadHash)).size).toBe(2);
    expect(parsed.rejected).toEqual([{path: 'listings[1]', message: '$.id: expected a number, got "x"'}]);
    expect(parsed.issues.map(issue => issue.code)).toEqual(['odd_price']);
  });

  test('of another place give nothing but an issue', () => {
    const parsed = parsePage(
      archived('search', '/sale/house/a/b', [{id: 1, price: 5}], {place: 'colombia'}),
      toyPortal,
    );
    expect(parsed).toMatchObject({listings: [], gone: null, issues: [{code: 'page_not_accepted'}]});
  });
});

describe('listing pages', () => {
  test('give their listing', () => {
    const parsed = parsePage(archived('listing', '/inmueble/9', [{id: 9, price: 5}]), toyPortal);
    expect(parsed.listings).toHaveLength(1);
  });

  test('that can not be read are one reject', () => {
    const parsed = parsePage(archived('listing', '/inmueble/9', []), toyPortal);
    expect(parsed).toMatchObject({
      listings: [],
      rejected: [{path: '', message: '$.listings[0]: expected a listing, got nothing'}],
    });
  });

  test('say that their advert is gone, with content or without', () => {
    const said = parsePage(archived('listing', '/inmueble/9', [], {notice: 'no está disponible'}), toyPortal);
    expect(said.gone).toEqual({listingId: 'toy:id:9', reason: 'the page says so'});
    const ref = {kind: 'listing', url: `${TOY_HOME}/inmueble/8`} as const;
    expect(parsePage({ref, page: null, goneReason: 'HTTP 404'}, toyPortal).gone).toEqual({
      listingId: 'toy:id:8',
      reason: 'HTTP 404',
    });
  });

  test('that are gone without naming an advert are an issue', () => {
    const ref = {kind: 'listing', url: `${TOY_HOME}/elsewhere`} as const;
    const parsed = parsePage({ref, page: null, goneReason: 'HTTP 404'}, toyPortal);
    expect(parsed).toMatchObject({gone: null, issues: [{code: 'gone_page_unidentified'}]});
  });
});

test('keys that nobody reads are issues with their path', () => {
  const portal = {
    ...toyPortal,
    parseSearch: (page: Parameters<typeof toyPortal.parseSearch>[0]) => {
      const reading = toyPortal.parseSearch(page);
      return {...reading, listings: reading.listings.map(listing => ({...listing, unread: ['$.new_key']}))};
    },
  };
  const parsed = parsePage(archived('search', '/sale/house/a/b', [{id: 1, price: 5}]), portal);
  expect(parsed.issues).toMatchObject([{code: 'unread_key', path: '$.new_key'}]);
  expect(parsed.listings[0]?.unread).toEqual(['$.new_key']);
});
