/** What models learn from, what they are, and what they say. */
import {desc, eq, inArray, type SQL, sql} from 'drizzle-orm';
import {model, score} from '../../drizzle/schema/ml.ts';
import type {PoiAccess} from '../domain/market.ts';
import type {FeatureRow} from '../domain/model.ts';
import {
  HOME_TYPES,
  type Operation,
  POI_CATEGORIES,
  POINTED_QUALITIES,
  type PoiCategory,
} from '../domain/vocabulary.ts';
import {cautionFacts} from './anomalies.ts';
import {insertRows} from './bulk.ts';
import type {Db, Tx} from './client.ts';

export type ModelRow = typeof model.$inferSelect;
export type NewModelRow = typeof model.$inferInsert;
export type ScoreRow = typeof score.$inferInsert;

/** A portal's newest day is its latest run: adverts last seen within it are on offer as far as we know. */
const LATEST_RUN_HOURS = 24;
/** Prices of markets further apart than this are not one market: neither learnt from nor judged together. */
const MAX_AGE_DAYS = 180;

const pointed = sql.raw(POINTED_QUALITIES.map(quality => `'${quality}'`).join(', '));

/**
 * Every usable home advert with a price, once an operation: attributes of its open version, its present price, where
 * it stands and what is near. Named places fill what the advert doesn't state.
 */
const features: SQL = sql`
  select l.listing_id, coalesce(member.property_id, l.listing_id) as group_id, p.operation, v.property_type,
    p.price_cop, p.valid_from as price_valid_from, v.area_m2,
    coalesce(v.municipality, in_municipality.name) as municipality,
    coalesce(v.district, in_district.name) as district,
    coalesce(v.neighbourhood, in_neighbourhood.name) as neighbourhood,
    v.stratum, v.bedrooms, v.bathrooms, v.parking_spaces, v.floor, v.age_years_min, v.age_years_max, p.admin_fee_cop,
    v.condition, v.amenities, v.description, l.is_synthetic,
    case when location.geo_quality in (${pointed}) then location.latitude end as latitude,
    case when location.geo_quality in (${pointed}) then location.longitude end as longitude,
    coalesce(location.geo_quality in ('shared_pin', 'centroid'), false) as is_shared_pin,
    location.nearest_m
  from core.listing l
  join core.listing_version v on v.listing_id = l.listing_id and v.valid_to is null
  join core.listing_price p on p.listing_id = l.listing_id and p.valid_to is null and p.price_cop > 0
  left join core.listing_location location on location.listing_id = l.listing_id
  left join core.property_member member on member.listing_id = l.listing_id
  left join core.place in_municipality on in_municipality.place_code = location.municipality_code
  left join core.place in_district on in_district.place_code = location.district_code
  left join core.place in_neighbourhood on in_neighbourhood.place_code = location.neighbourhood_code
  where cardinality(v.exclusions) = 0 and v.area_m2 > 0
    and v.property_type in (${sql.raw(HOME_TYPES.map(type => `'${type}'`).join(', '))})`;

/** Those seen not much earlier than the newest advert of all: prices of one market, to learn from and to judge. */
const marketFeatures: SQL = sql`
  select f.* from (${features}) f
  where f.listing_id in (
    select l.listing_id from core.listing l
    cross join (select max(last_seen_at) as last_seen_at from core.listing) newest
    where l.last_seen_at > newest.last_seen_at - make_interval(days => ${MAX_AGE_DAYS}))`;

/** Those on offer, or seen on their portal's latest day. */
const trainingFeatures: SQL = sql`
  select f.* from (${marketFeatures}) f
  where f.listing_id in (
    select l.listing_id from core.listing l
    join (select portal, max(last_seen_at) as last_seen_at from core.listing group by portal) latest using (portal)
    where l.status = 'active' or l.last_seen_at > latest.last_seen_at - make_interval(hours => ${LATEST_RUN_HOURS}))`;

/** One key an operation, hashed over all its training rows. */
export const trainWork: SQL = sql`
  select operation as key, md5(string_agg(md5(f::text), '' order by listing_id)) as input_hash
  from (${trainingFeatures}) f group by operation`;

/** One key a listing, hashed over what is known of it, what may explain its price, and the champions that price it. */
export function scoreWork(portal: string | undefined): SQL {
  const ofPortal = portal === undefined ? sql`true` : sql`l.portal = ${portal}`;
  return sql`
    select f.listing_id as key,
      md5(string_agg(md5(f::text) || md5(c::text) || m.model_id, ',' order by f.operation)) as input_hash
    from (${marketFeatures}) f
    join (${cautionFacts}) c on c.listing_id = f.listing_id and c.operation = f.operation
    join core.listing l on l.listing_id = f.listing_id
    join ml.model m on m.operation = f.operation and m.is_champion
    where ${ofPortal}
    group by f.listing_id`;
}

/** Training rows in a fixed order. */
export async function selectTrainingRows(db: Db, operations: readonly string[]): Promise<FeatureRow[]> {
  const rows = await db.execute<RawFeatureRow>(sql`
    select * from (${trainingFeatures}) f where operation in ${operations} order by operation, listing_id`);
  return rows.map(readFeatureRow);
}

export async function countTrainingRows(db: Db, operation: Operation): Promise<number> {
  const [row] = await db.execute<{homes: number}>(sql`
    select count(*)::int as homes from (${trainingFeatures}) f where operation = ${operation}`);
  return row?.homes ?? 0;
}

export async function selectFeatureRows(db: Db, listingIds: readonly string[]): Promise<FeatureRow[]> {
  const rows = await db.execute<RawFeatureRow>(sql`
    select * from (${marketFeatures}) f where listing_id in ${listingIds} order by listing_id, operation`);
  return rows.map(readFeatureRow);
}

/** Training rows of one type whose area is at least `low` and at most `high` m²: those a home may be compared with. */
export async function selectSimilarRows(
  db: Db,
  of: {
    readonly operation: Operation;
    readonly propertyType: string;
    readonly low: number;
    readonly high: number;
  },
): Promise<FeatureRow[]> {
  const rows = await db.execute<RawFeatureRow>(sql`
    select * from (${trainingFeatures}) f
    where operation = ${of.operation} and property_type = ${of.propertyType}
      and area_m2 between ${of.low} and ${of.high}
    order by listing_id`);
  return rows.map(readFeatureRow);
}

/** Simulated and real listings in this database. */
export async function countOrigins(db: Db): Promise<{synthetic: number; real: number}> {
  const [row] = await db.execute<{synthetic: number; real: number}>(sql`
    select count(*) filter (where is_synthetic)::int as synthetic, count(*) filter (where not is_synthetic)::int as real
    from core.listing`);
  return row ?? {synthetic: 0, real: 0};
}

export function selectChampions(db: Db): Promise<ModelRow[]> {
  return db.select().from(model).where(eq(model.isChampion, true)).orderBy(model.operation);
}

/** All models, newest training first, best first within it. */
export function selectModels(db: Db): Promise<ModelRow[]> {
  return db
    .select()
    .from(model)
    .orderBy(desc(model.trainedAt), model.operation, sql`(${model.metrics}->>'mdape')::double precision`);
}

/** One line of the leaderboard. */
export type LeaderboardRow = ModelRow;

/** What stands, not retired, in each operation's newest training, best first. */
export async function leaderboard(db: Db): Promise<LeaderboardRow[]> {
  const models = (await selectModels(db)).filter(({retiredAt}) => retiredAt === null);
  const newest = new Map<Operation, string>();
  for (const {kind, operation, trainingId} of models) {
    // Predictions brought to an older split don't make it the newest.
    if (kind === 'fitted' && !newest.has(operation)) newest.set(operation, trainingId);
  }
  return models
    .filter(({operation, trainingId}) => newest.get(operation) === trainingId)
    .sort((a, b) => a.operation.localeCompare(b.operation) || a.metrics.mdape - b.metrics.mdape);
}

/** Replaces every score of these listings. */
export async function replaceScores(
  tx: Tx,
  listingIds: readonly string[],
  rows: readonly ScoreRow[],
): Promise<void> {
  await tx.delete(score).where(inArray(score.listingId, [...listingIds]));
  await insertRows(tx, score, rows);
}

type RawFeatureRow = {
  readonly listing_id: string;
  readonly group_id: string;
  readonly operation: Operation;
  readonly property_type: FeatureRow['propertyType'];
  readonly price_cop: number;
  readonly price_valid_from: Date;
  readonly area_m2: number;
  readonly municipality: string | null;
  readonly district: string | null;
  readonly neighbourhood: string | null;
  readonly stratum: number | null;
  readonly bedrooms: number | null;
  readonly bathrooms: number | null;
  readonly parking_spaces: number | null;
  readonly floor: number | null;
  readonly age_years_min: number | null;
  readonly age_years_max: number | null;
  readonly admin_fee_cop: number | null;
  readonly condition: string | null;
  readonly amenities: string[];
  readonly description: string | null;
  readonly is_synthetic: boolean;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly is_shared_pin: boolean;
  readonly nearest_m: PoiAccess['nearestM'] | null;
};

function readFeatureRow(row: RawFeatureRow): FeatureRow {
  return {
    listingId: row.listing_id,
    groupId: row.group_id,
    operation: row.operation,
    propertyType: row.property_type,
    priceCop: row.price_cop,
    priceValidFrom: row.price_valid_from,
    areaM2: row.area_m2,
    municipality: row.municipality,
    district: row.district,
    neighbourhood: row.neighbourhood,
    stratum: row.stratum,
    bedrooms: row.bedrooms,
    bathrooms: row.bathrooms,
    parkingSpaces: row.parking_spaces,
    floor: row.floor,
    ageYearsMin: row.age_years_min,
    ageYearsMax: row.age_years_max,
    adminFeeCop: row.admin_fee_cop,
    condition: row.condition,
    latitude: row.latitude,
    longitude: row.longitude,
    isSharedPin: row.is_shared_pin,
    amenities: row.amenities,
    description: row.description,
    nearestM: readNearest(row.nearest_m),
    isSynthetic: row.is_synthetic,
  };
}

/** Nearest metres by category. postgres.js reads NULL in an array of numbers as NaN (3.4.9): both mean nothing near. */
export function readNearest(nearestM: PoiAccess['nearestM'] | null): FeatureRow['nearestM'] {
  const nearest: Partial<Record<PoiCategory, number>> = {};
  POI_CATEGORIES.forEach((category, index) => {
    const metres = nearestM?.[index]?.[0];
    if (metres !== null && metres !== undefined && !Number.isNaN(metres)) nearest[category] = metres;
  });
  return nearest;
}
