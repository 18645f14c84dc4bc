/** How far apart two points are on foot and by road: what estimates of trips are made of. Pure. */
import {type Point, planeDistanceM} from './geo.ts';

/** On foot, on the level: Tobler's hiking function gives 5.04 km/h at slope 0; a little less for crossings. Assumption. */
export const WALKING_KMH = 4.8;
/** Metres of street for a metre straight on. Assumption; 1.2–1.4 is usual in street networks. */
const WALKING_DETOUR = 1.3;
/** Metres of street for a metre straight on, by bus. Assumption: routes wind more than walkers do. */
export const BUS_DETOUR = 1.5;
/** Tobler's function is exp(−3.5 · |slope + 0.05|): quickest a little downhill. */
const TOBLER_STEEPNESS = 3.5;
const TOBLER_BEST_SLOPE = -0.05;
/**
 * At 3.5⁻¹ = 29 % a walker of Tobler's gains height quickest; whoever must climb more per metre does so on a longer way
 * (zigzag, stairs around the block), so that no street of the estimate is steeper.
 */
const STEEPEST_SLOPE = 1 / TOBLER_STEEPNESS;

/** Ways between two points. `null`: there is none, or it isn't known. */
export interface Ways {
  /** `exact`: minutes on foot are those of a street network. */
  readonly walkQuality: 'exact' | 'estimated';
  readonly walkMinutes: (from: Point, to: Point) => number | null;
  readonly busRoadM: (from: Point, to: Point) => number | null;
}

/** Metres above the sea; null: not known. */
export type ElevationOf = (point: Point) => number | null;

/**
 * Minutes on foot for metres straight on.
 * @param climbM metres up (down: below 0) from start to end. Source of the slowing: W. Tobler, Three presentations on
 *   geographical analysis and modeling, NCGIA report 93-1, 1993. What goes up and down in between is not known to it.
 */
export function walkMinutes(distanceM: number, climbM = 0): number {
  const wayM = Math.max(distanceM * WALKING_DETOUR, Math.abs(climbM) / STEEPEST_SLOPE);
  const slope = wayM === 0 ? 0 : climbM / wayM;
  const slowing = Math.exp(
    TOBLER_STEEPNESS * (Math.abs(slope - TOBLER_BEST_SLOPE) - Math.abs(TOBLER_BEST_SLOPE)),
  );
  return (wayM * slowing * 60) / (WALKING_KMH * 1000);
}

/** Without streets: straight lines times a detour, and the climb where both ends' elevation is known. */
export function stateWays(elevationOf: ElevationOf = () => null): Ways {
  return {
    walkQuality: 'estimated',
    walkMinutes: (from, to) => {
      const start = elevationOf(from);
      const end = elevationOf(to);
      return walkMinutes(planeDistanceM(from, to), start === null || end === null ? 0 : end - start);
    },
    busRoadM: (from, to) => planeDistanceM(from, to) * BUS_DETOUR,
  };
}
