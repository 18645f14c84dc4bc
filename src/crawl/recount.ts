import type {ArchiveReader} from '../archive/reader.ts';
import type {StoredPage} from '../db/pages.ts';
import type {Portal} from '../portal/define-portal.ts';
import {attempt, readingOf} from './judge.ts';
import {foundBy} from './links.ts';
import type {Walk} from './walk.ts';

/** Counts a page that an earlier process of the run visited as it was counted then, read again from the archive. */
export async function recount(
  walk: Walk,
  stored: StoredPage,
  portal: Portal,
  reader: ArchiveReader,
): Promise<void> {
  const {kind, url, outcome, reason, span, status, finalUrl, fetchedAt, scope} = stored;
  if (outcome === 'rejected') return walk.countRejected(kind, reason ?? 'rejected');
  if (outcome === 'error')
    return walk.countFailed(kind, reason ?? 'failed', status >= 200 && status < 300 ? 'misshapen' : 'failed');
  walk.countDone();
  if (outcome === 'gone') {
    walk.countGone(portal, url, span === null ? 'not found' : 'said');
    return;
  }
  if (span === null) return;
  const page = {ref: {kind, url}, scope, status, finalUrl, fetchedAt, content: await reader.read(span)};
  const read = attempt(() => readingOf(portal, page));
  // The portal file became stricter since the page was visited.
  if ('failure' in read) walk.countFailed(kind, read.failure, 'misshapen');
  else foundBy(page, walk, read.value, portal);
}
