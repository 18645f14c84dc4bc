/**
 * Whether the price models still fit the market: adverts of the newest month against the homes they were trained on.
 *
 * Both sides are judged by folds that never saw the home, or by a model trained before it appeared. The difference of
 * two medians is bootstrapped by home (Efron 1979), so that one advertiser's building is not a trend.
 */
import type {ScoredAge} from '../db/drift.ts';
import type {Operation} from '../domain/vocabulary.ts';
import {groupBy} from '../lib/group-by.ts';
import {createRandom, type Random} from '../lib/random.ts';
import {mean, median, quantile} from '../lib/stats.ts';
import type {Alarm} from './alarms.ts';

interface Drift {
  readonly operation: Operation;
  readonly newHomes: number;
  readonly homesBefore: number;
  /** How much more is asked than expected, as a share; the median of each side. */
  readonly bias: Sides;
  /** Median absolute error as a share. */
  readonly mdape: Sides;
  readonly since: Date;
}

interface Sides {
  readonly newest: number;
  readonly before: number;
  /** 99 % interval of newest − before. */
  readonly low: number;
  readonly high: number;
}

/** Fewer homes on either side tell nothing: the month is then passed over. */
const LEAST_NEW = 60;
const LEAST_BEFORE = 200;
/** More homes than this don't sharpen a median that matters. */
const MOST_HOMES = 2000;
const DRAWS = 400;
const TAIL = 0.005;
/** Smaller shifts are the season's, not the model's. */
const LEAST_BIAS = 0.05;
/** Points by which the error has to grow. */
const LEAST_MDAPE = 0.03;

/** Drift of each operation that has homes enough on both sides. The same adverts give the same figures. */
function measureDrift(adverts: readonly ScoredAge[]): Drift[] {
  return [...groupBy(adverts, ({operation}) => operation)].flatMap(([operation, own]) => {
    const newest = homesOf(own.filter(({isNew}) => isNew));
    const before = homesOf(own.filter(({isNew}) => !isNew));
    if (newest.length < LEAST_NEW || before.length < LEAST_BEFORE) return [];
    const sides = (measure: (residual: number) => number, random: Random): Sides => {
      const [a, b] = [newest.map(measure), before.map(measure)];
      const shifts = Array.from({length: DRAWS}, () => median(draw(a, random)) - median(draw(b, random)));
      return {
        ...{newest: median(a), before: median(b)},
        ...{low: quantile(shifts, TAIL), high: quantile(shifts, 1 - TAIL)},
      };
    };
    const random = createRandom(`drift/${operation}`);
    const firsts = own.filter(({isNew}) => isNew).map(({firstSeenAt}) => firstSeenAt.getTime());
    return [
      {
        ...{operation, newHomes: newest.length, homesBefore: before.length},
        bias: sides(residual => Math.expm1(residual), random.fork('bias')),
        mdape: sides(residual => Math.abs(Math.expm1(residual)), random.fork('mdape')),
        since: new Date(Math.min(...firsts)),
      },
    ];
  });
}

/** One alarm an operation whose newest month the champion misjudges, beyond chance and by enough to matter. */
export function findDriftAlarms(adverts: readonly ScoredAge[]): Alarm[] {
  return measureDrift(adverts).flatMap(drift => {
    const {operation, bias, mdape, newHomes, homesBefore, since} = drift;
    const isShifted = Math.abs(bias.newest - bias.before) >= LEAST_BIAS && (bias.low > 0 || bias.high < 0);
    const isWorse = mdape.newest - mdape.before >= LEAST_MDAPE && mdape.low > 0;
    if (!isShifted && !isWorse) return [];
    return [
      {
        ...{kind: 'model_drift' as const, portal: 'all', subject: operation, since},
        observed: `${newHomes} homes of the newest month ask ${signed(bias.newest)} against the expected price (MdAPE ${percent(mdape.newest)})`,
        expected: `${signed(bias.before)} (MdAPE ${percent(mdape.before)}), as the ${homesBefore} homes before`,
      },
    ];
  });
}

/** One residual a home: the mean of its adverts. By home, so that the order of rows tells nothing. */
function homesOf(adverts: readonly ScoredAge[]): number[] {
  const homes = [...groupBy(adverts, ({groupId}) => groupId)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, own]) => mean(own.map(({residual}) => residual)));
  return homes.length <= MOST_HOMES ? homes : createRandom('drift').shuffle(homes).slice(0, MOST_HOMES);
}

function draw(values: readonly number[], random: Random): Float64Array {
  return Float64Array.from(values, () => random.pick(values));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function signed(share: number): string {
  return `${share > 0 ? '+' : ''}${percent(share)}`;
}
