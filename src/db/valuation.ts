/** What `raiz value` asks of the database besides models and training rows. */
import {asc, sql} from 'drizzle-orm';
import {place} from '../../drizzle/schema/core.ts';
import type {ListingStatus, PropertyType} from '../domain/vocabulary.ts';
import type {IndexedPlace} from '../lib/geo-places.ts';
import type {Db} from './client.ts';

/** Where an advert stands when no model prices it. */
export interface KnownListing {
  readonly status: ListingStatus;
  readonly lastSeenAt: Date;
  readonly propertyType: PropertyType | null;
  readonly areaM2: number | null;
  /** Cleaning rules that keep it out of models. */
  readonly exclusions: readonly string[];
  readonly hasPrice: boolean;
}

export async function selectKnownListing(db: Db, listingId: string): Promise<KnownListing | undefined> {
  const [row] = await db.execute<{
    status: ListingStatus;
    last_seen_at: Date;
    property_type: PropertyType | null;
    area_m2: number | null;
    exclusions: string[] | null;
    has_price: boolean;
  }>(sql`
    select l.status, l.last_seen_at, v.property_type, v.area_m2, v.exclusions,
      exists (select from core.listing_price p
        where p.listing_id = l.listing_id and p.valid_to is null and p.price_cop > 0) as has_price
    from core.listing l
    left join core.listing_version v on v.listing_id = l.listing_id and v.valid_to is null
    where l.listing_id = ${listingId}`);
  if (row === undefined) return undefined;
  return {
    status: row.status,
    lastSeenAt: row.last_seen_at,
    propertyType: row.property_type,
    areaM2: row.area_m2,
    exclusions: row.exclusions ?? [],
    hasPrice: row.has_price,
  };
}

/** When each advert was last seen. */
export async function selectLastSeen(
  db: Db,
  listingIds: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  if (listingIds.length === 0) return new Map();
  const rows = await db.execute<{listing_id: string; last_seen_at: Date}>(
    sql`select listing_id, last_seen_at from core.listing where listing_id in ${listingIds}`,
  );
  return new Map(rows.map(row => [row.listing_id, row.last_seen_at]));
}

/** The newest sight of any advert; null: none was ever seen. */
export async function selectNewestSight(db: Db): Promise<Date | null> {
  const [row] = await db.execute<{newest: Date | null}>(
    sql`select max(last_seen_at) as newest from core.listing`,
  );
  return row?.newest ?? null;
}

/** Names of neighbourhoods and districts that adverts state today, by municipality name. */
export async function selectStatedPlaces(
  db: Db,
): Promise<readonly {readonly municipality: string | null; readonly name: string}[]> {
  const rows = await db.execute<{municipality: string | null; name: string}>(sql`
    select distinct v.municipality, place.name
    from core.listing_version v cross join lateral (values (v.neighbourhood), (v.district)) as place(name)
    where v.valid_to is null and place.name is not null
    order by place.name, v.municipality`);
  return [...rows];
}

export type PlaceName = Pick<IndexedPlace, 'placeCode' | 'kind' | 'name'>;

/** Official places without their areas. */
export function selectPlaceNames(db: Db): Promise<PlaceName[]> {
  const {placeCode, kind, name} = place;
  return db.select({placeCode, kind, name}).from(place).orderBy(asc(placeCode));
}
