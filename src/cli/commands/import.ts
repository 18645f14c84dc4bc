import {Command} from 'commander';
import {z} from 'zod';
import {installationHashKey} from '../../config/hash-key.ts';
import {ConfigError} from '../../domain/errors.ts';
import {type ImportReport, importFile} from '../../imports/import.ts';
import {type Mapping, readMappingFile} from '../../imports/mapping.ts';
import {SHAPES, shapeNamed} from '../../imports/shapes/index.ts';
import {withDatabase} from '../context.ts';
import {formatCount, formatSeconds, formatTable, print, printJson} from '../output.ts';
import {runSteps} from '../progress.ts';

interface Flags {
  readonly shape?: string;
  readonly map?: string;
  readonly portal?: string;
  readonly observedOn?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const EXAMPLE_MAPPING = {
  name: 'my-export',
  portal: 'fincaraiz',
  idSpace: 'id',
  observedOn: {column: 'fecha', format: 'DD-MM-YYYY'},
  scope: {operation: 'sale', propertyType: 'by row', place: 'antioquia/medellin'},
  complete: false,
  fields: {
    portalListingId: 'codigo',
    propertyType: 'tipo',
    municipality: 'ciudad',
    neighbourhood: 'barrio',
    builtAreaM2: {column: 'area', as: 'area'},
    bedrooms: 'alcobas',
    stratum: 'estrato',
  },
  offers: {
    operations: {value: 'venta'},
    price: {sale: {column: 'precio', as: 'pesos'}},
    adminFeeCop: 'administracion',
  },
  ignore: ['foto'],
};

export function importCommand(): Command {
  return new Command('import')
    .description('import files of listings (CSV, JSON, JSON lines, Parquet; gzipped too) as observations')
    .argument('<file...>', 'files; those of known shapes are recognised by their columns')
    .option('--shape <name>', `one of ${SHAPES.map(shape => shape.name).join(', ')}`)
    .option('--map <file>', 'a mapping of columns to fields, JSON')
    .option('--portal <id>', 'the portal the listings are of, instead of the mapping’s')
    .option('--observed-on <date>', 'the day a file without dates speaks of, YYYY-MM-DD')
    .option('--dry-run', 'read, check and count everything, and store nothing')
    .option('--json', 'print the reports as JSON')
    .addHelpText('after', helpText())
    .action(runImport);
}

function helpText(): string {
  return (
    '\nExamples:\n  raiz import snapshots.csv.gz\n  raiz import export.parquet --map mapping.json --observed-on 2026-11-20\n' +
    '\nImporting a file again, or its days in another order, changes nothing.' +
    '\nA mapping names a column for each field it knows. Each day of the file becomes a run; "complete": true says that' +
    '\na day holds every advert of its scope, so that adverts it lacks are absent. Numbers are read "as" decimal, number,' +
    '\npesos, area, count or stratum; "words" translates words of the file; {"value": …} stands for every row.\n' +
    `\nA mapping:\n${JSON.stringify(EXAMPLE_MAPPING, null, 2)}\n`
  );
}

async function runImport(files: string[], flags: Flags): Promise<void> {
  const mapping = chosenMapping(flags);
  const {portal, dryRun, json: asJson} = flags;
  const observedOn = checkDay(flags.observedOn);
  await withDatabase({}, async ({database, dataDir, env}) => {
    const hashKey = installationHashKey(dataDir, env.hashKey);
    const reports: ImportReport[] = [];
    const steps = files.map(file => ({
      title: file,
      run: async (say: (line: string) => void) => {
        const report = await importFile(database, file, {
          mapping,
          portal,
          observedOn,
          hashKey,
          now: new Date(),
          dryRun: dryRun === true,
          onProgress: rows => say(`${formatCount(rows)} rows read`),
        });
        reports.push(report);
        return summaryLine(report);
      },
    }));
    await runSteps(steps, {quiet: asJson === true});
    if (asJson === true) printJson(reports);
    else printReports(reports, dryRun === true);
  });
}

/** @throws ConfigError on two mappings, an unknown shape or a bad mapping file. */
function chosenMapping(flags: Flags): Mapping | undefined {
  if (flags.shape !== undefined && flags.map !== undefined) {
    throw new ConfigError('--shape and --map both say how to read the file: give one of them');
  }
  if (flags.map !== undefined) return readMappingFile(flags.map);
  return flags.shape === undefined ? undefined : shapeNamed(flags.shape);
}

function checkDay(day: string | undefined): string | undefined {
  if (day !== undefined && !z.iso.date().safeParse(day).success) {
    throw new ConfigError(`--observed-on ${day} is not a day. Write it as 2026-11-20.`);
  }
  return day;
}

function summaryLine(report: ImportReport): string {
  const rate = Math.round(report.rows / Math.max(report.seconds, 0.001));
  return `${formatCount(report.rows)} rows · ${formatCount(report.listings)} listings · ${report.mapping} · ${formatSeconds(report.seconds)} · ${formatCount(rate)} rows/s`;
}

function printReports(reports: readonly ImportReport[], isDryRun: boolean): void {
  for (const report of reports) {
    print(
      `\n${report.file}: ${report.portal}, ${report.days.length} ${report.days.length === 1 ? 'day' : 'days'}`,
    );
    print(
      formatTable(report.days, [
        {title: 'day', value: day => day.observedOn},
        {title: 'rows', align: 'right', value: day => day.rows},
        {title: 'listings', align: 'right', value: day => day.listings},
        {title: 'rejected', align: 'right', value: day => day.rejected},
        {title: 'verdict', value: day => day.verdict},
        {title: '', value: day => (day.isNew ? 'new' : 'known already')},
      ]),
    );
    printCounts('rejected rows', report.rejected);
    printCounts('words not understood', report.unknownWords);
    if (report.unreadColumns.length > 0) print(`columns nobody reads: ${report.unreadColumns.join(', ')}`);
  }
  if (isDryRun) print('\nDry run: nothing was stored.');
  else print('\nNext: raiz stage clean, then raiz stage all');
}

function printCounts(title: string, counts: Readonly<Record<string, number>>): void {
  const parts = Object.entries(counts).map(([name, count]) => `${name} ${formatCount(count)}`);
  if (parts.length > 0) print(`${title}: ${parts.join(' · ')}`);
}
