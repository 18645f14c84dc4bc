/** General outlier detectors on the rows of the anomaly bench, alone and behind our rules. */
import {spawnSync} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {FeatureRow} from '../../src/domain/model.ts';
import {eastM, northM} from '../../src/lib/geo.ts';
import {isPriceFault, isRuled, type PlantedAdvert} from './anomaly-market.ts';
import {averagePrecision, type Measured, precisionAt, RULE_SCORE} from './anomaly-measure.ts';

/** `python3 -m venv /tmp/raiz-peers && /tmp/raiz-peers/bin/pip install scikit-learn pyod` */
const PYTHON = join(tmpdir(), 'raiz-peers', 'bin', 'python');
const SCRIPT = fileURLToPath(new URL('anomaly-peers.py', import.meta.url));
/** Scores the same adverts by general detectors, alone and behind the same rules. */
export async function measurePeers(planted: readonly PlantedAdvert[]): Promise<Measured[]> {
  const judged = planted.filter(({fault}) => fault !== 'wrong_point');
  const folder = await mkdtemp(join(tmpdir(), 'raiz-bench-anomaly-'));
  try {
    const numbers = judged.map(({row}) => peerNumbers(row));
    await writeFile(join(folder, 'shape.json'), JSON.stringify({columns: PEER_COLUMNS}));
    await writeFile(join(folder, 'x.f8'), Buffer.from(Float64Array.from(numbers.flat()).buffer));
    const peers = runPeers(folder);
    const isError = judged.map(isPriceFault);
    const isBargain = judged.map(({fault}) => fault === 'bargain');
    const measured: Measured[] = [];
    for (const {name, cpuSeconds} of peers) {
      const bytes = await readFile(join(folder, `${name}.f8`));
      const score = new Float64Array(
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
      );
      const ruled = judged.map((advert, at) => (isRuled(advert) ? RULE_SCORE : 0) + (score[at] ?? 0));
      const unruled = judged.map((advert, at) => (isRuled(advert) ? -RULE_SCORE : (score[at] ?? 0)));
      measured.push(
        {
          name: `errors: ${name}`,
          value: averagePrecision(isError, score),
          unit: '% AP',
          note: `behind our rules ${averagePrecision(isError, ruled).toFixed(3)}; ${cpuSeconds.toFixed(1)} CPU s`,
        },
        {
          name: `bargains: precision@100, ${name}`,
          value: precisionAt(100, isBargain, unruled),
          unit: '%',
          note: 'adverts that a rule struck are left out',
        },
      );
    }
    return measured;
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

const PEER_COLUMNS = [
  'log_price',
  'log_area',
  'log_price_m2',
  'bedrooms',
  'bathrooms',
  'parking',
  'stratum',
  'age',
  'east_km',
  'north_km',
] as const;

/** What a notebook would take: NaN where nobody stated it. */
function peerNumbers(row: FeatureRow): number[] {
  const stated = (value: number | null) => value ?? Number.NaN;
  return [
    Math.log(row.priceCop),
    Math.log(row.areaM2),
    Math.log(row.priceCop / row.areaM2),
    stated(row.bedrooms),
    stated(row.bathrooms),
    stated(row.parkingSpaces),
    stated(row.stratum),
    stated(row.ageYearsMin),
    row.longitude === null ? Number.NaN : eastM(row.longitude) / 1000,
    row.latitude === null ? Number.NaN : northM(row.latitude) / 1000,
  ];
}

function runPeers(folder: string): {name: string; cpuSeconds: number}[] {
  const {status, stdout, error} = spawnSync(PYTHON, [SCRIPT, folder], {
    encoding: 'utf8',
    env: {OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1'},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error !== undefined || status !== 0) {
    process.stderr.write(
      `no peers: ${error?.message ?? `python ended with ${status}`}. See ${SCRIPT.replace(/py$/, 'ts')}.\n`,
    );
    return [];
  }
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as {name: string; cpuSeconds: number});
}
