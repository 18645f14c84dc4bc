/** Files of places and points of interest into `core.place` and `core.poi`. Everything is checked before a row is written. */
import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {basename} from 'node:path';
import {z} from 'zod';
import type {Database, Tx} from '../db/client.ts';
import {
  countUnknownParents,
  type PlaceFileRow,
  type WriteCounts,
  writePlaceFiles,
  writePlaces,
  writePois,
  writeStratumPoints,
} from '../db/places.ts';
import {ConfigError} from '../domain/errors.ts';
import {PLACE_KINDS, type PlaceKind, POI_CATEGORIES, type PoiCategory} from '../domain/vocabulary.ts';
import {judgeCoordinates, type Point, polygonsOf} from '../lib/geo.ts';
import {isOfCategory} from './osm-tags.ts';
import {type Coverage, measureCoverage} from './place-checks.ts';
import {type PlaceFeature, readPlaceFile} from './place-file.ts';
import {
  buildPlaces,
  buildPois,
  buildStratumPoints,
  gatherCorners,
  type LocatedFeature,
  refuseCorners,
} from './place-rows.ts';

const shared = {
  source: z.string().trim().min(1, 'is empty'),
  licence: z.string().trim().min(1, 'is empty'),
  asOf: z.iso.date('must be a day as 2026-02-27'),
  latitudeField: z.string().optional(),
  longitudeField: z.string().optional(),
  idField: z.string().optional(),
  nameField: z.string().optional(),
  /** True: a set with nothing of what is asked for is no mistake. */
  mayBeEmpty: z.boolean().default(false),
  /** Only features whose fields have exactly these values. */
  where: z.record(z.string(), z.string()).default({}),
};

const optionsSchema = z.discriminatedUnion('holds', [
  z.strictObject({
    holds: z.literal('pois'),
    category: z.enum(POI_CATEGORIES),
    corners: z.boolean().default(false),
    ...shared,
  }),
  z.strictObject({
    holds: z.literal('places'),
    kind: z.enum(PLACE_KINDS),
    parentField: z.string().optional(),
    within: z.string().optional(),
    ...shared,
  }),
  z.strictObject({
    holds: z.literal('strata'),
    stratumField: z.string().optional(),
    blockField: z.string().optional(),
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
  /** The file's points are corners of outlines: gather them. */
  readonly corners?: boolean | undefined;
  /** Nothing of what is asked for is no mistake: a city may have no prison. */
  readonly mayBeEmpty?: boolean | undefined;
  readonly stratumField?: string | undefined;
  readonly blockField?: string | undefined;
  readonly where?: Readonly<Record<string, string>> | undefined;
}

export interface PlaceImportReport extends WriteCounts {
  readonly holds: PlaceKind | PoiCategory | 'stratum';
  readonly files: number;
  /** Features of the files, before `where`. */
  readonly features: number;
  /** Features that `where` left out. */
  readonly notAsked: number;
  /** Features that state no position: skipped. */
  readonly withoutPosition: number;
  /** Features with an id that came before. */
  readonly repeated: number;
  /** How well areas cover their ground; null for anything else. */
  readonly coverage: Coverage | null;
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
  const asked = all.filter(feature => isAsked(feature, checked));
  const located = asked.flatMap(({shape, ...feature}) => (shape === null ? [] : [{...feature, shape}]));
  if (!checked.mayBeEmpty) refuseNothing(all, located, checked);
  refuseBadPositions(located);
  const set = buildSet(located, checked);
  const files = await describeFiles(paths, all, checked);
  const counts = await database.orm.transaction(async tx => {
    await writePlaceFiles(tx, files);
    return set.write(tx);
  });
  return {
    holds: wordOf(checked),
    files: paths.length,
    features: all.length,
    notAsked: all.length - asked.length,
    withoutPosition: asked.length - located.length,
    repeated: set.repeated,
    ...counts,
    coverage: set.coverage,
    unknownParents: await countUnknownParents(database.orm),
  };
}

interface RowSet {
  readonly repeated: number;
  readonly coverage: Coverage | null;
  readonly write: (tx: Tx) => Promise<WriteCounts>;
}

/** All checks are over when the set is built: nothing is written before. */
function buildSet(located: readonly LocatedFeature[], options: CheckedOptions): RowSet {
  if (options.holds === 'strata') {
    const {rows, repeated} = buildStratumPoints(located, options);
    if (rows.length === 0)
      throw new ConfigError('no row has a stratum from 1 to 6. Say which field it is: --stratum-field.');
    return {repeated, coverage: null, write: tx => writeStratumPoints(tx, rows)};
  }
  if (options.holds === 'pois') {
    if (!options.corners) refuseCorners(located, options);
    const features = options.corners ? gatherCorners(located, options) : located;
    const {rows, repeated} = buildPois(features, options.category, options);
    return {
      repeated: repeated + located.length - features.length,
      coverage: null,
      write: tx => writePois(tx, rows),
    };
  }
  const {rows, repeated} = buildPlaces(located, options.kind, options);
  const coverage = measureCoverage(rows.flatMap(({geometry}) => geometry ?? []));
  return {repeated, coverage, write: tx => writePlaces(tx, rows)};
}

function wordOf(options: CheckedOptions): PlaceImportReport['holds'] {
  if (options.holds === 'strata') return 'stratum';
  return options.holds === 'pois' ? options.category : options.kind;
}

async function describeFiles(
  paths: readonly string[],
  features: readonly {readonly file: string}[],
  options: CheckedOptions,
): Promise<PlaceFileRow[]> {
  const {source, licence, asOf} = options;
  return Promise.all(
    paths.map(async path => {
      const fileName = basename(path);
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of createReadStream(path)) {
        if (!Buffer.isBuffer(chunk)) continue;
        bytes += chunk.length;
        hash.update(chunk);
      }
      const own = features.filter(feature => feature.file === fileName).length;
      return {
        sha256: hash.digest('hex'),
        holds: wordOf(options),
        fileName,
        bytes,
        source,
        licence,
        asOf,
        features: own,
      };
    }),
  );
}

const FLAGS: Readonly<Record<string, string>> = {
  asOf: '--as-of',
  source: '--source',
  licence: '--licence',
  parentField: '--parent-field goes with --kind only',
  within: '--within goes with --kind only',
  corners: '--corners goes with --category only',
  stratumField: '--stratum-field goes with --kind stratum only',
  blockField: '--block-field goes with --kind stratum only',
};

function checkOptions({category, kind, ...rest}: PlaceImportOptions): CheckedOptions {
  refuseUnknownWord('category', category, POI_CATEGORIES);
  refuseUnknownWord('kind', kind, [...PLACE_KINDS, 'stratum']);
  if ((category === undefined) === (kind === undefined)) {
    throw new ConfigError(
      'say what the file holds: either --category (points of interest) or --kind (areas).',
    );
  }
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const checked = optionsSchema.safeParse({...holdsOf(category, kind), ...given});
  if (checked.success) return checked.data;
  const lines = checked.error.issues.map(({path, message, ...issue}) => {
    const names = 'keys' in issue ? issue.keys : [path.join('.')];
    return names.map(name => `${FLAGS[String(name)] ?? name}: ${message}`).join('; ');
  });
  throw new ConfigError(
    `wrong options of a places import: ${lines.join('; ')}. See raiz places import --help.`,
  );
}

function holdsOf(category: string | undefined, kind: string | undefined) {
  if (category !== undefined) return {holds: 'pois', category};
  return kind === 'stratum' ? {holds: 'strata'} : {holds: 'places', kind};
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
    for (const feature of await readPlaceFile(path, columns, tags =>
      isAsked({where: 'node/', fields: tags}, options),
    ))
      features.push({...feature, file: basename(path)});
  }
  return features;
}

const OSM_OBJECT = /^(node|way|relation)\//;

/** Objects of an Overpass answer or a PBF file are asked for by their category's tags where `--where` says nothing. */
function isAsked({where, fields}: Pick<PlaceFeature, 'where' | 'fields'>, options: CheckedOptions): boolean {
  const conditions = Object.entries(options.where);
  if (conditions.length > 0) return conditions.every(([field, value]) => fields[field] === value);
  return options.holds !== 'pois' || !OSM_OBJECT.test(where) || isOfCategory(fields, options.category);
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
