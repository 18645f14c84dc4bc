import {createHash} from 'node:crypto';
import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {poi} from '../../../drizzle/schema/core.ts';
import type {Database} from '../../../src/db/client.ts';
import {
  selectPlaceFiles,
  selectPlaces,
  selectPois,
  selectStratumPoints,
  summarisePlaces,
  summarisePois,
} from '../../../src/db/places.ts';
import {ConfigError} from '../../../src/domain/errors.ts';
import {importPlaces} from '../../../src/imports/places.ts';
import {testDatabase} from '../../support/database.ts';
import {encodePbf} from '../../support/osm-pbf.ts';

const folder = mkdtempSync(join(tmpdir(), 'raiz-places-'));
let database: Database;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
  rmSync(folder, {recursive: true});
});

function file(name: string, content: string | Buffer): string {
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
    const options = {category: 'mall', where: {kind: 'mall'}, ...provenance, licence: 'ODbL 1.0'};
    expect(await importPlaces(database, [path], options)).toEqual({
      holds: 'mall',
      files: 1,
      features: 4,
      notAsked: 1,
      withoutPosition: 1,
      repeated: 0,
      gathered: 0,
      withoutStratum: 0,
      coverage: null,
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

  test('a road is one row with its line; other roads stay', async () => {
    const options = {category: 'main_road', ...provenance};
    const path = file('roads.json', roads(['a', -75.59], ['b', -75.595]));
    expect(await importPlaces(database, [path], options)).toMatchObject({inserted: 2, removed: 0});
    const shorter = file('roads.json', roads(['a', -75.595]));
    expect(await importPlaces(database, [shorter], options)).toMatchObject({updated: 1, removed: 0});
    const left = (await selectPois(database.orm)).filter(poi => poi.category === 'main_road');
    expect(left).toHaveLength(2);
    expect(left[0]?.geometry?.coordinates).toEqual([
      [
        [-75.6, 6.2],
        [-75.595, 6.2],
      ],
    ]);
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
    expect(await summarisePois(database.orm)).toContainEqual({
      category: 'mall',
      points: 2,
      ...provenance,
      licence: 'ODbL 1.0',
    });
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

function areas(...rings: number[][][]): string {
  const features = rings.map((ring, index) => ({
    type: 'Feature',
    properties: {codigo: `0${index}`, nombre: `Barrio ${index}`},
    geometry: {type: 'Polygon', coordinates: [ring]},
  }));
  return JSON.stringify({type: 'FeatureCollection', features});
}

function box(west: number, south: number, side: number): number[][] {
  return [
    [west, south],
    [west + side, south],
    [west + side, south + side],
    [west, south + side],
    [west, south],
  ];
}

describe('rubbish changes nothing', () => {
  const osm = {category: 'school', source: 'OpenStreetMap', licence: 'ODbL 1.0', asOf: '2026-01-31'};
  const corners = Array.from({length: 40}, (_, index) => `${1000 + index},${6.2 + (index % 8) * 1e-5},-75.6`);
  test.each([
    ['an empty PBF', 'none.osm.pbf', '', osm, /is empty\. Download it again/],
    [
      'a PBF cut off in the middle of its download',
      'cut.osm.pbf',
      encodePbf([{type: 'node', id: 7, latitude: 6.2, longitude: -75.6, tags: {amenity: 'school'}}]).subarray(
        0,
        -20,
      ),
      osm,
      /no whole OSM PBF file \(it ends at byte \d+, inside a block\)/,
    ],
    ['text called PBF', 'text.osm.pbf', 'no protocol buffer at all', osm, /no whole OSM PBF/],
    [
      'a web page with status 200',
      'page.geojson',
      '<!DOCTYPE html><h1>503</h1>',
      osm,
      /web page or XML, not JSON/,
    ],
    [
      'an error answer with status 200',
      'error.geojson',
      '{"error":{"code":500,"message":"busy"}}',
      osm,
      /server's error.*busy/,
    ],
    ['an empty file', 'empty.geojson', ' ', osm, /is empty/],
    [
      'an empty geometry',
      'hollow.geojson',
      '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"1"},"geometry":{"type":"Polygon","coordinates":[]}}]}',
      {kind: 'district', ...provenance},
      /not a GeoJSON FeatureCollection/,
    ],
    [
      'an outline that crosses itself',
      'bow.geojson',
      areas([
        [-75.6, 6.2],
        [-75.5, 6.3],
        [-75.5, 6.2],
        [-75.6, 6.3],
        [-75.6, 6.2],
      ]),
      {kind: 'district', ...provenance},
      /crosses itself near 6\.\d+, -75\.\d+.*make-valid/,
    ],
    ['points without ids', 'nameless.csv', 'name,lat,lon\nUno,6.2,-75.6\n', osm, /--id/],
    [
      'an id of two places',
      'twice.csv',
      'id,lat,lon\n7,6.2,-75.6\n7,6.25,-75.6\n',
      osm,
      /1 ids come twice.*: 7/,
    ],
    [
      'OpenStreetMap under another licence',
      'lic.csv',
      'id,lat,lon\nway/7,6.2,-75.6\n',
      {...osm, licence: 'MIT'},
      /they are ODbL/,
    ],
    [
      'nodes of OpenStreetMap under another name and licence',
      'other.csv',
      'osm_id,lat,lon\n7,6.2,-75.6\n',
      {...osm, source: 'somebody', licence: 'MIT'},
      /they are ODbL/,
    ],
    [
      'corners of OpenStreetMap under another name',
      'other-corners.csv',
      `osm_id,lat,lon\n${corners.join('\n')}\n`,
      {...osm, source: 'somebody'},
      /40 points stand in 1 clumps.*--corners/,
    ],
    [
      'corners of outlines as places',
      'corners.csv',
      `id,lat,lon\n${corners.join('\n')}\n`,
      osm,
      /40 points stand in 1 clumps.*--corners/,
    ],
    [
      'an Overpass answer that timed out',
      'overpass.json',
      JSON.stringify({remark: 'runtime error: Query timed out in "query" at line 1', elements: []}),
      osm,
      /not whole.*timed out/,
    ],
    [
      'strata without strata',
      'strata.csv',
      'id,lat,lon,estrato\n1,6.2,-75.6,9\n',
      {kind: 'stratum', ...provenance},
      /no row has a stratum/,
    ],
  ])('%s', async (_, name, content, options, message) => {
    const state = async () => [
      await selectPois(database.orm),
      await selectPlaces(database.orm),
      await selectStratumPoints(database.orm),
      await selectPlaceFiles(database.orm),
    ];
    const before = await state();
    const attempt = importPlaces(database, [file(name, content)], options);
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(message);
    expect(await state()).toEqual(before);
  });

  test('the same areas under another code field are refused: a home would lie in both', async () => {
    const layer = JSON.stringify({
      type: 'FeatureCollection',
      features: [0, 1].map(index => ({
        type: 'Feature',
        properties: {codigo: `77${index}`, objectid: String(index + 1), nombre: `Vereda ${index}`},
        geometry: {type: 'Polygon', coordinates: [box(-75.4 + index * 0.02, 6.4, 0.01)]},
      })),
    });
    const options = {kind: 'neighbourhood', within: '05079', ...provenance};
    const first = await importPlaces(database, [file('veredas.geojson', layer)], {
      ...options,
      idField: 'codigo',
    });
    expect(first).toMatchObject({inserted: 2});
    const before = [await selectPlaces(database.orm), await selectPlaceFiles(database.orm)];
    const again = (idField: string) =>
      importPlaces(database, [file('veredas.geojson', layer)], {...options, idField});
    await expect(again('objectid')).rejects.toThrow(ConfigError);
    await expect(again('objectid')).rejects.toThrow(
      /2 of 2 areas are known already under other codes: 05079-1 \(Vereda 0\) is 05079-770 \(Vereda 0\).*--code-field/,
    );
    expect([await selectPlaces(database.orm), await selectPlaceFiles(database.orm)]).toEqual(before);
    expect(await again('codigo')).toMatchObject({inserted: 0, unchanged: 2});
  });

  test('overlaps and holes of a set of areas are measured and told', async () => {
    // A ring of eight squares with a hole in the middle; the ninth lies half over the first.
    const side = 0.01;
    const ring = [0, 1, 2].flatMap(x =>
      [0, 1, 2].flatMap(y => (x === 1 && y === 1 ? [] : [box(-75.6 + x * side, 6.2 + y * side, side)])),
    );
    const options = {kind: 'neighbourhood', within: '05999', ...provenance};
    const whole = await importPlaces(
      database,
      [file('ring.geojson', areas(...ring, box(-75.605, 6.2, side)))],
      options,
    );
    const square = 1105.3 * 1112;
    expect(whole.coverage!.holesM2 / square).toBeCloseTo(1, 1);
    expect(whole.coverage!.overlapM2 / square).toBeCloseTo(0.5, 1);
    expect(whole.coverage!.areaM2 / square).toBeCloseTo(8.5, 0);
  });
});

test('every file leaves its checksum, source, licence and day; corners become objects; strata are kept apart', async () => {
  const osm = {source: 'OpenStreetMap', licence: 'ODbL 1.0', asOf: '2026-02-01'};
  const rows = [0, 1, 2].flatMap(school =>
    Array.from(
      {length: 9},
      (_, corner) => `${school * 5000 + corner + 10},${6.2 + school * 0.01 + corner * 1e-4},-75.61`,
    ),
  );
  const content = `osm_id,lat,lon\n${rows.join('\n')}\n`;
  const report = await importPlaces(database, [file('dump.csv', content)], {
    category: 'school',
    corners: true,
    ...osm,
  });
  expect(report).toMatchObject({features: 27, inserted: 3, gathered: 24});
  const schools = (await selectPois(database.orm)).filter(poi => poi.category === 'school');
  expect(schools.map(poi => poi.poiId).sort()).toEqual([
    'school/osm:node/10',
    'school/osm:node/10010',
    'school/osm:node/5010',
  ]);
  const strata = file('homes.csv', 'id,lat,lon,estrato,manzana\na,6.2,-75.6,4,0101\nb,6.21,-75.6,0,0102\n');
  expect(await importPlaces(database, [strata], {kind: 'stratum', ...provenance})).toMatchObject({
    holds: 'stratum',
    inserted: 1,
  });
  expect(await selectStratumPoints(database.orm)).toEqual([
    {latitude: 6.2, longitude: -75.6, stratum: 4, blockCode: '0101'},
  ]);
  const files = await selectPlaceFiles(database.orm);
  expect(files.find(({fileName}) => fileName === 'dump.csv')).toMatchObject({
    sha256: createHash('sha256').update(content).digest('hex'),
    holds: 'school',
    bytes: content.length,
    features: 27,
    ...osm,
  });
});

test('an Overpass answer: tags choose, roads stay lines, others stand as points', async () => {
  const osm = {source: 'OpenStreetMap', licence: 'ODbL 1.0', asOf: '2026-02-02'};
  const elements = [
    {type: 'way', id: 71, center: {lat: 6.3, lon: -75.55}, tags: {amenity: 'police', name: 'CAI Norte'}},
    {type: 'way', id: 72, center: {lat: 6.3, lon: -75.56}, tags: {amenity: 'prison'}},
    {
      type: 'way',
      id: 73,
      geometry: [
        {lat: 6.3, lon: -75.55},
        {lat: 6.31, lon: -75.55},
      ],
      tags: {highway: 'trunk'},
    },
    {type: 'node', id: 74, lat: 6.3, lon: -75.55},
  ];
  const path = file('answer.json', JSON.stringify({version: 0.6, elements}));
  expect(await importPlaces(database, [path], {category: 'police', ...osm})).toMatchObject({
    inserted: 1,
    notAsked: 2,
  });
  expect(await importPlaces(database, [path], {category: 'main_road', ...osm})).toMatchObject({inserted: 1});
  await expect(importPlaces(database, [path], {category: 'mall', ...osm})).rejects.toThrow(
    /nothing to import/,
  );
  expect(await importPlaces(database, [path], {category: 'mall', mayBeEmpty: true, ...osm})).toMatchObject({
    inserted: 0,
    removed: 0,
  });
  const pois = await database.orm.select().from(poi);
  expect(pois.find(({poiId}) => poiId === 'police/osm:way/71')).toMatchObject({
    name: 'CAI Norte',
    latitude: 6.3,
    geometry: null,
  });
  expect(pois.find(({poiId}) => poiId === 'main_road/osm:way/73')?.geometry?.coordinates[0]).toHaveLength(2);
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
    expect(roadPoints.inserted).toBe(2677);
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
