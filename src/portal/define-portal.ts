import type {Issue} from '../domain/issue.ts';
import type {ListingReading} from '../domain/listing.ts';
import type {Page, PageContent, PageRef, Scope} from '../domain/page.ts';
import type {Operation, PropertyType} from '../domain/vocabulary.ts';
import type {RedactionRules} from './redact.ts';

/** A record of a page that could not be read at all. */
export interface RejectedRecord {
  /** Where in the page: `data[3]`. */
  readonly path: string;
  readonly message: string;
}

export interface SearchReading {
  readonly listings: readonly ListingReading[];
  readonly rejected: readonly RejectedRecord[];
  /** How many adverts the portal says this search has; null: it doesn't say. */
  readonly announcedTotal: number | null;
  /** The place the portal says it searched, as a scope place (`antioquia/medellin`); null: it doesn't say. */
  readonly placeEcho: string | null;
  /** Every further page of the same search that this page makes known. */
  readonly nextPages: readonly PageRef[];
  /** Detail pages of the listings on this page. */
  readonly links: readonly PageRef[];
  readonly issues: readonly Issue[];
}

/** A page that a sitemap names. */
export interface SitemapLink extends PageRef {
  /** When the portal says it last changed, as written (`2026-05-01`); null: it doesn't say. */
  readonly lastmod: string | null;
}

/** What a sitemap makes known of its page's scope; what belongs to other scopes is left out. */
export interface SitemapReading {
  /** Listing pages and further sitemaps, told apart by `kind`. */
  readonly links: readonly SitemapLink[];
  readonly issues: readonly Issue[];
}

/** What an installation should expect of a healthy run; a minimum that fails makes the scope incomplete. */
export interface PortalExpectation {
  /** Share of the announced total that must be seen. */
  readonly announcedShare: number;
  /** Share of listings on which the field is filled, by `StagedListing` field, `price`, or `areaM2` (any of its areas: land has no built one). */
  readonly fill: Readonly<Record<string, number>>;
}

/**
 * A portal: a frozen value and pure functions. It cannot reach the network, the clock, the disk or the database.
 */
export interface Portal {
  readonly id: string;
  readonly name: string;
  /** Origin of every address of the portal, without a trailing slash. */
  readonly homepage: string;
  readonly owner: string;
  readonly status: 'active' | 'declined';
  readonly caveats: readonly string[];
  /** What robots.txt and the terms are known to say, with the date. The decision is the installation's. */
  readonly policy: {readonly known: string};
  readonly politeness: {
    readonly minDelayMs: number;
    readonly maxPagesPerRun: number;
    /** Of one Bogotá day, over all runs; that of one run unless told. */
    readonly maxPagesPerDay?: number;
    readonly transport: 'http' | 'browser';
  };
  /** Raise when parsing changes: every archived page is then parsed again. */
  readonly parserVersion: number;
  readonly operations: readonly Operation[];
  readonly propertyTypes: readonly PropertyType[];
  readonly redact: RedactionRules;
  /** Cuts what is worth keeping out of what the portal sent. Throws `PageShapeError` when nothing is. */
  readonly keep: (body: string) => PageContent;
  /** True, or why this page is not the one the scope asked for (place echo, challenge, repeated page). */
  readonly accept: (scope: Scope, page: Page) => true | string;
  /** First pages of a scope. */
  readonly seeds: (scope: Scope) => readonly PageRef[];
  readonly parseSearch: (page: Page) => SearchReading;
  /**
   * The smaller searches whose union a too large search is walked by, instead of its further pages; pages of its own
   * may be among them. None: it is walked as it is. `accept` must tell a smaller search from the one it was cut out of.
   */
  readonly split?: (page: Page, reading: SearchReading) => readonly PageRef[];
  /** Sitemaps that may name adverts of the scope which its split search did not show. */
  readonly completion?: (scope: Scope) => readonly PageRef[];
  /** Mandatory where `seeds` or `completion` gives sitemaps. */
  readonly parseSitemap?: (page: Page) => SitemapReading;
  readonly parseListing: (page: Page) => ListingReading;
  /** Why the advert of this listing page is gone, or undefined while it is there. */
  readonly gone: (page: Page) => string | undefined;
  /** The advert that a listing address is about, without reading the page: `{idSpace, portalListingId}`. */
  readonly identify: (
    url: string,
  ) => {readonly idSpace: string; readonly portalListingId: string} | undefined;
  /**
   * What the address of a search page says it searches; undefined for other addresses. Lets pages from elsewhere be
   * told apart; without it only listing pages are.
   */
  readonly searchOf?: (url: string) => Pick<Scope, 'operation' | 'propertyType'> | undefined;
  readonly expect: PortalExpectation;
}

export function definePortal(portal: Portal): Portal {
  return Object.freeze(portal);
}

/** A portal that Raíz knows and leaves alone: `caveats` and `policy` say why and since when; nothing could read it. */
export interface DeclinedPortal
  extends Pick<Portal, 'id' | 'name' | 'homepage' | 'owner' | 'caveats' | 'policy'> {
  readonly status: 'declined';
}

export function declinePortal(portal: DeclinedPortal): DeclinedPortal {
  return Object.freeze(portal);
}
