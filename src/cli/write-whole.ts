/** Files for people, whole or not there: written beside their place, then renamed. */
import {access, open, rename, rm} from 'node:fs/promises';
import {ConfigError, StorageError} from '../domain/errors.ts';

/**
 * @param force false: a file that is there already stays, and nothing is written.
 * @param work gives the text piece by piece; when it throws, no file is left behind.
 * @throws ConfigError when the file is there and `force` is false; StorageError when the disk refuses.
 */
export async function writeWhole<Result>(
  path: string,
  force: boolean,
  work: (write: (text: string) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  if (!force && (await isThere(path)))
    throw new ConfigError(`${path} is there already: name another file, or overwrite it with --force`);
  const partial = `${path}.partial`;
  const file = await open(partial, 'w').catch(cause => {
    throw refused(path, cause);
  });
  try {
    const result = await work(async text => {
      await file.appendFile(text).catch(cause => {
        throw refused(path, cause);
      });
    });
    await file.close();
    await rename(partial, path);
    return result;
  } catch (error) {
    await file.close();
    await rm(partial, {force: true});
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function refused(path: string, cause: unknown): StorageError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StorageError(`can't write ${path} (${why}): make room or give write access, and run it again`, {
    cause,
  });
}
