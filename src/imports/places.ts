/** Files of places and points of interest into `core.place` and `core.poi`. Everything is checked before a row is written. */
import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {basename} from 'node:path';
import type {Database, Tx} from '../db/client.ts';
import {
  countUnknownParents,
  type PlaceFileRow,
  selectOtherAreas,
  type WriteCounts,
  writePlaceFiles,
  writePlaces,
  writePois,
  writeStratumPoints,
} from '../db/places.ts';
import {ConfigError} from '../domain/errors.ts';
import {judgeCoordinates, type Point, polygonsOf} from '../lib/geo.ts';
import {isOfCategory} from './osm-tags.ts';
import {type Coverage, measureCoverage, refuseSecondCodes} from './place-checks.ts';
import {type PlaceFeature, readPlaceFile} from './place-file.ts';
import {
  type CheckedOptions,
  checkOptions,
  type PlaceImportOptions,
  type PlaceWord,
  wordOf,
} from './place-options.ts';
import {
  buildPlaces,
  buildPois,
  buildStratumPoints,
  gatherCorners,
  type LocatedFeature,
  refuseCorners,
} from './place-rows.ts';

export interface PlaceImportReport extends WriteCounts {
  readonly holds: PlaceWord;
  readonly files: number;
  /** Features of the files, before `where`. */
  readonly features: number;
  /** Features that `where` left out. */
  readonly notAsked: number;
  /** Features that state no position: skipped. */
  readonly withoutPosition: number;
  /** Features with an id that came before. */
  readonly repeated: number;
  /** Corners that were gathered into objects. */
  readonly gathered: number;
  /** Rows left out because they state no stratum from 1 to 6. */
  readonly withoutStratum: number;
  /** How well areas cover their ground; null for anything else. */
  readonly coverage: Coverage | null;
  /** Places in the database whose parent is not there (yet). */
  readonly unknownParents: number;
}

/** Files and what they hold. */
export interface PlaceFiles {
  readonly paths: readonly string[];
  readonly options: PlaceImportOptions;
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
  const [report] = await importPlaceSets(database, [{paths, options}]);
  if (report === undefined) throw new TypeError('one set has one report');
  return report;
}

/**
 * Imports several sets: all of them or none. Every set is checked before the first row is written.
 * @throws ConfigError as `importPlaces`
 */
export async function importPlaceSets(
  database: Database,
  sets: readonly PlaceFiles[],
): Promise<PlaceImportReport[]> {
  const prepared: PreparedSet[] = [];
  for (const {paths, options} of sets) prepared.push(await prepareSet(paths, options));
  const counts = await database.orm.transaction(async tx => {
    const written: WriteCounts[] = [];
    for (const {rows, files} of prepared) {
      await writePlaceFiles(tx, files);
      written.push(await rows.write(tx));
    }
    return written;
  });
  const unknownParents = await countUnknownParents(database.orm);
  return prepared.map(({report}, index) => ({...report, ...(counts[index] ?? NONE), unknownParents}));
}

const NONE: WriteCounts = {inserted: 0, updated: 0, unchanged: 0, removed: 0};

interface PreparedSet {
  readonly rows: RowSet;
  readonly files: readonly PlaceFileRow[];
  readonly report: Omit<PlaceImportReport, keyof WriteCounts | 'unknownParents'>;
}

async function prepareSet(paths: readonly string[], options: PlaceImportOptions): Promise<PreparedSet> {
  const checked = checkOptions(options);
  const all = await readFeatures(paths, checked);
  const asked = all.filter(feature => isAsked(feature, checked));
  const located = asked.flatMap(({shape, ...feature}) => (shape === null ? [] : [{...feature, shape}]));
  if (!checked.mayBeEmpty) refuseNothing(all, located, checked);
  refuseBadPositions(located);
  const {write, ...told} = buildSet(located, checked);
  return {
    rows: {write, ...told},
    files: await describeFiles(paths, all, checked),
    report: {
      holds: wordOf(checked),
      files: paths.length,
      features: all.length,
      notAsked: all.length - asked.length,
      withoutPosition: asked.length - located.length,
      ...told,
    },
  };
}

interface RowSet {
  readonly repeated: number;
  readonly gathered: number;
  readonly withoutStratum: number;
  readonly coverage: Coverage | null;
  readonly write: (tx: Tx) => Promise<WriteCounts>;
}

/** All checks are over when the set is built: nothing is written before. */
function buildSet(located: readonly LocatedFeature[], options: CheckedOptions): RowSet {
  if (options.holds === 'strata') {
    const {rows, repeated} = buildStratumPoints(located, options);
    if (rows.length === 0)
      throw new ConfigError('no row has a stratum from 1 to 6. Say which field it is: --stratum-field.');
    const withoutStratum = located.length - repeated - rows.length;
    return {repeated, gathered: 0, withoutStratum, coverage: null, write: tx => writeStratumPoints(tx, rows)};
  }
  if (options.holds === 'pois') {
    if (!options.corners) refuseCorners(located, options);
    const features = options.corners ? gatherCorners(located, options) : located;
    const {rows, repeated} = buildPois(features, options.category, options);
    return {
      repeated,
      gathered: located.length - features.length,
      withoutStratum: 0,
      coverage: null,
      write: tx => writePois(tx, rows),
    };
  }
  const {rows, repeated} = buildPlaces(located, options.kind, options);
  const coverage = measureCoverage(rows.flatMap(({geometry}) => geometry ?? []));
  const codes = rows.map(row => row.placeCode);
  const write = async (tx: Tx) => {
    refuseSecondCodes(rows, await selectOtherAreas(tx, options.kind, codes));
    return writePlaces(tx, rows);
  };
  return {repeated, gathered: 0, withoutStratum: 0, coverage, write};
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
