import {expect, test} from 'vitest';
import fincaraiz from '../../../scrapers/fincaraiz.ts';
import {judgeScope} from '../../../src/crawl/verdict.ts';
import {Walk} from '../../../src/crawl/walk.ts';
import type {StagedListing} from '../../../src/domain/listing.ts';
import {stagedListing} from '../../support/staged-listing.ts';

/** Verdict of a search of 200 adverts that say this. */
function verdictOf(changes: Partial<StagedListing>) {
  const walk = new Walk(1, {portal: 'fincaraiz', operation: 'sale', propertyType: 'land', place: 'a/b'});
  walk.countDone();
  const listings = Array.from({length: 200}, (_, n) => ({
    listing: stagedListing({...changes, portalListingId: String(n)}),
    ...{unread: [], issues: []},
  }));
  const reading = {
    listings,
    rejected: [],
    announcedTotal: 200,
    placeEcho: null,
    nextPages: [],
    links: [],
    issues: [],
  };
  expect(walk.countListings(reading, fincaraiz.expect)).toBe(true);
  return judgeScope(walk.summary(), fincaraiz.expect);
}

test('land has no built area: its search is complete all the same', () => {
  const land = {builtAreaM2: null, privateAreaM2: null, landAreaM2: 800};
  expect(verdictOf(land)).toMatchObject({verdict: 'complete'});
  expect(verdictOf({...land, landAreaM2: null})).toEqual({
    verdict: 'incomplete',
    reason: 'areaM2 is filled on 0.0 % of the listings, expected 95 %',
  });
});
