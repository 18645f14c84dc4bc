import type {FetchedPage, Page, PageContent, Scope} from '../domain/page.ts';
import type {Portal} from './define-portal.ts';
import {cutTitle} from './embedded.ts';
import {redactContent, redactUrl} from './redact.ts';

/**
 * Turns what came over the wire into the redacted page that may be kept: the one door between network and archive.
 * An error answer (status 400 and above) has no content worth keeping but its title. Throws `PageShapeError` when a
 * good answer has none either.
 */
export function readPage(portal: Portal, scope: Scope, fetched: FetchedPage, hashKey: string): Page {
  const content: PageContent =
    fetched.status < 400
      ? portal.keep(fetched.body)
      : {title: cutTitle(fetched.body), state: null, jsonLd: [], notices: []};
  return {
    ref: {kind: fetched.ref.kind, url: redactUrl(fetched.ref.url, portal.redact)},
    scope,
    status: fetched.status,
    finalUrl: redactUrl(fetched.finalUrl, portal.redact),
    fetchedAt: fetched.fetchedAt,
    content: redactContent(content, portal.redact, hashKey),
  };
}
