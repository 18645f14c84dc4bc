import {existsSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {gunzipSync} from 'node:zlib';
import {parse} from 'csv-parse/sync';
import {describe, expect, test} from 'vitest';
import {readPlaceFile} from '../../../src/imports/place-file.ts';
import {buildPlaces} from '../../../src/imports/place-rows.ts';
import {type IndexedPlace, PlaceIndex} from '../../../src/lib/geo-places.ts';

function box(west: number, south: number, east: number, north: number): number[][][] {
  return [
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ],
  ];
}

function area(
  placeCode: string,
  kind: IndexedPlace['kind'],
  parentCode: string | null,
  ...polygons: number[][][][]
): IndexedPlace {
  const geometry = {type: 'MultiPolygon' as const, coordinates: polygons};
  return {placeCode, kind, name: placeCode, parentCode, geometry, latitude: null, longitude: null};
}

const places: IndexedPlace[] = [
  area('05001', 'municipality', null, box(-75.65, 6.2, -75.55, 6.3)),
  area('05266', 'municipality', null, box(-75.65, 6.1, -75.55, 6.2)),
  area('05001-14', 'district', '05001', box(-75.6, 6.2, -75.55, 6.25)),
  // Drawn more exactly than the municipality: reaches a little over the border.
  area(
    '05001-1401',
    'neighbourhood',
    '05001-14',
    box(-75.6, 6.199, -75.58, 6.22),
    box(-75.56, 6.24, -75.55, 6.25),
  ),
  {
    placeCode: '05079',
    kind: 'municipality',
    name: 'Barbosa',
    parentCode: null,
    geometry: null,
    latitude: 6.44,
    longitude: -75.33,
  },
];
const index = new PlaceIndex(places);

describe('PlaceIndex', () => {
  test('finds every kind', () => {
    expect(index.locate(6.21, -75.59)).toEqual({
      municipality: '05001',
      district: '05001-14',
      neighbourhood: '05001-1401',
    });
    expect(index.locate(6.245, -75.555)).toMatchObject({neighbourhood: '05001-1401'});
    expect(index.locate(6.29, -75.64)).toEqual({municipality: '05001', district: null, neighbourhood: null});
    expect(index.locate(6.15, -75.6)).toEqual({municipality: '05266', district: null, neighbourhood: null});
    expect(index.locate(7, -75.6)).toEqual({municipality: null, district: null, neighbourhood: null});
  });

  test('the neighbourhood decides over a coarser municipal border', () => {
    expect(index.locate(6.1995, -75.59)).toEqual({
      municipality: '05001',
      district: '05001-14',
      neighbourhood: '05001-1401',
    });
  });

  test('a point on the border is inside; where areas overlap the smaller one is meant', () => {
    expect(index.locate(6.25, -75.65)).toMatchObject({municipality: '05001'});
    const overlapping = new PlaceIndex([
      area('a', 'neighbourhood', null, box(-75.6, 6.2, -75.5, 6.3)),
      area('b', 'neighbourhood', null, box(-75.58, 6.22, -75.56, 6.24)),
    ]);
    expect(overlapping.locate(6.23, -75.57).neighbourhood).toBe('b');
    expect(overlapping.locate(6.25, -75.57).neighbourhood).toBe('a');
  });

  test('a hole is not inside', () => {
    const outline = box(-75.6, 6.2, -75.5, 6.3)[0]!;
    const hole = box(-75.56, 6.24, -75.54, 6.26)[0]!;
    const ring = new PlaceIndex([area('a', 'neighbourhood', null, [outline, hole])]);
    expect(ring.locate(6.25, -75.55).neighbourhood).toBeNull();
    expect(ring.locate(6.21, -75.55).neighbourhood).toBe('a');
  });

  test('distance to an area, else to a centre, else unknown', () => {
    expect(index.distanceM('05001', 6.25, -75.6)).toEqual({metres: 0, to: 'area'});
    expect(index.distanceM('05001', 6.199, -75.6)).toEqual({metres: expect.closeTo(111.2, 1), to: 'area'});
    expect(index.distanceM('05079', 6.45, -75.33)).toEqual({metres: expect.closeTo(1112, 0), to: 'centre'});
    expect(index.distanceM('99999', 6.45, -75.33)).toBeNull();
  });

  test('no places at all', () => {
    expect(new PlaceIndex([]).locate(6.25, -75.57)).toEqual({
      municipality: null,
      district: null,
      neighbourhood: null,
    });
  });
});

const GEO = fileURLToPath(new URL('../../../../shared/data/geo/', import.meta.url));
const barrios = `${GEO}admin/medellin_barrios_veredas.geojson.gz`;
const truth = `${GEO}estrato/medellin_estrato_points_properati.csv.gz`;

describe.skipIf(!existsSync(barrios) || !existsSync(truth))('with ../shared/data/geo', () => {
  test('the barrio of 21,370 points agrees with the published one on 99.9 %', async () => {
    const features = await readPlaceFile(barrios);
    const located = features.flatMap(({shape, ...rest}) =>
      shape === null ? [] : [{...rest, shape, file: 'barrios'}],
    );
    const settings = {
      source: 'GeoMedellín',
      licence: '-',
      asOf: '2014-01-01',
      idField: 'CODIGO',
      nameField: 'NOMBRE',
    };
    const {rows} = buildPlaces(located, 'neighbourhood', settings);
    const indexed = new PlaceIndex(
      rows.map(row => ({
        placeCode: row.placeCode,
        kind: row.kind,
        name: row.name,
        parentCode: null,
        geometry: row.geometry ?? null,
        latitude: null,
        longitude: null,
      })),
    );
    const points: Record<string, string>[] = parse(gunzipSync(readFileSync(truth)), {columns: true});
    const agreeing = points.filter(
      point =>
        indexed.locate(Number(point.lat), Number(point.lon)).neighbourhood ===
        (point.CODIGO_BARRIO ?? '').toLowerCase().replaceAll('_', '-'),
    );
    expect(points).toHaveLength(21_370);
    expect(agreeing.length / points.length).toBeGreaterThan(0.999);
  });
});
