/**
 * Questions a price model must answer sensibly: the same home with one thing changed. The set are homes of the training
 * made strangers (a little larger, moved 150 m), so that no answer is remembered.
 */
import type {FeatureRow} from '../domain/model.ts';
import {createRandom} from '../lib/random.ts';
import {quantile} from '../lib/stats.ts';
import {type PriceModel, predictLogPrices} from './algorithms.ts';
import type {Backend} from './backend.ts';
import {encodeRows} from './features.ts';

/** Homes asked about. */
const MOST_PROBES = 400;
const STRANGER = {area: 1.07, degreesNorth: 0.0012, degreesEast: 0.0007} as const;

/** One more bathroom may lower a price by this share: beyond it is a violation. */
export const BATHROOM_BOUND = 0.03;
/** Words that say nothing of the home may move a price by this share either way: beyond it is a violation. */
export const WORDING_BOUND = 0.05;

/** Ways to write the same advert louder. */
const WORDINGS: readonly (readonly [string, (text: string) => string])[] = [
  ['"hermoso"', text => `Hermoso inmueble. ${text}`],
  ['"oportunidad"', text => `${text} Gran oportunidad.`],
  ['"espectacular, único, precioso"', text => `Espectacular, único, precioso. ${text}`],
  ['MAYÚSCULAS', text => text.toUpperCase()],
  ['¡¡signos!!', text => `¡¡¡${text}!!!`],
];

/** Shares of the price, 0–1. */
export interface Counterfactual {
  readonly question: string;
  /** Homes asked about; 0: none could be. */
  readonly homes: number;
  readonly bound: number;
  readonly violations: number;
  /** Change of the price: median, and the one furthest in the forbidden direction. */
  readonly median: number;
  readonly worst: number;
}

/** Asks everything; the same seed asks about the same homes. */
export function askCounterfactuals(
  model: PriceModel,
  rows: readonly FeatureRow[],
  backend: Backend,
  seed: number,
): Counterfactual[] {
  const strangers = createRandom(`counterfactuals/${seed}`)
    .shuffle([...rows])
    .map(makeStranger);
  const predict = (homes: readonly FeatureRow[]) =>
    predictLogPrices(model.parameters, homes, encodeRows(model.encoder, homes), backend);
  const changes = (homes: readonly FeatureRow[], change: (row: FeatureRow) => FeatureRow): number[] => {
    if (homes.length === 0) return [];
    const before = predict(homes);
    const after = predict(homes.map(change));
    return homes.map((_, row) => Math.exp((after[row] ?? Number.NaN) - (before[row] ?? Number.NaN)) - 1);
  };
  const bathed = strangers.filter(({bathrooms}) => bathrooms !== null && bathrooms < 4).slice(0, MOST_PROBES);
  const worded = strangers.filter(({description}) => (description ?? '').length > 20).slice(0, MOST_PROBES);
  const moreBathrooms = changes(bathed, row => ({...row, bathrooms: (row.bathrooms ?? 0) + 1}));
  return [
    judge('un baño más', moreBathrooms, BATHROOM_BOUND, change => -change),
    ...WORDINGS.map(([name, reword]) => {
      const moved = changes(worded, row => ({...row, description: reword(row.description ?? '')}));
      return judge(name, moved, WORDING_BOUND, Math.abs);
    }),
  ];
}

/** @param badness larger is worse; beyond the bound it is a violation. */
function judge(
  question: string,
  changes: readonly number[],
  bound: number,
  badness: (change: number) => number,
): Counterfactual {
  const worst = changes.reduce((most, change) => (badness(change) > badness(most) ? change : most), 0);
  return {
    question,
    homes: changes.length,
    bound,
    violations: changes.filter(change => !(badness(change) <= bound)).length,
    median: changes.length === 0 ? 0 : quantile(changes, 0.5),
    worst,
  };
}

function makeStranger(row: FeatureRow): FeatureRow {
  const {listingId, groupId, areaM2, latitude, longitude} = row;
  return {
    ...row,
    listingId: `${listingId}#stranger`,
    groupId: `${groupId}#stranger`,
    areaM2: Math.round(areaM2 * STRANGER.area * 100) / 100,
    latitude: latitude === null ? null : latitude + STRANGER.degreesNorth,
    longitude: longitude === null ? null : longitude + STRANGER.degreesEast,
  };
}
