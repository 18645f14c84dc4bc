/** The peers, in one Python process on the folds' files (peers.py). */
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {BoostSettings} from '../../../src/ml/gbdt/boost.ts';
import type {BenchFold} from './folds.ts';
import {type FoldResult, type PooledModel, poolFolds} from './result.ts';

const SCRIPT = fileURLToPath(new URL('peers.py', import.meta.url));
const ONE_THREAD = {OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1'};

export const PEER_NAMES: Readonly<Record<string, string>> = {
  xgboost: 'XGBoost',
  lightgbm: 'LightGBM',
  catboost: 'CatBoost',
  'hist-gradient-boosting': 'scikit-learn HistGradientBoosting',
  'random-forest': 'scikit-learn RandomForest',
};

export interface PeerSettings {
  readonly python: string;
  readonly peers: readonly string[];
  readonly trials: number;
  readonly seed: number;
  /** Folder of the folds. */
  readonly folder: string;
}

/** Peers that could run; `missing` says by name why the others could not and what to install. */
export function fitPeers(
  rows: number,
  folds: readonly BenchFold[],
  {python, peers, trials, seed, folder}: PeerSettings,
): {models: PooledModel[]; missing: Readonly<Record<string, string>>} {
  const counts = Object.entries({folds: folds.length, trials, seed}).flatMap(([name, count]) => [
    `--${name}`,
    String(count),
  ]);
  const answer = runPython(python, [folder, '--peers', peers.join(','), ...counts]);
  if (typeof answer === 'string') {
    return {models: [], missing: Object.fromEntries(peers.map(peer => [peer, answer]))};
  }
  const {missing} = JSON.parse(answer.stdout) as {missing: Record<string, string>};
  const models = peers
    .filter(peer => missing[peer] === undefined)
    .map(peer => {
      const results = folds.map(fold => {
        return JSON.parse(readFileSync(join(fold.folder, `peer-${peer}.json`), 'utf8')) as FoldResult;
      });
      return poolFolds(PEER_NAMES[peer] ?? peer, rows, folds, results);
    });
  return {models, missing};
}

/** CPU seconds of XGBoost and LightGBM at the same trees, leaves and bins; a sentence when they could not run. */
export function timePeers(
  python: string,
  fold: BenchFold,
  settings: BoostSettings,
): Record<string, number> | string {
  const answer = runPython(python, [fold.folder, '--time', JSON.stringify(settings)]);
  return typeof answer === 'string' ? answer : (JSON.parse(answer.stdout) as Record<string, number>);
}

function runPython(python: string, args: readonly string[]): {stdout: string} | string {
  const {status, stdout, error} = spawnSync(python, [SCRIPT, ...args], {
    encoding: 'utf8',
    env: ONE_THREAD,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error !== undefined) return `${error.message}. ${INSTALL}`;
  return status === 0 ? {stdout} : `python ended with ${status}; its message stands above. ${INSTALL}`;
}

const INSTALL =
  'The peers need Python: `python3 -m venv /tmp/raiz-peers && /tmp/raiz-peers/bin/pip install numpy xgboost lightgbm ' +
  'catboost scikit-learn`, or `--python` with the path of another one that has them.';
