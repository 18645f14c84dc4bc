/** The folder of releases on disk: `<data>/releases/<version>/` and `latest.json`. */
import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {mkdir, open, readdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ContractError, StorageError} from '../domain/errors.ts';
import {manifestSchema, type ReleaseManifest} from './manifest.ts';

export const MANIFEST = 'manifest.json';
export const CHECKSUMS = 'SHA256SUMS';
const LATEST = 'latest.json';
/** Folders under construction; whoever builds next removes what a killed build left. */
const BUILDING = '.building-';
const VERSION = /^\d{4}\.\d{2}\.\d+$/;

export function releasesDir(dataDir: string): string {
  return join(dataDir, 'releases');
}

/** Versions that have a folder, finished or not by the database's account. */
export async function versionsOnDisk(dataDir: string): Promise<string[]> {
  const root = releasesDir(dataDir);
  const names = await storing(root, () => namesIn(root));
  return names.filter(name => VERSION.test(name)).sort();
}

/** An empty folder to build in, beside the releases; leftovers of killed builds go first. */
export async function openBuildFolder(dataDir: string, version: string): Promise<string> {
  const root = releasesDir(dataDir);
  return storing(root, async () => {
    await mkdir(root, {recursive: true});
    for (const name of await namesIn(root)) {
      if (name.startsWith(BUILDING)) await rm(join(root, name), {recursive: true, force: true});
    }
    const folder = join(root, `${BUILDING}${version}`);
    await mkdir(folder);
    return folder;
  });
}

/** Makes a built folder the release: all bytes on the disk first, then one rename. */
export async function publishFolder(dataDir: string, building: string, version: string): Promise<string> {
  const folder = join(releasesDir(dataDir), version);
  return storing(folder, async () => {
    for (const name of await readdir(building)) await syncPath(join(building, name));
    await syncPath(building);
    await rename(building, folder);
    await syncPath(releasesDir(dataDir));
    return folder;
  });
}

/** Points `latest.json` at a release; readers see the old or the new one, never half. */
export async function writeLatest(dataDir: string, manifest: ReleaseManifest): Promise<void> {
  const {version, tier, built_at, is_synthetic} = manifest;
  const path = join(releasesDir(dataDir), LATEST);
  const text = `${JSON.stringify({version, tier, built_at, is_synthetic, manifest: `${version}/${MANIFEST}`}, null, 2)}\n`;
  await storing(path, async () => {
    await writeFile(`${path}.new`, text);
    await syncPath(`${path}.new`);
    await rename(`${path}.new`, path);
  });
}

/** @throws ContractError when the folder is no release: manifest missing or not readable. */
export async function readManifest(folder: string): Promise<ReleaseManifest> {
  const path = join(folder, MANIFEST);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ContractError(
      `${folder} is not a release: ${MANIFEST} can't be read. Give the folder of one version.`,
      {cause},
    );
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ContractError(`${path} is damaged or of another format. Copy the release again.`, {cause});
  }
}

/** Bytes and SHA-256 of a file, read as a stream. */
export async function fingerprint(path: string): Promise<{bytes: number; sha256: string}> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return {bytes: (await stat(path)).size, sha256: hash.digest('hex')};
}

/** Runs disk work; what the disk refuses becomes an error a person can act on. */
export async function storing<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const advice = DISK_ADVICE[code];
    if (advice === undefined) throw error;
    throw new StorageError(
      `can't write the release at ${path}: ${advice} Nothing was released; earlier releases are untouched.`,
      {
        cause: error,
        context: {path, code},
      },
    );
  }
}

const DISK_ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Make room, then build again.',
  EDQUOT: 'the disk quota is used up. Make room, then build again.',
  EROFS: 'the disk is read-only. Set RAIZ_DATA_DIR to a folder you can write.',
  EACCES: 'you may not write there. Set RAIZ_DATA_DIR to a folder you can write, or change its owner.',
  EPERM: 'you may not write there. Set RAIZ_DATA_DIR to a folder you can write, or change its owner.',
  ENOTDIR: 'a file stands where a folder should be. Move it away.',
};

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
