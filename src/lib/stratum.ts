/** Stratum of a home from the known strata around it. Pure. */
import {eastM, northM} from './geo.ts';
import {type Nearest, NearestIndex} from './geo-nearest.ts';

/** The strata of Colombian homes. */
const STRATA = [1, 2, 3, 4, 5, 6] as const;
/** Beyond this, other people's strata tell nothing. */
const REACH_M = 1500;
/**
 * Without a known home this near there is no guess: adverts of 2021 and 2023 agree with guesses made nearer on 67 %,
 * within one stratum on 92 %; beyond 500 m on 44 % and 62 %, with as many votes behind them.
 */
const WITNESS_M = 300;
/** A home of the same neighbourhood may be this far. */
const NEIGHBOUR_WITNESS_M = 500;
/** Fewer known homes say nothing about a neighbourhood's strata. */
const NEIGHBOURHOOD_HOMES = 10;
const NEAREST_BLOCKS = 30;
/** Distances count from here: coordinates are not truer than this. */
const SOFTENING_M = 20;

export interface KnownStratum {
  readonly latitude: number;
  readonly longitude: number;
  /** 1 to 6. */
  readonly stratum: number;
  /** Homes of one block are one vote; without a code each point is its own block. */
  readonly blockCode: string | null;
  /** Official neighbourhood that holds the point. */
  readonly neighbourhoodCode: string | null;
}

/** What inner folds choose. */
export interface StratumSettings {
  /** Weight of a block falls with distance to this power. */
  readonly power: number;
  /** Weight of a block of another neighbourhood, against one of the same. */
  readonly otherNeighbourhood: number;
  /** Weight of the neighbourhood's mix of strata, in votes of one home at no distance times `SOFTENING_M`. */
  readonly prior: number;
}

export const STRATUM_SETTINGS: readonly [StratumSettings, ...StratumSettings[]] = [
  {power: 1, otherNeighbourhood: 0.5, prior: 0.05},
  {power: 1, otherNeighbourhood: 0.3, prior: 0.05},
  {power: 1.2, otherNeighbourhood: 0.5, prior: 0.02},
  {power: 0.8, otherNeighbourhood: 0.3, prior: 0.1},
];

export interface StratumGuess {
  readonly stratum: number;
  /** Share of the votes for it, 0 to 1: not yet a probability. */
  readonly share: number;
}

interface Block {
  readonly x: number;
  readonly y: number;
  readonly stratum: number;
  readonly neighbourhoodCode: string | null;
  /** Square root of its homes: ten adverts of one tower are not ten witnesses. */
  readonly weight: number;
}

/**
 * Votes of the 30 nearest blocks within 1.5 km, each √homes ÷ (20 m + distance)^power, blocks across a
 * neighbourhood's border counted less, and the neighbourhood's own mix of strata as a prior.
 */
export class StratumMap {
  readonly #mixes: ReadonlyMap<string, readonly number[]>;
  readonly #settings: StratumSettings;
  readonly #blocks: readonly Block[];
  readonly #index: NearestIndex;

  constructor(points: readonly KnownStratum[], settings: StratumSettings) {
    this.#settings = settings;
    this.#mixes = mixByNeighbourhood(points);
    this.#blocks = gatherBlocks(points);
    this.#index = new NearestIndex(this.#blocks, NEAREST_BLOCKS, REACH_M);
  }

  /** Undefined where no known home is within 300 m, nor one of the same neighbourhood within 500 m. */
  guess(latitude: number, longitude: number, neighbourhoodCode: string | null): StratumGuess | undefined {
    return this.#vote(this.#near(latitude, longitude), neighbourhoodCode, this.#settings);
  }

  /** The same with each of several settings; what lies near is looked for once. */
  guessWithEach(
    {latitude, longitude, neighbourhoodCode}: Omit<KnownStratum, 'stratum' | 'blockCode'>,
    settings: readonly StratumSettings[],
  ): (StratumGuess | undefined)[] {
    const near = this.#near(latitude, longitude);
    return settings.map(each => this.#vote(near, neighbourhoodCode, each));
  }

  #vote(
    {positions, metres, count}: Nearest,
    neighbourhoodCode: string | null,
    {power, otherNeighbourhood, prior}: StratumSettings,
  ): StratumGuess | undefined {
    const votes = new Float64Array(STRATA.length + 1);
    let hasWitness = count > 0 && (metres[0] ?? 0) <= WITNESS_M;
    for (let at = 0; at < count; at++) {
      const block = this.#blocks[positions[at] ?? -1];
      if (block === undefined) continue;
      const isSame = block.neighbourhoodCode === neighbourhoodCode;
      hasWitness ||= isSame && neighbourhoodCode !== null && (metres[at] ?? 0) <= NEIGHBOUR_WITNESS_M;
      const border = isSame ? 1 : otherNeighbourhood;
      const distance = (metres[at] ?? 0) + SOFTENING_M;
      // A power costs more than the rest of the loop.
      const weight = (border * block.weight) / (power === 1 ? distance : distance ** power);
      votes[block.stratum] = (votes[block.stratum] ?? 0) + weight;
    }
    if (!hasWitness) return undefined;
    const mix = this.#mixes.get(neighbourhoodCode ?? '');
    for (const stratum of STRATA) votes[stratum] = (votes[stratum] ?? 0) + prior * (mix?.[stratum] ?? 0);
    return mostVoted(votes);
  }

  /** The neighbourhood's commonest stratum: what any better guess must beat. Undefined with fewer than 10 known homes. */
  commonest(neighbourhoodCode: string | null): StratumGuess | undefined {
    return mostVoted(Float64Array.from(this.#mixes.get(neighbourhoodCode ?? '') ?? []));
  }

  #near(latitude: number, longitude: number): Nearest {
    return this.#index.find(eastM(longitude), northM(latitude));
  }
}

function gatherBlocks(points: readonly KnownStratum[]): Block[] {
  const sums = new Map<string, {x: number; y: number; homes: number; point: KnownStratum}>();
  points.forEach((point, index) => {
    const key = `${point.blockCode ?? `point ${index}`}|${point.stratum}`;
    const sum = sums.get(key) ?? {x: 0, y: 0, homes: 0, point};
    sum.x += eastM(point.longitude);
    sum.y += northM(point.latitude);
    sum.homes++;
    sums.set(key, sum);
  });
  return [...sums.values()]
    .map(({x, y, homes, point: {stratum, neighbourhoodCode}}) => ({
      x: x / homes,
      y: y / homes,
      stratum,
      neighbourhoodCode,
      weight: Math.sqrt(homes),
    }))
    .sort((a, b) => a.x - b.x || a.y - b.y || a.stratum - b.stratum);
}

function mixByNeighbourhood(points: readonly KnownStratum[]): ReadonlyMap<string, readonly number[]> {
  const counts = new Map<string, number[]>();
  for (const {neighbourhoodCode, stratum} of points) {
    if (neighbourhoodCode === null) continue;
    const mix = counts.get(neighbourhoodCode) ?? [0, 0, 0, 0, 0, 0, 0];
    mix[stratum] = (mix[stratum] ?? 0) + 1;
    counts.set(neighbourhoodCode, mix);
  }
  for (const [code, mix] of counts) {
    const homes = mix.reduce((sum, count) => sum + count, 0);
    if (homes < NEIGHBOURHOOD_HOMES) counts.delete(code);
    else
      counts.set(
        code,
        mix.map(count => count / homes),
      );
  }
  return counts;
}

function mostVoted(votes: Float64Array): StratumGuess | undefined {
  let sum = 0;
  let best = 0;
  for (const stratum of STRATA) {
    const given = votes[stratum] ?? 0;
    sum += given;
    if (given > (votes[best] ?? 0)) best = stratum;
  }
  return best === 0 ? undefined : {stratum: best, share: (votes[best] ?? 0) / sum};
}
