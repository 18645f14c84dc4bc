import policy from '../../raiz.config.ts';
import fincaraiz from '../../scrapers/fincaraiz.ts';
import {MAX_RESULTS} from '../../scrapers/fincaraiz-search.ts';
import type {Scope} from '../../src/domain/page.ts';
import {OPERATIONS, PROPERTY_TYPES} from '../../src/domain/vocabulary.ts';

/** Searches that a bench crawls, each with so many pages of so many listings. */
export interface SearchSet {
  readonly searches: number;
  readonly pagesASearch: number;
  readonly listingsAPage: number;
}

/** The first searches of every type in the places of the policy. */
export function benchScopes(searches: number): Scope[] {
  const scopes = allScopes();
  if (scopes.length < searches) throw new RangeError(`there are ${scopes.length} searches, not ${searches}`);
  return scopes.slice(0, searches);
}

function allScopes(): Scope[] {
  const portal = fincaraiz.id;
  const places = policy.portals[portal]?.places ?? [];
  return places.flatMap(place =>
    OPERATIONS.flatMap(operation =>
      PROPERTY_TYPES.map(propertyType => ({portal, operation, propertyType, place})),
    ),
  );
}

/**
 * At least so many pages over all searches: enough first pages to fill every connection at once.
 * @throws RangeError when a search would be so large that Raíz walks it in parts, which the stand-in site has not.
 */
export function searchSetOf(pages: number, listingsAPage: number): SearchSet {
  const searches = allScopes().length;
  const pagesASearch = Math.max(2, Math.ceil(pages / searches));
  if (pagesASearch * listingsAPage > MAX_RESULTS)
    throw new RangeError(
      `${pages} pages make searches of more than ${MAX_RESULTS} listings; take at most ${Math.floor(MAX_RESULTS / listingsAPage) * searches}`,
    );
  return {searches, pagesASearch, listingsAPage};
}

/** Paths of the first pages. */
export function searchPaths(searches: number): string[] {
  return benchScopes(searches).flatMap(scope => fincaraiz.seeds(scope).map(({url}) => new URL(url).pathname));
}

/** Path of page N of a search. */
export function pagePath(searchPath: string, page: number): string {
  return page === 1 ? searchPath : `${searchPath}/pagina${page}`;
}
