/** `core`: what we believe. Everything here can be rebuilt from `raw` and reference data. */
import {sql} from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  real,
  smallint,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type {AreaGeometry, LineGeometry, LocationEvidence, PoiAccess} from '../../src/domain/market.ts';
import {
  ADVERTISER_KINDS,
  CONDITIONS,
  CURRENCIES,
  GEO_QUALITIES,
  LISTING_STATUSES,
  LOCATION_CONFLICTS,
  OPERATIONS,
  PLACE_KINDS,
  POI_CATEGORIES,
  PROPERTY_TYPES,
  RULE_EFFECTS,
  SPELL_ENDS,
} from '../../src/domain/vocabulary.ts';
import {instant, oneOf} from './columns.ts';

export const core = pgSchema('core');

export const listing = core.table(
  'listing',
  {
    listingId: text().primaryKey(),
    portal: text().notNull(),
    idSpace: text().notNull(),
    portalListingId: text().notNull(),
    url: text(),
    firstSeenAt: instant().notNull(),
    lastSeenAt: instant().notNull(),
    status: text({enum: LISTING_STATUSES}).notNull(),
    isSynthetic: boolean().notNull(),
  },
  t => [
    uniqueIndex('listing_portal_id').on(t.portal, t.idSpace, t.portalListingId),
    oneOf('listing_status_word', t.status, LISTING_STATUSES),
  ],
);

/** Attributes of a listing over time. Half-open intervals, one open row a listing. */
export const listingVersion = core.table(
  'listing_version',
  {
    listingId: text()
      .notNull()
      .references(() => listing.listingId, {onDelete: 'cascade'}),
    validFrom: instant().notNull(),
    validTo: instant(),
    /** The observation the version was opened by. */
    payloadHash: text().notNull(),
    title: text(),
    description: text(),
    propertyType: text({enum: PROPERTY_TYPES}),
    department: text(),
    municipality: text(),
    district: text(),
    neighbourhood: text(),
    latitude: doublePrecision(),
    longitude: doublePrecision(),
    areaM2: real('area_m2'),
    builtAreaM2: real('built_area_m2'),
    privateAreaM2: real('private_area_m2'),
    landAreaM2: real('land_area_m2'),
    bedrooms: smallint(),
    bathrooms: smallint(),
    parkingSpaces: smallint(),
    floor: smallint(),
    floorsCount: smallint(),
    stratum: smallint(),
    ageYearsMin: smallint(),
    ageYearsMax: smallint(),
    condition: text({enum: CONDITIONS}),
    amenities: text().array().notNull(),
    advertiserKind: text({enum: ADVERTISER_KINDS}),
    agencyName: text(),
    advertiserKey: text(),
    isProject: boolean().notNull(),
    isOffPlan: boolean().notNull(),
    isAuction: boolean().notNull(),
    photosCount: smallint(),
    /** Rules that keep this version out of statistics and models; empty: usable. */
    exclusions: text().array().notNull(),
  },
  t => [
    primaryKey({columns: [t.listingId, t.validFrom]}),
    index('listing_version_open').on(t.listingId, t.validTo),
    oneOf('listing_version_type_word', t.propertyType, PROPERTY_TYPES),
    oneOf('listing_version_advertiser_word', t.advertiserKind, ADVERTISER_KINDS),
    oneOf('listing_version_condition_word', t.condition, CONDITIONS),
  ],
);

/** Asking prices over time, as stated and as corrected. Half-open intervals per operation. */
export const listingPrice = core.table(
  'listing_price',
  {
    listingId: text()
      .notNull()
      .references(() => listing.listingId, {onDelete: 'cascade'}),
    operation: text({enum: OPERATIONS}).notNull(),
    validFrom: instant().notNull(),
    validTo: instant(),
    priceStated: bigint({mode: 'number'}),
    currency: text({enum: CURRENCIES}).notNull(),
    priceCop: bigint({mode: 'number'}),
    adminFeeCop: bigint({mode: 'number'}),
    correction: text(),
  },
  t => [
    primaryKey({columns: [t.listingId, t.operation, t.validFrom]}),
    oneOf('listing_price_operation_word', t.operation, OPERATIONS),
    oneOf('listing_price_currency_word', t.currency, CURRENCIES),
  ],
);

export const listingStatus = core.table(
  'listing_status',
  {
    listingId: text()
      .notNull()
      .references(() => listing.listingId, {onDelete: 'cascade'}),
    validFrom: instant().notNull(),
    validTo: instant(),
    status: text({enum: LISTING_STATUSES}).notNull(),
    reason: text().notNull(),
  },
  t => [
    primaryKey({columns: [t.listingId, t.validFrom]}),
    oneOf('listing_status_status_word', t.status, LISTING_STATUSES),
  ],
);

/** Periods online. `endedReason` null: still online as far as we know. */
export const listingSpell = core.table(
  'listing_spell',
  {
    listingId: text()
      .notNull()
      .references(() => listing.listingId, {onDelete: 'cascade'}),
    startedAt: instant().notNull(),
    lastSeenAt: instant().notNull(),
    firstAbsentAt: instant(),
    endedAt: instant(),
    endedReason: text({enum: SPELL_ENDS}),
  },
  t => [
    primaryKey({columns: [t.listingId, t.startedAt]}),
    oneOf('listing_spell_end_word', t.endedReason, SPELL_ENDS),
  ],
);

/** What a rule noted, nulled, corrected or excluded, once per observation, rule and field. */
export const quarantine = core.table(
  'quarantine',
  {
    listingId: text()
      .notNull()
      .references(() => listing.listingId, {onDelete: 'cascade'}),
    payloadHash: text().notNull(),
    rule: text().notNull(),
    field: text().notNull(),
    effect: text({enum: RULE_EFFECTS}).notNull(),
    value: text(),
    message: text().notNull(),
  },
  t => [
    primaryKey({columns: [t.listingId, t.payloadHash, t.rule, t.field]}),
    index('quarantine_rule').on(t.rule),
    oneOf('quarantine_effect_word', t.effect, RULE_EFFECTS),
  ],
);

/** One home, advertised once or more. */
export const property = core.table('property', {
  propertyId: text().primaryKey(),
  adverts: integer().notNull(),
});

export const propertyMember = core.table(
  'property_member',
  {
    listingId: text()
      .primaryKey()
      .references(() => listing.listingId, {onDelete: 'cascade'}),
    propertyId: text()
      .notNull()
      .references(() => property.propertyId, {onDelete: 'cascade'}),
    /** Why it belongs: `single`, `reference_code`, `same_text`, `same_spot`, `same_facts`, `by_hand`. */
    reason: text().notNull(),
    score: real().notNull(),
  },
  t => [index('property_member_property').on(t.propertyId)],
);

/** Official or imported areas. */
export const place = core.table(
  'place',
  {
    placeCode: text().primaryKey(),
    kind: text({enum: PLACE_KINDS}).notNull(),
    name: text().notNull(),
    parentCode: text(),
    /** GeoJSON Polygon or MultiPolygon, longitude first; null where only name and code are known. */
    geometry: jsonb().$type<AreaGeometry>(),
    latitude: doublePrecision(),
    longitude: doublePrecision(),
    source: text().notNull(),
    licence: text().notNull(),
    asOf: date({mode: 'string'}).notNull(),
  },
  t => [oneOf('place_kind_word', t.kind, PLACE_KINDS)],
);

/** Points of interest. A line (main road) stands here with its vertices; its point is the middle of it. */
export const poi = core.table(
  'poi',
  {
    poiId: text().primaryKey(),
    /** What `listing_location.nearest_poi` names it by: 42 numbers a home instead of 42 texts. */
    poiNumber: integer().generatedAlwaysAsIdentity().unique('poi_number_once'),
    category: text({enum: POI_CATEGORIES}).notNull(),
    name: text(),
    latitude: doublePrecision().notNull(),
    longitude: doublePrecision().notNull(),
    /** Of lines only. */
    geometry: jsonb().$type<LineGeometry>(),
    source: text().notNull(),
    sourceId: text().notNull(),
    licence: text().notNull(),
    asOf: date({mode: 'string'}).notNull(),
  },
  t => [index('poi_category').on(t.category), oneOf('poi_category_word', t.category, POI_CATEGORIES)],
);

/** Homes or blocks whose stratum is known, as imported: what strata are estimated from. */
export const stratumPoint = core.table(
  'stratum_point',
  {
    pointId: text().primaryKey(),
    latitude: doublePrecision().notNull(),
    longitude: doublePrecision().notNull(),
    stratum: smallint().notNull(),
    /** Official code of the block; null where the file has none. */
    blockCode: text(),
    source: text().notNull(),
    licence: text().notNull(),
    asOf: date({mode: 'string'}).notNull(),
  },
  t => [check('stratum_point_range', sql`${t.stratum} between 1 and 6`)],
);

/** Every file that places, points of interest or strata came from. */
export const placeFile = core.table(
  'place_file',
  {
    sha256: text().notNull(),
    /** Kind of place, category of point, or `stratum`. */
    holds: text().notNull(),
    fileName: text().notNull(),
    bytes: bigint({mode: 'number'}).notNull(),
    source: text().notNull(),
    licence: text().notNull(),
    asOf: date({mode: 'string'}).notNull(),
    /** Features read from it. */
    features: integer().notNull(),
    importedAt: instant().notNull().defaultNow(),
  },
  t => [primaryKey({columns: [t.sha256, t.holds]})],
);

/** Where a listing lies and what is near it. */
export const listingLocation = core.table(
  'listing_location',
  {
    listingId: text()
      .primaryKey()
      .references(() => listing.listingId, {onDelete: 'cascade'}),
    latitude: doublePrecision(),
    longitude: doublePrecision(),
    geoQuality: text({enum: GEO_QUALITIES}).notNull(),
    municipalityCode: text(),
    districtCode: text(),
    neighbourhoodCode: text(),
    /** What the advert's words contradict. */
    conflicts: text({enum: LOCATION_CONFLICTS}).array().notNull().default([]),
    evidence: jsonb().$type<LocationEvidence>(),
    /** Stratum of the homes around; the advert's own stands in `listing_version`. */
    estimatedStratum: smallint(),
    /** Share of equally sure estimates that are right, 0 to 1. */
    estimatedStratumConfidence: real(),
    /**
     * What is near, as `PoiAccess` says: element c is the c-th of `POI_CATEGORIES`. Null without a point to measure
     * from. Arrays of numbers keep the row below the 2 kB from which PostgreSQL compresses and moves values out.
     */
    nearestPoi: integer().array().array().$type<PoiAccess['nearestPoi']>(),
    nearestM: smallint().array().array().$type<PoiAccess['nearestM']>(),
    poiCounts: integer().array().array().$type<PoiAccess['poiCounts']>(),
    poiGravity: real().array().$type<PoiAccess['poiGravity']>(),
  },
  t => [oneOf('listing_location_quality_word', t.geoQuality, GEO_QUALITIES)],
);
