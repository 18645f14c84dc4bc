import policy from '../../raiz.config.ts';
import fincaraiz from '../../scrapers/fincaraiz.ts';
import {scopesOf} from '../../src/config/policy.ts';
import type {Scope} from '../../src/domain/page.ts';

/** Searches that a bench crawls, each with so many pages of so many listings. */
export interface SearchSet {
  readonly searches: number;
  readonly pagesASearch: number;
  readonly listingsAPage: number;
}

/** The first searches of the policy. */
export function benchScopes(searches: number): Scope[] {
  const scopes = scopesOf(policy, 'fincaraiz');
  if (scopes.length < searches)
    throw new RangeError(`the policy has ${scopes.length} searches, not ${searches}`);
  return scopes.slice(0, searches);
}

/** At least so many pages over all searches of the policy: enough first pages to fill every connection at once. */
export function searchSetOf(pages: number, listingsAPage: number): SearchSet {
  const searches = scopesOf(policy, 'fincaraiz').length;
  return {searches, pagesASearch: Math.max(2, Math.ceil(pages / searches)), listingsAPage};
}

/** Paths of the first pages. */
export function searchPaths(searches: number): string[] {
  return benchScopes(searches).flatMap(scope => fincaraiz.seeds(scope).map(({url}) => new URL(url).pathname));
}

/** Path of page N of a search. */
export function pagePath(searchPath: string, page: number): string {
  return page === 1 ? searchPath : `${searchPath}/pagina${page}`;
}
