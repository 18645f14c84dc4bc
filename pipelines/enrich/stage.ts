import {type SQL, sql} from 'drizzle-orm';
import {listingLocation} from '../../drizzle/schema/core.ts';
import {deleteByKeys, upsertRows} from '../../src/db/bulk.ts';
import {
  countCrowdedPins,
  pinText,
  placesHash,
  selectListingPoints,
  selectPlaces,
  selectPois,
} from '../../src/db/places.ts';
import {GEO_QUALITIES} from '../../src/domain/vocabulary.ts';
import {PoiGrid} from '../../src/lib/geo-grid.ts';
import {PlaceIndex} from '../../src/lib/geo-places.ts';
import {defineStage, type StageOptions} from '../../src/stage/define-stage.ts';
import {
  type EnrichInput,
  type EnrichReference,
  indexMunicipalities,
  type ListingLocation,
  locateListing,
  SHARED_PIN_LISTINGS,
} from './core.ts';

interface Shared extends EnrichReference {
  /** Pins of at least `SHARED_PIN_LISTINGS` listings. */
  readonly crowdedPins: ReadonlyMap<string, number>;
}

/** A listing is placed again when its point, its stated place, its pin's crowding, or the set of places changes. */
function findWork(options: StageOptions): SQL {
  const ofPortal = options.portal === undefined ? sql`true` : sql`l.portal = ${options.portal}`;
  return sql`
    with reference as materialized (select ${placesHash} as hash),
    located as (
      select listing_id, latitude, longitude, municipality, department,
        latitude is not null and count(*) over (partition by ${pinText}) >= ${SHARED_PIN_LISTINGS} as is_crowded
      from core.listing_version where valid_to is null)
    select v.listing_id as key,
      md5(row(v.latitude, v.longitude, v.municipality, v.department, v.is_crowded, r.hash)::text) as input_hash
    from located v join core.listing l using (listing_id) cross join reference r
    where ${ofPortal}`;
}

export const enrichStage = defineStage<Shared, EnrichInput, ListingLocation>({
  name: 'enrich',
  version: 1,
  reads: ['core.listing', 'core.listing_version', 'core.place', 'core.poi'],
  writes: ['core.listing_location'],
  batchSize: 2000,
  work: findWork,
  prepare: async database => {
    const [places, pois, crowdedPins] = await Promise.all([
      selectPlaces(database.orm),
      selectPois(database.orm),
      countCrowdedPins(database.orm, SHARED_PIN_LISTINGS),
    ]);
    return {
      places: new PlaceIndex(places),
      municipalityCodes: indexMunicipalities(places),
      grid: new PoiGrid(pois),
      crowdedPins,
    };
  },
  load: async (tx, keys, {crowdedPins}) => {
    const points = await selectListingPoints(tx, keys);
    return points.map(({pin, ...point}) => ({...point, pinListings: crowdedPins.get(pin ?? '') ?? 1}));
  },
  core: locateListing,
  save: async (tx, results) => {
    const rows = results.map(({key, output}) => ({listingId: key, ...output}));
    await upsertRows(tx, listingLocation, rows, {target: [listingLocation.listingId]});
    return Object.fromEntries(
      GEO_QUALITIES.map(quality => [quality, rows.filter(row => row.geoQuality === quality).length]),
    );
  },
  remove: async (tx, keys) => {
    await deleteByKeys(tx, listingLocation, listingLocation.listingId, keys);
  },
});
