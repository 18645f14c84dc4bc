/** A known world put straight into the tables that models learn from. */
import {listing, listingLocation, listingPrice, listingVersion} from '../../drizzle/schema/core.ts';
import {insertRows} from '../../src/db/bulk.ts';
import type {Database} from '../../src/db/client.ts';
import type {FeatureRow} from '../../src/domain/model.ts';
import {POI_CATEGORIES} from '../../src/domain/vocabulary.ts';

/** When all its adverts were seen. */
export const WORLD_SEEN_AT = new Date('2026-01-10T12:00:00Z');

export async function saveWorld(database: Database, rows: readonly FeatureRow[]): Promise<void> {
  const {orm} = database;
  await insertRows(
    orm,
    listing,
    rows.map(({listingId, isSynthetic}) => ({
      listingId,
      portal: 'test',
      idSpace: 'id',
      portalListingId: listingId,
      firstSeenAt: WORLD_SEEN_AT,
      lastSeenAt: WORLD_SEEN_AT,
      status: 'active' as const,
      isSynthetic,
    })),
  );
  await insertRows(
    orm,
    listingVersion,
    rows.map(row => ({
      listingId: row.listingId,
      validFrom: WORLD_SEEN_AT,
      payloadHash: 'hash',
      propertyType: row.propertyType,
      municipality: row.municipality,
      neighbourhood: row.neighbourhood,
      areaM2: row.areaM2,
      bedrooms: row.bedrooms,
      bathrooms: row.bathrooms,
      parkingSpaces: row.parkingSpaces,
      stratum: row.stratum,
      latitude: row.latitude,
      longitude: row.longitude,
      amenities: [...row.amenities],
      isProject: false,
      isOffPlan: false,
      isAuction: false,
      exclusions: [],
    })),
  );
  await insertRows(
    orm,
    listingPrice,
    rows.map(({listingId, operation, priceCop}) => ({
      listingId,
      operation,
      validFrom: WORLD_SEEN_AT,
      priceStated: priceCop,
      currency: 'COP' as const,
      priceCop,
    })),
  );
  await insertRows(
    orm,
    listingLocation,
    rows.map(({listingId, latitude, longitude, nearestM}) => ({
      listingId,
      latitude,
      longitude,
      geoQuality: 'exact' as const,
      nearestM: POI_CATEGORIES.map(category => [nearestM[category] ?? null, null, null]),
    })),
  );
}
