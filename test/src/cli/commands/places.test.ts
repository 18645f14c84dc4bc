import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {placesCommand} from '../../../../src/cli/commands/places.ts';
import type {Database} from '../../../../src/db/client.ts';
import {ConfigError} from '../../../../src/domain/errors.ts';
import {commandBench} from '../../../support/command.ts';
import {testDatabase} from '../../../support/database.ts';

let database: Database;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
});
const {folder, run} = commandBench(placesCommand, () => database);

const file = join(folder, 'clinicas.csv');
writeFileSync(
  file,
  'codigo,sede,y,x,tipo\n501,Norte,6.33,-75.55,clinica\n502,Sur,6.17,-75.6,clinica\n503,Bodega,6.2,-75.6,otra\n',
);
const wanted = ['import', file, '--category', 'hospital', '--where', 'tipo=clinica', '--name', 'sede'];
const provenance = ['--source', 'REPS', '--licence', 'CC0', '--as-of', '2025-01-01'];

test('import says what it did', async () => {
  expect(await run(...wanted, ...provenance)).toBe(
    'hospital: 3 features read\n  2 inserted · 0 updated · 0 unchanged · 0 removed\n  1 left out by --where\n',
  );
});

test('import --json, with the fields named; the other name of each flag is the same flag', async () => {
  const flags = [
    '--id',
    'codigo',
    '--lat',
    'y',
    '--lon',
    'x',
    '--name-field',
    'sede',
    '--where',
    'tipo=clinica',
    '--json',
  ];
  const report = JSON.parse(await run('import', file, '--category', 'hospital', ...flags, ...provenance));
  expect(report).toMatchObject({holds: 'hospital', features: 3, notAsked: 1, unchanged: 2, inserted: 0});
});

test('list shows imported and reference rows', async () => {
  const table = await run('list');
  expect(table).toMatch(/hospital +2 +REPS +CC0 +2025-01-01/);
  expect(table).toMatch(/metro_station +27 +Metro de Medellín open data 2025 \(data\/reference\)/);
  expect(table).toMatch(/municipality +10 +0 +DANE DIVIPOLA/);
});

test('list --json', async () => {
  const {places, pois, files} = JSON.parse(await run('list', '--json'));
  expect(places.map((row: {kind: string}) => row.kind).sort()).toEqual(['district', 'municipality']);
  expect(files).toContainEqual(
    expect.objectContaining({holds: 'hospital', sha256: expect.stringMatching(/^[0-9a-f]{64}$/)}),
  );
  expect(pois).toContainEqual({
    category: 'hospital',
    points: 2,
    source: 'REPS',
    licence: 'CC0',
    asOf: '2025-01-01',
  });
});

test('a wrong word is a ConfigError', async () => {
  await expect(run('import', file, '--category', 'casino', ...provenance)).rejects.toThrow(ConfigError);
});
