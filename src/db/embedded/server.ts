/**
 * The embedded PostgreSQL server of a data folder: started by the first command that needs it, shared by all, alive until
 * `raiz db stop`. Everything of it is in `<dataDir>/pg`:
 *
 * `cluster/` (PostgreSQL's own folder) · `password` · `server.log` · `start.lock` while somebody starts it.
 */
import {open, readFile, realpath, rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {StorageError} from '../../domain/errors.ts';
import {openPool} from '../client.ts';
import {ensureDataDir, folderError} from '../data-dir.ts';
import {codeOf} from '../explain.ts';
import {findNative, type NativeFolder} from './binaries.ts';
import {clusterIn, OWNER, ownerOf, prepareCluster, readPassword, startError} from './cluster.ts';
import {chooseLauncher, giveTo, type Launcher, runProgram} from './launcher.ts';
import {isServerOf} from './pid.ts';
import {findFreePort, rememberedPort, writeSettings} from './settings.ts';
import {withStartLock} from './start-lock.ts';

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** Created when missing. Letters, digits and `_`. */
  readonly database: string;
  /** Ways to start it as root, in order; those of this machine unless told. */
  readonly launchers?: readonly Launcher[];
}

export interface EmbeddedServer {
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  /** How it was started, or `attached` when it was up already. */
  readonly launcher: string;
}

interface Running {
  readonly pid: number;
  readonly port: number;
}

/** Crash recovery replays at most `max_wal_size` and may take a while on a slow disk. */
const READY_SECONDS = 180;
const LOG_BYTES_MAX = 5_000_000;

/**
 * Attaches to the server of the data folder, or starts it: makes the cluster the first time, revives it after a crash.
 *
 * @throws StorageError folder or disk refuse, programs missing, cluster of another major version; with the end of the log.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const folder = join(options.dataDir, 'pg');
  const attached = await attach(folder);
  if (attached !== undefined) return finish(folder, options.database, attached, 'attached');
  await ensureDataDir(folder);
  return withStartLock(join(folder, 'start.lock'), async () => {
    const meanwhile = await attach(folder);
    if (meanwhile !== undefined) return finish(folder, options.database, meanwhile, 'attached');
    const {launcher, native} = await prepareCluster(folder, options.launchers);
    const running = await startServer(folder, launcher, native);
    return finish(folder, options.database, running, launcher.name);
  });
}

/** Address of a database on the data folder's server, which may lack it; undefined when the server isn't up. */
export async function runningEmbedded(dataDir: string, database: string): Promise<string | undefined> {
  const folder = join(dataDir, 'pg');
  const running = await attach(folder);
  return running === undefined ? undefined : urlOf(await readPassword(folder), running.port, database);
}

/** Stops the server of the data folder: open transactions are rolled back. @returns false when it was not up. */
export async function stopEmbedded(dataDir: string, launchers?: readonly Launcher[]): Promise<boolean> {
  const folder = join(dataDir, 'pg');
  const cluster = clusterIn(folder);
  const {pid} = (await readPidFile(cluster)) ?? {pid: 0};
  if (!(await isServerOf(cluster, pid))) return false;
  const chosen = await chooseLauncher(await findNative(folder), folder, await ownerOf(cluster), launchers);
  const args = ['stop', '-D', cluster, '-m', 'fast', '-w', '-t', String(READY_SECONDS)];
  const {code, output} = await runProgram(chosen.launcher, join(chosen.native, 'bin', 'pg_ctl'), args);
  if (code !== 0) {
    throw new StorageError(`The database server (pid ${pid}) could not be stopped: ${output}`, {
      context: {pid, cluster},
    });
  }
  return true;
}

function urlOf(password: string, port: number, database: string): string {
  return `postgres://${OWNER}:${password}@127.0.0.1:${port}/${database}`;
}

/** The server when it is up; waits for one that is just starting or stopping. */
async function attach(folder: string): Promise<Running | undefined> {
  const cluster = clusterIn(folder);
  const deadline = Date.now() + READY_SECONDS * 1000;
  for (;;) {
    const file = await readPidFile(cluster);
    if (file === undefined || !(await isServerOf(cluster, file.pid))) return undefined;
    if (file.port !== undefined && (await answers(await readPassword(folder), file.port, cluster))) {
      return {pid: file.pid, port: file.port};
    }
    if (Date.now() > deadline) {
      throw new StorageError(
        `The database server (pid ${file.pid}) of ${folder} runs but doesn't answer. See ${join(folder, 'server.log')}; \`raiz db stop\` stops it.`,
        {context: {folder, ...file}},
      );
    }
    await sleep(50);
  }
}

/** Lines of postmaster.pid: pid, cluster, start, port, socket folder, address, shared memory, status. */
async function readPidFile(cluster: string): Promise<{pid: number; port: number | undefined} | undefined> {
  try {
    const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n');
    return {pid: Number(lines[0]), port: lines[3] ? Number(lines[3]) : undefined};
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw folderError(cluster, error);
  }
}

/** True when the server of this very cluster answers on the port. */
async function answers(password: string, port: number, cluster: string): Promise<boolean> {
  const sql = openPool(urlOf(password, port, 'postgres'), {max: 1});
  try {
    const [row] = await sql<{folder: string}[]>`select current_setting('data_directory') as folder`;
    return row !== undefined && (await realpath(row.folder)) === (await realpath(cluster));
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (code === '53300') return true; // all connections taken, after the password was accepted
    if (code === '57P03' || !/^[0-9A-Z]{5}$/.test(code)) return false; // starting, stopping, or no answer
    throw new StorageError(
      `The database server on 127.0.0.1:${port} refuses the password in ${join(cluster, '..', 'password')}.`,
      {cause: error},
    );
  } finally {
    await sql.end({timeout: 1});
  }
}

async function finish(
  folder: string,
  database: string,
  running: Running,
  launcher: string,
): Promise<EmbeddedServer> {
  const password = await readPassword(folder);
  const sql = openPool(urlOf(password, running.port, 'postgres'), {max: 1});
  try {
    const [known] = await sql`select 1 from pg_database where datname = ${database}`;
    if (known === undefined) await sql`create database ${sql(database)}`;
  } catch (error) {
    const code = codeOf(error);
    if (code !== '42P04' && code !== '23505') throw error; // unless another process was faster
  } finally {
    await sql.end({timeout: 1});
  }
  return {...running, url: urlOf(password, running.port, database), launcher};
}

async function startServer(folder: string, launcher: Launcher, native: NativeFolder): Promise<Running> {
  const cluster = clusterIn(folder);
  const log = join(folder, 'server.log');
  const deadline = Date.now() + 30_000;
  for (let attempt = 0; ; attempt += 1) {
    await dropForeignPidFile(cluster);
    const preferred = attempt === 0 ? await rememberedPort(cluster) : undefined;
    await giveTo(launcher, await writeSettings(cluster, await findFreePort(preferred)));
    const logStart = await openLog(log, launcher);
    const args = ['start', '-D', cluster, '-l', log, '-w', '-t', String(READY_SECONDS)];
    const {code, output} = await runProgram(launcher, join(native, 'bin', 'pg_ctl'), args);
    const running = await attach(folder);
    if (running !== undefined) return running;
    const said = await logTail(log, logStart);
    // Taken port: try another. Orphans of a killed server: they end by themselves within seconds.
    const passes = /Address already in use|shared memory block|postmaster\.pid/.test(said);
    if (!passes || Date.now() > deadline) {
      throw startError(folder, `pg_ctl start ended with code ${code}`, said || output);
    }
    await sleep(300);
  }
}

/**
 * A pid in postmaster.pid that now belongs to another program would keep the server down for ever. A dead pid is left to
 * PostgreSQL, which also looks for orphans of that server.
 */
async function dropForeignPidFile(cluster: string): Promise<void> {
  const file = await readPidFile(cluster);
  if (file === undefined || (await isServerOf(cluster, file.pid))) return;
  await rm(join(cluster, 'postmaster.pid'), {force: true});
}

/** Keeps the log below twice its bound: the last one stands beside it. @returns where the next start will write. */
async function openLog(log: string, launcher: Launcher): Promise<number> {
  const file = await open(log, 'a', 0o600);
  let {size} = await file.stat();
  await file.close();
  if (size > LOG_BYTES_MAX) {
    await rename(log, `${log}.1`);
    await writeFile(log, '', {mode: 0o600});
    size = 0;
  }
  await giveTo(launcher, log);
  return size;
}

async function logTail(log: string, start: number): Promise<string> {
  return (await readFile(log)).subarray(start).toString('utf8').trim();
}
