/** Reads pages of the archive by their span, and proves that they are those that were stored. */
import {type FileHandle, open} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {gunzip} from 'node:zlib';
import {ContractError, StorageError} from '../domain/errors.ts';
import type {PageContent} from '../domain/page.ts';
import {sha256Hex} from '../lib/hash.ts';
import {isPageContent} from './page-content.ts';
import {readRecord} from './record.ts';
import {type ArchivedSpan, codeOf} from './warc.ts';

const unzip = promisify(gunzip);

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

/** One page of an open file. @throws ContractError when the bytes are not those that were stored. */
export async function readSpan(file: FileHandle, span: ArchivedSpan): Promise<PageContent> {
  const packed = Buffer.alloc(span.fileLength);
  const {bytesRead} = await file.read(packed, 0, span.fileLength, span.fileOffset);
  if (bytesRead !== span.fileLength) throw damaged(span);
  const bytes = await unzip(packed).catch(cause => {
    throw damaged(span, cause);
  });
  const json = readRecord(bytes)?.body;
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
