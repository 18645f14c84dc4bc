/** Lines, fares and destinations of `data/reference/`, checked. Their sources: `data/reference/SOURCES.md`. */
import {readFileSync} from 'node:fs';
import {parse} from 'csv-parse/sync';
import {z} from 'zod';
import {ContractError} from '../domain/errors.ts';
import type {Point} from '../lib/geo.ts';
import {FARE_PROFILES, type Fare} from '../lib/total-cost.ts';
import {TRAVEL_MODES} from '../lib/travel.ts';
import {readClock} from '../lib/travel-hours.ts';
import {type Station, TRANSIT_MODES, type TransitLine} from '../lib/travel-network.ts';

const FOLDER = new URL('../../data/reference/', import.meta.url);

const code = z.string().regex(/^\d{5}$/, 'a DIVIPOLA code has five digits');
const pointRow = z.object({
  source_id: z.string().min(1),
  name: z.string(),
  latitude: z.coerce.number(),
  longitude: z.coerce.number(),
  source: z.string().min(1),
  licence: z.string().min(1),
  as_of: z.iso.date(),
});
const clock = z.string().transform((text, check) => {
  const minute = readClock(text);
  if (minute !== undefined) return minute;
  check.addIssue(`an hour of the day is written as 04:30, not "${text}"`);
  return z.NEVER;
});
const lineRow = z.object({
  line: z.string().min(1),
  mode: z.enum(TRANSIT_MODES),
  stations: z.string().transform(ids => ids.split(' ')),
  speed_kmh: z.coerce.number().positive(),
  headway_minutes: z.coerce.number().positive(),
  opens: clock,
  closes: clock,
  basis: z.string().min(1),
});
const fareRow = z.object({
  service: z.enum(TRAVEL_MODES).exclude(['walk']),
  profile: z.union([z.enum(FARE_PROFILES), z.literal('')]),
  municipality_code: z.union([code, z.literal('')]),
  fare_cop: z.coerce.number().int().positive(),
  valid_from: z.iso.date(),
  source: z.string().min(1),
  url: z.url(),
});
const destinationRow = z.object({
  destination: z.string().regex(/^[a-z0-9-]+$/),
  source_id: z.string().min(1),
  municipality_code: code,
});

/** A place people travel to, by its short name: `eafit`. */
export interface Destination extends Point {
  readonly destination: string;
  readonly name: string;
  readonly municipalityCode: string;
  readonly source: string;
  readonly licence: string;
  readonly asOf: string;
}

export interface TravelFacts {
  readonly lines: readonly TransitLine[];
  readonly fares: readonly Fare[];
  readonly destinations: readonly Destination[];
}

let read: TravelFacts | undefined;

/**
 * Read once a process.
 * @throws ContractError when a row is malformed or names a station or place that the other files don't have.
 */
export function readTravelFacts(): TravelFacts {
  read ??= readFacts();
  return read;
}

function readFacts(): TravelFacts {
  const stationRows = readRows('stations.csv', pointRow);
  const stations = new Map(stationRows.map(row => [row.source_id, row]));
  const points = new Map(
    [...stationRows, ...readRows('pois.csv', pointRow)].map(row => [row.source_id, row]),
  );
  return {
    lines: readRows('lines.csv', lineRow).map(row => ({
      line: row.line,
      mode: row.mode,
      stations: row.stations.map((id): Station => {
        const {name, latitude, longitude} = known(stations, id, 'lines.csv', 'stations.csv');
        return {stationId: id, name, latitude, longitude};
      }),
      speedKmh: row.speed_kmh,
      headwayMinutes: row.headway_minutes,
      opensMinute: row.opens,
      closesMinute: row.closes,
    })),
    fares: readRows('fares.csv', fareRow).map(row => ({
      service: row.service,
      profile: row.profile === '' ? null : row.profile,
      municipalityCode: row.municipality_code === '' ? null : row.municipality_code,
      fareCop: row.fare_cop,
      validFrom: row.valid_from,
      source: row.source,
      url: row.url,
    })),
    destinations: readRows('destinations.csv', destinationRow).map(row => {
      const found = known(points, row.source_id, 'destinations.csv', 'pois.csv or stations.csv');
      const {name, latitude, longitude, source, licence, as_of: asOf} = found;
      const {destination, municipality_code: municipalityCode} = row;
      return {destination, name, latitude, longitude, municipalityCode, source, licence, asOf};
    }),
  };
}

function known<Row>(rows: ReadonlyMap<string, Row>, id: string, file: string, where: string): Row {
  const row = rows.get(id);
  if (row !== undefined) return row;
  throw new ContractError(
    `data/reference/${file} names "${id}", which ${where} doesn't have. Repair it or restore the file from git.`,
  );
}

function readRows<Row>(name: string, schema: z.ZodType<Row>): Row[] {
  const checked = z.array(schema).safeParse(parse(readFileSync(new URL(name, FOLDER)), {columns: true}));
  if (checked.success) return checked.data;
  throw new ContractError(
    `data/reference/${name}: ${z.prettifyError(checked.error)}. Repair the row or restore the file from git.`,
  );
}
