/** The yardsticks every model must beat. */
import type {FeatureRow} from '../domain/model.ts';
import {median} from '../lib/stats.ts';
import {placeKeys} from './attributes.ts';

/** A median of fewer rows is not believed; the next wider place is asked. */
const MIN_PLACE_ROWS = 5;

/** Median log COP/m² of every place × estrato, place and estrato with enough rows, and of all rows. */
export interface PlaceMedians {
  readonly all: number;
  readonly byKey: Readonly<Record<string, number>>;
}

export function fitPlaceMedians(rows: readonly FeatureRow[], target: ArrayLike<number>): PlaceMedians {
  const lists = new Map<string, number[]>();
  for (const [index, row] of rows.entries()) {
    for (const key of medianKeys(row)) {
      const list = lists.get(key);
      if (list === undefined) lists.set(key, [target[index] ?? 0]);
      else list.push(target[index] ?? 0);
    }
  }
  const believed = [...lists].filter(([, values]) => values.length >= MIN_PLACE_ROWS);
  return {
    all: median(target),
    byKey: Object.fromEntries(believed.map(([key, values]) => [key, median(values)])),
  };
}

/** Log COP/m² by the narrowest key that has a median. */
export function predictPlaceMedian(medians: PlaceMedians, row: FeatureRow): number {
  const key = medianKeys(row).find(candidate => medians.byKey[candidate] !== undefined);
  return (key === undefined ? undefined : medians.byKey[key]) ?? medians.all;
}

/** Barrio × estrato, barrio, district × estrato, …, estrato: the first that is known counts. */
function medianKeys(row: FeatureRow): string[] {
  const places = placeKeys(row).flatMap(place =>
    row.stratum === null ? [place] : [`${place}#${row.stratum}`, place],
  );
  return row.stratum === null ? places : [...places, `#${row.stratum}`];
}
