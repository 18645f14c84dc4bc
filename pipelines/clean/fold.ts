/**
 * The history of one advert: a fold over everything that was ever seen of it. The result doesn't depend on the order
 * in which sightings and runs were learnt; intervals are half-open and never overlap.
 */
import type {CleanListing, CleanOffer} from '../../src/domain/listing.ts';
import type {Currency, ListingStatus, Operation} from '../../src/domain/vocabulary.ts';
import {type CompleteRun, foldStatus, type Sighting, type Spell, type StatusInterval} from './fold-status.ts';
import {isSameVersion} from './same-attributes.ts';

interface Version {
  readonly validFrom: Date;
  readonly validTo: Date | null;
  /** The observation it was opened by. */
  readonly payloadHash: string;
  readonly listing: CleanListing;
}

interface PriceInterval {
  readonly operation: Operation;
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly priceStated: number | null;
  readonly currency: Currency;
  readonly priceCop: number | null;
  readonly adminFeeCop: number | null;
  readonly correction: string | null;
}

export interface History {
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly status: ListingStatus;
  /** As last seen. */
  readonly latest: CleanListing;
  readonly versions: readonly Version[];
  readonly prices: readonly PriceInterval[];
  readonly statuses: readonly StatusInterval[];
  readonly spells: readonly Spell[];
}

/**
 * @param listings what each payload says after cleaning, by payload hash
 * @returns undefined for an advert that was never seen (only ever said to be gone).
 */
export function foldHistory(
  sightings: readonly Sighting[],
  completeRuns: readonly CompleteRun[],
  listings: ReadonlyMap<string, CleanListing>,
): History | undefined {
  const views = viewsInOrder(sightings, listings);
  const [first, last] = [views[0], views.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const {statuses, spells} = foldStatus(sightings, completeRuns);
  return {
    firstSeenAt: first.at,
    lastSeenAt: last.at,
    status: statuses.at(-1)?.status ?? 'active',
    latest: last.listing,
    versions: foldVersions(views),
    prices: foldPrices(views),
    statuses,
    spells,
  };
}

/** The advert at one instant. */
interface View {
  readonly at: Date;
  readonly payloadHash: string;
  readonly listing: CleanListing;
}

/** One view an instant; when two payloads claim the same instant the one with the smaller hash stands, in any order. */
function viewsInOrder(sightings: readonly Sighting[], listings: ReadonlyMap<string, CleanListing>): View[] {
  const byInstant = new Map<number, View>();
  for (const {observedAt, payloadHash} of sightings) {
    if (payloadHash === null) continue;
    const listing = listings.get(payloadHash);
    if (listing === undefined)
      throw new Error(`payload ${payloadHash} was seen but is not stored; import or parse it again`);
    const known = byInstant.get(observedAt.getTime());
    if (known !== undefined && known.payloadHash <= payloadHash) continue;
    byInstant.set(observedAt.getTime(), {at: observedAt, payloadHash, listing});
  }
  return [...byInstant.values()].sort((a, b) => a.at.getTime() - b.at.getTime());
}

function foldVersions(views: readonly View[]): Version[] {
  const opened: View[] = [];
  for (const view of views) {
    const current = opened.at(-1);
    if (current !== undefined && isSame(current, view)) continue;
    opened.push(view);
  }
  return opened.map(({at, payloadHash, listing}, index) => ({
    validFrom: at,
    validTo: opened[index + 1]?.at ?? null,
    payloadHash,
    listing,
  }));
}

function isSame(a: View, b: View): boolean {
  return a.payloadHash === b.payloadHash || isSameVersion(a.listing, b.listing);
}

type OpenPrice = {-readonly [Key in keyof PriceInterval]: PriceInterval[Key]};

/**
 * Per operation. A view that states no price changes nothing: it neither opens an interval nor ends one, so that
 * 100 → nothing → 120 is one change. An operation that is no longer offered ends.
 */
function foldPrices(views: readonly View[]): PriceInterval[] {
  const intervals: OpenPrice[] = [];
  const open = new Map<Operation, OpenPrice>();
  for (const {at, listing} of views) {
    const offered = new Map(listing.offers.toReversed().map(offer => [offer.operation, offer]));
    for (const [operation, price] of open) {
      if (offered.size === 0 || offered.has(operation)) continue;
      price.validTo = at;
      open.delete(operation);
    }
    for (const offer of offered.values()) {
      const current = open.get(offer.operation);
      if (current !== undefined && !isPriceChange(current, offer)) continue;
      if (current !== undefined) current.validTo = at;
      const next = {...pricePart(offer), validFrom: at, validTo: null};
      intervals.push(next);
      open.set(offer.operation, next);
    }
  }
  return intervals;
}

function isPriceChange(current: PriceInterval, offer: CleanOffer): boolean {
  if (offer.priceStated === null) return false;
  return (
    offer.priceStated !== current.priceStated ||
    offer.currency !== current.currency ||
    offer.priceCop !== current.priceCop ||
    (offer.adminFeeCop !== null && offer.adminFeeCop !== current.adminFeeCop)
  );
}

function pricePart(offer: CleanOffer): Omit<PriceInterval, 'validFrom' | 'validTo'> {
  const {operation, priceStated, currency, priceCop, adminFeeCop, correction} = offer;
  return {operation, priceStated, currency, priceCop, adminFeeCop, correction};
}
