import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {writeWhole} from '../../../src/cli/write-whole.ts';
import {ConfigError, StorageError} from '../../../src/domain/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'raiz-whole-'));
afterAll(() => rmSync(folder, {recursive: true}));
const path = join(folder, 'out.csv');

test('the file appears when it is whole', async () => {
  const result = await writeWhole(path, false, async write => {
    await write('a\n');
    expect(readdirSync(folder)).toEqual(['out.csv.partial']);
    await write('b\n');
    return 2;
  });
  expect(result).toBe(2);
  expect(readFileSync(path, 'utf8')).toBe('a\nb\n');
  expect(readdirSync(folder)).toEqual(['out.csv']);
});

test('a file that is there stays, unless told', async () => {
  await expect(writeWhole(path, false, async write => write('c'))).rejects.toThrow(ConfigError);
  expect(readFileSync(path, 'utf8')).toBe('a\nb\n');
  await writeWhole(path, true, async write => write('c'));
  expect(readFileSync(path, 'utf8')).toBe('c');
});

test('work that throws leaves the old file and nothing else', async () => {
  const broken = writeWhole(path, true, async write => {
    await write('half');
    throw new Error('stopped');
  });
  await expect(broken).rejects.toThrow('stopped');
  expect(readFileSync(path, 'utf8')).toBe('c');
  expect(readdirSync(folder)).toEqual(['out.csv']);
});

test('a folder that is not there is said', async () => {
  const lost = writeWhole(join(folder, 'no', 'out.csv'), false, async write => write('x'));
  await expect(lost).rejects.toThrow(StorageError);
});
