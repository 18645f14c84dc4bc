import {isUtf8} from 'node:buffer';
import {TextDecoder} from 'node:util';
import {brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync} from 'node:zlib';
import {FetchError} from '../domain/errors.ts';

/**
 * Undoes `Content-Encoding`. A truncated stream is an error, never a shorter page.
 * @throws FetchError transient when the stream is damaged, permanent when it is too large or of an unknown coding.
 */
export function decompress(body: Buffer, contentEncoding: string | undefined, maxBytes: number): Buffer {
  let content = body;
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map(coding => coding.trim());
  for (const coding of codings.reverse()) {
    if (coding === '' || coding === 'identity') continue;
    content = undo(coding, content, maxBytes);
  }
  return content;
}

const unzippers = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  br: brotliDecompressSync,
  zlib: inflateSync,
  raw: inflateRawSync,
} as const;

/**
 * A page fits in one or two chunks, and is unpacked on the spot: with zlib's 16 KB chunks on its threads, four times
 * the CPU goes into passing them around.
 */
const CHUNK_BYTES = 256 * 1024;
const MIN_CHUNK_BYTES = 64 * 1024;
const MAX_CHUNK_BYTES = 1024 * 1024;
const GZIP_TRAILER_BYTES = 8;

/**
 * How much to make room for at once. The last four bytes of a gzip stream say how long it is unpacked: one chunk of
 * that size holds the page, where a fixed one is too small for some and takes memory that nobody uses for the others.
 * A server may state anything there; a wrong size costs further chunks and nothing else.
 */
function chunkBytesFor(coding: string, body: Buffer): number {
  if (!coding.endsWith('gzip') || body.length < GZIP_TRAILER_BYTES) return CHUNK_BYTES;
  // One byte more than the page: zlib goes on asking for room while a chunk is full.
  const needed = body.readUInt32LE(body.length - 4) + 1;
  return Math.min(Math.max(needed, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES);
}

function undo(coding: string, body: Buffer, maxOutputLength: number): Buffer {
  // "deflate" should be a zlib stream; some servers send the bare one. The header byte tells them apart.
  const name = coding === 'deflate' ? ((body[0] ?? 0) % 16 === 8 ? 'zlib' : 'raw') : coding;
  const unzip = Object.entries(unzippers).find(([known]) => known === name)?.[1];
  if (unzip === undefined)
    throw new FetchError('permanent', `the page is coded as "${coding}", which was not asked for`);
  try {
    return unzip(body, {maxOutputLength, chunkSize: chunkBytesFor(name, body)});
  } catch (cause) {
    const isTooLarge = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge)
      throw new FetchError('permanent', `page is larger than ${maxOutputLength} bytes when unpacked`, {
        cause,
      });
    throw new FetchError('transient', `the ${coding} stream is damaged or cut short`, {cause});
  }
}

/**
 * Text of a page. Bytes that are UTF-8 are read as that, whatever is stated: text in another charset is never UTF-8 by
 * chance. Else the charset of the header counts, else that of a `<meta>` in the first kilobyte, else Windows-1252.
 * @throws FetchError permanent when the charset is unknown.
 */
export function decodeText(body: Buffer, contentType: string | undefined): string {
  const stated = charsetIn(contentType ?? '') ?? charsetIn(body.toString('latin1', 0, 1024));
  // UTF-16 of plain letters is valid UTF-8 full of zeros.
  const isWide = /^utf-?16/i.test(stated ?? '');
  if (isUtf8(body) && !isWide) return withoutMark(body.toString('utf8'));
  if (stated !== undefined && !/^utf-?8$/i.test(stated)) return withoutMark(decoderOf(stated).decode(body));
  const text = body.toString('utf8');
  // Some letters are well-formed: UTF-8 with a damaged spot. None is: another charset that was not named.
  return hasWholeLetter(text) ? withoutMark(text) : new TextDecoder('windows-1252').decode(body);
}

/** True when a character outside ASCII was decoded, the sign for a damaged one apart. */
function hasWholeLetter(text: string): boolean {
  return /[^\0-\x7f\ufffd]/.test(text);
}

function charsetIn(text: string): string | undefined {
  return /charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)/i.exec(text)?.[1];
}

function decoderOf(label: string): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch (cause) {
    throw new FetchError('permanent', `the page states the unknown charset "${label}"`, {cause});
  }
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
