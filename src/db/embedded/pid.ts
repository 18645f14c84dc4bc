/** What is known of a process id. */
import {readFile} from 'node:fs/promises';
import {codeOf} from '../explain.ts';
import {DIRECT, runProgram} from './launcher.ts';

export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, but another user's.
    return codeOf(error) === 'EPERM';
  }
}

/** True when the process is alive and a PostgreSQL server of this cluster: pids are given again after a crash or reboot. */
export async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const command = await commandOf(pid);
  return command.includes('postgres') && (process.platform === 'win32' || command.includes(cluster));
}

async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    try {
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return '';
      throw error;
    }
  }
  const listed =
    process.platform === 'win32'
      ? await runProgram(DIRECT, 'tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'])
      : await runProgram(DIRECT, 'ps', ['-o', 'command=', '-p', String(pid)]);
  return listed.output;
}
