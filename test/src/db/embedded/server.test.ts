import {execFile, spawn} from 'node:child_process';
import {appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import postgres from 'postgres';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {isAlive} from '../../../../src/db/embedded/pid.ts';
import {type EmbeddedServer, startEmbedded, stopEmbedded} from '../../../../src/db/embedded/server.ts';
import {openDatabase} from '../../../../src/db/open.ts';
import {StorageError} from '../../../../src/domain/errors.ts';

const SECOND_PROCESS = fileURLToPath(new URL('../../../support/second-process.ts', import.meta.url));

let dataDir = '';
/** A folder that nobody but this user may enter, root's in a container. */
beforeAll(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'raiz-embedded-')), 'data');
});
afterAll(async () => {
  await stopEmbedded(dataDir);
  await rm(join(dataDir, '..'), {recursive: true});
});

const start = () => startEmbedded({dataDir, database: 'raiz'});
const pg = (...parts: string[]) => join(dataDir, 'pg', ...parts);

async function openInProcess(): Promise<EmbeddedServer> {
  const {stdout} = await promisify(execFile)(process.execPath, ['--import', 'tsx', SECOND_PROCESS, dataDir]);
  return JSON.parse(stdout);
}

describe('start', () => {
  it('makes one server when several processes begin at once in a closed folder', async () => {
    expect((await stat(join(dataDir, '..'))).mode & 0o777).toBe(0o700);
    const servers = await Promise.all([openInProcess(), openInProcess(), start()]);
    expect(new Set(servers.map(server => server.pid)).size).toBe(1);
    expect(servers.filter(server => server.launcher !== 'attached')).toHaveLength(1);
    expect(await readdir(pg())).toEqual(['cluster', 'password', 'server.log']);
  });

  it('keeps the password to this user and wants it', async () => {
    const {url, port} = await start();
    expect((await stat(pg('password'))).mode & 0o777).toBe(0o600);
    expect(await readFile(pg('server.log'), 'utf8')).not.toContain(new URL(url).password);
    const sql = postgres(`postgres://raiz:wrong@127.0.0.1:${port}/raiz`, {max: 1});
    await expect(sql`select 1`).rejects.toThrow(/password authentication failed/);
    await sql.end();
  });

  it('acknowledges nothing it could lose, speaks UTC and sorts and folds Spanish letters', async () => {
    const sql = postgres((await start()).url, {max: 1});
    const [settings] =
      await sql`select current_setting('synchronous_commit') as commit, current_setting('fsync') as fsync,
      current_setting('timezone') as zone, current_setting('server_encoding') as encoding, lower('ÁÉÑ') as lower,
      'BELÉN' ilike 'belén' as folds`;
    expect(settings).toEqual({
      commit: 'on',
      fsync: 'on',
      zone: 'UTC',
      encoding: 'UTF8',
      lower: 'áéñ',
      folds: true,
    });
    await sql.end();
  });

  it('stays up for others, and keeps pid and port', async () => {
    const [first, second] = [await start(), await openInProcess()];
    expect(second).toEqual(first);
  });
});

describe('after kill -9 of the server', () => {
  it('has every acknowledged row', async () => {
    const options = {env: {}, dataDir, databaseName: 'raiz'} as const;
    const before = await openDatabase({...options, max: 4});
    await before.sql`create table public.written (number int primary key, text text)`;
    const {pid} = await start();
    let acknowledged = 0;
    const writer = async (offset: number) => {
      for (let number = offset; ; number += 4) {
        await before.sql`insert into public.written values (${number}, ${'x'.repeat(500)})`;
        acknowledged += 1;
      }
    };
    const writers = Promise.allSettled([0, 1, 2, 3].map(writer));
    while (acknowledged < 400) await sleep(5);
    process.kill(pid, 'SIGKILL');
    await writers;
    await before.close();

    const after = await openDatabase(options);
    const [{count} = {count: 0}] = await after.sql<
      {count: number}[]
    >`select count(*)::int from public.written`;
    expect(count).toBeGreaterThanOrEqual(acknowledged);
    expect(count).toBeLessThanOrEqual(acknowledged + 4); // one in flight per writer may be committed unheard
    await after.close();
    expect((await start()).pid).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
  });

  it('starts although the pid it left now belongs to another program', async () => {
    await stopEmbedded(dataDir);
    const other = spawn('sleep', ['60']);
    await writeFile(
      pg('cluster', 'postmaster.pid'),
      `${other.pid}\n${pg('cluster')}\n1\n1\n\n127.0.0.1\n0 0\nready\n`,
    );
    expect((await start()).launcher).not.toBe('attached');
    expect(other.kill(0)).toBe(true);
    other.kill();
  });

  it('takes over the start lock of a killed process', async () => {
    await stopEmbedded(dataDir);
    const dead = spawn('true');
    await new Promise(resolve => dead.on('close', resolve));
    await writeFile(pg('start.lock'), `${dead.pid} leftover`);
    await start();
    expect(await readdir(pg())).not.toContain('start.lock');
  });
});

describe('stop and start again', () => {
  it('says whether it was up', async () => {
    await start();
    expect(await stopEmbedded(dataDir)).toBe(true);
    expect(await stopEmbedded(dataDir)).toBe(false);
  });

  it('keeps its port, and takes another when that one is taken', async () => {
    const {port} = await start();
    await stopEmbedded(dataDir);
    expect((await start()).port).toBe(port);
    await stopEmbedded(dataDir);
    const squatter = createServer().listen(port, '127.0.0.1');
    await new Promise(resolve => squatter.once('listening', resolve));
    expect((await start()).port).not.toBe(port);
    squatter.close();
  });

  it('starts a new log beside a long one', async () => {
    await stopEmbedded(dataDir);
    await appendFile(pg('server.log'), 'x'.repeat(5_000_001));
    await start();
    expect((await stat(pg('server.log'))).size).toBeLessThan(100_000);
    expect((await stat(pg('server.log.1'))).size).toBeGreaterThan(5_000_000);
  });

  it('names both versions when the cluster is of another PostgreSQL', async () => {
    await stopEmbedded(dataDir);
    const version = await readFile(pg('cluster', 'PG_VERSION'), 'utf8');
    await writeFile(pg('cluster', 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow(
      /made by PostgreSQL 17, the installed programs are PostgreSQL 18.*backup/,
    );
    await writeFile(pg('cluster', 'PG_VERSION'), version);
    await start();
  });

  it('shows the end of the log when the server can’t start', async () => {
    await stopEmbedded(dataDir);
    const conf = pg('cluster', 'postgresql.conf');
    const before = await readFile(conf, 'utf8');
    await appendFile(conf, '\nnonsense = 1\n');
    const failure = start();
    await expect(failure).rejects.toThrow(StorageError);
    await expect(failure).rejects.toThrow(/unrecognized configuration parameter "nonsense"/);
    await writeFile(conf, before);
    await start();
  });
});

it('refuses a data folder that is a file', async () => {
  const file = join(dataDir, '..', 'file');
  await writeFile(file, '');
  await expect(startEmbedded({dataDir: file, database: 'raiz'})).rejects.toThrow(
    /a file stands where a folder should be/,
  );
});

it('makes a whole cluster where a first start was killed half-way', async () => {
  const folder = join(dataDir, '..', 'second');
  await mkdir(join(folder, 'pg', 'cluster.new-1'), {recursive: true});
  await writeFile(join(folder, 'pg', 'password'), 'kept\n', {mode: 0o600});
  await chmod(folder, 0o700);
  const {url} = await startEmbedded({dataDir: folder, database: 'raiz'});
  expect(new URL(url).password).toBe('kept');
  await stopEmbedded(folder);
});
