/** Columns of what is near a home, category by category. */
import {
  NEAR_FLAG_CATEGORIES,
  NEAR_FLAG_RADII_M,
  POI_CATEGORIES,
  POI_RADII_M,
  type PoiCategory,
} from '../vocabulary.ts';
import type {Columns} from './shape.ts';

const LOCATION = 'enrich · core.listing_location';

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
    'tramos de vía principal (uno cada 50 m)',
    'main road',
    'pieces of main road (one every 50 m)',
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

/** Name of the column that weighs all within 2 km by their distance. */
export function gravityColumn(category: PoiCategory): string {
  return `${category}_gravity`;
}

/** Name of the column that says whether one lies within a radius. */
export function nearFlagColumn(category: PoiCategory, radiusM: number): string {
  return `is_${category}_within_${radiusM}_m`;
}

const NO_MEASURE = {
  es: 'sin punto desde el cual medir (exact o approximate), o Raíz no tiene esa categoría (no quiere decir cero)',
  en: 'no point to measure from (exact or approximate), or Raíz has none of this category (does not mean zero)',
};

const NEAR_FLAGS: Columns = Object.fromEntries(
  NEAR_FLAG_CATEGORIES.flatMap(category =>
    NEAR_FLAG_RADII_M.map(radiusM => {
      const [uno, , one] = CATEGORY_WORDS[category];
      const meaning = {
        type: 'boolean',
        unit: null,
        es: `Si hay ${uno} a ${radiusM} m o menos en línea recta. No dice si eso es bueno o malo.`,
        en: `Whether a ${one} lies within ${radiusM} m, straight line. Does not say whether that is good or bad.`,
        whenNull: NO_MEASURE,
        isCalculated: true,
        source: LOCATION,
        example: 'false',
      } as const;
      return [nearFlagColumn(category, radiusM), meaning] as const;
    }),
  ),
);

/** Category by category: nearest, within 500, 1,000 and 2,000 m, gravity; then near flags. */
export const ACCESS_COLUMNS: Columns = {
  ...Object.fromEntries(
    POI_CATEGORIES.flatMap(category => {
      const [uno, varios, one, several] = CATEGORY_WORDS[category];
      const nearest = {
        type: 'double',
        unit: 'm',
        es: `Metros en línea recta hasta ${uno}, la distancia más corta. Caminando es más.`,
        en: `Straight-line metres to the nearest ${one}. Walking is more.`,
        whenNull: {
          es: 'sin punto desde el cual medir, o ninguno a menos de 20 km, o Raíz no tiene esa categoría',
          en: 'no point to measure from, or none within 20 km, or Raíz has none of this category',
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
          whenNull: NO_MEASURE,
          isCalculated: true,
          source: LOCATION,
          example: '2',
        } as const;
        return [withinColumn(category, radiusM), meaning] as const;
      });
      const gravity = {
        type: 'double',
        unit: null,
        es: `Suma sobre todos los lugares a menos de 2 km, ${varios}: cada uno pesa 1 en la puerta y cae con la distancia hasta 0 a 2 km (e^(−d/b); b según la categoría).`,
        en: `Sum over all within 2 km, ${several}: each weighs 1 at the door and falls with distance to 0 at 2 km (e^(−d/b); b by category).`,
        whenNull: NO_MEASURE,
        isCalculated: true,
        source: LOCATION,
        example: '1.35',
      } as const;
      return [
        [nearestColumn(category), nearest] as const,
        ...counts,
        [gravityColumn(category), gravity] as const,
      ];
    }),
  ),
  ...NEAR_FLAGS,
};
