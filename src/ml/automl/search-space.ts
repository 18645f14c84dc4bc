/** Settings worth trying, drawn at random: wide enough to be wrong, narrow enough to be found. */
import type {Random} from '../../lib/random.ts';
import type {FittedAlgorithm, Tuned} from '../algorithms.ts';

/** @returns undefined when a candidate has nothing to choose. */
export function drawSettings<A extends FittedAlgorithm>(
  algorithm: A,
  random: Random,
): Tuned[keyof Tuned & A] | undefined {
  const draw = DRAW[algorithm as keyof typeof DRAW] as
    | ((random: Random) => Tuned[keyof Tuned & A])
    | undefined;
  return draw?.(random);
}

const DRAW = {
  ridge_hedonic: (random: Random) => ({penalty: logBetween(random, 1, 1000)}),
  nearest: (random: Random) => ({neighbours: random.int(3, 40)}),
  gbdt: (random: Random) => {
    const shrinkage = logBetween(random, 0.03, 0.12);
    return {
      maxLeaves: random.pick([15, 31, 63, 127]),
      minLeafRows: random.pick([4, 8, 16, 32]),
      l2: logBetween(random, 0.3, 30),
      huberDelta: random.pick([null, 0.05, 0.1, 0.2]),
      // Small steps need more of them.
      maxTrees: shrinkage < 0.05 ? 1500 : 800,
      shrinkage,
      rowShare: random.pick([0.6, 0.8, 1]),
      columnShare: rounded(random.between(0.2, 0.8)),
    };
  },
  network: (random: Random) => ({
    hidden: random.pick([
      [64, 32],
      [96, 64],
      [128, 64],
      [192, 96],
    ]),
    epochs: random.pick([10, 16, 24]),
    learningRate: logBetween(random, 0.001, 0.006),
    weightDecay: logBetween(random, 0.003, 0.06),
    huberDelta: random.pick([0.15, 0.3, 0.6]),
  }),
} satisfies {readonly [Name in keyof Tuned]: (random: Random) => Required<Tuned>[Name]};

function logBetween(random: Random, low: number, high: number): number {
  return rounded(Math.exp(random.between(Math.log(low), Math.log(high))));
}

/** Three significant digits: settings are read by people. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
