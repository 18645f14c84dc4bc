/**
 * Ranges and standardised residuals from predictions of homes by models that never saw them.
 *
 * Conformal prediction (Papadopoulos et al. 2002; Vovk et al. 2005): a range reaches as far as the ⌈(n + 1) · share⌉-th
 * smallest of the calibration rows' own distances. Distances are measured either in log units (split conformal) or in
 * units of what two quantile models expect below and above (conformalised quantile regression: Romano, Patterson and
 * Candès 2019; as a ratio: Kivaranovic, Johnson and Leeb 2020). The narrower of the two is chosen on rows of its own;
 * the others calibrate and do nothing else.
 *
 * Calibration rows come from folds whose models never saw them, and the final model learns from all: cross-conformal
 * prediction (Vovk 2015), whose range is a little wide rather than narrow because the final model knows more.
 *
 * How far a range reaches may differ by type and price level, municipality and estrato at once. Groups of all three
 * overlap, so the reach is a product of one factor each, fitted like an additive quantile regression group by group
 * (Gibbs, Cherian and Candès 2023, "Conformal prediction with conditional guarantees"; Mondrian when one kind of group
 * is alone). Groups that are too small are calibrated together.
 */
import type {FeatureRow} from '../domain/model.ts';
import {groupBy} from '../lib/group-by.ts';
import {mean, quantileOfSorted, robustSd} from '../lib/stats.ts';
import {dealGroups} from './split.ts';
import {foldWords} from './text.ts';

/** Share of prices the range is to hold. */
export const RANGE_SHARE = 0.8;
const MIN_GROUP_ROWS = 100;
/** Price levels: thirds of the predicted prices. */
const LEVELS = 3;
/** No group is so exact that a residual of 2 % were remarkable, and no quantile so near. */
const MIN_SCALE = 0.02;
/** One part of so many chooses between the methods. */
const CHOOSING_PARTS = 5;
const SWEEPS = 8;

/** What the range of a home may depend on. */
export interface RangedHome {
  readonly row: Pick<FeatureRow, 'propertyType' | 'municipality' | 'stratum'>;
  /** Log COP. */
  readonly predicted: number;
  /** Low and high quantile, log COP; null: nobody estimated them. */
  readonly quantiles: readonly [low: number, high: number] | null;
}

export interface CalibrationRow extends RangedHome {
  /** Log of the asking price. */
  readonly actual: number;
}

export const RANGE_METHODS = ['split', 'quantile'] as const;
export type RangeMethod = (typeof RANGE_METHODS)[number];

/** Kinds of groups that may reach differently. */
const FACETS = ['kind', 'municipality', 'stratum'] as const;
type Facet = (typeof FACETS)[number];

/** How far ranges reach: log factors that add up. */
interface Reach {
  readonly base: number;
  readonly groups: Readonly<Record<Facet, Readonly<Record<string, number>>>>;
}

/** A plain value. */
export interface Calibration {
  readonly method: RangeMethod;
  /** Rows the reach was fitted on. */
  readonly rows: number;
  /** Predicted log prices between levels, ascending. */
  readonly levelEdges: readonly number[];
  readonly reach: Reach;
  /** Robust standard deviation of the log residuals by type and level, type, and of all. */
  readonly scales: Readonly<Record<string, number>>;
}

const EVERYBODY = 'all';
/** Groups of fewer rows than they need, together. */
const OTHERS = 'others';

/**
 * Chooses the method on one part of the groups and calibrates it on the rest.
 * @param rows predicted by folds that never saw them; with quantiles all, or none.
 * @param group group of each row: no group chooses and calibrates.
 */
export function fitCalibration(
  rows: readonly CalibrationRow[],
  group: Int32Array,
  seed: number,
): Calibration {
  const hasQuantiles = rows.every(({quantiles}) => quantiles !== null);
  if (!hasQuantiles) return calibrate(rows, 'split');
  const part = dealGroups(group, CHOOSING_PARTS, seed + 3);
  const method = chooseMethod(
    rows.filter((_, index) => part[index] === 0),
    group.filter((_, index) => part[index] === 0),
    seed,
  );
  return calibrate(
    rows.filter((_, index) => part[index] !== 0),
    method,
  );
}

/** The method with the narrower ranges: each half is ranged by the calibration of the other. */
function chooseMethod(rows: readonly CalibrationRow[], group: Int32Array, seed: number): RangeMethod {
  const half = dealGroups(group, 2, seed + 4);
  const widthOf = (method: RangeMethod): number => {
    const widths = [0, 1].flatMap(own => {
      const others = rows.filter((_, index) => half[index] !== own);
      if (others.length === 0) return [];
      const calibration = calibrate(others, method);
      return rows
        .filter((_, index) => half[index] === own)
        .map(row => {
          const {low, high} = rangeOf(calibration, row);
          return high - low;
        });
    });
    return mean(widths);
  };
  return widthOf('quantile') < widthOf('split') ? 'quantile' : 'split';
}

/** Calibrates one method on rows that nothing else has used. */
function calibrate(rows: readonly CalibrationRow[], method: RangeMethod): Calibration {
  const sorted = Float64Array.from(rows, row => row.predicted).sort();
  const levelEdges = Array.from({length: LEVELS - 1}, (_, edge) =>
    quantileOfSorted(sorted, (edge + 1) / LEVELS),
  );
  const distances = rows.map(row => Math.log(Math.max(distanceOf(row, method), 1e-9)));
  return {
    method,
    rows: rows.length,
    levelEdges,
    reach: fitReach(rows, distances, levelEdges),
    scales: fitScales(rows, levelEdges),
  };
}

/** The range of a home and the spread of residuals around it, log units. */
export function rangeOf(
  calibration: Calibration,
  home: RangedHome,
): {readonly low: number; readonly high: number; readonly scale: number} {
  const {method, levelEdges, reach, scales} = calibration;
  let log = reach.base;
  for (const facet of FACETS) log += factorOf(reach.groups[facet], groupKeys(levelEdges, home, facet));
  const [below, above] = unitsOf(home, method);
  const scale = scaleKeys(levelEdges, home)
    .map(key => scales[key])
    .find(value => value !== undefined);
  if (scale === undefined) throw new RangeError('calibration without the group of all rows');
  return {
    low: home.predicted - below * Math.exp(log),
    high: home.predicted + above * Math.exp(log),
    scale,
  };
}

/** What a range of reach 1 holds below and above the prediction, log units. */
function unitsOf({predicted, quantiles}: RangedHome, method: RangeMethod): readonly [number, number] {
  if (method === 'split') return [1, 1];
  if (quantiles === null) throw new RangeError('ranges by quantiles need the quantiles of every home');
  const [low, high] = quantiles;
  return [Math.max(predicted - low, MIN_SCALE), Math.max(high - predicted, MIN_SCALE)];
}

/** Reach at which a range just holds the row. */
function distanceOf(row: CalibrationRow, method: RangeMethod): number {
  const [below, above] = unitsOf(row, method);
  return Math.max((row.predicted - row.actual) / below, (row.actual - row.predicted) / above);
}

/** Group by group, each factor is set so that its group holds its share, until all do. */
function fitReach(
  rows: readonly CalibrationRow[],
  distances: readonly number[],
  levelEdges: readonly number[],
): Reach {
  const base = conformalQuantile(distances);
  const left = Float64Array.from(distances, distance => distance - base);
  const members = FACETS.map(facet => listMembers(rows, levelEdges, facet));
  const factors = members.map(groups => new Map([...groups.keys()].map(key => [key, 0])));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [facet, groups] of members.entries()) {
      for (const [key, indexes] of groups) {
        const step = conformalQuantile(indexes.map(index => left[index] ?? 0));
        factors[facet]?.set(key, (factors[facet]?.get(key) ?? 0) + step);
        for (const index of indexes) left[index] = (left[index] ?? 0) - step;
      }
    }
  }
  const [kind, municipality, stratum] = factors.map(own => Object.fromEntries(own));
  return {base, groups: {kind: kind ?? {}, municipality: municipality ?? {}, stratum: stratum ?? {}}};
}

/** Rows of each group that is large enough, each row in its narrowest; the rest together, if they are enough. */
function listMembers(
  rows: readonly CalibrationRow[],
  levelEdges: readonly number[],
  facet: Facet,
): Map<string, number[]> {
  const sizes = new Map<string, number>();
  const keys = rows.map(row => groupKeys(levelEdges, row, facet));
  for (const own of keys) for (const key of own) sizes.set(key, (sizes.get(key) ?? 0) + 1);
  const narrowest = groupBy([...rows.keys()], index => {
    return keys[index]?.find(key => (sizes.get(key) ?? 0) >= MIN_GROUP_ROWS) ?? OTHERS;
  });
  // What is left of a wide group without its narrow ones may be too few.
  const small = [...narrowest].filter(([, indexes]) => indexes.length < MIN_GROUP_ROWS);
  const others = small.flatMap(([, indexes]) => indexes);
  for (const [key] of small) narrowest.delete(key);
  if (others.length >= MIN_GROUP_ROWS) narrowest.set(OTHERS, [...(narrowest.get(OTHERS) ?? []), ...others]);
  return narrowest;
}

function factorOf(factors: Readonly<Record<string, number>>, keys: readonly string[]): number {
  const key = keys.find(candidate => factors[candidate] !== undefined) ?? OTHERS;
  return factors[key] ?? 0;
}

/** Groups of a home, from narrow to wide. */
function groupKeys(levelEdges: readonly number[], {row, predicted}: RangedHome, facet: Facet): string[] {
  switch (facet) {
    case 'kind':
      return [`${row.propertyType}|${levelOf(levelEdges, predicted)}`, row.propertyType];
    case 'municipality':
      return row.municipality === null ? [] : [foldWords(row.municipality)];
    case 'stratum':
      return row.stratum === null ? [] : [`estrato ${row.stratum}`];
  }
}

function scaleKeys(levelEdges: readonly number[], {row, predicted}: RangedHome): string[] {
  return [`${row.propertyType}|${levelOf(levelEdges, predicted)}`, row.propertyType, EVERYBODY];
}

function levelOf(levelEdges: readonly number[], predicted: number): number {
  return levelEdges.filter(edge => predicted > edge).length;
}

function fitScales(rows: readonly CalibrationRow[], levelEdges: readonly number[]): Record<string, number> {
  const residuals = new Map<string, number[]>();
  for (const row of rows) {
    for (const key of scaleKeys(levelEdges, row)) {
      const list = residuals.get(key);
      if (list === undefined) residuals.set(key, [row.actual - row.predicted]);
      else list.push(row.actual - row.predicted);
    }
  }
  const believed = [...residuals].filter(([key, list]) => key === EVERYBODY || list.length >= MIN_GROUP_ROWS);
  return Object.fromEntries(believed.map(([key, list]) => [key, Math.max(robustSd(list), MIN_SCALE)]));
}

/** The ⌈(n + 1) · share⌉-th smallest: the finite-sample quantile of conformal prediction. */
function conformalQuantile(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const rank = Math.min(Math.ceil((sorted.length + 1) * RANGE_SHARE), sorted.length);
  return sorted[rank - 1] ?? Number.NaN;
}
