/** The cluster of a data folder: PostgreSQL's own folder, made once, and the password of its owner. */
import {randomBytes} from 'node:crypto';
import {existsSync} from 'node:fs';
import {appendFile, chmod, mkdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {StorageError} from '../../domain/errors.ts';
import {folderError} from '../data-dir.ts';
import {codeOf} from '../explain.ts';
import {findNative, type NativeFolder} from './binaries.ts';
import {chooseLauncher, giveTo, type Launcher, type Owner, runProgram} from './launcher.ts';
import {findFreePort, INCLUDE_LINE, writeSettings} from './settings.ts';

/** Superuser of the embedded server. */
export const OWNER = 'raiz';

export function clusterIn(folder: string): string {
  return join(folder, 'cluster');
}

export async function readPassword(folder: string): Promise<string> {
  try {
    return (await readFile(join(folder, 'password'), 'utf8')).trim();
  } catch (error) {
    throw folderError(folder, error);
  }
}

/** Programs, user and cluster, ready to start. */
export async function prepareCluster(
  folder: string,
  candidates: readonly Launcher[] | undefined,
): Promise<{launcher: Launcher; native: NativeFolder}> {
  const cluster = clusterIn(folder);
  const owner = await ownerOf(cluster);
  const self = process.getuid?.();
  if (owner !== undefined && self !== undefined && self !== 0 && owner.uid !== self) {
    throw new StorageError(
      `The database in ${folder} belongs to the user with uid ${owner.uid}, you are uid ${self}. Run Raíz as that user, or set RAIZ_DATA_DIR to a folder of yours.`,
      {context: {folder, owner: owner.uid, self}},
    );
  }
  await chmod(folder, 0o711); // a system user must pass; the files inside are closed
  const {launcher, native, version} = await chooseLauncher(
    await findNative(folder),
    folder,
    owner,
    candidates,
  );
  if (owner === undefined) await makeCluster(folder, launcher, native);
  else if (launcher.owner !== undefined && launcher.owner.uid !== owner.uid) await giveTo(launcher, cluster);
  const clusterVersion = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  if (clusterVersion !== version) {
    throw new StorageError(
      `The database in ${folder} was made by PostgreSQL ${clusterVersion}, the installed programs are PostgreSQL ${version}. Run the Raíz version that made it and move the data with a backup, or set RAIZ_DATA_DIR to a new folder.`,
      {context: {folder, clusterVersion, version}},
    );
  }
  return {launcher, native};
}

export async function ownerOf(cluster: string): Promise<Owner | undefined> {
  try {
    const {uid, gid} = await stat(cluster);
    return {uid, gid};
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw folderError(cluster, error);
  }
}

/** Makes a cluster aside and renames it into place, so that a kill in the middle leaves none that is half made. */
async function makeCluster(folder: string, launcher: Launcher, native: NativeFolder): Promise<void> {
  const cluster = clusterIn(folder);
  const unfinished = `${cluster}.new-${process.pid}`;
  const passwordFile = `${unfinished}.password`;
  try {
    await writeFile(passwordFile, await makePassword(folder), {mode: 0o600});
    await rm(unfinished, {recursive: true, force: true});
    await mkdir(unfinished, {mode: 0o700});
    await giveTo(launcher, passwordFile);
    await giveTo(launcher, unfinished);
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const access = ['--username', OWNER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    const args = ['-D', unfinished, ...access, ...locale, '--no-instructions'];
    const {code, output} = await runProgram(launcher, join(native, 'bin', 'initdb'), args);
    if (code !== 0) throw startError(folder, 'initdb failed', output);
    await appendFile(join(unfinished, 'postgresql.conf'), INCLUDE_LINE);
    await giveTo(launcher, await writeSettings(unfinished, await findFreePort(undefined)));
    await rename(unfinished, cluster);
  } catch (error) {
    if (!existsSync(cluster)) throw error instanceof StorageError ? error : folderError(folder, error);
  } finally {
    await rm(passwordFile, {force: true});
    await rm(unfinished, {recursive: true, force: true});
  }
}

/** The owner's password: made once, readable for this user only. */
async function makePassword(folder: string): Promise<string> {
  const path = join(folder, 'password');
  try {
    await writeFile(path, `${randomBytes(24).toString('base64url')}\n`, {flag: 'wx', mode: 0o600});
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return readPassword(folder);
}

/** Why the server did not start, with what to do and the end of what it said. */
export function startError(folder: string, what: string, said: string): StorageError {
  const last = said.split('\n').slice(-8).join('\n  ');
  const remedy = /No space left|Disk quota|could not extend file|wrote only/.test(said)
    ? 'The disk is full: free space, or set RAIZ_DATA_DIR to a folder on another disk.'
    : 'Repair what it says, set RAIZ_DATA_DIR to another folder, or set DATABASE_URL to a PostgreSQL of yours.';
  return new StorageError(
    `The database server of ${folder} did not start (${what}). ${remedy} It said:\n  ${last}`,
    {
      context: {folder},
    },
  );
}
