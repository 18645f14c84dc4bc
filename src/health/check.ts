/** One thing that was looked at, and what to do about it. */
export interface Check {
  readonly name: string;
  /** `warning`: works, but somebody should know. */
  readonly status: 'ok' | 'warning' | 'failed';
  readonly found: string;
  /** What to do; empty when there is nothing. */
  readonly remedy: string;
}

/** A check that throws is a failed check. */
export async function guarded(name: string, work: () => Promise<Check>): Promise<Check> {
  try {
    return await work();
  } catch (error) {
    return failed(name, wordsOf(error), '');
  }
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function ok(name: string, found: string): Check {
  return {name, status: 'ok', found, remedy: ''};
}

export function warning(name: string, found: string, remedy: string): Check {
  return {name, status: 'warning', found, remedy};
}

export function failed(name: string, found: string, remedy: string): Check {
  return {name, status: 'failed', found, remedy};
}
