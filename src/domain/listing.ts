import type {AdvertiserKind, Condition, Currency, Operation, PropertyType, RuleEffect} from './vocabulary.ts';

/** Raise when the meaning of a field of `StagedListing` changes; observations carry it. */
export const STAGED_LISTING_VERSION = 1;

/**
 * Identity of an advert on every machine: `portal:idSpace:portalListingId`, as `fincaraiz:id:193349683`.
 * An id space is one numbering of the portal (`id`, `uuid`): the same number in two spaces is two adverts.
 */
export function listingId(portal: string, idSpace: string, portalListingId: string): string {
  return `${portal}:${idSpace}:${portalListingId}`;
}

/** One asking price. An advert may hold two offers: sale and rent. */
export interface Offer {
  readonly operation: Operation;
  /** As stated, whole units of `currency`; a rent is per month, without the administration fee. Null: not stated. */
  readonly price: number | null;
  readonly currency: Currency;
  /** Administration fee, COP a month; null: not stated (portals write 0). */
  readonly adminFeeCop: number | null;
}

/**
 * An advert as a portal or file states it: English names, units resolved, numbers parsed, unknown words null.
 * Nothing is judged here; the clean stage decides what to believe. Personal data never gets this far.
 */
export interface StagedListing {
  readonly portal: string;
  readonly idSpace: string;
  readonly portalListingId: string;
  readonly url: string | null;
  readonly title: string | null;
  readonly description: string | null;
  readonly propertyType: PropertyType | null;
  readonly offers: readonly Offer[];
  readonly department: string | null;
  readonly municipality: string | null;
  readonly district: string | null;
  readonly neighbourhood: string | null;
  /** Decimal degrees as stated, rounded to 6 decimals (0.1 m). */
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly builtAreaM2: number | null;
  readonly privateAreaM2: number | null;
  readonly landAreaM2: number | null;
  readonly bedrooms: number | null;
  readonly bathrooms: number | null;
  readonly parkingSpaces: number | null;
  readonly floor: number | null;
  readonly floorsCount: number | null;
  /** Estrato as stated; codes outside 1–6 are still here. */
  readonly stratum: number | null;
  /** Years since construction, both ends included; an open class has `ageYearsMax` null. */
  readonly ageYearsMin: number | null;
  readonly ageYearsMax: number | null;
  readonly condition: Condition | null;
  /** Amenities in the portal's words, sorted, without repeats. */
  readonly amenities: readonly string[];
  readonly advertiserKind: AdvertiserKind | null;
  /** Companies only. */
  readonly agencyName: string | null;
  /** Keyed pseudonym of the advertiser: stable within a portal, not reversible. */
  readonly advertiserKey: string | null;
  readonly isProject: boolean;
  readonly isOffPlan: boolean;
  readonly isAuction: boolean;
  readonly photosCount: number | null;
  readonly publishedOn: string | null;
  readonly updatedOn: string | null;
}

/** What a parser made of one record: the listing, and what it could not or need not read. */
export interface ListingReading {
  readonly listing: StagedListing;
  /** JSON paths nobody read and nobody declared ignored. */
  readonly unread: readonly string[];
  readonly issues: readonly import('./issue.ts').Issue[];
}

/** One decision of a cleaning rule about one field of one observation. */
export interface RuleFinding {
  readonly rule: string;
  readonly field: string;
  readonly effect: RuleEffect;
  readonly value: string | null;
  readonly message: string;
}

/** A price after cleaning. `priceCop` is null when the stated one can't be believed or is not in pesos. */
export interface CleanOffer {
  readonly operation: Operation;
  readonly priceStated: number | null;
  readonly currency: Currency;
  readonly priceCop: number | null;
  readonly adminFeeCop: number | null;
  /** Rule that changed the stated price, or null. */
  readonly correction: string | null;
}

/** An advert as we believe it. */
export interface CleanListing extends Omit<StagedListing, 'offers' | 'publishedOn' | 'updatedOn'> {
  readonly offers: readonly CleanOffer[];
  /** The area that stands for the home: private, else built, else land for plots. */
  readonly areaM2: number | null;
  /** Rules that keep this listing out of statistics, models and releases' default view. Empty: usable. */
  readonly exclusions: readonly string[];
}
