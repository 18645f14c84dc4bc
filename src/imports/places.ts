/** Files of places and points of interest into `core.place` and `core.poi`. Everything is checked before a row is written. */
import {basename} from 'node:path';
import {z} from 'zod';
import type {Database} from '../db/client.ts';
import {countUnknownParents, type WriteCounts, writePlaces, writePois} from '../db/places.ts';
import {ConfigError} from '../domain/errors.ts';
import {PLACE_KINDS, type PlaceKind, POI_CATEGORIES, type PoiCategory} from '../domain/vocabulary.ts';
import {judgeCoordinates, type Point, polygonsOf} from '../lib/geo.ts';
import {type PlaceFeature, readPlaceFile} from './place-file.ts';
import {buildPlaces, buildPois, type LocatedFeature} from './place-rows.ts';

const shared = {
  source: z.string().trim().min(1, 'is empty'),
  licence: z.string().trim().min(1, 'is empty'),
  asOf: z.iso.date('must be a day as 2026-02-27'),
  latitudeField: z.string().optional(),
  longitudeField: z.string().optional(),
  idField: z.string().optional(),
  nameField: z.string().optional(),
  /** Only features whose fields have exactly these values. */
  where: z.record(z.string(), z.string()).default({}),
};

const optionsSchema = z.discriminatedUnion('holds', [
  z.strictObject({holds: z.literal('pois'), category: z.enum(POI_CATEGORIES), ...shared}),
  z.strictObject({
    holds: z.literal('places'),
    kind: z.enum(PLACE_KINDS),
    parentField: z.string().optional(),
    within: z.string().optional(),
    ...shared,
  }),
]);

type CheckedOptions = z.output<typeof optionsSchema>;

/** As a person gives them: unchecked words. Exactly one of `category` and `kind`. */
export interface PlaceImportOptions {
  readonly category?: string | undefined;
  readonly kind?: string | undefined;
  readonly source?: string | undefined;
  readonly licence?: string | undefined;
  /** Day the file speaks of, `YYYY-MM-DD`. */
  readonly asOf?: string | undefined;
  readonly latitudeField?: string | undefined;
  readonly longitudeField?: string | undefined;
  readonly idField?: string | undefined;
  readonly nameField?: string | undefined;
  readonly parentField?: string | undefined;
  readonly within?: string | undefined;
  readonly where?: Readonly<Record<string, string>> | undefined;
}

export interface PlaceImportReport extends WriteCounts {
  readonly holds: PlaceKind | PoiCategory;
  readonly files: number;
  /** Features of the files, before `where`. */
  readonly features: number;
  /** Features that `where` left out. */
  readonly notAsked: number;
  /** Features that state no position: skipped. */
  readonly withoutPosition: number;
  /** Features with an id that came before. */
  readonly repeated: number;
  /** Places in the database whose parent is not there (yet). */
  readonly unknownParents: number;
}

/**
 * Imports files as one set: all rows or none. The same files again change nothing.
 * @throws ConfigError on a wrong option, file, field, id or position; nothing is written then.
 */
export async function importPlaces(
  database: Database,
  paths: readonly string[],
  options: PlaceImportOptions,
): Promise<PlaceImportReport> {
  const checked = checkOptions(options);
  const all = await readFeatures(paths, checked);
  const asked = all.filter(feature => isAsked(feature, checked.where));
  const located = asked.flatMap(({shape, ...feature}) => (shape === null ? [] : [{...feature, shape}]));
  refuseNothing(all, located, checked);
  refuseBadPositions(located);
  const {repeated, counts} = await writeRows(database, located, checked);
  return {
    holds: checked.holds === 'pois' ? checked.category : checked.kind,
    files: paths.length,
    features: all.length,
    notAsked: all.length - asked.length,
    withoutPosition: asked.length - located.length,
    repeated,
    ...counts,
    unknownParents: await countUnknownParents(database.orm),
  };
}

async function writeRows(
  database: Database,
  located: readonly LocatedFeature[],
  options: CheckedOptions,
): Promise<{repeated: number; counts: WriteCounts}> {
  if (options.holds === 'pois') {
    const {rows, repeated} = buildPois(located, options.category, options);
    return {repeated, counts: await database.orm.transaction(tx => writePois(tx, rows))};
  }
  const {rows, repeated} = buildPlaces(located, options.kind, options);
  return {repeated, counts: await database.orm.transaction(tx => writePlaces(tx, rows))};
}

const FLAGS: Readonly<Record<string, string>> = {
  asOf: '--as-of',
  source: '--source',
  licence: '--licence',
  parentField: '--parent-field goes with --kind only',
  within: '--within goes with --kind only',
};

function checkOptions({category, kind, ...rest}: PlaceImportOptions): CheckedOptions {
  refuseUnknownWord('category', category, POI_CATEGORIES);
  refuseUnknownWord('kind', kind, PLACE_KINDS);
  if ((category === undefined) === (kind === undefined)) {
    throw new ConfigError(
      'say what the file holds: either --category (points of interest) or --kind (areas).',
    );
  }
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const checked = optionsSchema.safeParse(
    category === undefined ? {holds: 'places', kind, ...given} : {holds: 'pois', category, ...given},
  );
  if (checked.success) return checked.data;
  const lines = checked.error.issues.map(({path, message, ...issue}) => {
    const names = 'keys' in issue ? issue.keys : [path.join('.')];
    return names.map(name => `${FLAGS[String(name)] ?? name}: ${message}`).join('; ');
  });
  throw new ConfigError(
    `wrong options of a places import: ${lines.join('; ')}. See raiz places import --help.`,
  );
}

function refuseUnknownWord(what: string, word: string | undefined, words: readonly string[]): void {
  if (word === undefined || words.includes(word)) return;
  throw new ConfigError(`unknown ${what} "${word}". Known: ${words.join(', ')}`);
}

async function readFeatures(
  paths: readonly string[],
  options: CheckedOptions,
): Promise<(PlaceFeature & {file: string})[]> {
  const columns = {latitude: options.latitudeField, longitude: options.longitudeField};
  const features: (PlaceFeature & {file: string})[] = [];
  for (const path of paths) {
    for (const feature of await readPlaceFile(path, columns))
      features.push({...feature, file: basename(path)});
  }
  return features;
}

function isAsked(feature: PlaceFeature, where: Readonly<Record<string, string>>): boolean {
  return Object.entries(where).every(([field, value]) => feature.fields[field] === value);
}

function refuseNothing(
  all: readonly PlaceFeature[],
  located: readonly LocatedFeature[],
  options: CheckedOptions,
): void {
  if (located.length > 0) return;
  const fields = [...new Set(all.flatMap(feature => Object.keys(feature.fields)))].slice(0, 20).join(', ');
  const reason =
    Object.keys(options.where).length === 0
      ? 'no feature has a position'
      : 'no feature with a position meets --where';
  throw new ConfigError(
    `nothing to import: ${reason} (${all.length} read). Fields there are: ${fields || 'none'}.`,
  );
}

/** One impossible position puts the whole file in doubt: its columns or its projection may be others than believed. */
function refuseBadPositions(located: readonly LocatedFeature[]): void {
  const bad: string[] = [];
  let swapped = 0;
  for (const feature of located) {
    const wrong = verticesOf(feature).find(
      point => judgeCoordinates(point.latitude, point.longitude) !== 'plausible',
    );
    if (wrong === undefined) continue;
    if (judgeCoordinates(wrong.latitude, wrong.longitude) === 'swapped') swapped++;
    bad.push(`  ${feature.file} ${feature.where}: latitude ${wrong.latitude}, longitude ${wrong.longitude}`);
  }
  if (bad.length === 0) return;
  const advice =
    swapped > 0
      ? 'Latitude and longitude are swapped: GeoJSON wants [longitude, latitude]; for a CSV say --lat and --lon the other way round.'
      : 'They lie outside Colombia. Coordinates must be WGS84 degrees (EPSG:4326): reproject the file, or take those rows out.';
  throw new ConfigError(
    `${bad.length} of ${located.length} positions can't be right, nothing was imported:\n${bad.slice(0, 5).join('\n')}\n${advice}`,
    {context: {bad: bad.length, swapped}},
  );
}

function verticesOf({shape}: LocatedFeature): Point[] {
  if (shape.type === 'point') return [shape];
  const positions = shape.type === 'line' ? shape.lines.flat() : polygonsOf(shape.geometry).flat(2);
  return positions.map(([longitude = Number.NaN, latitude = Number.NaN]) => ({latitude, longitude}));
}
