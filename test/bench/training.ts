/**
 * What a training and a scoring of 20,000 homes cost, by effort, and what the daily effort gives up: all candidates on
 * all folds, ranges and the final fit, in as many threads as there are cores; then range, comparables and reasons of
 * every home. Without a database.
 *
 * The homes are those of three real files of Medellín, two of them with texts. Their years differ, so their errors are
 * to be read beside each other, not as those of a market.
 */
import {existsSync} from 'node:fs';
import {predictListings, scoreListing} from '../../pipelines/score/core.ts';
import {type Training, trainOperation} from '../../pipelines/train/core.ts';
import type {FeatureRow} from '../../src/domain/model.ts';
import {EFFORTS, type Effort} from '../../src/domain/vocabulary.ts';
import {createRandom} from '../../src/lib/random.ts';
import {fitAnomalyReference, measureStraying} from '../../src/ml/anomaly/reference.ts';
import {type Backend, loadBackend} from '../../src/ml/backend.ts';
import {indexComparables} from '../../src/ml/comparables.ts';
import {threadsFor} from '../../src/ml/workers/fold-runner.ts';
import {cautionFacts} from '../support/housing-world.ts';
import {SHARED_FILES, SHARED_LISTINGS, type SharedFile} from '../support/shared-listings.ts';
import type {BenchOptions, BenchRow} from './bench-row.ts';
import {loadSales} from './training-rows.ts';

/** Files and the days of their adverts. */
const SOURCES: readonly (readonly [SharedFile, Date])[] = [
  ['metrocuadrado2021', new Date('2021-03-20T12:00:00Z')],
  ['houses2021', new Date('2021-04-12T12:00:00Z')],
  ['fincaraiz2023', new Date('2023-10-19T12:00:00Z')],
];
const NOW = new Date('2023-10-19T12:00:00Z');
const HOMES = 20_000;
const SEED = 20_260;
/** Homes taken at once, as the score stage does. */
const BATCH = 1000;

export async function benchTraining({listings = HOMES}: BenchOptions): Promise<BenchRow[]> {
  const homes: FeatureRow[] = [];
  for (const [file, now] of SOURCES) {
    const path = `${SHARED_LISTINGS}${SHARED_FILES[file]}`;
    if (!existsSync(path)) return [{name: 'training', value: 0, unit: 's', note: `skipped: no ${path}`}];
    for (const row of await loadSales(path, now)) homes.push({...row, groupId: `${file}/${row.groupId}`});
  }
  const rows = createRandom('training bench').shuffle(homes).slice(0, listings);
  const backend = await loadBackend();
  const measured: BenchRow[] = [];
  for (const effort of EFFORTS) {
    const {training, seconds, cpuSeconds} = await timed(() => train(rows, effort, backend));
    const ended = training.candidates;
    const name = `train, ${effort}, ${rows.length} homes`;
    const parts = ended.map(({algorithm, fitSeconds}) => `${algorithm} ${fitSeconds.toFixed(0)}`);
    const errors = ended.map(({algorithm, metrics}) => `${algorithm} ${(100 * metrics.mdape).toFixed(2)}`);
    const blend = ended.find(({algorithm}) => algorithm === 'blend');
    measured.push(
      {
        ...{name, value: seconds, unit: 's'},
        note: `${threadsFor(rows.length)} threads, ${backend.name}; folds in s: ${parts.join(', ')}`,
      },
      {name, value: cpuSeconds, unit: 'CPU s'},
      {
        name: `MdAPE of the blend, ${effort}`,
        value: 100 * (blend?.metrics.mdape ?? Number.NaN),
        unit: '%',
        note: errors.join(', '),
      },
      ...scoreAll(training, rows, effort, backend),
    );
  }
  return measured;
}

async function train(rows: readonly FeatureRow[], effort: Effort, backend: Backend): Promise<Training> {
  const result = await trainOperation('sale', rows, {
    ...{backend, effort, seed: SEED, budgetMs: Number.POSITIVE_INFINITY, trainedAt: NOW},
    threads: threadsFor(rows.length),
    clock: () => performance.now(),
    note: line => process.stderr.write(`${effort}, ${rows.length} homes: ${line}\n`),
  });
  if (result.kind === 'skipped') throw new Error(result.reason);
  return result.training;
}

/** As the stage does, without reading and saving rows; every home as a stranger to the champion, which costs most. */
function scoreAll(
  {candidates}: Training,
  rows: readonly FeatureRow[],
  effort: Effort,
  backend: Backend,
): BenchRow[] {
  const artifact = candidates.find(({algorithm}) => algorithm === 'blend')?.artifact;
  if (artifact === undefined || artifact === null) throw new Error('the training stored no blend');
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const champion = {
    ...artifact,
    ...fitAnomalyReference(rows, artifact.outOfFold, artifact.model.encoder, SEED),
    comparables: indexComparables(rows),
  };
  let remarkable = 0;
  for (let start = 0; start < rows.length; start += BATCH) {
    const batch = rows.slice(start, start + BATCH);
    const priced = predictListings({...champion, outOfFold: {}}, batch, backend);
    for (const [at, strayed] of measureStraying(champion, priced).entries()) {
      const prediction = priced[at];
      if (prediction === undefined) continue;
      const score = scoreListing(prediction, {strayed, facts: cautionFacts()}, champion);
      if (score.anomaly !== 'none') remarkable += 1;
    }
  }
  const {user, system} = process.cpuUsage(cpu);
  const name = `score, range and reasons, ${effort}, ${rows.length} homes`;
  return [
    {
      name,
      value: (performance.now() - begun) / 1000,
      unit: 's',
      note: `one thread; ${remarkable} remarkable`,
    },
    {name, value: (user + system) / 1e6, unit: 'CPU s'},
  ];
}

async function timed(work: () => Promise<Training>) {
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const training = await work();
  const {user, system} = process.cpuUsage(cpu);
  return {training, seconds: (performance.now() - begun) / 1000, cpuSeconds: (user + system) / 1e6};
}
