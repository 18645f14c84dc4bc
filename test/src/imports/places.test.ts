import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Database} from '../../../src/db/client.ts';
import {selectPlaces, selectPois, summarisePlaces, summarisePois} from '../../../src/db/places.ts';
import {ConfigError} from '../../../src/domain/errors.ts';
import {importPlaces} from '../../../src/imports/places.ts';
import {testDatabase} from '../../support/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'raiz-places-'));
let database: Database;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
  rmSync(folder, {recursive: true});
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const provenance = {source: 'Prueba', licence: 'CC0', asOf: '2026-01-31'};

function roads(...lines: [string, number][]): string {
  return JSON.stringify({
    type: 'FeatureCollection',
    features: lines.map(([id, end]) => ({
      type: 'Feature',
      properties: {id, name: `Vía ${id}`},
      geometry: {
        type: 'LineString',
        coordinates: [
          [-75.6, 6.2],
          [end, 6.2],
        ],
      },
    })),
  });
}

describe('importing', () => {
  test('the same file twice changes nothing; a changed row is updated', async () => {
    const path = file(
      'malls.csv',
      'osm_type,osm_id,name,kind,lat,lon\nway,1,Uno,mall,6.2,-75.6\nway,2,Dos,mall,6.21,-75.6\nway,3,Tres,shop,6.3,-75.6\nway,4,Cuatro,mall,,\n',
    );
    const options = {category: 'mall', where: {kind: 'mall'}, ...provenance};
    expect(await importPlaces(database, [path], options)).toEqual({
      holds: 'mall',
      files: 1,
      features: 4,
      notAsked: 1,
      withoutPosition: 1,
      repeated: 0,
      unknownParents: 0,
      inserted: 2,
      updated: 0,
      unchanged: 0,
      removed: 0,
    });
    expect(await importPlaces(database, [path], options)).toMatchObject({
      inserted: 0,
      updated: 0,
      unchanged: 2,
    });
    file(
      'malls.csv',
      'osm_type,osm_id,name,kind,lat,lon\nway,1,Uno,mall,6.2,-75.6\nway,2,Dos,mall,6.22,-75.6\n',
    );
    expect(await importPlaces(database, [path], options)).toMatchObject({
      inserted: 0,
      updated: 1,
      unchanged: 1,
    });
  });

  test('a road that got shorter loses its points; other roads stay', async () => {
    const options = {category: 'main_road', ...provenance};
    const first = await importPlaces(
      database,
      [file('roads.json', roads(['a', -75.59], ['b', -75.595]))],
      options,
    );
    expect(first).toMatchObject({inserted: 24 + 13, removed: 0});
    const second = await importPlaces(database, [file('roads.json', roads(['a', -75.595]))], options);
    expect(second.removed).toBe(11);
    const left = (await selectPois(database.orm)).filter(poi => poi.category === 'main_road');
    expect(left).toHaveLength(26);
  });

  test('areas, their parents, and several files as one set', async () => {
    const areas = (name: string, codes: string[]) =>
      file(
        name,
        JSON.stringify({
          type: 'FeatureCollection',
          features: codes.map(code => ({
            type: 'Feature',
            properties: {CODIGO: code, NOMBRE: `BARRIO ${code}`, COMUNA: code.slice(0, 2)},
            geometry: {
              type: 'Polygon',
              coordinates: [
                [
                  [-75.6, 6.2],
                  [-75.5, 6.2],
                  [-75.5, 6.3],
                  [-75.6, 6.2],
                ],
              ],
            },
          })),
        }),
      );
    const options = {kind: 'neighbourhood', within: '05001', parentField: 'COMUNA', ...provenance};
    const report = await importPlaces(
      database,
      [areas('a.geojson', ['1401']), areas('b.geojson', ['1402'])],
      options,
    );
    expect(report).toMatchObject({holds: 'neighbourhood', files: 2, inserted: 2, unknownParents: 2});
    expect(await selectPlaces(database.orm)).toEqual([
      expect.objectContaining({placeCode: '05001-1401', parentCode: '05001-14', name: 'Barrio 1401'}),
      expect.objectContaining({placeCode: '05001-1402', parentCode: '05001-14', name: 'Barrio 1402'}),
    ]);
    expect(await summarisePlaces(database.orm)).toEqual([
      {kind: 'neighbourhood', places: 2, areas: 2, ...provenance},
    ]);
    expect(await summarisePois(database.orm)).toContainEqual({category: 'mall', points: 2, ...provenance});
  });
});

describe('refusing', () => {
  const good = 'id,name,lat,lon\n1,Uno,6.2,-75.6\n';

  test.each([
    [
      'an unknown category',
      good,
      {category: 'casino', ...provenance},
      /unknown category "casino".*metro_station/,
    ],
    ['an unknown kind', good, {kind: 'country', ...provenance}, /unknown kind "country".*municipality/],
    ['both', good, {category: 'mall', kind: 'district', ...provenance}, /either --category/],
    ['neither', good, provenance, /either --category/],
    ['no licence', good, {category: 'mall', ...provenance, licence: ' '}, /--licence: is empty/],
    ['no day', good, {category: 'mall', ...provenance, asOf: '31-01-2026'}, /--as-of: must be a day/],
    [
      'parents of points',
      good,
      {category: 'mall', parentField: 'x', ...provenance},
      /--parent-field goes with --kind only/,
    ],
    ['points as areas', good, {kind: 'district', ...provenance}, /not an area/],
    [
      'nothing asked for',
      good,
      {category: 'mall', where: {name: 'Dos'}, ...provenance},
      /meets --where.*id, name, lat, lon/,
    ],
    [
      'swapped coordinates',
      'id,lat,lon\n1,6.2,-75.6\n2,-75.6,6.2\n',
      {category: 'mall', ...provenance},
      /1 of 2 positions.*\n.*row 3.*\nLatitude and longitude are swapped/,
    ],
    [
      'metres',
      'id,lat,lon\n1,1183000,835000\n',
      {category: 'mall', ...provenance},
      /outside Colombia.*EPSG:4326/,
    ],
    ['a place elsewhere', 'id,lat,lon\n1,40.4,-3.7\n', {category: 'mall', ...provenance}, /outside Colombia/],
  ])('%s, and nothing is written', async (_, content, options, message) => {
    const before = await selectPois(database.orm);
    const attempt = importPlaces(database, [file('bad.csv', content)], options);
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(message);
    expect(await selectPois(database.orm)).toEqual(before);
  });
});

const GEO = fileURLToPath(new URL('../../../../shared/data/geo/', import.meta.url));

describe.skipIf(!existsSync(GEO))('with ../shared/data/geo', () => {
  const osm = {source: 'OpenStreetMap', licence: 'ODbL 1.0', asOf: '2026-02-27'};
  const official = {source: 'GeoMedellín', licence: 'open data', asOf: '2022-01-01'};

  test('malls, health, roads, police, stations', async () => {
    const malls = {category: 'mall', where: {shop: 'mall'}, ...osm};
    expect(
      await importPlaces(database, [`${GEO}poi/osm_sur_centro_2026_malls_offices.geojson`], malls),
    ).toMatchObject({
      features: 330,
      notAsked: 242,
    });
    const pharmacies = {category: 'pharmacy', where: {amenity: 'pharmacy'}, ...osm};
    const health = await importPlaces(
      database,
      [`${GEO}poi/osm_valle_aburra_2026_health.geojson`],
      pharmacies,
    );
    expect(health.inserted).toBe(229);
    const roadPoints = await importPlaces(database, [`${GEO}roads/osm_main_roads_2026.geojson.gz`], {
      category: 'main_road',
      ...osm,
    });
    expect(roadPoints.features).toBe(2677);
    expect(roadPoints.inserted).toBeGreaterThan(15_000);
    const police = await importPlaces(database, [`${GEO}poi/police_cuadrantes_meval.csv`], {
      category: 'police',
      idField: 'cuadrante',
      ...official,
    });
    expect(police).toMatchObject({features: 393, withoutPosition: 1});
  });

  test('municipalities, comunas and barrios stand on each other', async () => {
    await importPlaces(database, [`${GEO}admin/valle_aburra_municipios.geojson`], {
      kind: 'municipality',
      idField: 'MPIO_CCNCT',
      nameField: 'MPIO_CNMBR',
      ...official,
    });
    await importPlaces(database, [`${GEO}admin/medellin_comunas_corregimientos.geojson.gz`], {
      kind: 'district',
      within: '05001',
      idField: 'COMUNA',
      nameField: 'NOMBRE',
      ...official,
    });
    const barrios = await importPlaces(database, [`${GEO}admin/medellin_barrios_veredas.geojson.gz`], {
      kind: 'neighbourhood',
      within: '05001',
      idField: 'CODIGO',
      nameField: 'NOMBRE',
      parentField: 'LIMITECOMU',
      ...official,
    });
    // 20 institutional areas and the like have no comuna of their own.
    expect(barrios).toMatchObject({features: 332});
    const names = new Map((await selectPlaces(database.orm)).map(place => [place.placeCode, place.name]));
    expect(names.get('05360')).toBe('Itagüí');
    expect(names.get('05001-14')).toBe('El Poblado');
    expect(names.get('05001-0101')).toBe('Santo Domingo Savio No.1');
  });

  test('barrios of Bello in several parts are one place each', async () => {
    const options = {kind: 'neighbourhood', within: '05088', idField: 'codigo', ...official};
    const report = await importPlaces(database, [`${GEO}admin/bello_barrios.geojson`], options);
    expect(report).toMatchObject({features: 132, inserted: 126, repeated: 6});
  });
});
