/** Import, clean and history of 50,000 rows and more, with a PostgreSQL on the same machine. */
import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {cleanStage} from '../../pipelines/clean/stage.ts';
import {matchStage} from '../../pipelines/match/stage.ts';
import type {Database} from '../../src/db/client.ts';
import {stopEmbedded} from '../../src/db/embedded/server.ts';
import {openDatabase} from '../../src/db/open.ts';
import {importFile} from '../../src/imports/import.ts';
import {mappedColumns} from '../../src/imports/mapping.ts';
import {fincaraizCasas2021} from '../../src/imports/shapes/fincaraiz-casas-2021.ts';
import {createRandom, type Random} from '../../src/lib/random.ts';
import type {BenchRow} from './bench-row.ts';

const SNAPSHOTS = fileURLToPath(
  new URL('../../../shared/data/listings/fincaraiz-medellin-casas-2021-snapshots.csv.gz', import.meta.url),
);
const SYNTHETIC_LISTINGS = 4200;
const SYNTHETIC_DAYS = 13;

/** Rows a second of each step and seconds of all, on an embedded server of its own in a temporary folder. */
export async function benchImport(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'raiz-bench-import-'));
  try {
    const database = await openDatabase({env: {}, dataDir: folder, databaseName: 'raiz'});
    try {
      const isReal = existsSync(SNAPSHOTS);
      const note = isReal ? 'the 2021 snapshots' : 'synthetic rows of the same shape';
      return await measure(database, isReal ? SNAPSHOTS : synthesise(folder), folder, note);
    } finally {
      await database.close();
    }
  } finally {
    await stopEmbedded(folder);
    rmSync(folder, {recursive: true, force: true});
  }
}

async function measure(database: Database, file: string, folder: string, note: string): Promise<BenchRow[]> {
  const settings = {now: () => new Date(), dataDir: folder};
  const cpu = process.cpuUsage();
  const report = await importFile(database, file, {hashKey: 'key of the bench', now: new Date()});
  const clean = await cleanStage.run(database, settings);
  const {user, system} = process.cpuUsage(cpu);
  const again = await cleanStage.run(database, settings);
  const match = await matchStage.run(database, settings);
  const {rows, seconds} = report;
  const total = seconds + clean.seconds;
  return [
    {name: 'import', value: Math.round(rows / seconds), unit: 'rows/s', note: `${rows} rows: ${note}`},
    {
      name: 'clean and history',
      value: Math.round(rows / clean.seconds),
      unit: 'rows/s',
      note: `${clean.keysDone} listings`,
    },
    {
      name: 'import, clean and history of 50,000 rows',
      value: round((total * 50_000) / rows),
      unit: 's',
      note: 'goal ≤ 60 s',
    },
    {
      name: 'of that, CPU of this process',
      value: round((user + system) / 1e6),
      unit: 's',
      note: 'PostgreSQL apart',
    },
    {name: 'clean again, no work', value: round(again.seconds), unit: 's', note: `${again.keysFound} keys`},
    {name: 'match', value: Math.round(clean.keysDone / match.seconds), unit: 'listings/s'},
  ];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Houses that stay, change price now and then, and come and go: the columns of the 2021 snapshots. */
function synthesise(folder: string): string {
  const random = createRandom('bench import');
  const columns = [...mappedColumns(fincaraizCasas2021), ...fincaraizCasas2021.ignore];
  const lines = [columns.join(',')];
  for (let id = 1; id <= SYNTHETIC_LISTINGS; id += 1) {
    const house = houseOf(id, random.fork(id));
    for (let day = 0; day < SYNTHETIC_DAYS; day += 1) {
      if (random.chance(0.02)) continue;
      if (random.chance(0.002)) house.salePrice = String(Math.round(Number(house.salePrice) * 0.95));
      house._snapshot_date = `2026-01-${String(day * 2 + 1).padStart(2, '0')}`;
      lines.push(columns.map(column => `"${house[column] ?? ''}"`).join(','));
    }
  }
  const file = join(folder, 'synthetic.csv');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

function houseOf(id: number, random: Random): Record<string, string> {
  const words = [
    'casa amplia',
    'cerca al parque',
    'cocina integral',
    'tres alcobas',
    'buena ventilacion',
    'patio',
    'garaje',
  ];
  return {
    propID: String(5_000_000 + id),
    propType: 'CASA',
    businessType: 'VENTA',
    salePrice: String(random.int(150, 2000) * 1_000_000),
    areaBuilt: String(random.int(60, 600)),
    rooms: String(random.int(2, 7)),
    bathrooms: String(random.int(1, 6)),
    garages: String(random.int(0, 3)),
    stratum: String(random.int(1, 6)),
    cityName: 'MEDELLIN',
    zoneName: random.pick(['SURORIENTE', 'OCCIDENTE', 'CENTRO']),
    adminPrice: String(random.int(0, 5) * 100_000),
    comment: Array.from({length: 30}, () => random.pick(words)).join(', '),
    numPictures: String(random.int(1, 20)),
    companyId: `c${random.int(1, 300)}`,
    propertyState: 'USADO',
    builtTime: random.pick(['1 A 8 ANOS', '9 A 15 ANOS', 'MAS DE 30 ANOS', '']),
    latitude: String(random.between(6.18, 6.32)),
    longitude: String(random.between(-75.62, -75.54)),
    amenitiesInteriors: 'balcon, bano auxiliar, citofono, cocina integral, cuarto de servicio',
    amenitiesExteriors: 'zonas verdes, porteria / recepcion, parqueadero visitantes',
    amenitiesSector: 'colegios / universidades, parques cercanos, zona residencial',
  };
}
