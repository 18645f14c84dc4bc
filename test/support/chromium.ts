/** Chromium in tests: whether this machine has one, and which processes of it run. */
import {readdirSync, readFileSync} from 'node:fs';
import {findChromium} from '../../src/crawl/chromium.ts';
import {ConfigError} from '../../src/domain/errors.ts';

/** Undefined: none here. Tests that need it skip, and say so in their names. */
export const CHROMIUM = chromiumHere();

/** To append to the names of tests that need Chromium. */
export const NEEDS_CHROMIUM = CHROMIUM === undefined ? ' (skipped: no Chromium on this machine)' : '';

function chromiumHere(): string | undefined {
  try {
    return findChromium(undefined);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Processes below this one whose command line names Chromium; Linux only, empty elsewhere. */
export function chromiumProcesses(): number[] {
  const all = processes();
  const below = new Set([process.pid]);
  for (let size = 0; size !== below.size; ) {
    size = below.size;
    for (const {pid, parent} of all) if (below.has(parent)) below.add(pid);
  }
  return all.filter(({pid, command}) => below.has(pid) && command.includes('chrom')).map(({pid}) => pid);
}

/** The one of them that Raíz started: the others are its children. */
export function browserProcess(): number | undefined {
  const found = new Set(chromiumProcesses());
  return processes().find(({pid, parent}) => found.has(pid) && !found.has(parent))?.pid;
}

/** Those that still run; one that ended and wasn't taken notice of by its parent doesn't. */
export function stillRunning(pids: readonly number[]): number[] {
  const running = new Set(processes().map(({pid}) => pid));
  return pids.filter(pid => running.has(pid));
}

function processes(): Process[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state = '', parent = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        return state === 'Z' ? [] : [{pid: Number(name), parent: Number(parent), command}];
      } catch {
        return []; // It ended while we looked.
      }
    });
}
