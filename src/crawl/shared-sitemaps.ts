import type {ArchivedSpan} from '../archive/warc.ts';
import type {PageContent} from '../domain/page.ts';

/** An answer as it may be kept: redacted, not yet judged. */
export interface Answer {
  readonly status: number;
  readonly finalUrl: string;
  readonly fetchedAt: Date;
  /** Null: the page holds nothing worth keeping; `failure` says why. */
  readonly content: PageContent | null;
  readonly failure: string | null;
  readonly bytesReceived: number;
  /** Takes its place in the archive, at the first call; later ones give the same. */
  readonly store: () => Promise<ArchivedSpan>;
}

/** A sitemap that an earlier process of the run, or an earlier scope, has put into the archive. */
export interface StoredSitemap {
  readonly status: number;
  readonly finalUrl: string;
  readonly fetchedAt: Date;
  readonly span: ArchivedSpan;
}

/** Archived sitemaps held in memory as well: scopes that share one are visited one after the other. */
const MAX_HELD = 8;

/**
 * The sitemaps of a run. All scopes of a city, or of a portal, are listed by the same ones: each is requested once and
 * lies in the archive once; the page of each scope refers to it. Failures are shared too, attempt by attempt.
 */
export class SharedSitemaps {
  readonly #read: (span: ArchivedSpan) => Promise<PageContent>;
  readonly #stored: Map<string, StoredSitemap>;
  /** The least recently used first. */
  readonly #held = new Map<string, Promise<Answer>>();
  /** Attempt of the last failure, by address. */
  readonly #failedAt = new Map<string, number>();

  /** @param stored by address; `read` gives a page of the archive, of this process too. */
  constructor(
    stored: ReadonlyMap<string, StoredSitemap>,
    read: (span: ArchivedSpan) => Promise<PageContent>,
  ) {
    this.#stored = new Map(stored);
    this.#read = read;
  }

  /** True when a visit, after so many failed attempts of its own, would cost no request. */
  holds(url: string, attempts: number): boolean {
    if (this.#stored.has(url)) return true;
    return this.#held.has(url) && attempts <= (this.#failedAt.get(url) ?? Number.POSITIVE_INFINITY);
  }

  /** The answer, asked for only when nobody has it. Rejects as `fetch`. */
  answer(url: string, attempts: number, fetch: () => Promise<Answer>): Promise<Answer> {
    const held = this.#held.get(url);
    const stored = this.#stored.get(url);
    if (held !== undefined && this.holds(url, attempts)) return this.#hold(url, held);
    if (stored !== undefined) return this.#hold(url, this.#recall(stored));
    this.#failedAt.delete(url);
    const asked = fetch().then(answer => this.#remembered(url, answer));
    // The visits that wait for it get the error; here only its attempt is kept.
    asked.catch(() => this.#failedAt.set(url, attempts));
    return this.#hold(url, asked);
  }

  #hold(url: string, answer: Promise<Answer>): Promise<Answer> {
    this.#held.delete(url);
    this.#held.set(url, answer);
    // Only what can be read again may go.
    const oldest = [...this.#held.keys()].find(key => this.#stored.has(key));
    if (this.#held.size > MAX_HELD && oldest !== undefined) this.#held.delete(oldest);
    return answer;
  }

  #remembered(url: string, answer: Answer): Answer {
    const {status, finalUrl, fetchedAt} = answer;
    const store = async () => {
      const span = await answer.store();
      this.#stored.set(url, {status, finalUrl, fetchedAt, span});
      return span;
    };
    return {...answer, store};
  }

  async #recall({span, ...facts}: StoredSitemap): Promise<Answer> {
    const content = await this.#read(span);
    return {...facts, content, failure: null, bytesReceived: 0, store: () => Promise.resolve(span)};
  }
}
