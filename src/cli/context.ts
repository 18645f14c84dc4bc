import {join} from 'node:path';
import {type Env, env as readProcessEnv} from '../config/env.ts';
import {installationHashKey} from '../config/hash-key.ts';
import type {Database} from '../db/client.ts';
import {ensureDataDir} from '../db/data-dir.ts';
import {explainDatabaseError, withoutParameters} from '../db/explain.ts';
import {type DatabaseName, openDatabase} from '../db/open.ts';
import {RaizError} from '../domain/errors.ts';
import {type Log, openLog} from './log.ts';

/** What a command works on: one installation, real or simulated. */
export interface CommandContext {
  readonly database: Database;
  /** Folder of this installation: archive, models, releases, embedded server. */
  readonly dataDir: string;
  readonly env: Env;
  /** Secret of the advertisers' pseudonyms. */
  readonly hashKey: string;
  readonly log: Log;
  /** The demo's installation: own folder, own database, every row marked synthetic. */
  readonly isDemo: boolean;
}

export interface InstallationOptions {
  readonly demo?: boolean | undefined;
}

/** Folder and database name of an installation; the demo never shares either with real data. */
export function installationOf(options: InstallationOptions): {
  dataDir: string;
  databaseName: DatabaseName;
  env: Env;
} {
  const env = readProcessEnv();
  return options.demo === true
    ? {dataDir: join(env.dataDir, 'demo'), databaseName: 'raiz_demo', env}
    : {dataDir: env.dataDir, databaseName: 'raiz', env};
}

/** Opens the installation's database (starting the embedded server when needed), runs `work`, and closes it. */
export async function withDatabase<Result>(
  options: InstallationOptions,
  work: (context: CommandContext) => Promise<Result>,
): Promise<Result> {
  const {dataDir, databaseName, env} = installationOf(options);
  await ensureDataDir(dataDir);
  const hashKey = installationHashKey(dataDir, env.hashKey);
  const log = openLog(dataDir, env);
  const database = await openDatabase({env, dataDir, databaseName});
  try {
    for (const notice of database.notices) {
      process.stderr.write(`! ${notice}\n`);
      log.warn(notice);
    }
    return await work({database, dataDir, env, hashKey, log, isDemo: options.demo === true});
  } catch (error) {
    const bare = explainDatabaseError(error, database.url) ?? withoutParameters(error);
    log.error(
      {code: bare instanceof RaizError ? bare.code : 'BUG'},
      bare instanceof Error ? bare.message : String(bare),
    );
    throw bare;
  } finally {
    await database.close();
  }
}
