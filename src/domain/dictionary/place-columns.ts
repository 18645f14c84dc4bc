/** Columns of where a home lies and what is near it. */
import {POI_CATEGORIES, POI_RADII_M, type PoiCategory} from '../vocabulary.ts';
import {type Columns, NOT_STATED} from './shape.ts';

const VERSION = 'clean · core.listing_version';
const LOCATION = 'enrich · core.listing_location';
const NO_POINT = {
  es: 'sin punto utilizable, o aún no pasa por la etapa enrich',
  en: 'no usable point, or not yet through the enrich stage',
};
const NO_CODE = {es: 'el punto no cae en un lugar conocido', en: 'the point lies in no known place'};

export const PLACE_COLUMNS: Columns = {
  department: {
    type: 'text',
    unit: null,
    es: 'Departamento según el aviso.',
    en: 'Department as advertised.',
    whenNull: NOT_STATED,
    isCalculated: false,
    source: VERSION,
    example: 'Antioquia',
  },
  municipality: {
    type: 'text',
    unit: null,
    es: 'Municipio según el aviso.',
    en: 'Municipality as advertised.',
    whenNull: NOT_STATED,
    isCalculated: false,
    source: VERSION,
    example: 'Medellín',
  },
  district: {
    type: 'text',
    unit: null,
    es: 'Comuna, localidad o zona según el aviso.',
    en: 'District (comuna, localidad, zone) as advertised.',
    whenNull: NOT_STATED,
    isCalculated: false,
    source: VERSION,
    example: 'Laureles-Estadio',
  },
  neighbourhood: {
    type: 'text',
    unit: null,
    es: 'Barrio con las palabras del aviso; puede no ser el oficial.',
    en: 'Neighbourhood in the advert’s words; may differ from the official one.',
    whenNull: NOT_STATED,
    isCalculated: false,
    source: VERSION,
    example: 'Laureles',
  },
  municipality_code: {
    type: 'text',
    unit: null,
    es: 'Código DIVIPOLA del municipio donde cae el punto.',
    en: 'DIVIPOLA code of the municipality the point lies in.',
    whenNull: NO_CODE,
    isCalculated: true,
    source: LOCATION,
    example: '05001',
    content: 'key',
  },
  district_code: {
    type: 'text',
    unit: null,
    es: 'Código oficial de la comuna donde cae el punto.',
    en: 'Official code of the district the point lies in.',
    whenNull: NO_CODE,
    isCalculated: true,
    source: LOCATION,
    example: '0500111',
    content: 'key',
  },
  neighbourhood_code: {
    type: 'text',
    unit: null,
    es: 'Código oficial del barrio donde cae el punto.',
    en: 'Official code of the neighbourhood the point lies in.',
    whenNull: NO_CODE,
    isCalculated: true,
    source: LOCATION,
    example: '050011101',
    content: 'key',
  },
  latitude: {
    type: 'double',
    unit: 'grados WGS 84',
    es: 'Latitud del punto del aviso. Sin enmascarar: sólo para uso interno.',
    en: 'Latitude of the advert’s point. Not masked: internal use only.',
    whenNull: NO_POINT,
    isCalculated: false,
    source: LOCATION,
    example: '6.245123',
  },
  longitude: {
    type: 'double',
    unit: 'grados WGS 84',
    es: 'Longitud del punto del aviso. Sin enmascarar: sólo para uso interno.',
    en: 'Longitude of the advert’s point. Not masked: internal use only.',
    whenNull: NO_POINT,
    isCalculated: false,
    source: LOCATION,
    example: '-75.590456',
  },
  geo_quality: {
    type: 'text',
    unit: null,
    es: 'Cuánto creer el punto: exact, shared_pin (muchos avisos en un mismo punto, el de la agencia), outside (fuera del municipio que dice), missing (no hay).',
    en: 'How far to believe the point: exact, shared_pin (many adverts on one point, an agency’s default), outside (not in the stated municipality), missing.',
    whenNull: {es: 'aún no pasa por la etapa enrich', en: 'not yet through the enrich stage'},
    isCalculated: true,
    source: LOCATION,
    example: 'exact',
    content: 'key',
  },
};

/** Categories in the words of people: [uno, varios, one, several]. */
const CATEGORY_WORDS: Readonly<Record<PoiCategory, readonly [string, string, string, string]>> = {
  metro_station: ['estación de metro', 'estaciones de metro', 'metro station', 'metro stations'],
  cable_station: [
    'estación de metrocable',
    'estaciones de metrocable',
    'cable-car station',
    'cable-car stations',
  ],
  tram_station: ['estación de tranvía', 'estaciones de tranvía', 'tram stop', 'tram stops'],
  brt_station: [
    'estación de metroplús',
    'estaciones de metroplús',
    'bus rapid transit station',
    'bus rapid transit stations',
  ],
  school: ['colegio', 'colegios', 'school', 'schools'],
  university: ['universidad', 'universidades', 'university', 'universities'],
  hospital: ['hospital o clínica', 'hospitales o clínicas', 'hospital', 'hospitals'],
  pharmacy: ['droguería', 'droguerías', 'pharmacy', 'pharmacies'],
  supermarket: ['supermercado', 'supermercados', 'supermarket', 'supermarkets'],
  mall: ['centro comercial', 'centros comerciales', 'mall', 'malls'],
  park: ['parque', 'parques', 'park', 'parks'],
  main_road: [
    'vía principal',
    'puntos de vía principal (uno cada 50 m)',
    'main road',
    'points of main road (one every 50 m)',
  ],
  police: ['estación de policía o CAI', 'estaciones de policía o CAI', 'police post', 'police posts'],
  prison: ['cárcel', 'cárceles', 'prison', 'prisons'],
};

/** Name of the column that holds straight-line metres to the nearest one. */
export function nearestColumn(category: PoiCategory): string {
  return `nearest_${category}_m`;
}

/** Name of the column that counts those within a radius. */
export function withinColumn(category: PoiCategory, radiusM: number): string {
  return `${category}_within_${radiusM}_m`;
}

/** Nearest metres and counts, category by category: `POI_CATEGORIES` × (nearest, 500, 1,000, 2,000 m). */
export const ACCESS_COLUMNS: Columns = Object.fromEntries(
  POI_CATEGORIES.flatMap(category => {
    const [uno, varios, one, several] = CATEGORY_WORDS[category];
    const nearest = {
      type: 'double',
      unit: 'm',
      es: `Metros en línea recta hasta ${uno}, la distancia más corta. Caminando es más.`,
      en: `Straight-line metres to the nearest ${one}. Walking is more.`,
      whenNull: {
        es: 'sin punto utilizable, o ninguno a menos de 20 km, o Raíz no tiene esa categoría',
        en: 'no usable point, or none within 20 km, or Raíz has none of this category',
      },
      isCalculated: true,
      source: LOCATION,
      example: '640.5',
    } as const;
    const counts = POI_RADII_M.map(radiusM => {
      const meaning = {
        type: 'integer',
        unit: 'lugares',
        es: `Cuántos hay a ${radiusM} m o menos en línea recta: ${varios}.`,
        en: `How many within ${radiusM} m, straight line: ${several}.`,
        whenNull: {
          es: 'sin punto utilizable, o Raíz no tiene esa categoría (no quiere decir cero)',
          en: 'no usable point, or Raíz has none of this category (does not mean zero)',
        },
        isCalculated: true,
        source: LOCATION,
        example: '2',
      } as const;
      return [withinColumn(category, radiusM), meaning] as const;
    });
    return [[nearestColumn(category), nearest] as const, ...counts];
  }),
);
