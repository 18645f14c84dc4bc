/** `raiz archive …`: the pages that were kept. */
import {Command} from 'commander';
import {z} from 'zod';
import policy from '../../../raiz.config.ts';
import {findPortal} from '../../../scrapers/index.ts';
import {exportArchive} from '../../archive/export.ts';
import {type ArchiveImportReport, importArchive} from '../../archive/import.ts';
import {type PrunePlan, planPrune, prune} from '../../archive/prune.ts';
import {type ArchiveVerification, type Finding, verifyFiles} from '../../archive/verify.ts';
import {ConfigError, EXIT} from '../../domain/errors.ts';
import {bogotaDay} from '../../lib/bogota-day.ts';
import {withDatabase} from '../context.ts';
import {formatCount, formatSeconds, formatTable, print, printJson} from '../output.ts';
import {runSteps} from '../progress.ts';

interface Flags {
  readonly portal?: string;
  readonly demo?: boolean;
  readonly json?: boolean;
}

const DAY_MS = 86_400_000;
/** Findings of one kind that are printed; `--json` has all. */
const MOST_SHOWN = 50;

export function archiveCommand(): Command {
  const archive = new Command('archive').description(
    'The pages that were kept: prove them, bring in old ones, hand copies on.',
  );
  for (const command of [verifyCommand(), importCommand(), exportCommand(), pruneCommand()]) {
    archive.addCommand(
      command.option('--demo', 'of the simulated installation').option('--json', 'print as JSON'),
    );
  }
  return archive.addHelpText('after', '\nExamples:\n  raiz archive verify\n  raiz archive export --help\n');
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('read every file and page of the archive and compare it with what was stored')
    .option('--portal <id>', 'of this portal only')
    .addHelpText(
      'after',
      '\nExamples:\n  raiz archive verify\n  raiz archive verify --portal fincaraiz --json\n' +
        '\nExit codes: 0 all is there, 4 something is lost, changed or foreign.',
    )
    .action((flags: Flags) =>
      withDatabase(flags, async ({database, dataDir}) => {
        let found: ArchiveVerification | undefined;
        const run = async (say: (line: string) => void) => {
          const onProgress = (files: number, of: number) => say(`${files} of ${of} files`);
          found = await verifyFiles(database.orm, {dataDir, portal: flags.portal, onProgress});
          return `${formatCount(found.files)} files · ${formatCount(found.pages)} pages · ${megabytes(found.bytes)}`;
        };
        await runSteps([{title: 'archive', run}], {quiet: flags.json === true});
        if (found === undefined) return;
        if (flags.json === true) printJson(found);
        else printVerification(found);
        process.exitCode = found.problems.length > 0 ? EXIT.contract : EXIT.ok;
      }),
    );
}

function printVerification({pages, problems, notes}: ArchiveVerification): void {
  if (notes.length > 0) print(`\nLeft over, no harm:\n${findingLines(notes)}`);
  if (problems.length > 0) print(`\n✖ ${problems.length} things are wrong:\n${findingLines(problems)}`);
  else print(pages === 0 ? '\nNothing is archived yet.' : '\n✔ Every page is as it was stored.');
}

function findingLines(findings: readonly Finding[]): string {
  const lines = findings
    .slice(0, MOST_SHOWN)
    .map(({file, what, remedy}) => `  raw/${file}: ${what}\n    → ${remedy}`);
  const more = findings.length - lines.length;
  return [...lines, ...(more > 0 ? [`  … and ${more} more: --json`] : [])].join('\n');
}

function importCommand(): Command {
  return new Command('import')
    .description(
      'take pages of a portal out of web-archive files (WARC) as dated history; no request is sent',
    )
    .argument(
      '<file...>',
      'WARC files, gzipped or not: of Common Crawl, of a browser, of raiz archive export',
    )
    .requiredOption('--portal <id>', 'the portal the pages are of')
    .option('--dry-run', 'read, check and count everything, and store nothing')
    .addHelpText(
      'after',
      '\nPages are redacted before they are stored, dated by their record, and prove no absence. A second time changes' +
        '\nnothing. What the portal file can’t read is counted, and kept only as status, size and digest.\n' +
        '\nExample:\n  raiz archive import CC-MAIN-2023-fincaraiz.warc.gz --portal fincaraiz && raiz stage all\n',
    )
    .action((files: string[], flags: Flags & {portal: string; dryRun?: boolean}) =>
      withDatabase(flags, async ({database, dataDir, hashKey, log, isDemo}) => {
        const portal = findPortal(flags.portal);
        const reports: ArchiveImportReport[] = [];
        const steps = files.map(file => ({
          title: file,
          run: async (say: (line: string) => void) => {
            const report = await importArchive(file, {
              ...{database, dataDir, portal, hashKey, now: new Date(), isSynthetic: isDemo},
              dryRun: flags.dryRun === true,
              onProgress: records => say(`${formatCount(records)} records`),
            });
            reports.push(report);
            log.info(report, 'archive import');
            return `${formatCount(report.records)} records · ${formatSeconds(report.seconds)}`;
          },
        }));
        await runSteps(steps, {quiet: flags.json === true});
        if (flags.json === true) printJson(reports);
        else for (const report of reports) printImport(report);
        if (flags.json === true) return;
        print(flags.dryRun === true ? '\nDry run: nothing was stored.' : '\nNext: raiz stage all');
      }),
    );
}

function printImport(report: ArchiveImportReport): void {
  const {file, days, stored, known, skipped} = report;
  print(`\n${file}`);
  if (days.length > 0)
    print(
      formatTable(days, [
        {title: 'day', value: day => day.observedOn},
        {title: 'pages', align: 'right', value: day => day.pages},
        {title: 'listings', align: 'right', value: day => day.listings},
      ]),
    );
  printCounts('stored', stored);
  if (known > 0) print(`known already: ${formatCount(known)}`);
  printCounts('passed over', skipped);
}

function printCounts(title: string, counts: Readonly<Record<string, number>>): void {
  const parts = Object.entries(counts).map(([name, count]) => `${name} ${formatCount(count)}`);
  if (parts.length > 0) print(`${title}: ${parts.join(' · ')}`);
}

function exportCommand(): Command {
  return new Command('export')
    .description(
      'write redacted pages into one WARC file that other tools, and raiz archive import, can read',
    )
    .requiredOption('--out <file>', 'a new file, as pages.warc.gz')
    .option('--portal <id>', 'of this portal only')
    .option('--from <day>', 'fetched on this Bogotá day or later, YYYY-MM-DD')
    .option('--to <day>', 'fetched on this Bogotá day or before, YYYY-MM-DD')
    .addHelpText(
      'after',
      '\nThe first record says what may be done with it. Pages that were rejected or can’t be read are left out.\n' +
        '\nExample:\n  raiz archive export --portal fincaraiz --from 2026-11-01 --out fincaraiz-2026-11.warc.gz\n',
    )
    .action((flags: Flags & {out: string; from?: string; to?: string}) =>
      withDatabase(flags, async ({database, dataDir, isDemo}) => {
        const {portal, out} = flags;
        const days = {from: checkDay('--from', flags.from), to: checkDay('--to', flags.to)};
        const about = {dataDir, out, portal, ...days, isSynthetic: isDemo, now: new Date()};
        const written = await exportArchive(database.orm, about);
        if (flags.json === true) printJson(written);
        else print(`${written.file}: ${formatCount(written.pages)} pages, ${megabytes(written.bytes)}`);
      }),
    );
}

function pruneCommand(): Command {
  return new Command('prune')
    .description('give up old pages: whole archive files that are older than a day, parsed and finished')
    .option('--before <day>', 'the first day that stays, YYYY-MM-DD; archive.keepDays of raiz.config.ts ago')
    .option('--portal <id>', 'of this portal only')
    .option('--dry-run', 'say what would go, and remove nothing')
    .option('--yes', 'remove it')
    .addHelpText(
      'after',
      '\nListings, prices and histories stay, also under raiz stage parse --rebuild; but a better parser can no longer' +
        '\nread these pages, and the database is then the only place that holds what they said: back it up first.\n' +
        '\nExamples:\n  raiz archive prune --before 2026-01-01 --dry-run\n  raiz db backup && raiz archive prune --before 2026-01-01 --yes\n',
    )
    .action((flags: Flags & {before?: string; dryRun?: boolean; yes?: boolean}) =>
      withDatabase(flags, async ({database, dataDir, log}) => {
        const now = new Date();
        const before = checkDay('--before', flags.before) ?? dayOfPolicy(now);
        const plan = await planPrune(database, {dataDir, before, portal: flags.portal});
        const isDone = flags.yes === true && flags.dryRun !== true && plan.files.length > 0;
        if (isDone) {
          await prune(database, {dataDir, plan, now});
          log.info({before, files: plan.files.length, bytes: plan.bytes}, 'archive prune');
        }
        if (flags.json === true) printJson({...plan, isDone});
        else printPlan(plan, isDone);
        if (flags.yes === true || flags.dryRun === true || plan.files.length === 0) return;
        throw new ConfigError('Nothing was removed. Add --yes to remove these files; they don’t come back.');
      }),
    );
}

/** @throws ConfigError when the policy keeps everything. */
function dayOfPolicy(now: Date): string {
  const keepDays = policy.archive?.keepDays;
  if (keepDays === undefined)
    throw new ConfigError(
      'raiz.config.ts keeps all pages. Say --before <day>, or set archive: {keepDays: …} there.',
    );
  return bogotaDay(new Date(now.getTime() - keepDays * DAY_MS));
}

function printPlan({before, files, pages, bytes, kept}: PrunePlan, isDone: boolean): void {
  if (files.length > 0)
    print(
      formatTable(files, [
        {title: 'file', value: file => file.file},
        {title: 'pages', align: 'right', value: file => file.pages},
        {title: 'newest', value: file => bogotaDay(file.newestAt)},
        {title: 'size', align: 'right', value: file => megabytes(file.bytes)},
      ]),
    );
  for (const {file, why} of kept) print(`stays: ${file}: ${why}`);
  const what = `${formatCount(files.length)} files, ${formatCount(pages)} pages, ${megabytes(bytes)} from before ${before}`;
  if (files.length === 0) print(`No archive file is from before ${before} as a whole.`);
  else print(isDone ? `Removed ${what}.` : `Would go: ${what}.`);
}

function checkDay(flag: string, day: string | undefined): string | undefined {
  if (day !== undefined && !z.iso.date().safeParse(day).success)
    throw new ConfigError(`${flag} ${day} is not a day. Write it as 2026-11-20.`);
  return day;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
