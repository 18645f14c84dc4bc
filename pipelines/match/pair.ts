/** Are two adverts one home? Evidence of a pair, added up in log-odds. */
import {planeDistanceM} from '../../src/lib/geo.ts';
import {overlapOf} from '../../src/lib/similarity.ts';
import type {PreparedAdvert} from './advert.ts';
import type {Market} from './market.ts';
import {WEIGHTS} from './weights.ts';

/** What weighed most for a pair, strongest first. */
export type PairReason = 'reference_code' | 'same_text' | 'same_spot' | 'same_facts';

export interface PairScore {
  /** Log-odds that both offer one home. */
  readonly logOdds: number;
  readonly reason: PairReason;
  /** False: nothing but price, area and place speaks for it, which two units of one building share as well. */
  readonly isDistinctive: boolean;
}

/** Weight of shared rare phrases from which on a text is as much evidence as it can be. */
const FULL_TEXT_WEIGHT = 8;
/** Share of text (0–1) from which on the text itself tells the home. */
const TELLING_TEXT = 0.3;
/** What is left of a shared text that advertises several homes at once. */
const SEVERAL_SHARE = 0.25;
/** Adverts of one list of amenities up to which it is rare: a home and its copies. */
const FEW_TWINS = 5;
/** Shingles from which on a text is long enough for a missing overlap to say something. */
const LONG_TEXT = 12;

export function scorePair(a: PreparedAdvert, b: PreparedAdvert, market: Market): PairScore {
  const text = shareText(a, b, market);
  const price = comparePrices(a, b);
  const area = compareAreas(a.areas, b.areas);
  const bedrooms = compareCounts(a.bedrooms, b.bedrooms, 5);
  const bathrooms = compareCounts(a.bathrooms, b.bathrooms, 5);
  const distance = compareSpots(a, b);
  const code = compareCodes(a, b);
  const floor = compareFloors(a, b);
  const amenities = compareAmenities(a, b, market);
  const coincidences = market.coincidencesOf(a);
  const logOdds =
    WEIGHTS.base +
    WEIGHTS.price[price] +
    WEIGHTS.area[area] +
    WEIGHTS.bedrooms[bedrooms] +
    WEIGHTS.bathrooms[bathrooms] +
    WEIGHTS.parking[compareCounts(a.parkingSpaces, b.parkingSpaces, 4)] +
    WEIGHTS.stratum[compareCounts(a.stratum, b.stratum, 7)] +
    WEIGHTS.distance[distance] +
    WEIGHTS.neighbourhood[
      a.hood === '' || b.hood === '' ? 'unknown' : a.hood === b.hood ? 'equal' : 'different'
    ] +
    (floor === 'equal' ? WEIGHTS.sameFloor : 0) +
    (code === 'equal' ? WEIGHTS.sameCode : 0) +
    WEIGHTS.amenities[amenities] +
    WEIGHTS.propertyType[a.propertyType === b.propertyType ? 'equal' : 'different'] +
    (area === 'equal' && price === 'equal' && text < TELLING_TEXT
      ? WEIGHTS.coincidence[rarityOf(coincidences)]
      : 0) +
    WEIGHTS.sameAdvertiser[compareAdvertisers(a, b, text, price === 'equal' && area === 'equal')] +
    WEIGHTS.text * text +
    (text < 0.02 && a.text.length >= LONG_TEXT && b.text.length >= LONG_TEXT ? WEIGHTS.noSharedText : 0);
  const isLike = (compared: string) =>
    compared === 'equal' || compared === 'within3' || compared === 'capped' || compared === 'unknown';
  const sameFacts = [price, area, bedrooms, bathrooms].every(isLike) && area !== 'unknown';
  const isNear = distance === 'spot' || distance === 'm350' || (a.hood !== '' && a.hood === b.hood);
  const hasMark = floor === 'equal' || amenities === 'rareEqual';
  const tellsUnit = a.isUnit || b.isUnit ? hasMark : isNear;
  const isSpot = distance === 'spot';
  return {
    logOdds,
    reason:
      code === 'equal'
        ? 'reference_code'
        : text >= TELLING_TEXT
          ? 'same_text'
          : isSpot
            ? 'same_spot'
            : 'same_facts',
    isDistinctive: code === 'equal' || text >= TELLING_TEXT || (tellsUnit && (isSpot || sameFacts)),
  };
}

function rarityOf(coincidences: number): keyof typeof WEIGHTS.coincidence {
  if (coincidences < 0.05) return 'below05';
  if (coincidences < 0.2) return 'below20';
  if (coincidences < 0.6) return 'below60';
  if (coincidences < 1.2) return 'below120';
  return Number.isFinite(coincidences) ? 'more' : 'estate';
}

/** Two adverts that can't be one home whatever else speaks for it. */
export function areApart(a: PreparedAdvert, b: PreparedAdvert): boolean {
  const isElsewhere = a.town !== '' && b.town !== '' && a.town !== b.town;
  const isOther = a.family !== '' && b.family !== '' && a.family !== b.family;
  return (
    isElsewhere ||
    isOther ||
    a.isProject !== b.isProject ||
    compareFloors(a, b) === 'different' ||
    compareCodes(a, b) === 'different'
  );
}

/** How much of the lighter text both share, rare phrases counting more, 0–1; common phrases alone stay near 0. */
function shareText(a: PreparedAdvert, b: PreparedAdvert, market: Market): number {
  if (a.text.length === 0 || b.text.length === 0) return 0;
  const {shared, containment} = overlapOf(a.text, b.text, hash => weightOf(market.countOf(hash)));
  const share = containment * Math.min(1, shared / FULL_TEXT_WEIGHT);
  return a.sellsSeveral || b.sellsSeveral ? share * SEVERAL_SHARE : share;
}

/** A phrase of these two adverts alone weighs 1, one of four adverts 0.4, of ten 0.12. */
function weightOf(count: number): number {
  return count <= 2 ? 1 : (2 / count) ** 1.3;
}

function comparePrices(a: PreparedAdvert, b: PreparedAdvert): keyof typeof WEIGHTS.price {
  let best: number | null = null;
  for (const [operation, price] of Object.entries(a.prices)) {
    const other = b.prices[operation];
    if (other === undefined) continue;
    const difference = Math.abs(Math.log(price / other));
    best = best === null ? difference : Math.max(best, difference);
  }
  if (best === null) return 'none';
  if (best < 0.002) return 'equal';
  if (best < 0.031) return 'within3';
  return best < 0.1 ? 'within10' : 'far';
}

/** By the two areas that agree best: one portal may hold the built, another the private area. */
function compareAreas(a: readonly number[], b: readonly number[]): keyof typeof WEIGHTS.area {
  let best = Number.POSITIVE_INFINITY;
  let isRounding = false;
  for (const own of a) {
    for (const other of b) {
      const difference = Math.abs(Math.log(own / other));
      best = Math.min(best, difference);
      isRounding ||= Math.abs(own - other) <= 0.9 && difference < 0.03;
    }
  }
  if (isRounding) return 'equal';
  if (best < 0.031) return 'within3';
  if (best < 0.12) return 'within12';
  return Number.isFinite(best) ? 'far' : 'unknown';
}

/** Portals cap counts: at `cap` and above they may be equal. */
function compareCounts(
  a: number | null,
  b: number | null,
  cap: number,
): 'equal' | 'capped' | 'near' | 'far' | 'unknown' {
  if (a === null || b === null) return 'unknown';
  if (a >= cap && b >= cap) return 'capped';
  const difference = Math.abs(Math.min(a, cap) - Math.min(b, cap));
  if (difference === 0) return 'equal';
  return difference === 1 ? 'near' : 'far';
}

type Sameness = 'equal' | 'different' | 'unknown';

/** A point that lies beyond any city is somebody's slip, not a distance. */
const OTHER_REGION_M = 20_000;

function compareSpots({point: a}: PreparedAdvert, {point: b}: PreparedAdvert): keyof typeof WEIGHTS.distance {
  if (a === null || b === null) return 'unknown';
  const metres = planeDistanceM(a, b);
  if (metres <= 20) return 'spot';
  if (metres <= 350) return 'm350';
  if (metres <= 1500) return 'm1500';
  return metres <= OTHER_REGION_M ? 'far' : 'unknown';
}

function compareFloors(a: PreparedAdvert, b: PreparedAdvert): Sameness {
  // Of houses the field holds storeys as often as floors.
  if (!a.isUnit || a.floor === null || b.floor === null) return 'unknown';
  return a.floor === b.floor ? 'equal' : 'different';
}

/** A code that differs tells only within one advertiser, who numbers each home once. */
function compareCodes(a: PreparedAdvert, b: PreparedAdvert): Sameness {
  if (a.codes.length === 0 || b.codes.length === 0) return 'unknown';
  if (a.codes.some(code => b.codes.includes(code))) return 'equal';
  return isOneAdvertiser(a, b) ? 'different' : 'unknown';
}

/** Portals have their own words: only lists of one portal compare. A list that few adverts have is as good as a name. */
function compareAmenities(
  a: PreparedAdvert,
  b: PreparedAdvert,
  market: Market,
): keyof typeof WEIGHTS.amenities {
  if (a.portal !== b.portal || a.amenities.length < 2 || b.amenities.length < 2) return 'unknown';
  if (a.amenityKey === b.amenityKey) {
    // An advertiser copies lists from one advert to the next.
    return market.amenityTwinsOf(a) <= FEW_TWINS && !isSimultaneous(a, b) ? 'rareEqual' : 'equal';
  }
  const own = new Set(a.amenities);
  const shared = b.amenities.filter(amenity => own.has(amenity)).length;
  return shared / (a.amenities.length + b.amenities.length - shared) >= 0.5 ? 'alike' : 'different';
}

function isOneAdvertiser(a: PreparedAdvert, b: PreparedAdvert): boolean {
  return a.portal === b.portal && a.advertiserKey !== null && a.advertiserKey === b.advertiserKey;
}

/** Both were online at some time, by one advertiser. */
function isSimultaneous(a: PreparedAdvert, b: PreparedAdvert): boolean {
  return isOneAdvertiser(a, b) && a.lastSeenAt >= b.firstSeenAt && b.lastSeenAt >= a.firstSeenAt;
}

function compareAdvertisers(
  a: PreparedAdvert,
  b: PreparedAdvert,
  text: number,
  isEqual: boolean,
): keyof typeof WEIGHTS.sameAdvertiser {
  if (!isOneAdvertiser(a, b)) return 'no';
  if (!isSimultaneous(a, b)) return 'oneByOne';
  if (!isEqual) return 'variant';
  if (text < 0.85) return 'otherText';
  return a.isUnit ? 'sameTextUnit' : 'sameTextHouse';
}
