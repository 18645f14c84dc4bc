/**
 * The simulated map: the ten municipalities of the Valle de Aburrá and well-known barrios with approximate centres.
 * Municipality codes: DANE, DIVIPOLA. Location ids of municipalities: as the portal numbers them.
 */

import type {Point} from '../../lib/geo.ts';
import {slugify} from '../../lib/spanish.ts';

export interface Municipality {
  /** As the portal writes it in addresses, `la-estrella`. */
  readonly slug: string;
  readonly name: string;
  /** DIVIPOLA. */
  readonly code: string;
  readonly locationId: string;
  readonly centre: Point;
}

export interface Barrio {
  readonly slug: string;
  readonly name: string;
  /** Slug of its municipality. */
  readonly municipality: string;
  /** Number of its comuna (11–16 …) or corregimiento (50–90) in Medellín; null elsewhere. */
  readonly comuna: number | null;
  /** The portal's zone of the city, also part of neighbourhood addresses. */
  readonly zone: string;
  readonly centre: Point;
  /** Strata found here; earlier ones are the more common. */
  readonly strata: readonly number[];
  /** What the place adds to the log price beyond stratum and municipality. */
  readonly premium: number;
  /** Share of the market's adverts, relative to the other barrios. */
  readonly weight: number;
  readonly kind: 'urban' | 'rural';
}

export const DEPARTMENT = {
  name: 'Antioquia',
  slug: 'antioquia',
  code: '05',
  locationId: '2d63ee80-421b-488f-992a-0e07a3264c3e',
} as const;

export const COUNTRY = {name: 'Colombia', locationId: '858656c1-bbb1-4b0d-b569-f61bbdebc8f0'} as const;

function municipality(
  slug: string,
  name: string,
  code: string,
  latitude: number,
  longitude: number,
  locationId: string,
): Municipality {
  return {slug, name, code, locationId, centre: {latitude, longitude}};
}

export const MUNICIPALITIES: readonly Municipality[] = [
  municipality('medellin', 'Medellín', '05001', 6.2476, -75.5658, '183f0a11-9452-4160-9089-1b0e7ed45863'),
  municipality('bello', 'Bello', '05088', 6.3319, -75.5586, '9feb0402-fc35-4538-8ca1-d53c0fec2c35'),
  municipality('itagui', 'Itagüí', '05360', 6.1719, -75.6114, 'cf5dc27a-9e05-4b0a-b98a-0715fe4e5d2b'),
  municipality('envigado', 'Envigado', '05266', 6.1706, -75.5872, '596f30cb-3582-416e-a071-71634190a703'),
  municipality('sabaneta', 'Sabaneta', '05631', 6.1511, -75.6158, '241a17ef-3aa0-485c-93aa-689fc2f2d114'),
  municipality(
    'la-estrella',
    'La Estrella',
    '05380',
    6.1577,
    -75.643,
    'c19b4e81-f003-408a-b7db-4bbcb9b3b6d5',
  ),
  municipality('caldas', 'Caldas', '05129', 6.0917, -75.6362, '5499b608-1002-43a3-9215-01c40ffae22b'),
  municipality('copacabana', 'Copacabana', '05212', 6.3467, -75.5089, 'b8f0f380-18c4-49ee-a6b3-92b454846718'),
  municipality('girardota', 'Girardota', '05308', 6.3772, -75.4461, '0affff3e-ec6a-421e-a2d4-8b198493cff9'),
  municipality('barbosa', 'Barbosa', '05079', 6.4389, -75.3314, '1041113c-cced-48fc-a1d5-c10002214f67'),
];

type BarrioRow = readonly [
  name: string,
  zone: string,
  latitude: number,
  longitude: number,
  strata: readonly number[],
  premium: number,
  weight: number,
  kind?: 'rural',
];

const BARRIO_ROWS: Readonly<Record<string, readonly BarrioRow[]>> = {
  medellin: [
    ['El Tesoro', 'suroriente', 6.2027, -75.5545, [6], 0.05, 5],
    ['Los Balsos', 'suroriente', 6.1905, -75.566, [6], 0.02, 4],
    ['San Lucas', 'suroriente', 6.1811, -75.5632, [6], 0.0, 4],
    ['Castropol', 'suroriente', 6.2193, -75.5664, [6, 5], 0.03, 4],
    ['Las Lomas', 'suroriente', 6.2105, -75.56, [6], 0.0, 3],
    ['Alejandría', 'suroriente', 6.1991, -75.5687, [6], 0.06, 3],
    ['Manila', 'suroriente', 6.2138, -75.5736, [5, 6], 0.12, 3],
    ['Patio Bonito', 'suroriente', 6.2074, -75.5743, [6, 5], 0.07, 3],
    ['La Aguacatala', 'suroriente', 6.1975, -75.5776, [5], 0.04, 2],
    ['Santa María de los Ángeles', 'suroriente', 6.1905, -75.5796, [5, 6], 0.02, 3],
    ['Laureles', 'occidente', 6.2447, -75.5953, [5], 0.1, 5],
    ['Conquistadores', 'occidente', 6.243, -75.5838, [5], 0.08, 3],
    ['Estadio', 'occidente', 6.259, -75.5934, [5, 4], 0.02, 3],
    ['Florida Nueva', 'occidente', 6.2519, -75.5911, [5, 4], 0.03, 2],
    ['Lorena', 'occidente', 6.2482, -75.5981, [5], 0.06, 2],
    ['La Castellana', 'occidente', 6.2408, -75.6105, [5, 4], 0.0, 3],
    ['Simón Bolívar', 'occidente', 6.2475, -75.6045, [4, 5], -0.02, 2],
    ['Santa Mónica', 'occidente', 6.2472, -75.6142, [4], -0.02, 2],
    ['Calasanz', 'occidente', 6.264, -75.5988, [4], -0.02, 4],
    ['Los Colores', 'occidente', 6.2667, -75.5907, [4, 5], 0.02, 3],
    ['Rosales', 'suroccidente', 6.2353, -75.5911, [5, 4], 0.02, 3],
    ['Fátima', 'suroccidente', 6.2358, -75.5844, [4], -0.02, 2],
    ['Belén', 'suroccidente', 6.2328, -75.5995, [4, 3], -0.05, 4],
    ['La Mota', 'suroccidente', 6.2101, -75.5989, [5, 4], -0.02, 3],
    ['Loma de los Bernal', 'suroccidente', 6.2165, -75.606, [5, 4], -0.04, 5],
    ['Cristo Rey', 'suroccidente', 6.2073, -75.5872, [3, 4], 0.0, 2],
    ['San Antonio de Prado', 'suroccidente', 6.1815, -75.6515, [3, 2], -0.12, 4],
    ['La Pilarica', 'noroccidente', 6.2773, -75.5853, [4, 3], 0.0, 3],
    ['Robledo', 'noroccidente', 6.2759, -75.5963, [3, 4], -0.06, 4],
    ['San Javier', 'noroccidente', 6.2575, -75.6155, [3, 2], -0.04, 2],
    ['Castilla', 'noroccidente', 6.2921, -75.5714, [3], -0.05, 2],
    ['Doce de Octubre', 'noroccidente', 6.303, -75.5793, [2], -0.12, 1.5],
    ['Aranjuez', 'nororiente', 6.2788, -75.5613, [3], -0.08, 2],
    ['Manrique Central', 'nororiente', 6.2652, -75.5526, [3, 2], -0.08, 2],
    ['Popular', 'nororiente', 6.3006, -75.5458, [1, 2], -0.1, 1],
    ['Villa Hermosa', 'nororiente', 6.2579, -75.5495, [3, 2], -0.05, 2],
    ['La Candelaria', 'centro', 6.2495, -75.5668, [4, 3], -0.1, 3],
    ['Prado', 'centro', 6.2585, -75.5615, [3, 4], -0.1, 2],
    ['Boston', 'centro', 6.2475, -75.5577, [4, 3], -0.02, 3],
    ['Buenos Aires', 'centro', 6.2399, -75.5555, [4, 3], -0.02, 3],
    ['Santa Elena', 'suroriente', 6.209, -75.5, [3, 4], -0.15, 1.5, 'rural'],
  ],
  bello: [
    ['Niquía', 'norte', 6.3425, -75.543, [3], 0.03, 3],
    ['Cabañas', 'norte', 6.3355, -75.554, [3, 4], 0.05, 2],
    ['Madera', 'norte', 6.3155, -75.5575, [4, 3], 0.08, 3],
    ['Amazonia', 'norte', 6.329, -75.5625, [4], 0.08, 1.5],
    ['París', 'norte', 6.3155, -75.5755, [2, 1], -0.12, 1],
  ],
  itagui: [
    ['Ditaires', 'sur', 6.1665, -75.622, [3, 4], 0.0, 2.5],
    ['Santa María', 'sur', 6.1835, -75.603, [3], 0.0, 2],
    ['Suramérica', 'sur', 6.162, -75.6115, [4], 0.06, 3],
    ['San José', 'sur', 6.1735, -75.6175, [3, 2], -0.03, 1.5],
  ],
  envigado: [
    ['Zúñiga', 'sur', 6.179, -75.578, [5, 6], 0.05, 3],
    ['Loma del Escobero', 'sur', 6.163, -75.57, [5, 6], 0.0, 3],
    ['Loma de las Brujas', 'sur', 6.171, -75.573, [5], 0.0, 3],
    ['La Magnolia', 'sur', 6.173, -75.583, [4, 5], 0.03, 2.5],
    ['El Portal', 'sur', 6.1765, -75.587, [4, 5], 0.03, 2],
    ['El Dorado', 'sur', 6.1655, -75.588, [3, 4], -0.03, 1.5],
    ['Las Palmas', 'sur', 6.156, -75.533, [6, 5], 0.05, 2, 'rural'],
  ],
  sabaneta: [
    ['Aves María', 'sur', 6.147, -75.612, [4, 5], 0.03, 3],
    ['Las Lomitas', 'sur', 6.1415, -75.606, [5, 4], -0.02, 2],
    ['Restrepo Naranjo', 'sur', 6.1545, -75.611, [4, 3], 0.03, 2],
    ['La Doctora', 'sur', 6.1385, -75.601, [3, 4], -0.06, 1.5],
  ],
  'la-estrella': [
    ['Toledo', 'sur', 6.1525, -75.6335, [4], 0.0, 2],
    ['La Tablaza', 'sur', 6.1255, -75.6405, [3, 2], -0.1, 1.2],
    ['Pueblo Viejo', 'sur', 6.1495, -75.6555, [3, 4], -0.05, 1, 'rural'],
  ],
  caldas: [
    ['Andalucía', 'sur', 6.0945, -75.633, [3, 2], 0.0, 1.2],
    ['La Valeria', 'sur', 6.0885, -75.646, [3, 4], -0.05, 1, 'rural'],
  ],
  copacabana: [
    ['Machado', 'norte', 6.333, -75.521, [3, 4], 0.03, 1.5],
    ['El Noral', 'norte', 6.348, -75.492, [3, 4], -0.03, 1, 'rural'],
  ],
  girardota: [
    ['Santa Ana', 'norte', 6.38, -75.449, [3, 2], 0.0, 1],
    ['San Andrés', 'norte', 6.391, -75.437, [3, 4], -0.02, 1.2, 'rural'],
  ],
  barbosa: [
    ['Los Ángeles', 'norte', 6.4405, -75.3325, [2, 3], 0.0, 0.8],
    ['Popalito', 'norte', 6.462, -75.305, [3, 4], -0.05, 0.8, 'rural'],
  ],
};

/** Comunas of Medellín and its corregimientos San Antonio de Prado (80) and Santa Elena (90), by their number. */
const MEDELLIN_COMUNAS: Readonly<Record<number, readonly string[]>> = {
  1: ['Popular'],
  3: ['Manrique Central'],
  4: ['Aranjuez'],
  5: ['Castilla'],
  6: ['Doce de Octubre'],
  7: ['La Pilarica', 'Robledo'],
  8: ['Villa Hermosa'],
  9: ['Buenos Aires'],
  10: ['La Candelaria', 'Prado', 'Boston'],
  11: ['Laureles', 'Conquistadores', 'Estadio', 'Florida Nueva', 'Lorena', 'La Castellana', 'Los Colores'],
  12: ['Simón Bolívar', 'Santa Mónica', 'Calasanz'],
  13: ['San Javier'],
  14: [
    'El Tesoro',
    'Los Balsos',
    'San Lucas',
    'Castropol',
    'Las Lomas',
    'Alejandría',
    'Manila',
    'Patio Bonito',
    'La Aguacatala',
    'Santa María de los Ángeles',
  ],
  15: ['Cristo Rey'],
  16: ['Rosales', 'Fátima', 'Belén', 'La Mota', 'Loma de los Bernal'],
  80: ['San Antonio de Prado'],
  90: ['Santa Elena'],
};

function comunaOf(municipalitySlug: string, name: string): number | null {
  if (municipalitySlug !== 'medellin') return null;
  const found = Object.entries(MEDELLIN_COMUNAS).find(([, names]) => names.includes(name));
  return found === undefined ? null : Number(found[0]);
}

export const BARRIOS: readonly Barrio[] = Object.entries(BARRIO_ROWS).flatMap(([municipalitySlug, rows]) =>
  rows.map(([name, zone, latitude, longitude, strata, premium, weight, kind]) => ({
    slug: slugify(name),
    name,
    municipality: municipalitySlug,
    comuna: comunaOf(municipalitySlug, name),
    zone,
    centre: {latitude, longitude},
    strata,
    premium,
    weight,
    kind: kind ?? 'urban',
  })),
);

/** Agencies' default pins: many adverts stand on one of these points, wherever the home is. */
export const AGENCY_PINS: readonly Point[] = [
  {latitude: 6.2016, longitude: -75.5721},
  {latitude: 6.2447, longitude: -75.6013},
  {latitude: 6.2442, longitude: -75.5812},
  {latitude: 6.1759, longitude: -75.5917},
  {latitude: 6.2518, longitude: -75.5636},
  {latitude: 6.3373, longitude: -75.5579},
];

/** Where misplaced adverts turn up: Bogotá, the next valley, the Gulf of Guinea, East Africa, Spain. */
export const FAR_POINTS: readonly Point[] = [
  {latitude: 4.6533, longitude: -74.0836},
  {latitude: 4.7109, longitude: -74.0722},
  {latitude: 6.1551, longitude: -75.3737},
  {latitude: 0.0012, longitude: -0.0009},
  {latitude: -1.2921, longitude: 36.8219},
  {latitude: 40.4168, longitude: -3.7038},
];

const METRES_PER_DEGREE = 111_195;

/** A point so many metres north and east of another. */
export function offsetPoint(from: Point, northM: number, eastM: number): Point {
  return {
    latitude: from.latitude + northM / METRES_PER_DEGREE,
    longitude: from.longitude + eastM / (METRES_PER_DEGREE * Math.cos((from.latitude * Math.PI) / 180)),
  };
}

export function municipalityBySlug(slug: string): Municipality {
  const found = MUNICIPALITIES.find(candidate => candidate.slug === slug);
  if (found === undefined)
    throw new RangeError(`places: no municipality "${slug}"; use one of MUNICIPALITIES`);
  return found;
}

/** Barrio names repeat between municipalities (San José): both slugs are needed. */
export function barrioBySlug(municipalitySlug: string, slug: string): Barrio {
  const found = BARRIOS.find(barrio => barrio.municipality === municipalitySlug && barrio.slug === slug);
  if (found === undefined)
    throw new RangeError(`places: no barrio "${municipalitySlug}/${slug}"; use one of BARRIOS`);
  return found;
}
