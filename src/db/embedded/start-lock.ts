/**
 * Keeps two processes from starting the same server at once. It only saves work: if both got in, PostgreSQL itself would
 * refuse the second server, and a cluster is made aside and renamed into place.
 */

import {randomUUID} from 'node:crypto';
import {readFile, rm, stat, writeFile} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {StorageError} from '../../domain/errors.ts';
import {codeOf} from '../explain.ts';
import {isAlive} from './pid.ts';

/** No start takes this long: an older lock is a leftover whose pid another program has now. */
const STALE_MS = 5 * 60_000;
const WAIT_MS = 3 * 60_000;

/** Runs `start` while no other process does. A lock whose owner was killed is taken over. */
export async function withStartLock<T>(path: string, start: () => Promise<T>): Promise<T> {
  const token = `${process.pid} ${randomUUID()}`;
  await takeLock(path, token);
  try {
    return await start();
  } finally {
    if ((await contentOf(path)) === token) await rm(path, {force: true});
  }
}

async function takeLock(path: string, token: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    try {
      await writeFile(path, token, {flag: 'wx', mode: 0o600});
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    if (await isLeftover(path)) await rm(path, {force: true});
    else if (Date.now() > deadline) {
      const pid = (await contentOf(path)).split(' ')[0];
      throw new StorageError(
        `Process ${pid} has been starting the database server for minutes. End it, or delete ${path} if it is no Raíz.`,
        {context: {path, pid}},
      );
    } else await sleep(50);
  }
}

/** A lock file is empty for the instant between its creation and its content. */
async function isLeftover(path: string): Promise<boolean> {
  try {
    const ageMs = Date.now() - (await stat(path)).mtimeMs;
    if (ageMs > STALE_MS) return true;
    const content = await contentOf(path);
    return content === '' ? ageMs > 10_000 : !isAlive(Number(content.split(' ')[0]));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
