/** Real adverts with faults and bargains planted in them, cleaned and placed as the stages would, without a database. */
import {cleanListing} from '../../pipelines/clean/core.ts';
import {type EnrichReference, type ListingLocation, locateListing} from '../../pipelines/enrich/core.ts';
import {pinOf} from '../../pipelines/enrich/quality.ts';
import {type CleanListing, listingId, type StagedListing} from '../../src/domain/listing.ts';
import type {FeatureRow} from '../../src/domain/model.ts';
import {HOME_TYPES, POINTED_QUALITIES} from '../../src/domain/vocabulary.ts';
import {planeDistanceM} from '../../src/lib/geo.ts';
import {foldName} from '../../src/lib/place-names.ts';
import {createRandom, type Random} from '../../src/lib/random.ts';

const OBSERVED_AT = new Date('2023-10-18T17:00:00Z');

/** What is planted; `none`: the advert stands as it is. */
export const FAULTS = [
  'none',
  'price_x10',
  'price_d10',
  'price_x1000',
  'price_d1000',
  'rent_as_sale',
  'area_x10',
  'area_d10',
  'wrong_point',
  'bargain',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Errors of price or area: what the error score is to find. */
const PRICE_FAULTS: readonly Fault[] = FAULTS.slice(1, 8);

/** Share of adverts with any error of price or area, with a wrong point, with a bargain price. */
const SHARES = {error: 0.02, point: 0.01, bargain: 0.02} as const;
/** Rents of Medellín are about this share of the asking sale price a month. */
const RENT_SHARE = [0.004, 0.007] as const;
/** Share of the price that a planted bargain leaves out. */
export const BARGAIN_DEPTHS = [0.25, 0.4] as const;
/** A wrong point is that of another advert, of another barrio and at least so far away. */
const WRONG_POINT_M = 1500;

/** One advert after planting and cleaning. */
export interface PlantedAdvert {
  readonly listingId: string;
  readonly fault: Fault;
  readonly row: FeatureRow;
  /** What the rules of clean say of the planted advert that they did not say before: names of rules. */
  readonly ruleHits: readonly string[];
  /** True: the rules keep it out of models; the row then holds the stated price and area. */
  readonly isExcluded: boolean;
  readonly location: ListingLocation;
}

/** Sale adverts of homes that the rules find nothing wrong with: labels are known where the start is clean. */
export function chooseSound(staged: readonly StagedListing[]): StagedListing[] {
  return staged.filter(each => {
    const {listing} = cleanListing(each);
    const sale = listing.offers.find(({operation}) => operation === 'sale');
    return (
      listing.exclusions.length === 0 &&
      HOME_TYPES.some(type => type === listing.propertyType) &&
      (listing.areaM2 ?? 0) > 0 &&
      sale !== undefined &&
      (sale.priceCop ?? 0) > 0 &&
      sale.correction === null
    );
  });
}

/** Plants faults by seed: the same adverts get the same faults, whatever is measured afterwards. */
export function plantFaults(
  staged: readonly StagedListing[],
  seed: number,
): {readonly staged: StagedListing; readonly fault: Fault}[] {
  const random = createRandom(`anomaly/${seed}`);
  const pointed = staged.filter(hasPoint);
  return staged.map(each => {
    const draw = random.next();
    let fault: Fault = 'none';
    if (draw < SHARES.error) fault = random.pick(PRICE_FAULTS);
    else if (draw < SHARES.error + SHARES.point) fault = hasPoint(each) ? 'wrong_point' : 'none';
    else if (draw < SHARES.error + SHARES.point + SHARES.bargain) fault = 'bargain';
    return {staged: changeAdvert(each, fault, pointed, random.fork(each.portalListingId)), fault};
  });
}

/** A point to believe, after the rules. */
function hasPoint(staged: StagedListing): boolean {
  const {latitude, longitude} = cleanListing(staged).listing;
  return latitude !== null && longitude !== null;
}

function changeAdvert(
  staged: StagedListing,
  fault: Fault,
  pointed: readonly StagedListing[],
  random: Random,
): StagedListing {
  switch (fault) {
    case 'none':
      return staged;
    case 'price_x10':
      return withSale(staged, 10);
    case 'price_d10':
      return withSale(staged, 0.1);
    case 'price_x1000':
      return withSale(staged, 1000);
    case 'price_d1000':
      return withSale(staged, 0.001);
    case 'rent_as_sale':
      return withSale(staged, random.between(...RENT_SHARE));
    case 'area_x10':
      return withArea(staged, 10);
    case 'area_d10':
      return withArea(staged, 0.1);
    case 'bargain':
      return withSale(staged, 1 - random.between(...BARGAIN_DEPTHS));
    case 'wrong_point':
      return withPointOf(staged, pointed, random);
  }
}

/** Prices are written with two or three digits that mean something. */
function withSale(staged: StagedListing, factor: number): StagedListing {
  return {
    ...staged,
    offers: staged.offers.map(offer =>
      offer.operation !== 'sale' || offer.price === null
        ? offer
        : {...offer, price: Math.max(1, roundTo(offer.price * factor, 3))},
    ),
  };
}

function roundTo(value: number, digits: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) + 1 - digits);
  return Math.round(value / unit) * unit;
}

function withArea(staged: StagedListing, factor: number): StagedListing {
  const scaled = (area: number | null) => (area === null ? null : Math.round(area * factor * 100) / 100);
  return {
    ...staged,
    builtAreaM2: scaled(staged.builtAreaM2),
    privateAreaM2: scaled(staged.privateAreaM2),
  };
}

/** Swapped points are turned round first: files hold them either way. */
function withPointOf(
  staged: StagedListing,
  pointed: readonly StagedListing[],
  random: Random,
): StagedListing {
  const own = cleanListing(staged).listing;
  for (let attempt = 0; attempt < 200; attempt++) {
    const other = random.pick(pointed);
    const {listing} = cleanListing(other);
    if (own.latitude === null || own.longitude === null) break;
    if (listing.latitude === null || listing.longitude === null) continue;
    const isSamePlace = foldName(other.neighbourhood ?? '') === foldName(staged.neighbourhood ?? '');
    const metres = planeDistanceM(
      {latitude: own.latitude, longitude: own.longitude},
      {latitude: listing.latitude, longitude: listing.longitude},
    );
    if (isSamePlace || metres < WRONG_POINT_M) continue;
    // A wrong geocode is a point of its own, not the pin that others share.
    return {
      ...staged,
      latitude: listing.latitude + random.between(-3e-4, 3e-4),
      longitude: listing.longitude + random.between(-3e-4, 3e-4),
    };
  }
  return staged;
}

/** Cleans and places planted adverts. @param before the same adverts, untouched. */
export function judgeAdverts(
  planted: readonly {readonly staged: StagedListing; readonly fault: Fault}[],
  before: readonly StagedListing[],
  reference: EnrichReference,
): PlantedAdvert[] {
  const cleaned = planted.map(({staged}) => cleanListing(staged));
  const crowds = pinCrowds(cleaned.map(({listing}) => listing));
  return planted.map(({staged, fault}, index) => {
    const {listing, findings} = cleaned[index] ?? cleanListing(staged);
    const original = before[index];
    const known = new Set(
      original === undefined ? [] : cleanListing(original).findings.map(({rule}) => rule),
    );
    const id = listingId(staged.portal, staged.idSpace, staged.portalListingId);
    const crowd = crowds.get(pinKey(listing) ?? '');
    const location = locateListing(
      {
        key: id,
        latitude: listing.latitude,
        longitude: listing.longitude,
        municipality: listing.municipality,
        department: listing.department,
        district: listing.district,
        neighbourhood: listing.neighbourhood,
        stratum: listing.stratum,
        pinListings: crowd?.listings ?? 1,
        pinNeighbourhoods: crowd?.neighbourhoods.size ?? 1,
        correction:
          findings.find(({field, effect}) => field === 'coordinates' && effect === 'corrected')?.rule ?? null,
      },
      reference,
    );
    return {
      listingId: id,
      fault,
      row: rowOf(id, staged, listing, location, original ?? staged),
      ruleHits: findings.flatMap(({rule, effect}) => (known.has(rule) || effect === 'flagged' ? [] : [rule])),
      isExcluded: listing.exclusions.length > 0,
      location,
    };
  });
}

function pinKey({latitude, longitude}: CleanListing): string | undefined {
  return latitude === null || longitude === null ? undefined : pinOf(latitude, longitude);
}

function pinCrowds(listings: readonly CleanListing[]) {
  const crowds = new Map<string, {listings: number; neighbourhoods: Set<string>}>();
  for (const listing of listings) {
    const pin = pinKey(listing);
    if (pin === undefined) continue;
    const crowd = crowds.get(pin) ?? {listings: 0, neighbourhoods: new Set<string>()};
    crowd.listings += 1;
    crowd.neighbourhoods.add((listing.neighbourhood ?? '').toLowerCase());
    crowds.set(pin, crowd);
  }
  return crowds;
}

/** As `src/db/models.ts` selects it; groups are those of the untouched advert, so that a twin tells nothing. */
function rowOf(
  id: string,
  staged: StagedListing,
  listing: CleanListing,
  location: ListingLocation,
  original: StagedListing,
): FeatureRow {
  const sale = listing.offers.find(({operation}) => operation === 'sale');
  const isPointed = POINTED_QUALITIES.some(quality => quality === location.geoQuality);
  const twin = [
    original.propertyType,
    original.offers.find(({operation}) => operation === 'sale')?.price,
    original.builtAreaM2,
    original.bedrooms,
    original.bathrooms,
    original.stratum,
  ];
  return {
    listingId: id,
    groupId: twin.join('|'),
    operation: 'sale',
    propertyType: listing.propertyType ?? 'apartment',
    priceCop: sale?.priceCop ?? sale?.priceStated ?? 1,
    priceValidFrom: OBSERVED_AT,
    areaM2: listing.areaM2 ?? staged.privateAreaM2 ?? staged.builtAreaM2 ?? 1,
    municipality: listing.municipality,
    district: listing.district,
    neighbourhood: listing.neighbourhood,
    stratum: listing.stratum,
    bedrooms: listing.bedrooms,
    bathrooms: listing.bathrooms,
    parkingSpaces: listing.parkingSpaces,
    floor: listing.floor,
    ageYearsMin: listing.ageYearsMin,
    ageYearsMax: listing.ageYearsMax,
    adminFeeCop: sale?.adminFeeCop ?? null,
    condition: listing.condition,
    latitude: isPointed ? location.latitude : null,
    longitude: isPointed ? location.longitude : null,
    isSharedPin: location.geoQuality === 'shared_pin' || location.geoQuality === 'centroid',
    amenities: listing.amenities,
    description: listing.description,
    nearestM: {},
    isSynthetic: false,
  };
}

export function isPriceFault(advert: PlantedAdvert | undefined): boolean {
  return advert !== undefined && PRICE_FAULTS.includes(advert.fault);
}

/** A rule struck that did not strike before planting. */
export function isRuled(advert: PlantedAdvert | undefined): boolean {
  return advert !== undefined && (advert.ruleHits.length > 0 || advert.isExcluded);
}
