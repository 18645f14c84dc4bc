/** `raiz value`: how long one answer takes, in a warm process and with the program's start, and what a file of homes costs. */
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {sql} from 'drizzle-orm';
import {enrichStage} from '../../pipelines/enrich/stage.ts';
import type {Database} from '../../src/db/client.ts';
import {saveModels} from '../../src/db/model-registry.ts';
import {selectTrainingRows} from '../../src/db/models.ts';
import type {FeatureRow} from '../../src/domain/model.ts';
import {loadReferenceData} from '../../src/imports/reference.ts';
import {createRandom} from '../../src/lib/random.ts';
import {median} from '../../src/lib/stats.ts';
import {fitAlgorithm, predictLogPrices} from '../../src/ml/algorithms.ts';
import {packArtifact} from '../../src/ml/artifact.ts';
import {loadBackend} from '../../src/ml/backend.ts';
import {fitCalibration} from '../../src/ml/calibrate.ts';
import {calibrationRows} from '../../src/ml/coverage.ts';
import {explainLogPrices, fitExplanation} from '../../src/ml/explain.ts';
import {encoderColumns, fitEncoder, logPricePerM2} from '../../src/ml/features.ts';
import {saveModelFiles} from '../../src/ml/model-store.ts';
import {joinGroups} from '../../src/ml/split.ts';
import {valueDescribed, valueListing} from '../../src/valuation/value-one.ts';
import {knownWorld} from '../support/housing-world.ts';
import {saveWorld, WORLD_SEEN_AT} from '../support/saved-world.ts';
import {openBenchDatabase} from './bench-database.ts';
import type {BenchOptions, BenchRow} from './bench-row.ts';

const TRAINED_HOMES = 8000;
const FILE_HOMES = 20_000;
const ANSWERS = 7;
const RAIZ = fileURLToPath(new URL('../../bin/raiz.js', import.meta.url));
const WORDS = {
  ...{type: 'apartment', area: '80', neighbourhood: 'Laureles', stratum: '5'},
  ...{bedrooms: '3', bathrooms: '2', parking: '1', lat: '6.245', lon: '-75.59'},
};
const FLAGS = Object.entries(WORDS).flatMap(([name, value]) => [`--${name}`, value]);

export async function benchValue({listings}: BenchOptions): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'raiz-bench-value-'));
  try {
    const bench = await openBenchDatabase(folder);
    try {
      await saveWorld(bench.database, knownWorld({homes: TRAINED_HOMES, seed: 5}));
      await loadReferenceData(bench.database);
      await enrichStage.run(bench.database, {now: () => WORLD_SEEN_AT, dataDir: folder});
      // As stages leave it: tables that were filled at once have no statistics yet.
      await bench.database.orm.execute(sql`analyze`);
      await saveTrees(bench.database, folder);
      const warm = await measureWarm(bench.database, folder);
      const env = {RAIZ_DATA_DIR: folder, DATABASE_URL: bench.url};
      const file = join(folder, 'homes.csv');
      const homes = listings ?? FILE_HOMES;
      writeFileSync(file, tableOf(knownWorld({homes, seed: 12})));
      const described = runRaiz(env, FLAGS);
      const whole = runRaiz(env, ['--file', file, '--out', join(folder, 'values.csv')]);
      const note = 'start of the program included';
      return [
        ...warm,
        {name: 'a described home, cold', value: described.seconds, unit: 's', note},
        {name: 'a described home, cold', value: described.cpuSeconds, unit: 'CPU s', note},
        {name: `${homes} homes of a file`, value: whole.seconds, unit: 's', note: 'range and reasons a row'},
        {name: `${homes} homes of a file`, value: whole.cpuSeconds, unit: 'CPU s'},
      ];
    } finally {
      await bench.close();
    }
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/** Trees as champion, fitted on all rows: answers take as long as those of a whole training. */
async function saveTrees({orm}: Database, folder: string): Promise<void> {
  const rows = await selectTrainingRows(orm, ['sale']);
  const backend = await loadBackend();
  const group = joinGroups(rows);
  const {encoder, matrix} = fitEncoder(rows, group, 1);
  const columns = encoderColumns(encoder);
  const set = {rows, target: logPricePerM2(rows), group, matrix, columns};
  const parameters = await fitAlgorithm('gbdt', set, {backend, seed: 1});
  const predicted = predictLogPrices(parameters, rows, matrix, backend);
  const parts = explainLogPrices(parameters, rows, matrix, columns) ?? new Float64Array();
  const modelId = 'sale-bench-gbdt';
  const outOfFold = Object.fromEntries(rows.map((row, at) => [row.listingId, predicted[at] ?? 0]));
  const explanation = fitExplanation(rows, predicted, parts);
  const calibration = fitCalibration(calibrationRows(rows, predicted, null), group, 1);
  const model = {encoder, parameters};
  const files = packArtifact(
    {modelId, operation: 'sale', model, calibration, spread: null, outOfFold, explanation},
    {modelId},
  );
  await saveModelFiles(folder, modelId, files);
  const metrics = {mdape: 0.1, maeCop: 1, within10: 0.5, within20: 0.8, r2Log: 0.9, coverage80: 0.8};
  await orm.transaction(tx =>
    saveModels(tx, [
      {
        ...{
          modelId,
          trainingId: 'sale-bench',
          algorithm: 'gbdt',
          operation: 'sale',
          trainedAt: WORLD_SEEN_AT,
        },
        ...{
          trainingRows: rows.length,
          datasetHash: 'bench',
          splitId: 'bench',
          seed: 1,
          backend: backend.name,
        },
        ...{fitSeconds: 1, metrics, card: {modelId}, artifact: modelId, isChampion: true, isSynthetic: true},
      },
    ]),
  );
}

async function measureWarm({orm}: Database, dataDir: string): Promise<BenchRow[]> {
  const settings = {dataDir, now: WORLD_SEEN_AT};
  const time = async (answer: () => Promise<unknown>): Promise<number> => {
    const laps: number[] = [];
    for (let lap = 0; lap <= ANSWERS; lap++) {
      const started = performance.now();
      await answer();
      // The first one warms up.
      if (lap > 0) laps.push(performance.now() - started);
    }
    return median(laps);
  };
  const note = `median of ${ANSWERS}, model and places read each time`;
  return [
    {
      name: 'a stored advert, warm',
      value: await time(() => valueListing(orm, 'test:id:7', settings)),
      unit: 'ms',
      note,
    },
    {
      name: 'a described home, warm',
      value: await time(() => valueDescribed(orm, WORDS, settings)),
      unit: 'ms',
      note,
    },
  ];
}

function runRaiz(env: Readonly<Record<string, string>>, flags: readonly string[]) {
  const started = performance.now();
  const {status, stderr} = spawnSync(
    'bash',
    ['-c', 'time "$0" "$@"', process.execPath, RAIZ, 'value', ...flags],
    {
      env: {...env, PATH: '/usr/bin:/bin'},
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`raiz value ${flags.join(' ')} failed: ${stderr}`);
  return {seconds: (performance.now() - started) / 1000, cpuSeconds: cpuOf(stderr)};
}

/** `user 0m2.5s` and `sys 0m0.2s` of the shell's `time`. */
function cpuOf(text: string): number {
  return [...text.matchAll(/^(?:user|sys)\s+(\d+)m([\d.]+)s$/gm)].reduce(
    (sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds),
    0,
  );
}

function tableOf(rows: readonly FeatureRow[]): string {
  const random = createRandom(9);
  const words =
    'hermoso apartamento,con balcón,cocina integral,cerca del metro,portería 24,dos baños,sala comedor,zona de ropas,piscina'.split(
      ',',
    );
  const lines = rows.map(row => {
    const text = Array.from({length: 18}, () => random.pick(words)).join('. ');
    const {propertyType, areaM2, municipality, neighbourhood, latitude, longitude, stratum} = row;
    const {bedrooms, bathrooms, parkingSpaces, priceCop} = row;
    return [
      ...[propertyType, areaM2, municipality, neighbourhood, latitude, longitude, stratum],
      ...[bedrooms, bathrooms, parkingSpaces, priceCop, text],
    ].join(',');
  });
  const header =
    'property_type,area_m2,municipality,neighbourhood,latitude,longitude,stratum,bedrooms,bathrooms,parking_spaces,price_cop,description';
  return `${[header, ...lines].join('\n')}\n`;
}
