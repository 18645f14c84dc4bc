import {existsSync} from 'node:fs';
import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, it} from 'vitest';
import {ensureDataDir, folderError} from '../../../src/db/data-dir.ts';
import {StorageError} from '../../../src/domain/errors.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raiz-data-dir-'));
});
afterAll(() => rm(folder, {recursive: true}));

it('makes the folder and leaves nothing in it', async () => {
  const dir = join(folder, 'a', 'b');
  await ensureDataDir(dir);
  await ensureDataDir(dir);
  expect(existsSync(dir)).toBe(true);
  expect(await readdir(dir)).toEqual([]);
});

it('says that a file stands in the way', async () => {
  await writeFile(join(folder, 'file'), '');
  for (const dir of [join(folder, 'file'), join(folder, 'file', 'below')]) {
    await expect(ensureDataDir(dir)).rejects.toThrow(StorageError);
    await expect(ensureDataDir(dir)).rejects.toThrow(/a file stands where a folder should be.*RAIZ_DATA_DIR/);
  }
});

it('refuses a place that takes no files, whoever asks', async () => {
  for (const dir of ['/proc/raiz', '/proc/raiz/data'])
    await expect(ensureDataDir(dir)).rejects.toThrow(StorageError);
});

it.each([
  ['ENOSPC', /disk is full.*Free space/],
  ['EROFS', /read-only file system.*RAIZ_DATA_DIR/],
  ['EACCES', /may not write there.*RAIZ_DATA_DIR/],
])('explains %s', (code, words) => {
  expect(folderError('/data', Object.assign(new Error(code), {code})).message).toMatch(words);
});
