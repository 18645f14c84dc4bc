import type {PageContent} from '../domain/page.ts';

/** True when parsed JSON has the shape of a stored page. Its `state` is JSON by origin and not looked into. */
export function isPageContent(value: unknown): value is PageContent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'title' in value &&
    'state' in value &&
    'jsonLd' in value &&
    Array.isArray(value.jsonLd) &&
    'notices' in value &&
    Array.isArray(value.notices)
  );
}
