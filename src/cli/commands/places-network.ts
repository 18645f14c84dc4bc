import {Command, InvalidArgumentError} from 'commander';
import {ensureDataDir} from '../../db/data-dir.ts';
import {loadEngine} from '../../travel/engine.ts';
import {buildNetwork} from '../../travel/network-build.ts';
import {type BuiltNetwork, listNetworks} from '../../travel/network-folder.ts';
import {importRelief, listRelief, type Provenance, type ReliefTileFacts} from '../../travel/relief-folder.ts';
import {installationOf} from '../context.ts';
import {formatCount, formatTable, print, printJson} from '../output.ts';

interface JsonFlag {
  readonly json?: boolean;
}

interface BuildFlags extends JsonFlag, Provenance {
  readonly elevation?: string;
}

const NETWORK_HELP = `
Examples:
  raiz places network
  raiz places network build antioquia-latest.osm.pbf --as-of 2026-11-01

Shows the street networks and elevation tiles of this installation; the network built last gives raiz access and raiz
find their minutes on foot and the length of roads. Without one a stated estimate serves.`;

const BUILD_HELP = `
Examples:
  raiz places network build antioquia-latest.osm.pbf --as-of 2026-11-01
  raiz places network build antioquia-latest.osm.pbf --as-of 2026-11-01 --elevation ~/srtm

An extract of OpenStreetMap (© OpenStreetMap contributors, ODbL 1.0), as https://download.geofabrik.de offers them, is built
by Valhalla into <data>/network/<hash>. Nothing is downloaded. Heights are counted while building: without --elevation those
of raiz places elevation, if there are any; build again after importing some. What is no extract, or has no street of the
Valle de Aburrá, is refused and changes nothing.`;

const ELEVATION_HELP = `
Example:
  raiz places elevation N06W076.hgt N05W076.hgt --source "NASA SRTMGL1 v3" --licence "public domain" --as-of 2000-02-11

Tiles of one degree with 1201 or 3601 samples a side, unpacked. Walks of the estimate then count the climb between their
ends; a network counts every street's when it is built again. A tile of the same name is replaced.`;

export function placesNetworkCommand(): Command {
  return new Command('network')
    .description('street network for minutes on foot: what is there')
    .option('--json', 'print as JSON')
    .addHelpText('after', NETWORK_HELP)
    .addCommand(buildCommand())
    .action(async (flags: JsonFlag) => {
      const {dataDir} = installationOf({});
      const networks = await listNetworks(dataDir);
      const relief = await listRelief(dataDir);
      const loaded = await loadEngine();
      const engine = 'engine' in loaded ? `valhalla ${loaded.engine.version}` : null;
      const missing = 'reason' in loaded ? loaded.reason : null;
      if (flags.json === true) printJson({engine, missing, networks, elevation: relief});
      else print(stateText(networks, relief, engine ?? `none: ${missing}`));
    });
}

function buildCommand(): Command {
  return (
    new Command('build')
      .description('build it from an OpenStreetMap extract on this disk')
      .argument('<extract.osm.pbf>', 'OpenStreetMap extract that covers the Valle de Aburrá')
      .requiredOption('--as-of <day>', 'the day it speaks of, as 2026-11-01', readDay)
      .option('--source <text>', 'where it comes from', 'OpenStreetMap')
      .option('--licence <text>', 'its licence', 'ODbL 1.0')
      .option('--elevation <folder>', 'with .hgt tiles to count instead of those imported')
      .option('--json', 'print as JSON')
      .addHelpText('after', BUILD_HELP)
      // --json stands on the parent too, which takes it when it comes first.
      .action(async (path: string, _: BuildFlags, command: Command) => {
        const flags = command.optsWithGlobals<BuildFlags>();
        const {dataDir} = installationOf({});
        await ensureDataDir(dataDir);
        const built = await buildNetwork(dataDir, path, {...flags, builtAt: new Date()});
        if (flags.json === true) printJson(built);
        else {
          const {tiles, elevation, licence} = built.manifest;
          const heights = elevation.length === 0 ? 'flat: no elevation tiles' : 'with slopes';
          print(
            built.isNew
              ? `Built ${built.folder}: ${formatCount(tiles)} tiles, ${heights}, ${licence}. raiz access and raiz find use it from now on.`
              : `Already built: ${built.folder}. Nothing to do.`,
          );
        }
      })
  );
}

export function placesElevationCommand(): Command {
  return new Command('elevation')
    .description('read elevation tiles, so that minutes on foot count the climb')
    .argument('<tile.hgt...>', 'SRTM tiles, as N06W076.hgt')
    .requiredOption('--source <text>', 'where they come from')
    .requiredOption('--licence <text>', 'their licence')
    .requiredOption('--as-of <day>', 'the day they speak of, as 2000-02-11', readDay)
    .option('--json', 'print as JSON')
    .addHelpText('after', ELEVATION_HELP)
    .action(async (paths: string[], flags: JsonFlag & Provenance) => {
      const {dataDir} = installationOf({});
      await ensureDataDir(dataDir);
      const tiles = await importRelief(dataDir, paths, flags);
      if (flags.json === true) printJson({tiles});
      else print(reliefText(tiles));
    });
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

function readDay(text: string): string {
  if (DAY.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError('write a day as 2026-11-01.');
}

function stateText(
  networks: readonly BuiltNetwork[],
  relief: readonly ReliefTileFacts[],
  engine: string,
): string {
  return [
    `engine: ${engine}`,
    '',
    networks.length === 0
      ? 'No street network: minutes are estimates. raiz places network build --help'
      : formatTable(networks, [
          {title: 'network', value: ({hash}) => hash},
          {title: 'used', value: network => (network === networks[0] ? 'yes' : 'no')},
          {title: 'file', value: ({manifest}) => manifest.file},
          {title: 'tiles', align: 'right', value: ({manifest}) => formatCount(manifest.tiles)},
          {
            title: 'elevation',
            value: ({manifest}) => manifest.elevation.map(({tile}) => tile).join(' ') || 'flat',
          },
          {title: 'sha-256', value: ({manifest}) => manifest.sha256.slice(0, 12)},
          {title: 'source', value: ({manifest}) => manifest.source},
          {title: 'licence', value: ({manifest}) => manifest.licence},
          {title: 'as of', value: ({manifest}) => manifest.as_of},
        ]),
    '',
    relief.length === 0
      ? 'No elevation tiles: climbs are not counted. raiz places elevation --help'
      : reliefText(relief),
  ].join('\n');
}

function reliefText(tiles: readonly ReliefTileFacts[]): string {
  return formatTable(tiles, [
    {title: 'elevation', value: ({tile}) => tile},
    {title: 'metres apart', align: 'right', value: row => row.spacing_m},
    {title: 'lowest m', align: 'right', value: row => formatCount(row.lowest_m)},
    {title: 'highest m', align: 'right', value: row => formatCount(row.highest_m)},
    {title: 'void', align: 'right', value: row => `${(row.void_share * 100).toFixed(2)} %`},
    {title: 'source', value: ({source}) => source},
    {title: 'licence', value: ({licence}) => licence},
    {title: 'as of', value: row => row.as_of},
  ]);
}
