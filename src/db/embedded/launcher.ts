/**
 * As whom the server's programs run. PostgreSQL refuses root, so root needs a way around:
 *
 * 1. a user namespace (`unshare --user`): outside it the files stay root's, so any folder works;
 * 2. a system user who keeps only the right to pass closed folders (`setpriv` with CAP_DAC_OVERRIDE): where namespaces are
 *    forbidden, as in most containers;
 * 3. a plain system user, with the programs copied into the data folder if theirs can't be read.
 */
import {spawn} from 'node:child_process';
import {chown, lstat, mkdtemp, readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {StorageError} from '../../domain/errors.ts';
import {copyNative, type NativeFolder} from './binaries.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface Launcher {
  /** For messages and `--json`. */
  readonly name: string;
  /** Command and arguments that stand before the program. */
  readonly prefix: readonly string[];
  /** Whom the server's files belong to; undefined: to whoever runs Raíz. */
  readonly owner?: Owner;
  /** The program itself is started as this user. */
  readonly spawnAs?: Owner;
}

export interface ProgramResult {
  readonly code: number | null;
  /** Standard output and error, in order. */
  readonly output: string;
}

export const DIRECT: Launcher = {name: 'direct', prefix: []};
const NAMESPACE: Launcher = {
  name: 'user namespace',
  prefix: ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'],
};

/** Runs one of the server's programs to its end. Never throws for a program that fails or is missing. */
export function runProgram(
  launcher: Launcher,
  program: string,
  args: readonly string[],
): Promise<ProgramResult> {
  const [command = program, ...rest] = [...launcher.prefix, program, ...args];
  return new Promise(resolve => {
    const child = spawn(command, rest, {
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      ...(launcher.spawnAs ?? {}),
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', chunk => chunks.push(chunk));
    child.stderr.on('data', chunk => chunks.push(chunk));
    child.on('error', error => resolve({code: null, output: error.message}));
    child.on('close', code => resolve({code, output: Buffer.concat(chunks).toString('utf8').trim()}));
  });
}

/**
 * The first way that works for this folder, tried by running `postgres --version` and writing beside the cluster.
 *
 * @param clusterOwner who owns the cluster, when there is one already.
 * @throws StorageError none works; says what was tried.
 */
export async function chooseLauncher(
  native: NativeFolder,
  pgFolder: string,
  clusterOwner: Owner | undefined,
  candidates?: readonly Launcher[],
): Promise<{launcher: Launcher; native: NativeFolder; version: string}> {
  const tried: string[] = [];
  for (const launcher of candidates ?? (await launchersHere(clusterOwner))) {
    const first = await tryLauncher(launcher, native, pgFolder);
    if (first.version !== undefined) return {launcher, native, version: first.version};
    tried.push(`${launcher.name}: ${first.reason}`);
    if (launcher.spawnAs === undefined || first.mayWrite !== true) continue;
    const copy = await copyNative(native, pgFolder);
    const second = await tryLauncher(launcher, copy, pgFolder);
    if (second.version !== undefined) return {launcher, native: copy, version: second.version};
    tried.push(`${launcher.name} with copied programs: ${second.reason}`);
  }
  throw new StorageError(
    `The embedded PostgreSQL server can't run here: ${tried.join('; ')}. ` +
      'Run Raíz as an ordinary user, put the data folder where other users may enter (RAIZ_DATA_DIR), or set DATABASE_URL to a PostgreSQL of yours.',
    {context: {pgFolder, tried}},
  );
}

/** Gives a folder and all in it to the launcher's user. */
export async function giveTo(launcher: Launcher, path: string): Promise<void> {
  if (launcher.owner === undefined) return;
  const {uid, gid} = launcher.owner;
  await chown(path, uid, gid);
  if (!(await lstat(path)).isDirectory()) return;
  for (const entry of await readdir(path, {recursive: true, withFileTypes: true})) {
    if (!entry.isSymbolicLink()) await chown(join(entry.parentPath, entry.name), uid, gid);
  }
}

/** The ways this user has, best first. */
export async function launchersHere(clusterOwner: Owner | undefined): Promise<Launcher[]> {
  if (process.getuid?.() !== 0) return [DIRECT];
  if (clusterOwner !== undefined && clusterOwner.uid !== 0)
    return asUser(`uid ${clusterOwner.uid}`, clusterOwner);
  const launchers = process.platform === 'linux' ? [NAMESPACE] : [];
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const owner = await findUser(name);
    if (owner !== undefined) launchers.push(...asUser(`user ${name}`, owner));
  }
  return launchers;
}

function asUser(name: string, owner: Owner): Launcher[] {
  const plain: Launcher = {name, prefix: [], owner, spawnAs: owner};
  if (process.platform !== 'linux') return [plain];
  const {uid, gid} = owner;
  // `no_setuid_fixup`: else access(2), by which PostgreSQL looks for its own programs, ignores the capability.
  const change = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--securebits=+no_setuid_fixup'];
  const keep = ['--inh-caps', '--ambient-caps', '--bounding-set'].map(set => `${set}=-all,+dac_override`);
  return [{name: `${name} through setpriv`, prefix: ['setpriv', ...change, ...keep, '--'], owner}, plain];
}

async function findUser(name: string): Promise<Owner | undefined> {
  const [uid, gid] = await Promise.all([
    runProgram(DIRECT, 'id', ['-u', name]),
    runProgram(DIRECT, 'id', ['-g', name]),
  ]);
  return uid.code === 0 && gid.code === 0 ? {uid: Number(uid.output), gid: Number(gid.output)} : undefined;
}

interface Trial {
  readonly version?: string;
  /** The folder is open to this way; only the programs were not. */
  readonly mayWrite?: boolean;
  readonly reason?: string;
}

async function tryLauncher(launcher: Launcher, native: NativeFolder, pgFolder: string): Promise<Trial> {
  const postgres = join(native, 'bin', 'postgres');
  if (launcher === DIRECT) return versionIn(await runProgram(launcher, postgres, ['--version']));
  const probe = await mkdtemp(join(pgFolder, 'probe-'));
  try {
    await giveTo(launcher, probe);
    const script = 'touch "$1/file" || exit 3; exec "$2" --version';
    const result = await runProgram(launcher, 'sh', ['-c', script, 'sh', probe, postgres]);
    return {...versionIn(result), mayWrite: result.code !== 3};
  } finally {
    await rm(probe, {recursive: true, force: true});
  }
}

function versionIn({code, output}: ProgramResult): Trial {
  const version = /PostgreSQL\) (\d+)/.exec(output)?.[1];
  return code === 0 && version !== undefined
    ? {version}
    : {reason: output.split('\n').slice(0, 3).join(' ') || `exit code ${code}`};
}
