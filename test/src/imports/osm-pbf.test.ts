import {execFileSync, spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {ConfigError} from '../../../src/domain/errors.ts';
import {readPbf} from '../../../src/imports/osm-pbf.ts';
import {isOfCategory} from '../../../src/imports/osm-tags.ts';
import {encodePbf} from '../../support/osm-pbf.ts';

const folder = mkdtempSync(join(tmpdir(), 'raiz-pbf-'));
afterAll(() => rmSync(folder, {recursive: true}));

function file(name: string, content: Buffer | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const corner = (id: number, latitude: number, longitude: number) =>
  ({type: 'node', id, latitude, longitude}) as const;
const world = [
  {...corner(11_000_000_001, 6.25, -75.57), tags: {amenity: 'school', name: 'Colegio Ñandú'}},
  corner(2, 6.2, -75.6),
  corner(3, 6.2, -75.598),
  corner(4, 6.204, -75.598),
  corner(5, 6.204, -75.6),
  {type: 'way', id: 71, nodeIds: [2, 3, 4, 5, 2], tags: {amenity: 'school'}},
  {type: 'way', id: 72, nodeIds: [2, 3, 4], tags: {highway: 'primary', name: 'Las Vegas'}},
  {type: 'way', id: 73, nodeIds: [3, 4]},
  {type: 'relation', id: 81, wayIds: [73], tags: {amenity: 'school', type: 'multipolygon'}},
  {type: 'way', id: 74, nodeIds: [998, 999], tags: {amenity: 'school'}},
] as const;

const schools = (path: string) => readPbf(path, tags => isOfCategory(tags, 'school'));

describe('reading', () => {
  test.each([
    ['dense nodes', true],
    ['single nodes', false],
  ])('nodes, ways, relations: %s', async (_, isDense) => {
    const found = await schools(file(`${isDense}.osm.pbf`, encodePbf(world, isDense)));
    expect(
      found.map(({where, shape}) => ({where, shape})).sort((a, b) => (a.where < b.where ? -1 : 1)),
    ).toEqual([
      {where: 'node/11000000001', shape: {type: 'point', latitude: 6.25, longitude: -75.57}},
      {where: 'relation/81', shape: {type: 'point', latitude: 6.202, longitude: -75.598}},
      {where: 'way/71', shape: {type: 'point', latitude: 6.202, longitude: expect.closeTo(-75.599, 9)}},
      {where: 'way/74', shape: null},
    ]);
    expect(found.find(({where}) => where.startsWith('node'))?.fields).toEqual({
      amenity: 'school',
      name: 'Colegio Ñandú',
      osm_type: 'node',
      osm_id: '11000000001',
    });
  });

  test('a road stays a line', async () => {
    const path = file('roads.osm.pbf', encodePbf(world));
    const [road] = await readPbf(path, tags => isOfCategory(tags, 'main_road'));
    const line = [
      [-75.6, 6.2],
      [-75.598, 6.2],
      [-75.598, 6.204],
    ];
    expect(road).toMatchObject({where: 'way/72', shape: {type: 'line', lines: [line]}});
  });
});

describe('refusing', () => {
  const whole = encodePbf(world);
  const torn = Buffer.from(whole);
  torn.fill(0xff, 120, 140);
  test.each([
    ['empty', Buffer.alloc(0), /is empty/],
    ['cut off inside a block', whole.subarray(0, whole.length - 9), /ends at byte \d+, inside a block/],
    ['damaged', torn, /no whole OSM PBF file/],
    ['another format', Buffer.from('{"type":"FeatureCollection","features":[]}'), /no whole OSM PBF file/],
  ])('%s', async (name, content, message) => {
    const attempt = schools(file(`${name}.osm.pbf`, content));
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(message);
  });

  test('a file that is not there', async () => {
    await expect(schools(join(folder, 'nowhere.osm.pbf'))).rejects.toThrow(/can't be read/);
  });
});

const hasOsmium = spawnSync('osmium', ['--version']).status === 0;

describe.skipIf(!hasOsmium)('beside osmium-tool', () => {
  test('osmium reads what the test writer wrote, and Raíz reads what osmium wrote', async () => {
    const ours = file('ours.osm.pbf', encodePbf(world));
    const theirs = join(folder, 'theirs.osm.pbf');
    execFileSync('osmium', ['cat', ours, '-o', theirs, '--overwrite'], {stdio: 'pipe'});
    expect(readFileSync(theirs).equals(readFileSync(ours))).toBe(false);
    expect(await schools(theirs)).toEqual(await schools(ours));
  });
});
