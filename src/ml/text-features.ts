/**
 * Descriptions as numbers: TF-IDF of words and pairs of words, its leading singular directions ("latent semantic
 * analysis", Deerwester et al. 1990), and what a ridge regression reads in the words of what the attributes leave
 * unexplained.
 *
 * Fitted inside a fold. Only the ridge knows prices: one set of weights for strangers, and one for each inner part,
 * learnt without it, for the homes of that part.
 */
import type {FeatureRow} from '../domain/model.ts';
import {GIVEN_NAMES, SURNAMES} from '../lib/person-names.ts';
import {fitSparseRidge, type SparseMatrix, sparseMatrix} from './sparse.ts';
import {truncatedSvd} from './svd.ts';
import {foldWords} from './text.ts';

/**
 * Directions kept of the SVD. Mean log error of networks and trees together on two folds of Metrocuadrado 2021: .1298
 * with 16, .1288 with 48, .1303 with 128.
 */
const COMPONENTS = 48;
/** Terms of fewer groups than this are chance; those of a larger share of them say nothing. */
const MIN_GROUPS = 8;
const MAX_GROUP_SHARE = 0.6;
/** Bounds the encoder's size: the most frequent terms are kept. */
const MAX_TERMS = 2500;
/** Of the ridge, in rows whose words are all of one kind. */
const PENALTY = 4;
/** Digits kept of stored weights. */
const DIGITS = 5;

/** Fitted on training rows only; a plain value. */
export interface TextEncoder {
  readonly terms: readonly string[];
  /** Inverse document frequency of each term. */
  readonly idf: readonly number[];
  readonly rank: number;
  /** [terms, rank], row-major, scaled so that each feature has about unit size. */
  readonly directions: readonly number[];
  /** Weights of the terms: for strangers, then without each inner part. */
  readonly ridge: readonly (readonly number[])[];
}

/** Names of the columns `encodeText` fills, in order. */
export function textColumns({rank}: TextEncoder): string[] {
  return [...Array.from({length: rank}, (_, component) => `text_${component}`), 'text_worth'];
}

const termsCache = new WeakMap<FeatureRow, readonly string[]>();

/**
 * Words and pairs of neighbouring words, folded. Numbers, words with digits, people's names and single letters are
 * left out: descriptions were redacted before, and what a rule missed must not become a feature.
 */
export function termsOf(row: FeatureRow): readonly string[] {
  let terms = termsCache.get(row);
  if (terms === undefined) {
    terms = listTerms(row.description ?? '');
    termsCache.set(row, terms);
  }
  return terms;
}

function listTerms(description: string): string[] {
  const terms: string[] = [];
  let before = '';
  for (const word of foldWords(description).split(' ')) {
    const isKept = /^\p{L}{2,24}$/u.test(word) && !GIVEN_NAMES.has(word) && !SURNAMES.has(word);
    if (isKept) {
      terms.push(word);
      if (before !== '') terms.push(`${before} ${word}`);
    }
    before = isKept ? word : '';
  }
  return terms;
}

interface TextTraining {
  readonly rows: readonly FeatureRow[];
  /** Group of each row: a text that is repeated counts once. */
  readonly group: Int32Array;
  /** Inner part of each row. */
  readonly part: Uint8Array;
  /** What attributes leave of the target, in its standard deviations, as `hedonicResiduals` gives. */
  readonly residuals: readonly Float64Array[];
  readonly seed: number;
}

export function fitText({rows, group, part, residuals, seed}: TextTraining): TextEncoder {
  const vocabulary = fitVocabulary(rows, group);
  const places = new Map(vocabulary.terms.map((term, at) => [term, at]));
  const weights = rows.map(row => weighTerms(places, vocabulary.idf, row));
  const x = sparseMatrix(vocabulary.terms.length, weights);
  const {rank, vectors, singular} = truncatedSvd(x, COMPONENTS, seed);
  // A feature x · v has mean square σ² / n.
  const scale = Array.from(singular, value => Math.sqrt(rows.length) / value);
  return {
    ...vocabulary,
    rank,
    directions: Array.from(vectors, (value, at) => round(value * (scale[at % rank] ?? 0))),
    ridge: fitWorth(x, residuals, part),
  };
}

const placesCache = new WeakMap<TextEncoder, ReadonlyMap<string, number>>();

/**
 * Numbers of one row, in the order of `textColumns`; zeros without a description.
 * @param hidden bits of the inner parts whose prices the row must not see. No ridge was learnt without several: the
 *   worth is 0 then.
 */
export function encodeText(encoder: TextEncoder, row: FeatureRow, hidden: number): number[] {
  let places = placesCache.get(encoder);
  if (places === undefined) {
    places = new Map(encoder.terms.map((term, at) => [term, at]));
    placesCache.set(encoder, places);
  }
  const {rank, directions, ridge} = encoder;
  const weights = weighTerms(places, encoder.idf, row);
  const result = new Array<number>(rank + 1).fill(0);
  const isOne = (hidden & (hidden - 1)) === 0;
  const worth = isOne ? ridge[hidden === 0 ? 0 : 32 - Math.clz32(hidden)] : undefined;
  for (const [at, weight] of weights) {
    for (let k = 0; k < rank; k++) {
      result[k] = (result[k] ?? 0) + weight * (directions[at * rank + k] ?? 0);
    }
    result[rank] = (result[rank] ?? 0) + weight * (worth?.[at] ?? 0);
  }
  return result;
}

function fitVocabulary(rows: readonly FeatureRow[], group: Int32Array): Pick<TextEncoder, 'terms' | 'idf'> {
  const groups = new Map<string, {count: number; last: number}>();
  // Rows of one group stand together, so that a term remembers the last group that had it.
  const order = [...rows.keys()].sort((a, b) => (group[a] ?? 0) - (group[b] ?? 0) || a - b);
  for (const row of order) {
    const own = group[row] ?? 0;
    const home = rows[row];
    for (const term of home === undefined ? [] : termsOf(home)) {
      const entry = groups.get(term);
      if (entry === undefined) groups.set(term, {count: 1, last: own});
      else if (entry.last !== own) {
        entry.count += 1;
        entry.last = own;
      }
    }
  }
  const all = new Set(group).size;
  const kept = [...groups]
    .filter(([, {count}]) => count >= MIN_GROUPS && count <= MAX_GROUP_SHARE * all)
    .sort(([a, left], [b, right]) => right.count - left.count || (a < b ? -1 : 1))
    .slice(0, MAX_TERMS);
  return {
    terms: kept.map(([term]) => term),
    idf: kept.map(([, {count}]) => round(Math.log((1 + all) / (1 + count)) + 1)),
  };
}

/** (1 + log count) · idf of the row's known terms, to length 1 (Salton and Buckley 1988). */
function weighTerms(
  places: ReadonlyMap<string, number>,
  idf: readonly number[],
  row: FeatureRow,
): [number, number][] {
  const counts = new Map<number, number>();
  for (const term of termsOf(row)) {
    const at = places.get(term);
    if (at !== undefined) counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  const weights = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([at, count]): [number, number] => [at, (1 + Math.log(count)) * (idf[at] ?? 0)]);
  const length = Math.sqrt(weights.reduce((sum, [, weight]) => sum + weight * weight, 0));
  return weights.map(([at, weight]) => [at, weight / length]);
}

/** For strangers from all rows, for the homes of a part from the others. */
function fitWorth(x: SparseMatrix, residuals: readonly Float64Array[], part: Uint8Array): number[][] {
  const [everybody, ...without] = residuals;
  if (everybody === undefined) return [];
  const all = fitSparseRidge(x, everybody, PENALTY, new Uint8Array(x.rows).fill(1));
  // Each begins from zero: weights to begin from would carry the prices of the part.
  const inner = without.map((left, own) => {
    const isChosen = part.map(at => (at === own ? 0 : 1));
    return fitSparseRidge(x, left, PENALTY, isChosen);
  });
  return [all, ...inner].map(weights => Array.from(weights, round));
}

/** Never −0: files don't tell it from 0. */
function round(value: number): number {
  return Number(value.toPrecision(DIGITS)) + 0;
}
