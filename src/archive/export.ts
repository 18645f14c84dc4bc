/** Copies of archived pages for other people's tools: one WARC file of `conversion` records, as redacted as the archive. */
import {createWriteStream} from 'node:fs';
import {access, rename, rm} from 'node:fs/promises';
import {basename} from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {type ExportFilter, pagesToExport} from '../db/archive.ts';
import type {Db} from '../db/client.ts';
import {ConfigError, StorageError} from '../domain/errors.ts';
import {openArchiveReader} from './reader.ts';
import {codeOf, packInfo, packPage} from './warc.ts';

export interface ExportOptions extends ExportFilter {
  readonly dataDir: string;
  /** File to write; must not exist. */
  readonly out: string;
  readonly isSynthetic: boolean;
  readonly now: Date;
  readonly onProgress?: (pages: number) => void;
}

export interface ArchiveExport {
  readonly file: string;
  readonly pages: number;
  readonly bytes: number;
}

const BATCH = 500;

/** What everybody who opens the file reads first. */
const NOTICE = {
  publisher: 'Raiz, an open housing-data pipeline',
  license:
    'None is granted: adverts belong to their authors and portals. For research and rebuilding within the terms of each portal; do not republish.',
  warning:
    'Names, phones, e-mails and advertisers were removed by rules and patterns. Something personal may be left (Ley 1581 de 2012, Colombia): keep it among those who need it, and contact nobody in it.',
} as const;

/**
 * Writes the good pages of the archive, in archive order, with the search that led to each. The file bears its name
 * only when it is whole.
 * @throws ConfigError the file exists, or no page fits; ContractError a page is damaged; StorageError the disk is full.
 */
export async function exportArchive(db: Db, options: ExportOptions): Promise<ArchiveExport> {
  const {out} = options;
  if (await exists(out))
    throw new ConfigError(`${out} exists already. Name a file that does not: --out <file.warc.gz>.`);
  const unfinished = `${out}.unfinished-${process.pid}`;
  const counted = {pages: 0, bytes: 0};
  try {
    await pipeline(
      Readable.from(packed(db, options, counted)),
      createWriteStream(unfinished, {flags: 'wx', flush: true}),
    );
    if (counted.pages === 0)
      throw new ConfigError(
        'No archived page fits: see `raiz status` for what there is, and widen the days.',
      );
    await rename(unfinished, out);
  } catch (error) {
    const code = codeOf(error);
    if (!['ENOSPC', 'EROFS', 'EACCES', 'ENOENT', 'EDQUOT'].includes(code ?? '')) throw error;
    throw new StorageError(`${out} can't be written (${code}). Free space or name another folder.`, {
      cause: error,
    });
  } finally {
    await rm(unfinished, {force: true});
  }
  return {file: out, ...counted};
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function* packed(
  db: Db,
  options: ExportOptions,
  counted: {pages: number; bytes: number},
): AsyncGenerator<Buffer> {
  const {dataDir, out, isSynthetic, now, onProgress} = options;
  const count = (bytes: Buffer) => {
    counted.bytes += bytes.length;
    return bytes;
  };
  yield count(await packInfo(basename(out), now, {isSynthetic, more: NOTICE}));
  const reader = openArchiveReader(dataDir);
  try {
    let pages = await pagesToExport(db, options, null, BATCH);
    while (pages.length > 0) {
      for (const page of pages) {
        const {kind, url, scope, contentSha256} = page;
        // As it was written: the digest proves it.
        const json = Buffer.from(JSON.stringify(await reader.read(page)));
        const moreHeaders = {
          'Raiz-Portal': page.portal,
          ...(scope === null
            ? {}
            : {'Raiz-Scope': `${scope.operation}/${scope.propertyType}/${scope.place}`}),
        };
        const packing = {json, contentSha256, type: 'conversion', isSynthetic: page.isSynthetic} as const;
        yield count(await packPage({...page, ref: {kind, url}}, {...packing, moreHeaders}));
        counted.pages += 1;
      }
      onProgress?.(counted.pages);
      pages = await pagesToExport(db, options, pages.at(-1) ?? null, BATCH);
    }
  } finally {
    await reader.close();
  }
}
