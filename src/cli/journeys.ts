/** What `raiz access` and `raiz find` share: destinations from the command line, and homes with minutes and costs. */
import {type Command, InvalidArgumentError, Option} from 'commander';
import type {OfferedHome} from '../db/access.ts';
import type {Db} from '../db/client.ts';
import {selectPlaces} from '../db/places.ts';
import {readTravelFacts} from '../db/travel-facts.ts';
import {ConfigError} from '../domain/errors.ts';
import {isWithin, type Point, VALLE_DE_ABURRA} from '../lib/geo.ts';
import {PlaceIndex} from '../lib/geo-places.ts';
import {foldName} from '../lib/place-names.ts';
import {
  FARE_PROFILES,
  type Fare,
  type FareProfile,
  fareCop,
  type Loan,
  type MonthlyCost,
  monthlyCost,
  monthlyPaymentCop,
  transportCop,
} from '../lib/total-cost.ts';
import {estimateTravel, type Goal, planGoal, type Travel} from '../lib/travel.ts';
import {DEFAULT_DEPARTURE_MINUTE, linesAt, readClock, writeClock} from '../lib/travel-hours.ts';
import {TransitNetwork} from '../lib/travel-network.ts';
import {stateWays, type Ways} from '../lib/travel-ways.ts';
import {prepareGround} from '../travel/travel-plan.ts';
import {travelNotes} from './journey-notes.ts';

/** What people say with flags about their trips and their loan. */
export interface CostFlags {
  readonly to: readonly string[];
  readonly days: number;
  readonly fare: FareProfile;
  readonly downPayment: number;
  readonly rate: number;
  readonly years: number;
  /** Minutes after midnight of a working day. */
  readonly depart: number;
}

/** Defaults of a loan are assumptions, printed with every result for sale; the bank's own numbers belong in the flags. */
export function withCostOptions(command: Command): Command {
  return command
    .requiredOption(
      '--to <destino>',
      'eafit, udea, unal, upb … (raiz db query "select * from api.destination"), or "lat,lon" or "lat,lon@bello"; may be repeated',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option('--days <n>', 'days of travel a month, two trips each', numberIn(0, 31), 22)
    .addOption(
      new Option('--depart <hh:mm>', 'when you leave home, on a working day: closed lines are left out')
        .argParser(departure)
        .default(DEFAULT_DEPARTURE_MINUTE, writeClock(DEFAULT_DEPARTURE_MINUTE)),
    )
    .option('--fare <profile>', `Cívica card: ${FARE_PROFILES.join(', ')}`, fareProfile, 'frequent')
    .option('--down-payment <percent>', 'sale: share of the price paid at once', numberIn(0, 100), 30)
    .option('--rate <percent>', 'sale: effective annual rate of the loan', numberIn(0, 100), 12)
    .option('--years <n>', 'sale: years of the loan', numberIn(1, 40), 20);
}

export function numberIn(min: number, max: number): (text: string) => number {
  return text => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`a number from ${min} to ${max} is needed.`);
  };
}

function departure(text: string): number {
  const minute = readClock(text);
  if (minute === undefined) throw new InvalidArgumentError('write the hour as 07:30, from 00:00 to 23:59.');
  return minute;
}

function fareProfile(text: string): FareProfile {
  const profile = FARE_PROFILES.find(word => word === text);
  if (profile === undefined) throw new InvalidArgumentError(`one of ${FARE_PROFILES.join(', ')}.`);
  return profile;
}

export interface NamedPlace extends Point {
  /** As typed. */
  readonly to: string;
  readonly name: string;
  /** DIVIPOLA; null: unknown, and with it the fare of a bus. */
  readonly municipalityCode: string | null;
}

export type NamedGoal = Omit<NamedPlace, keyof Point> & Goal;

/** @throws ConfigError for a destination that is neither known nor a point of the valley. */
export async function resolvePlaces(db: Db, wanted: readonly string[]): Promise<NamedPlace[]> {
  const places = await selectPlaces(db);
  const index = new PlaceIndex(places);
  const codes = new Map(
    places.filter(({kind}) => kind === 'municipality').map(place => [foldName(place.name), place.placeCode]),
  );
  return wanted.map(to => {
    const {name, latitude, longitude, ...found} = findDestination(to) ?? readPoint(to, codes);
    const municipalityCode = found.municipalityCode ?? index.locate(latitude, longitude).municipality;
    return {to, name, latitude, longitude, municipalityCode};
  });
}

/** @param departMinute minutes after midnight: only lines that run then are taken */
export function planGoals(
  places: readonly NamedPlace[],
  ways: Ways = stateWays(),
  departMinute = DEFAULT_DEPARTURE_MINUTE,
): NamedGoal[] {
  const network = new TransitNetwork(linesAt(readTravelFacts().lines, departMinute));
  return places.map(({latitude, longitude, ...place}) => ({
    ...place,
    ...planGoal(network, {latitude, longitude}, ways),
  }));
}

export interface TravelPlan {
  readonly goals: readonly NamedGoal[];
  /** What minutes assume, in Spanish. */
  readonly notes: readonly string[];
}

/**
 * Goals with all ways that these homes may need, from the street network where there is one.
 * @param dataDir of the program, not of the demo
 */
export async function planTravel(
  dataDir: string,
  homes: readonly OfferedHome[],
  places: readonly NamedPlace[],
  departMinute: number,
): Promise<TravelPlan> {
  const points = homes.map(pointOf).filter(point => point !== null);
  const stations = linesAt(readTravelFacts().lines, departMinute).flatMap(line => line.stations);
  const ground = await prepareGround(dataDir, {homes: points, goals: places, stations});
  return {
    goals: planGoals(places, ground.ways, departMinute),
    notes: travelNotes(ground, departMinute),
  };
}

interface FoundPlace extends Point {
  readonly name: string;
  readonly municipalityCode: string | null;
}

function findDestination(to: string): FoundPlace | undefined {
  const key = foldName(to).replaceAll(' ', '-');
  return readTravelFacts().destinations.find(
    ({destination, name}) => destination === key || foldName(name) === foldName(to),
  );
}

const POINT = /^\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*(?:@(.+))?$/;

function readPoint(to: string, codes: ReadonlyMap<string, string>): FoundPlace {
  const [, north, east, municipality] = POINT.exec(to) ?? [];
  if (north === undefined || east === undefined) {
    const known = readTravelFacts().destinations.map(({destination}) => destination);
    const near = known.filter(name => name.startsWith(to.toLowerCase().slice(0, 3)));
    throw new ConfigError(
      `There is no destination "${to}". Known: ${(near.length > 0 ? near : known).join(', ')}. Any other place: --to "6.21,-75.57".`,
      {context: {to}},
    );
  }
  const latitude = Number(north);
  const longitude = Number(east);
  if (!isWithin(VALLE_DE_ABURRA, latitude, longitude)) {
    throw new ConfigError(
      `--to "${to}" lies outside the Valle de Aburrá: write latitude first, as 6.21,-75.57.`,
    );
  }
  if (municipality === undefined) return {name: to, latitude, longitude, municipalityCode: null};
  const municipalityCode = codes.get(foldName(municipality));
  if (municipalityCode !== undefined) return {name: to, latitude, longitude, municipalityCode};
  throw new ConfigError(
    `--to "${to}": no municipality "${municipality}" is known. Known: ${[...codes.keys()].join(', ') || 'none yet; run raiz stage enrich'}.`,
  );
}

export interface Journey {
  readonly to: string;
  /** Null: not known where the home lies, or no way found from there. */
  readonly travel: Travel | null;
  readonly fareCop: number | null;
  readonly transportCop: number | null;
}

export interface CostedHome {
  readonly home: OfferedHome;
  readonly journeys: readonly Journey[];
  /** Of the longest journey; null when one is unknown. */
  readonly worstMinutes: number | null;
  readonly cost: MonthlyCost;
  /** What keeps the total or the minutes from being known, in Spanish; empty: all is known. */
  readonly unknown: readonly string[];
}

/** @param on day of travel, `YYYY-MM-DD`: which fares hold. */
export function costHome(
  home: OfferedHome,
  goals: readonly NamedGoal[],
  flags: CostFlags,
  on: string,
): CostedHome {
  const {fares} = readTravelFacts();
  const journeys = goals.map(goal => journeyOf(home, goal, flags, fares, on));
  const minutes = journeys.map(({travel}) => travel?.minutes ?? null);
  const cost = monthlyCost(
    housingCop(home, loanOf(flags)),
    home.adminFeeCop,
    journeys.map(journey => journey.transportCop),
  );
  return {home, journeys, worstMinutes: worst(minutes), cost, unknown: listUnknown(home, journeys)};
}

export function loanOf({downPayment, rate, years}: CostFlags): Loan {
  return {downPayment: downPayment / 100, annualRate: rate / 100, years};
}

function journeyOf(
  home: OfferedHome,
  goal: NamedGoal,
  {fare: profile, days}: CostFlags,
  fares: readonly Fare[],
  on: string,
): Journey {
  const {municipalityCode: homeMunicipality} = home;
  const travel = estimateTravel(pointOf(home), goal);
  if (travel === null) return {to: goal.to, travel, fareCop: null, transportCop: null};
  const trip = {mode: travel.mode, homeMunicipality, goalMunicipality: goal.municipalityCode, profile, on};
  const fare = fareCop(trip, fares);
  return {to: goal.to, travel, fareCop: fare, transportCop: transportCop(fare, days)};
}

function pointOf({latitude, longitude}: OfferedHome): Point | null {
  return latitude === null || longitude === null ? null : {latitude, longitude};
}

function housingCop({operation, priceCop}: OfferedHome, loan: Loan): number | null {
  return operation === 'rent' || priceCop === null ? priceCop : monthlyPaymentCop(priceCop, loan);
}

function worst(minutes: readonly (number | null)[]): number | null {
  return minutes.reduce((most, value) => (most === null || value === null ? null : Math.max(most, value)));
}

function listUnknown(home: OfferedHome, journeys: readonly Journey[]): string[] {
  const untimed = journeys.some(({travel}) => travel === null);
  const unpriced = journeys.filter(({travel, fareCop: fare}) => travel !== null && fare === null);
  return [
    ...(home.priceCop === null ? ['precio'] : []),
    ...(home.adminFeeCop === null ? ['administración'] : []),
    ...(untimed ? [pointOf(home) === null ? 'ubicación' : 'ruta'] : []),
    ...unpriced.map(({to}) => `pasaje a ${to}`),
  ];
}
