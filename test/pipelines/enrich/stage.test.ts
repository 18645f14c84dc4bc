import {eq} from 'drizzle-orm';
import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest';
import {listing, listingLocation, listingVersion, poi, quarantine} from '../../../drizzle/schema/core.ts';
import {enrichStage} from '../../../pipelines/enrich/stage.ts';
import {insertRows} from '../../../src/db/bulk.ts';
import type {Database} from '../../../src/db/client.ts';
import {loadReferenceData} from '../../../src/imports/reference.ts';
import type {StageOptions} from '../../../src/stage/define-stage.ts';
import {testDatabase} from '../../support/database.ts';

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
  await loadReferenceData(database);
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.sql`truncate core.listing, ops.stage_state cascade`;
});

const NOW = new Date('2026-01-31T12:00:00Z');

async function addListings(
  count: number,
  latitude: number | null,
  longitude: number | null,
  portal = 'fincaraiz',
): Promise<string[]> {
  const ids = Array.from({length: count}, (_, index) => `${portal}:id:${latitude}/${longitude}/${index}`);
  const listings = ids.map(listingId => ({
    listingId,
    portal,
    idSpace: 'id',
    portalListingId: listingId,
    firstSeenAt: NOW,
    lastSeenAt: NOW,
    status: 'active' as const,
    isSynthetic: false,
  }));
  await insertRows(database.orm, listing, listings);
  await insertRows(
    database.orm,
    listingVersion,
    ids.map(id => version(id, latitude, longitude)),
  );
  return ids;
}

function version(
  listingId: string,
  latitude: number | null,
  longitude: number | null,
  from = NOW,
  to: Date | null = null,
) {
  return {
    listingId,
    validFrom: from,
    validTo: to,
    payloadHash: 'x',
    municipality: 'Medellín',
    department: 'Antioquia',
    latitude,
    longitude,
    amenities: [],
    isProject: false,
    isOffPlan: false,
    isAuction: false,
    exclusions: [],
  };
}

const run = (options: StageOptions = {}) =>
  enrichStage.run(database, {now: () => NOW, dataDir: '/nonexistent', options});

test('places every listing once; the second run finds nothing', async () => {
  const [id] = await addListings(1, 6.2107, -75.5779);
  await addListings(1, null, null);
  await addListings(1, 4.65, -74.05);
  const report = await run();
  expect(report).toMatchObject({keysFound: 3, keysDone: 3, keysFailed: 0});
  expect(report.counts).toEqual({
    exact: 1,
    approximate: 0,
    centroid: 0,
    shared_pin: 0,
    outside: 1,
    missing: 1,
  });
  const [row] = await database.orm.select().from(listingLocation).where(eq(listingLocation.listingId, id!));
  expect(row).toMatchObject({geoQuality: 'exact', municipalityCode: '05001', districtCode: null});
  const near = await database.sql<
    {poi_category: string; poi_id: string; poi_name: string; poi_distance_m: number}[]
  >`
    select poi_category, poi_id, poi_name, poi_distance_m from api.listing_nearest
    where listing_id = ${id!} order by poi_category, nearest_rank`;
  const stations = near.filter(({poi_category}) => poi_category === 'metro_station');
  expect(stations[0]).toEqual({
    poi_category: 'metro_station',
    poi_id: 'metro_station/reference:metro:a:poblado',
    poi_name: 'Poblado',
    poi_distance_m: 224,
  });
  expect(stations).toHaveLength(3);
  expect([...new Set(near.map(({poi_category}) => poi_category))]).toEqual([
    'brt_station',
    'cable_station',
    'hospital',
    'mall',
    'metro_station',
    'prison',
    'tram_station',
    'university',
  ]);
  const [access] = await database.sql`
    select nearest_metro_station_m, metro_station_within_500_m, metro_station_within_2000_m, metro_station_gravity > 0 as pulls,
      nearest_school_m, school_within_500_m from api.listing_access where listing_id = ${id!}`;
  expect(access).toEqual({
    nearest_metro_station_m: 224,
    metro_station_within_500_m: 1,
    metro_station_within_2000_m: 2,
    pulls: true,
    nearest_school_m: null,
    school_within_500_m: null,
  });
  expect(await run()).toMatchObject({keysFound: 0});
});

test('the twentieth listing on a pin makes all of them shared, its closing version makes them exact again', async () => {
  const early = await addListings(19, 6.2512, -75.5712);
  expect((await run()).counts).toMatchObject({exact: 19});
  // The same pin: equal to four decimals.
  const [late] = await addListings(1, 6.25124, -75.57116);
  expect(await run()).toMatchObject({keysFound: 20, counts: {exact: 0, shared_pin: 20}});
  await database.orm.delete(listing).where(eq(listing.listingId, late!));
  expect(await run()).toMatchObject({keysFound: 19, counts: {exact: 19}});
  expect(await database.orm.$count(listingLocation)).toBe(early.length);
});

test('a moved listing is placed again, and so is everything when places change', async () => {
  const [id] = await addListings(1, 6.2107, -75.5779);
  await addListings(1, 6.2512, -75.5712);
  await run();
  await database.orm.update(listingVersion).set({latitude: 6.2212}).where(eq(listingVersion.listingId, id!));
  expect(await run()).toMatchObject({keysFound: 1});
  await database.orm.update(listingVersion).set({title: 'another title'});
  expect(await run()).toMatchObject({keysFound: 0});
  await database.orm.update(poi).set({longitude: -75.57}).where(eq(poi.poiId, 'mall/osm:way/152942893'));
  expect(await run()).toMatchObject({keysFound: 2});
});

test('only the open version counts, only the portal that is asked for', async () => {
  const [id] = await addListings(1, 6.2107, -75.5779);
  await addListings(2, 6.2512, -75.5712, 'metrocuadrado');
  const closed = version(id!, 4.65, -75.5712, new Date('2025-01-01T12:00:00Z'), NOW);
  await insertRows(database.orm, listingVersion, [closed]);
  expect(await run({portal: 'fincaraiz'})).toMatchObject({keysFound: 1, counts: {exact: 1}});
  expect(await run()).toMatchObject({keysFound: 2});
});

test('a correction is told of the listing it was made to, of no other', async () => {
  const [turned, other] = await addListings(2, 6.2107, -75.5779);
  const finding = {rule: 'coordinates_swapped', field: 'coordinates', effect: 'corrected' as const};
  await insertRows(database.orm, quarantine, [
    {listingId: turned!, payloadHash: 'x', ...finding, message: 'swapped'},
    {listingId: other!, payloadHash: 'an older one', ...finding, message: 'swapped'},
  ]);
  await run();
  const rows = await database.orm.select().from(listingLocation);
  const reasons = new Map(rows.map(({listingId, evidence}) => [listingId, evidence?.point]));
  expect(reasons.get(turned!)).toMatch(/were swapped and have been turned round/);
  expect(reasons.get(other!)).toBe('a point of its own');
});

test('a dry run leaves nothing', async () => {
  await addListings(1, 6.2107, -75.5779);
  expect(await run({dryRun: true})).toMatchObject({keysFound: 1});
  expect(await database.orm.$count(listingLocation)).toBe(0);
});
