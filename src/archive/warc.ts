/**
 * Write-once page store: WARC 1.1 files, each record a gzip member of its own, so that a page is read by file, offset
 * and length. A record's body is the redacted `PageContent` as compact JSON in the order the portal wrote it; what the server
 * sent besides is not kept.
 */
import {type FileHandle, mkdir, open} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {gunzip, gzipSync} from 'node:zlib';
import {WARCRecord, WARCSerializer} from 'warcio';
import {ContractError, StorageError} from '../domain/errors.ts';
import type {PageContent, PageRef} from '../domain/page.ts';
import {sha256Hex} from '../lib/payload-hash.ts';
import {isPageContent} from './page-content.ts';

const unzip = promisify(gunzip);

/** Level 3 packs page JSON in half the time of level 6, 20 % larger; one chunk holds a packed page. */
const GZIP = {level: 3, chunkSize: 64 * 1024} as const;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Where a page lies in the archive; the same names as the columns of `raw.page`. */
export interface ArchivedSpan {
  /** Path relative to `<data>/raw`, with `/`. */
  readonly file: string;
  readonly fileOffset: number;
  readonly fileLength: number;
  /** SHA-256 of the content's JSON, hex. */
  readonly contentSha256: string;
}

export interface PageToArchive {
  readonly ref: PageRef;
  readonly status: number;
  readonly finalUrl: string;
  readonly fetchedAt: Date;
  /** Redacted: what is handed over is written. */
  readonly content: PageContent;
}

export interface ArchiveWriter {
  /** Packs a page and takes its place in the file. It is on disk after `sync`, and may be referred to only then. */
  readonly append: (page: PageToArchive) => Promise<ArchivedSpan>;
  /** Writes and fsyncs everything appended. @throws StorageError when the disk is full or read-only. */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface ArchiveWriterOptions {
  readonly dataDir: string;
  readonly portal: string;
  readonly runId: number;
  readonly year: string;
  readonly isSynthetic: boolean;
}

interface ArchiveFile {
  readonly name: string;
  readonly file: FileHandle;
  size: number;
}

/**
 * Opens the archive for one run. Files are never appended to by a second process: each process starts a file of its
 * own, so that the torn tail a killed one may leave is never written after, nor referred to.
 */
export function openArchive(options: ArchiveWriterOptions): ArchiveWriter {
  let current: ArchiveFile | undefined;
  let waiting: Buffer[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work);
    turn = next.catch(() => undefined); // The caller of `work` gets the error; the next turn starts clean.
    return next;
  };
  const write = async () => {
    if (current === undefined || waiting.length === 0) return;
    const {name, file} = current;
    const bytes = Buffer.concat(waiting);
    waiting = [];
    try {
      await onDisk(name, async () => {
        await file.appendFile(bytes);
        await file.datasync();
      });
    } catch (error) {
      // What follows would stand at another offset than it was told: this file is given up.
      current = undefined;
      await file.close();
      throw error;
    }
  };
  const finish = async () => {
    await write();
    await current?.file.close();
    current = undefined;
  };
  return {
    append: async page => {
      const {fetchedAt} = page;
      const json = Buffer.from(JSON.stringify(page.content));
      const contentSha256 = sha256Hex(json);
      const packed = gzipSync(await pageBytes(page, json, contentSha256, options.isSynthetic), GZIP);
      return inTurn(async () => {
        if (current !== undefined && current.size + packed.length > MAX_FILE_BYTES) await finish();
        if (current === undefined) {
          current = await createFile(options);
          const info = gzipSync(await infoBytes(current.name, fetchedAt, options.isSynthetic), GZIP);
          waiting.push(info);
          current.size = info.length;
        }
        const span = {file: current.name, fileOffset: current.size, fileLength: packed.length, contentSha256};
        waiting.push(packed);
        current.size += packed.length;
        return span;
      });
    },
    sync: () => inTurn(write),
    close: () => inTurn(finish),
  };
}

async function createFile({dataDir, portal, runId, year}: ArchiveWriterOptions): Promise<ArchiveFile> {
  const folder = `${portal}/${year}`;
  return onDisk(folder, async () => {
    await mkdir(join(dataDir, 'raw', folder), {recursive: true});
    for (let n = 1; ; n++) {
      const name = `${folder}/${runId}-${n}.warc.gz`;
      try {
        const file = await open(join(dataDir, 'raw', name), 'wx');
        await syncFolder(join(dataDir, 'raw', folder));
        return {name, file, size: 0};
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
    }
  });
}

/** Without it a power cut may lose the name of a file whose bytes are safe. Windows knows no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function onDisk<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new StorageError(
      `the archive can't be written (raw/${where}: ${codeOf(cause) ?? String(cause)}). Free space or make the data folder ` +
        'writable (RAIZ_DATA_DIR), then go on with --resume; nothing stored is lost.',
      {cause},
    );
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function pageBytes(
  page: PageToArchive,
  json: Buffer,
  sha256: string,
  isSynthetic: boolean,
): Promise<Uint8Array> {
  return WARCSerializer.serialize(
    WARCRecord.create(
      {
        url: page.ref.url,
        date: page.fetchedAt.toISOString(),
        type: 'resource',
        warcVersion: 'WARC/1.1',
        warcHeaders: {
          'Content-Type': 'application/json',
          // Given, so that warcio doesn't hash the body a second and third time.
          'WARC-Block-Digest': `sha256:${sha256}`,
          'WARC-Payload-Digest': `sha256:${sha256}`,
          'Raiz-Kind': page.ref.kind,
          'Raiz-Status': String(page.status),
          'Raiz-Final-Url': page.finalUrl,
          ...(isSynthetic ? {'Raiz-Synthetic': 'SIMULADO'} : {}),
        },
      },
      [json],
    ),
  );
}

function infoBytes(name: string, date: Date, isSynthetic: boolean): Promise<Uint8Array> {
  const info = WARCRecord.createWARCInfo(
    {filename: name, date: date.toISOString(), warcVersion: 'WARC/1.1'},
    {
      software: 'Raíz',
      format: 'WARC File Format 1.1',
      description: `Redacted page content (JSON)${isSynthetic ? ', SIMULADO: simulated market, no real listing' : ''}`,
    },
  );
  return WARCSerializer.serialize(info);
}

export interface ArchiveReader {
  /** @throws ContractError when the bytes are not those that were stored; StorageError when they can't be read. */
  readonly read: (span: ArchivedSpan) => Promise<PageContent>;
  readonly close: () => Promise<void>;
}

/** Reads pages of the archive; the last file stays open, so reading in file order opens each once. */
export function openArchiveReader(dataDir: string): ArchiveReader {
  let current: {readonly name: string; readonly file: FileHandle} | undefined;
  const fileOf = async (name: string): Promise<FileHandle> => {
    if (current?.name === name) return current.file;
    await current?.file.close();
    current = undefined;
    try {
      current = {name, file: await open(join(dataDir, 'raw', name), 'r')};
    } catch (cause) {
      throw new StorageError(
        `archive file raw/${name} can't be opened (${codeOf(cause) ?? String(cause)}). Restore it from a backup, or set RAIZ_DATA_DIR to the folder that holds it.`,
        {cause},
      );
    }
    return current.file;
  };
  return {
    read: async span => readSpan(await fileOf(span.file), span),
    close: async () => {
      await current?.file.close();
      current = undefined;
    },
  };
}

/** One page of the archive. @throws as `ArchiveReader.read`. */
export async function readArchived(dataDir: string, span: ArchivedSpan): Promise<PageContent> {
  const reader = openArchiveReader(dataDir);
  try {
    return await reader.read(span);
  } finally {
    await reader.close();
  }
}

async function readSpan(file: FileHandle, span: ArchivedSpan): Promise<PageContent> {
  const packed = Buffer.alloc(span.fileLength);
  const {bytesRead} = await file.read(packed, 0, span.fileLength, span.fileOffset);
  if (bytesRead !== span.fileLength) throw damaged(span);
  const bytes = await unzip(packed).catch(cause => {
    throw damaged(span, cause);
  });
  const json = bodyOf(bytes);
  if (json === undefined || sha256Hex(json) !== span.contentSha256) throw damaged(span);
  const content: unknown = JSON.parse(json.toString('utf8'));
  if (!isPageContent(content)) throw damaged(span);
  return content;
}

function damaged(span: ArchivedSpan, cause?: unknown): ContractError {
  return new ContractError(
    `archive file raw/${span.file} is damaged at byte ${span.fileOffset}: the page there is not the one that was stored. Restore the file from a backup.`,
    {cause, context: {...span}},
  );
}

/** Body of one serialized record: after its headers, as long as they say. */
function bodyOf(bytes: Buffer): Buffer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  const length = /^content-length:\s*(\d+)/im.exec(bytes.toString('latin1', 0, Math.max(0, end)))?.[1];
  return end < 0 || length === undefined ? undefined : bytes.subarray(end + 4, end + 4 + Number(length));
}

export interface ArchiveCheck {
  readonly pages: number;
  readonly bytes: number;
  /** One line for each page that can't be read as it was stored. */
  readonly problems: readonly string[];
}

/** Reads every span and compares its digest. */
export async function verifyArchive(dataDir: string, spans: Iterable<ArchivedSpan>): Promise<ArchiveCheck> {
  const reader = openArchiveReader(dataDir);
  const problems: string[] = [];
  let pages = 0;
  let bytes = 0;
  try {
    for (const span of spans) {
      pages += 1;
      bytes += span.fileLength;
      await reader
        .read(span)
        .catch(error => problems.push(error instanceof Error ? error.message : String(error)));
    }
  } finally {
    await reader.close();
  }
  return {pages, bytes, problems};
}
