/** Enrichment on one core, without the database: the sweep alone, barrios alone, and the whole core of the stage. */
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {indexCentres, indexMunicipalities, locateListing} from '../../pipelines/enrich/core.ts';
import {POI_CATEGORIES, type PoiCategory} from '../../src/domain/vocabulary.ts';
import {readPlaceFile} from '../../src/imports/place-file.ts';
import {buildPlaces} from '../../src/imports/place-rows.ts';
import {type GridPoi, PoiGrid} from '../../src/lib/geo-grid.ts';
import {type IndexedPlace, PlaceIndex} from '../../src/lib/geo-places.ts';
import {PlaceSearch} from '../../src/lib/place-search.ts';
import {createRandom, type Random} from '../../src/lib/random.ts';
import type {BenchRow} from './bench-row.ts';

const GEO = fileURLToPath(new URL('../../../shared/data/geo/', import.meta.url));
const POIS = `${GEO}poi/pois_unified_derived.csv`;
const BARRIOS = `${GEO}admin/medellin_barrios_veredas.geojson.gz`;

const LISTINGS = 50_000;

/** Categories of the unified file in our words; what we have no word for stands as one more dense category. */
const CATEGORY_OF: Readonly<Record<string, PoiCategory>> = {
  metro: 'metro_station',
  metrocable: 'cable_station',
  tram: 'tram_station',
  metroplus: 'brt_station',
  school: 'school',
  kindergarten: 'school',
  university: 'university',
  hospital: 'hospital',
  clinic: 'hospital',
  pharmacy: 'pharmacy',
  supermarket: 'supermarket',
  mall: 'mall',
  park: 'park',
  police: 'police',
  prison: 'prison',
};

const STATED = {
  municipality: 'Medellín',
  department: null,
  district: 'El Poblado',
  neighbourhood: 'Poblado',
  stratum: null,
  correction: null,
  pinListings: 1,
  pinNeighbourhoods: 1,
};

export async function benchEnrich(): Promise<BenchRow[]> {
  const random = createRandom('bench enrich');
  const isReal = existsSync(POIS);
  const few = isReal ? await readPois() : scatterPois(random, 4568);
  const many = spread(random, few, 20_000);
  const listings = scatterListings(random, few);
  const origin = isReal ? 'pois_unified_derived.csv' : 'synthetic points of the same density';
  const rows = [
    measureSweep(few, listings, origin),
    measureSweep(many, listings, `${origin}, resampled with 300 m jitter`),
  ];
  const places = existsSync(BARRIOS) ? await readBarrios() : scatterPlaces();
  const placesNote = existsSync(BARRIOS) ? '332 real polygons' : 'synthetic squares';
  return [...rows, measureLocate(places, listings, placesNote), measureCore(few, places, listings)];
}

interface Listings {
  readonly latitudes: Float64Array;
  readonly longitudes: Float64Array;
}

/** Best of three: the first round also compiles. */
function perSecond(work: () => void): number {
  let best = 0;
  for (let round = 0; round < 3; round++) {
    const started = performance.now();
    work();
    best = Math.max(best, LISTINGS / ((performance.now() - started) / 1000));
  }
  return Math.round(best);
}

function measureSweep(pois: readonly GridPoi[], listings: Listings, note: string): BenchRow {
  const grid = new PoiGrid(pois);
  const value = perSecond(() => grid.sweep(listings.latitudes, listings.longitudes));
  return {
    name: `sweep, ${pois.length} points in ${grid.categories.length} categories`,
    value,
    unit: 'listings/s/core',
    note,
  };
}

function measureLocate(
  places: readonly IndexedPlace[],
  {latitudes, longitudes}: Listings,
  note: string,
): BenchRow {
  const index = new PlaceIndex(places);
  const value = perSecond(() => {
    for (let row = 0; row < LISTINGS; row++) index.locate(latitudes[row] ?? 0, longitudes[row] ?? 0);
  });
  return {name: 'neighbourhood by polygon', value, unit: 'listings/s/core', note};
}

function measureCore(
  pois: readonly GridPoi[],
  places: readonly IndexedPlace[],
  {latitudes, longitudes}: Listings,
): BenchRow {
  const reference = {
    places: new PlaceIndex(places),
    municipalityCodes: indexMunicipalities(places),
    search: new PlaceSearch(places, []),
    centres: indexCentres(places),
    strata: null,
    grid: new PoiGrid(pois),
  };
  const value = perSecond(() => {
    for (let row = 0; row < LISTINGS; row++) {
      const point = {latitude: latitudes[row] ?? 0, longitude: longitudes[row] ?? 0};
      locateListing({key: '', ...point, ...STATED}, reference);
    }
  });
  return {name: 'core of enrich (sweep, polygons, quality, objects)', value, unit: 'listings/s/core'};
}

async function readPois(): Promise<GridPoi[]> {
  const features = await readPlaceFile(POIS);
  return features.flatMap(({fields, shape}) => {
    if (shape?.type !== 'point') return [];
    const category = CATEGORY_OF[fields.category ?? ''] ?? 'main_road';
    return [{poiId: fields.poi_id ?? '', category, latitude: shape.latitude, longitude: shape.longitude}];
  });
}

async function readBarrios(): Promise<IndexedPlace[]> {
  const features = await readPlaceFile(BARRIOS);
  const located = features.flatMap(({shape, ...rest}) =>
    shape === null ? [] : [{...rest, shape, file: BARRIOS}],
  );
  const settings = {source: '-', licence: '-', asOf: '2014-01-01', idField: 'CODIGO', nameField: 'NOMBRE'};
  return buildPlaces(located, 'neighbourhood', settings).rows.map(({placeCode, kind, name, geometry}) => ({
    placeCode,
    kind,
    name,
    parentCode: null,
    geometry: geometry ?? null,
    latitude: null,
    longitude: null,
  }));
}

/** Dense in the middle of the valley, thin at its ends; some categories are rare. */
function scatterPois(random: Random, count: number): GridPoi[] {
  return Array.from({length: count}, (_, index) => ({
    poiId: String(index),
    category: POI_CATEGORIES[Math.floor(random.next() ** 0.6 * POI_CATEGORIES.length)] ?? 'school',
    latitude: random.normal(6.245, 0.035),
    longitude: random.normal(-75.58, 0.022),
  }));
}

function spread(random: Random, pois: readonly GridPoi[], count: number): GridPoi[] {
  return Array.from({length: count}, (_, index) => {
    const {category, latitude, longitude} = random.pick(pois);
    const jitter = () => random.normal(0, 300 / 111_195);
    return {poiId: String(index), category, latitude: latitude + jitter(), longitude: longitude + jitter()};
  });
}

/** Homes stand where the city is: near points of interest. */
function scatterListings(random: Random, pois: readonly GridPoi[]): Listings {
  const latitudes = new Float64Array(LISTINGS);
  const longitudes = new Float64Array(LISTINGS);
  for (let row = 0; row < LISTINGS; row++) {
    const {latitude, longitude} = random.pick(pois);
    latitudes[row] = latitude + random.normal(0, 0.005);
    longitudes[row] = longitude + random.normal(0, 0.005);
  }
  return {latitudes, longitudes};
}

function scatterPlaces(): IndexedPlace[] {
  return Array.from({length: 324}, (_, index) => {
    const west = -75.66 + (index % 18) * 0.01;
    const south = 6.17 + Math.floor(index / 18) * 0.01;
    const ring = [
      [west, south],
      [west + 0.01, south],
      [west + 0.01, south + 0.01],
      [west, south + 0.01],
      [west, south],
    ];
    return {
      placeCode: String(index),
      kind: 'neighbourhood' as const,
      name: String(index),
      parentCode: null,
      geometry: {type: 'Polygon' as const, coordinates: [ring]},
      latitude: null,
      longitude: null,
    };
  });
}
