/** What a finished step left on the disk, under the key of everything that decides it. */
import {createHash} from 'node:crypto';
import {readdirSync, readFileSync, renameSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The value of the last run if it had the same key, else computed and kept. Values are plain JSON. */
export async function remember<T>(file: string, key: string, compute: () => Promise<T> | T): Promise<T> {
  const kept = readKept<T>(file);
  if (kept?.key === key) return kept.value;
  const value = await compute();
  writeFileSync(`${file}.part`, JSON.stringify({key, value}));
  renameSync(`${file}.part`, file);
  return value;
}

function readKept<T>(file: string): {key: string; value: T} | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return JSON.parse(text) as {key: string; value: T};
}

/** Hash of TypeScript sources: files or folders, from the root of the repository. */
export function hashSources(paths: readonly string[]): string {
  const files = paths.flatMap(path => {
    if (statSync(join(ROOT, path)).isFile()) return [path];
    const names = readdirSync(join(ROOT, path), {recursive: true, encoding: 'utf8'});
    return names.filter(name => name.endsWith('.ts')).map(name => join(path, name));
  });
  return hashBytes(files.sort().map(file => readFileSync(join(ROOT, file))));
}

export function hashBytes(parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
}

export function bytesOf(values: Float32Array | Float64Array | Uint8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
