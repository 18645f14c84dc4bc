/** Proves the archive: every byte of every file is a page that is known, and every page that is known is there. */
import {type FileHandle, open, readdir, stat} from 'node:fs/promises';
import {join, sep} from 'node:path';
import {gunzipSync} from 'node:zlib';
import {filesOfArchive, type KnownSpan, spansOfFile} from '../db/archive.ts';
import type {Db} from '../db/client.ts';
import {ContractError} from '../domain/errors.ts';
import {sha256Hex} from '../lib/hash.ts';
import {readSpan} from './reader.ts';
import {readRecord} from './record.ts';
import {codeOf, MAX_FILE_BYTES} from './warc.ts';

export interface Finding {
  /** Relative to `<data>/raw`. */
  readonly file: string;
  readonly what: string;
  /** What to do. */
  readonly remedy: string;
}

export interface ArchiveVerification {
  readonly files: number;
  readonly pages: number;
  readonly bytes: number;
  /** Something stored is lost or changed, or stands where nothing should. */
  readonly problems: readonly Finding[];
  /** Left behind by a killed process: pages nobody refers to. Harmless. */
  readonly notes: readonly Finding[];
}

export interface VerifyOptions {
  readonly dataDir: string;
  readonly portal?: string | undefined;
  readonly onProgress?: (files: number, of: number) => void;
}

interface Tally {
  pages: number;
  bytes: number;
  readonly problems: Finding[];
  readonly notes: Finding[];
}

const RESTORE = 'Restore it from a backup of the data folder.';
const LEFT_OVER =
  'A killed crawl or import left it, or one is writing now. Once nothing runs, it is harmless where it is.';

/** Reads every file and every page under `<data>/raw`, or of one portal. Nothing is changed. */
export async function verifyFiles(db: Db, options: VerifyOptions): Promise<ArchiveVerification> {
  const {dataDir, portal, onProgress} = options;
  // In this order: what is written meanwhile is then known and not on the list, never the other way round.
  const onDisk = await filesOnDisk(dataDir, portal);
  const known = await filesOfArchive(db, portal);
  const tally: Tally = {pages: 0, bytes: 0, problems: [], notes: []};
  const names = [...new Set([...onDisk, ...known.keys()])].sort();
  for (const [n, name] of names.entries()) {
    const spans = known.has(name) ? await spansOfFile(db, name) : [];
    await verifyFile(dataDir, name, spans, tally);
    onProgress?.(n + 1, names.length);
  }
  return {files: names.length, ...tally};
}

async function filesOnDisk(dataDir: string, portal: string | undefined): Promise<string[]> {
  const root = join(dataDir, 'raw');
  const folder = portal === undefined ? root : join(root, portal);
  try {
    const entries = await readdir(folder, {recursive: true, withFileTypes: true});
    return entries
      .filter(entry => !entry.isDirectory())
      .map(entry =>
        join(entry.parentPath, entry.name)
          .slice(root.length + 1)
          .replaceAll(sep, '/'),
      );
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []; // nothing archived yet
    throw error;
  }
}

async function verifyFile(
  dataDir: string,
  name: string,
  spans: readonly KnownSpan[],
  tally: Tally,
): Promise<void> {
  const path = join(dataDir, 'raw', name);
  let file: FileHandle;
  let size: number;
  try {
    size = (await stat(path)).size;
    file = await open(path, 'r');
  } catch (error) {
    const what = `${codeOf(error) === 'ENOENT' ? 'is missing' : `can't be read (${codeOf(error) ?? String(error)})`}: ${spans.length} pages are in it`;
    tally.pages += spans.length;
    tally.problems.push({file: name, what, remedy: RESTORE});
    return;
  }
  try {
    tally.bytes += size;
    if (spans.length === 0) await verifyUnknownFile(file, name, size, tally);
    else await verifyKnownFile(file, name, size, spans, tally);
  } finally {
    await file.close();
  }
}

async function verifyUnknownFile(file: FileHandle, name: string, size: number, tally: Tally): Promise<void> {
  const found = name.endsWith('.warc.gz') ? await readGap(file, 0, size, true) : undefined;
  if (found === undefined || found.strangeAt !== null) {
    tally.problems.push({
      file: name,
      what: 'is no file of the archive',
      remedy: 'See what it is, for it may hold personal data, and move it out of raw/.',
    });
    return;
  }
  const what = `${found.pages} pages that nothing refers to (${size} bytes)`;
  tally.notes.push({file: name, what, remedy: `${LEFT_OVER} It may be deleted then.`});
}

async function verifyKnownFile(
  file: FileHandle,
  name: string,
  size: number,
  spans: readonly KnownSpan[],
  tally: Tally,
): Promise<void> {
  let position = 0;
  let unknownPages = 0;
  let tornBytes = 0;
  const gap = async (to: number) => {
    if (to <= position) return;
    const found = await readGap(file, position, to, to === size);
    unknownPages += found.pages;
    tornBytes += found.tornBytes;
    if (found.strangeAt === null) return;
    const what = `bytes ${found.strangeAt} to ${to} are no record of the archive`;
    tally.problems.push({file: name, what, remedy: RESTORE});
  };
  for (const span of spans) {
    await gap(Math.min(span.fileOffset, size));
    if (span.fileOffset < position) {
      const what = `two pages are said to stand at byte ${span.fileOffset}`;
      tally.problems.push({file: name, what, remedy: 'Restore the database from a backup.'});
    }
    await verifySpan(file, span, tally);
    position = Math.max(position, span.fileOffset + span.fileLength);
  }
  await gap(size);
  if (unknownPages + tornBytes === 0) return;
  const what = `${unknownPages} pages that nothing refers to${tornBytes > 0 ? `, and ${tornBytes} bytes of one that was cut off` : ''}`;
  tally.notes.push({file: name, what, remedy: LEFT_OVER});
}

async function verifySpan(file: FileHandle, span: KnownSpan, tally: Tally): Promise<void> {
  tally.pages += 1;
  try {
    await readSpan(file, span);
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    const what = `the page at byte ${span.fileOffset} (${span.fileLength} bytes) is not the one that was stored`;
    tally.problems.push({file: span.file, what, remedy: RESTORE});
  }
}

interface Gap {
  /** Whole pages. */
  readonly pages: number;
  /** Of a page at the end of the file that was never finished. */
  readonly tornBytes: number;
  /** Where bytes begin that are no record; null: nowhere. */
  readonly strangeAt: number | null;
}

const MEMBER = Buffer.from([0x1f, 0x8b, 0x08]);

/** What stands between known pages. `isLast`: nothing follows, so that a page may be cut off there. */
async function readGap(file: FileHandle, from: number, to: number, isLast: boolean): Promise<Gap> {
  if (to - from > MAX_FILE_BYTES * 2) return {pages: 0, tornBytes: 0, strangeAt: from};
  const bytes = Buffer.alloc(to - from);
  await file.read(bytes, 0, bytes.length, from);
  let pages = 0;
  let at = 0;
  while (at < bytes.length) {
    const end = memberEnd(bytes, at, from + at === 0);
    if (end === undefined) {
      const isTorn = isLast && MEMBER.subarray(0, bytes.length - at).equals(bytes.subarray(at, at + 3));
      return isTorn
        ? {pages, tornBytes: bytes.length - at, strangeAt: null}
        : {pages, tornBytes: 0, strangeAt: from + at};
    }
    if (end.isPage) pages += 1;
    at = end.at;
  }
  return {pages, tornBytes: 0, strangeAt: null};
}

/** Where the record at `at` ends. Members carry no length: each place that may begin the next one is tried in turn. */
function memberEnd(bytes: Buffer, at: number, isFirst: boolean): {at: number; isPage: boolean} | undefined {
  if (!bytes.subarray(at, at + 3).equals(MEMBER)) return undefined;
  for (let next = at; next < bytes.length; ) {
    const found = bytes.indexOf(MEMBER, next + 3);
    next = found < 0 ? bytes.length : found;
    const record = readPacked(bytes.subarray(at, next));
    if (record === undefined) continue;
    if (record.header('warc-type') === 'warcinfo') return isFirst ? {at: next, isPage: false} : undefined;
    const isWhole = record.header('warc-block-digest') === `sha256:${sha256Hex(record.body)}`;
    return isWhole ? {at: next, isPage: true} : undefined;
  }
  return undefined;
}

function readPacked(packed: Buffer): ReturnType<typeof readRecord> {
  try {
    return readRecord(gunzipSync(packed, {maxOutputLength: MAX_FILE_BYTES}));
  } catch (error) {
    // Not a whole member: the caller tries a longer one or reports the place.
    if (codeOf(error)?.startsWith('Z_') === true || codeOf(error) === 'ERR_BUFFER_TOO_LARGE')
      return undefined;
    throw error;
  }
}
