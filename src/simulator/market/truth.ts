/**
 * What the simulated world really is, kept apart from what its portal says: the yardstick of end-to-end tests.
 * Days are whole numbers from 0; day 0 is `startOn`.
 */
import {listingId} from '../../domain/listing.ts';
import type {AdvertiserKind, Currency, Operation, PropertyType} from '../../domain/vocabulary.ts';
import type {Point} from '../../lib/geo.ts';

/** A home (or office, plot …): the thing itself, whoever advertises it. Money in whole pesos of 2026. */
export interface Property {
  readonly id: number;
  readonly propertyType: PropertyType;
  readonly municipality: string;
  /** DIVIPOLA. */
  readonly municipalityCode: string;
  readonly barrio: string;
  readonly point: Point;
  readonly stratum: number;
  /** Built area; of land, the plot. */
  readonly areaM2: number;
  readonly landAreaM2: number | null;
  readonly bedrooms: number;
  readonly bathrooms: number;
  readonly parkingSpaces: number;
  /** Null for houses and plots. */
  readonly floor: number | null;
  readonly floorsCount: number;
  readonly ageYears: number;
  readonly amenities: readonly string[];
  readonly adminFeeCop: number;
  /** What the market would ask, without noise or haste. */
  readonly saleValueCop: number;
  /** A month, without administration. */
  readonly rentValueCop: number;
}

/** Kinds of planted errors; which field of the advert each one spoils stands in its label. */
export const ERROR_KINDS = [
  'coordinates_missing',
  'coordinates_shared_pin',
  'coordinates_swapped',
  'coordinates_far_away',
  'admin_fee_one',
  'admin_fee_overflow',
  'stratum_code',
  'bedrooms_zero',
  'bedrooms_negative',
  'price_placeholder',
  'price_in_thousands',
  'price_of_other_operation',
  'area_hectares',
  'area_zero',
  'floor_flat_number',
  'currency_usd',
  'price_hidden',
  'project_from_price',
  'description_mojibake',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

export interface Label {
  readonly kind: ErrorKind | 'bargain';
  /** Field of `Statement` that is wrong; of a bargain, `price`. */
  readonly field: string;
  /** Last day on which it is so; null: it stays. */
  readonly untilDay: number | null;
  /** Of a bargain: asking price / value, 0.60–0.75. */
  readonly ratio: number | null;
}

/** What an advert says on a page. 0 and null are "not stated", as on the portal. */
export interface Statement {
  readonly title: string;
  readonly description: string;
  readonly address: string;
  readonly barrio: string | null;
  readonly price: number;
  readonly currency: Currency;
  readonly hidePrice: boolean;
  readonly adminFeeCop: number;
  readonly point: Point | null;
  readonly builtAreaM2: number;
  readonly privateAreaM2: number;
  readonly bedrooms: number;
  readonly bathrooms: number;
  readonly parkingSpaces: number;
  readonly floor: number;
  readonly floorsCount: number;
  readonly stratum: number;
  /** Portal's age class: 1 under a year, 2 to 8, 3 to 15, 4 to 30, 5 over 30 years, 0 not stated. */
  readonly antiquity: number;
  readonly isNew: boolean;
  readonly isProject: boolean;
  readonly amenities: readonly string[];
  readonly photosCount: number;
}

/** From `day` on, what the advert says anew; the last revision up to a day holds. The first one has the first day. */
export interface Revision {
  readonly day: number;
  readonly reason: 'first' | 'price' | 'description' | 'bump';
  readonly price: number;
  readonly description: string;
  /** America/Bogota day. */
  readonly updatedOn: string;
}

export interface Advertiser {
  readonly id: number;
  readonly kind: AdvertiserKind;
  /** Shown name: of a company, or of a person, or the portal's "Anunciante". */
  readonly name: string;
  readonly isPerson: boolean;
  readonly maskedPhone: string;
  readonly whatsappPhone: string | null;
  readonly address: string;
}

/** Days online: `from` included, `to` excluded. */
export interface Spell {
  readonly from: number;
  readonly to: number;
}

export interface Advert {
  /** The portal's number: nine digits, or seven to eight for adverts moved from the old platform. */
  readonly id: number;
  readonly isLegacy: boolean;
  readonly propertyId: number;
  readonly operation: Operation;
  readonly propertyType: PropertyType;
  /** `antioquia/medellin`. */
  readonly place: string;
  readonly advertiser: Advertiser;
  /** A person the JSON names in `seller`, on a few adverts. */
  readonly seller: {readonly name: string; readonly phone: string; readonly email: string} | null;
  /** Appended to the address of the advert's page; on a few adverts a person's name. */
  readonly slugSuffix: string;
  readonly publishedOn: string;
  readonly stated: Statement;
  readonly revisions: readonly Revision[];
  readonly spells: readonly Spell[];
  /** Days inside a spell on which searches skip the advert although its page answers. */
  readonly missedDays: readonly number[];
  /** The advert this one replaces under a new number. */
  readonly relistedFrom: number | null;
  readonly labels: readonly Label[];
}

export const PLANTED_KINDS = ['name', 'phone', 'email', 'whatsapp', 'unit'] as const;

/** A personal string that stands in raw pages exactly so and must stand nowhere else. */
export interface PlantedString {
  readonly text: string;
  readonly kind: (typeof PLANTED_KINDS)[number];
  readonly advertId: number;
  readonly where: 'owner' | 'seller' | 'slug' | 'title' | 'description' | 'address';
}

interface PricePoint {
  readonly day: number;
  readonly operation: Operation;
  /** As stated, in `currency`; null while the advert hides its price. */
  readonly price: number | null;
  readonly currency: Currency;
}

export interface MarketScope {
  readonly operation: Operation;
  readonly propertyType: PropertyType;
  /** `antioquia/medellin`, or `antioquia` for all. */
  readonly place: string;
}

export interface MonthIndex {
  /** `2026-09`. */
  readonly month: string;
  /** 100 in the month of `startOn`. */
  readonly index: number;
}

export interface TruthParts {
  readonly startOn: string;
  readonly days: number;
  readonly properties: readonly Property[];
  readonly adverts: readonly Advert[];
  readonly plantedStrings: readonly PlantedString[];
  readonly monthlyIndex: (months: number) => readonly MonthIndex[];
}

export interface Truth extends TruthParts {
  advert(advertId: number): Advert | undefined;
  property(advert: Advert): Property;
  /** Whether the advert's own page answers on that day. */
  isOnline(advert: Advert, day: number): boolean;
  /** Whether searches show it on that day. */
  isLive(advert: Advert, day: number): boolean;
  /** Adverts that searches show, by id. */
  liveAdverts(day: number): readonly Advert[];
  advertsOfScope(day: number, scope: MarketScope): readonly Advert[];
  /** Live or not, one entry a day. */
  presence(advertId: number): boolean[];
  /** Stated price on every live day. */
  pricePath(advertId: number): PricePoint[];
  /** What the advert says on that day. */
  statementOn(advert: Advert, day: number): Statement;
  revisionOn(advert: Advert, day: number): Revision;
}

/** `fincaraiz:id:193349683`, as the pipeline names the advert. */
export function listingIdOf(advert: Advert): string {
  return listingId('fincaraiz', 'id', String(advert.id));
}

/** The day `days` after an ISO day. */
export function addDays(isoDay: string, days: number): string {
  const time = Date.parse(`${isoDay}T00:00:00Z`) + days * 86_400_000;
  return new Date(time).toISOString().slice(0, 10);
}

export function createTruth(parts: TruthParts): Truth {
  const advertById = new Map(parts.adverts.map(advert => [advert.id, advert]));
  const propertyById = new Map(parts.properties.map(property => [property.id, property]));
  const liveByDay = new Map<number, readonly Advert[]>();

  const requireAdvert = (advertId: number): Advert => {
    const advert = advertById.get(advertId);
    if (advert === undefined)
      throw new RangeError(`truth: no advert ${advertId} in this market; check seed and days`);
    return advert;
  };
  const isOnline = (advert: Advert, day: number): boolean =>
    advert.spells.some(spell => spell.from <= day && day < spell.to);
  const isLive = (advert: Advert, day: number): boolean =>
    isOnline(advert, day) && !advert.missedDays.includes(day);
  const liveAdverts = (day: number): readonly Advert[] => {
    const known = liveByDay.get(day);
    if (known !== undefined) return known;
    const live = parts.adverts.filter(advert => isLive(advert, day)).sort((a, b) => a.id - b.id);
    liveByDay.set(day, live);
    return live;
  };
  const revisionOn = (advert: Advert, day: number): Revision => {
    const revision = advert.revisions.findLast(candidate => candidate.day <= day) ?? advert.revisions[0];
    if (revision === undefined) throw new RangeError(`truth: advert ${advert.id} has no revision`);
    return revision;
  };
  const allDays = Array.from({length: parts.days}, (_, day) => day);

  return {
    ...parts,
    advert: advertId => advertById.get(advertId),
    property: advert => {
      const property = propertyById.get(advert.propertyId);
      if (property === undefined) throw new RangeError(`truth: advert ${advert.id} has no property`);
      return property;
    },
    isOnline,
    isLive,
    liveAdverts,
    advertsOfScope: (day, scope) =>
      liveAdverts(day).filter(
        advert =>
          advert.operation === scope.operation &&
          advert.propertyType === scope.propertyType &&
          (advert.place === scope.place || advert.place.startsWith(`${scope.place}/`)),
      ),
    presence: advertId => {
      const advert = requireAdvert(advertId);
      return allDays.map(day => isLive(advert, day));
    },
    pricePath: advertId => {
      const advert = requireAdvert(advertId);
      const {currency, hidePrice} = advert.stated;
      return allDays
        .filter(day => isLive(advert, day))
        .map(day => ({
          day,
          operation: advert.operation,
          price: hidePrice ? null : revisionOn(advert, day).price,
          currency,
        }));
    },
    statementOn: (advert, day) => {
      const {price, description} = revisionOn(advert, day);
      return {...advert.stated, price, description};
    },
    revisionOn,
  };
}
