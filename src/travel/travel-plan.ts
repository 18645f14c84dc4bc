/** Which walks and roads an installation can count with: its street network, else the stated estimate with its relief. */
import type {Point} from '../lib/geo.ts';
import {type ElevationOf, stateWays, type Ways} from '../lib/travel-ways.ts';
import {type EngineOrReason, loadEngine} from './engine.ts';
import {listNetworks, type NetworkManifest} from './network-folder.ts';
import {askWays, type TripEnds} from './network-ways.ts';
import {listRelief, type ReliefTileFacts, readRelief} from './relief-folder.ts';

export interface TravelGround {
  readonly ways: Ways;
  /** Null: the stated estimate serves. */
  readonly network: NetworkManifest | null;
  /** Tiles whose heights the estimate counts; those of a network are in its manifest. */
  readonly relief: readonly ReliefTileFacts[];
  /** Why a network that was built is not used. */
  readonly passedOver: string | null;
}

/**
 * @param dataDir of the program, not of the demo: streets and hills are the same for both
 * @param load the engine; asked only where a network was built
 * @throws ContractError for a damaged network, ConfigError for a damaged tile.
 */
export async function prepareGround(
  dataDir: string,
  ends: TripEnds,
  load: () => Promise<EngineOrReason> = loadEngine,
): Promise<TravelGround> {
  const [built] = await listNetworks(dataDir);
  if (built !== undefined) {
    const loaded = await load();
    if ('engine' in loaded) {
      const ways = await askWays(loaded.engine, built.folder, ends);
      return {ways, network: built.manifest, relief: [], passedOver: null};
    }
    return {...(await stateGround(dataDir)), passedOver: loaded.reason};
  }
  return stateGround(dataDir);
}

async function stateGround(dataDir: string): Promise<TravelGround> {
  const relief = await readRelief(dataDir);
  const elevationOf: ElevationOf = (point: Point) => relief?.elevationM(point) ?? null;
  return {
    ways: stateWays(elevationOf),
    network: null,
    relief: relief === null ? [] : await listRelief(dataDir),
    passedOver: null,
  };
}
