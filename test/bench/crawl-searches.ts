import policy from '../../raiz.config.ts';
import fincaraiz from '../../scrapers/fincaraiz.ts';
import {scopesOf} from '../../src/config/policy.ts';
import type {Scope} from '../../src/domain/page.ts';

export const PAGES_A_SEARCH = 50;

/** As many searches of the policy as make so many pages. */
export function benchScopes(pages: number): Scope[] {
  return scopesOf(policy, 'fincaraiz').slice(0, Math.ceil(pages / PAGES_A_SEARCH));
}

/** Paths of their first pages. */
export function searchPaths(pages: number): string[] {
  return benchScopes(pages).flatMap(scope => fincaraiz.seeds(scope).map(({url}) => new URL(url).pathname));
}
