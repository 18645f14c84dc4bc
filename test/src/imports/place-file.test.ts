import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {afterAll, describe, expect, test} from 'vitest';
import {readPlaceFile} from '../../../src/imports/place-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'raiz-places-'));
afterAll(() => rmSync(folder, {recursive: true}));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const collection = (...features: unknown[]) => JSON.stringify({type: 'FeatureCollection', features});
const feature = (geometry: unknown, properties: unknown = {}, id?: number) => ({
  type: 'Feature',
  id,
  properties,
  geometry,
});

describe('GeoJSON', () => {
  test('points, lines and areas; the id of a feature is a field', async () => {
    const path = file(
      'mixed.geojson.gz',
      gzipSync(
        collection(
          feature(
            {type: 'Point', coordinates: [-75.57, 6.25, 1500]},
            {name: ' Uno ', lanes: 2, tags: {a: 1}, note: null},
            7,
          ),
          feature({
            type: 'LineString',
            coordinates: [
              [-75.57, 6.25],
              [-75.56, 6.25],
            ],
          }),
          feature(
            {
              type: 'MultiPolygon',
              coordinates: [
                [
                  [
                    [-75.6, 6.2],
                    [-75.5, 6.2],
                    [-75.5, 6.3],
                    [-75.6, 6.2],
                  ],
                ],
              ],
            },
            null,
          ),
          feature(null, {name: 'nowhere'}),
        ),
      ),
    );
    expect(await readPlaceFile(path)).toEqual([
      {
        where: 'feature 1',
        fields: {id: '7', name: 'Uno', lanes: '2'},
        shape: {type: 'point', latitude: 6.25, longitude: -75.57},
      },
      {
        where: 'feature 2',
        fields: {},
        shape: {
          type: 'line',
          lines: [
            [
              [-75.57, 6.25],
              [-75.56, 6.25],
            ],
          ],
        },
      },
      {where: 'feature 3', fields: {}, shape: expect.objectContaining({type: 'area'})},
      {where: 'feature 4', fields: {name: 'nowhere'}, shape: null},
    ]);
  });

  test.each([
    ['cut off', '{"type":"FeatureCollection","features":[{"type"', /not JSON.*cut off/],
    ['another shape', '{"type":"Topology"}', /not a GeoJSON FeatureCollection/],
    [
      'an unknown geometry',
      collection(feature({type: 'GeometryCollection', geometries: []})),
      /features\.0\.geometry/,
    ],
    [
      'text for a number',
      collection(feature({type: 'Point', coordinates: ['-75.5', '6.2']})),
      /features\.0\.geometry\.coordinates\.0/,
    ],
    [
      'an open ring',
      collection(
        feature({
          type: 'Polygon',
          coordinates: [
            [
              [-75.6, 6.2],
              [-75.5, 6.2],
              [-75.5, 6.3],
              [-75.6, 6.3],
            ],
          ],
        }),
      ),
      /ring is not closed/,
    ],
  ])('%s is refused', async (_, content, message) => {
    await expect(readPlaceFile(file('bad.geojson', content))).rejects.toThrow(message);
  });
});

describe('CSV', () => {
  test('usual names, decimal commas, semicolons, a byte order mark, empty cells', async () => {
    const path = file('a.csv', '\uFEFFid;Nombre;LATITUD;Longitud\n1; Uno ;6,25;-75,57\n2;Dos;;\n');
    expect(await readPlaceFile(path)).toEqual([
      {
        where: 'row 2',
        fields: {id: '1', Nombre: 'Uno', LATITUD: '6,25', Longitud: '-75,57'},
        shape: {type: 'point', latitude: 6.25, longitude: -75.57},
      },
      {where: 'row 3', fields: {id: '2', Nombre: 'Dos', LATITUD: '', Longitud: ''}, shape: null},
    ]);
  });

  test('columns asked for', async () => {
    const path = file('b.csv', 'a,b\n6.25,-75.57\n');
    const [row] = await readPlaceFile(path, {latitude: 'a', longitude: 'b'});
    expect(row?.shape).toEqual({type: 'point', latitude: 6.25, longitude: -75.57});
  });

  test.each([
    [
      'no column of that kind',
      'id,norte,este\n1,2,3\n',
      {},
      /latitude: no field found.*--lat.*id, norte, este/,
    ],
    ['no such column', 'id,lat,lon\n1,6.2,-75.5\n', {latitude: 'y'}, /there is no field "y"/],
    [
      'not a number',
      'id,lat,lon\n1,6.2,-75.5\n2,norte,-75.5\n',
      {},
      /row 3, lat: expected decimal degrees, got "norte"/,
    ],
    ['a short row', 'id,lat,lon\n1,6.2\n', {}, /not a CSV/],
    ['no rows', 'id,lat,lon\n', {}, /no rows/],
  ])('%s is refused', async (_, content, columns, message) => {
    await expect(readPlaceFile(file('bad.csv', content), columns)).rejects.toThrow(message);
  });
});

describe('files', () => {
  test('a truncated gzip, a missing file, Latin-1 and an unknown kind say what is wrong', async () => {
    const whole = gzipSync(`id,lat,lon\n${'1,6.2,-75.5\n'.repeat(1000)}`);
    await expect(readPlaceFile(file('cut.csv.gz', whole.subarray(0, 30)))).rejects.toThrow(
      /cut\.csv\.gz: can't be read/,
    );
    await expect(readPlaceFile(join(folder, 'missing.csv'))).rejects.toThrow(/ENOENT/);
    await expect(
      readPlaceFile(file('latin.csv', Buffer.from('id,lat,lon\nItag\xfc\xed,6,-75\n', 'latin1'))),
    ).rejects.toThrow(/UTF-8/);
    await expect(readPlaceFile(file('roads.shp', 'x'))).rejects.toThrow(/\.geojson, \.json and \.csv/);
  });
});
