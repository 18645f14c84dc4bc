/** Rows of `core.place` and `core.poi` out of the features of a file. Pure but for its errors. */
import type {PlaceRow, PoiRow, StratumPointRow} from '../db/places.ts';
import {ConfigError} from '../domain/errors.ts';
import type {AreaGeometry} from '../domain/market.ts';
import type {PlaceKind, PoiCategory} from '../domain/vocabulary.ts';
import {densifyLine, measureArea, type Point, polygonsOf} from '../lib/geo.ts';
import {calmName, foldName, slugName} from '../lib/place-names.ts';
import {clusterCorners, findSelfCrossing, refuseScatteredIds} from './place-checks.ts';
import {findField, findUsual, type PlaceFeature} from './place-file.ts';

/** Which fields are meant, and what all rows of the import share. */
export interface RowSettings {
  readonly source: string;
  readonly licence: string;
  readonly asOf: string;
  readonly idField?: string | undefined;
  readonly nameField?: string | undefined;
  readonly parentField?: string | undefined;
  /** Place that the file's codes are numbered in; they become `<within>-<code>`. */
  readonly within?: string | undefined;
}

export interface LocatedFeature extends PlaceFeature {
  readonly file: string;
  readonly shape: NonNullable<PlaceFeature['shape']>;
}

const ID_FIELDS = ['source_id', 'osm_id', '@id', 'id', 'code', 'codigo', 'poi_id', 'property_id'];
const NAME_FIELDS = ['name', 'nombre', 'nom', 'nombre_sede', 'nombre_cai'];
const OSM_OBJECT = /^(node|way|relation)\/\d+$/;

/**
 * Id of a point of interest: the same on every machine, and one for an OpenStreetMap object wherever it came from.
 * @param namespace tells equal numbers of different sources apart; OpenStreetMap ids need none
 */
export function poiIdOf(category: PoiCategory, namespace: string, sourceId: string): string {
  return `${category}/${OSM_OBJECT.test(sourceId) ? 'osm' : namespace}:${sourceId}`;
}

/**
 * Points of interest. An area becomes its centre; a line stays one, its point is the middle of its longest part.
 * Features with one id are one object: lines are joined, of points and areas the first stands.
 * @throws ConfigError when a feature has no id (only official objects are accepted), when one id stands for points far
 * apart, or when an OpenStreetMap object comes under another licence than ODbL.
 */
export function buildPois(
  features: readonly LocatedFeature[],
  category: PoiCategory,
  settings: RowSettings,
): {rows: PoiRow[]; repeated: number} {
  const {source, licence, asOf} = settings;
  const namespace = slugName(source);
  const objects = groupBy(features, feature => poiSourceId(feature, settings));
  refuseWrongLicence(features, [...objects.keys()], settings);
  refuseScatteredIds(new Map([...objects].map(([id, group]) => [id, pointsOf(group)])));
  const rows: PoiRow[] = [];
  for (const [sourceId, group] of objects) {
    const poiId = poiIdOf(category, namespace, sourceId);
    const name = firstName(group, settings);
    const lines = group.flatMap(({shape}) => (shape.type === 'line' ? shape.lines : []));
    const geometry = lines.length === 0 ? null : {type: 'MultiLineString' as const, coordinates: lines};
    const point = geometry === null ? pointsOf(group)[0] : middleOfLongest(lines);
    if (point === undefined) continue;
    rows.push({poiId, category, name, ...rounded(point), geometry, source, sourceId, licence, asOf});
  }
  return {rows, repeated: features.length - objects.size};
}

/**
 * Places. A code that comes twice with one name is one place in several parts.
 * @throws ConfigError when a feature is no area, has no code or no name, or a code stands for two names.
 */
export function buildPlaces(
  features: readonly LocatedFeature[],
  kind: PlaceKind,
  settings: RowSettings,
): {rows: PlaceRow[]; repeated: number} {
  const {source, licence, asOf, within} = settings;
  const groups = groupBy(features, feature => placeCode(feature, settings));
  refuseAmbiguousCodes(groups, settings);
  const rows: PlaceRow[] = [];
  for (const [code, group] of groups) {
    const geometry = joinAreas(group);
    rows.push({
      placeCode: code,
      kind,
      name: firstName(group, settings) ?? code,
      parentCode: parentOf(group, settings) ?? within ?? null,
      geometry,
      ...rounded(measureArea(geometry).centre),
      source,
      licence,
      asOf,
    });
  }
  return {rows, repeated: features.length - groups.size};
}

function poiSourceId(feature: LocatedFeature, settings: RowSettings): string {
  const header = Object.keys(feature.fields);
  const what = `${feature.file} ${feature.where}: id in the source (an OpenStreetMap id or official code)`;
  const field = findField(header, settings.idField, ID_FIELDS, what, '--id');
  const id = feature.fields[field] ?? '';
  const osmType = field === 'osm_id' ? feature.fields.osm_type : undefined;
  if (id === '')
    throw new ConfigError(
      `${what} is empty. A place without one can't be told from an invented one: leave it out.`,
    );
  return osmType === undefined ? id : `${osmType}/${id}`;
}

function placeCode(feature: LocatedFeature, settings: RowSettings): string {
  const what = `${feature.file} ${feature.where}: code`;
  const field = findField(Object.keys(feature.fields), settings.idField, ID_FIELDS, what, '--code-field');
  const code = slugName(feature.fields[field] ?? '');
  if (code === '')
    throw new ConfigError(`${what} is empty in field "${field}". Choose another field with --code-field.`);
  if (feature.shape.type !== 'area') {
    throw new ConfigError(
      `${what} ${code} is a ${feature.shape.type}, not an area. Points and lines need --category.`,
    );
  }
  const crossing = findSelfCrossing(feature.shape.geometry);
  if (crossing !== null) {
    throw new ConfigError(
      `${what} ${code}: its outline crosses itself ${crossing}. Repair it (make-valid of GDAL, QGIS or PostGIS); nothing was imported.`,
    );
  }
  return inside(code, settings);
}

function inside(code: string, {within}: RowSettings): string {
  return within === undefined ? code : `${within}-${code}`;
}

function parentOf(group: readonly LocatedFeature[], settings: RowSettings): string | null {
  const [feature] = group;
  if (settings.parentField === undefined || feature === undefined) return null;
  const what = `${feature.file} ${feature.where}: parent`;
  const field = findField(Object.keys(feature.fields), settings.parentField, [], what, '--parent-field');
  const code = slugName(feature.fields[field] ?? '');
  return code === '' ? null : inside(code, settings);
}

function firstName(group: readonly LocatedFeature[], settings: RowSettings): string | null {
  const [feature] = group;
  if (feature === undefined) return null;
  const header = Object.keys(feature.fields);
  const field =
    settings.nameField === undefined
      ? findUsual(header, NAME_FIELDS)
      : findField(header, settings.nameField, [], `${feature.file} ${feature.where}: name`, '--name');
  const name = calmName(feature.fields[field ?? ''] ?? '');
  return name === '' ? null : name;
}

function refuseAmbiguousCodes(
  groups: ReadonlyMap<string, readonly LocatedFeature[]>,
  settings: RowSettings,
): void {
  const ambiguous: string[] = [];
  for (const [code, group] of groups) {
    const names = new Set(group.map(feature => foldName(firstName([feature], settings) ?? '')));
    if (names.size > 1) ambiguous.push(`${code} (${[...names].slice(0, 3).join(', ')})`);
  }
  if (ambiguous.length === 0) return;
  throw new ConfigError(
    `${ambiguous.length} codes stand for several places: ${ambiguous.slice(0, 5).join('; ')}. ` +
      'Choose a field whose values are unique with --code-field (the name, if there is no better one).',
  );
}

function joinAreas(group: readonly LocatedFeature[]): AreaGeometry {
  const areas = group.flatMap(({shape}) => (shape.type === 'area' ? [shape.geometry] : []));
  const [only] = areas;
  if (only !== undefined && areas.length === 1) return only;
  return {type: 'MultiPolygon', coordinates: areas.flatMap(polygonsOf)};
}

function pointsOf(group: readonly LocatedFeature[]): Point[] {
  return group.flatMap(({shape}) => {
    if (shape.type === 'area') return [measureArea(shape.geometry).centre];
    return shape.type === 'point' ? [shape] : [];
  });
}

const LINE_STEP_M = 50;

function middleOfLongest(lines: readonly number[][][]): Point | undefined {
  const walked = lines.map(line => densifyLine(line, LINE_STEP_M));
  const longest = walked.reduce((a, b) => (b.length > a.length ? b : a), []);
  return longest[Math.floor(longest.length / 2)];
}

/** What comes from OpenStreetMap stays under its licence, and can be told apart by it. */
function refuseWrongLicence(
  features: readonly LocatedFeature[],
  ids: readonly string[],
  {source, licence}: RowSettings,
): void {
  const isOsm = isFromOsm(features, source) || ids.some(id => OSM_OBJECT.test(id));
  if (!isOsm || /odbl/i.test(licence)) return;
  throw new ConfigError(
    `objects of OpenStreetMap under licence "${licence}": they are ODbL 1.0 (share-alike), however they were copied. Say --licence "ODbL 1.0".`,
  );
}

/**
 * Turns a dump of polygon corners into one point an outline: the mean of its corners, with the lowest of their ids.
 * @throws ConfigError when a feature's id is no node's number.
 */
export function gatherCorners(features: readonly LocatedFeature[], settings: RowSettings): LocatedFeature[] {
  const corners = features.map(feature => {
    const nodeId = Number(poiSourceId(feature, settings).replace(/^node\//, ''));
    const [point] = pointsOf([feature]);
    if (Number.isSafeInteger(nodeId) && point !== undefined) return {...point, nodeId};
    throw new ConfigError(
      `${feature.file} ${feature.where}: --corners wants points with ids of OpenStreetMap nodes.`,
    );
  });
  return clusterCorners(corners).flatMap(cluster => {
    const own = cluster.flatMap(index => corners[index] ?? []);
    const first = features[cluster[0] ?? -1];
    if (first === undefined) return [];
    const lowest = own.reduce((low, {nodeId}) => Math.min(low, nodeId), Number.MAX_SAFE_INTEGER);
    const mean = (pick: (point: Point) => number) =>
      own.reduce((sum, point) => sum + pick(point), 0) / own.length;
    const shape = {
      type: 'point' as const,
      latitude: mean(p => p.latitude),
      longitude: mean(p => p.longitude),
    };
    return [{...first, fields: {...first.fields, osm_type: 'node', osm_id: String(lowest)}, shape}];
  });
}

/** A file says so by its fields, whatever the source is called. */
function isFromOsm(features: readonly LocatedFeature[], source: string): boolean {
  const hasField = features.some(({fields}) => Object.keys(fields).some(field => OSM_ID_FIELD.test(field)));
  return hasField || /openstreetmap|\bosm\b/i.test(source);
}

const OSM_ID_FIELD = /^osm_?id$/i;

/** A file of single OpenStreetMap nodes most of which have a neighbour this near is a dump of corners. */
const CORNER_SHARE = 0.5;

/** @throws ConfigError when points look like corners of outlines: counted raw, one school would be seven. */
export function refuseCorners(features: readonly LocatedFeature[], settings: RowSettings): void {
  const isNodes = features.every(
    ({shape, fields}) => shape.type === 'point' && fields.osm_type === undefined,
  );
  if (!isNodes || !isFromOsm(features, settings.source) || features.length < 20) return;
  const points = features.map((feature, index) => ({
    ...(pointsOf([feature])[0] ?? NOWHERE),
    nodeId: index * 1e6,
  }));
  const objects = clusterCorners(points).length;
  if (objects > features.length * CORNER_SHARE) return;
  throw new ConfigError(
    `${features.length} points stand in ${objects} clumps: they look like the corners of outlines, not like places. Add --corners to gather them; nothing was imported.`,
  );
}

const NOWHERE: Point = {latitude: 0, longitude: 0};

/** Points of known stratum; rows without one from 1 to 6 are left out and counted. */
export function buildStratumPoints(
  features: readonly LocatedFeature[],
  settings: RowSettings & {
    readonly stratumField?: string | undefined;
    readonly blockField?: string | undefined;
  },
): {rows: StratumPointRow[]; repeated: number} {
  const {source, licence, asOf} = settings;
  const objects = groupBy(features, feature => poiSourceId(feature, settings));
  refuseScatteredIds(new Map([...objects].map(([id, group]) => [id, pointsOf(group)])));
  const rows = [...objects].flatMap(([id, [feature]]) => {
    const [point] = feature === undefined ? [] : pointsOf([feature]);
    if (feature === undefined || point === undefined) return [];
    const {fields, file, where} = feature;
    const header = Object.keys(fields);
    const field = findField(
      header,
      settings.stratumField,
      ['estrato', 'stratum'],
      `${file} ${where}: stratum`,
      '--stratum-field',
    );
    const stratum = Number(fields[field]);
    if (![1, 2, 3, 4, 5, 6].includes(stratum)) return [];
    const block = settings.blockField ?? findUsual(header, ['manzana', 'block_code']);
    const blockCode = fields[block ?? ''] || null;
    return [
      {pointId: `${slugName(source)}:${id}`, ...rounded(point), stratum, blockCode, source, licence, asOf},
    ];
  });
  return {rows, repeated: features.length - objects.size};
}

/** Six decimals are 0.1 m: finer digits are noise that would look like change. */
function rounded({latitude, longitude}: Point): Point {
  return {latitude: Math.round(latitude * 1e6) / 1e6, longitude: Math.round(longitude * 1e6) / 1e6};
}

function groupBy<Value>(values: readonly Value[], keyOf: (value: Value) => string): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
