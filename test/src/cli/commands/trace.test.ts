import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {eq} from 'drizzle-orm';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {listingLocation, poi} from '../../../../drizzle/schema/core.ts';
import {cleanStage} from '../../../../pipelines/clean/stage.ts';
import {enrichStage} from '../../../../pipelines/enrich/stage.ts';
import {matchStage} from '../../../../pipelines/match/stage.ts';
import {traceCommand} from '../../../../src/cli/commands/trace.ts';
import type {Database} from '../../../../src/db/client.ts';
import {importFile} from '../../../../src/imports/import.ts';
import {defineMapping} from '../../../../src/imports/mapping.ts';
import {accessOf} from '../../../support/access.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';

const NOW = new Date('2026-01-31T12:00:00Z');
let database: Database;

const MAPPING = defineMapping({
  name: 'toy-days',
  portal: 'toy',
  idSpace: 'id',
  observedOn: {column: 'dia', format: 'YYYY-MM-DD'},
  scope: {operation: 'sale', propertyType: 'apartment', place: 'antioquia/medellin'},
  complete: true,
  fields: {
    portalListingId: 'id',
    propertyType: {value: 'apartamento'},
    municipality: {value: 'Medellín'},
    builtAreaM2: 'area',
    stratum: 'estrato',
  },
  offers: {operations: {value: 'venta'}, price: {sale: 'precio'}},
});

beforeAll(async () => {
  database = await testDatabase();
  const path = join(folder, 'days.csv');
  const rows = ['2026-01-01,1,80,9,400000000', '2026-01-02,1,80,9,390000000', '2026-01-03,1,80,9,390000000'];
  writeFileSync(path, ['dia,id,area,estrato,precio', ...rows].join('\n'));
  await importFile(database, path, {mapping: MAPPING, hashKey: 'a key of the installation', now: NOW});
  for (const stage of [cleanStage, enrichStage, matchStage])
    await stage.run(database, {now: () => NOW, dataDir: folder});
});
afterAll(async () => {
  await database.close();
});
const {folder, run} = commandBench(traceCommand, () => database);

test('every step of one advert, with day, run, row, rule and stage', async () => {
  const text = await run('toy:id:1');
  for (const heading of ['1. Visto', '2. Limpiado', '3. Ubicado', '4. Emparejado', '5. Valorado'])
    expect(text).toContain(heading);
  expect(text).toMatch(/2026-01-01 12:00 {2}corrida \d+, fila \d+ del archivo importado/);
  expect(text).toContain('igual que antes');
  expect(text).toMatch(/regla \w+: stratum .*\(decía 9\)/);
  expect(text).toContain('etapa clean versión');
  expect(text).toContain('no se conoce otro aviso de este inmueble');
  expect(text).toContain('(nada todavía)');
});

test('one field: what was said, what became of it, and nothing of the others', async () => {
  const text = await run('toy:id:1', 'builtAreaM2');
  expect(text).toContain('built_area_m2 = 80');
  expect(text).not.toContain('municipality');
  expect(await run('toy:id:1', 'price')).toMatch(
    /precio de venta desde 2026-01-02.*390000000 COP → 390 M COP/,
  );
});

test('what is near is told by name, id and metres; a category that is far away as none', async () => {
  const source = {source: 'OpenStreetMap', sourceId: 'way/1', licence: 'ODbL 1.0', asOf: '2026-01-31'};
  const [mall] = await database.orm
    .insert(poi)
    .values({
      poiId: 'mall/osm:way/1',
      category: 'mall',
      name: 'Santafé',
      latitude: 6.2,
      longitude: -75.57,
      ...source,
    })
    .returning({number: poi.poiNumber});
  const near = accessOf({
    mall: {nearest: [[mall!.number, 640]], within: [0, 1, 1], gravity: 0.214},
    prison: {nearest: [], within: [0, 0, 0], gravity: 0},
  });
  await database.orm.update(listingLocation).set(near).where(eq(listingLocation.listingId, 'toy:id:1'));
  const text = await run('toy:id:1');
  expect(text).toContain('cerca: mall: Santafé a 640 m (mall/osm:way/1); accesibilidad 0.214');
  expect(text).toContain('cerca: prison: ninguno a menos de 20 km; accesibilidad 0');
  expect(text).not.toContain('cerca: school');
  expect(JSON.parse(await run('toy:id:1', '--json')).near).toEqual([
    {
      category: 'mall',
      nearest: [{id: 'mall/osm:way/1', name: 'Santafé', metres: 640}],
      within: [0, 1, 1],
      gravity: 0.214,
    },
    {category: 'prison', nearest: [], within: [0, 0, 0], gravity: 0},
  ]);
});

test('as JSON, and an unknown listing', async () => {
  const trace = JSON.parse(await run('toy:id:1', '--json'));
  expect(trace).toMatchObject({listingId: 'toy:id:1', siblings: [], property: {reason: 'single'}});
  expect(trace.sights).toHaveLength(3);
  await expect(run('toy:id:404')).rejects.toThrow(/toy:id:404.*raiz db query/);
});
