/** Errors and cost of the price models on real apartments of 2023, through import, clean, match, enrich and train. */
import {existsSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {cleanStage} from '../../pipelines/clean/stage.ts';
import {enrichStage} from '../../pipelines/enrich/stage.ts';
import {matchStage} from '../../pipelines/match/stage.ts';
import {scoreStage} from '../../pipelines/score/stage.ts';
import {trainStage} from '../../pipelines/train/stage.ts';
import type {Database} from '../../src/db/client.ts';
import {connectDatabase} from '../../src/db/client.ts';
import {startEmbedded, stopEmbedded} from '../../src/db/embedded/server.ts';
import {migrateDatabase} from '../../src/db/migrate.ts';
import {leaderboard} from '../../src/db/models.ts';
import type {ModelMetrics} from '../../src/domain/model.ts';
import {importFile} from '../../src/imports/import.ts';
import {loadReferenceData} from '../../src/imports/reference.ts';
import type {BenchRow} from './bench-row.ts';

const FILE = fileURLToPath(
  new URL('../../../shared/data/listings/fincaraiz-medellin-2023.csv.gz', import.meta.url),
);

/** Takes minutes. Without `../shared` there is nothing to measure. */
export async function benchModel(): Promise<BenchRow[]> {
  if (!existsSync(FILE))
    return [{name: 'models, apartments 2023', value: 0, unit: 'rows', note: `skipped: no ${FILE}`}];
  const dataDir = await mkdtemp(join(tmpdir(), 'raiz-bench-model-'));
  const {url} = await startEmbedded({dataDir, database: 'raiz'});
  try {
    await migrateDatabase(url);
    const database = await connectDatabase(url);
    try {
      return await measure(database, dataDir);
    } finally {
      await database.close();
    }
  } finally {
    await stopEmbedded(dataDir);
    await rm(dataDir, {recursive: true, force: true});
  }
}

async function measure(database: Database, dataDir: string): Promise<BenchRow[]> {
  const now = new Date('2023-10-19T12:00:00Z');
  await importFile(database, FILE, {hashKey: 'bench', now});
  await loadReferenceData(database);
  const settings = {now: () => now, dataDir};
  for (const stage of [cleanStage, matchStage, enrichStage]) await stage.run(database, settings);
  const cpu = process.cpuUsage();
  const trained = await trainStage.run(database, settings);
  const {user, system} = process.cpuUsage(cpu);
  const scored = await scoreStage.run(database, settings);
  const models = await leaderboard(database.orm);
  const errors = models.flatMap(({algorithm, card, metrics}): BenchRow[] => {
    const apartments = (card.metricsByType as Record<string, ModelMetrics & {rows: number}>).apartment;
    if (apartments === undefined) return [];
    return [
      {
        name: `MdAPE ${algorithm}, apartments 2023`,
        value: 100 * apartments.mdape,
        unit: '%',
        note: `${apartments.rows} apartments; all homes ${(100 * metrics.mdape).toFixed(2)} %; range holds ${
          metrics.coverage80 === null ? 'none' : `${(100 * metrics.coverage80).toFixed(1)} %`
        }`,
      },
    ];
  });
  const homes = models[0]?.trainingRows ?? 0;
  const backend = models[0]?.backend ?? 'none';
  return [
    ...errors,
    {
      name: 'train, all candidates',
      value: (user + system) / 1e6,
      unit: 'CPU s',
      note: `${homes} homes, 5 folds and final fit, ${backend}, ${trained.seconds.toFixed(0)} s`,
    },
    {
      name: 'score',
      value: scored.keysDone / scored.seconds,
      unit: 'listings/s',
      note: JSON.stringify(scored.counts),
    },
  ];
}
