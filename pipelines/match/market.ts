/** How common the words and the facts of an advert are among all: what two adverts share tells the more the rarer it is. */
import type {PreparedAdvert} from './advert.ts';

/** Hashes of shingles fall into these many counters; two in one counter look a little commoner than they are. */
const COUNTERS = 1 << 22;

export class Market {
  readonly #shingles = new Uint16Array(COUNTERS);
  readonly #counts = new Map<string, number>();

  constructor(adverts: readonly PreparedAdvert[]) {
    for (const advert of adverts) {
      for (const hash of advert.text) {
        const slot = hash & (COUNTERS - 1);
        const count = this.#shingles[slot] ?? 0;
        if (count < 0xffff) this.#shingles[slot] = count + 1;
      }
      for (const key of countedKeys(advert)) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
  }

  /** Adverts whose text holds the shingle. */
  countOf(hash: number): number {
    return this.#shingles[hash & (COUNTERS - 1)] ?? 0;
  }

  /**
   * How many adverts would have this one's area and price by chance, were the two independent: 0.01 for 231 m² at 620
   * million, several for 80 m² at 300. Infinite where many have both: an estate of equal houses.
   */
  coincidencesOf(advert: PreparedAdvert): number {
    const {areaM2, prices} = advert;
    if (areaM2 === null) return Number.POSITIVE_INFINITY;
    const all = this.#count(allKey(advert));
    let fewest = Number.POSITIVE_INFINITY;
    for (const [operation, price] of Object.entries(prices)) {
      const area = areaKey(advert, areaM2);
      const cost = priceKey(advert, operation, price);
      if (this.#count(`${area}|${cost}`) > LARGEST_FAMILY) return Number.POSITIVE_INFINITY;
      fewest = Math.min(fewest, (this.#count(area) * this.#count(cost)) / all);
    }
    return fewest;
  }

  /** Adverts of the portal that state just these amenities. */
  amenityTwinsOf(advert: PreparedAdvert): number {
    return this.#count(advert.amenityKey);
  }

  #count(key: string): number {
    return this.#counts.get(key) ?? 1;
  }
}

/** Adverts of one area and price from which on they are an estate rather than one home. */
const LARGEST_FAMILY = 10;

const allKey = ({town, family}: PreparedAdvert) => `${town}|${family}`;
const areaKey = (advert: PreparedAdvert, areaM2: number) => `${allKey(advert)}|${Math.round(areaM2)} m2`;
const priceKey = (advert: PreparedAdvert, operation: string, price: number) =>
  `${allKey(advert)}|${operation} ${price}`;

function countedKeys(advert: PreparedAdvert): string[] {
  const {areaM2, prices, amenityKey} = advert;
  const costs = Object.entries(prices).map(([operation, price]) => priceKey(advert, operation, price));
  if (areaM2 === null) return [allKey(advert), amenityKey, ...costs];
  const area = areaKey(advert, areaM2);
  return [allKey(advert), amenityKey, area, ...costs, ...costs.map(cost => `${area}|${cost}`)];
}
