/**
 * One regression tree (Breiman et al. 1984), and the mean of many on bootstrap samples (Breiman 1996, "Bagging
 * predictors"; 2001, "Random forests"). Rungs of the ladder, grown by the very grower that boosting uses.
 *
 * Unlike Breiman's forest the columns are drawn once a tree, not at every split: histograms are then shared by siblings.
 */
import {createRandom} from '../../lib/random.ts';
import {mean} from '../../lib/stats.ts';
import type {Matrix} from '../matrix.ts';
import {type BinnedMatrix, binMatrix} from './binning.ts';
import {type Forest, joinTrees} from './forest.ts';
import {TreeGrower, type TreeSettings} from './tree.ts';

export interface BagSettings extends TreeSettings {
  readonly trees: number;
  /** Share of the columns that each tree may use. */
  readonly columnShare: number;
}

/** One tree that sees every row and every column: it predicts the mean of a leaf. NaN is a missing value. */
export function fitTree(x: Matrix, target: Float64Array, settings: TreeSettings): Forest {
  const base = mean(target);
  const tree = new TreeGrower(binMatrix(x), settings).grow(
    gradientFrom(base, target),
    Int32Array.from({length: x.rows}, (_, row) => row),
    allColumns(x),
    1,
  );
  return joinTrees([tree], base);
}

/** The mean of trees, each on as many rows drawn with repetition. The same seed gives the same forest, bit for bit. */
export function fitBag(x: Matrix, target: Float64Array, seed: number, settings: BagSettings): Forest {
  const binned: BinnedMatrix = binMatrix(x);
  const grower = new TreeGrower(binned, settings);
  const random = createRandom(`bag/${seed}`);
  const base = mean(target);
  const gradient = gradientFrom(base, target);
  const wanted = Math.max(1, Math.round(settings.columnShare * x.columns));
  const trees = Array.from({length: settings.trees}, () => {
    const rows = Int32Array.from({length: x.rows}, () => random.int(0, x.rows - 1));
    const columns = Int32Array.from(random.shuffle([...allColumns(x)]).slice(0, wanted)).sort();
    return grower.grow(gradient, rows, columns, 1 / settings.trees);
  });
  return joinTrees(trees, base);
}

function gradientFrom(base: number, target: Float64Array): Float64Array {
  return target.map(value => base - value);
}

function allColumns(x: Matrix): Int32Array {
  return Int32Array.from({length: x.columns}, (_, column) => column);
}
