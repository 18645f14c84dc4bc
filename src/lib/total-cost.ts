/** What a home costs a month: rent or loan, administration, fares. Unknown parts stay unknown. Pure. */
import type {TravelMode} from './travel.ts';

export const FARE_PROFILES = ['frequent', 'student', 'senior', 'disability', 'occasional'] as const;

/** Whose Cívica card: only the fares of Metro, cable, tram and Metroplús differ by it. `student` is the municipal programme. */
export type FareProfile = (typeof FARE_PROFILES)[number];

export interface Fare {
  readonly service: Exclude<TravelMode, 'walk'>;
  /** Null: everybody. */
  readonly profile: FareProfile | null;
  /**
   * DIVIPOLA code; null: the whole valley. `bus`: urban in Medellín (05001), between it and Medellín elsewhere.
   * `bus_transit`: of the municipality in which the bus is taken.
   */
  readonly municipalityCode: string | null;
  readonly fareCop: number;
  /** `YYYY-MM-DD`. */
  readonly validFrom: string;
  readonly source: string;
  readonly url: string;
}

export interface Trip {
  readonly mode: TravelMode;
  readonly homeMunicipality: string | null;
  readonly goalMunicipality: string | null;
  readonly profile: FareProfile;
  /** Day of travel, `YYYY-MM-DD`. */
  readonly on: string;
}

/** Going and coming back. */
export const TRIPS_A_DAY = 2;
export const MEDELLIN = '05001';

/**
 * Pesos of one trip, 0 on foot; null when no fare is known. A bus between two municipalities costs what the dearer of
 * them costs to or from Medellín: exact when one of them is Medellín, an assumption otherwise.
 */
export function fareCop(trip: Trip, fares: readonly Fare[]): number | null {
  if (trip.mode === 'walk') return 0;
  if (trip.mode === 'transit') return newestFare(fares, trip, null);
  if (trip.mode === 'bus_transit') return newestFare(fares, trip, trip.homeMunicipality);
  const ends = [trip.homeMunicipality, trip.goalMunicipality];
  const outside = ends.filter(code => code !== MEDELLIN);
  const known = (outside.length === 0 ? [MEDELLIN] : outside).map(code => newestFare(fares, trip, code));
  return known.reduce((dearest, fare) =>
    dearest === null || fare === null ? null : Math.max(dearest, fare),
  );
}

function newestFare(
  fares: readonly Fare[],
  {mode, profile, on}: Trip,
  municipality: string | null,
): number | null {
  if (mode !== 'transit' && municipality === null) return null;
  let newest: Fare | null = null;
  for (const fare of fares) {
    const fits = fare.service === mode && fare.municipalityCode === municipality && fare.validFrom <= on;
    if (!fits || (fare.profile !== null && fare.profile !== profile)) continue;
    if (newest === null || fare.validFrom > newest.validFrom) newest = fare;
  }
  return newest?.fareCop ?? null;
}

/** Fares of a month, COP: two trips a day. */
export function transportCop(fare: number | null, daysPerMonth: number): number | null {
  return fare === null ? null : fare * TRIPS_A_DAY * daysPerMonth;
}

export interface Loan {
  /** Share of the price paid at once, 0–1. */
  readonly downPayment: number;
  /** Effective annual rate (E.A., as banks in Colombia state it), 0.12 is 12 %. */
  readonly annualRate: number;
  readonly years: number;
}

/** Fixed monthly payment of a loan in pesos, COP. Insurance and notary's costs are not in it. */
export function monthlyPaymentCop(priceCop: number, {downPayment, annualRate, years}: Loan): number {
  const principal = priceCop * (1 - downPayment);
  const months = years * 12;
  const rate = (1 + annualRate) ** (1 / 12) - 1;
  const payment = rate === 0 ? principal / months : (principal * rate) / (1 - (1 + rate) ** -months);
  return Math.round(payment);
}

export interface MonthlyCost {
  /** Rent, or payment of the loan. */
  readonly housingCop: number | null;
  readonly adminFeeCop: number | null;
  readonly transportCop: number | null;
  /** Null when any part is unknown. */
  readonly totalCop: number | null;
  /** Sum of the parts that are known: it costs at least this. */
  readonly atLeastCop: number;
}

/** Adds up a month; several destinations give several transports, and one unknown makes their sum unknown. */
export function monthlyCost(
  housingCop: number | null,
  adminFeeCop: number | null,
  transports: readonly (number | null)[],
): MonthlyCost {
  const transport = sumKnown(transports);
  const parts = [housingCop, adminFeeCop, transport];
  const atLeastCop = [housingCop, adminFeeCop, ...transports].reduce<number>(
    (sum, part) => sum + (part ?? 0),
    0,
  );
  return {housingCop, adminFeeCop, transportCop: transport, totalCop: sumKnown(parts), atLeastCop};
}

function sumKnown(parts: readonly (number | null)[]): number | null {
  return parts.reduce<number | null>((sum, part) => (sum === null || part === null ? null : sum + part), 0);
}

/** What `rankHomes` weighs; null: unknown. */
export interface Weighed {
  readonly totalCop: number | null;
  readonly minutes: number | null;
  /** Asking price against the model's middle, %; negative is cheaper than normal. */
  readonly gapPct: number | null;
}

/**
 * Best first, by the mean of three places: total cost, minutes, and price against the fair one. Equal values share a
 * place; an unknown one stands last of all, so that not knowing is never an advantage. Ties keep their order.
 */
export function rankHomes<Home extends Weighed>(homes: readonly Home[]): Home[] {
  const columns = (['totalCop', 'minutes', 'gapPct'] as const).map(key =>
    placesOf(homes.map(home => home[key])),
  );
  const score = homes.map((_, index) => columns.reduce((sum, places) => sum + (places[index] ?? 0), 0));
  return homes
    .map((home, index) => ({home, score: score[index] ?? 0}))
    .sort((a, b) => a.score - b.score)
    .map(({home}) => home);
}

function placesOf(values: readonly (number | null)[]): number[] {
  const sorted = values.filter(value => value !== null).sort((a, b) => a - b);
  const place = new Map<number, number>();
  sorted.forEach((value, index) => {
    if (!place.has(value)) place.set(value, index);
  });
  return values.map(value => (value === null ? values.length : (place.get(value) ?? 0)));
}
