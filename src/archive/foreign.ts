/** Pages in web-archive files of any origin: Common Crawl's, a browser's, our own exports. Read as a stream, stored nowhere. */
import {createReadStream} from 'node:fs';
import {open} from 'node:fs/promises';
import {basename} from 'node:path';
import {pipeline} from 'node:stream';
import {createGunzip} from 'node:zlib';
import {AsyncIterReader, WARCParser, type WARCRecord} from 'warcio';
import {decodeText, decompress} from '../crawl/decode.ts';
import {FETCH_LIMITS} from '../crawl/fetch-limits.ts';
import {ConfigError, FetchError} from '../domain/errors.ts';
import type {PageContent} from '../domain/page.ts';
import {PAGE_KINDS, type PageKind} from '../domain/vocabulary.ts';
import {isPageContent} from './page-content.ts';
import {headersIn} from './record.ts';
import {codeOf} from './warc.ts';

/** A page as some crawler kept it: what a server sent, or what Raíz made of it. In memory only. */
export interface ForeignPage {
  /** As the record says: may hold anything. */
  readonly url: string;
  readonly fetchedAt: Date;
  readonly status: number;
  /** Bytes of the body, unpacked. */
  readonly bytes: number;
  /** The body of an answer, or the content of a page that Raíz exported. */
  readonly body: string | PageContent;
  /** Set on pages that Raíz exported. */
  readonly own: {
    readonly kind: PageKind;
    readonly finalUrl: string;
    /** `sale/house/antioquia/medellin`, as stated. */
    readonly scope: string | null;
    readonly isSynthetic: boolean;
  } | null;
}

/** A record of a file: a page, or why it is none that can be used. */
export type ForeignRecord = {readonly page: ForeignPage} | {readonly skipped: string};

/** Longest head of a record: beyond it the file is something else. */
const MAX_HEAD_BYTES = 4 * 1024 * 1024;

/**
 * The records of a WARC file, gzipped or plain, one at a time.
 * @param isWanted pages of other addresses are passed over unread.
 * @throws ConfigError when the file can't be read, is no WARC file, or is cut short or damaged.
 */
export async function* readForeignFile(
  path: string,
  isWanted: (url: string) => boolean,
): AsyncGenerator<ForeignRecord> {
  const state = {isInHead: true, headBytes: 0};
  try {
    const parser = new WARCParser(new AsyncIterReader(guarded(await openSource(path), state, path), null), {
      parseHttp: false,
    });
    for await (const record of parser) {
      if (!record.warcHeaders.statusline.startsWith('WARC/')) throw notWarc(path);
      state.isInHead = false;
      yield await readForeignRecord(record, path, isWanted);
      state.isInHead = true;
      state.headBytes = 0;
    }
  } catch (error) {
    throw fileError(path, error) ?? error;
  }
}

async function openSource(path: string): Promise<AsyncIterable<Buffer>> {
  const file = await open(path, 'r');
  const head = Buffer.alloc(5);
  try {
    const {bytesRead} = await file.read(head, 0, 5, 0);
    if (bytesRead === 0) throw new ConfigError(`${path} is empty. Download it again.`);
  } finally {
    await file.close();
  }
  const bytes = createReadStream(path, {highWaterMark: 256 * 1024});
  if (head.readUInt16BE() !== 0x1f8b) {
    if (head.toString('latin1') !== 'WARC/') throw notWarc(path);
    return bytes;
  }
  // An error of either stream ends the reading of the last one.
  return pipeline(bytes, createGunzip({chunkSize: 256 * 1024}), () => undefined);
}

async function* guarded(
  source: AsyncIterable<Buffer>,
  state: {isInHead: boolean; headBytes: number},
  path: string,
): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of source) {
    if (isFirst && chunk.toString('latin1', 0, 5) !== 'WARC/') throw notWarc(path);
    isFirst = false;
    state.headBytes += chunk.length;
    if (state.isInHead && state.headBytes > MAX_HEAD_BYTES) throw notWarc(path);
    yield chunk;
  }
}

function notWarc(path: string): ConfigError {
  return new ConfigError(
    `${path} is no WARC file, or not one all through. Give files named .warc or .warc.gz that a web archive wrote; a saved page is read by \`raiz portal try\`.`,
  );
}

function fileError(path: string, error: unknown): ConfigError | undefined {
  const code = codeOf(error);
  if (code?.startsWith('Z_') === true)
    return new ConfigError(
      `${path} is cut short or damaged (${code}). Nothing of it was imported; download it again.`,
      {cause: error},
    );
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
    return new ConfigError(`${path} can't be read (${code}). Give the path of a WARC file.`, {cause: error});
  return undefined;
}

async function readForeignRecord(
  record: WARCRecord,
  path: string,
  isWanted: (url: string) => boolean,
): Promise<ForeignRecord> {
  const type = headerOf(record, 'WARC-Type') ?? 'nameless';
  const url = headerOf(record, 'WARC-Target-URI') ?? '';
  const isOwn = headerOf(record, 'Raiz-Kind') !== undefined;
  const isPage = type === 'response' || type === 'resource' || (type === 'conversion' && isOwn);
  const why = !isPage ? type : isWanted(url) ? undefined : 'other_site';
  // Also what is passed over is read to its end: only so is a file known to be whole.
  const block = await readBlock(record, path, why === undefined);
  if (why !== undefined) return {skipped: why};
  if (block === null) return {skipped: 'too_large'};
  const fetchedAt = new Date(headerOf(record, 'WARC-Date') ?? '');
  if (Number.isNaN(fetchedAt.getTime())) return {skipped: 'undated'};
  try {
    if (isOwn) return readOwn(record, {url, fetchedAt, block});
    return type === 'response'
      ? await readResponse(record, {url, fetchedAt, block})
      : readResource(record, {url, fetchedAt, block});
  } catch (error) {
    if (error instanceof FetchError) return {skipped: 'undecodable'}; // a damaged or unknown coding, too large
    throw error;
  }
}

/** warcio gives header bytes one character each, and most writers mean UTF-8. */
function headerOf(record: WARCRecord, name: string): string | undefined {
  const value = record.warcHeader(name);
  return value === null || value === undefined ? undefined : Buffer.from(value, 'latin1').toString('utf8');
}

/** The block of a record; null when it is larger than any page. @throws ConfigError when the file ends before it does. */
async function readBlock(record: WARCRecord, path: string, isKept: boolean): Promise<Buffer | null> {
  const stated = Number(headerOf(record, 'Content-Length'));
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of record.reader) {
    length += chunk.length;
    if (isKept && length <= FETCH_LIMITS.maxBytesUnpacked) chunks.push(chunk);
  }
  if (!(length >= stated)) {
    throw new ConfigError(
      `${basename(path)} is cut short: its last record has ${length} of ${stated} bytes. Nothing of it was imported; download it again.`,
    );
  }
  return length > FETCH_LIMITS.maxBytesUnpacked ? null : Buffer.concat(chunks);
}

interface Dated {
  readonly url: string;
  readonly fetchedAt: Date;
  readonly block: Buffer;
}

/** An HTTP answer as it came over the wire, or as the crawler unpacked it without saying so. */
async function readResponse(record: WARCRecord, {url, fetchedAt, block}: Dated): Promise<ForeignRecord> {
  if (headerOf(record, 'Content-Type')?.startsWith('application/http') !== true) return {skipped: 'not_http'};
  const end = /\r?\n\r?\n/.exec(block.toString('latin1', 0, 256 * 1024));
  const head = end === null ? '' : block.toString('latin1', 0, end.index);
  const status = Number(/^HTTP\/\S+ (\d{3})/.exec(head)?.[1] ?? Number.NaN);
  if (end === null || Number.isNaN(status)) return {skipped: 'not_http'};
  const headers = headersIn(head);
  const sent = block.subarray(end.index + end[0].length);
  const isChunked = /\bchunked\b/i.test(headers.get('transfer-encoding') ?? '');
  const whole = isChunked ? await unchunk(sent) : sent;
  if (whole === null) return {skipped: 'undecodable'};
  const coding = headers.get('content-encoding');
  const body = isUnpacked(whole, coding) ? whole : decompress(whole, coding, FETCH_LIMITS.maxBytesUnpacked);
  const text = decodeText(body, headers.get('content-type'));
  return {page: {url, fetchedAt, status, bytes: body.length, body: text, own: null}};
}

/** Takes chunks apart; bodies that say chunked and are not are left as they are. Null: cut short. */
async function unchunk(sent: Buffer): Promise<Buffer | null> {
  const reader = new AsyncIterReader([sent], null, true);
  const body = Buffer.from(await reader.readFully());
  return reader.errored ? null : body;
}

/** Many archives keep the header of a coding and not the coding. */
function isUnpacked(body: Buffer, coding: string | undefined): boolean {
  return /^(?:x-)?gzip$/i.test(coding ?? '') && (body.length < 2 || body.readUInt16BE() !== 0x1f8b);
}

/** A page saved as a file. */
function readResource(record: WARCRecord, {url, fetchedAt, block}: Dated): ForeignRecord {
  const type = headerOf(record, 'Content-Type') ?? '';
  if (!type.startsWith('text/html')) return {skipped: 'resource'};
  return {
    page: {url, fetchedAt, status: 200, bytes: block.length, body: decodeText(block, type), own: null},
  };
}

function readOwn(record: WARCRecord, {url, fetchedAt, block}: Dated): ForeignRecord {
  const kind = PAGE_KINDS.find(word => word === headerOf(record, 'Raiz-Kind'));
  const content = parseJson(block.toString('utf8'));
  if (kind === undefined || !isPageContent(content)) return {skipped: 'undecodable'};
  const own = {
    kind,
    finalUrl: headerOf(record, 'Raiz-Final-Url') ?? url,
    scope: headerOf(record, 'Raiz-Scope') ?? null,
    isSynthetic: headerOf(record, 'Raiz-Synthetic') !== undefined,
  };
  const status = Number(headerOf(record, 'Raiz-Status') ?? 200);
  return {page: {url, fetchedAt, status, bytes: block.length, body: content, own}};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // becomes a record that can't be decoded, and is counted
  }
}
