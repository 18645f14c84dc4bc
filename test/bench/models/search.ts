/** Random search over the boosted trees' settings, with the peers' budget and on the same inner folds (peers.py). */
import {createRandom, type Random} from '../../../src/lib/random.ts';
import {mean} from '../../../src/lib/stats.ts';
import {BOOST} from '../../../src/ml/algorithms.ts';
import {type BoostSettings, fitBoost} from '../../../src/ml/gbdt/boost.ts';
import {predictForest} from '../../../src/ml/gbdt/forest.ts';
import {takeRows} from '../../../src/ml/matrix.ts';
import {type BenchFold, INNER_FOLDS} from './folds.ts';

/** As in peers.py. */
const MOST_TREES = 2000;
const PATIENCE = 50;

export interface FoundSettings {
  readonly settings: BoostSettings;
  /** Mean absolute error of the log price on the inner folds. */
  readonly innerError: number;
}

/** All trials on the first inner fold, the best quarter on the others too: least mean error wins. */
export function searchBoost(fold: BenchFold, trials: number, seed: number): FoundSettings {
  const random = createRandom(`trials/${seed}`);
  const first: BoostSettings = {...BOOST, maxTrees: MOST_TREES, patience: PATIENCE};
  const drawn = [first, ...Array.from({length: trials - 1}, () => drawSettings(random))];
  const ranked = drawn
    .map(settings => ({settings, error: innerError(fold, settings, 0, seed)}))
    .sort((a, b) => a.error - b.error)
    .slice(0, Math.ceil(trials / 4));
  const measured = ranked.map(({settings, error}): FoundSettings => {
    const others = Array.from({length: INNER_FOLDS - 1}, (_, at) => innerError(fold, settings, at + 1, seed));
    return {settings, innerError: mean([error, ...others])};
  });
  return measured.reduce((best, own) => (own.innerError < best.innerError ? own : best));
}

function drawSettings(random: Random): BoostSettings {
  const logBetween = (low: number, high: number): number =>
    Math.exp(random.between(Math.log(low), Math.log(high)));
  return {
    maxLeaves: Math.round(logBetween(12, 96)),
    minLeafRows: Math.round(logBetween(2, 30)),
    l2: logBetween(0.5, 20),
    huberDelta: random.chance(1 / 3) ? null : logBetween(0.05, 0.3),
    maxTrees: MOST_TREES,
    shrinkage: logBetween(0.02, 0.12),
    patience: PATIENCE,
    rowShare: random.between(0.6, 1),
    columnShare: random.between(0.2, 0.9),
    mostBins: 255,
  };
}

function innerError(
  {set, treeX, inner}: BenchFold,
  settings: BoostSettings,
  at: number,
  seed: number,
): number {
  const all = [...inner.keys()];
  const train = all.filter(row => inner[row] !== at);
  const validation = all.filter(row => inner[row] === at);
  const forest = fitBoost(
    takeRows(treeX, train),
    Float64Array.from(train, row => set.target[row] ?? 0),
    Int32Array.from(train, row => set.group[row] ?? row),
    seed,
    settings,
  );
  const predicted = predictForest(forest, takeRows(treeX, validation));
  return mean(validation.map((row, place) => Math.abs((predicted[place] ?? 0) - (set.target[row] ?? 0))));
}
