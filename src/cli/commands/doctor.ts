import {readFile, writeFile} from 'node:fs/promises';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {Command} from 'commander';
import policy from '../../../raiz.config.ts';
import {portals} from '../../../scrapers/index.ts';
import {type Env, PROGRAM_DIR, secretsOf, variablesSet} from '../../config/env.ts';
import {codeOf} from '../../db/explain.ts';
import {openDatabase} from '../../db/open.ts';
import {ConfigError, EXIT} from '../../domain/errors.ts';
import {makeBundle} from '../../health/bundle.ts';
import type {Check} from '../../health/check.ts';
import {type DoctorOptions, examine} from '../../health/doctor.ts';
import {installationOf} from '../context.ts';
import {print, printJson} from '../output.ts';

const MARKS = {ok: '✔', warning: '!', failed: '✖'} as const;

interface Flags {
  readonly demo?: boolean;
  readonly json?: boolean;
  readonly bundle?: string;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'check what this installation needs: program, folder, database, archive, browser, hosts, reviews',
    )
    .option(
      '--bundle <file>',
      'also write what a helper needs to know, without secrets: as help.json or help.json.gz',
    )
    .option('--demo', 'the simulated installation')
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      '\nNothing is changed but a small file that is written and removed.\n\nExamples:\n  raiz doctor\n  raiz doctor --bundle help.json\n\nExit codes: 0 well, warnings or not; 4 a check failed.',
    )
    .action(async (flags: Flags) => {
      const {dataDir, databaseName, env} = installationOf(flags);
      const configured = flags.demo === true ? [] : Object.keys(policy.portals);
      const options: DoctorOptions = {
        dataDir,
        nodeVersion: process.version,
        host: hostname(),
        contact: env.contact,
        portals: configured,
        browserPortals: configured.filter(id =>
          portals.some(portal => portal.id === id && portal.politeness.transport === 'browser'),
        ),
        chromium: env.chromium,
        openDatabase: () => openDatabase({env, dataDir, databaseName, migrate: false, max: 2}),
        now: new Date(),
      };
      const checks = await examine(options);
      if (flags.bundle !== undefined) await writeBundle(flags.bundle, options, checks, env);
      if (flags.json === true) printJson(checks);
      else {
        for (const {name, status, found, remedy} of checks)
          print(`${MARKS[status]} ${name}: ${found}${remedy === '' ? '' : `\n    → ${remedy}`}`);
        if (flags.bundle !== undefined) print(`\n${flags.bundle}: read it, then send it.`);
      }
      process.exitCode = checks.some(check => check.status === 'failed') ? EXIT.contract : EXIT.ok;
    });
}

async function writeBundle(
  file: string,
  options: DoctorOptions,
  checks: readonly Check[],
  env: Env,
): Promise<void> {
  const text = await makeBundle({
    ...options,
    ...{programDir: PROGRAM_DIR, policy, checks},
    variables: variablesSet(env),
    secrets: [...secretsOf(env), await keptKey(options.dataDir)],
  });
  try {
    await writeFile(file, file.endsWith('.gz') ? gzipSync(text) : text, {flag: 'wx', mode: 0o600});
  } catch (cause) {
    throw new ConfigError(`${file} can't be written (${codeOf(cause) ?? cause}). Name a new file.`, {cause});
  }
}

/** The key that the installation made for itself; empty without one. */
async function keptKey(dataDir: string): Promise<string> {
  try {
    return (await readFile(join(dataDir, 'hash-key'), 'utf8')).trim();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return '';
    throw error;
  }
}
