/**
 * Door-to-door minutes on foot, by bus and by Metro. Pure.
 *
 * Walks and roads come from `Ways`: a street network's, else a stated estimate. No timetables and no traffic: every
 * number below is a named assumption. The mode taken is the quickest; of two equally quick ones, the one with fewer
 * vehicles.
 */
import {isWithin, type Point, planeDistanceM, VALLE_DE_ABURRA} from './geo.ts';
import {type Leg, MAX_STOP_WALK_M, type ReachableStop, type TransitNetwork} from './travel-network.ts';
import {BUS_DETOUR, stateWays, type Ways} from './travel-ways.ts';

/** `transit`: Metro, cable, tram, Metroplús; `bus_transit`: a feeder or integrated bus to them. */
export const TRAVEL_MODES = ['walk', 'transit', 'bus', 'bus_transit'] as const;

export type TravelMode = (typeof TRAVEL_MODES)[number];

export interface Travel {
  /** Door to door, to a tenth. */
  readonly minutes: number;
  readonly mode: TravelMode;
  /** `exact`: on foot through a street network. Whatever rides is estimated. */
  readonly quality: 'exact' | 'estimated';
  readonly legs: readonly Leg[];
}

/** Where trips end, with the ways there worked out once. */
export interface Goal {
  readonly point: Point;
  readonly stops: readonly ReachableStop[];
  readonly ways: Ways;
}

/** Mean speed of a bus in traffic, stops included. Assumption. */
export const BUS_KMH = 15;
/** Mean wait for a bus, minutes. Assumption. */
export const BUS_WAIT_MINUTES = 8;
/** To the bus stop, minutes; a trip by bus alone has as much again at its end. Assumption. */
export const BUS_STOP_WALK_MINUTES = 5;

/** Further than this the estimate's bus is quicker than feet on all but the oddest streets: no walk is looked for. Metres straight on. */
export const MAX_WALK_M = 4000;

/** Works out a destination once for any number of homes. */
export function planGoal(network: TransitNetwork, point: Point, ways: Ways = stateWays()): Goal {
  return {point, stops: network.stopsTo(point, ways), ways};
}

/** @returns null when home or destination is unknown or outside the Valle de Aburrá, or no way joins them. */
export function estimateTravel(home: Point | null, goal: Goal): Travel | null {
  if (home === null || !isInValley(home) || !isInValley(goal.point)) return null;
  const roadM = goal.ways.busRoadM(home, goal.point);
  let best: Way | null = null;
  for (const way of [...walkWays(home, goal), ...busWays(roadM)]) {
    if (best === null || way.minutes < best.minutes) best = way;
  }
  for (const stop of goal.stops) {
    const way = stopWay(home, stop, goal.ways, roadM !== null);
    if (way !== null && (best === null || way.minutes < best.minutes)) best = way;
  }
  if (best === null) return null;
  return {
    minutes: Math.round(best.minutes * 10) / 10,
    mode: best.mode,
    quality: best.mode === 'walk' ? goal.ways.walkQuality : 'estimated',
    legs: best.legs(),
  };
}

interface Way {
  readonly mode: TravelMode;
  readonly minutes: number;
  readonly legs: () => readonly Leg[];
}

function walkWays(home: Point, {point, ways}: Goal): Way[] {
  const minutes = ways.walkMinutes(home, point);
  return minutes === null ? [] : [{mode: 'walk', minutes, legs: () => [walkLeg(minutes, null)]}];
}

function busWays(roadM: number | null): Way[] {
  if (roadM === null) return [];
  const minutes = busMinutes(roadM) + BUS_STOP_WALK_MINUTES;
  return [
    {mode: 'bus', minutes, legs: () => [...busLegs(roadM, null), walkLeg(BUS_STOP_WALK_MINUTES, null)]},
  ];
}

/** On foot to a stop nearby, by bus to one further off. */
function stopWay(home: Point, stop: ReachableStop, ways: Ways, hasRoad: boolean): Way | null {
  const {station} = stop;
  const accessM = planeDistanceM(home, station);
  if (accessM <= MAX_STOP_WALK_M) {
    const access = ways.walkMinutes(home, station);
    if (access === null) return null;
    const legs = () => [walkLeg(access, station.name), ...stop.legs()];
    return {mode: 'transit', minutes: access + stop.minutes, legs};
  }
  if (!hasRoad) return null;
  const roadM = accessM * BUS_DETOUR;
  const legs = () => [...busLegs(roadM, station.name), ...stop.legs()];
  return {mode: 'bus_transit', minutes: busMinutes(roadM) + stop.minutes, legs};
}

function busLegs(roadM: number, to: string | null): Leg[] {
  const ride = busMinutes(roadM) - BUS_STOP_WALK_MINUTES;
  return [
    walkLeg(BUS_STOP_WALK_MINUTES, 'paradero'),
    {mode: 'bus', line: null, to: to ?? 'paradero', minutes: ride},
  ];
}

/** Walk to the stop, wait, ride. */
function busMinutes(roadM: number): number {
  return BUS_STOP_WALK_MINUTES + BUS_WAIT_MINUTES + (roadM * 60) / (BUS_KMH * 1000);
}

function walkLeg(minutes: number, to: string | null): Leg {
  return {mode: 'walk', line: null, to, minutes};
}

function isInValley({latitude, longitude}: Point): boolean {
  return isWithin(VALLE_DE_ABURRA, latitude, longitude);
}
