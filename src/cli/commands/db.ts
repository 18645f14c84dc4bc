/** `raiz db …`: the database itself. */
import {spawn} from 'node:child_process';
import {rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Command} from 'commander';
import {stringify} from 'csv-stringify/sync';
import type {Database} from '../../db/client.ts';
import {ensureDataDir} from '../../db/data-dir.ts';
import {stopEmbedded} from '../../db/embedded/server.ts';
import {addressOf, codeOf, explainDatabaseError} from '../../db/explain.ts';
import {readerUrl} from '../../db/reader.ts';
import {ConfigError} from '../../domain/errors.ts';
import {installationOf, withDatabase} from '../context.ts';
import {formatTable, print, printJson} from '../output.ts';
import {backupCommand, restoreCommand} from './db-backup.ts';

interface DbOptions {
  readonly demo?: boolean;
  readonly json?: boolean;
}

export function dbCommand(): Command {
  const db = new Command('db').description('The database: the embedded server, or the one in DATABASE_URL.');
  for (const command of [
    upCommand(),
    urlCommand(),
    psqlCommand(),
    queryCommand(),
    migrateCommand(),
    stopCommand(),
    backupCommand(),
    restoreCommand(),
  ]) {
    db.addCommand(command.option('--demo', 'the database of the demo'));
  }
  return db.addHelpText(
    'after',
    example('raiz db up', 'raiz db query "select * from ops.run order by run_id desc limit 5"'),
  );
}

function upCommand(): Command {
  return new Command('up')
    .description('Start the server if it is down, bring the tables up to date, say where it answers.')
    .option('--json', 'one JSON object')
    .addHelpText('after', example('raiz db up', 'raiz db up --demo --json'))
    .action((options: DbOptions) => report(options));
}

function migrateCommand(): Command {
  return new Command('migrate')
    .description('Bring tables and roles up to date; every command that opens the database does it too.')
    .option('--json', 'one JSON object')
    .addHelpText('after', example('raiz db migrate'))
    .action((options: DbOptions) => report(options));
}

function urlCommand(): Command {
  return new Command('url')
    .description('Print the address of the database, with its password, for psql, DBeaver, pandas.')
    .option('--reader', 'of the role that reads the views of schema api, nothing else')
    .addHelpText('after', example('raiz db url --reader', 'psql "$(raiz db url)"'))
    .action((options: DbOptions & {reader?: boolean}) =>
      withDatabase(options, async ({database}) =>
        print(
          options.reader === true
            ? await readerUrl(database, await readerPasswordFile(options))
            : database.url,
        ),
      ),
    );
}

function psqlCommand(): Command {
  return new Command('psql')
    .description('Open psql, when it is installed.')
    .argument('[arguments...]', 'arguments for psql, after --')
    .addHelpText('after', example('raiz db psql', "raiz db psql -- -c '\\dt core.*'"))
    .action((args: string[], options: DbOptions) =>
      withDatabase(options, async ({database, dataDir}) => {
        await database.close();
        await ensureDataDir(dataDir);
        process.exitCode = await runPsql(database.url, args, dataDir);
      }),
    );
}

function queryCommand(): Command {
  return new Command('query')
    .description('Run one SELECT in a read-only transaction and print its rows.')
    .argument('<sql>', 'one statement')
    .option('--json', 'a JSON array of objects')
    .option('--csv', 'CSV with a header')
    .addHelpText('after', example('raiz db query "select status, count(*) from core.listing group by 1"'))
    .action((text: string, options: DbOptions & {csv?: boolean}) =>
      withDatabase(options, async ({database}) => {
        const {columns, rows} = await readRows(database, text);
        if (options.json === true) printJson(rows);
        else if (options.csv === true)
          process.stdout.write(
            stringify(
              rows.map(row => columns.map(name => plain(row[name]))),
              {header: true, columns},
            ),
          );
        else
          print(
            `${formatTable(
              rows,
              columns.map(title => ({title, value: row => plain(row[title])})),
            )}\n${rows.length} rows`,
          );
      }),
    );
}

function stopCommand(): Command {
  return new Command('stop')
    .description(
      'Stop the embedded server of the data folder; the next command that needs it starts it again.',
    )
    .option('--json', 'one JSON object')
    .addHelpText('after', example('raiz db stop', 'raiz db stop --demo'))
    .action(async (options: DbOptions) => {
      const {dataDir, env} = installationOf(options);
      if (env.databaseUrl !== undefined) {
        throw new ConfigError(
          `DATABASE_URL is set: the server at ${addressOf(env.databaseUrl)} is yours to stop. Unset it to stop the embedded server.`,
        );
      }
      const stopped = await stopEmbedded(dataDir);
      if (options.json === true) printJson({stopped});
      else print(stopped ? 'The database server is stopped.' : 'The database server was not up.');
    });
}

function example(...lines: string[]): string {
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map(line => `  ${line}\n`).join('')}`;
}

async function report(options: DbOptions): Promise<void> {
  await withDatabase(options, async ({database, env}) => {
    const [server] = await database.sql<
      {version: string}[]
    >`select current_setting('server_version') as version`;
    const [applied] = await database.sql<
      {count: number}[]
    >`select count(*)::int from drizzle.__drizzle_migrations`;
    const facts = {
      address: addressOf(database.url),
      postgres: server?.version,
      embedded: env.databaseUrl === undefined,
      migrations: applied?.count,
      notices: database.notices,
    };
    if (options.json === true) return printJson(facts);
    print(
      `PostgreSQL ${facts.postgres} is up at ${facts.address}${facts.embedded ? ' (embedded)' : ' (DATABASE_URL)'}.`,
    );
    print(`Tables are up to date (${facts.migrations} migrations).`);
    for (const notice of facts.notices) print(`! ${notice}`);
  });
}

/** One installation on a server of the user's has one password, demo or not: the role belongs to the whole server. */
async function readerPasswordFile(options: DbOptions): Promise<string> {
  const {dataDir, env} = installationOf(options);
  if (env.databaseUrl === undefined) return join(dataDir, 'pg', 'reader-password');
  await ensureDataDir(env.dataDir);
  return join(env.dataDir, 'reader-password');
}

interface Rows {
  readonly columns: string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

async function readRows(database: Database, text: string): Promise<Rows> {
  try {
    const rows = await database.sql.begin('read only', async tx => {
      await tx.unsafe(text).describe(); // refuses several statements, which could leave the read-only transaction
      return tx.unsafe(text);
    });
    return {columns: rows.columns?.map(column => column.name) ?? [], rows: [...rows]};
  } catch (error) {
    const known = codeOf(error) === '25006' ? undefined : explainDatabaseError(error, database.url);
    if (known !== undefined || codeOf(error) === undefined || !(error instanceof Error)) throw known ?? error;
    const hint = 'hint' in error && typeof error.hint === 'string' ? ` ${error.hint}` : '';
    throw new ConfigError(`The query failed: ${error.message}.${hint} Correct the SQL.`, {cause: error});
  }
}

function plain(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return value;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Gives psql the password in a file: arguments can be read by every user of the machine. */
async function runPsql(url: string, args: readonly string[], dataDir: string): Promise<number> {
  const address = new URL(url);
  const passFile = join(dataDir, `.pgpass-${process.pid}`);
  const password = decodeURIComponent(address.password).replace(/[\\:]/g, '\\$&');
  await writeFile(passFile, `*:*:*:*:${password}\n`, {mode: 0o600});
  address.password = '';
  if (password !== '') address.searchParams.set('passfile', passFile);
  try {
    return await new Promise<number>((resolve, reject) => {
      const child = spawn('psql', [address.href, ...args], {stdio: 'inherit'});
      child.on('error', reject);
      child.on('close', code => resolve(code ?? 1));
    });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    print(
      `psql is not installed. Install the PostgreSQL client, or use \`raiz db query\`. The address for other programs:\n${url}`,
    );
    return 0;
  } finally {
    await rm(passFile, {force: true});
  }
}
