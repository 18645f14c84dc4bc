import {mkdtemp, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {installationHashKey} from '../../../src/config/hash-key.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raiz-key-'));
});

afterEach(() => rm(folder, {recursive: true}));

test('a key is made once, kept, and readable by its owner only', async () => {
  const key = installationHashKey(folder, undefined);
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(installationHashKey(folder, undefined)).toBe(key);
  expect((await stat(join(folder, 'hash-key'))).mode & 0o777).toBe(0o600);
});

test('a configured key wins and is never written down', () => {
  expect(installationHashKey(folder, 'configured by a person')).toBe('configured by a person');
  expect(installationHashKey(folder, undefined)).not.toBe('configured by a person');
});

test('a key that can be guessed is refused', () => {
  expect(() => installationHashKey(folder, 'short')).toThrow(/RAIZ_HASH_KEY is shorter than 16/);
});
