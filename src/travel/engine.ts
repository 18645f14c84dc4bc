/** Valhalla, where its optional package is installed and has a program for this machine. The one file that names it. */
import {createRequire} from 'node:module';
import {arch, platform} from 'node:os';
import {dirname, join} from 'node:path';
import {z} from 'zod';
import {engineConfig} from './engine-config.ts';

/** Optional package, named through a variable: the compiler must not ask for it. */
const PACKAGE: string = '@valhallajs/valhallajs';

export type Costing = 'pedestrian' | 'bus';

/** A request to the engine, JSON in and JSON out. It throws an `Error` when it can't answer. */
interface Actor {
  readonly locate: (query: string) => Promise<string>;
  readonly matrix: (query: string) => Promise<string>;
}

export interface Engine {
  readonly version: string;
  /** Program that builds a network from an OSM PBF file. */
  readonly builderPath: string;
  /** @throws Error when the folder holds no network. */
  readonly open: (tileDir: string) => Actor;
}

export type EngineOrReason = {readonly engine: Engine} | {readonly reason: string};

const packageShape = z.object({
  Actor: z.custom<new (config: string) => Actor>(value => typeof value === 'function'),
  VALHALLA_VERSION: z.string(),
});

let loaded: Promise<EngineOrReason> | undefined;

/** Loaded once a process; `reason` says why there is none. */
export function loadEngine(): Promise<EngineOrReason> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<EngineOrReason> {
  try {
    const {Actor, VALHALLA_VERSION} = packageShape.parse(await import(PACKAGE));
    const folder = dirname(createRequire(import.meta.url).resolve(PACKAGE));
    return {
      engine: {
        version: VALHALLA_VERSION,
        builderPath: join(folder, platform(), arch(), 'valhalla_build_tiles'),
        open: tileDir => new Actor(JSON.stringify(engineConfig(tileDir))),
      },
    };
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return {reason: `${PACKAGE} does not load here (${first})`};
  }
}
