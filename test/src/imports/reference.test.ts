import {existsSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {gunzipSync} from 'node:zlib';
import {parse} from 'csv-parse/sync';
import {eq, like} from 'drizzle-orm';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {place, poi} from '../../../drizzle/schema/core.ts';
import type {Database} from '../../../src/db/client.ts';
import {summarisePois} from '../../../src/db/places.ts';
import {readPlaceFile} from '../../../src/imports/place-file.ts';
import {buildPlaces} from '../../../src/imports/place-rows.ts';
import {loadReferenceData, readReferencePlaces, readReferencePois} from '../../../src/imports/reference.ts';
import {isWithin, planeDistanceM, VALLE_DE_ABURRA} from '../../../src/lib/geo.ts';
import {PlaceIndex} from '../../../src/lib/geo-places.ts';
import {foldName} from '../../../src/lib/place-names.ts';
import {testDatabase} from '../../support/database.ts';

describe('the facts', () => {
  test('every row lies in the valley, has an id of its own, a source, a licence and a day', async () => {
    const rows = await readReferencePois();
    expect(rows.filter(row => !isWithin(VALLE_DE_ABURRA, row.latitude, row.longitude))).toEqual([]);
    expect(new Set(rows.map(row => row.poiId)).size).toBe(rows.length);
    const osm = rows.filter(row => /^(node|way|relation)\//.test(row.sourceId));
    expect(osm.filter(row => row.licence !== 'ODbL 1.0')).toEqual([]);
    expect(rows.filter(row => row.source.startsWith('OpenStreetMap') && !osm.includes(row))).toEqual([]);
  });

  test('the ten municipalities with their DIVIPOLA codes, and 21 districts of Medellín', async () => {
    const places = await readReferencePlaces();
    const rows = places.filter(row => row.kind === 'municipality');
    expect(places.filter(row => row.kind === 'district' && row.parentCode === '05001')).toHaveLength(21);
    expect(Object.fromEntries(rows.map(row => [row.placeCode, row.name]))).toEqual({
      '05001': 'Medellín',
      '05079': 'Barbosa',
      '05088': 'Bello',
      '05129': 'Caldas',
      '05212': 'Copacabana',
      '05266': 'Envigado',
      '05308': 'Girardota',
      '05360': 'Itagüí',
      '05380': 'La Estrella',
      '05631': 'Sabaneta',
    });
  });

  test('all lines and categories are there', async () => {
    const rows = await readReferencePois();
    const lines = new Map<string, number>();
    for (const {sourceId, category} of rows) {
      const line = category.endsWith('_station') ? `${category} ${sourceId.split(':')[1]}` : category;
      lines.set(line, (lines.get(line) ?? 0) + 1);
    }
    expect(Object.fromEntries([...lines].sort())).toEqual({
      'brt_station 1': 20,
      'brt_station 2': 10,
      'cable_station h': 3,
      'cable_station j': 4,
      'cable_station k': 4,
      'cable_station l': 2,
      'cable_station m': 3,
      'cable_station p': 4,
      hospital: 45,
      mall: 30,
      'metro_station a': 21,
      'metro_station b': 7,
      prison: 4,
      'tram_station t-a': 8,
      university: 27,
    });
  });
});

describe('loading', () => {
  let database: Database;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  test('twice is once', async () => {
    const first = await loadReferenceData(database);
    expect(first.places).toEqual({inserted: 31, updated: 0, unchanged: 0, removed: 0});
    expect(first.pois).toEqual({inserted: 192, updated: 0, unchanged: 0, removed: 0});
    const second = await loadReferenceData(database);
    expect(second.places).toEqual({inserted: 0, updated: 0, unchanged: 31, removed: 0});
    expect(second.pois).toEqual({inserted: 0, updated: 0, unchanged: 192, removed: 0});
    const sources = (await summarisePois(database.orm)).map(row => row.source);
    expect(sources.every(source => source.endsWith(' (data/reference)'))).toBe(true);
  });

  test('a fact that changed is repaired, one that left the files goes', async () => {
    const {orm} = database;
    await orm
      .update(poi)
      .set({latitude: 6.3})
      .where(eq(poi.poiId, 'metro_station/reference:metro:a:poblado'));
    const [known] = await orm.select().from(poi).where(eq(poi.poiId, 'mall/osm:way/152942893'));
    const {poiNumber: _own, ...facts} = known!;
    await orm.insert(poi).values({...facts, poiId: 'mall/osm:way/1', sourceId: 'way/1'});
    expect((await loadReferenceData(database)).pois).toMatchObject({updated: 1, removed: 1, unchanged: 191});
  });

  test('what an import brought under the same id stays', async () => {
    const {orm} = database;
    await orm
      .update(place)
      .set({name: 'Municipio de Bello', source: 'DANE MGN'})
      .where(eq(place.placeCode, '05088'));
    await orm.update(poi).set({source: 'OpenStreetMap'}).where(like(poi.poiId, 'mall/%'));
    const report = await loadReferenceData(database);
    expect(report.places).toEqual({inserted: 0, updated: 0, unchanged: 30, removed: 0});
    expect(report.pois).toEqual({inserted: 0, updated: 0, unchanged: 162, removed: 0});
    const [bello] = await orm.select().from(place).where(eq(place.placeCode, '05088'));
    expect(bello?.name).toBe('Municipio de Bello');
  });
});

const GEO = fileURLToPath(new URL('../../../../shared/data/geo/', import.meta.url));

describe.skipIf(!existsSync(GEO))('cross-checked with ../shared/data/geo', () => {
  test('each municipal centre lies in its own polygon', async () => {
    const features = await readPlaceFile(`${GEO}admin/valle_aburra_municipios.geojson`);
    const located = features.flatMap(({shape, ...rest}) =>
      shape === null ? [] : [{...rest, shape, file: 'municipios'}],
    );
    const settings = {
      source: 's',
      licence: 'l',
      asOf: '2018-12-31',
      idField: 'MPIO_CCNCT',
      nameField: 'MPIO_CNMBR',
    };
    const {rows} = buildPlaces(located, 'municipality', settings);
    const index = new PlaceIndex(
      rows.map(({placeCode, kind, name, geometry}) => ({
        placeCode,
        kind,
        name,
        parentCode: null,
        geometry: geometry ?? null,
        latitude: null,
        longitude: null,
      })),
    );
    const seats = (await readReferencePlaces()).filter(row => row.kind === 'municipality');
    for (const {placeCode, name, latitude, longitude} of seats) {
      expect(index.locate(latitude ?? 0, longitude ?? 0).municipality, name).toBe(placeCode);
      expect(foldName(index.place(placeCode)?.name ?? '')).toBe(foldName(name));
    }
  });

  test('each OpenStreetMap object of 2026 stands where its id stands', async () => {
    const published = new Map<string, {latitude: number; longitude: number}>();
    for (const name of [
      'sur_centro_2026_schools_universities',
      'sur_centro_2026_malls_offices',
      'valle_aburra_2026_health',
    ]) {
      for (const {fields, shape} of await readPlaceFile(`${GEO}poi/osm_${name}.geojson`)) {
        if (shape?.type === 'point') published.set(`${fields.osm_type}/${fields.osm_id}`, shape);
      }
    }
    const rows = (await readReferencePois()).filter(row => row.source.startsWith('OpenStreetMap 2026'));
    expect(rows).toHaveLength(85);
    for (const row of rows)
      expect(planeDistanceM(row, published.get(row.sourceId)!), row.name ?? row.poiId).toBeLessThan(2);
  });

  test('each ground of 2022 holds the corner it is named after', async () => {
    const csv = gunzipSync(readFileSync(`${GEO}poi/osm_medellin_2022_amenity_vertices.csv.gz`));
    const corners: Record<string, string>[] = parse(csv, {columns: true});
    const rows = (await readReferencePois()).filter(row => row.source.startsWith('OpenStreetMap 2022'));
    expect(rows).toHaveLength(6);
    for (const row of rows) {
      const corner = corners.find(({osm_id}) => `node/${osm_id}` === row.sourceId);
      expect(corner?.feature).toBe(row.category);
      const at = {latitude: Number(corner?.lat), longitude: Number(corner?.lon)};
      expect(planeDistanceM(row, at)).toBeLessThan(600);
    }
  });

  test('each station stands within 1 m of the 2025 file or the 2021 file, hospitals as registered', async () => {
    const stations: {name: string; latitude: number; longitude: number}[] = [];
    for (const {fields, shape} of await readPlaceFile(`${GEO}transit/sitva_estaciones_2025.geojson`)) {
      if (shape?.type === 'point') stations.push({...shape, name: foldName(fields.nombre ?? '')});
    }
    for (const {fields, shape} of await readPlaceFile(`${GEO}transit/metro_estaciones_oficial_2021.csv`)) {
      const name = foldName((fields.nombre ?? '').replace(/^Estación /, '').replace(/ \(.*/, ''));
      if (shape?.type === 'point') stations.push({...shape, name});
    }
    const rows = await readReferencePois();
    for (const row of rows.filter(({category}) => category.endsWith('_station'))) {
      const nearest = Math.min(...stations.map(station => planeDistanceM(station, row)));
      expect(nearest, row.poiId).toBeLessThan(1.5);
    }
    const registered = await readPlaceFile(`${GEO}poi/ese_hospitales_valle_aburra.csv`);
    for (const row of rows.filter(({sourceId}) => sourceId.startsWith('reps:'))) {
      const site = registered.find(({fields}) => `reps:${fields.cod_habilitacion}` === row.sourceId);
      expect(site?.shape?.type === 'point' && planeDistanceM(site.shape, row), row.name ?? '').toBeLessThan(
        1.5,
      );
    }
  });
});
