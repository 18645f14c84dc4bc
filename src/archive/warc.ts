/**
 * Write-once page store: WARC 1.1 files, each record a gzip member of its own, so that a page is read by file, offset
 * and length. A record's body is the redacted `PageContent` as compact JSON in the order the portal wrote it; what the server
 * sent besides is not kept.
 */
import {type FileHandle, mkdir, open} from 'node:fs/promises';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {WARCRecord, WARCSerializer} from 'warcio';
import {StorageError} from '../domain/errors.ts';
import type {PageContent, PageRef} from '../domain/page.ts';
import {RAIZ_VERSION} from '../domain/version.ts';
import {sha256Hex} from '../lib/hash.ts';

/** Level 3 packs page JSON in half the time of level 6, 20 % larger; one chunk holds a packed page. */
const GZIP = {level: 3, chunkSize: 64 * 1024} as const;
/** An archive file ends before it is larger; one page may be all of it. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;

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
      const packed = await packPage(page, {json, contentSha256, type: 'resource', ...options});
      return inTurn(async () => {
        if (current !== undefined && current.size + packed.length > MAX_FILE_BYTES) await finish();
        if (current === undefined) {
          current = await createFile(options);
          const {isSynthetic} = options;
          const info = await packInfo(current.name, fetchedAt, {isSynthetic});
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

/** @throws StorageError in place of an error of the file system. */
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

/** Code of an error of the file system, as `ENOSPC`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

interface Packing {
  /** The content's JSON as it is to stand in the file, and its SHA-256. */
  readonly json: Buffer;
  readonly contentSha256: string;
  /** `resource`: the archive's own; `conversion`: a copy made for others. */
  readonly type: 'resource' | 'conversion';
  readonly isSynthetic: boolean;
  readonly moreHeaders?: Readonly<Record<string, string>>;
}

/** One page as a record in a gzip member of its own. */
export async function packPage(page: Omit<PageToArchive, 'content'>, packing: Packing): Promise<Buffer> {
  const {json, contentSha256: sha256, type, isSynthetic, moreHeaders = {}} = packing;
  const record = WARCRecord.create(
    {
      url: page.ref.url,
      date: page.fetchedAt.toISOString(),
      type,
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
        ...moreHeaders,
      },
    },
    [json],
  );
  return gzipSync(await WARCSerializer.serialize(record), GZIP);
}

/** The first record of a file: who wrote it and what it holds. */
export async function packInfo(
  name: string,
  date: Date,
  {isSynthetic, more = {}}: {isSynthetic: boolean; more?: Readonly<Record<string, string>>},
): Promise<Buffer> {
  const info = WARCRecord.createWARCInfo(
    {filename: name, date: date.toISOString(), warcVersion: 'WARC/1.1'},
    {
      software: `Raíz ${RAIZ_VERSION}`,
      format: 'WARC File Format 1.1',
      description: `Redacted page content (JSON)${isSynthetic ? ', SIMULADO: simulated market, no real listing' : ''}`,
      ...more,
    },
  );
  return gzipSync(await WARCSerializer.serialize(info), GZIP);
}
