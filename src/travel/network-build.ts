/** Builds a street network from an OpenStreetMap extract with Valhalla's own builder. Nothing is downloaded. */
import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {mkdir, readdir, rename, rm, stat, writeFile} from 'node:fs/promises';
import {basename, join, resolve} from 'node:path';
import {ConfigError} from '../domain/errors.ts';
import {VALLE_DE_ABURRA} from '../lib/geo.ts';
import {sha256Hex} from '../lib/hash.ts';
import {densifyTile, type ReliefTile} from '../lib/relief.ts';
import {type Engine, loadEngine} from './engine.ts';
import {engineConfig} from './engine-config.ts';
import {
  type BuiltNetwork,
  listNetworks,
  NETWORK_MANIFEST,
  type NetworkManifest,
  namesIn,
  networkDir,
} from './network-folder.ts';
import {
  listRelief,
  type Provenance,
  readTileFile,
  reliefDir,
  tilePath,
  touchesValley,
} from './relief-folder.ts';

export interface BuildOptions extends Provenance {
  /** Folder with `.hgt` tiles; undefined: those of `raiz places elevation`, if any. */
  readonly elevation?: string | undefined;
  readonly builtAt: Date;
}

/** Folders under construction; the next build removes what a killed one left. */
const BUILDING = '.building-';

/**
 * Builds `<data>/network/<hash>/`, at once visible or not at all. The same file, relief and engine are built once.
 * @throws ConfigError without the engine, for a file it can't read or without a street of the valley, and for damaged
 *   relief; networks built before stay as they were.
 */
export async function buildNetwork(
  dataDir: string,
  pbfPath: string,
  options: BuildOptions,
): Promise<BuiltNetwork & {readonly isNew: boolean}> {
  const loaded = await loadEngine();
  if ('reason' in loaded) {
    throw new ConfigError(
      `No street network can be built: ${loaded.reason}. Install it (npm install; Linux or macOS on arm64, Linux on x64); without it minutes stay estimates.`,
    );
  }
  const {bytes, sha256} = await fingerprint(pbfPath);
  const relief = await readReliefFor(dataDir, options.elevation);
  const elevation = relief.map(tile => ({tile: tile.name, sha256: sha256Hex(tile.bytes)}));
  const {engine} = loaded;
  const hash = sha256Hex(JSON.stringify([sha256, elevation, engine.version])).slice(0, 16);
  const before = (await listNetworks(dataDir)).find(network => network.hash === hash);
  if (before !== undefined) return {...before, isNew: false};
  const building = await openBuilding(dataDir, hash);
  try {
    const tiles = await runBuild(engine, building, pbfPath, relief);
    const {source, licence, asOf, builtAt} = options;
    const manifest: NetworkManifest = {
      file: basename(pbfPath),
      bytes,
      sha256,
      source,
      licence,
      as_of: asOf,
      elevation,
      engine: `valhalla ${engine.version}`,
      built_at: builtAt.toISOString(),
      tiles,
    };
    await writeFile(join(building, NETWORK_MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    const folder = join(networkDir(dataDir), hash);
    await rename(building, folder);
    return {hash, folder, manifest, isNew: true};
  } finally {
    await rm(building, {recursive: true, force: true});
  }
}

async function fingerprint(path: string): Promise<{bytes: number; sha256: string}> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
    return {bytes: (await stat(path)).size, sha256: hash.digest('hex')};
  } catch (cause) {
    throw new ConfigError(
      `${path}: can't be read (${cause instanceof Error ? cause.message : cause}). Give the path of an .osm.pbf extract.`,
      {cause},
    );
  }
}

async function readReliefFor(dataDir: string, elevation: string | undefined): Promise<ReliefTile[]> {
  if (elevation === undefined) {
    const own = await listRelief(dataDir);
    return Promise.all(own.map(({tile}) => readTileFile(tilePath(reliefDir(dataDir), tile))));
  }
  const names = (await readdirOrRefuse(elevation)).filter(name => /\.hgt$/i.test(name)).sort();
  const tiles = await Promise.all(names.map(name => readTileFile(join(elevation, name))));
  const ours = tiles.filter(touchesValley);
  if (ours.length > 0) return ours;
  throw new ConfigError(
    `${elevation}: no elevation tile of the Valle de Aburrá is there (N06W076.hgt). Give the folder that holds it, or leave --elevation out.`,
  );
}

async function readdirOrRefuse(folder: string): Promise<string[]> {
  try {
    return await readdir(folder, {recursive: true});
  } catch (cause) {
    throw new ConfigError(`${folder}: no such folder of elevation tiles. Check the path.`, {cause});
  }
}

async function openBuilding(dataDir: string, hash: string): Promise<string> {
  const root = networkDir(dataDir);
  await mkdir(root, {recursive: true});
  for (const name of await namesIn(root)) {
    if (name.startsWith(BUILDING)) await rm(join(root, name), {recursive: true, force: true});
  }
  const building = join(root, `${BUILDING}${hash}`);
  await mkdir(building);
  return building;
}

/** @returns how many tiles there are. */
async function runBuild(
  engine: Engine,
  building: string,
  pbfPath: string,
  relief: readonly ReliefTile[],
): Promise<number> {
  const elevationDir = join(building, 'elevation');
  for (const tile of relief) {
    const path = tilePath(elevationDir, tile.name);
    await mkdir(join(path, '..'), {recursive: true});
    // The builder knows 3601 samples a side only.
    await writeFile(path, densifyTile(tile).bytes);
  }
  const config = join(building, 'config.json');
  await writeFile(config, JSON.stringify(engineConfig(building, relief.length === 0 ? '' : elevationDir)));
  const {isDone, complaint} = await runBuilder(
    engine.builderPath,
    ['-c', config, resolve(pbfPath)],
    building,
  );
  const tiles = (await readdir(building, {recursive: true})).filter(name => name.endsWith('.gph'));
  if (!isDone || tiles.length === 0) {
    throw new ConfigError(
      `${pbfPath}: no street network could be built from it (${complaint}). Is it a whole .osm.pbf extract with streets? Download it again. Networks built before are untouched.`,
    );
  }
  if (!valleyTiles().some(tile => tiles.includes(tile))) {
    throw new ConfigError(
      `${pbfPath} has no street of the Valle de Aburrá. Take the extract of Colombia or Antioquia. Networks built before are untouched.`,
    );
  }
  await rm(elevationDir, {recursive: true, force: true});
  await rm(config);
  // What the builder has to say of doubtful ways.
  for (const name of await readdir(building)) if (name.endsWith('.txt')) await rm(join(building, name));
  return tiles.length;
}

function runBuilder(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{readonly isDone: boolean; readonly complaint: string}> {
  return new Promise(settle => {
    // The builder writes lists where it stands.
    const child = spawn(program, args, {cwd, stdio: ['ignore', 'ignore', 'pipe']});
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000);
    });
    child.on('error', error => settle({isDone: false, complaint: error.message}));
    child.on('close', (code, signal) => {
      const last =
        said
          .trim()
          .split('\n')
          .at(-1)
          ?.replace(/^\s*what\(\):\s*/, '') ?? '';
      const complaint = last === '' ? `the builder stopped with ${signal ?? code}` : last;
      settle({isDone: code === 0, complaint});
    });
  });
}

/** Files of local streets: Valhalla's level 2 has squares of 0.25°, numbered by rows from the South Pole. */
function valleyTiles(): string[] {
  const {south, north, west, east} = VALLE_DE_ABURRA;
  const square = (degrees: number): number => Math.floor(degrees / 0.25);
  const paths: string[] = [];
  for (let row = square(south + 90); row <= square(north + 90); row++) {
    for (let column = square(west + 180); column <= square(east + 180); column++) {
      const id = String(row * 1440 + column).padStart(9, '0');
      paths.push(join('2', id.slice(0, 3), id.slice(3, 6), `${id.slice(6)}.gph`));
    }
  }
  return paths;
}
