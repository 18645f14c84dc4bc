/** Honest splits: adverts of one home, exact twins and repeated texts never stand on both sides. */
import {createHash} from 'node:crypto';
import type {FeatureRow} from '../domain/model.ts';
import {createRandom} from '../lib/random.ts';
import {foldWords} from './text.ts';

/** Texts shorter than this repeat by chance ("apartamento en venta en laureles"). */
const MIN_SHARED_TEXT_LENGTH = 120;

/** Which rows are tested together. `fold[i]` belongs to row i. */
export interface Split {
  /** Hash of the folds of every listing: equal ids mean the very same split. */
  readonly splitId: string;
  readonly folds: number;
  readonly fold: Uint8Array;
  /** Group of each row, as the index of the group's first row. */
  readonly group: Int32Array;
}

/**
 * Joins rows that may tell each other's price: same `groupId`, same price and attributes (a twin), same description.
 * @returns for each row the index of the first row of its group.
 */
export function joinGroups(rows: readonly FeatureRow[]): Int32Array {
  const parent = Int32Array.from(rows, (_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parent[root] !== root) root = parent[root] ?? root;
    parent[index] = root;
    return root;
  };
  const firstByKey = new Map<string, number>();
  for (const [index, row] of rows.entries()) {
    for (const key of sharedKeys(row)) {
      const first = firstByKey.get(key);
      if (first === undefined) {
        firstByKey.set(key, index);
        continue;
      }
      const [low, high] = [rootOf(first), rootOf(index)].sort((a, b) => a - b);
      if (low !== undefined && high !== undefined) parent[high] = low;
    }
  }
  return parent.map((_, index) => rootOf(index));
}

function sharedKeys(row: FeatureRow): string[] {
  const {propertyType, priceCop, areaM2, bedrooms, bathrooms, stratum} = row;
  const attributes = [propertyType, priceCop, areaM2, bedrooms, bathrooms, stratum];
  return [...homeKeys(row), `twin:${attributes.join('|')}`];
}

/** What tells a home again without its price: the advert, the home, a text long enough not to repeat by chance. */
export function identityKeys(row: FeatureRow): string[] {
  return [`listing:${row.listingId}`, ...homeKeys(row)];
}

function homeKeys({groupId, description}: FeatureRow): string[] {
  const text = description === null ? '' : foldWords(description);
  return text.length < MIN_SHARED_TEXT_LENGTH ? [`group:${groupId}`] : [`group:${groupId}`, `text:${text}`];
}

/** Deals whole groups into folds of about equal size, in an order the seed decides. */
export function splitFolds(rows: readonly FeatureRow[], folds: number, seed: number): Split {
  const group = joinGroups(rows);
  const fold = dealGroups(group, folds, seed);
  const hash = createHash('sha256');
  const order = rows.map((row, index) => `${row.listingId}=${fold[index]}`).sort();
  for (const line of order) hash.update(`${line}\n`);
  return {splitId: hash.digest('hex').slice(0, 16), folds, fold, group};
}

/** Fold of each row; the next group goes to the smallest fold, so that sizes stay even. */
export function dealGroups(group: Int32Array, folds: number, seed: number): Uint8Array {
  const members = new Map<number, number[]>();
  for (const [index, root] of group.entries()) {
    const list = members.get(root);
    if (list === undefined) members.set(root, [index]);
    else list.push(index);
  }
  const sizes = new Array<number>(folds).fill(0);
  const fold = new Uint8Array(group.length);
  for (const root of createRandom(`folds/${seed}`).shuffle([...members.keys()])) {
    const list = members.get(root) ?? [];
    const target = sizes.indexOf(Math.min(...sizes));
    sizes[target] = (sizes[target] ?? 0) + list.length;
    for (const index of list) fold[index] = target;
  }
  return fold;
}
