/** CPU time and memory of processes, as Linux tells them; 0 where there is no /proc (macOS). */
import {readFileSync} from 'node:fs';

export const TICKS_PER_SECOND = 100;

export interface ProcessTimes {
  readonly parent: number;
  /** Ticks of the process, user and system. */
  readonly own: number;
  /** Ticks of its children that ended. */
  readonly children: number;
}

/** Undefined when the process ended, or there is no /proc. */
export function statOf(pid: number): ProcessTimes | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // It ended meanwhile, or there is no /proc: the caller counts it as nothing.
  }
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const at = (n: number) => fields[n - 3] ?? 0;
  return {parent: at(4), own: at(14) + at(15), children: at(16) + at(17)};
}

/** CPU seconds of a process with its ended children since it started. */
export function cpuSecondsOf(pid: number): number {
  const stat = statOf(pid);
  return stat === undefined ? 0 : (stat.own + stat.children) / TICKS_PER_SECOND;
}

/** Largest resident memory of this process so far, MB of 1,000,000 bytes. */
export function peakMemoryMb(): number {
  let status: string;
  try {
    status = readFileSync('/proc/self/status', 'utf8');
  } catch {
    // No /proc: the figure of getrusage, which a process may inherit from the one that started it.
    return (process.resourceUsage().maxRSS * 1024) / 1e6;
  }
  return (Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024) / 1e6;
}
