/**
 * Faults and bargains planted in real adverts, and who finds them: rules, out-of-fold studentised residuals and place
 * checks as the pipeline uses them, beside general outlier detectors on the same rows.
 *
 * Planted prices stand in the training rows, as in life; no home is judged by a model that saw it.
 */
import {existsSync} from 'node:fs';
import type {EnrichReference} from '../../pipelines/enrich/core.ts';
import {judgeResidual} from '../../pipelines/score/core.ts';
import type {FeatureRow} from '../../src/domain/model.ts';
import {MEASURED_QUALITIES} from '../../src/domain/vocabulary.ts';
import {mean} from '../../src/lib/stats.ts';
import {fitAlgorithm, predictLogPrices} from '../../src/ml/algorithms.ts';
import {fitAnomalyReference, measureStraying, type Strayed} from '../../src/ml/anomaly/reference.ts';
import {contradictStatedPlace} from '../../src/ml/anomaly/stated-place.ts';
import {type Backend, loadBackend} from '../../src/ml/backend.ts';
import {fitBlendWeights} from '../../src/ml/blend.ts';
import {findComparables, indexComparables} from '../../src/ml/comparables.ts';
import {encodeRows, encoderColumns, fitEncoder, logPricePerM2} from '../../src/ml/features.ts';
import {joinGroups, splitFolds} from '../../src/ml/split.ts';
import {lastRows, SHARED_FILES, SHARED_LISTINGS} from '../support/shared-listings.ts';
import {autoencoderScores} from './anomaly-autoencoder.ts';
import {
  BARGAIN_DEPTHS,
  chooseSound,
  isPriceFault,
  isRuled,
  judgeAdverts,
  type PlantedAdvert,
  plantFaults,
} from './anomaly-market.ts';
import {
  averagePrecision,
  bargainLikelihoods,
  type Measured,
  precisionAt,
  RULE_SCORE,
} from './anomaly-measure.ts';
import {measurePeers} from './anomaly-peers.ts';
import {readPlaceReference} from './anomaly-places.ts';
import type {BenchOptions, BenchRow} from './bench-row.ts';

const SETS = [
  {label: 'Finca Raíz 2023', file: 'fincaraiz2023'},
  {label: 'Metrocuadrado 2021', file: 'metrocuadrado2021'},
] as const;
const SEED = 20_260;
const FOLDS = 5;
const DEFAULT_ROUNDS = 3;
/** The rules refused its price or area: no model saw it. */
const UNJUDGED: Strayed = {residual: 0, z: 0, areaResidual: 0, oddity: 0};

/** Minutes: five folds a round and file. @param rounds plantings with seeds 1, 2, … whose means are printed. */
export async function benchAnomaly({rounds = DEFAULT_ROUNDS}: BenchOptions): Promise<BenchRow[]> {
  const backend = await loadBackend();
  const reference = await readPlaceReference();
  const rows: BenchRow[] = [];
  for (const {label, file} of SETS) {
    if (!existsSync(`${SHARED_LISTINGS}${SHARED_FILES[file]}`)) {
      rows.push({name: `anomalies, ${label}`, value: 0, unit: 'rows', note: 'skipped: no ../shared'});
      continue;
    }
    const measured: Measured[] = [];
    for (let seed = 1; seed <= rounds; seed++)
      measured.push(...(await measureRound(file, seed, reference, backend)));
    rows.push(...summarise(label, measured));
  }
  return rows;
}

function summarise(label: string, measured: readonly Measured[]): BenchRow[] {
  const names = [...new Set(measured.map(({name}) => name))];
  return names.map(name => {
    const own = measured.filter(each => each.name === name);
    const values = own.map(({value}) => value);
    const range = `rounds ${(100 * Math.min(...values)).toFixed(1)}–${(100 * Math.max(...values)).toFixed(1)}`;
    const {unit = '', note = ''} = own[0] ?? {};
    return {
      name: `${name}, ${label}`,
      value: 100 * mean(values),
      unit,
      note: values.length === 1 ? note : `${range}; ${note}`,
    };
  });
}

/** Plants by seed and measures everybody on one file. */
export async function measureRound(
  file: (typeof SETS)[number]['file'],
  seed: number,
  reference: EnrichReference,
  backend: Backend,
): Promise<Measured[]> {
  const sound = chooseSound((await lastRows(file)).map(({staged}) => staged));
  const planted = judgeAdverts(plantFaults(sound, seed), sound, reference);
  const rows = planted.filter(({isExcluded}) => !isExcluded).map(({row}) => row);
  const begun = process.cpuUsage();
  const outOfFold = await predictOutOfFold(rows, backend);
  const {encoder} = fitEncoder(rows, joinGroups(rows), SEED);
  const anomalies = fitAnomalyReference(rows, outOfFold, encoder, SEED);
  const known = measureStraying(
    anomalies,
    rows.map(row => ({row, predicted: outOfFold[row.listingId] ?? Number.NaN})),
  );
  const {user, system} = process.cpuUsage(begun);
  const byListing = new Map(rows.map(({listingId}, at) => [listingId, known[at]]));
  const strayed = planted.map(({listingId}) => byListing.get(listingId) ?? UNJUDGED);
  const cost = `${((user + system) / 1e6).toFixed(1)} CPU s for folds, scale and areas; trees and ridge, no network`;
  const autoencoder = await autoencoderScores(backend, planted, SEED);
  return [
    ...measureErrors(planted, strayed, autoencoder, cost),
    ...measureBargains(planted, rows, strayed),
    ...measurePoints(planted, row => contradictStatedPlace(anomalies.statedPlaces, row) !== null),
    ...(await measurePeers(planted)),
  ];
}

/** The champion without its network, which would take most of the seconds. */
const MEMBERS = ['ridge_hedonic', 'gbdt'] as const;

/** Log COP by listing, from a blend that never saw the home; its weights are learned on the other folds. */
async function predictOutOfFold(
  rows: readonly FeatureRow[],
  backend: Backend,
): Promise<Record<string, number>> {
  const split = splitFolds(rows, FOLDS, SEED);
  const predicted = MEMBERS.map(() => new Float64Array(rows.length));
  const indexesOf = (isWanted: (fold: number) => boolean) =>
    [...rows.keys()].filter(row => isWanted(split.fold[row] ?? 0));
  for (let fold = 0; fold < FOLDS; fold++) {
    const train = indexesOf(own => own !== fold);
    const test = indexesOf(own => own === fold);
    const trainRows = rows.filter((_, row) => split.fold[row] !== fold);
    const testRows = rows.filter((_, row) => split.fold[row] === fold);
    const group = Int32Array.from(train, row => split.group[row] ?? row);
    const {encoder, matrix} = fitEncoder(trainRows, group, SEED);
    const columns = encoderColumns(encoder);
    const set = {rows: trainRows, target: logPricePerM2(trainRows), group, matrix, columns};
    const testMatrix = encodeRows(encoder, testRows);
    for (const [member, algorithm] of MEMBERS.entries()) {
      const parameters = await fitAlgorithm(algorithm, set, {backend, seed: SEED, effort: 'full'});
      const values = predictLogPrices(parameters, testRows, testMatrix, backend);
      for (const [place, row] of test.entries()) {
        const own = predicted[member];
        if (own !== undefined) own[row] = values[place] ?? Number.NaN;
      }
    }
  }
  const actual = rows.map(row => Math.log(row.priceCop));
  const result: Record<string, number> = {};
  for (let fold = 0; fold < FOLDS; fold++) {
    const weights = fitBlendWeights(
      predicted,
      actual,
      indexesOf(own => own !== fold),
    );
    for (const row of indexesOf(own => own === fold)) {
      const mean = weights.reduce((sum, weight, member) => sum + weight * (predicted[member]?.[row] ?? 0), 0);
      result[rows[row]?.listingId ?? ''] = mean;
    }
  }
  return result;
}

/** Rules first, then the studentised residual: errors of price and area. Wrong points are measured by themselves. */
function measureErrors(
  planted: readonly PlantedAdvert[],
  strayed: readonly Strayed[],
  autoencoder: Float64Array,
  cost: string,
): Measured[] {
  const judged = [...planted.keys()].filter(at => planted[at]?.fault !== 'wrong_point');
  const isError = judged.map(at => isPriceFault(planted[at]));
  const ruled = (score: (at: number) => number) =>
    judged.map(at => (isRuled(planted[at]) ? RULE_SCORE : 0) + score(at));
  const left = judged.filter(at => !isRuled(planted[at]));
  const isLeftError = left.map(at => isPriceFault(planted[at]));
  const of = (at: number) => strayed[at] ?? UNJUDGED;
  const oddRanks = rankShares(strayed.map(({oddity}) => oddity));
  const autoRanks = rankShares([...autoencoder]);
  const ap = (name: string, value: number, note: string): Measured => ({name, value, unit: '% AP', note});
  const whole = (score: (at: number) => number) => averagePrecision(isError, ruled(score));
  const rest = (score: (at: number) => number) => averagePrecision(isLeftError, left.map(score));
  const errors = isError.filter(Boolean).length;
  return [
    ap(
      'errors: rules, then oddity',
      whole(at => of(at).oddity),
      `${errors} errors among ${judged.length}, ${errors - isLeftError.filter(Boolean).length} found by rules; ${cost}`,
    ),
    ap(
      'errors: rules, then |z|',
      whole(at => Math.abs(of(at).z)),
      'price alone, studentised',
    ),
    ap(
      'errors: rules, then |log residual|',
      whole(at => Math.abs(of(at).residual)),
      'price alone, raw',
    ),
    ap(
      'errors that no rule finds: oddity',
      rest(at => of(at).oddity),
      `${isLeftError.filter(Boolean).length} errors`,
    ),
    ap(
      'errors that no rule finds: oddity or autoencoder',
      rest(at => Math.max(oddRanks[at] ?? 0, autoRanks[at] ?? 0) + (oddRanks[at] ?? 0) / 1e3),
      'the higher of both ranks',
    ),
    ap(
      'errors that no rule finds: oddity + autoencoder',
      rest(at => (oddRanks[at] ?? 0) + 0.1 * (autoRanks[at] ?? 0)),
      'ranks added, the second a tenth',
    ),
    ap(
      'errors that no rule finds: autoencoder alone',
      rest(at => autoencoder[at] ?? 0),
      'TensorFlow.js, all attributes and price',
    ),
  ];
}

/** Bargains as the score stage lists them: inside the band, enough similar homes that agree, the furthest first. */
function measureBargains(
  planted: readonly PlantedAdvert[],
  rows: readonly FeatureRow[],
  strayed: readonly Strayed[],
): Measured[] {
  const index = indexComparables(rows);
  const isBargain = planted.map(({fault}) => fault === 'bargain');
  const kinds = planted.map(({row, isExcluded}, at) => {
    if (isExcluded) return 'none';
    const {residual, z, areaResidual} = strayed[at] ?? UNJUDGED;
    return judgeResidual(residual, z, findComparables(index, row), row.priceCop / row.areaM2, areaResidual);
  });
  const listed = planted.map((_, at) => (kinds[at] === 'below_normal' ? -(strayed[at]?.z ?? 0) : -1));
  const raw = planted.map((_, at) => (kinds[at] === 'below_normal' ? -(strayed[at]?.residual ?? 0) : -1));
  const untouched = strayed.flatMap(({z}, at) => (planted[at]?.fault === 'none' && z !== 0 ? [z] : []));
  const knowing = bargainLikelihoods(strayed, untouched, BARGAIN_DEPTHS);
  const count = listed.filter(score => score > 0).length;
  const found = isBargain.filter((is, at) => is && kinds[at] === 'below_normal').length;
  const bargains = isBargain.filter(Boolean).length;
  return [
    {
      name: 'bargains: precision@100, by z',
      value: precisionAt(100, isBargain, listed),
      unit: '%',
      note: `${bargains} bargains of −25 … −40 % among ${planted.length}; ${count} listed as below normal, ${found} of them planted`,
    },
    {
      name: 'bargains: precision among the first third of as many as were planted',
      value: precisionAt(Math.round(bargains / 3), isBargain, listed),
      unit: '%',
      note: `the first ${Math.round(bargains / 3)}: comparable between files of any size`,
    },
    {
      name: 'bargains: precision@100, by log residual',
      value: precisionAt(100, isBargain, raw),
      unit: '%',
      note: 'not studentised',
    },
    {
      name: 'bargains: precision@100, the most that these residuals allow',
      value: precisionAt(100, isBargain, knowing),
      unit: '%',
      note: 'an order that knows how deep bargains were planted and how the other adverts stray',
    },
  ];
}

/** Wrong points among adverts with a point that distances may be measured from. */
function measurePoints(
  planted: readonly PlantedAdvert[],
  contradicts: (row: FeatureRow) => boolean,
): Measured[] {
  const pointed = planted.filter(
    ({location: {geoQuality}}) =>
      geoQuality === 'outside' || MEASURED_QUALITIES.some(quality => quality === geoQuality),
  );
  const byAreas = (advert: PlantedAdvert) =>
    advert.location.geoQuality === 'outside' ||
    advert.location.conflicts.some(conflict => conflict !== 'stratum');
  const byBoth = (advert: PlantedAdvert) => byAreas(advert) || contradicts(advert.row);
  const wrong = pointed.filter(({fault}) => fault === 'wrong_point');
  const others = pointed.filter(({fault}) => fault !== 'wrong_point');
  const share = (adverts: readonly PlantedAdvert[], test: (advert: PlantedAdvert) => boolean) =>
    adverts.filter(test).length / adverts.length;
  return [
    {
      name: 'wrong points found by place checks',
      value: share(wrong, byBoth),
      unit: '%',
      note: `${wrong.length} points moved 1.5 km or more; official areas alone ${share(wrong, byAreas).toFixed(3)}; the checks doubt ${(100 * share(others, byBoth)).toFixed(1)} % of the ${others.length} others`,
    },
  ];
}

/** Share of values that are smaller, 0–1. */
function rankShares(values: readonly number[]): Float64Array {
  const order = [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const shares = new Float64Array(values.length);
  for (const [place, at] of order.entries()) shares[at] = place / values.length;
  return shares;
}
