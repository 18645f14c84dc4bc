/** The one door to the database: `DATABASE_URL` when it is set, else the embedded server of the data folder. */
import {ConfigError} from '../domain/errors.ts';
import {connectDatabase, type Database} from './client.ts';
import {runningEmbedded, startEmbedded} from './embedded/server.ts';
import {codeOf, explainDatabaseError} from './explain.ts';
import {migrateDatabase} from './migrate.ts';

/** The demo has a database of its own, so that simulated rows never stand beside real ones. */
export type DatabaseName = 'raiz' | 'raiz_demo';

export interface OpenOptions {
  readonly env: {readonly databaseUrl?: string | undefined};
  /** Absolute; the embedded server lives in `<dataDir>/pg`. */
  readonly dataDir: string;
  readonly databaseName: DatabaseName;
  /** False: leave the tables as they are. Default true. */
  readonly migrate?: boolean;
  readonly max?: number;
}

/**
 * Opens the database, starting or reviving the embedded server where it is used, and brings its tables up to date.
 *
 * @throws ConfigError wrong DATABASE_URL; StorageError unreachable server, full or read-only disk.
 */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const url = await databaseUrl(options);
  const database = await connectDatabase(url, options.max === undefined ? {} : {max: options.max});
  if (options.migrate === false) return database;
  try {
    const notices = await migrateDatabase(url);
    return {...database, notices};
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * Opens the database as it stands, for commands that only look: starts no server, makes no database, changes no table.
 *
 * @returns undefined when the embedded server isn't up or lacks the database.
 * @throws as `openDatabase`, where DATABASE_URL is set and doesn't answer.
 */
export async function openRunningDatabase(
  options: Pick<OpenOptions, 'env' | 'dataDir' | 'databaseName'>,
): Promise<Database | undefined> {
  const {env, dataDir, databaseName} = options;
  const {databaseUrl} = env;
  if (databaseUrl !== undefined) {
    const url = databaseName === 'raiz_demo' ? withDatabase(databaseUrl, 'raiz_demo') : databaseUrl;
    return connectExisting(url);
  }
  const url = await runningEmbedded(dataDir, databaseName);
  return url === undefined ? undefined : connectExisting(url);
}

async function connectExisting(url: string): Promise<Database | undefined> {
  try {
    return await connectDatabase(url, {max: 1});
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    // 3D000: the server is there, the database isn't yet; whoever collects first makes it.
    if (codeOf(error) === '3D000' || codeOf(cause) === '3D000') return undefined;
    throw error;
  }
}

/** Address of the database, which exists and answers when this returns. */
async function databaseUrl({env, dataDir, databaseName}: OpenOptions): Promise<string> {
  if (env.databaseUrl === undefined) return (await startEmbedded({dataDir, database: databaseName})).url;
  if (databaseName === 'raiz_demo') return demoUrl(env.databaseUrl);
  if (databaseIn(env.databaseUrl) === 'raiz_demo') {
    throw new ConfigError(
      'DATABASE_URL names the database "raiz_demo", which holds the simulated rows of the demo. Name another database.',
    );
  }
  return env.databaseUrl;
}

/** On a server of the user the demo makes its own database and leaves theirs alone. */
async function demoUrl(userUrl: string): Promise<string> {
  const url = withDatabase(userUrl, 'raiz_demo');
  const server = await connectDatabase(userUrl, {max: 1});
  try {
    await createDatabase(server, 'raiz_demo');
  } finally {
    await server.close();
  }
  return url;
}

/** Creates a database unless it exists; two processes may do so at once. */
async function createDatabase(server: Database, name: string): Promise<void> {
  const [known] = await server.sql`select 1 from pg_database where datname = ${name}`;
  if (known !== undefined) return;
  try {
    await server.sql`create database ${server.sql(name)}`;
  } catch (error) {
    const code = codeOf(error);
    if (code === '42P04' || code === '23505') return; // another process was faster
    throw explainDatabaseError(error, server.url) ?? error;
  }
}

export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(name)}`;
  return changed.href;
}

function databaseIn(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}
