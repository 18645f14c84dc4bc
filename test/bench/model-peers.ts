/** Our boosted trees beside XGBoost and scikit-learn: same encoded rows, folds, held-out groups, one thread. */
import {spawnSync} from 'node:child_process';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {FeatureRow} from '../../src/domain/model.ts';
import {median} from '../../src/lib/stats.ts';
import {BOOST} from '../../src/ml/algorithms.ts';
import {encodeRows, encoderColumns, fitEncoder, logPricePerM2} from '../../src/ml/features.ts';
import {fitBoost} from '../../src/ml/gbdt/boost.ts';
import {chooseTreeColumns, toTreeMatrix} from '../../src/ml/gbdt/columns.ts';
import {predictForest} from '../../src/ml/gbdt/forest.ts';
import {dealGroups, splitFolds} from '../../src/ml/split.ts';
import type {BenchRow} from './bench-row.ts';

const SEED = 20_260;
const FOLDS = 5;
/** `python3 -m venv /tmp/raiz-peers && /tmp/raiz-peers/bin/pip install xgboost scikit-learn` */
const PYTHON = join(tmpdir(), 'raiz-peers', 'bin', 'python');
const SCRIPT = fileURLToPath(new URL('model-peers.py', import.meta.url));

interface Peer {
  readonly name: string;
  readonly mdape: number;
  readonly cpuSeconds: number;
  readonly trees: number;
}

/** @param label names the rows. */
export async function benchPeers(label: string, rows: readonly FeatureRow[]): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'raiz-bench-peers-'));
  try {
    const ours = await fitOurs(rows, folder);
    return [ours, ...runPeers(folder)].map(({name, mdape, cpuSeconds, trees}) => ({
      name: `${name}, ${label}`,
      value: 100 * mdape,
      unit: '% MdAPE',
      note: `${cpuSeconds.toFixed(1)} CPU s to fit ${FOLDS} folds, ${trees} trees, one thread`,
    }));
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

/** Fits ours, and leaves the folds as files. */
async function fitOurs(rows: readonly FeatureRow[], folder: string): Promise<Peer> {
  const split = splitFolds(rows, FOLDS, SEED);
  const shares: number[] = [];
  let cpuSeconds = 0;
  let trees = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const train = [...rows.keys()].filter(row => split.fold[row] !== fold);
    const trainRows = rows.filter((_, row) => split.fold[row] !== fold);
    const testRows = rows.filter((_, row) => split.fold[row] === fold);
    const group = Int32Array.from(train, row => split.group[row] ?? row);
    const {encoder, matrix} = fitEncoder(trainRows, group, SEED);
    const columns = chooseTreeColumns(encoderColumns(encoder));
    const x = toTreeMatrix(columns, matrix);
    const testX = toTreeMatrix(columns, encodeRows(encoder, testRows));
    const [y, testY] = [logPricePerM2(trainRows), logPricePerM2(testRows)];
    // The part that ours holds out.
    const held = dealGroups(group, 8, SEED + 2).map(part => (part === 0 ? 1 : 0));
    const file = (name: string): string => join(folder, `${fold}.${name}`);
    await writeFile(file('json'), JSON.stringify({columns: x.columns}));
    for (const [name, values] of Object.entries({
      x: x.values,
      'test-x': testX.values,
      y,
      'test-y': testY,
      held,
    })) {
      await writeFile(file(name), Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    }
    const begun = process.cpuUsage();
    const forest = fitBoost(x, y, group, SEED, BOOST);
    const {user, system} = process.cpuUsage(begun);
    cpuSeconds += (user + system) / 1e6;
    trees += forest.roots.length;
    const predicted = predictForest(forest, testX);
    for (const [row, value] of predicted.entries())
      shares.push(Math.abs(Math.exp(value - (testY[row] ?? 0)) - 1));
  }
  return {name: 'ours, Huber', mdape: median(shares), cpuSeconds, trees};
}

function runPeers(folder: string): Peer[] {
  const {status, stdout, error} = spawnSync(PYTHON, [SCRIPT, folder, String(FOLDS)], {
    encoding: 'utf8',
    env: {OMP_NUM_THREADS: '1'},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error !== undefined || status !== 0) {
    process.stderr.write(
      `no peers: ${error?.message ?? `python ended with ${status}`}. See model-peers.ts.\n`,
    );
    return [];
  }
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Peer);
}
