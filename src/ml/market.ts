/**
 * Features made of other homes' prices: smoothed means by place and estrato, and nearest neighbours.
 *
 * They are fitted inside a fold, and remember of each price which inner part (of whole groups) it belongs to. A home
 * that is itself among the fitted ones is encoded without its part, now and whenever it is scored again, so that its
 * own price, its twin's or its copy's never stands in its features.
 */
import type {FeatureRow} from '../domain/model.ts';
import {mean} from '../lib/stats.ts';
import {type AttributeEncoder, placeKeys} from './attributes.ts';
import {type FittedHomes, findNearest, homeVector, listNeighbours, type Neighbours} from './neighbours.ts';

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
  'near_residual',
  'similar_residual',
] as const;

type PlaceMean = readonly [mean: number, rows: number];

/** Sum of targets and rows of each inner part, in a place or everywhere. */
interface PlaceSums {
  /** The wider place; null: everywhere. */
  readonly parent: string | null;
  readonly sums: readonly number[];
  readonly rows: readonly number[];
}

/** Fitted on training rows only; a plain value. */
export interface MarketEncoder {
  /** Of all targets: they put the columns on one scale. */
  readonly mean: number;
  readonly sd: number;
  readonly everywhere: PlaceSums;
  /** By place key, with and without estrato. */
  readonly places: Readonly<Record<string, PlaceSums>>;
  readonly neighbours: Neighbours;
}

/** @param parts inner parts; at most 31. */
export function fitMarket(attributes: AttributeEncoder, homes: FittedHomes, parts: number): MarketEncoder {
  const centre = mean(homes.target);
  const squares = Array.from(homes.target, value => (value - centre) ** 2);
  return {
    mean: centre,
    sd: Math.max(Math.sqrt(mean(squares)), 1e-6),
    ...sumPlaces(homes, parts),
    neighbours: listNeighbours(attributes, homes),
  };
}

/**
 * Numbers of one row, in the order of `MARKET_COLUMNS`, on the scale of the fitted target.
 * @param hidden bits of the inner parts whose prices the row must not see.
 */
export function encodeMarket(
  encoder: MarketEncoder,
  attributes: AttributeEncoder,
  row: FeatureRow,
  hidden: number,
): number[] {
  const keys = placeKeys(row);
  const means = new PlaceMeans(encoder, hidden);
  const known = (prefix: string): PlaceMean | undefined => {
    const key = keys.find(candidate => candidate.startsWith(prefix));
    return key === undefined ? undefined : means.of(key);
  };
  const municipality = known('m:') ?? [means.everywhere, 0];
  const district = known('d:') ?? municipality;
  const place = known('n:') ?? district;
  const stratum = keys.map(key => means.of(withStratum(key, row))).find(mean => mean !== undefined) ?? place;
  const scaled = (value: number): number => (value - encoder.mean) / encoder.sd;
  const near = findNearest(encoder.neighbours, homeVector(attributes, row), hidden) ?? {
    nearMean: means.everywhere,
    similarMean: means.everywhere,
    similarSpread: encoder.sd,
    similarDistance: MAX_DISTANCE,
    nearResidual: 0,
    similarResidual: 0,
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
    near.nearResidual / encoder.sd,
    near.similarResidual / encoder.sd,
  ];
}

function withStratum(placeKey: string, row: FeatureRow): string {
  return `${placeKey}#${row.stratum ?? ''}`;
}

/** Smoothed means of places, from the parts that aren't hidden. */
class PlaceMeans {
  readonly #encoder: MarketEncoder;
  readonly #hidden: number;
  readonly everywhere: number;

  constructor(encoder: MarketEncoder, hidden: number) {
    this.#encoder = encoder;
    this.#hidden = hidden;
    const {sum, rows} = this.#visible(encoder.everywhere);
    this.everywhere = rows === 0 ? encoder.mean : sum / rows;
  }

  /** Undefined where no visible home stands. */
  of(key: string): PlaceMean | undefined {
    const place = this.#encoder.places[key];
    if (place === undefined) return undefined;
    const {rows} = this.#visible(place);
    return rows === 0 ? undefined : [this.#smoothed(place), rows];
  }

  #smoothed(place: PlaceSums): number {
    const {sum, rows} = this.#visible(place);
    const parent = place.parent === null ? undefined : this.#encoder.places[place.parent];
    const wider = parent === undefined ? this.everywhere : this.#smoothed(parent);
    return (sum + SMOOTHING_ROWS * wider) / (rows + SMOOTHING_ROWS);
  }

  #visible({sums, rows}: PlaceSums): {sum: number; rows: number} {
    let sum = 0;
    let count = 0;
    for (let part = 0; part < sums.length; part++) {
      if ((this.#hidden >> part) & 1) continue;
      sum += sums[part] ?? 0;
      count += rows[part] ?? 0;
    }
    return {sum, rows: count};
  }
}

function sumPlaces(
  {rows, target, part}: FittedHomes,
  parts: number,
): Pick<MarketEncoder, 'everywhere' | 'places'> {
  const empty = (parent: string | null) => {
    return {parent, sums: new Array<number>(parts).fill(0), rows: new Array<number>(parts).fill(0)};
  };
  const everywhere = empty(null);
  const places = new Map<string, ReturnType<typeof empty>>();
  for (const [index, row] of rows.entries()) {
    const keys = placeKeys(row);
    const own = part[index] ?? 0;
    const add = ({sums, rows: counts}: ReturnType<typeof empty>): void => {
      sums[own] = (sums[own] ?? 0) + (target[index] ?? 0);
      counts[own] = (counts[own] ?? 0) + 1;
    };
    add(everywhere);
    for (const [level, place] of keys.entries()) {
      const levels = [
        [place, keys[level + 1] ?? null],
        [withStratum(place, row), place],
      ] as const;
      for (const [key, parent] of levels) {
        const entry = places.get(key) ?? empty(parent);
        places.set(key, entry);
        add(entry);
      }
    }
  }
  return {everywhere, places: Object.fromEntries(places)};
}
