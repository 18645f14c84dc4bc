/** Commands run in this process, in an installation of the test file's own, and what they print. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Command} from 'commander';
import {afterAll, afterEach, beforeEach, vi} from 'vitest';
import type {Database} from '../../src/db/client.ts';

export interface CommandBench {
  /** Data folder of the installation. */
  readonly folder: string;
  /** Runs one command line; the result is what it printed. */
  readonly run: (...args: string[]) => Promise<string>;
}

/** Registers the hooks of a test file. `database` is asked before each test, when it has been opened. */
export function commandBench(command: () => Command, database: () => Database): CommandBench {
  const folder = mkdtempSync(join(tmpdir(), 'raiz-command-'));
  let output = '';
  beforeEach(() => {
    vi.stubEnv('DATABASE_URL', database().url);
    vi.stubEnv('RAIZ_DATA_DIR', folder);
    vi.spyOn(process.stdout, 'write').mockImplementation(text => {
      output += String(text);
      return true;
    });
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });
  afterAll(() => rmSync(folder, {recursive: true}));
  const run = async (...args: string[]): Promise<string> => {
    output = '';
    await command().exitOverride().parseAsync(args, {from: 'user'});
    return output;
  };
  return {folder, run};
}
