import type {Page} from '../domain/page.ts';
import type {PageOutcome} from '../domain/vocabulary.ts';
import type {Portal, SearchReading} from '../portal/define-portal.ts';

export interface Judged {
  readonly outcome: PageOutcome;
  readonly reason: string | null;
  readonly reading: SearchReading | null;
}

/** What the page is. A search page that is the right one but can't be read is archived as an error. */
export function judge(portal: Portal, page: Page): Judged {
  if (page.ref.kind === 'listing') {
    const gone = portal.gone(page);
    if (gone !== undefined) return {outcome: 'gone', reason: gone, reading: null};
  }
  const accepted = portal.accept(page.scope, page);
  if (accepted !== true) return {outcome: 'rejected', reason: accepted, reading: null};
  if (page.ref.kind !== 'search') return {outcome: 'ok', reason: null, reading: null};
  const reading = attempt(() => portal.parseSearch(page));
  if ('failure' in reading) return {outcome: 'error', reason: reading.failure, reading: null};
  return {outcome: 'ok', reason: null, reading: reading.value};
}

/** A portal's function either answers or says why the page is not built as it expects; the caller reports it. */
export function attempt<T>(work: () => T): {readonly value: T} | {readonly failure: string} {
  try {
    return {value: work()};
  } catch (error) {
    return {failure: (error instanceof Error ? error.message : String(error)).slice(0, 500)};
  }
}
