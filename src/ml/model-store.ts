/** Model folders under `<data>/models`: written apart, then renamed, so that a folder is whole or not there. */
import {mkdir, readdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ModelError, StorageError} from '../domain/errors.ts';
import type {ArtifactFiles} from './artifact.ts';

export function modelFolder(dataDir: string, artifact: string): string {
  return join(dataDir, 'models', artifact);
}

/**
 * Replaces the folder of the same name. What a killed save left behind is removed by the next one; two saves at once
 * are kept apart by the lock of the train stage.
 * @throws StorageError when the disk refuses.
 */
export async function saveModelFiles(dataDir: string, artifact: string, files: ArtifactFiles): Promise<void> {
  const folder = modelFolder(dataDir, artifact);
  const partial = modelFolder(dataDir, '.partial');
  try {
    await rm(partial, {recursive: true, force: true});
    await mkdir(partial, {recursive: true});
    for (const [name, bytes] of files) await writeFile(join(partial, name), bytes);
    await rm(folder, {recursive: true, force: true});
    await rename(partial, folder);
  } catch (cause) {
    throw new StorageError(
      `can't write the model to ${folder}: make room or give write access, then train again.`,
      {
        cause,
      },
    );
  }
}

/** @throws ModelError when the folder can't be read. */
export async function loadModelFiles(dataDir: string, artifact: string): Promise<ArtifactFiles> {
  const folder = modelFolder(dataDir, artifact);
  try {
    const names = await readdir(folder);
    return new Map(
      await Promise.all(names.map(async name => [name, await readFile(join(folder, name))] as const)),
    );
  } catch (cause) {
    throw new ModelError(`can't read the model in ${folder}. Train again: \`raiz stage train --rebuild\`.`, {
      cause,
    });
  }
}
