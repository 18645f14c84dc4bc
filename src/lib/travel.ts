/**
 * Stated estimate of door-to-door minutes on foot, by bus and by Metro. Pure.
 *
 * No streets, timetables, traffic, hours or slopes: every number below is a named assumption, and what comes out is
 * `estimated`. The mode taken is the quickest; of two equally quick ones, the one with fewer vehicles.
 */
import {isWithin, type Point, planeDistanceM, VALLE_DE_ABURRA} from './geo.ts';
import {
  type Leg,
  MAX_STOP_WALK_M,
  type ReachableStop,
  type TransitNetwork,
  walkMinutes,
} from './travel-network.ts';

/** `transit`: Metro, cable, tram, Metroplús; `bus_transit`: a feeder or integrated bus to them. */
export const TRAVEL_MODES = ['walk', 'transit', 'bus', 'bus_transit'] as const;

export type TravelMode = (typeof TRAVEL_MODES)[number];

export interface Travel {
  /** Door to door, to a tenth. */
  readonly minutes: number;
  readonly mode: TravelMode;
  readonly quality: 'estimated';
  readonly legs: readonly Leg[];
}

/** Where trips end, with the ways there worked out once. */
export interface Goal {
  readonly point: Point;
  readonly stops: readonly ReachableStop[];
}

/** Metres of street for a metre straight on, by bus. Assumption: routes wind more than walkers do. */
export const BUS_DETOUR = 1.5;
/** Mean speed of a bus in traffic, stops included. Assumption. */
export const BUS_KMH = 15;
/** Mean wait for a bus, minutes. Assumption. */
export const BUS_WAIT_MINUTES = 8;
/** To the bus stop, minutes; a trip by bus alone has as much again at its end. Assumption. */
export const BUS_STOP_WALK_MINUTES = 5;

/** Works out a destination once for any number of homes. */
export function planGoal(network: TransitNetwork, point: Point): Goal {
  return {point, stops: network.stopsTo(point)};
}

/** @returns null when home or destination is unknown or outside the Valle de Aburrá. */
export function estimateTravel(home: Point | null, goal: Goal): Travel | null {
  if (home === null || !isInValley(home) || !isInValley(goal.point)) return null;
  const distanceM = planeDistanceM(home, goal.point);
  const direct = [
    {mode: 'walk' as const, legs: [walkLeg(walkMinutes(distanceM), null)]},
    {
      mode: 'bus' as const,
      legs: [...busLegs(distanceM, null), walkLeg(BUS_STOP_WALK_MINUTES, null)],
    },
  ];
  let best = {...quickest(direct), stop: null as ReachableStop | null, accessM: 0};
  for (const stop of goal.stops) {
    const accessM = planeDistanceM(home, stop.station);
    const mode = accessM <= MAX_STOP_WALK_M ? 'transit' : 'bus_transit';
    const access = mode === 'transit' ? walkMinutes(accessM) : busMinutes(accessM);
    const minutes = access + stop.minutes;
    if (minutes < best.minutes) best = {mode, minutes, legs: [], stop, accessM};
  }
  return {
    minutes: Math.round(best.minutes * 10) / 10,
    mode: best.mode,
    quality: 'estimated',
    legs: best.stop === null ? best.legs : [...accessLegs(best.stop, best.accessM), ...best.stop.legs()],
  };
}

interface Way {
  readonly mode: TravelMode;
  readonly legs: readonly Leg[];
}

function quickest(ways: readonly Way[]): Way & {readonly minutes: number} {
  const timed = ways.map(way => ({...way, minutes: way.legs.reduce((sum, leg) => sum + leg.minutes, 0)}));
  return timed.reduce((best, way) => (way.minutes < best.minutes ? way : best));
}

function accessLegs({station}: ReachableStop, distanceM: number): Leg[] {
  return distanceM <= MAX_STOP_WALK_M
    ? [walkLeg(walkMinutes(distanceM), station.name)]
    : busLegs(distanceM, station.name);
}

function busLegs(distanceM: number, to: string | null): Leg[] {
  const ride = busMinutes(distanceM) - BUS_STOP_WALK_MINUTES;
  return [
    walkLeg(BUS_STOP_WALK_MINUTES, 'paradero'),
    {mode: 'bus', line: null, to: to ?? 'paradero', minutes: ride},
  ];
}

/** Walk to the stop, wait, ride. */
function busMinutes(distanceM: number): number {
  return BUS_STOP_WALK_MINUTES + BUS_WAIT_MINUTES + (distanceM * BUS_DETOUR * 60) / (BUS_KMH * 1000);
}

function walkLeg(minutes: number, to: string | null): Leg {
  return {mode: 'walk', line: null, to, minutes};
}

function isInValley({latitude, longitude}: Point): boolean {
  return isWithin(VALLE_DE_ABURRA, latitude, longitude);
}
