/** Strata of held-out blocks: three splits of the homes of Medellín, beside the barrio's commonest stratum. */
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {crossValidateStratum, type JudgedGuess, scoreGuesses} from '../../src/lib/stratum-estimator.ts';
import {ESTRATO_POINTS, readEstratoPoints} from '../support/shared-estrato.ts';
import type {BenchRow} from './bench-row.ts';

const SPLITS = ['', 'b', 'c'];
const BINS = 10;

export async function benchStratum(): Promise<BenchRow[]> {
  if (!existsSync(fileURLToPath(ESTRATO_POINTS))) {
    return [{name: 'skipped: ../shared/data/geo/estrato is not there', value: 0, unit: 'homes'}];
  }
  const points = await readEstratoPoints();
  const splits = SPLITS.map(salt => crossValidateStratum(points, salt));
  const rows = splits.flatMap((guesses, index) => rowsOf(guesses, `split ${index + 1}`));
  return [...rows, ...reliabilityRows(splits.flat())];
}

function rowsOf(guesses: readonly JudgedGuess[], split: string): BenchRow[] {
  const ours = scoreGuesses(guesses);
  const commonest = scoreGuesses(guesses.map(({stratum, commonest: guess}) => ({stratum, guess})));
  return [
    {
      name: `${split}: exact`,
      value: percent(ours.exact),
      unit: '%',
      note: `barrio's commonest ${percent(commonest.exact)}`,
    },
    {
      name: `${split}: within one`,
      value: percent(ours.withinOne),
      unit: '%',
      note: `barrio's commonest ${percent(commonest.withinOne)}; ${guesses.length} homes, blocks held out`,
    },
  ];
}

/** Equal bins by confidence: what was promised, what came. */
function reliabilityRows(guesses: readonly JudgedGuess[]): BenchRow[] {
  const sorted = guesses.toSorted((a, b) => a.confidence - b.confidence);
  return Array.from({length: BINS}, (_, bin) => {
    const members = sorted.slice((bin * sorted.length) / BINS, ((bin + 1) * sorted.length) / BINS);
    const promised = members.reduce((sum, {confidence}) => sum + confidence, 0) / members.length;
    return {
      name: `confidence ${percent(promised)} %: right`,
      value: percent(scoreGuesses(members).exact),
      unit: '%',
      note: `${members.length} homes`,
    };
  });
}

function percent(share: number): number {
  return Math.round(share * 1000) / 10;
}
