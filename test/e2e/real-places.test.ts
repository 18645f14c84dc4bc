/**
 * Real open files beside the repository place real adverts. That barrios agree with 21,370 labelled points is proved in
 * `test/src/lib/geo-places.test.ts`; what is refused, in `test/src/imports/places.test.ts`.
 */
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {beforeAll, describe, expect, test} from 'vitest';
import {KNOWN_PINS, pinOf} from '../../pipelines/enrich/quality.ts';
import {clusterCorners} from '../../src/imports/place-checks.ts';
import {readPlaceFile} from '../../src/imports/place-file.ts';
import {buildPlaces, type LocatedFeature, type RowSettings} from '../../src/imports/place-rows.ts';
import {readPlaceAliases, readReferencePlaces} from '../../src/imports/reference.ts';
import {judgeCoordinates} from '../../src/lib/geo.ts';
import {PlaceIndex} from '../../src/lib/geo-places.ts';
import {foldName} from '../../src/lib/place-names.ts';
import {PlaceSearch} from '../../src/lib/place-search.ts';

const at = (path: string) => fileURLToPath(new URL(`../../../shared/data/${path}`, import.meta.url));
const ADMIN = 'geo/admin/medellin';
const provenance = {source: 'GeoMedellín', licence: 'open', asOf: '2026-01-01'};

async function placesOf(path: string, kind: 'district' | 'neighbourhood', settings: Partial<RowSettings>) {
  const features = await readPlaceFile(at(path));
  const located = features.flatMap(({shape, ...feature}): LocatedFeature[] =>
    shape === null ? [] : [{...feature, shape, file: path}],
  );
  const {rows} = buildPlaces(located, kind, {...provenance, within: '05001', ...settings});
  return rows.map(({parentCode, geometry, latitude, longitude, ...row}) => ({
    ...row,
    parentCode: parentCode ?? null,
    geometry: geometry ?? null,
    latitude: latitude ?? null,
    longitude: longitude ?? null,
  }));
}

type Places = Awaited<ReturnType<typeof placesOf>>;

describe.skipIf(!existsSync(at('geo/admin')))('official names (needs ../shared/data/geo)', () => {
  let districts: Places;
  let barrios: Places;
  beforeAll(async () => {
    districts = await placesOf(`${ADMIN}_comunas_corregimientos.geojson.gz`, 'district', {idField: 'COMUNA'});
    barrios = await placesOf(`${ADMIN}_barrios_veredas.geojson.gz`, 'neighbourhood', {
      idField: 'CODIGO',
      parentField: 'LIMITECOMU',
    });
  });

  test('the 21 districts of the reference have the codes and names of the official layer', async () => {
    const own = (await readReferencePlaces()).filter(({kind}) => kind === 'district');
    const named = (rows: readonly {placeCode: string; name: string}[]) =>
      rows.map(({placeCode, name}) => `${placeCode} ${foldName(name)}`).toSorted();
    expect(named(own)).toEqual(named(districts));
  });

  test('every alias names a place that is there, by its official name, and is found', async () => {
    const aliases = await readPlaceAliases();
    const official = new Map([...districts, ...barrios].map(place => [place.placeCode, place]));
    const search = new PlaceSearch([...districts, ...barrios], aliases);
    for (const {alias, officialCode, officialName} of aliases) {
      expect(foldName(official.get(officialCode)?.name ?? ''), alias).toBe(foldName(officialName));
      const {district, neighbourhood} = search.find('05001', null, alias);
      expect([district?.code, neighbourhood?.code], alias).toContain(officialCode);
    }
  });

  test('what Metrocuadrado calls a neighbourhood is found, and holds the point or lies within 500 m of it', async () => {
    const search = new PlaceSearch([...districts, ...barrios], await readPlaceAliases());
    const index = new PlaceIndex([...districts, ...barrios]);
    const rows = await readPlaceFile(at('listings/metrocuadrado-medellin-2021.csv.gz'));
    const found = rows.map(({fields, shape}) => ({
      shape,
      place: search.find('05001', null, fields.neighborhood ?? null),
    }));
    const known = found.filter(({place}) => place.district !== null || place.neighbourhood !== null);
    expect(known.length / rows.length).toBeGreaterThan(0.85);
    const distances = known.flatMap(({shape, place}) => {
      const code = (place.neighbourhood ?? place.district)?.code ?? '';
      if (shape?.type !== 'point' || judgeCoordinates(shape.latitude, shape.longitude) !== 'plausible')
        return [];
      return index.distanceM(code, shape.latitude, shape.longitude)?.metres ?? [];
    });
    expect(distances.length).toBeGreaterThan(8000);
    expect(distances.filter(metres => metres <= 500).length / distances.length).toBeGreaterThan(0.94);
  });

  test('2,668 corners of schools are gathered into 350 to 400 schools, as many as were counted by hand', async () => {
    const rows = await readPlaceFile(at('geo/poi/osm_medellin_2022_amenity_vertices.csv.gz'));
    const corners = rows.flatMap(({fields, shape}) =>
      fields.feature === 'school' && shape?.type === 'point'
        ? [{...shape, nodeId: Number(fields.osm_id)}]
        : [],
    );
    expect(corners).toHaveLength(2668);
    const schools = clusterCorners(corners).length;
    expect(schools).toBeGreaterThanOrEqual(350);
    expect(schools).toBeLessThanOrEqual(400);
  });
});

describe.skipIf(!existsSync(at('listings')))('known pins (needs ../shared/data/listings)', () => {
  test.each([
    ['fincaraiz-medellin-casas-2021-snapshots.csv.gz', 'propID', 0.053],
    ['fincaraiz-medellin-2023.csv.gz', 'property_id', 0.173],
  ])('%s: their share of the adverts', async (file, idField, share) => {
    const rows = await readPlaceFile(at(`listings/${file}`));
    const pins = new Map(
      rows.map(({fields, shape}) => {
        if (shape?.type !== 'point') return [fields[idField], false];
        const {latitude, longitude} = shape;
        const isSwapped = judgeCoordinates(latitude, longitude) === 'swapped';
        return [
          fields[idField],
          KNOWN_PINS.has(isSwapped ? pinOf(longitude, latitude) : pinOf(latitude, longitude)),
        ];
      }),
    );
    const pinned = [...pins.values()].filter(Boolean).length;
    expect(pinned / pins.size).toBeCloseTo(share, 3);
  });
});
