/**
 * Heights from SRTM tiles (`.hgt`): one degree by one, rows from north to south, big-endian 16-bit metres. Pure.
 *
 * Format: NASA/USGS SRTM Topography documentation, 2.0; 1201 samples a side is 3 arc seconds (90 m), 3601 is 1 (30 m).
 */
import {ConfigError} from '../domain/errors.ts';
import type {Point} from './geo.ts';

const SIDES = [1201, 3601] as const;
const VOID = -32_768;
const NAME = /^([NS])(\d{2})([EW])(\d{3})\.hgt$/i;

export interface ReliefTile {
  /** As `N06W076`: the south-west corner. */
  readonly name: string;
  readonly south: number;
  readonly west: number;
  /** Samples a side; the outermost lie on the degree lines and are the neighbour's too. */
  readonly side: (typeof SIDES)[number];
  readonly bytes: Uint8Array;
}

/**
 * @param fileName says where the tile lies, as `N06W076.hgt`
 * @throws ConfigError when name or size are not those of a tile, or no height is in it.
 */
export function readReliefTile(fileName: string, bytes: Uint8Array): ReliefTile {
  const [, northSouth, latitude, eastWest, longitude] = NAME.exec(fileName) ?? [];
  if (northSouth === undefined || eastWest === undefined) {
    throw new ConfigError(
      `${fileName}: an elevation tile is named after its south-west corner, as N06W076.hgt (unpacked). Rename or unpack it.`,
    );
  }
  const side = SIDES.find(samples => samples * samples * 2 === bytes.length);
  if (side === undefined) {
    throw new ConfigError(
      `${fileName} has ${bytes.length} bytes; a tile has ${SIDES.map(samples => samples * samples * 2).join(' or ')}. Download it again.`,
    );
  }
  const tile: ReliefTile = {
    name: fileName.slice(0, 7).toUpperCase(),
    south: Number(latitude) * (northSouth.toUpperCase() === 'N' ? 1 : -1),
    west: Number(longitude) * (eastWest.toUpperCase() === 'E' ? 1 : -1),
    side,
    bytes,
  };
  if (measureTile(tile).known === 0) {
    throw new ConfigError(`${fileName} holds no height at all: every sample is void. Download it again.`);
  }
  return tile;
}

/** Lowest and highest sample, metres, and how many of all are known. */
export function measureTile({bytes, side}: ReliefTile): {
  readonly lowestM: number;
  readonly highestM: number;
  readonly known: number;
  readonly samples: number;
} {
  const view = viewOf(bytes);
  let lowestM = Number.POSITIVE_INFINITY;
  let highestM = Number.NEGATIVE_INFINITY;
  let known = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    const heightM = view.getInt16(at);
    if (heightM === VOID) continue;
    known++;
    lowestM = Math.min(lowestM, heightM);
    highestM = Math.max(highestM, heightM);
  }
  return {lowestM, highestM, known, samples: side * side};
}

/** Looks heights up in any number of tiles, between samples in proportion (bilinear). */
export class Relief {
  readonly #tiles: ReadonlyMap<string, {readonly tile: ReliefTile; readonly view: DataView}>;

  constructor(tiles: readonly ReliefTile[]) {
    this.#tiles = new Map(
      tiles.map(tile => [`${tile.south},${tile.west}`, {tile, view: viewOf(tile.bytes)}]),
    );
  }

  /** Metres above the sea; null outside the tiles and beside a void. */
  elevationM({latitude, longitude}: Point): number | null {
    const south = Math.floor(latitude);
    const west = Math.floor(longitude);
    const found = this.#tiles.get(`${south},${west}`);
    if (found === undefined) return null;
    const {tile, view} = found;
    const steps = tile.side - 1;
    const x = (longitude - west) * steps;
    const y = (1 - (latitude - south)) * steps;
    const column = Math.min(Math.floor(x), steps - 1);
    const row = Math.min(Math.floor(y), steps - 1);
    const east = x - column;
    const down = y - row;
    let heightM = 0;
    for (const [dRow, dColumn] of CORNERS) {
      const weight = (dRow === 0 ? 1 - down : down) * (dColumn === 0 ? 1 - east : east);
      if (weight === 0) continue;
      const sample = view.getInt16(((row + dRow) * tile.side + column + dColumn) * 2);
      if (sample === VOID) return null;
      heightM += weight * sample;
    }
    return heightM;
  }
}

/** The same relief with 3601 samples a side, in proportion between those it has; voids stay void, and so do their neighbours. */
export function densifyTile(tile: ReliefTile): ReliefTile {
  const side = 3601;
  if (tile.side === side) return tile;
  const relief = new Relief([tile]);
  const bytes = new Uint8Array(side * side * 2);
  const view = viewOf(bytes);
  const steps = side - 1;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      // A last row or column belongs to the neighbour by its degree: ask a hair inside.
      const latitude = tile.south + Math.min(1 - row / steps, 1 - HAIR);
      const longitude = tile.west + Math.min(column / steps, 1 - HAIR);
      const heightM = relief.elevationM({latitude, longitude});
      view.setInt16((row * side + column) * 2, heightM === null ? VOID : Math.round(heightM));
    }
  }
  return {...tile, side, bytes};
}

/** Degrees; a tenth of a millimetre. */
const HAIR = 1e-9;

const CORNERS = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
