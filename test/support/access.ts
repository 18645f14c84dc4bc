/** What is near a point by the names of categories, which tests are easier to read in than in stored arrays. */
import type {PoiAccess} from '../../src/domain/market.ts';
import {POI_CATEGORIES, type PoiCategory} from '../../src/domain/vocabulary.ts';

export interface Nearby {
  /** Number of the point of interest and metres to it, nearest first. */
  readonly nearest: readonly (readonly [number: number, metres: number])[];
  /** Within 500, 1,000 and 2,000 m. */
  readonly within: readonly number[];
  readonly gravity: number;
}

type ByName = Readonly<Partial<Record<PoiCategory, Nearby>>>;

export function nearbyOf({nearestPoi, nearestM, poiCounts, poiGravity}: PoiAccess): ByName {
  const named: Partial<Record<PoiCategory, Nearby>> = {};
  POI_CATEGORIES.forEach((category, index) => {
    const gravity = poiGravity[index];
    if (gravity === null || gravity === undefined) return;
    const nearest = (nearestPoi[index] ?? []).flatMap((poi, rank) => {
      const metres = nearestM[index]?.[rank];
      return poi === null || metres === null || metres === undefined ? [] : [[poi, metres] as const];
    });
    named[category] = {nearest, within: (poiCounts[index] ?? []).map(count => count ?? Number.NaN), gravity};
  });
  return named;
}

export function accessOf(named: ByName): PoiAccess {
  const three = (values: readonly number[]) => [0, 1, 2].map(rank => values[rank] ?? null);
  const of = <Column>(take: (nearby: Nearby | undefined) => Column) =>
    POI_CATEGORIES.map(category => take(named[category]));
  return {
    nearestPoi: of(nearby => three((nearby?.nearest ?? []).map(([poi]) => poi))),
    nearestM: of(nearby => three((nearby?.nearest ?? []).map(([, metres]) => metres))),
    poiCounts: of(nearby => three(nearby?.within ?? [])),
    poiGravity: of(nearby => nearby?.gravity ?? null),
  };
}
