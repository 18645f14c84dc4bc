import {randomBytes} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {ConfigError} from '../domain/errors.ts';

const MIN_LENGTH = 16;

/**
 * The key of this installation's advertiser pseudonyms: `RAIZ_HASH_KEY`, else one made once and kept in
 * `<dataDir>/hash-key`, readable by its owner only. Another key gives other pseudonyms: keep it with the backups.
 *
 * @throws ConfigError when the key is too short to keep pseudonyms from being guessed.
 */
export function installationHashKey(dataDir: string, configured: string | undefined): string {
  const key = configured ?? keptKey(join(dataDir, 'hash-key'));
  if (key.length < MIN_LENGTH) {
    throw new ConfigError(
      `RAIZ_HASH_KEY is shorter than ${MIN_LENGTH} characters. Use a long random text, or unset it.`,
    );
  }
  return key;
}

function keptKey(file: string): string {
  try {
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, {flag: 'wx', mode: 0o600});
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
  return readFileSync(file, 'utf8').trim();
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
