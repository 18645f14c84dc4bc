import {type SQL, sql} from 'drizzle-orm';
import {listingLocation} from '../../drizzle/schema/core.ts';
import {deleteByKeys, upsertRows} from '../../src/db/bulk.ts';
import type {Db} from '../../src/db/client.ts';
import {
  crowdedPins,
  type PinCrowd,
  pinText,
  placesHash,
  selectCrowdedPins,
  selectListingPoints,
  selectPlaces,
  selectPois,
  selectStratumPoints,
} from '../../src/db/places.ts';
import {GEO_QUALITIES} from '../../src/domain/vocabulary.ts';
import {readPlaceAliases} from '../../src/imports/reference.ts';
import {PoiGrid} from '../../src/lib/geo-grid.ts';
import {PlaceIndex} from '../../src/lib/geo-places.ts';
import {PlaceSearch} from '../../src/lib/place-search.ts';
import {fitStratumEstimator} from '../../src/lib/stratum-estimator.ts';
import {defineStage, type StageOptions} from '../../src/stage/define-stage.ts';
import {
  type EnrichInput,
  type EnrichReference,
  indexCentres,
  indexMunicipalities,
  type ListingLocation,
  locateListing,
} from './core.ts';
import {MIXED_PIN_LISTINGS, pinOf} from './quality.ts';

interface Shared extends EnrichReference {
  /** Pins of at least `MIXED_PIN_LISTINGS` listings. */
  readonly pins: ReadonlyMap<string, PinCrowd>;
}

/** A listing is placed again when its point, its stated place, its pin's crowd, or the set of places changes. */
function findWork(options: StageOptions): SQL {
  const ofPortal = options.portal === undefined ? sql`true` : sql`l.portal = ${options.portal}`;
  return sql`
    with reference as materialized (select ${placesHash} as hash),
    crowd as materialized (${crowdedPins(MIXED_PIN_LISTINGS)})
    select v.listing_id as key,
      md5(row(v.latitude, v.longitude, v.municipality, v.department, v.district, v.neighbourhood, v.stratum,
        c.listings, c.neighbourhoods, r.hash)::text) as input_hash
    from core.listing_version v join core.listing l using (listing_id) cross join reference r
      left join crowd c on c.pin = ${pinText}
    where v.valid_to is null and ${ofPortal}`;
}

/** @param hasStrata false: strata are not estimated, which saves reading the known ones. */
export async function readReference(db: Db, hasStrata = true): Promise<EnrichReference> {
  const [places, pois, strata, aliases] = await Promise.all([
    selectPlaces(db),
    selectPois(db),
    hasStrata ? selectStratumPoints(db) : [],
    readPlaceAliases(),
  ]);
  const index = new PlaceIndex(places);
  const placed = strata.map(point => ({
    ...point,
    neighbourhoodCode: index.locate(point.latitude, point.longitude).neighbourhood,
  }));
  return {
    places: index,
    municipalityCodes: indexMunicipalities(places),
    search: new PlaceSearch(places, aliases),
    centres: indexCentres(places),
    grid: new PoiGrid(pois),
    strata: fitStratumEstimator(placed),
  };
}

export const enrichStage = defineStage<Shared, EnrichInput, ListingLocation>({
  name: 'enrich',
  version: 4,
  reads: [
    'core.listing',
    'core.listing_version',
    'core.place',
    'core.poi',
    'core.stratum_point',
    'core.quarantine',
  ],
  writes: ['core.listing_location'],
  batchSize: 2000,
  batchesAtOnce: 2,
  work: findWork,
  prepare: async database => ({
    ...(await readReference(database.orm)),
    pins: await selectCrowdedPins(database.orm, MIXED_PIN_LISTINGS),
  }),
  load: async (tx, keys, {pins}) => {
    const points = await selectListingPoints(tx, keys);
    return points.map(point => {
      const {latitude, longitude} = point;
      const crowd =
        latitude === null || longitude === null ? undefined : pins.get(pinOf(latitude, longitude));
      return {...point, pinListings: crowd?.listings ?? 1, pinNeighbourhoods: crowd?.neighbourhoods ?? 1};
    });
  },
  core: locateListing,
  save: async (tx, results) => {
    const rows = results.map(({key, output}) => ({listingId: key, ...output}));
    await upsertRows(tx, listingLocation, rows, {target: [listingLocation.listingId]});
    const counts: Record<string, number> = Object.fromEntries(GEO_QUALITIES.map(quality => [quality, 0]));
    for (const {geoQuality} of rows) counts[geoQuality] = (counts[geoQuality] ?? 0) + 1;
    return counts;
  },
  remove: async (tx, keys) => {
    await deleteByKeys(tx, listingLocation, listingLocation.listingId, keys);
  },
});
