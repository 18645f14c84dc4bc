/** Which adverts are compared at all: those that share a block. */
import {type PreparedAdvert, pinOf} from './advert.ts';
import type {Market} from './market.ts';

/** A block of more adverts than this says too little; its adverts meet in finer ones. */
const LARGEST_BLOCK = 60;
/** Rarest shingles of a text that make blocks. */
const TEXT_KEYS = 8;
/** A shingle of more adverts than this is a phrase of the trade. */
const COMMON_SHINGLE = 20;

/** Calls `visit` once for every pair of positions (first < second) that share a block. */
export function eachCandidate(
  adverts: readonly PreparedAdvert[],
  market: Market,
  visit: (first: number, second: number) => void,
): void {
  const blocks = new Map<string, number[]>();
  const blocksOf = adverts.map((advert, position) =>
    blockKeys(advert, market).map(key => {
      let block = blocks.get(key);
      if (block === undefined) {
        block = [];
        blocks.set(key, block);
      }
      block.push(position);
      return block;
    }),
  );
  const lastMet = new Int32Array(adverts.length).fill(-1);
  for (const [first, own] of blocksOf.entries()) {
    for (const block of own) {
      if (block.length > LARGEST_BLOCK) continue;
      for (const second of block) {
        if (second <= first || lastMet[second] === first) continue;
        lastMet[second] = first;
        visit(first, second);
      }
    }
  }
}

function blockKeys(advert: PreparedAdvert, market: Market): string[] {
  const {bedrooms, hood, family, areaM2, codes, text, point} = advert;
  const facts = factKeys(advert);
  const keys = [
    ...facts,
    ...facts.map(key => `${key}|${bedrooms}|${hood}`),
    ...codes.map(code => `code ${code}`),
  ];
  if (point !== null) keys.push(`point ${pinOf(advert)}`);
  const rare = [...text]
    .map(hash => ({hash, count: market.countOf(hash)}))
    .filter(({count}) => count > 1 && count <= COMMON_SHINGLE)
    .sort((a, b) => a.count - b.count || a.hash - b.hash);
  for (const {hash} of rare.slice(0, TEXT_KEYS)) keys.push(`text ${hash}`);
  if (areaM2 !== null && text.length > 0) keys.push(`area ${family} ${Math.round(areaM2)} ${text[0]}`);
  return keys;
}

/** Width of a price band, as a factor. */
const PRICE_BAND = 1.03;

/**
 * Town, family, rounded area and price band, for each offer in two neighbouring bands: two adverts whose prices differ
 * by less than 3 % have a key in common.
 */
function factKeys({family, town, areaM2, prices}: PreparedAdvert): string[] {
  if (areaM2 === null || family === '') return [];
  return Object.entries(prices).flatMap(([operation, price]) => {
    const band = Math.floor(Math.log(price) / Math.log(PRICE_BAND));
    const facts = `${town}|${family}|${Math.round(areaM2)}|${operation}`;
    return [`${facts}|${band}`, `${facts}|${band + 1}`];
  });
}
