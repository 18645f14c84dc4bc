/** Points of interest as flat arrays: a point is one piece, a line many short ones. Pure. */
import type {LineGeometry} from '../domain/market.ts';
import type {PoiCategory} from '../domain/vocabulary.ts';
import {type Box, densifyLine, eastM, northM} from './geo.ts';

/** Lines are cut into pieces of this length at most: one of them counts as one place. */
const PIECE_M = 50;

interface PieceSource {
  readonly category: PoiCategory;
  readonly latitude: number;
  readonly longitude: number;
  readonly geometry?: LineGeometry | null;
}

/** Pieces of points and lines on the local plane, in the order of one sort. */
export class Pieces {
  /** Middles, metres. */
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  /** From the middle to one end; 0, 0 for points. */
  readonly #halfX: Float64Array;
  readonly #halfY: Float64Array;
  readonly columns: Int32Array;
  /** Position of the piece's object in the list they were made from. */
  readonly indexes: Int32Array;
  /** No piece reaches farther from its middle. */
  readonly maxHalfM: number;
  readonly hasLines: boolean;

  /** @param pieces six numbers each: middle x, y; half x, y; column; index */
  constructor(pieces: readonly (readonly number[])[]) {
    const take = (place: number) => Float64Array.from(pieces, piece => piece[place] ?? 0);
    this.xs = take(0);
    this.ys = take(1);
    this.#halfX = take(2);
    this.#halfY = take(3);
    this.columns = Int32Array.from(take(4));
    this.indexes = Int32Array.from(take(5));
    this.maxHalfM = pieces.reduce(
      (most, piece) => Math.max(most, Math.hypot(piece[2] ?? 0, piece[3] ?? 0)),
      0,
    );
    this.hasLines = this.maxHalfM > 0;
  }

  /** Metres of the plane; an empty set has an empty box. */
  get box(): Box {
    if (this.xs.length === 0) return {west: 0, east: 0, south: 0, north: 0};
    return {
      west: this.xs.reduce((a, b) => Math.min(a, b)),
      east: this.xs.reduce((a, b) => Math.max(a, b)),
      south: this.ys.reduce((a, b) => Math.min(a, b)),
      north: this.ys.reduce((a, b) => Math.max(a, b)),
    };
  }

  /** Squared metres to a piece whose middle lies `dx`, `dy` away, `middle` squared metres. */
  distance2(at: number, dx: number, dy: number, middle: number): number {
    const hx = this.#halfX[at] ?? 0;
    const hy = this.#halfY[at] ?? 0;
    const half2 = hx * hx + hy * hy;
    if (half2 === 0) return middle;
    const along = Math.max(-1, Math.min(1, -(dx * hx + dy * hy) / half2));
    return (dx + along * hx) ** 2 + (dy + along * hy) ** 2;
  }

  sortedBy(keyOf: (x: number, y: number) => number): Pieces {
    const keys = Float64Array.from(this.xs, (x, at) => keyOf(x, this.ys[at] ?? 0));
    const order = Int32Array.from(this.xs.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
    return this.#inOrder(order);
  }

  /** Pieces of one category from west to east. */
  ofColumn(column: number): Pieces {
    const order = Int32Array.from(this.xs.keys())
      .filter(at => this.columns[at] === column)
      .sort((a, b) => (this.xs[a] ?? 0) - (this.xs[b] ?? 0) || a - b);
    return this.#inOrder(order);
  }

  /** First piece not west of `x`, when sorted from west to east. */
  firstNotWestOf(x: number): number {
    let low = 0;
    let high = this.xs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.xs[middle] ?? 0) < x) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #inOrder(order: Int32Array): Pieces {
    const columns = [this.xs, this.ys, this.#halfX, this.#halfY, this.columns, this.indexes];
    return new Pieces(Array.from(order, at => columns.map(column => column[at] ?? 0)));
  }
}

export function piecesOf(sources: readonly PieceSource[], categories: readonly PoiCategory[]): Pieces {
  const pieces: number[][] = [];
  sources.forEach(({category, latitude, longitude, geometry}, index) => {
    const column = categories.indexOf(category);
    if (!geometry) {
      pieces.push([eastM(longitude), northM(latitude), 0, 0, column, index]);
      return;
    }
    for (const line of geometry.coordinates) {
      const steps = densifyLine(line, PIECE_M);
      for (let at = 1; at < steps.length; at++) {
        const from = steps[at - 1];
        const to = steps[at];
        if (from === undefined || to === undefined) continue;
        const halfX = (eastM(to.longitude) - eastM(from.longitude)) / 2;
        const halfY = (northM(to.latitude) - northM(from.latitude)) / 2;
        pieces.push([
          eastM(from.longitude) + halfX,
          northM(from.latitude) + halfY,
          halfX,
          halfY,
          column,
          index,
        ]);
      }
    }
  });
  return new Pieces(pieces);
}
