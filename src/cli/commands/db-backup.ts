/** `raiz db backup|restore`. */
import {join, resolve} from 'node:path';
import {Command} from 'commander';
import {backUp} from '../../db/backup.ts';
import {ensureDataDir} from '../../db/data-dir.ts';
import {addressOf} from '../../db/explain.ts';
import {openDatabase} from '../../db/open.ts';
import {checkRestore, restoreBackup, restoreInto} from '../../db/restore.ts';
import {ConfigError} from '../../domain/errors.ts';
import {installationOf, withDatabase} from '../context.ts';
import {formatCount, formatSeconds, print, printJson} from '../output.ts';

interface Flags {
  readonly demo?: boolean;
  readonly json?: boolean;
  readonly check?: boolean;
  readonly into?: string;
}

export function backupCommand(): Command {
  return new Command('backup')
    .description(
      'Write all tables, of one instant, into a new folder; crawls and stages may go on meanwhile.',
    )
    .argument('[folder]', 'must not exist yet; <data>/backups/<time> unless told')
    .option('--json', 'the manifest, with its folder')
    .addHelpText(
      'after',
      '\nExamples:\n  raiz db backup\n  raiz db backup /mnt/backups/raiz-$(date +%F) && raiz db restore /mnt/backups/raiz-$(date +%F) --check\n',
    )
    .action((given: string | undefined, flags: Flags) =>
      withDatabase(flags, async ({database, dataDir}) => {
        const now = new Date();
        const name = now.toISOString().slice(0, 19).replaceAll(':', '-');
        const folder = given === undefined ? join(dataDir, 'backups', name) : resolve(given);
        const manifest = await backUp(database, folder, now);
        if (flags.json === true) return printJson({folder, ...manifest});
        const total = (count: (table: (typeof manifest.tables)[number]) => number) =>
          manifest.tables.reduce((sum, table) => sum + count(table), 0);
        const size = `${(total(table => table.bytes) / 1e6).toFixed(1)} MB`;
        print(
          `${folder}: ${manifest.tables.length} tables, ${formatCount(total(table => table.rows))} rows, ${size}`,
        );
        print(
          `Copy raw/, models/, releases/ and hash-key of ${dataDir} beside it: they are files, not rows.`,
        );
        print(`Try it out: raiz db restore ${folder} --check`);
      }),
    );
}

export function restoreCommand(): Command {
  return new Command('restore')
    .description('Bring a backup back into an empty database; all of it or nothing.')
    .argument('<folder>', 'what `raiz db backup` wrote')
    .option('--check', 'the drill: restore into a scratch database, compare every table, drop it')
    .option('--into <name>', 'a new database of the same server')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  raiz db restore data/backups/2026-05-01T03-00-00 --check\n  raiz db restore data/backups/2026-05-01T03-00-00 --into raiz_of_may\n',
    )
    .action((folder: string, flags: Flags) => restore(resolve(folder), flags));
}

async function restore(folder: string, flags: Flags): Promise<void> {
  if (flags.check === true && flags.into !== undefined) {
    throw new ConfigError('--check uses a scratch database of its own: leave --into out.');
  }
  const {dataDir, databaseName, env} = installationOf(flags);
  await ensureDataDir(dataDir);
  // Not migrated: an empty database gets the tables of the backup's version first.
  const database = await openDatabase({env, dataDir, databaseName, migrate: false});
  await database.close();
  const {url} = database;
  const done =
    flags.check === true
      ? {...(await checkRestore(url, folder)), url}
      : flags.into === undefined
        ? {...(await restoreBackup(url, folder)), url}
        : await restoreInto(url, flags.into, folder);
  const {tables, rows, seconds, manifest} = done;
  const isDrill = flags.check === true;
  if (flags.json === true) {
    const address = isDrill ? null : addressOf(done.url);
    return printJson({isDrill, isEqual: true, tables, rows, seconds, takenAt: manifest.takenAt, address});
  }
  const what = `${tables} tables, ${formatCount(rows)} rows of ${manifest.takenAt}, every count and checksum equal (${formatSeconds(seconds)})`;
  print(
    isDrill ? `The backup can be restored: ${what}. The scratch database is dropped.` : `Restored: ${what}.`,
  );
  if (isDrill) return;
  print(`It is at ${addressOf(done.url)}.`);
  print('Next, once raw/, models/, releases/ and hash-key are back in the data folder:');
  print('  raiz archive verify   every page of the database is in the archive');
  print('  raiz schedule         registers the crawls of raiz.config.ts: queues are not in a backup');
}
