/** Rows of `core.place` and `core.poi` out of the features of a file. Pure but for its errors. */
import type {PlaceRow, PoiRow} from '../db/places.ts';
import {ConfigError} from '../domain/errors.ts';
import type {AreaGeometry} from '../domain/market.ts';
import type {PlaceKind, PoiCategory} from '../domain/vocabulary.ts';
import {densifyLine, measureArea, type Point, polygonsOf} from '../lib/geo.ts';
import {calmName, foldName, slugName} from '../lib/place-names.ts';
import {findField, findUsual, type PlaceFeature} from './place-file.ts';

/** Lines stand in `core.poi` as points this far apart at most. */
const LINE_STEP_M = 50;

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

const ID_FIELDS = ['source_id', 'osm_id', '@id', 'id', 'code', 'codigo', 'poi_id'];
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
 * Points of interest. An area becomes its centre; a line becomes points at most 50 m apart, `id`, `id#1`, `id#2` …
 * Features with one id are one object: lines are joined, of points and areas the first stands.
 * @throws ConfigError when a feature has no id: only official objects are accepted.
 */
export function buildPois(
  features: readonly LocatedFeature[],
  category: PoiCategory,
  settings: RowSettings,
): {rows: PoiRow[]; repeated: number} {
  const {source, licence, asOf} = settings;
  const namespace = slugName(source);
  const objects = groupBy(features, feature => poiSourceId(feature, settings));
  const rows: PoiRow[] = [];
  for (const [sourceId, group] of objects) {
    const poiId = poiIdOf(category, namespace, sourceId);
    const name = firstName(group, settings);
    pointsOf(group).forEach((point, index) => {
      rows.push({
        poiId: index === 0 ? poiId : `${poiId}#${index}`,
        category,
        name,
        ...rounded(point),
        source,
        sourceId,
        licence,
        asOf,
      });
    });
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
  const lines = group.flatMap(({shape}) => (shape.type === 'line' ? shape.lines : []));
  if (lines.length > 0) return lines.flatMap(line => densifyLine(line, LINE_STEP_M));
  return group.slice(0, 1).flatMap(({shape}) => {
    if (shape.type === 'area') return [measureArea(shape.geometry).centre];
    return shape.type === 'point' ? [shape] : [];
  });
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
