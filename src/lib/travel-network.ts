/**
 * The Metro, cable, tram and Metroplús network as a graph, and the minutes from every stop to a destination. Pure.
 *
 * A stated model, no timetable: stops are joined along each line, straight from stop to stop, at the line's mean speed
 * (stops included); every boarding costs half a headway. Speeds and headways: `data/reference/lines.csv`.
 */
import {type Point, planeDistanceM} from './geo.ts';
import {stateWays, type Ways, walkMinutes} from './travel-ways.ts';

export const TRANSIT_MODES = ['metro', 'cable', 'tram', 'brt'] as const;

export type TransitMode = (typeof TRANSIT_MODES)[number];

export interface Station extends Point {
  /** `source_id` of `data/reference/stations.csv`. */
  readonly stationId: string;
  readonly name: string;
}

export interface TransitLine {
  readonly line: string;
  readonly mode: TransitMode;
  /** In riding order; trains run both ways. */
  readonly stations: readonly Station[];
  readonly speedKmh: number;
  readonly headwayMinutes: number;
  /** Service of a working day, minutes after midnight. */
  readonly opensMinute: number;
  readonly closesMinute: number;
}

/** One part of a trip. `to` null: the destination. */
export interface Leg {
  readonly mode: 'walk' | 'bus' | TransitMode;
  readonly line: string | null;
  readonly to: string | null;
  /** Waiting before it included. */
  readonly minutes: number;
}

/** A stop from which a destination can be reached on the network. */
export interface ReachableStop {
  readonly station: Station;
  /** The line to board. */
  readonly line: string;
  /** From the platform to the destination's door: first wait, rides, changes, last walk. */
  readonly minutes: number;
  /** The same way leg by leg, made when asked for. */
  readonly legs: () => readonly Leg[];
}

/** Nobody is expected to walk further to or from a stop, metres straight on. Assumption. */
export const MAX_STOP_WALK_M = 1500;
/** Stops of two lines this near are one interchange, metres straight on. Assumption: Hospital to San Pedro is 350 m. */
const MAX_CHANGE_M = 400;
/** Stairs and gates of a change, beside walk and wait, minutes. Assumption. */
const CHANGE_MINUTES = 2;

interface Stop {
  readonly station: Station;
  readonly line: TransitLine;
}

interface Edge {
  readonly to: number;
  readonly legs: readonly Leg[];
  readonly minutes: number;
}

export class TransitNetwork {
  readonly #stops: readonly Stop[];
  /** By stop: what can be done aboard it. Rides go both ways, so these are the ways back from a destination too. */
  readonly #edges: readonly (readonly Edge[])[];

  constructor(lines: readonly TransitLine[]) {
    this.#stops = lines.flatMap(line => line.stations.map(station => ({station, line})));
    this.#edges = this.#stops.map((stop, index) => this.#edgesOf(stop, index));
  }

  /**
   * Every stop with its quickest way to a point; empty when no stop is within walking distance of it.
   * @param ways of the last walk; changes are walked on the level
   */
  stopsTo(destination: Point, ways: Ways = stateWays()): ReachableStop[] {
    const lastWalks = this.#stops.map(({station}) => lastWalk(station, destination, ways));
    const minutes = [...lastWalks];
    const next: (Edge | null)[] = this.#stops.map(() => null);
    const open = new Set(minutes.flatMap((value, index) => (Number.isFinite(value) ? [index] : [])));
    while (open.size > 0) {
      const nearest = this.#takeNearest(open, minutes);
      this.#edges[nearest]?.forEach(edge => {
        const back = this.#edges[edge.to]?.find(({to}) => to === nearest);
        const total = (minutes[nearest] ?? 0) + (back?.minutes ?? Number.POSITIVE_INFINITY);
        if (back === undefined || total >= (minutes[edge.to] ?? 0)) return;
        minutes[edge.to] = total;
        next[edge.to] = back;
        open.add(edge.to);
      });
    }
    return this.#stops.flatMap((stop, index) => {
      const first = next[index];
      if (first === null || first === undefined) return [];
      const wait = stop.line.headwayMinutes / 2;
      const legs = () =>
        mergeRides([rideLeg(stop.line, stop.station, wait), ...this.#legsFrom(index, next, lastWalks)]);
      return [{station: stop.station, line: stop.line.line, minutes: wait + (minutes[index] ?? 0), legs}];
    });
  }

  #takeNearest(open: Set<number>, minutes: readonly number[]): number {
    let nearest = -1;
    for (const index of open) {
      if (nearest < 0 || (minutes[index] ?? 0) < (minutes[nearest] ?? 0)) nearest = index;
    }
    open.delete(nearest);
    return nearest;
  }

  #legsFrom(start: number, next: readonly (Edge | null)[], lastWalks: readonly number[]): Leg[] {
    const legs: Leg[] = [];
    let at = start;
    for (let edge = next[at]; edge !== null && edge !== undefined; edge = next[at]) {
      legs.push(...edge.legs);
      at = edge.to;
    }
    return [...legs, {mode: 'walk', line: null, to: null, minutes: lastWalks[at] ?? 0}];
  }

  #edgesOf(stop: Stop, index: number): Edge[] {
    return this.#stops.flatMap((other, to): Edge[] => {
      if (to === index) return [];
      const distanceM = planeDistanceM(stop.station, other.station);
      if (other.line === stop.line) {
        if (Math.abs(to - index) !== 1) return [];
        const minutes = (distanceM * 60) / (stop.line.speedKmh * 1000);
        return [{to, minutes, legs: [rideLeg(stop.line, other.station, minutes)]}];
      }
      if (distanceM > MAX_CHANGE_M) return [];
      const walk = walkMinutes(distanceM) + CHANGE_MINUTES;
      const wait = other.line.headwayMinutes / 2;
      return [
        {
          to,
          minutes: walk + wait,
          legs: [
            {mode: 'walk', line: null, to: other.station.name, minutes: walk},
            rideLeg(other.line, other.station, wait),
          ],
        },
      ];
    });
  }
}

function lastWalk(station: Station, destination: Point, ways: Ways): number {
  const isFar = planeDistanceM(station, destination) > MAX_STOP_WALK_M;
  return (isFar ? null : ways.walkMinutes(station, destination)) ?? Number.POSITIVE_INFINITY;
}

function rideLeg(line: TransitLine, to: Station, minutes: number): Leg {
  return {mode: line.mode, line: line.line, to: to.name, minutes};
}

/** Stop after stop on one line is one ride. */
function mergeRides(legs: readonly Leg[]): Leg[] {
  const merged: Leg[] = [];
  for (const leg of legs) {
    const last = merged.at(-1);
    if (last !== undefined && last.line !== null && last.line === leg.line) {
      merged[merged.length - 1] = {...leg, minutes: last.minutes + leg.minutes};
    } else merged.push(leg);
  }
  return merged;
}
