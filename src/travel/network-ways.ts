/** Asks a street network for all walks and roads that the trips of many homes may need, in few large requests. */
import {z} from 'zod';
import {ContractError} from '../domain/errors.ts';
import {type Point, planeDistanceM} from '../lib/geo.ts';
import {MAX_WALK_M} from '../lib/travel.ts';
import {MAX_STOP_WALK_M} from '../lib/travel-network.ts';
import {WALKING_KMH, type Ways} from '../lib/travel-ways.ts';
import type {Costing, Engine} from './engine.ts';

export interface TripEnds {
  readonly homes: readonly Point[];
  readonly goals: readonly Point[];
  readonly stations: readonly Point[];
}

/** A point further from the next street than this is off the network, metres. Assumption. */
const MAX_SNAP_M: Readonly<Record<Costing, number>> = {pedestrian: 250, bus: 600};
const LOCATIONS_A_REQUEST = 500;
/** Neighbours go together, so that few of the pairs of a request are not wanted. */
const HOMES_A_REQUEST = 40;
/** Side of the squares by which homes are taken to be neighbours, degrees: about 1 km. */
const CELL_DEGREES = 0.01;

const located = z.array(z.object({edges: z.array(z.unknown()).nullable()}));
const matrix = z.object({
  sources_to_targets: z.object({
    durations: z.array(z.array(z.number().nullable())),
    distances: z.array(z.array(z.number().nullable())),
  }),
});

/**
 * @param tileDir folder of a built network
 * @throws ContractError when the network can't be asked: its folder is damaged.
 */
export async function askWays(engine: Engine, tileDir: string, ends: TripEnds): Promise<Ways> {
  try {
    return await new Asker(engine.open(tileDir)).ask(ends);
  } catch (cause) {
    throw new ContractError(
      `the street network in ${tileDir} gives no answer (${cause instanceof Error ? cause.message : cause}). Remove that folder and run raiz places network build again.`,
      {cause},
    );
  }
}

class Asker {
  readonly #actor: ReturnType<Engine['open']>;
  readonly #walkMinutes = new Map<string, number>();
  readonly #roadM = new Map<string, number>();

  constructor(actor: ReturnType<Engine['open']>) {
    this.#actor = actor;
  }

  async ask({homes, goals, stations}: TripEnds): Promise<Ways> {
    const places = {homes: distinct(homes), goals: distinct(goals), stations: distinct(stations)};
    await this.#askWalks(places);
    await this.#askRoads(places);
    return {
      walkQuality: 'exact',
      walkMinutes: (from, to) => this.#walkMinutes.get(pairKey(from, to)) ?? null,
      busRoadM: (from, to) => this.#roadM.get(pairKey(from, to)) ?? null,
    };
  }

  async #askWalks(ends: TripEnds): Promise<void> {
    const [homes, goals, stations] = await this.#onNetwork('pedestrian', ends);
    const isNear = (from: Point, to: Point, limitM: number): boolean => planeDistanceM(from, to) <= limitM;
    for (const batch of batchesOf(homes)) {
      const targets = [
        ...goals.filter(goal => batch.some(home => isNear(home, goal, MAX_WALK_M))),
        ...stations.filter(station => batch.some(home => isNear(home, station, MAX_STOP_WALK_M))),
      ];
      await this.#measure('pedestrian', batch, distinct(targets));
    }
    for (const goal of goals) {
      const sources = stations.filter(station => isNear(station, goal, MAX_STOP_WALK_M));
      await this.#measure('pedestrian', sources, [goal]);
    }
  }

  async #askRoads(ends: TripEnds): Promise<void> {
    const [homes, goals] = await this.#onNetwork('bus', {...ends, stations: []});
    for (const batch of batchesOf(homes)) await this.#measure('bus', batch, goals);
  }

  /** Those with a street nearby: a request with any other point would fail as a whole. */
  async #onNetwork(
    costing: Costing,
    {homes, goals, stations}: TripEnds,
  ): Promise<[Point[], Point[], Point[]]> {
    const found = new Set<string>();
    const points = distinct([...homes, ...goals, ...stations]);
    for (let at = 0; at < points.length; at += LOCATIONS_A_REQUEST) {
      const batch = points.slice(at, at + LOCATIONS_A_REQUEST);
      const query = {locations: batch.map(point => location(point, costing)), costing, verbose: false};
      const answers = located.parse(JSON.parse(await this.#actor.locate(JSON.stringify(query))));
      answers.forEach(({edges}, index) => {
        const point = batch[index];
        if (point !== undefined && edges !== null && edges.length > 0) found.add(pointKey(point));
      });
    }
    const keep = (list: readonly Point[]): Point[] => list.filter(point => found.has(pointKey(point)));
    return [keep(homes), keep(goals), keep(stations)];
  }

  async #measure(costing: Costing, sources: readonly Point[], targets: readonly Point[]): Promise<void> {
    if (sources.length === 0 || targets.length === 0) return;
    const query = {
      sources: sources.map(point => location(point, costing)),
      targets: targets.map(point => location(point, costing)),
      costing,
      costing_options: {pedestrian: {walking_speed: WALKING_KMH}},
      units: 'kilometers',
      verbose: false,
    };
    const answer = matrix.parse(JSON.parse(await this.#actor.matrix(JSON.stringify(query))));
    const {durations, distances} = answer.sources_to_targets;
    sources.forEach((from, row) => {
      targets.forEach((to, column) => {
        const seconds = durations[row]?.[column] ?? null;
        const kilometres = distances[row]?.[column] ?? null;
        if (seconds === null || kilometres === null) return;
        if (costing === 'pedestrian') this.#walkMinutes.set(pairKey(from, to), seconds / 60);
        else this.#roadM.set(pairKey(from, to), kilometres * 1000);
      });
    });
  }
}

function location({latitude, longitude}: Point, costing: Costing) {
  return {lat: latitude, lon: longitude, search_cutoff: MAX_SNAP_M[costing]};
}

/** Homes in groups of neighbours. */
function batchesOf(homes: readonly Point[]): Point[][] {
  const cell = (degrees: number): number => Math.floor(degrees / CELL_DEGREES);
  const sorted = [...homes].sort(
    (a, b) => cell(a.latitude) - cell(b.latitude) || a.longitude - b.longitude || a.latitude - b.latitude,
  );
  const batches: Point[][] = [];
  for (let at = 0; at < sorted.length; at += HOMES_A_REQUEST) {
    batches.push(sorted.slice(at, at + HOMES_A_REQUEST));
  }
  return batches;
}

function distinct(points: readonly Point[]): Point[] {
  return [...new Map(points.map(point => [pointKey(point), point])).values()];
}

function pointKey({latitude, longitude}: Point): string {
  return `${latitude},${longitude}`;
}

function pairKey(from: Point, to: Point): string {
  return `${pointKey(from)}>${pointKey(to)}`;
}
