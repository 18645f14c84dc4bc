/**
 * Reading sitemaps (sitemaps.org protocol 0.9): text in, addresses out, in one pass and without building a DOM.
 * Order of elements, prefixes, CDATA, entities, comments and extensions (`<image:loc>`) don't matter.
 */
import {PageShapeError} from '../domain/errors.ts';
import {decodeEntities} from './embedded.ts';

export interface SitemapEntry {
  readonly loc: string;
  /** As written, a day or a time; null: not stated. */
  readonly lastmod: string | null;
}

export interface Sitemap {
  /** `index`: its entries are further sitemaps; `urls`: they are pages. */
  readonly kind: 'index' | 'urls';
  readonly entries: readonly SitemapEntry[];
}

/** The protocol allows no more in one file. */
const MAX_ENTRIES = 50_000;

const ROOTS: Readonly<Record<string, Sitemap['kind']>> = {sitemapindex: 'index', urlset: 'urls'};

/** Whether a text begins like XML; HTML error pages don't. */
export function looksLikeSitemap(text: string): boolean {
  return /^\ufeff?\s*<(?:\?xml|(?:[\w-]+:)?(?:sitemapindex|urlset)\b)/.test(text.slice(0, 200));
}

/**
 * All entries of a sitemap, in order. Throws `PageShapeError` when the text is no sitemap, is cut off (a truncated
 * list is no list), has an entry without address, or holds more than 50,000 entries.
 */
export function readSitemap(xml: string): Sitemap {
  const scanner = new Scanner(xml);
  let kind: Sitemap['kind'] | undefined;
  let root = '';
  const entries: SitemapEntry[] = [];
  let entry: {loc?: string; lastmod?: string} | undefined;
  for (let tag = scanner.next(); tag !== undefined; tag = scanner.next()) {
    if (kind === undefined) {
      kind = ROOTS[tag.name];
      root = tag.name;
      if (kind === undefined || tag.isEnd) throw notASitemap(xml, `begins with <${tag.name.slice(0, 20)}>`);
      if (tag.isEmpty) return {kind, entries};
    } else if (tag.name === root && tag.isEnd) {
      return {kind, entries};
    } else if (tag.name === (kind === 'index' ? 'sitemap' : 'url')) {
      if (tag.isEnd) entries.push(finished(entry, xml, entries.length));
      entry = tag.isEnd ? undefined : {};
    } else if (entry !== undefined && !tag.isEnd && !tag.isEmpty && isField(tag)) {
      entry[tag.name] ??= scanner.text();
    }
    if (entries.length > MAX_ENTRIES) throw notASitemap(xml, `has more than ${MAX_ENTRIES} entries`);
  }
  throw notASitemap(xml, kind === undefined ? 'has no element' : 'was cut off: fetch it again');
}

interface Tag {
  /** Without the sitemap namespace's prefix; `image:loc` keeps its own. */
  readonly name: string;
  readonly isEnd: boolean;
  readonly isEmpty: boolean;
}

function isField(tag: Tag): tag is Tag & {readonly name: 'loc' | 'lastmod'} {
  return tag.name === 'loc' || tag.name === 'lastmod';
}

function finished(
  entry: {loc?: string; lastmod?: string} | undefined,
  xml: string,
  at: number,
): SitemapEntry {
  if (!entry?.loc) throw notASitemap(xml, `has no address in entry ${at + 1}`);
  return {loc: entry.loc, lastmod: entry.lastmod || null};
}

function notASitemap(xml: string, what: string): PageShapeError {
  return new PageShapeError(`the sitemap ${what}`, {context: {characters: xml.length}});
}

/** Tags one after the other; comments, declarations and processing instructions are skipped. */
class Scanner {
  readonly #xml: string;
  #at = 0;
  /** Prefix of the root element, with its colon: the sitemap namespace's. */
  #prefix: string | undefined;

  constructor(xml: string) {
    this.#xml = xml;
  }

  next(): Tag | undefined {
    for (;;) {
      const start = this.#xml.indexOf('<', this.#at);
      if (start === -1) return undefined;
      if (this.#skip(start, '<!--', '-->') || this.#skip(start, '<![CDATA[', ']]>')) continue;
      const end = this.#xml.indexOf('>', start);
      if (end === -1) return undefined;
      this.#at = end + 1;
      const match = /^<(\/?)([\w-]+:)?([\w.-]+)/.exec(this.#xml.slice(start, Math.min(end, start + 120)));
      if (match === null) continue;
      const [, slash, prefix = '', name = ''] = match;
      this.#prefix ??= prefix;
      const isOwn = prefix === this.#prefix;
      return {name: isOwn ? name : prefix + name, isEnd: slash === '/', isEmpty: this.#xml[end - 1] === '/'};
    }
  }

  /** Text from here to the next tag, CDATA opened and entities decoded. */
  text(): string {
    let text = '';
    for (;;) {
      const start = this.#xml.indexOf('<', this.#at);
      if (start === -1) return text.trim();
      text += decodeEntities(this.#xml.slice(this.#at, start));
      this.#at = start;
      const from = start + '<![CDATA['.length;
      if (this.#skip(start, '<![CDATA[', ']]>')) text += this.#xml.slice(from, this.#at - ']]>'.length);
      else if (!this.#skip(start, '<!--', '-->')) return text.trim();
    }
  }

  /** Steps over a section that opens here; one without an end runs to the end of the text. */
  #skip(start: number, open: string, close: string): boolean {
    if (!this.#xml.startsWith(open, start)) return false;
    const end = this.#xml.indexOf(close, start + open.length);
    this.#at = end === -1 ? this.#xml.length : end + close.length;
    return true;
  }
}
