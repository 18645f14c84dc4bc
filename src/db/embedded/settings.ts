/** Settings of the embedded server, written to `raiz.conf` in the cluster before each start. */

import {randomInt} from 'node:crypto';
import {readFile, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {StorageError} from '../../domain/errors.ts';
import {codeOf} from '../explain.ts';

const FILE = 'raiz.conf';

/** Line that `postgresql.conf` of a new cluster ends with. */
export const INCLUDE_LINE = `\ninclude '${FILE}'\n`;

/**
 * A small server for one machine. What was acknowledged survives kill -9 and power loss (`fsync`, `synchronous_commit`
 * are on by default). Loopback only, no socket file: its path could exceed 107 bytes. The log never holds statements or
 * rows, which may be private.
 */
function settingsText(port: number): string {
  const settings: Record<string, string | number> = {
    listen_addresses: `'127.0.0.1'`,
    port,
    unix_socket_directories: `''`,
    // Shared memory of parallel queries in /dev/shm would end at the 64 MB of a container.
    ...(process.platform === 'linux' ? {dynamic_shared_memory_type: 'sysv'} : {}),
    max_connections: 100,
    shared_buffers: `'256MB'`,
    work_mem: `'32MB'`,
    maintenance_work_mem: `'128MB'`,
    effective_cache_size: `'1GB'`,
    max_wal_size: `'1GB'`,
    jit: 'off',
    timezone: `'UTC'`,
    log_timezone: `'UTC'`,
    log_line_prefix: `'%m [%p] '`,
    log_checkpoints: 'off',
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

export async function writeSettings(cluster: string, port: number): Promise<string> {
  const path = join(cluster, FILE);
  await writeFile(path, settingsText(port), {mode: 0o600});
  return path;
}

/** The port of the last start, so that addresses handed out stay right; undefined before the first. */
export async function rememberedPort(cluster: string): Promise<number | undefined> {
  try {
    const port = /^port = (\d+)$/m.exec(await readFile(join(cluster, FILE), 'utf8'))?.[1];
    return port === undefined ? undefined : Number(port);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A loopback port nobody listens on, below the range that systems give to outgoing connections. */
export async function findFreePort(preferred: number | undefined): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new StorageError(
    'No free port for the database server was found on 127.0.0.1. End programs that listen there.',
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({port, host: '127.0.0.1', exclusive: true}, () => server.close(() => resolve(true)));
  });
}
