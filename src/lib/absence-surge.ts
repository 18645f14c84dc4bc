/**
 * Runs that miss far more adverts than usual. Portals hide a part of their offer for a day far more often than as many
 * homes leave the market at once, so that such a run is doubted before it ends anything.
 */
import {groupBy} from './group-by.ts';
import {median} from './stats.ts';

const DAY_MS = 86_400_000;
/** A surge misses at least this many times the usual rate. */
export const SURGE_FACTOR = 3;
const LEAST_ABSENT = 10;
/** A week of daily runs: three odd ones among them don't move the median. */
const BASE_STEPS = 7;
const LEAST_BASE = 2;
/** Two runs of one day are not a day apart; half of one is the least that a rate is reckoned over. */
const LEAST_DAYS = 0.5;

/** One complete run of a search, against the complete run of the same search before it. */
export interface AbsenceStep {
  readonly portal: string;
  readonly scope: string;
  readonly runId: number;
  readonly observedAt: Date;
  /** Of the run before. */
  readonly beforeAt: Date;
  /** Adverts of the run before. */
  readonly listings: number;
  /** Those of them that no search of this run saw. */
  readonly absent: number;
}

export interface Surge<Step extends AbsenceStep> {
  readonly step: Step;
  /** Absent adverts at the usual rate. */
  readonly expected: number;
  /** Too small to be judged alone: the searches of its run miss too many together. */
  readonly isPortalWide: boolean;
}

interface Tally {
  readonly absent: number;
  /** Adverts × days. */
  readonly exposure: number;
}

/**
 * Steps that miss three times the median rate of the last seven steps of their search, ten adverts or more and beyond
 * chance; then, of the others, those of runs in which they miss as much together. Two steps before are the least that
 * anything is compared with.
 */
export function findSurges<Step extends AbsenceStep>(steps: readonly Step[]): Surge<Step>[] {
  const inOrder = steps.toSorted((a, b) => a.observedAt.getTime() - b.observedAt.getTime());
  const searches = groupBy(inOrder, step => `${step.portal} ${step.scope}`);
  const surges = [...searches.values()].flatMap(own =>
    surgesOf(own.map(step => ({steps: [step], ...tallyOf([step])}))).map(surge => ({
      ...surge,
      isPortalWide: false,
    })),
  );
  const surged = new Set(surges.map(({step}) => step));
  const rest = inOrder.filter(step => !surged.has(step));
  for (const ofPortal of groupBy(rest, step => step.portal).values()) {
    const runs = [...groupBy(ofPortal, step => step.runId).values()]
      .filter(together => together.length > 1)
      .map(together => ({steps: together, ...tallyOf(together)}));
    surges.push(...surgesOf(runs).map(surge => ({...surge, isPortalWide: true})));
  }
  return surges;
}

function tallyOf(steps: readonly AbsenceStep[]): Tally {
  let [absent, exposure] = [0, 0];
  for (const step of steps) {
    const days = (step.observedAt.getTime() - step.beforeAt.getTime()) / DAY_MS;
    absent += step.absent;
    exposure += step.listings * Math.max(LEAST_DAYS, days);
  }
  return {absent, exposure};
}

function surgesOf<Step extends AbsenceStep>(
  series: readonly (Tally & {readonly steps: readonly Step[]})[],
): {step: Step; expected: number}[] {
  return series.flatMap((tally, index) => {
    const base = series.slice(Math.max(0, index - BASE_STEPS), index).filter(({exposure}) => exposure > 0);
    if (base.length < LEAST_BASE) return [];
    const usualRate = median(base.map(({absent, exposure}) => absent / exposure));
    if (!isSurge(tally.absent, usualRate * tally.exposure)) return [];
    return tally.steps
      .filter(step => step.absent > 0)
      .map(step => ({step, expected: usualRate * tallyOf([step]).exposure}));
  });
}

function isSurge(absent: number, expected: number): boolean {
  const chance = 3 * Math.sqrt(Math.max(1, expected));
  return absent >= LEAST_ABSENT && absent >= SURGE_FACTOR * expected && absent > expected + chance;
}
