/**
 * What a training and a scoring of 20,000 homes cost, by effort, without a database: all candidates on all folds, ranges
 * and the final fit, in as many threads as there are cores; then range, comparables and reasons of every home.
 *
 * The homes are those of Metrocuadrado 2021, which have texts, repeated with other prices and areas until they are
 * enough: their errors say nothing, only their seconds count. Errors are told for the real homes alone.
 */
import {existsSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import {fileURLToPath} from 'node:url';
import {predictListings, scoreListing} from '../../pipelines/score/core.ts';
import {type Training, trainOperation} from '../../pipelines/train/core.ts';
import type {FeatureRow} from '../../src/domain/model.ts';
import {EFFORTS, type Effort} from '../../src/domain/vocabulary.ts';
import {createRandom} from '../../src/lib/random.ts';
import {fitAnomalyReference, measureStraying} from '../../src/ml/anomaly/reference.ts';
import {type Backend, loadBackend} from '../../src/ml/backend.ts';
import {indexComparables} from '../../src/ml/comparables.ts';
import {cautionFacts} from '../support/housing-world.ts';
import type {BenchOptions, BenchRow} from './bench-row.ts';
import {loadSales} from './training-rows.ts';

const FILE = fileURLToPath(
  new URL('../../../shared/data/listings/metrocuadrado-medellin-2021.csv.gz', import.meta.url),
);
const NOW = new Date('2021-03-20T12:00:00Z');
const HOMES = 20_000;
const SEED = 20_260;
/** Homes taken at once, as the score stage does. */
const BATCH = 1000;

export async function benchTraining({listings = HOMES}: BenchOptions): Promise<BenchRow[]> {
  if (!existsSync(FILE)) return [{name: 'training', value: 0, unit: 's', note: `skipped: no ${FILE}`}];
  const backend = await loadBackend();
  const real = await loadSales(FILE, NOW);
  const many = repeatHomes(real, listings);
  const rows: BenchRow[] = [];
  for (const effort of EFFORTS) {
    const {training: onReal} = await timed(() => train(real, effort, backend));
    const {training, seconds, cpuSeconds} = await timed(() => train(many, effort, backend));
    const parts = training.candidates.map(own => `${own.algorithm} ${own.fitSeconds.toFixed(0)}`).join(', ');
    const errors = onReal.candidates
      .filter(({artifact}) => artifact !== null)
      .map(({algorithm, metrics}) => `${algorithm} ${(100 * metrics.mdape).toFixed(2)}`);
    rows.push(
      {
        name: `train, ${effort}, ${many.length} homes`,
        value: seconds,
        unit: 's',
        note: `${availableParallelism()} threads, ${backend.name}; folds in s: ${parts}`,
      },
      {name: `train, ${effort}, ${many.length} homes`, value: cpuSeconds, unit: 'CPU s'},
      {
        name: `MdAPE of the blend, ${effort}, ${real.length} real homes`,
        value: 100 * (onReal.candidates.find(({algorithm}) => algorithm === 'blend')?.metrics.mdape ?? 0),
        unit: '%',
        note: errors.join(', '),
      },
      ...scoreAll(training, many, effort, backend),
    );
  }
  return rows;
}

/** Copies are homes of their own: other price, area, point and group. */
function repeatHomes(real: readonly FeatureRow[], count: number): FeatureRow[] {
  const random = createRandom('repeated homes');
  return Array.from({length: count}, (_, at) => {
    const copy = Math.floor(at / real.length);
    const row = real[at % real.length] as FeatureRow;
    if (copy === 0) return row;
    const moved = (degrees: number | null) => degrees && degrees + random.normal(0, 0.002);
    return {
      ...row,
      listingId: `${row.listingId}~${copy}`,
      groupId: `${row.groupId}~${copy}`,
      priceCop: Math.round(row.priceCop * Math.exp(random.normal(0, 0.1))),
      areaM2: Math.round(row.areaM2 * Math.exp(random.normal(0, 0.05))),
      latitude: moved(row.latitude),
      longitude: moved(row.longitude),
      description: row.description && `${row.description} ${copy}${at}`,
    };
  });
}

async function train(rows: readonly FeatureRow[], effort: Effort, backend: Backend): Promise<Training> {
  const result = await trainOperation('sale', rows, {
    ...{backend, effort, seed: SEED, budgetMs: Number.POSITIVE_INFINITY, trainedAt: NOW},
    threads: availableParallelism(),
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
