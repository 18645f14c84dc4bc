/** Homes on offer with what they cost, where they lie and what they are worth. Reads only schema `api`. */
import {sql} from 'drizzle-orm';
import {
  type GeoQuality,
  HOME_TYPES,
  type Operation,
  POINTED_QUALITIES,
  type PropertyType,
} from '../domain/vocabulary.ts';
import type {Db} from './client.ts';

export interface OfferedHome {
  readonly listingId: string;
  readonly operation: Operation;
  readonly propertyType: PropertyType | null;
  readonly municipality: string | null;
  readonly municipalityCode: string | null;
  readonly neighbourhood: string | null;
  readonly stratum: number | null;
  readonly areaM2: number | null;
  readonly bedrooms: number | null;
  readonly priceCop: number | null;
  readonly adminFeeCop: number | null;
  /** Null unless the point can be believed (`POINTED_QUALITIES`). */
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly geoQuality: GeoQuality | null;
  /** The champion model's range for today's price; null where it has none. */
  readonly lowCop: number | null;
  readonly midCop: number | null;
  readonly highCop: number | null;
  readonly gapPct: number | null;
  readonly url: string | null;
}

export interface HomeFilter {
  readonly operation: Operation;
  /** Asking price, or rent without administration. Leaves out adverts without a believable price. */
  readonly maxPriceCop?: number | undefined;
  readonly minBedrooms?: number | undefined;
  readonly municipality?: string | undefined;
}

const POINTED = sql.raw(POINTED_QUALITIES.map(quality => `'${quality}'`).join(', '));

const HOME = sql`
  select l.listing_id as "listingId", l.operation, l.property_type as "propertyType", l.municipality,
    l.municipality_code as "municipalityCode", l.neighbourhood, l.stratum, l.area_m2 as "areaM2", l.bedrooms,
    l.price_cop::double precision as "priceCop", l.admin_fee_cop::double precision as "adminFeeCop",
    case when l.geo_quality in (${POINTED}) then l.latitude end as latitude,
    case when l.geo_quality in (${POINTED}) then l.longitude end as longitude, l.geo_quality as "geoQuality",
    v.low_cop::double precision as "lowCop", v.mid_cop::double precision as "midCop",
    v.high_cop::double precision as "highCop", v.gap_pct as "gapPct", l.url
  from api.listing l
  left join api.listing_valuation v on v.listing_id = l.listing_id and v.operation = l.operation and v.is_price_current`;

type HomeRow = {[Key in keyof OfferedHome]: OfferedHome[Key]};

/** Today's offer of homes that cleaning keeps in statistics, by listing id. */
export async function selectOfferedHomes(db: Db, filter: HomeFilter): Promise<OfferedHome[]> {
  const {operation, maxPriceCop = null, minBedrooms = null, municipality = null} = filter;
  const rows = await db.execute<HomeRow>(sql`
    ${HOME}
    where l.is_current and l.operation = ${operation} and l.exclusions = '{}'
      and l.property_type in (${sql.join(
        HOME_TYPES.map(type => sql`${type}`),
        sql`, `,
      )})
      and (${maxPriceCop}::double precision is null or l.price_cop <= ${maxPriceCop}::double precision)
      and (${minBedrooms}::integer is null or l.bedrooms >= ${minBedrooms}::integer)
      and (${municipality}::text is null or l.municipality_code = ${municipality}::text)
    order by l.listing_id`);
  return [...rows];
}

/** The adverts asked for, whatever their state; an advert for sale and rent comes twice. */
export async function selectHomesById(db: Db, listingIds: readonly string[]): Promise<OfferedHome[]> {
  const rows = await db.execute<HomeRow>(sql`
    ${HOME}
    where l.operation is not null
      and l.listing_id in (select jsonb_array_elements_text(${JSON.stringify(listingIds)}::jsonb))
    order by l.listing_id, l.operation`);
  return [...rows];
}
