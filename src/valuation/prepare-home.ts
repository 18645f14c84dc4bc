/** A home as somebody states it, made a row the models can price by the code of the clean and enrich stages. Pure. */
import {cleanListing} from '../../pipelines/clean/core.ts';
import {type EnrichReference, type ListingLocation, locateListing} from '../../pipelines/enrich/core.ts';
import {readNearest} from '../db/models.ts';
import type {CleanListing, RuleFinding, StagedListing} from '../domain/listing.ts';
import type {FeatureRow} from '../domain/model.ts';
import {HOME_TYPES, type Operation, POINTED_QUALITIES, type PropertyType} from '../domain/vocabulary.ts';

export interface WantedValue {
  readonly operation: Operation;
  /** Of the advert where it is one; only told apart from others by it. */
  readonly listingId: string;
  /** Adverts of this home are not compared with it. */
  readonly groupId: string;
  readonly isSynthetic: boolean;
  readonly now: Date;
}

export type PreparedHome =
  | {
      readonly kind: 'home';
      /** Its price is the asking price; NaN where none is known. */
      readonly row: FeatureRow;
      readonly location: ListingLocation;
      /** What was not believed, or is doubtful; Spanish. */
      readonly notes: readonly string[];
    }
  /** Of a type no model prices. */
  | {readonly kind: 'no_model'; readonly propertyType: PropertyType}
  /** No such home can be. */
  | {readonly kind: 'impossible'; readonly message: string};

/** Exclusions that leave nothing to price; the others are about the price, or are said as a note. */
const PRICELESS = ['no_area', 'no_property_type', 'test_advert'] as const;

export function prepareHome(
  staged: StagedListing,
  wanted: WantedValue,
  reference: EnrichReference,
): PreparedHome {
  const {listing, findings} = cleanListing(staged);
  const {propertyType, areaM2} = listing;
  if (propertyType !== null && !HOME_TYPES.some(type => type === propertyType))
    return {kind: 'no_model', propertyType};
  const excluded = PRICELESS.find(rule => listing.exclusions.includes(rule));
  if (propertyType === null || areaM2 === null || excluded !== undefined)
    return {kind: 'impossible', message: explainExclusion(listing, findings)};
  const location = locateListing(
    {
      key: wanted.listingId,
      latitude: listing.latitude,
      longitude: listing.longitude,
      municipality: listing.municipality,
      department: listing.department,
      district: listing.district,
      neighbourhood: listing.neighbourhood,
      stratum: listing.stratum,
      pinListings: 1,
      pinNeighbourhoods: 1,
      correction: findings.find(({field}) => field === 'coordinates')?.rule ?? null,
    },
    reference,
  );
  const row = featureRowOf(listing, {propertyType, areaM2}, location, wanted, reference);
  return {
    kind: 'home',
    row,
    location,
    notes: [...noteFindings(findings), ...noteLocation(listing, location)],
  };
}

/** The same facts as the feature query takes from the tables. */
function featureRowOf(
  listing: CleanListing,
  {propertyType, areaM2}: {readonly propertyType: PropertyType; readonly areaM2: number},
  location: ListingLocation,
  {operation, listingId, groupId, isSynthetic, now}: WantedValue,
  {places}: EnrichReference,
): FeatureRow {
  const nameOf = (code: string | null): string | null => places.place(code ?? '')?.name ?? null;
  const offer = listing.offers.find(each => each.operation === operation);
  const isPointed = POINTED_QUALITIES.some(quality => quality === location.geoQuality);
  return {
    listingId,
    groupId,
    operation,
    propertyType,
    priceCop: offer?.priceCop ?? Number.NaN,
    priceValidFrom: now,
    areaM2,
    municipality: listing.municipality ?? nameOf(location.municipalityCode),
    district: listing.district ?? nameOf(location.districtCode),
    neighbourhood: listing.neighbourhood ?? nameOf(location.neighbourhoodCode),
    stratum: listing.stratum,
    bedrooms: listing.bedrooms,
    bathrooms: listing.bathrooms,
    parkingSpaces: listing.parkingSpaces,
    floor: listing.floor,
    ageYearsMin: listing.ageYearsMin,
    ageYearsMax: listing.ageYearsMax,
    adminFeeCop: (offer ?? listing.offers[0])?.adminFeeCop ?? null,
    condition: listing.condition,
    latitude: isPointed ? location.latitude : null,
    longitude: isPointed ? location.longitude : null,
    isSharedPin: location.geoQuality === 'shared_pin' || location.geoQuality === 'centroid',
    amenities: listing.amenities,
    description: listing.description,
    nearestM: readNearest(location.nearestM),
    isSynthetic,
  };
}

function explainExclusion({propertyType}: CleanListing, findings: readonly RuleFinding[]): string {
  if (propertyType === null)
    return 'the type of home is not known: apartment, studio, house or country_house';
  const about = findings.find(({field, effect}) => /AreaM2$/.test(field) && effect === 'nulled');
  if (about?.rule === 'zero_not_stated') return "an area of 0 m² can't be";
  if (about !== undefined) return `an area of ${about.value} m² can't be: ${about.message}`;
  return findings.find(({rule}) => rule === 'test_advert')?.message ?? 'no area is stated';
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  bedrooms: 'alcobas',
  bathrooms: 'baños',
  parkingSpaces: 'parqueaderos',
  floor: 'piso',
  stratum: 'estrato',
  coordinates: 'punto',
  ageYearsMin: 'antigüedad',
  ageYearsMax: 'antigüedad',
};

function noteFindings(findings: readonly RuleFinding[]): string[] {
  return findings.flatMap(({rule, field, effect, value}) => {
    if (effect === 'flagged' || rule === 'no_price' || rule === 'mojibake') return [];
    if (rule === 'zero_not_stated' && field.startsWith('price.')) return [];
    const isPrice = field.startsWith('price.');
    const name = isPrice
      ? 'precio pedido'
      : field.startsWith('adminFee')
        ? 'administración'
        : (FIELD_NAMES[field] ?? field);
    if (effect === 'corrected') return [`${name} ${value ?? ''} se corrigió (regla ${rule})`];
    if (effect === 'nulled' || isPrice) return [`${name} ${value ?? ''} no se usó (regla ${rule})`];
    return [`No es una oferta corriente (regla ${rule}): el valor supone que lo fuera`];
  });
}

function noteLocation(
  {stratum, latitude}: CleanListing,
  {estimatedStratum, estimatedStratumConfidence, conflicts, geoQuality}: ListingLocation,
): string[] {
  const notes: string[] = [];
  if (stratum === null) {
    const share = Math.round((estimatedStratumConfidence ?? 0) * 100);
    const guess =
      estimatedStratum === null
        ? ''
        : `; alrededor lo más común es ${estimatedStratum} (${share} % de confianza)`;
    notes.push(`No se dijo el estrato${guess}: con él el valor es más exacto`);
  }
  if (latitude !== null && geoQuality === 'outside')
    notes.push('El punto queda fuera del municipio dicho: no se usó');
  if (geoQuality === 'shared_pin' || geoQuality === 'centroid')
    notes.push('El punto es de los que comparten muchos avisos: se usó el barrio');
  if (conflicts.includes('neighbourhood') || conflicts.includes('district'))
    notes.push('El punto queda lejos del barrio o la comuna que se dijo');
  if (conflicts.includes('stratum') && stratum !== null && estimatedStratum !== null)
    notes.push(`Se dijo estrato ${stratum}; alrededor es ${estimatedStratum}`);
  return notes;
}
