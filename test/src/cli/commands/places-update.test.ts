import {existsSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {afterAll, beforeAll, beforeEach, expect, test, vi} from 'vitest';
import {placesCommand} from '../../../../src/cli/commands/places.ts';
import type {Database} from '../../../../src/db/client.ts';
import {selectPlaces} from '../../../../src/db/places.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';

let database: Database;
let baseUrl: string;
let agents: (string | undefined)[] = [];

const overpass = {
  elements: [
    {type: 'node', id: 5, lat: 6.25, lon: -75.57, tags: {amenity: 'school', name: 'Colegio Ñandú'}},
    {
      type: 'way',
      id: 6,
      geometry: [
        {lat: 6.2, lon: -75.58},
        {lat: 6.21, lon: -75.58},
      ],
      tags: {highway: 'primary', name: 'Las Vegas'},
    },
  ],
};
const barrio = {
  type: 'Feature',
  properties: {CODIGO: '0101', NOMBRE: 'SANTO DOMINGO', LIMITECOMU: '01'},
  geometry: {
    type: 'Polygon',
    coordinates: [
      [
        [-75.55, 6.29],
        [-75.54, 6.29],
        [-75.54, 6.3],
        [-75.55, 6.3],
        [-75.55, 6.29],
      ],
    ],
  },
};
let layer: unknown;

const server = createServer((request, response) => {
  agents.push(request.headers['user-agent']);
  request.resume();
  request.on('end', () => response.end(JSON.stringify(request.method === 'POST' ? overpass : layer)));
});

beforeAll(async () => {
  database = await testDatabase();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  agents = [];
  layer = {type: 'FeatureCollection', features: [barrio]};
});
afterAll(async () => {
  server.close();
  await database.close();
});
const {folder, run} = commandBench(placesCommand, () => database);
const update = (...flags: string[]) => run('update', '--city', 'medellin', ...flags);

test('--dry-run tells whom it would ask what, and asks nobody', async () => {
  const plan = await update('--dry-run', '--base-url', baseUrl);
  expect(plan).toMatch(/POST http:\/\/127\.0\.0\.1:\d+\//);
  expect(plan).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\//);
  expect(plan).toContain('[out:json]');
  const asked = JSON.parse(await update('--dry-run', '--json'));
  expect(asked.map(({method}: {method: string}) => method)).toEqual(['POST', 'GET']);
  expect(agents).toEqual([]);
});

test('a broken answer changes nothing', async () => {
  layer = {error: {code: 500, message: 'busy'}};
  const before = await selectPlaces(database.orm);
  await expect(update('--base-url', baseUrl)).rejects.toThrow(/answered with an error: busy/);
  expect(await selectPlaces(database.orm)).toEqual(before);
  expect(await database.sql`select from core.poi where source_id = 'node/5'`).toHaveLength(0);
});

test('points, roads and barrios from two answers; the second time nothing changes', async () => {
  vi.stubEnv('RAIZ_CONTACT', 'ana@example.org');
  const first = await update('--base-url', baseUrl);
  expect(first).toMatch(/school: 1 inserted · 0 updated · 0 unchanged/);
  expect(first).toMatch(/main_road: 1 inserted/);
  expect(first).toMatch(/neighbourhood: 1 inserted/);
  expect(agents).toHaveLength(2);
  expect(agents.every(agent => agent?.includes('(+ana@example.org)'))).toBe(true);
  expect(existsSync(join(folder, 'places', 'medellin-osm.json'))).toBe(true);
  const {files, reports} = JSON.parse(await update('--base-url', baseUrl, '--json'));
  expect(files.map(({sha256}: {sha256: string}) => sha256.length)).toEqual([64, 64]);
  expect(
    reports.every(({inserted, updated}: {inserted: number; updated: number}) => inserted + updated === 0),
  ).toBe(true);
});
