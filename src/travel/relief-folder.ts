/** Elevation tiles of an installation: `<data>/elevation/N06/N06W076.hgt`, with `manifest.json` beside the folders. */
import {mkdir, open, readFile, rename} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {z} from 'zod';
import {ConfigError, ContractError} from '../domain/errors.ts';
import {VALLE_DE_ABURRA} from '../lib/geo.ts';
import {sha256Hex} from '../lib/hash.ts';
import {measureTile, Relief, type ReliefTile, readReliefTile} from '../lib/relief.ts';
import {namesIn} from './network-folder.ts';

const MANIFEST = 'manifest.json';

const reliefTile = z.object({
  tile: z.string().regex(/^[NS]\d{2}[EW]\d{3}$/),
  bytes: z.number().int(),
  sha256: z.string(),
  source: z.string(),
  licence: z.string(),
  as_of: z.iso.date(),
  /** Metres between samples, north to south. */
  spacing_m: z.number(),
  lowest_m: z.number(),
  highest_m: z.number(),
  /** Share of samples without a height, 0–1. */
  void_share: z.number(),
});

export type ReliefTileFacts = z.infer<typeof reliefTile>;

export interface Provenance {
  readonly source: string;
  readonly licence: string;
  readonly asOf: string;
}

const METRES_PER_DEGREE = 111_195;

export function reliefDir(dataDir: string): string {
  return join(dataDir, 'elevation');
}

/** Where Valhalla looks for a tile too. */
export function tilePath(folder: string, tile: string): string {
  return join(folder, tile.slice(0, 3), `${tile}.hgt`);
}

/**
 * Takes tiles over; one of the same name is replaced. Nothing is written unless every file is a sound tile that touches
 * the Valle de Aburrá.
 * @throws ConfigError when a file can't be read, is no tile or lies elsewhere.
 */
export async function importRelief(
  dataDir: string,
  paths: readonly string[],
  {source, licence, asOf}: Provenance,
): Promise<ReliefTileFacts[]> {
  const tiles = await Promise.all(paths.map(readTileFile));
  const elsewhere = tiles.find(tile => !touchesValley(tile));
  if (elsewhere !== undefined) {
    throw new ConfigError(
      `${elsewhere.name} lies outside the Valle de Aburrá: only N06W076 and N05W076 are of use.`,
    );
  }
  const folder = reliefDir(dataDir);
  const added = tiles.map((tile): ReliefTileFacts => {
    const {lowestM, highestM, known, samples} = measureTile(tile);
    return {
      tile: tile.name,
      bytes: tile.bytes.length,
      sha256: sha256Hex(tile.bytes),
      source,
      licence,
      as_of: asOf,
      spacing_m: Math.round(METRES_PER_DEGREE / (tile.side - 1)),
      lowest_m: lowestM,
      highest_m: highestM,
      void_share: Math.round((1 - known / samples) * 1e4) / 1e4,
    };
  });
  const before = (await listRelief(dataDir)).filter(({tile}) => !added.some(one => one.tile === tile));
  for (const tile of tiles) await writeWhole(tilePath(folder, tile.name), tile.bytes);
  const all = [...before, ...added].sort((a, b) => a.tile.localeCompare(b.tile));
  await writeWhole(join(folder, MANIFEST), `${JSON.stringify({tiles: all}, null, 2)}\n`);
  return added;
}

/** @throws ContractError when the manifest is damaged. */
export async function listRelief(dataDir: string): Promise<ReliefTileFacts[]> {
  const folder = reliefDir(dataDir);
  if (!(await namesIn(folder)).includes(MANIFEST)) return [];
  const path = join(folder, MANIFEST);
  try {
    return z.object({tiles: z.array(reliefTile)}).parse(JSON.parse(await readFile(path, 'utf8'))).tiles;
  } catch (cause) {
    throw new ContractError(`${path} is damaged. Remove ${folder} and run raiz places elevation again.`, {
      cause,
    });
  }
}

/**
 * Null where no tile was imported.
 * @throws ConfigError when a tile is gone or damaged.
 */
export async function readRelief(dataDir: string): Promise<Relief | null> {
  const facts = await listRelief(dataDir);
  if (facts.length === 0) return null;
  return new Relief(
    await Promise.all(facts.map(({tile}) => readTileFile(tilePath(reliefDir(dataDir), tile)))),
  );
}

/** @throws ConfigError when the file can't be read or is no tile. */
export async function readTileFile(path: string): Promise<ReliefTile> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new ConfigError(
      `${path}: can't be read (${cause instanceof Error ? cause.message : cause}). Check the path.`,
      {
        cause,
      },
    );
  }
  return readReliefTile(basename(path), bytes);
}

export function touchesValley({south, west}: ReliefTile): boolean {
  const {south: least, north, west: first, east} = VALLE_DE_ABURRA;
  return south < north && south + 1 > least && west < east && west + 1 > first;
}

/** Readers see the old file or the new one, never half. */
async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), {recursive: true});
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
