import {existsSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {Command} from 'commander';
import {releaseStage} from '../../../pipelines/release/stage.ts';
import {listReleases, type ReleaseRecord} from '../../db/releases.ts';
import {ConfigError, ContractError, EXIT} from '../../domain/errors.ts';
import {readManifest, releasesDir} from '../../release/folder.ts';
import {type ReleaseCheck, verifyRelease} from '../../release/verify.ts';
import {type CommandContext, installationOf, withDatabase} from '../context.ts';
import {formatCount, formatTable, print, printJson} from '../output.ts';

interface Flags {
  readonly demo?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function releaseCommand(): Command {
  const command = new Command('release').description('files of the data: build, check, list');
  command
    .command('build')
    .description(
      'write listings, price history, scores and spells as a new version; nothing when no row changed',
    )
    .option('--dry-run', 'build and check everything, keep nothing')
    .option('--demo', 'on the simulated installation')
    .option('--json', 'print the release as JSON')
    .addHelpText('after', '\nExample:\n  raiz release build --dry-run\n  raiz release build --json')
    .action((flags: Flags) => withDatabase({demo: flags.demo}, context => build(context, flags)));
  command
    .command('verify')
    .description(
      'recompute checksums and reopen every file of a release, or of a copy of one; needs no database',
    )
    .argument('<folder|version>', 'a folder, or a version such as 2026.11.1')
    .option('--demo', 'look for the version in the simulated installation')
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  raiz release verify 2026.11.1\n  raiz release verify ~/Downloads/2026.11.1',
    )
    .action((target: string, flags: Flags) => verify(target, flags));
  command
    .command('list')
    .description('releases built so far, newest first')
    .option('--demo', 'of the simulated installation')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExample:\n  raiz release list')
    .action((flags: Flags) => withDatabase({demo: flags.demo}, context => list(context, flags)));
  return command;
}

async function build(context: CommandContext, flags: Flags): Promise<void> {
  const {database, dataDir} = context;
  const say = (line: string) => {
    if (flags.json !== true) print(line);
  };
  const newestBefore = (await listReleases(database.orm))[0];
  const isLost = newestBefore !== undefined && !existsSync(folderOf(dataDir, newestBefore));
  if (isLost) say(`the folder of ${newestBefore.version} is gone; the files are made again as a new version`);
  const report = await releaseStage.run(database, {
    now: () => new Date(),
    dataDir,
    options: {dryRun: flags.dryRun === true, rebuild: isLost},
    onProgress: ({note}) => {
      if (note !== undefined) say(`  ${note}`);
    },
  });
  const newest = (await listReleases(database.orm))[0];
  if (flags.dryRun === true && report.keysFound > 0) {
    if (flags.json === true) printJson({isDryRun: true, counts: report.counts});
    else print('dry run: every check passed, nothing was kept');
    return;
  }
  if (newest === undefined) {
    throw new ContractError(
      'nothing to release: the database holds no listings. Bring some with `raiz import <file>` or `raiz crawl`, then run `raiz stage all`.',
    );
  }
  const isNew = report.counts.releases === 1;
  const folder = folderOf(dataDir, newest);
  if (flags.json === true) {
    printJson({version: newest.version, isNew, folder, manifest: await readManifest(folder)});
    return;
  }
  print(
    isNew
      ? `${title(newest)}: ${formatCount(newest.listings)} listings in ${folder}`
      : `no row changed since ${title(newest)}; it stays the newest release: ${folder}`,
  );
  if (isNew)
    print(
      'tier internal: exact coordinates, not to be published. Check a copy with `raiz release verify <folder>`.',
    );
}

async function verify(target: string, flags: Flags): Promise<void> {
  const check = await verifyRelease(folderOfTarget(target, flags));
  const bad = check.files.filter(file => file.faults.length > 0);
  if (flags.json === true)
    printJson({
      version: check.manifest.version,
      folder: check.folder,
      isWhole: bad.length === 0,
      files: check.files,
    });
  else print(checkTable(check));
  if (bad.length === 0) {
    if (flags.json !== true)
      print(`\n${check.manifest.version} is whole: ${check.files.length} files as the manifest says.`);
    return;
  }
  if (flags.json === true) {
    process.exitCode = EXIT.contract;
    return;
  }
  throw new ContractError(
    `${check.folder} is not whole: ${bad.map(file => file.name).join(', ')}. Copy the release again from where it was built.`,
    {context: {files: bad}},
  );
}

async function list({database, dataDir}: CommandContext, flags: Flags): Promise<void> {
  const releases = await listReleases(database.orm);
  if (flags.json === true) {
    printJson(
      releases.map(({manifest: _manifest, ...row}) => ({
        ...row,
        isOnDisk: existsSync(folderOf(dataDir, row)),
      })),
    );
    return;
  }
  if (releases.length === 0) {
    print('no release yet. Build one with `raiz release build`.');
    return;
  }
  print(
    formatTable(releases, [
      {title: 'version', value: title},
      {title: 'tier', value: row => row.tier},
      {title: 'built', value: row => row.builtAt.toISOString().slice(0, 16).replace('T', ' ')},
      {title: 'listings', align: 'right', value: row => row.listings},
      {
        title: 'folder',
        value: row => (existsSync(folderOf(dataDir, row)) ? folderOf(dataDir, row) : 'gone from the disk'),
      },
    ]),
  );
}

function checkTable({files}: ReleaseCheck): string {
  return formatTable(files, [
    {title: 'file', value: file => file.name},
    {title: 'rows', align: 'right', value: file => file.rows},
    {title: 'bytes', align: 'right', value: file => file.bytes},
    {title: 'check', value: file => (file.faults.length === 0 ? 'ok' : file.faults.join(', '))},
  ]);
}

function folderOfTarget(target: string, flags: Flags): string {
  const folder = resolve(target);
  if (existsSync(folder)) return folder;
  const ofVersion = join(releasesDir(installationOf({demo: flags.demo}).dataDir), target);
  if (existsSync(ofVersion)) return ofVersion;
  throw new ConfigError(
    `no release at ${folder} nor at ${ofVersion}. \`raiz release list\` names the versions there are.`,
  );
}

function folderOf(dataDir: string, release: Pick<ReleaseRecord, 'folder'>): string {
  return join(dataDir, release.folder);
}

function title({version, isSynthetic}: ReleaseRecord): string {
  return isSynthetic ? `${version} (SIMULADO)` : version;
}
