/** What enrichment is measured on: the places and points of Medellín where they are at hand, and homes among them. */
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {POI_CATEGORIES, type PoiCategory} from '../../src/domain/vocabulary.ts';
import {readPlaceFile} from '../../src/imports/place-file.ts';
import {buildPlaces} from '../../src/imports/place-rows.ts';
import type {GridPoi} from '../../src/lib/geo-grid.ts';
import type {IndexedPlace} from '../../src/lib/geo-places.ts';
import {createRandom, type Random} from '../../src/lib/random.ts';

const GEO = fileURLToPath(new URL('../../../shared/data/geo/', import.meta.url));
const POIS = `${GEO}poi/pois_unified_derived.csv`;
const BARRIOS = `${GEO}admin/medellin_barrios_veredas.geojson.gz`;

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

export interface EnrichWorld {
  readonly pois: readonly GridPoi[];
  readonly poisFrom: string;
  readonly places: readonly IndexedPlace[];
  readonly placesFrom: string;
}

/** Real points and polygons, or synthetic ones of the same density. */
export async function readEnrichWorld(): Promise<EnrichWorld> {
  const isReal = existsSync(POIS);
  const hasBarrios = existsSync(BARRIOS);
  return {
    pois: isReal ? await readPois() : scatterPois(createRandom('bench enrich pois'), 4568),
    poisFrom: isReal ? 'pois_unified_derived.csv' : 'synthetic points of the same density',
    places: hasBarrios ? await readBarrios() : scatterPlaces(),
    placesFrom: hasBarrios ? '332 real polygons' : 'synthetic squares',
  };
}

/** Degrees, position by position. */
export interface Homes {
  readonly latitudes: Float64Array;
  readonly longitudes: Float64Array;
}

async function readPois(): Promise<GridPoi[]> {
  const features = await readPlaceFile(POIS);
  return features.flatMap(({fields, shape}, index) => {
    if (shape?.type !== 'point') return [];
    const category = CATEGORY_OF[fields.category ?? ''] ?? 'main_road';
    const {latitude, longitude} = shape;
    return [{poiId: fields.poi_id ?? '', poiNumber: index, category, latitude, longitude}];
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
    poiNumber: index,
    category: POI_CATEGORIES[Math.floor(random.next() ** 0.6 * POI_CATEGORIES.length)] ?? 'school',
    latitude: random.normal(6.245, 0.035),
    longitude: random.normal(-75.58, 0.022),
  }));
}

/** More points where points are: each a known one, moved by 300 m. */
export function spreadPois(random: Random, pois: readonly GridPoi[], count: number): GridPoi[] {
  return Array.from({length: count}, (_, index) => {
    const {category, latitude, longitude} = random.pick(pois);
    const jitter = () => random.normal(0, 300 / 111_195);
    return {
      poiId: String(index),
      poiNumber: index,
      category,
      latitude: latitude + jitter(),
      longitude: longitude + jitter(),
    };
  });
}

/** Homes stand where the city is: near points of interest. */
export function scatterHomes(random: Random, pois: readonly GridPoi[], count: number): Homes {
  const latitudes = new Float64Array(count);
  const longitudes = new Float64Array(count);
  for (let row = 0; row < count; row++) {
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
