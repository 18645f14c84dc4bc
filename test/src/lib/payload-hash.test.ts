import {expect, test} from 'vitest';
import {payloadHash} from '../../../src/lib/payload-hash.ts';
import {toyHtml, toyPortal, toyScope} from '../../support/toy-portal.ts';

function listing(changes: {price?: number; updatedOn?: string} = {}) {
  const body = toyHtml({
    place: 'a/b',
    page: 1,
    lastPage: 1,
    total: 1,
    listings: [{id: 1, price: 5, ...changes}],
  });
  const url = 'https://www.toy.example/sale/house/a/b';
  const page = {
    ref: {kind: 'search', url},
    scope: toyScope('a/b'),
    status: 200,
    finalUrl: url,
    fetchedAt: new Date(0),
    content: toyPortal.keep(body),
  } as const;
  return toyPortal.parseSearch(page).listings[0]!.listing;
}

test('a bump of updatedOn is no change, a price is one', () => {
  const hash = payloadHash(listing());
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(payloadHash(listing({updatedOn: '2026-03-01'}))).toBe(hash);
  expect(payloadHash(listing({price: 6}))).not.toBe(hash);
});

test('the hash does not depend on the order in which fields were written', () => {
  const first = listing();
  const turned = Object.fromEntries(Object.entries(first).reverse()) as unknown as typeof first;
  expect(payloadHash(turned)).toBe(payloadHash(first));
});
