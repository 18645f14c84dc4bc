/**
 * Workers on several machines need one data folder: what one archives, another parses. Each leaves a word in its folder
 * and in the database; whoever finds the same word in both sees the same folder. A copy of it has an older word.
 */
import {randomBytes} from 'node:crypto';
import {mkdir, readFile, rename, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Database} from '../db/client.ts';
import {codeOf} from '../db/explain.ts';
import {hostsSince, registerHost, type WorkerHost} from '../db/hosts.ts';
import {type Check, failed, ok, warning} from './check.ts';

const WEEK_MS = 7 * 86_400_000;

export interface HostFolder {
  readonly dataDir: string;
  /** Name of this machine. */
  readonly host: string;
  readonly now: Date;
}

/** Says that a worker runs on this machine, with this folder. Called at its start and with every job. */
export async function announceHost(
  {orm}: Pick<Database, 'orm'>,
  {dataDir, host, now}: HostFolder,
): Promise<void> {
  const token = randomBytes(16).toString('hex');
  const file = markerOf(dataDir, host);
  await mkdir(join(dataDir, 'hosts'), {recursive: true});
  await orm.transaction(async tx => {
    // The row is locked until the file is there: two workers of a machine leave one word.
    await registerHost(tx, {host, token, now});
    await writeFile(`${file}.${process.pid}`, `${token}\n`);
    await rename(`${file}.${process.pid}`, file);
  });
}

/** Whether the machines whose workers were at work within a week share this data folder. */
export async function checkHosts({orm}: Pick<Database, 'orm'>, folder: HostFolder): Promise<Check> {
  const hosts = await hostsSince(orm, new Date(folder.now.getTime() - WEEK_MS));
  if (hosts.length === 0) return ok('hosts', 'no worker ran within a week');
  const strangers: WorkerHost[] = [];
  for (const known of hosts) {
    if ((await wordIn(folder.dataDir, known.host)) !== known.token) strangers.push(known);
  }
  // One that announces itself meanwhile has changed both words: it is asked again.
  const current = new Map((await hostsSince(orm, new Date(0))).map(known => [known.host, known.token]));
  const apart: string[] = [];
  for (const {host} of strangers) {
    if ((await wordIn(folder.dataDir, host)) !== current.get(host)) apart.push(host);
  }
  const names = hosts.map(({host}) => host).join(', ');
  if (apart.length === 0) return ok('hosts', hosts.length === 1 ? names : `${names} share this data folder`);
  const found = `${names} had workers within a week; this data folder is not that of ${apart.join(', ')}`;
  const remedy =
    'Mount one folder on all of them (RAIZ_DATA_DIR), or keep workers on one machine: pages that one archives, another can’t parse.';
  return hosts.length > 1 ? failed('hosts', found, remedy) : warning('hosts', found, remedy);
}

function markerOf(dataDir: string, host: string): string {
  return join(dataDir, 'hosts', `${host.replaceAll(/[^\w.-]/g, '_')}.txt`);
}

async function wordIn(dataDir: string, host: string): Promise<string | undefined> {
  try {
    return (await readFile(markerOf(dataDir, host), 'utf8')).trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined; // another folder
    throw error;
  }
}
