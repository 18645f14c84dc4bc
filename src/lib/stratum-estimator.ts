/** How well strata can be guessed: measured on held-out blocks, and what guesses are sure of by that measure. Pure. */
import {
  type KnownStratum,
  STRATUM_SETTINGS,
  type StratumGuess,
  StratumMap,
  type StratumSettings,
} from './stratum.ts';

const BINS = 10;

/** A guess for a home whose block was held out, beside what its block is. */
interface HeldOutGuess {
  readonly stratum: number;
  readonly guess: StratumGuess | undefined;
  readonly commonest: StratumGuess | undefined;
}

/** Fold of a point: whole blocks, by their code, the same on every machine; another salt deals them anew. */
function foldOf(point: KnownStratum, folds: number, salt = ''): number {
  const key = `${salt}${point.blockCode ?? `${point.latitude}/${point.longitude}`}`;
  let hash = 2_166_136_261;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 16_777_619);
  hash ^= hash >>> 15;
  return (Math.imul(hash, 2_246_822_519) >>> 8) % folds;
}

/** Guesses every home from homes of other blocks only, with each of the settings. In the order of `points`. */
function holdOutBlocks(
  points: readonly KnownStratum[],
  folds: number,
  settings: readonly [StratumSettings, ...StratumSettings[]],
): HeldOutGuess[][] {
  const guesses: HeldOutGuess[][] = settings.map(() => []);
  const foldOfPoint = points.map(point => foldOf(point, folds));
  for (let fold = 0; fold < folds; fold++) {
    const map = new StratumMap(
      points.filter((_, index) => foldOfPoint[index] !== fold),
      settings[0],
    );
    points.forEach((point, index) => {
      if (foldOfPoint[index] !== fold) return;
      const commonest = map.commonest(point.neighbourhoodCode);
      map.guessWithEach(point, settings).forEach((guess, tried) => {
        const made = guesses[tried];
        if (made !== undefined) made[index] = {stratum: point.stratum, guess, commonest};
      });
    });
  }
  return guesses;
}

/** Share of homes that a way of guessing gets right, and right within one stratum. No guess is wrong. */
export function scoreGuesses(guesses: readonly {stratum: number; guess: StratumGuess | undefined}[]): {
  exact: number;
  withinOne: number;
} {
  const misses = guesses.map(({stratum, guess}) => Math.abs((guess?.stratum ?? 100) - stratum));
  return {
    exact: misses.filter(miss => miss === 0).length / misses.length,
    withinOne: misses.filter(miss => miss <= 1).length / misses.length,
  };
}

/** Shares of votes and how often such guesses are right, ascending in both. */
export type Reliability = readonly {readonly share: number; readonly right: number; readonly homes: number}[];

/** Ten bins of equal size, by share of votes; neighbours that fall are pooled, so that more votes never mean less. */
export function measureReliability(guesses: readonly HeldOutGuess[]): Reliability {
  const made = guesses
    .flatMap(({stratum, guess}) =>
      guess === undefined ? [] : [{share: guess.share, right: guess.stratum === stratum ? 1 : 0}],
    )
    .sort((a, b) => a.share - b.share);
  const pools: {share: number; right: number; homes: number}[] = [];
  for (let bin = 0; bin < BINS; bin++) {
    const members = made.slice(
      Math.floor((bin * made.length) / BINS),
      Math.floor(((bin + 1) * made.length) / BINS),
    );
    if (members.length === 0) continue;
    let pool = {
      share: members.reduce((sum, member) => sum + member.share, 0) / members.length,
      right: members.reduce((sum, member) => sum + member.right, 0) / members.length,
      homes: members.length,
    };
    for (let last = pools.at(-1); last !== undefined && last.right > pool.right; last = pools.at(-1)) {
      pools.pop();
      const homes = last.homes + pool.homes;
      pool = {
        share: (last.share * last.homes + pool.share * pool.homes) / homes,
        right: (last.right * last.homes + pool.right * pool.homes) / homes,
        homes,
      };
    }
    pools.push(pool);
  }
  return pools;
}

/** Chance that a guess with this share of votes is right: straight lines between the bins' means. */
export function confidenceOf(reliability: Reliability, share: number): number {
  const above = reliability.findIndex(bin => bin.share >= share);
  const high = reliability[above];
  const low = reliability[above - 1];
  if (high === undefined) return reliability.at(-1)?.right ?? 0;
  if (low === undefined) return high.right;
  return low.right + ((high.right - low.right) * (share - low.share)) / (high.share - low.share);
}

/** What strata are estimated with. */
export interface StratumEstimator {
  readonly map: StratumMap;
  readonly reliability: Reliability;
  readonly settings: StratumSettings;
}

const FOLDS = 5;

/** Chooses settings and calibrates by held-out blocks among the given points. Null when there are too few to say anything. */
export function fitStratumEstimator(points: readonly KnownStratum[]): StratumEstimator | null {
  if (points.length < MIN_POINTS) return null;
  const heldOut = holdOutBlocks(points, FOLDS, STRATUM_SETTINGS);
  const tried = STRATUM_SETTINGS.map((settings, index) => {
    const guesses = heldOut[index] ?? [];
    return {settings, guesses, exact: scoreGuesses(guesses).exact};
  });
  const best = tried.reduce((a, b) => (b.exact > a.exact ? b : a));
  return {
    map: new StratumMap(points, best.settings),
    reliability: measureReliability(best.guesses),
    settings: best.settings,
  };
}

/** Fewer labelled homes calibrate nothing. */
const MIN_POINTS = 200;

export interface JudgedGuess extends HeldOutGuess {
  readonly confidence: number;
}

/** Five outer folds of whole blocks; settings and confidence of each are fitted on the other four alone. */
export function crossValidateStratum(points: readonly KnownStratum[], salt = ''): JudgedGuess[] {
  const guesses: JudgedGuess[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const isHeldOut = (point: KnownStratum) => outerFoldOf(point, salt) === fold;
    const estimator = fitStratumEstimator(points.filter(point => !isHeldOut(point)));
    if (estimator === null) continue;
    for (const point of points.filter(isHeldOut)) {
      const {latitude, longitude, neighbourhoodCode, stratum} = point;
      const guess = estimator.map.guess(latitude, longitude, neighbourhoodCode);
      const confidence = confidenceOf(estimator.reliability, guess?.share ?? 0);
      guesses.push({stratum, guess, commonest: estimator.map.commonest(neighbourhoodCode), confidence});
    }
  }
  return guesses;
}

/** Independent of the inner folds. */
function outerFoldOf(point: KnownStratum, salt: string): number {
  return Math.floor(foldOf(point, FOLDS * 1009, salt) / 1009);
}
