/** Errors and cost of the price models on real adverts, through import, clean, match, enrich, train and score. */
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

const SETS = [
  {label: 'Finca Raíz 2023', file: 'fincaraiz-medellin-2023.csv.gz', now: '2023-10-19T12:00:00Z'},
  {label: 'Metrocuadrado 2021', file: 'metrocuadrado-medellin-2021.csv.gz', now: '2021-03-20T12:00:00Z'},
] as const;

/** Takes minutes. Without `../shared` there is nothing to measure. */
export async function benchModel(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const {label, file, now} of SETS) {
    const path = fileURLToPath(new URL(`../../../shared/data/listings/${file}`, import.meta.url));
    if (existsSync(path)) rows.push(...(await benchSet(label, path, new Date(now))));
    else rows.push({name: `models, ${label}`, value: 0, unit: 'rows', note: `skipped: no ${path}`});
  }
  return rows;
}

async function benchSet(label: string, file: string, now: Date): Promise<BenchRow[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'raiz-bench-model-'));
  const {url} = await startEmbedded({dataDir, database: 'raiz'});
  try {
    await migrateDatabase(url);
    const database = await connectDatabase(url);
    try {
      return await measure(database, {dataDir, label, file, now});
    } finally {
      await database.close();
    }
  } finally {
    await stopEmbedded(dataDir);
    await rm(dataDir, {recursive: true, force: true});
  }
}

interface MeasuredSet {
  readonly dataDir: string;
  readonly label: string;
  readonly file: string;
  readonly now: Date;
}

async function measure(database: Database, {dataDir, label, file, now}: MeasuredSet): Promise<BenchRow[]> {
  await importFile(database, file, {hashKey: 'bench', now});
  await loadReferenceData(database);
  const settings = {now: () => now, dataDir};
  for (const stage of [cleanStage, matchStage, enrichStage]) await stage.run(database, settings);
  const cpu = process.cpuUsage();
  const trained = await trainStage.run(database, settings);
  const {user, system} = process.cpuUsage(cpu);
  const scored = await scoreStage.run(database, settings);
  const models = await leaderboard(database.orm);
  const errors = models.flatMap(({algorithm, operation, card, metrics, fitSeconds}): BenchRow[] => {
    const apartments = (card.metricsByType as Record<string, ModelMetrics & {rows: number}>).apartment;
    if (apartments === undefined) return [];
    return [
      {
        name: `MdAPE ${algorithm}, apartments for ${operation}, ${label}`,
        value: 100 * apartments.mdape,
        unit: '%',
        note: `${apartments.rows} apartments; all homes ${(100 * metrics.mdape).toFixed(2)} %; folds ${fitSeconds.toFixed(1)} s; range holds ${
          metrics.coverage80 === null ? 'none' : `${(100 * metrics.coverage80).toFixed(1)} %`
        }`,
      },
    ];
  });
  const rowsByOperation = new Map(models.map(({operation, trainingRows}) => [operation, trainingRows]));
  const homes = [...rowsByOperation.values()].reduce((sum, rows) => sum + rows, 0);
  const backend = models[0]?.backend ?? 'none';
  return [
    ...errors,
    {
      name: `train, all candidates, ${label}`,
      value: (user + system) / 1e6,
      unit: 'CPU s',
      note: `${homes} homes, 5 folds and final fit, ${backend}, ${trained.seconds.toFixed(0)} s`,
    },
    {
      name: `score with reasons, ${label}`,
      value: scored.keysDone / scored.seconds,
      unit: 'listings/s',
      note: JSON.stringify(scored.counts),
    },
  ];
}
