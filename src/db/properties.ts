/** Homes: what match compares, what it made before, what people decided, and replacing what was made. */
import {type InferInsertModel, type InferSelectModel, sql} from 'drizzle-orm';
import {type listingVersion, property, propertyMember} from '../../drizzle/schema/core.ts';
import {propertyDecision} from '../../drizzle/schema/ops.ts';
import type {PropertyVerdict} from '../domain/vocabulary.ts';
import {insertRows, upsertRows} from './bulk.ts';
import type {Db, Tx} from './client.ts';

type Version = InferSelectModel<typeof listingVersion>;

/** The advert as it stands now: open version and open prices. */
export interface CurrentAdvert
  extends Pick<
    Version,
    | 'listingId'
    | 'propertyType'
    | 'municipality'
    | 'neighbourhood'
    | 'latitude'
    | 'longitude'
    | 'stratum'
    | 'areaM2'
    | 'builtAreaM2'
    | 'privateAreaM2'
    | 'bedrooms'
    | 'bathrooms'
    | 'parkingSpaces'
    | 'floor'
    | 'description'
    | 'amenities'
    | 'advertiserKey'
    | 'isProject'
  > {
  readonly portal: string;
  /** COP by operation; an offer whose price can't be believed has none. */
  readonly prices: Readonly<Record<string, number>>;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** A hash of all that `loadCurrentAdverts` and `loadPropertyDecisions` give; null without any listing. */
export const matchInputHash = sql`(
  select md5(concat_ws('|',
    (select count(*) || ' ' || sum(hashtextextended(concat_ws('|', v.*, l.portal, l.first_seen_at, l.last_seen_at), 0))
      from core.listing_version v join core.listing l using (listing_id) where v.valid_to is null),
    (select count(*) || ' ' || sum(hashtextextended(concat_ws('|', listing_id, operation, price_cop), 0))
      from core.listing_price where valid_to is null and price_cop is not null),
    (select coalesce(max(property_decision_id), 0) from ops.property_decision))))`;

/** Every listing as it stands now, listed or not, by id. */
export async function loadCurrentAdverts(db: Db): Promise<CurrentAdvert[]> {
  const rows = await db.execute<
    Record<string, unknown> & {current: CurrentAdvert; first: Date; last: Date}
  >(sql`
    select jsonb_build_object(
        'listingId', l.listing_id, 'portal', l.portal, 'propertyType', v.property_type,
        'municipality', v.municipality, 'neighbourhood', v.neighbourhood, 'latitude', v.latitude,
        'longitude', v.longitude, 'stratum', v.stratum, 'areaM2', v.area_m2, 'builtAreaM2', v.built_area_m2,
        'privateAreaM2', v.private_area_m2, 'bedrooms', v.bedrooms, 'bathrooms', v.bathrooms,
        'parkingSpaces', v.parking_spaces, 'floor', v.floor, 'description', v.description, 'amenities', v.amenities,
        'advertiserKey', v.advertiser_key, 'isProject', v.is_project, 'prices', coalesce(p.prices, '{}')) as current,
      l.first_seen_at as first, l.last_seen_at as last
    from core.listing l
    join core.listing_version v on v.listing_id = l.listing_id and v.valid_to is null
    left join (
      select listing_id, jsonb_object_agg(operation, price_cop) as prices from core.listing_price
      where valid_to is null and price_cop is not null group by listing_id
    ) p on p.listing_id = l.listing_id
    order by l.listing_id`);
  return rows.map(({current, first, last}) => ({
    ...current,
    firstSeenAt: new Date(first),
    lastSeenAt: new Date(last),
  }));
}

/** Home of every matched listing. */
export async function loadPropertyIds(db: Db): Promise<Map<string, string>> {
  const rows = await db
    .select({listingId: propertyMember.listingId, propertyId: propertyMember.propertyId})
    .from(propertyMember);
  return new Map(rows.map(row => [row.listingId, row.propertyId]));
}

export type PropertyDecision = InferInsertModel<typeof propertyDecision>;

/** What people decided, oldest first. */
export async function loadPropertyDecisions(
  db: Db,
): Promise<{listingId: string; otherListingId: string; verdict: PropertyVerdict}[]> {
  return db
    .select({
      listingId: propertyDecision.listingId,
      otherListingId: propertyDecision.otherListingId,
      verdict: propertyDecision.verdict,
    })
    .from(propertyDecision)
    .orderBy(propertyDecision.propertyDecisionId);
}

export async function recordPropertyDecisions(db: Db, decisions: readonly PropertyDecision[]): Promise<void> {
  await insertRows(db, propertyDecision, decisions);
}

export interface PropertyAdvert {
  readonly listingId: string;
  readonly propertyId: string;
  readonly reason: string;
  readonly score: number;
  readonly title: string | null;
  readonly url: string | null;
  readonly status: string;
}

/** The adverts of a home, given its id or one of its listings; none: not known, or not matched yet. */
export async function loadPropertyAdverts(db: Db, id: string): Promise<PropertyAdvert[]> {
  const rows = await db.execute<Record<string, unknown> & PropertyAdvert>(sql`
    select m.listing_id as "listingId", m.property_id as "propertyId", m.reason, m.score, v.title, l.url, l.status
    from core.property_member m
    join core.listing l on l.listing_id = m.listing_id
    left join core.listing_version v on v.listing_id = m.listing_id and v.valid_to is null
    where m.property_id = ${id}
      or m.property_id = (select property_id from core.property_member where listing_id = ${id})
    order by m.listing_id`);
  return [...rows];
}

/** Makes `core.property` and its members exactly these. @returns number of homes. */
export async function replaceProperties(
  tx: Tx,
  members: readonly InferInsertModel<typeof propertyMember>[],
): Promise<number> {
  const adverts = new Map<string, number>();
  for (const {propertyId} of members) adverts.set(propertyId, (adverts.get(propertyId) ?? 0) + 1);
  const properties = [...adverts].map(([propertyId, count]) => ({propertyId, adverts: count}));
  await upsertRows(tx, property, properties, {target: [property.propertyId]});
  await upsertRows(tx, propertyMember, members, {target: [propertyMember.listingId]});
  const ids = JSON.stringify(members.map(member => member.listingId));
  await tx.execute(sql`
    delete from core.property_member m
    where not exists (select from jsonb_array_elements_text(${ids}::jsonb) kept(id) where kept.id = m.listing_id)`);
  await tx.execute(sql`
    delete from core.property p
    where not exists (select from core.property_member m where m.property_id = p.property_id)`);
  return properties.length;
}
