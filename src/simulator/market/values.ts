/**
 * The true price model: log-linear in area, stratum, place, age, floor, amenities and distance to a few anchors.
 *
 * Calibrated on asking prices of Finca Raíz, October 2023 (COP/m² of apartments by stratum 2–6: 2.76, 3.79, 4.95,
 * 5.39, 6.11 M; Medellín 5.03, Envigado 5.79, Sabaneta 4.93, Itagüí 4.54, Bello 4.06; houses 3.90) and rents of 2019
 * (Medellín 21,500 COP/m², Envigado 21,300, Sabaneta 19,700, Bello 15,000).
 */
import type {PropertyType} from '../../domain/vocabulary.ts';
import {eastM, northM, type Point, planeDistanceM} from '../../lib/geo.ts';
import {createRandom} from '../../lib/random.ts';
import type {MonthIndex, Property} from './truth.ts';

export type ValueFacts = Omit<Property, 'id' | 'saleValueCop' | 'rentValueCop'> & {readonly premium: number};

interface Anchor extends Point {
  readonly name: string;
  /** Added to the log price on the spot; it fades with `rangeM`. */
  readonly effect: number;
  readonly rangeM: number;
}

function anchor(name: string, latitude: number, longitude: number, effect: number, rangeM: number): Anchor {
  return {name, latitude, longitude, effect, rangeM};
}

/** Approximate positions, four decimals. */
const ANCHORS: readonly Anchor[] = [
  anchor('Metro Poblado', 6.2122, -75.5781, 0.07, 700),
  anchor('Metro Aguacatala', 6.1939, -75.5818, 0.07, 700),
  anchor('Metro Ayurá', 6.1862, -75.5861, 0.07, 700),
  anchor('Metro Envigado', 6.1747, -75.5971, 0.07, 700),
  anchor('Metro Itagüí', 6.1629, -75.6069, 0.07, 700),
  anchor('Metro Sabaneta', 6.1577, -75.6162, 0.07, 700),
  anchor('Metro Estadio', 6.2533, -75.5883, 0.07, 700),
  anchor('Metro Suramericana', 6.253, -75.5829, 0.07, 700),
  anchor('Metro Floresta', 6.2587, -75.5977, 0.07, 700),
  anchor('Metro San Javier', 6.2568, -75.6137, 0.07, 700),
  anchor('Metro Madera', 6.3159, -75.5553, 0.07, 700),
  anchor('Metro Bello', 6.3301, -75.5536, 0.07, 700),
  anchor('Metro Niquía', 6.3378, -75.5443, 0.07, 700),
  anchor('Parque Lleras', 6.2089, -75.5678, 0.06, 900),
  anchor('Primer Parque de Laureles', 6.2449, -75.5917, 0.05, 800),
  anchor('Centro comercial El Tesoro', 6.1977, -75.5589, 0.05, 900),
  anchor('Cárcel Bellavista', 6.3207, -75.5563, -0.1, 600),
];

const STRATUM_EFFECT: Readonly<Record<number, number>> = {
  1: -0.6,
  2: -0.38,
  3: -0.15,
  4: 0,
  5: -0.01,
  6: 0.06,
};
const RENT_STRATUM_EFFECT: Readonly<Record<number, number>> = {
  1: -0.45,
  2: -0.3,
  3: -0.13,
  4: 0,
  5: 0.03,
  6: 0.15,
};

const RENT_MUNICIPALITY_EFFECT: Readonly<Record<string, number>> = {envigado: -0.08, bello: -0.15};

const MUNICIPALITY_EFFECT: Readonly<Record<string, number>> = {
  medellin: 0,
  envigado: 0.1,
  sabaneta: 0,
  itagui: 0.03,
  bello: -0.1,
  'la-estrella': -0.06,
  caldas: -0.2,
  copacabana: -0.12,
  girardota: -0.2,
  barbosa: -0.35,
};

/** Log price per built m² beside an apartment; land has its own. */
const TYPE_EFFECT: Readonly<Partial<Record<PropertyType, number>>> = {
  apartment: 0,
  studio: 0.02,
  house: 0.03,
  country_house: 0.1,
  office: -0.02,
  retail: 0.25,
  warehouse: -0.45,
};

const AMENITY_EFFECTS: Readonly<Record<string, number>> = {
  Ascensor: 0.05,
  Balcón: 0.03,
  Piscina: 0.06,
  Gimnasio: 0.035,
  'Portería / Vigilancia': 0.03,
  'Aire Acondicionado': 0.05,
  'Vista panorámica': 0.045,
  'Depósito / Bodega': 0.02,
};

/** How the log price falls with age: steeply in the first years, then slowly. */
function ageEffect(years: number): number {
  return -0.24 * Math.log1p(years / 6);
}

function anchorEffect(point: Point): number {
  return ANCHORS.reduce(
    (sum, {effect, rangeM, ...place}) => sum + effect * Math.exp(-planeDistanceM(point, place) / rangeM),
    0,
  );
}

/** Good and bad corners: a smooth surface of some hundred metres that no barrio name tells. */
function cornerEffect(point: Point): number {
  return 0.1 * Math.sin(eastM(point.longitude) / 260) * Math.cos(northM(point.latitude) / 310);
}

function sharedEffects(facts: ValueFacts): number {
  const floor = facts.floor === null ? 0 : 0.012 * Math.min(facts.floor, 15);
  const amenities = facts.amenities.reduce((sum, name) => sum + (AMENITY_EFFECTS[name] ?? 0), 0);
  const rooms = 0.035 * (facts.bathrooms - 2) + 0.05 * (facts.parkingSpaces - 1);
  return (
    (MUNICIPALITY_EFFECT[facts.municipality] ?? 0) +
    facts.premium +
    (TYPE_EFFECT[facts.propertyType] ?? 0) +
    ageEffect(facts.ageYears) +
    floor +
    amenities +
    rooms +
    anchorEffect(facts.point) +
    cornerEffect(facts.point)
  );
}

/** A plot: 280,000–1,600,000 COP/m², large ones much cheaper a metre. */
function landValueCop(facts: ValueFacts): number {
  const perM2 =
    Math.log(900_000) +
    0.8 * (STRATUM_EFFECT[facts.stratum] ?? 0) +
    (MUNICIPALITY_EFFECT[facts.municipality] ?? 0) +
    facts.premium -
    0.35 * Math.log(facts.areaM2 / 800);
  return facts.areaM2 * Math.exp(perM2);
}

/** Sale value in COP at the price level of `startOn`. */
export function saleValueCop(facts: ValueFacts): number {
  if (facts.propertyType === 'land') return landValueCop(facts);
  const perM2 =
    Math.log(5_270_000) +
    (STRATUM_EFFECT[facts.stratum] ?? 0) +
    sharedEffects(facts) -
    0.24 * Math.log(facts.areaM2 / 75);
  const land = facts.landAreaM2 === null ? 0 : 90_000 * Math.max(0, facts.landAreaM2 - facts.areaM2);
  return facts.areaM2 * Math.exp(perM2) + land;
}

/** Monthly rent in COP, without administration, at the price level of `startOn`. */
export function rentValueCop(facts: ValueFacts): number {
  if (facts.propertyType === 'land') return landValueCop(facts) * 0.003;
  const perM2 =
    Math.log(21_000) +
    (RENT_STRATUM_EFFECT[facts.stratum] ?? 0) +
    (RENT_MUNICIPALITY_EFFECT[facts.municipality] ?? 0) +
    0.85 * sharedEffects(facts) -
    0.34 * Math.log(facts.areaM2 / 75);
  return facts.areaM2 * Math.exp(perM2);
}

/** Whole months from January 2000 to an ISO day or month. */
function monthNumber(iso: string): number {
  return (Number(iso.slice(0, 4)) - 2000) * 12 + Number(iso.slice(5, 7)) - 1;
}

function monthName(number: number): string {
  return `${2000 + Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, '0')}`;
}

/**
 * The price level of a month beside that of `startOn`'s month (1): about 7 % a year, a little season, a slow wave and
 * a step of its own each month. The same seed gives the same month the same step, whatever the horizon.
 */
export function priceLevel(seed: number | string, startOn: string, isoDay: string): number {
  const level = (month: number): number =>
    month * 0.0056 +
    0.006 * Math.sin((2 * Math.PI * (month % 12)) / 12) +
    0.012 * Math.sin((2 * Math.PI * month) / 31) +
    createRandom(`${seed}/index/${month}`).normal(0, 0.0035);
  return Math.exp(level(monthNumber(isoDay)) - level(monthNumber(startOn)));
}

/** The last `months` months up to that of `startOn`, oldest first; the last is 100. */
export function monthlyIndex(seed: number | string, startOn: string, months: number): MonthIndex[] {
  const last = monthNumber(startOn);
  return Array.from({length: months}, (_, position) => {
    const month = monthName(last - months + 1 + position);
    return {month, index: 100 * priceLevel(seed, startOn, month)};
  });
}
