/** Reads GeoJSON and CSV files of places into one shape: text fields and a geometry in WGS84 degrees. */
import {readFile} from 'node:fs/promises';
import {basename} from 'node:path';
import {promisify} from 'node:util';
import {gunzip} from 'node:zlib';
import {parse as parseCsv} from 'csv-parse/sync';
import {z} from 'zod';
import {ConfigError, describe} from '../domain/errors.ts';
import type {AreaGeometry} from '../domain/market.ts';
import type {Point} from '../lib/geo.ts';
import {isOverpass, readOverpass} from './osm-overpass.ts';
import {readPbf} from './osm-pbf.ts';
import type {OsmTags} from './osm-tags.ts';

type PlaceShape =
  | ({readonly type: 'point'} & Point)
  /** Each line a list of `[longitude, latitude]`. */
  | {readonly type: 'line'; readonly lines: readonly number[][][]}
  | {readonly type: 'area'; readonly geometry: AreaGeometry};

export interface PlaceFeature {
  /** For messages: `row 12`, `feature 3`. */
  readonly where: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Null where the file states no position. */
  readonly shape: PlaceShape | null;
}

export interface CoordinateColumns {
  readonly latitude?: string | undefined;
  readonly longitude?: string | undefined;
  /** False: a CSV of names without coordinates. */
  readonly isPlaced?: boolean;
}

/**
 * Reads `.geojson`, `.json` (GeoJSON or an Overpass answer) and `.csv` files, each also with `.gz`, and `.osm.pbf`. Text
 * is UTF-8.
 * @param isWanted which objects of an OSM PBF file to hold; of other files all are read
 * @param columns which columns of a CSV hold the coordinates; usual names are found without it
 * @throws ConfigError when the file can't be read or isn't what its name says.
 */
export async function readPlaceFile(
  path: string,
  columns: CoordinateColumns = {},
  isWanted: (tags: OsmTags) => boolean = () => true,
): Promise<PlaceFeature[]> {
  const plainName = path.toLowerCase().replace(/\.gz$/, '');
  if (plainName.endsWith('.pbf')) return readPbf(path, isWanted);
  if (/\.(geo)?json$/.test(plainName)) return readJson(await readText(path), basename(path));
  if (plainName.endsWith('.csv')) return readCsv(await readText(path), basename(path), columns);
  throw new ConfigError(
    `${path}: unknown kind of file. Places are read from .geojson, .json and .csv, also with .gz, and from .osm.pbf.`,
  );
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    const plain = path.toLowerCase().endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes;
    return new TextDecoder('utf-8', {fatal: true}).decode(plain);
  } catch (cause) {
    throw new ConfigError(
      `${path}: can't be read (${reasonOf(cause)}). Check the path, that it is whole, and UTF-8.`,
      {cause},
    );
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? cause.message) : String(cause);
}

const position = z.array(z.number()).min(2);
const line = z.array(position).min(2);
const ring = z
  .array(position)
  .min(4)
  .refine(isClosed, 'the ring is not closed: its first and last positions must be the same');
const polygon = z.array(ring).min(1);

const geometry = z.discriminatedUnion('type', [
  z.object({type: z.literal('Point'), coordinates: position}),
  z.object({type: z.literal('LineString'), coordinates: line}),
  z.object({type: z.literal('MultiLineString'), coordinates: z.array(line)}),
  z.object({type: z.literal('Polygon'), coordinates: polygon}),
  z.object({type: z.literal('MultiPolygon'), coordinates: z.array(polygon).min(1)}),
]);

const featureCollection = z.object({
  type: z.literal('FeatureCollection'),
  features: z.array(
    z.object({
      type: z.literal('Feature'),
      id: z.union([z.string(), z.number()]).optional(),
      properties: z.record(z.string(), z.unknown()).nullable(),
      geometry: geometry.nullable(),
    }),
  ),
});

function isClosed(positions: number[][]): boolean {
  const first = positions[0];
  const last = positions.at(-1);
  return first?.[0] === last?.[0] && first?.[1] === last?.[1];
}

const serverError = z.object({error: z.object({message: z.string().optional()})});

function readJson(text: string, name: string): PlaceFeature[] {
  const value = parseJson(text, name);
  const failed = serverError.safeParse(value);
  if (failed.success) {
    throw new ConfigError(
      `${name} is a server's error message, not places: "${failed.data.error.message ?? 'no words'}". Download it again.`,
    );
  }
  return isOverpass(value) ? readOverpass(value, name) : readGeoJson(value, name);
}

function readGeoJson(value: unknown, name: string): PlaceFeature[] {
  const checked = featureCollection.safeParse(value);
  if (!checked.success) {
    const lines = checked.error.issues
      .slice(0, 5)
      .map(issue => `  ${issue.path.join('.') || 'file'}: ${issue.message}`);
    throw new ConfigError(
      `${name} is not a GeoJSON FeatureCollection of points, lines or polygons:\n${lines.join('\n')}\nRepair the file or export it again.`,
    );
  }
  return checked.data.features.map((feature, index) => ({
    where: `feature ${index + 1}`,
    fields: textFields(feature.properties ?? {}, feature.id),
    shape: feature.geometry === null ? null : shapeOf(feature.geometry),
  }));
}

function parseJson(text: string, name: string): unknown {
  if (text.trim() === '') throw new ConfigError(`${name} is empty. Download it again.`);
  if (/^\s*</.test(text)) {
    throw new ConfigError(
      `${name} is a web page or XML, not JSON: a server's error saved under another name? Download it again.`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(
      `${name} is not JSON (${reasonOf(cause)}). Is it cut off? Export or download it again.`,
      {cause},
    );
  }
}

/** A feature's own id stands as field `id` where no property has that name. */
function textFields(
  properties: Record<string, unknown>,
  id: string | number | undefined,
): Record<string, string> {
  const fields: Record<string, string> = id === undefined ? {} : {id: String(id)};
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      fields[key] = String(value).trim();
  }
  return fields;
}

function shapeOf(source: z.infer<typeof geometry>): PlaceShape {
  switch (source.type) {
    case 'Point':
      return {
        type: 'point',
        longitude: source.coordinates[0] ?? Number.NaN,
        latitude: source.coordinates[1] ?? Number.NaN,
      };
    case 'LineString':
      return {type: 'line', lines: [source.coordinates]};
    case 'MultiLineString':
      return {type: 'line', lines: source.coordinates};
    default:
      return {type: 'area', geometry: source};
  }
}

const LATITUDE_NAMES = ['latitude', 'latitud', 'lat', 'y', 'lat_centroide'];
const LONGITUDE_NAMES = ['longitude', 'longitud', 'lon', 'lng', 'long', 'x', 'lon_centroide'];

function readCsv(text: string, name: string, columns: CoordinateColumns): PlaceFeature[] {
  const rows = parseRows(text, name);
  if (columns.isPlaced === false)
    return rows.map((fields, index) => ({where: `row ${index + 2}`, fields, shape: null}));
  const header = Object.keys(rows[0] ?? {});
  const latitude = findField(header, columns.latitude, LATITUDE_NAMES, `${name}: latitude`, '--lat');
  const longitude = findField(header, columns.longitude, LONGITUDE_NAMES, `${name}: longitude`, '--lon');
  return rows.map((row, index) => {
    const where = `row ${index + 2}`;
    const point = {
      latitude: readDegrees(row[latitude] ?? '', `${name} ${where}, ${latitude}`),
      longitude: readDegrees(row[longitude] ?? '', `${name} ${where}, ${longitude}`),
    };
    const isStated = point.latitude !== null && point.longitude !== null;
    return {
      where,
      fields: row,
      shape: isStated
        ? {type: 'point', latitude: point.latitude ?? 0, longitude: point.longitude ?? 0}
        : null,
    };
  });
}

function parseRows(text: string, name: string): Record<string, string>[] {
  let rows: unknown;
  try {
    rows = parseCsv(text, {
      columns: true,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      delimiter: delimiterOf(text),
    });
  } catch (cause) {
    throw new ConfigError(
      `${name} is not a CSV with one header line (${reasonOf(cause)}). Repair that row.`,
      {cause},
    );
  }
  const checked = z.array(z.record(z.string(), z.string())).min(1).safeParse(rows);
  if (!checked.success)
    throw new ConfigError(`${name} holds no rows under its header. Is it the right file?`);
  return checked.data;
}

/** The separator the header line uses most. */
function delimiterOf(text: string): string {
  const header = text.split('\n', 1)[0] ?? '';
  const uses = (delimiter: string) => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, next) => (uses(next) > uses(best) ? next : best));
}

/** Decimal degrees; decimal commas are read, an empty cell is null. */
function readDegrees(cell: string, where: string): number | null {
  if (cell === '') return null;
  const value = Number(/^-?\d+,\d+$/.test(cell) ? cell.replace(',', '.') : cell);
  if (Number.isFinite(value)) return value;
  throw new ConfigError(
    `${where}: expected decimal degrees, got ${describe(cell)}. Write 6.25114, not 6°15'04".`,
  );
}

/**
 * The field that is meant: the one asked for, else the first of the usual names, upper or lower case.
 * @throws ConfigError naming the fields that are there.
 */
export function findField(
  header: readonly string[],
  asked: string | undefined,
  usual: readonly string[],
  what: string,
  flag: string,
): string {
  const found = asked === undefined ? findUsual(header, usual) : header.find(field => field === asked);
  if (found !== undefined) return found;
  const missing = asked === undefined ? 'no field found' : `there is no field "${asked}"`;
  throw new ConfigError(
    `${what}: ${missing}. Say which with ${flag}; the file has: ${header.join(', ') || 'no fields'}.`,
  );
}

export function findUsual(header: readonly string[], usual: readonly string[]): string | undefined {
  return usual
    .map(name => header.find(field => field.toLowerCase() === name))
    .find(field => field !== undefined);
}
