/** Homes and the few other buildings and plots of the simulated valley. */
import type {Operation, PropertyType} from '../../domain/vocabulary.ts';
import type {Random} from '../../lib/random.ts';
import {BARRIOS, type Barrio, municipalityBySlug, offsetPoint} from './places.ts';
import type {Property} from './truth.ts';
import {rentValueCop, saleValueCop, type ValueFacts} from './values.ts';

const URBAN_TYPES: Readonly<Record<Operation, readonly (readonly [PropertyType, number])[]>> = {
  sale: [
    ['apartment', 67],
    ['house', 17],
    ['studio', 4],
    ['office', 4.5],
    ['retail', 4],
    ['warehouse', 1.5],
    ['land', 2],
  ],
  rent: [
    ['apartment', 66],
    ['house', 9],
    ['studio', 10],
    ['office', 6],
    ['retail', 6.5],
    ['warehouse', 2.5],
  ],
};

const RURAL_TYPES: readonly (readonly [PropertyType, number])[] = [
  ['country_house', 60],
  ['house', 20],
  ['land', 20],
];

/** Median built area of apartments and houses by stratum, m². */
const APARTMENT_AREA_M2: Readonly<Record<number, number>> = {1: 50, 2: 54, 3: 62, 4: 74, 5: 98, 6: 140};
const HOUSE_AREA_M2: Readonly<Record<number, number>> = {1: 90, 2: 105, 3: 130, 4: 160, 5: 220, 6: 320};

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

function chooseStratum(random: Random, barrio: Barrio): number {
  return random.weighted(barrio.strata.map((stratum, order) => [stratum, order === 0 ? 0.7 : 0.3] as const));
}

function chooseAreaM2(random: Random, propertyType: PropertyType, stratum: number): number {
  const around = (median: number, spread: number): number =>
    Math.round(median * Math.exp(clamp(random.normal(0, spread), -2.2 * spread, 2.5 * spread)));
  switch (propertyType) {
    case 'apartment':
      return around(APARTMENT_AREA_M2[stratum] ?? 74, 0.3);
    case 'studio':
      return around(34, 0.18);
    case 'house':
      return around(HOUSE_AREA_M2[stratum] ?? 160, 0.36);
    case 'country_house':
      return around(260, 0.35);
    case 'office':
      return around(62, 0.55);
    case 'retail':
      return around(58, 0.6);
    case 'warehouse':
      return around(420, 0.5);
    default:
      return around(1100, 0.7);
  }
}

interface Rooms {
  readonly bedrooms: number;
  readonly bathrooms: number;
  readonly parkingSpaces: number;
}

function chooseRooms(random: Random, propertyType: PropertyType, stratum: number, areaM2: number): Rooms {
  if (propertyType === 'land') return {bedrooms: 0, bathrooms: 0, parkingSpaces: 0};
  const parkingWish = (stratum - 2.4) * 0.5 + random.normal(0, 0.5) + (areaM2 > 120 ? 0.7 : 0);
  const parkingSpaces = clamp(Math.round(parkingWish), 0, 4);
  if (propertyType === 'studio')
    return {bedrooms: 1, bathrooms: 1, parkingSpaces: Math.min(parkingSpaces, 1)};
  const isHome = propertyType === 'apartment' || propertyType === 'house' || propertyType === 'country_house';
  if (!isHome) return {bedrooms: 0, bathrooms: random.int(1, 2), parkingSpaces};
  const m2PerBedroom = propertyType === 'apartment' ? 20 + 3.2 * stratum : 28 + 7 * stratum;
  const bedrooms = clamp(Math.round(areaM2 / m2PerBedroom + random.normal(0, 0.45)), 1, 7);
  const bathrooms = clamp(
    Math.round(bedrooms * (0.45 + 0.09 * stratum) + random.normal(0.2, 0.4)),
    1,
    bedrooms + 2,
  );
  return {bedrooms, bathrooms, parkingSpaces};
}

const HOME_AMENITIES: readonly (readonly [name: string, base: number, perStratum: number])[] = [
  ['Balcón', 0.35, 0.06],
  ['Cocina Integral', 0.6, 0.04],
  ['Closet', 0.5, 0.03],
  ['Zona de lavandería', 0.4, 0],
  ['Instalación de gas', 0.5, 0],
  ['Calentador', 0.1, 0.07],
  ['Cuarto de Servicio', -0.15, 0.09],
  ['Estudio', 0.0, 0.05],
  ['Depósito / Bodega', -0.1, 0.09],
  ['Aire Acondicionado', -0.15, 0.05],
  ['Vista panorámica', 0.05, 0.05],
  ['Parques cercanos', 0.4, 0],
  ['Supermercados / C.Comerciales', 0.45, 0],
  ['Trans. Público cercano', 0.5, 0],
  ['Zona Residencial', 0.5, 0],
];

const BUILDING_AMENITIES: typeof HOME_AMENITIES = [
  ['Piscina', -0.35, 0.16],
  ['Gimnasio', -0.3, 0.13],
  ['Portería / Vigilancia', -0.1, 0.17],
  ['Salón Comunal', -0.1, 0.12],
  ['Zona Infantil', 0, 0.09],
  ['Parqueadero Visitantes - Exterior', -0.1, 0.12],
  ['En conjunto cerrado', 0, 0.1],
];

function chooseAmenities(
  random: Random,
  propertyType: PropertyType,
  stratum: number,
  floorsCount: number,
): string[] {
  if (propertyType === 'land') return ['Servicios Públicos'].filter(() => random.chance(0.5));
  const inBuilding = propertyType === 'apartment' || propertyType === 'studio' || propertyType === 'office';
  const offered = inBuilding ? [...HOME_AMENITIES, ...BUILDING_AMENITIES] : HOME_AMENITIES;
  const chosen = offered
    .filter(([, base, perStratum]) => random.chance(base + perStratum * stratum))
    .map(([name]) => name);
  if (inBuilding && (floorsCount > 6 || random.chance(0.08 * stratum))) chosen.push('Ascensor');
  return chosen;
}

function chooseFloors(random: Random, propertyType: PropertyType, stratum: number): [number | null, number] {
  if (propertyType === 'apartment' || propertyType === 'studio' || propertyType === 'office') {
    const floorsCount = clamp(Math.round(Math.exp(random.normal(1.2 + 0.22 * stratum, 0.5))), 3, 28);
    return [random.int(1, floorsCount), floorsCount];
  }
  if (propertyType === 'land') return [null, 0];
  return [null, propertyType === 'house' ? random.int(1, 3) : 1];
}

/** Administration fee, COP a month: by the metre in buildings, a little in gated houses, none elsewhere. */
function chooseAdminFeeCop(random: Random, facts: Omit<ValueFacts, 'adminFeeCop'>): number {
  const perM2 = 1500 + 900 * facts.stratum;
  const share = facts.propertyType === 'house' || facts.propertyType === 'country_house' ? 0.3 : 1;
  if (facts.propertyType === 'land' || (share < 1 && random.chance(0.6))) return 0;
  return Math.round((facts.areaM2 * perM2 * share * Math.exp(random.normal(0, 0.25))) / 1000) * 1000;
}

export function createProperty(random: Random, id: number, operation: Operation): Property {
  const barrio = random.weighted(BARRIOS.map(place => [place, place.weight] as const));
  const stratum = chooseStratum(random, barrio);
  const propertyType = random.weighted(barrio.kind === 'rural' ? RURAL_TYPES : URBAN_TYPES[operation]);
  const areaM2 = chooseAreaM2(random, propertyType, stratum);
  const [floor, floorsCount] = chooseFloors(random, propertyType, stratum);
  const spreadM = barrio.kind === 'rural' ? 500 : 230;
  const point = offsetPoint(barrio.centre, random.normal(0, spreadM), random.normal(0, spreadM));
  const facts = {
    propertyType,
    municipality: barrio.municipality,
    municipalityCode: municipalityBySlug(barrio.municipality).code,
    barrio: barrio.slug,
    premium: barrio.premium,
    point: {latitude: Number(point.latitude.toFixed(7)), longitude: Number(point.longitude.toFixed(7))},
    stratum,
    areaM2,
    landAreaM2: propertyType === 'country_house' ? Math.round(areaM2 * random.between(3, 20)) : null,
    ...chooseRooms(random, propertyType, stratum, areaM2),
    floor,
    floorsCount,
    ageYears: random.chance(0.12) ? 0 : Math.round(clamp(Math.exp(random.normal(2.5, 0.75)), 1, 60)),
    amenities: chooseAmenities(random, propertyType, stratum, floorsCount),
  };
  const valued = {...facts, adminFeeCop: chooseAdminFeeCop(random, facts)};
  const {premium: _, ...property} = valued;
  return {
    id,
    ...property,
    saleValueCop: Math.round(saleValueCop(valued)),
    rentValueCop: Math.round(rentValueCop(valued)),
  };
}
