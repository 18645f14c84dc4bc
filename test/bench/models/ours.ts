/** Our models on the bench's folds, through the functions that training uses. */
import {join} from 'node:path';
import {
  type FittedAlgorithm,
  fitAlgorithm,
  predictLogPrices,
  usualSettings,
} from '../../../src/ml/algorithms.ts';
import type {Backend} from '../../../src/ml/backend.ts';
import {fitBlendWeights} from '../../../src/ml/blend.ts';
import {fitBoost} from '../../../src/ml/gbdt/boost.ts';
import {predictForest} from '../../../src/ml/gbdt/forest.ts';
import type {Split} from '../../../src/ml/split.ts';
import {cpuSecondsSince} from './cpu-time.ts';
import type {BenchFold} from './folds.ts';
import type {FoldResult, PooledModel} from './result.ts';
import {searchBoost} from './search.ts';
import {hashSources, remember} from './work-folder.ts';

/** What decides a fold's predictions once its numbers are there. */
const MODEL_SOURCES = ['src/ml', 'src/lib/random.ts', 'src/lib/stats.ts', 'test/bench/models/search.ts'];

/** With the fixed settings of a full training. */
const FIXED = {
  'yardstick: place and estrato medians': 'naive_place_stratum',
  'ours: ridge': 'ridge_hedonic',
  'ours: boosted trees': 'gbdt',
  'ours: network': 'network',
} as const satisfies Record<string, FittedAlgorithm>;
const SEARCHED = 'ours: boosted trees, searched';
export const BLEND = 'ours: blend';

export const OUR_MODELS = [...Object.keys(FIXED), SEARCHED];

export interface OurSettings {
  readonly backend: Backend;
  readonly seed: number;
  readonly trials: number;
  readonly note: (line: string) => void;
}

/** All models of one fold; what an earlier run left with the same numbers and sources is taken. */
export async function fitOurs(fold: BenchFold, settings: OurSettings): Promise<Map<string, FoldResult>> {
  const results = new Map<string, FoldResult>();
  const sources = hashSources(MODEL_SOURCES);
  for (const name of OUR_MODELS) {
    const key = [fold.key, sources, settings.backend.name, settings.seed, settings.trials].join('/');
    const file = join(fold.folder, `ours-${name.replaceAll(/[^a-z]+/g, '-')}.json`);
    const result = await remember(file, key, () => fitOne(name, fold, settings));
    settings.note(`${name}: ${result.searchSeconds.toFixed(0)} + ${result.fitSeconds.toFixed(1)} CPU s`);
    results.set(name, result);
  }
  return results;
}

function fitOne(name: string, fold: BenchFold, settings: OurSettings): Promise<FoldResult> {
  if (name === SEARCHED) return Promise.resolve(fitSearched(fold, settings));
  return fitFixed(FIXED[name as keyof typeof FIXED], fold, settings);
}

async function fitFixed(
  algorithm: FittedAlgorithm,
  {set, testRows, testMatrix}: BenchFold,
  {backend, seed}: OurSettings,
): Promise<FoldResult> {
  const begun = process.cpuUsage();
  const parameters = await fitAlgorithm(algorithm, set, {backend, seed, effort: 'full'});
  const fitSeconds = cpuSecondsSince(begun);
  const predict = (): Float64Array => predictLogPrices(parameters, testRows, testMatrix, backend);
  const {predicted, predictSeconds} = timePrediction(predict);
  const perM2 = predicted.map((value, row) => value - Math.log(testRows[row]?.areaM2 ?? Number.NaN));
  return {predicted: [...perM2], innerError: null, chosen: {}, fitSeconds, searchSeconds: 0, predictSeconds};
}

function fitSearched(fold: BenchFold, {seed, trials}: OurSettings): FoldResult {
  const begun = process.cpuUsage();
  const {settings, innerError} = searchBoost(fold, trials, seed);
  const searchSeconds = cpuSecondsSince(begun);
  const fitBegun = process.cpuUsage();
  const {boosters = 1} = usualSettings('full').boost;
  const forest = fitBoost(fold.treeX, fold.set.target, fold.set.group, seed, {...settings, boosters});
  const fitSeconds = cpuSecondsSince(fitBegun);
  const {predicted, predictSeconds} = timePrediction(() => predictForest(forest, fold.treeTestX));
  const chosen = {...settings, boosters, trees: forest.roots.length};
  return {predicted: [...predicted], innerError, chosen, fitSeconds, searchSeconds, predictSeconds};
}

/** The second of two runs: the first one compiles. */
function timePrediction(predict: () => Float64Array): {predicted: Float64Array; predictSeconds: number} {
  predict();
  const begun = process.cpuUsage();
  const predicted = predict();
  return {predicted, predictSeconds: cpuSecondsSince(begun)};
}

/** As training does: each fold is blended by weights learned on the other folds' predictions. */
export function blendOurs(models: readonly PooledModel[], actual: Float64Array, split: Split): PooledModel {
  const members = models.filter(({name}) => name.startsWith('ours: '));
  const all = [...split.fold.keys()];
  const predicted = new Float64Array(actual.length);
  const notes: string[] = [];
  for (let fold = 0; fold < split.folds; fold++) {
    const weights = fitBlendWeights(
      members.map(member => member.predicted),
      actual,
      all.filter(row => split.fold[row] !== fold),
    );
    for (const row of all.filter(own => split.fold[own] === fold)) {
      for (const [at, weight] of weights.entries()) {
        predicted[row] = (predicted[row] ?? 0) + weight * (members[at]?.predicted[row] ?? Number.NaN);
      }
    }
    notes.push(weights.map(weight => weight.toFixed(2)).join('/'));
  }
  const sumOf = (of: (model: PooledModel) => number): number =>
    members.reduce((sum, member) => sum + of(member), 0);
  return {
    name: BLEND,
    predicted,
    innerErrors: null,
    fitSeconds: sumOf(member => member.fitSeconds),
    searchSeconds: sumOf(member => member.searchSeconds),
    predictSeconds: sumOf(member => member.predictSeconds),
    note: `weights of ${members.map(({name}) => name.replace('ours: ', '')).join('/')} by fold: ${notes.join(' ')}`,
  };
}
