/** The nearest of many points on the local plane, looked for in rows. Pure. */

/** Points are looked through in rows of this height, from south to north. */
const ROW_M = 250;

/** What is nearest to a point, nearest first; equally near ones in the order they were given in. */
export interface Nearest {
  /** Positions in what was given. */
  readonly positions: Int32Array;
  readonly metres: Float64Array;
  count: number;
}

/** A fixed set of points. */
export class NearestIndex {
  /** Row by row, in each from west to east. */
  readonly #xs: Float64Array;
  readonly #ys: Float64Array;
  readonly #positions: Int32Array;
  /** Where each row starts; one more entry than rows. */
  readonly #starts: Int32Array;
  readonly #south: number;
  readonly #reachM: number;
  /** Made once: a search of its own for each of a million homes is work for the collector. */
  readonly #near: Nearest;

  /**
   * @param points metres east and north
   * @param most how many nearest are wanted
   * @param reachM how far they may be, metres
   */
  constructor(points: readonly {readonly x: number; readonly y: number}[], most: number, reachM: number) {
    this.#reachM = reachM;
    this.#near = {positions: new Int32Array(most), metres: new Float64Array(most), count: 0};
    const south = points.reduce((least, {y}) => Math.min(least, y), Number.POSITIVE_INFINITY);
    const rowOf = (y: number) => Math.floor((y - south) / ROW_M);
    const sorted = points
      .map(({x, y}, position) => ({x, y, position, row: rowOf(y)}))
      .sort((a, b) => a.row - b.row || a.x - b.x || a.position - b.position);
    this.#south = south;
    this.#xs = Float64Array.from(sorted, ({x}) => x);
    this.#ys = Float64Array.from(sorted, ({y}) => y);
    this.#positions = Int32Array.from(sorted, ({position}) => position);
    const starts = new Int32Array((sorted.at(-1)?.row ?? -1) + 2);
    for (const {row} of sorted) starts[row + 1] = (starts[row + 1] ?? 0) + 1;
    for (let row = 1; row < starts.length; row++) starts[row] = (starts[row] ?? 0) + (starts[row - 1] ?? 0);
    this.#starts = starts;
  }

  /**
   * The row of the point first, then those beside it outwards, until none can hold a nearer one.
   * @returns valid until the next search
   */
  find(x: number, y: number): Nearest {
    this.#near.count = 0;
    const top = this.#starts.length - 2;
    const own = Math.max(0, Math.min(top, Math.floor((y - this.#south) / ROW_M)));
    for (let away = 0; away <= top; away++) {
      const isNorthReached = this.#walkRow(own + away, x, y);
      const isSouthReached = away > 0 && this.#walkRow(own - away, x, y);
      if (!isNorthReached && !isSouthReached) break;
    }
    return this.#near;
  }

  /** Nothing farther than this is still wanted. */
  #limit(): number {
    const {metres, count} = this.#near;
    return count < metres.length ? this.#reachM : (metres[count - 1] ?? 0);
  }

  /** East and west at once, the nearer side first, until no longitude can be nearer. @returns whether the row is within reach. */
  #walkRow(row: number, x: number, y: number): boolean {
    const low = this.#south + row * ROW_M;
    const rowGap = y < low ? low - y : y - low - ROW_M;
    let limit = this.#limit();
    if (row < 0 || row >= this.#starts.length - 1 || rowGap > limit) return false;
    const xs = this.#xs;
    const start = this.#starts[row] ?? 0;
    const end = this.#starts[row + 1] ?? 0;
    let right = firstNotWestOf(xs, x, start, end);
    let left = right - 1;
    for (;;) {
      const eastGap = right < end ? (xs[right] ?? 0) - x : Number.POSITIVE_INFINITY;
      const westGap = left >= start ? x - (xs[left] ?? 0) : Number.POSITIVE_INFINITY;
      const gap = Math.min(eastGap, westGap);
      if (gap > limit) return true;
      const at = eastGap <= westGap ? right++ : left--;
      const dy = (this.#ys[at] ?? 0) - y;
      const away = Math.sqrt(gap * gap + dy * dy);
      if (away > limit) continue;
      this.#keep(this.#positions[at] ?? 0, away);
      limit = this.#limit();
    }
  }

  #keep(position: number, away: number): void {
    const {positions, metres, count} = this.#near;
    const isFull = count === metres.length;
    let at = count;
    if (isFull) {
      at--;
      if (away === metres[at] && position > (positions[at] ?? 0)) return;
    } else this.#near.count++;
    for (; at > 0; at--) {
      const held = metres[at - 1] ?? 0;
      const heldPosition = positions[at - 1] ?? 0;
      if (held < away || (held === away && heldPosition < position)) break;
      metres[at] = held;
      positions[at] = heldPosition;
    }
    metres[at] = away;
    positions[at] = position;
  }
}

function firstNotWestOf(xs: Float64Array, x: number, start: number, end: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((xs[middle] ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
