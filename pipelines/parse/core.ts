import {RecordShapeError} from '../../src/domain/errors.ts';
import type {Issue} from '../../src/domain/issue.ts';
import {type ListingReading, listingId, type StagedListing} from '../../src/domain/listing.ts';
import type {Page, PageRef} from '../../src/domain/page.ts';
import {payloadHash} from '../../src/lib/payload-hash.ts';
import type {Portal, RejectedRecord} from '../../src/portal/define-portal.ts';

/** A page of the archive. */
export interface ArchivedPage {
  readonly ref: PageRef;
  /** Null when the answer had no content worth keeping: a plain 404. */
  readonly page: Page | null;
  /** Why the crawl took the advert for gone; null: it didn't. */
  readonly goneReason: string | null;
}

/** What a page says about listings. */
export interface ParsedPage {
  readonly listings: readonly ParsedListing[];
  /** The advert that this page says is gone. */
  readonly gone: {readonly listingId: string; readonly reason: string} | null;
  readonly rejected: readonly RejectedRecord[];
  readonly issues: readonly Issue[];
}

export interface ParsedListing {
  readonly listing: StagedListing;
  readonly payloadHash: string;
  readonly unread: readonly string[];
}

/**
 * Reads a page as its portal file does now. The page is accepted anew: a stricter portal file takes back what an older
 * one let through.
 * @throws PageShapeError when the page is not built as the portal file expects.
 */
export function parsePage(archived: ArchivedPage, portal: Portal): ParsedPage {
  const {ref, page, goneReason} = archived;
  if (page === null) return goneReason === null ? nothing([]) : gonePage(ref, goneReason, portal);
  if (ref.kind === 'listing') {
    const reason = portal.gone(page);
    if (reason !== undefined) return gonePage(ref, reason, portal);
  }
  const accepted = portal.accept(page.scope, page);
  if (accepted !== true) return nothing([{code: 'page_not_accepted', message: accepted}]);
  if (ref.kind === 'listing') return listingPage(page, portal);
  if (ref.kind !== 'search') return nothing([]);
  const {listings, rejected, issues} = portal.parseSearch(page);
  return {
    listings: listings.map(parsed),
    gone: null,
    rejected,
    issues: [...issues, ...listings.flatMap(issuesOf)],
  };
}

function listingPage(page: Page, portal: Portal): ParsedPage {
  try {
    const reading = portal.parseListing(page);
    return {listings: [parsed(reading)], gone: null, rejected: [], issues: issuesOf(reading)};
  } catch (error) {
    // Kept as a rejected record by the stage.
    if (error instanceof RecordShapeError) {
      return {listings: [], gone: null, rejected: [{path: '', message: error.message}], issues: []};
    }
    throw error;
  }
}

function gonePage(ref: PageRef, reason: string, portal: Portal): ParsedPage {
  const identity = portal.identify(ref.url);
  if (identity === undefined) {
    return nothing([
      {code: 'gone_page_unidentified', message: `${ref.url} is gone, but names no advert: ${reason}`},
    ]);
  }
  const id = listingId(portal.id, identity.idSpace, identity.portalListingId);
  return {listings: [], gone: {listingId: id, reason}, rejected: [], issues: []};
}

function nothing(issues: readonly Issue[]): ParsedPage {
  return {listings: [], gone: null, rejected: [], issues};
}

function parsed({listing, unread}: ListingReading): ParsedListing {
  return {listing, payloadHash: payloadHash(listing), unread};
}

function issuesOf({issues, unread}: ListingReading): Issue[] {
  const unreadKeys = unread.map(path => ({
    code: 'unread_key',
    message: `nobody reads ${path}: read it in the portal file or declare it ignored`,
    path,
  }));
  return [...issues, ...unreadKeys];
}
