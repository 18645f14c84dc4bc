/** Places, points of interest, and the points of listings. */
import {and, asc, count, eq, isNotNull, type SQL, sql} from 'drizzle-orm';
import {listingVersion, place, placeFile, poi, quarantine, stratumPoint} from '../../drizzle/schema/core.ts';
import type {PlaceKind, PoiCategory} from '../domain/vocabulary.ts';
import type {GridPoi} from '../lib/geo-grid.ts';
import type {IndexedPlace} from '../lib/geo-places.ts';
import type {KnownStratum} from '../lib/stratum.ts';
import {deleteByKeys, upsertRows} from './bulk.ts';
import type {Db, Tx} from './client.ts';

export type PlaceRow = typeof place.$inferInsert;
export type PoiRow = typeof poi.$inferInsert;
export type StratumPointRow = typeof stratumPoint.$inferInsert;
export type PlaceFileRow = typeof placeFile.$inferInsert;

/** What writing a set of rows came to. */
export interface WriteCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly removed: number;
}

export function selectPlaces(db: Db): Promise<IndexedPlace[]> {
  const {placeCode, kind, name, parentCode, geometry, latitude, longitude} = place;
  return db
    .select({placeCode, kind, name, parentCode, geometry, latitude, longitude})
    .from(place)
    .orderBy(asc(place.placeCode));
}

export function selectPois(db: Db): Promise<GridPoi[]> {
  const {poiId, poiNumber, category, latitude, longitude, geometry} = poi;
  return db
    .select({poiId, poiNumber, category, latitude, longitude, geometry})
    .from(poi)
    .orderBy(asc(poi.poiId));
}

/** Known strata, without the neighbourhoods they lie in. */
export function selectStratumPoints(db: Db): Promise<Omit<KnownStratum, 'neighbourhoodCode'>[]> {
  const {pointId, latitude, longitude, stratum, blockCode} = stratumPoint;
  return db.select({latitude, longitude, stratum, blockCode}).from(stratumPoint).orderBy(asc(pointId));
}

/** Inserts new points of known stratum and updates changed ones. */
export async function writeStratumPoints(tx: Tx, rows: readonly StratumPointRow[]): Promise<WriteCounts> {
  const ids = rows.map(row => row.pointId);
  const known = await countKnown(tx, sql`${stratumPoint}`, sql`point_id`, ids);
  const changed = await upsertRows(tx, stratumPoint, rows, {target: [stratumPoint.pointId]});
  return writeCounts(rows.length, known, changed, 0);
}

/** Remembers files that rows came from; a file known already keeps its first day. */
export async function writePlaceFiles(tx: Tx, rows: readonly PlaceFileRow[]): Promise<void> {
  await upsertRows(tx, placeFile, rows, {target: [placeFile.sha256, placeFile.holds], update: 'nothing'});
}

export function selectPlaceFiles(db: Db): Promise<(typeof placeFile.$inferSelect)[]> {
  return db
    .select()
    .from(placeFile)
    .orderBy(asc(placeFile.holds), asc(placeFile.fileName), asc(placeFile.sha256));
}

/** Inserts new places and updates changed ones; places that are not given stay. */
export async function writePlaces(tx: Tx, rows: readonly PlaceRow[]): Promise<WriteCounts> {
  const known = await countKnown(
    tx,
    sql`${place}`,
    sql`place_code`,
    rows.map(row => row.placeCode),
  );
  const changed = await upsertRows(tx, place, rows, {target: [place.placeCode]});
  return writeCounts(rows.length, known, changed, 0);
}

/** An area with its middle. */
interface KnownArea {
  readonly placeCode: string;
  readonly name: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** Areas of a kind under other codes than the given ones. */
export function selectOtherAreas(tx: Tx, kind: PlaceKind, codes: readonly string[]): Promise<KnownArea[]> {
  const {placeCode, name, latitude, longitude, geometry} = place;
  const isOther = sql`${placeCode} not in (select jsonb_array_elements_text(${JSON.stringify(codes)}::jsonb))`;
  return tx
    .select({placeCode, name, latitude, longitude})
    .from(place)
    .where(and(eq(place.kind, kind), isNotNull(geometry), isOther))
    .orderBy(asc(placeCode));
}

/**
 * Inserts new points and updates changed ones. A source may give several points for one of its objects (a road):
 * points of a given object that are no longer among the rows are removed; objects that are not given stay.
 */
export async function writePois(tx: Tx, rows: readonly PoiRow[]): Promise<WriteCounts> {
  const ids = rows.map(row => row.poiId);
  const objects = [...new Set(rows.map(row => JSON.stringify([row.category, row.source, row.sourceId])))];
  const stale = await tx.execute<{poi_id: string}>(sql`
    select poi_id from core.poi
    where (category, source, source_id) in (
        select object->>0, object->>1, object->>2 from jsonb_array_elements(${`[${objects.join(',')}]`}::jsonb) as object)
      and poi_id not in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`);
  const removed = await deleteByKeys(
    tx,
    poi,
    poi.poiId,
    stale.map(row => row.poi_id),
  );
  const known = await countKnown(tx, sql`${poi}`, sql`poi_id`, ids);
  const changed = await upsertRows(tx, poi, rows, {target: [poi.poiId]});
  return writeCounts(rows.length, known, changed, removed);
}

async function countKnown(tx: Tx, table: SQL, key: SQL, keys: readonly string[]): Promise<number> {
  const [row] = await tx.execute<{known: number}>(sql`
    select count(*)::int as known from ${table}
    where ${key} in (select jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb))`);
  return row?.known ?? 0;
}

function writeCounts(rows: number, known: number, changed: number, removed: number): WriteCounts {
  const inserted = rows - known;
  return {inserted, updated: changed - inserted, unchanged: rows - changed, removed};
}

/** Places whose parent is not there: their districts and municipalities can't be told. */
export async function countUnknownParents(db: Db): Promise<number> {
  const [row] = await db.execute<{orphans: number}>(sql`
    select count(*)::int as orphans from core.place child
    where parent_code is not null
      and not exists (select from core.place parent where parent.place_code = child.parent_code)`);
  return row?.orphans ?? 0;
}

export interface PlaceSummary {
  readonly kind: PlaceKind;
  readonly source: string;
  readonly licence: string;
  readonly asOf: string;
  readonly places: number;
  /** Those with an area; the others are known by name and centre only. */
  readonly areas: number;
}

export interface PoiSummary {
  readonly category: PoiCategory;
  readonly source: string;
  readonly licence: string;
  readonly asOf: string;
  readonly points: number;
}

export function summarisePlaces(db: Db): Promise<PlaceSummary[]> {
  const {kind, source, licence, asOf} = place;
  return db
    .select({kind, source, licence, asOf, places: count(), areas: count(place.geometry)})
    .from(place)
    .groupBy(kind, source, licence, asOf)
    .orderBy(asc(kind), asc(source), asc(asOf));
}

export function summarisePois(db: Db): Promise<PoiSummary[]> {
  const {category, source, licence, asOf} = poi;
  return db
    .select({category, source, licence, asOf, points: count()})
    .from(poi)
    .groupBy(category, source, licence, asOf)
    .orderBy(asc(category), asc(source), asc(asOf));
}

/** Ids that rows of another source hold already. */
export async function selectIdsOfOthers(
  tx: Tx,
  table: 'place' | 'poi',
  ids: readonly string[],
  isOwn: SQL,
): Promise<ReadonlySet<string>> {
  const id = sql.identifier(table === 'place' ? 'place_code' : 'poi_id');
  const rows = await tx.execute<{id: string}>(sql`
    select ${id} as id from core.${sql.identifier(table)}
    where ${id} in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)) and not (${isOwn})`);
  return new Set(rows.map(row => row.id));
}

/** Deletes the rows of one's own that are not among `ids`. @returns number of rows deleted. */
export async function deleteOwnExcept(
  tx: Tx,
  table: 'place' | 'poi',
  ids: readonly string[],
  isOwn: SQL,
): Promise<number> {
  const id = sql.identifier(table === 'place' ? 'place_code' : 'poi_id');
  const result = await tx.execute(sql`
    delete from core.${sql.identifier(table)}
    where ${isOwn} and ${id} not in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`);
  return result.count;
}

/** One text for everything listings are placed by: differs when any place, point of interest or stratum does. */
export const placesHash: SQL = sql`md5(
  coalesce((select string_agg(md5(p::text), '' order by place_code) from core.place p), '') ||
  coalesce((select string_agg(md5(p::text), '' order by poi_id) from core.poi p), '') ||
  coalesce((select string_agg(md5(p::text), '' order by point_id) from core.stratum_point p), ''))`;

/** The point of a row of `core.listing_version` as 1e-4 degrees (11 m): adverts of one text share a pin. */
export const pinText: SQL<string | null> = sql<string | null>`
  (floor(latitude * 1e4 + 0.5)::text || '/' || floor(longitude * 1e4 + 0.5)::text)`;

/** Who shares a pin. */
export interface PinCrowd {
  readonly listings: number;
  /** Different neighbourhoods its adverts state. */
  readonly neighbourhoods: number;
}

/** Rows `pin, listings, neighbourhoods` of all pins shared by at least `atLeast` adverts. */
export function crowdedPins(atLeast: number): SQL {
  return sql`
    select ${pinText} as pin, count(*)::int as listings, count(distinct lower(neighbourhood))::int as neighbourhoods
    from core.listing_version
    where valid_to is null and latitude is not null and longitude is not null
    group by 1 having count(*) >= ${atLeast}`;
}

export async function selectCrowdedPins(db: Db, atLeast: number): Promise<ReadonlyMap<string, PinCrowd>> {
  const rows = await db.execute<{pin: string; listings: number; neighbourhoods: number}>(
    crowdedPins(atLeast),
  );
  return new Map(rows.map(({pin, ...crowd}) => [pin, crowd]));
}

/** A listing's point and names, as its open version has them. */
export interface ListingPoint {
  readonly key: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly municipality: string | null;
  readonly department: string | null;
  readonly district: string | null;
  readonly neighbourhood: string | null;
  readonly stratum: number | null;
  /** Rule by which the clean stage corrected the coordinates. */
  readonly correction: string | null;
}

export async function selectListingPoints(db: Db, keys: readonly string[]): Promise<ListingPoint[]> {
  return await db.execute<{[Field in keyof ListingPoint]: ListingPoint[Field]}>(sql`
    select v.listing_id as key, v.latitude, v.longitude, v.municipality, v.department, v.district, v.neighbourhood,
      v.stratum, (
        select min(q.rule) from ${quarantine} q
        where q.listing_id = v.listing_id and q.payload_hash = v.payload_hash
          and q.field = 'coordinates' and q.effect = 'corrected') as correction
    from ${listingVersion} v
    where v.listing_id in (select jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb)) and v.valid_to is null`);
}
