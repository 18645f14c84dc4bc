/** The data folder: created when missing, and proven to take writes before any work starts. */
import {mkdir, open, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {StorageError} from '../domain/errors.ts';
import {codeOf} from './explain.ts';

/**
 * Creates the folder and writes, syncs and removes a small file in it.
 *
 * @throws StorageError the folder can't be created or written, or its disk is full.
 */
export async function ensureDataDir(dir: string): Promise<void> {
  const probe = join(dir, `.write-check-${process.pid}`);
  try {
    await makeFolder(dir);
    const file = await open(probe, 'w');
    try {
      await file.write(Buffer.alloc(8192, 1));
      await file.sync();
    } finally {
      await file.close();
      await rm(probe, {force: true});
    }
  } catch (error) {
    throw folderError(dir, error);
  }
}

/** Node's own recursive `mkdir` says ENOENT for a read-only disk, and never ends under /proc. */
async function makeFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(dir) === dir) throw error;
    await makeFolder(dirname(dir));
    await mkdir(dir);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it lies on a read-only file system',
  ENOSPC: 'its disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a file stands where a folder should be',
  ENOENT: 'nothing can be made there',
};

/** What the file system said about a folder, with what to do. */
export function folderError(dir: string, error: unknown): StorageError {
  const code = codeOf(error) ?? 'unknown';
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  const remedy =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'Free space, or set RAIZ_DATA_DIR to a folder on another disk.'
      : 'Give this user the right to write there, or set RAIZ_DATA_DIR to a folder that can be written.';
  return new StorageError(`The data folder ${dir} can't be used: ${reason} (${code}). ${remedy}`, {
    cause: error,
    context: {dir, code},
  });
}
