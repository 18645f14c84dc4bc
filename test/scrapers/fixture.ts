import {readFileSync} from 'node:fs';
import type {FetchedPage, JsonValue, Page, PageRef, Scope} from '../../src/domain/page.ts';
import type {Portal} from '../../src/portal/define-portal.ts';
import {readPage} from '../../src/portal/read-page.ts';

/** Text of a file of `test/scrapers/fixtures`. */
export function readFixture(path: string): string {
  return readFileSync(new URL(`fixtures/${path}`, import.meta.url), 'utf8');
}

/** A page as a crawl would keep it, redacted. */
export function pageOf(
  portal: Portal,
  scope: Scope,
  ref: PageRef,
  body: string,
  answer: Partial<FetchedPage> = {},
): Page {
  const fetched = {ref, status: 200, finalUrl: ref.url, headers: {}, fetchedAt: new Date(0), body, ...answer};
  return readPage(portal, scope, fetched, 'a key for tests');
}

/** A copy of a JSON value without the field at a path such as `price.amount`. */
export function without(value: JsonValue, path: string): JsonValue {
  const copy: JsonValue = structuredClone(value);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at: JsonValue | undefined = copy;
  for (const key of keys)
    at = at !== null && typeof at === 'object' && !Array.isArray(at) ? at[key] : undefined;
  if (at === null || typeof at !== 'object' || Array.isArray(at) || !(last in at))
    throw new Error(`no field ${path}`);
  delete at[last];
  return copy;
}
