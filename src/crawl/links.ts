import type {Issue} from '../domain/issue.ts';
import type {Page, PageRef} from '../domain/page.ts';
import type {Portal, SearchReading, SitemapReading} from '../portal/define-portal.ts';
import type {Reading} from './judge.ts';
import type {Walk} from './walk.ts';

/** What a page leads to. */
interface Found {
  readonly found: readonly PageRef[];
  readonly issues: readonly Issue[];
}

/** Counts what a page says in its walk, and gives the pages it makes known to it. */
export function foundBy(page: Page, walk: Walk, reading: Reading, portal: Portal): Found {
  if (reading.kind === 'listing') {
    walk.countListingPage(reading.listing, portal.expect);
    return {found: [], issues: []};
  }
  if (reading.kind === 'sitemap') return inSitemap(walk, reading.sitemap, portal);
  const leadsOn = walk.countListings(reading.search, portal.expect);
  const further = furtherPages(page, walk, reading.search, portal);
  const found = [...(leadsOn ? further : []), ...missingListings(reading.search, portal)];
  return {found: found.filter(({url}) => walk.isNew(url)), issues: []};
}

/** The smaller searches of a search that is too large; else its further pages. */
function furtherPages(page: Page, walk: Walk, search: SearchReading, portal: Portal): readonly PageRef[] {
  const parts = portal.split?.(page, search) ?? [];
  if (parts.length === 0 || search.announcedTotal === null) return search.nextPages;
  const own = new Set(search.nextPages.map(({url}) => url));
  walk.split(
    parts.flatMap(({url}) => (own.has(url) ? [] : [url])),
    search.announcedTotal,
  );
  return parts;
}

/** Detail pages of the listings that the search page did not give itself. */
function missingListings(search: SearchReading, portal: Portal): readonly PageRef[] {
  const given = new Set(search.listings.map(({listing}) => `${listing.idSpace}:${listing.portalListingId}`));
  return search.links.filter(link => {
    const identity = portal.identify(link.url);
    return identity !== undefined && !given.has(`${identity.idSpace}:${identity.portalListingId}`);
  });
}

/** Listings and further sitemaps of the portal itself. What else a sitemap names is reported and left alone. */
function inSitemap(walk: Walk, {links, issues}: SitemapReading, portal: Portal): Found {
  const isOwn = ({kind, url}: PageRef) =>
    url.startsWith(`${portal.homepage}/`) && (kind === 'sitemap' || portal.identify(url) !== undefined);
  const own = links.filter(isOwn);
  const found = walk.countLinks(portal, own).filter(({url}) => walk.isNew(url));
  const foreign = links.length - own.length;
  if (foreign === 0) return {found, issues};
  const message = `${foreign} addresses of the sitemap are no adverts of ${portal.name}: not visited`;
  return {found, issues: [...issues, {code: 'sitemap_link_foreign', message}]};
}
