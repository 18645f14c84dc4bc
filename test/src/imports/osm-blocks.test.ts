import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {ConfigError} from '../../../src/domain/errors.ts';
import {visitPbf} from '../../../src/imports/osm-blocks.ts';
import {encodePbf} from '../../support/osm-pbf.ts';

const folder = mkdtempSync(join(tmpdir(), 'raiz-blocks-'));
afterAll(() => rmSync(folder, {recursive: true}));

function file(name: string, content: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const whole = encodePbf([
  {type: 'node', id: 7, latitude: 6.25, longitude: -75.57, tags: {amenity: 'police'}},
  {type: 'node', id: 8, latitude: 6.2512345, longitude: -75.5712345},
  {type: 'way', id: 9, nodeIds: [7, 8], tags: {highway: 'primary'}},
  {type: 'relation', id: 10, wayIds: [9], tags: {type: 'multipolygon'}},
]);

test('every object once, with its tags and members; kinds that nobody visits are skipped', async () => {
  const seen: unknown[] = [];
  const path = file('whole.osm.pbf', whole);
  await visitPbf(path, {
    node: (...node) => seen.push(node),
    way: (...way) => seen.push(way),
    relation: (...relation) => seen.push(relation),
  });
  expect(seen).toEqual([
    [7, 6.25, -75.57, {amenity: 'police'}],
    [8, 6.2512345, -75.5712345, {}],
    [9, [7, 8], {highway: 'primary'}],
    [10, [9], [], {type: 'multipolygon'}],
  ]);
  let ways = 0;
  await visitPbf(path, {way: () => ways++});
  expect(ways).toBe(1);
});

/** Where blocks end: 4 bytes of length, header, body. */
function endsOfBlocks(bytes: Buffer): Set<number> {
  const ends = new Set<number>();
  for (let at = 0; at < bytes.length; ) {
    const header = bytes.readUInt32BE(at);
    // The body's size is the last field of the header this writer makes: a number of one or two bytes.
    const tail = bytes.subarray(at + 4, at + 4 + header);
    const low = tail.at(-1) ?? 0;
    const before = tail.at(-2) ?? 0;
    at += 4 + header + (before >= 128 ? low * 128 + (before - 128) : low);
    ends.add(at);
  }
  return ends;
}

test('cut at any byte inside a block, the file is refused and named', async () => {
  const ends = endsOfBlocks(whole);
  expect(ends).toContain(whole.length);
  for (let length = 1; length < whole.length; length++) {
    if (ends.has(length)) continue;
    const attempt = visitPbf(file('cut.osm.pbf', whole.subarray(0, length)), {node: () => {}});
    await expect(attempt, `${length} bytes`).rejects.toThrow(ConfigError);
    await expect(attempt, `${length} bytes`).rejects.toThrow(/cut\.osm\.pbf is no whole OSM PBF file/);
  }
});

test('a file without objects is read, one without its header is refused', async () => {
  await expect(visitPbf(file('none.osm.pbf', encodePbf([])), {})).resolves.toBeUndefined();
  const [headerEnd] = endsOfBlocks(whole);
  const headless = file('headless.osm.pbf', whole.subarray(headerEnd));
  await expect(visitPbf(headless, {})).rejects.toThrow(/does not begin with an OSM header/);
});
