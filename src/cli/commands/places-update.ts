import {join} from 'node:path';
import {Command} from 'commander';
import {ConfigError} from '../../domain/errors.ts';
import {RAIZ_VERSION} from '../../domain/version.ts';
import {addressOf, downloadPlaces, listDownloads, UPDATE_CITIES} from '../../imports/place-downloads.ts';
import {importPlaceSets} from '../../imports/places.ts';
import {bogotaDay} from '../../lib/bogota-day.ts';
import {type CommandContext, withDatabase} from '../context.ts';
import {formatCount, print, printJson} from '../output.ts';

const DEADLINE_MS = 240_000;
const MAX_BYTES = 200 * 1024 * 1024;

const HELP = `
Examples:
  raiz places update --city medellin --dry-run      what would be asked, and whom; no request
  RAIZ_CONTACT=you@example.org raiz places update --city medellin

One request after the other, with your RAIZ_CONTACT in the user agent: all points of interest and main roads of
the Valle de Aburrá from the Overpass API of OpenStreetMap (ODbL 1.0), and the barrios of GeoMedellín. Answers are kept
under <data>/places with their checksums. All of it is imported or nothing. Once a month is often enough.`;

interface UpdateFlags {
  readonly city: string;
  readonly dryRun?: boolean;
  readonly baseUrl?: string;
  readonly demo?: boolean;
  readonly json?: boolean;
}

export function placesUpdateCommand(): Command {
  return new Command('update')
    .description('download open places of a city and import them')
    .requiredOption('--city <name>', UPDATE_CITIES.join(', '))
    .option('--dry-run', 'print what would be asked and whom; send nothing')
    .option('--base-url <url>', 'a copy of the servers, as http://127.0.0.1:8080')
    .option('--demo', 'into the simulated installation')
    .option('--json', 'print as JSON')
    .addHelpText('after', HELP)
    .action(async (flags: UpdateFlags) => {
      if (flags.dryRun === true) printPlan(flags);
      else await withDatabase({demo: flags.demo}, context => update(context, flags));
    });
}

function printPlan(flags: UpdateFlags): void {
  const plan = listDownloads(flags.city).map(download => ({
    name: download.name,
    method: download.query === null ? 'GET' : 'POST',
    url: addressOf(download, flags.baseUrl),
    query: download.query,
  }));
  if (flags.json === true) printJson(plan);
  else
    print(
      plan
        .map(
          ({name, method, url, query}) =>
            `${name}\n  ${method} ${url}${query === null ? '' : `\n${query.replace(/^/gm, '    ')}`}`,
        )
        .join('\n\n'),
    );
}

async function update({database, dataDir, env}: CommandContext, flags: UpdateFlags): Promise<void> {
  const contact = env.contact ?? (flags.baseUrl === undefined ? undefined : 'loopback');
  if (contact === undefined)
    throw new ConfigError('set RAIZ_CONTACT to an e-mail or web address: servers are told who asks.');
  const files = await downloadPlaces(listDownloads(flags.city), {
    userAgent: `Raiz/${RAIZ_VERSION} (+${contact})`,
    folder: join(dataDir, 'places'),
    baseUrl: flags.baseUrl,
    deadlineMs: DEADLINE_MS,
    maxBytes: MAX_BYTES,
  });
  const asOf = bogotaDay(new Date());
  const reports = await importPlaceSets(
    database,
    files.flatMap(({path, download}) =>
      download.imports.map(options => ({paths: [path], options: {...options, asOf}})),
    ),
  );
  if (flags.json === true) {
    printJson({files: files.map(({path, bytes, sha256}) => ({path, bytes, sha256})), reports});
    return;
  }
  for (const {path, bytes, sha256} of files)
    print(`${path}: ${formatCount(bytes)} bytes, sha-256 ${sha256.slice(0, 12)}…`);
  for (const {holds, inserted, updated, unchanged} of reports)
    print(
      `${holds}: ${formatCount(inserted)} inserted · ${formatCount(updated)} updated · ${formatCount(unchanged)} unchanged`,
    );
}
