import {describe, expect, test} from 'vitest';
import {buildPlaces, buildPois, type LocatedFeature, poiIdOf} from '../../../src/imports/place-rows.ts';

const settings = {source: 'Prueba, 2026', licence: 'CC0', asOf: '2026-01-31'};
const square: LocatedFeature['shape'] = {
  type: 'area',
  geometry: {
    type: 'Polygon',
    coordinates: [
      [
        [-75.6, 6.2],
        [-75.58, 6.2],
        [-75.58, 6.22],
        [-75.6, 6.22],
        [-75.6, 6.2],
      ],
    ],
  },
};
const point: LocatedFeature['shape'] = {type: 'point', latitude: 6.2512345678, longitude: -75.57};

function feature(
  shape: LocatedFeature['shape'],
  fields: Record<string, string>,
  where = 'feature 1',
): LocatedFeature {
  return {file: 'f.geojson', where, fields, shape};
}

describe('points of interest', () => {
  test('an OpenStreetMap object has one id whatever the source is called', () => {
    const [row] = buildPois([feature(point, {osm_type: 'way', osm_id: '12', name: 'Uno'})], 'mall', {
      ...settings,
      licence: 'ODbL 1.0',
    }).rows;
    expect(row).toEqual({
      poiId: 'mall/osm:way/12',
      category: 'mall',
      name: 'Uno',
      latitude: 6.251235,
      longitude: -75.57,
      source: 'Prueba, 2026',
      sourceId: 'way/12',
      geometry: null,
      licence: 'ODbL 1.0',
      asOf: '2026-01-31',
    });
    expect(poiIdOf('mall', 'other', 'way/12')).toBe('mall/osm:way/12');
    expect(poiIdOf('mall', 'other', '12')).toBe('mall/other:12');
  });

  test('an area becomes its centre', () => {
    const [row] = buildPois([feature(square, {id: '1'})], 'park', settings).rows;
    expect(row).toMatchObject({poiId: 'park/prueba-2026:1', name: null, latitude: 6.21, longitude: -75.59});
  });

  test('a line stays a line, its point is the middle of its longest part; pieces with one id are one object', () => {
    const line = (from: number, to: number): LocatedFeature['shape'] => ({
      type: 'line',
      lines: [
        [
          [from, 6.2],
          [to, 6.2],
        ],
      ],
    });
    const {rows, repeated} = buildPois(
      [feature(line(-75.6, -75.598), {id: 'via'}), feature(line(-75.598, -75.597), {id: 'via'})],
      'main_road',
      settings,
    );
    expect(repeated).toBe(1);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      poiId: 'main_road/prueba-2026:via',
      latitude: 6.2,
      geometry: {
        type: 'MultiLineString',
        coordinates: [
          [
            [-75.6, 6.2],
            [-75.598, 6.2],
          ],
          [
            [-75.598, 6.2],
            [-75.597, 6.2],
          ],
        ],
      },
    });
    expect(rows[0]!.longitude).toBeCloseTo(-75.599, 3);
  });

  test('of points with one id the first stands', () => {
    const other: LocatedFeature['shape'] = {type: 'point', latitude: 6.2521, longitude: -75.5709};
    const {rows, repeated} = buildPois(
      [feature(point, {id: '1'}), feature(other, {id: '1'})],
      'police',
      settings,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.latitude).toBe(6.251235);
    expect(repeated).toBe(1);
  });

  test('without an id it is refused', () => {
    expect(() => buildPois([feature(point, {nombre: 'x'})], 'mall', settings)).toThrow(
      /--id; the file has: nombre/,
    );
    expect(() => buildPois([feature(point, {id: ''})], 'mall', settings)).toThrow(
      /id in the source.*is empty/,
    );
  });
});

describe('places', () => {
  const barrios = {
    ...settings,
    within: '05001',
    idField: 'CODIGO',
    nameField: 'NOMBRE',
    parentField: 'COMUNA',
  };

  test('codes are numbered inside their place', () => {
    const [row] = buildPlaces(
      [feature(square, {CODIGO: '1401', NOMBRE: 'BARRIO COLOMBIA', COMUNA: '14'})],
      'neighbourhood',
      barrios,
    ).rows;
    expect(row).toMatchObject({
      placeCode: '05001-1401',
      name: 'Barrio Colombia',
      parentCode: '05001-14',
      latitude: 6.21,
      longitude: -75.59,
    });
    const [comuna] = buildPlaces([feature(square, {CODIGO: '14', NOMBRE: 'El Poblado'})], 'district', {
      ...barrios,
      parentField: undefined,
    }).rows;
    expect(comuna).toMatchObject({placeCode: '05001-14', parentCode: '05001'});
    const [municipality] = buildPlaces(
      [feature(square, {code: '05088', name: 'BELLO'})],
      'municipality',
      settings,
    ).rows;
    expect(municipality).toMatchObject({placeCode: '05088', parentCode: null, name: 'Bello'});
  });

  test('two parts with one code and name are one place; two names are refused', () => {
    const part = (name: string) => feature(square, {code: '1', name});
    const {rows, repeated} = buildPlaces([part('Niquía'), part('NIQUIA')], 'neighbourhood', settings);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.geometry).toMatchObject({
      type: 'MultiPolygon',
      coordinates: [expect.anything(), expect.anything()],
    });
    expect(repeated).toBe(1);
    expect(() => buildPlaces([part('Niquía'), part('Zamora')], 'neighbourhood', settings)).toThrow(
      /1 \(niquia, zamora\).*--code-field/,
    );
  });

  test('points are not areas; an empty code is refused', () => {
    expect(() => buildPlaces([feature(point, {code: '1', name: 'x'})], 'district', settings)).toThrow(
      /not an area.*--category/,
    );
    expect(() => buildPlaces([feature(square, {code: ' ', name: 'x'})], 'district', settings)).toThrow(
      /code is empty/,
    );
  });
});
