/**
 * Whether the 80 % ranges hold 80 % of asking prices they never saw: 20 grouped splits of two real files, pooled, overall
 * and in segments. The point model is a quick boosted forest (`test/support/range-trial.ts`); encoder, quantile models,
 * choice of method and calibration are those of training.
 */
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import type {FeatureRow} from '../../src/domain/model.ts';
import {RANGE_SHARE} from '../../src/ml/calibrate.ts';
import {type CoverageReport, type RangedPrice, reportCoverage} from '../../src/ml/coverage.ts';
import {splitFolds} from '../../src/ml/split.ts';
import {tryRanges} from '../support/range-trial.ts';
import type {BenchOptions, BenchRow} from './bench-row.ts';
import {loadSales} from './training-rows.ts';

const SETS = [
  {label: 'Finca Raíz 2023', file: 'fincaraiz-medellin-2023.csv.gz', now: '2023-10-19T12:00:00Z'},
  {label: 'Metrocuadrado 2021', file: 'metrocuadrado-medellin-2021.csv.gz', now: '2021-03-20T12:00:00Z'},
] as const;
/** Unless `--rounds` says otherwise. */
const SPLITS = 20;
/** Each split holds out one fold of so many. */
const FOLDS = 5;
const SEED = 20_260;
/** Segments of fewer homes in the file are not judged. */
const MIN_SEGMENT_ROWS = 500;

/** Two CPU minutes for Finca Raíz, nine for Metrocuadrado. Without `../shared` there is nothing to measure. */
export async function benchCoverage({rounds = SPLITS}: BenchOptions): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const {label, file, now} of SETS) {
    const path = fileURLToPath(new URL(`../../../shared/data/listings/${file}`, import.meta.url));
    if (existsSync(path)) rows.push(...benchSet(label, await loadSales(path, new Date(now)), rounds));
    else rows.push({name: `ranges, ${label}`, value: 0, unit: 'rows', note: `skipped: no ${path}`});
  }
  return rows;
}

function benchSet(label: string, rows: readonly FeatureRow[], rounds: number): BenchRow[] {
  const prices: RangedPrice[] = [];
  const methods: string[] = [];
  const shares: number[] = [];
  const cpu = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    const seed = SEED + round;
    const trial = tryRanges(rows, splitFolds(rows, FOLDS, seed), 0, seed);
    prices.push(...trial.prices);
    methods.push(trial.method);
    shares.push(reportCoverage(trial.prices).coverage);
    process.stderr.write(
      `${label}: split ${round + 1} of ${rounds}, ${trial.method}, ${percent(shares.at(-1))} %\n`,
    );
  }
  const {user, system} = process.cpuUsage(cpu);
  const report = reportCoverage(prices);
  const byQuantiles = methods.filter(method => method === 'quantile').length;
  return [
    {
      name: `range holds, ${label}`,
      value: percent(report.coverage),
      unit: '%',
      note:
        `${rows.length} homes, ${rounds} splits from ${percent(Math.min(...shares))} to ${percent(Math.max(...shares))} %; ` +
        `mean high / low − 1 ${percent(report.meanWidth)} %; by quantiles in ${byQuantiles}; ` +
        `${((user + system) / 1e6).toFixed(0)} CPU s`,
    },
    ...segmentRows(label, report, rows.length / prices.length),
  ];
}

/** @param scale homes of the file a judged price stands for. */
function segmentRows(label: string, report: CoverageReport, scale: number): BenchRow[] {
  const segments = [report.byType, report.byMunicipality, report.byStratum].flatMap((own, kind) =>
    Object.entries(own).map(([name, segment]) => ({...segment, name: kind === 2 ? `estrato ${name}` : name})),
  );
  return segments
    .map(segment => ({...segment, homes: Math.round(segment.rows * scale)}))
    .filter(({homes}) => homes >= MIN_SEGMENT_ROWS)
    .map(({name, homes, coverage}) => ({
      name: `range holds, ${label}, ${name}`,
      value: percent(coverage),
      unit: '%',
      note: `${homes} homes, ${(100 * (coverage - RANGE_SHARE)).toFixed(1)} points off`,
    }));
}

function percent(share = Number.NaN): number {
  return Math.round(share * 1000) / 10;
}
