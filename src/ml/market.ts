/**
 * Features made of other homes' prices: smoothed means by place and estrato, and nearest neighbours.
 *
 * They are fitted inside a fold. A row that is itself among the fitted ones is encoded from the rows of other inner
 * parts only (whole groups together), so that its own price, or its twin's, never stands in its features.
 */
import type {FeatureRow} from '../domain/model.ts';
import {type AttributeEncoder, placeKeys} from './attributes.ts';
import {findNearest, homeVector, listNeighbours, type Neighbours} from './neighbours.ts';

/** Rows at which a place's own mean weighs as much as its wider place's. */
const SMOOTHING_ROWS = 8;
/** Stands for the distance where there is nobody. */
const MAX_DISTANCE = 20;

export const MARKET_COLUMNS = [
  'mean_municipality',
  'mean_district',
  'mean_place',
  'mean_place_stratum',
  'place_rows',
  'near_mean',
  'similar_mean',
  'similar_spread',
  'similar_distance',
] as const;

type PlaceMean = readonly [mean: number, rows: number];

/** Fitted on training rows only; a plain value. */
export interface MarketEncoder {
  readonly mean: number;
  readonly sd: number;
  /** Smoothed mean target and rows of each place key, with and without estrato. */
  readonly places: Readonly<Record<string, PlaceMean>>;
  readonly neighbours: Neighbours;
}

export function fitMarket(
  attributes: AttributeEncoder,
  rows: readonly FeatureRow[],
  target: ArrayLike<number>,
): MarketEncoder {
  let sum = 0;
  let squares = 0;
  for (let index = 0; index < rows.length; index++) sum += target[index] ?? 0;
  const mean = sum / rows.length;
  for (let index = 0; index < rows.length; index++) squares += ((target[index] ?? 0) - mean) ** 2;
  return {
    mean,
    sd: Math.max(Math.sqrt(squares / rows.length), 1e-6),
    places: fitPlaces(rows, target, mean),
    neighbours: listNeighbours(attributes, rows, target),
  };
}

/** Numbers of one row, in the order of `MARKET_COLUMNS`, on the scale of the fitted target. */
export function encodeMarket(
  encoder: MarketEncoder,
  attributes: AttributeEncoder,
  row: FeatureRow,
): number[] {
  const keys = placeKeys(row);
  const known = (prefix: string): PlaceMean | undefined => {
    const key = keys.find(candidate => candidate.startsWith(prefix));
    return key === undefined ? undefined : encoder.places[key];
  };
  const municipality = known('m:') ?? [encoder.mean, 0];
  const district = known('d:') ?? municipality;
  const place = known('n:') ?? district;
  const stratum =
    keys.map(key => encoder.places[withStratum(key, row)]).find(mean => mean !== undefined) ?? place;
  const scaled = (value: number): number => (value - encoder.mean) / encoder.sd;
  const near = findNearest(encoder.neighbours, homeVector(attributes, row)) ?? {
    nearMean: encoder.mean,
    similarMean: encoder.mean,
    similarSpread: encoder.sd,
    similarDistance: MAX_DISTANCE,
  };
  return [
    scaled(municipality[0]),
    scaled(district[0]),
    scaled(place[0]),
    scaled(stratum[0]),
    Math.log1p(place[1]) / 3,
    scaled(near.nearMean),
    scaled(near.similarMean),
    near.similarSpread / encoder.sd,
    Math.log1p(near.similarDistance),
  ];
}

function withStratum(placeKey: string, row: FeatureRow): string {
  return `${placeKey}#${row.stratum ?? ''}`;
}

function fitPlaces(
  rows: readonly FeatureRow[],
  target: ArrayLike<number>,
  mean: number,
): MarketEncoder['places'] {
  const sums = new Map<string, {sum: number; rows: number; parent: string | undefined}>();
  for (const [index, row] of rows.entries()) {
    const places = placeKeys(row);
    for (const [level, place] of places.entries()) {
      const levels = [
        [place, places[level + 1]],
        [withStratum(place, row), place],
      ] as const;
      for (const [key, parent] of levels) {
        const entry = sums.get(key) ?? {sum: 0, rows: 0, parent};
        entry.sum += target[index] ?? 0;
        entry.rows += 1;
        sums.set(key, entry);
      }
    }
  }
  const smoothed = new Map<string, number>();
  const meanOf = (key: string | undefined): number => {
    const entry = key === undefined ? undefined : sums.get(key);
    if (key === undefined || entry === undefined) return mean;
    const cached = smoothed.get(key);
    if (cached !== undefined) return cached;
    const value = (entry.sum + SMOOTHING_ROWS * meanOf(entry.parent)) / (entry.rows + SMOOTHING_ROWS);
    smoothed.set(key, value);
    return value;
  };
  return Object.fromEntries(
    [...sums].map(([key, entry]): [string, PlaceMean] => [key, [meanOf(key), entry.rows]]),
  );
}
