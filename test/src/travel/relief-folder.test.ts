import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {ConfigError, ContractError} from '../../../src/domain/errors.ts';
import {stateWays} from '../../../src/lib/travel-ways.ts';
import {importRelief, listRelief, readRelief, reliefDir} from '../../../src/travel/relief-folder.ts';
import {prepareGround} from '../../../src/travel/travel-plan.ts';
import {encodeHill, placeAt} from '../../support/street-world.ts';

const FACTS = {source: 'made up', licence: 'CC0', asOf: '2026-11-01'};
const foot = placeAt(200, 600);
const top = placeAt(1200, 600);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raiz-relief-'));
});
afterEach(() => rmSync(folder, {recursive: true}));

function writeTile(name: string, bytes: Buffer = encodeHill()): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test('an imported tile is kept with its source, and walks count its climb', async () => {
  const ends = {homes: [foot], goals: [top], stations: []};
  expect((await prepareGround(folder, ends)).relief).toEqual([]);
  await importRelief(folder, [writeTile('N06W076.hgt')], FACTS);
  expect(await listRelief(folder)).toMatchObject([
    {tile: 'N06W076', source: 'made up', licence: 'CC0', as_of: '2026-11-01', spacing_m: 93, void_share: 0},
  ]);
  const ground = await prepareGround(folder, ends);
  expect(ground.relief).toHaveLength(1);
  const level = stateWays().walkMinutes(foot, top) ?? Number.NaN;
  // 200 m up over 1.3 km of street.
  expect(ground.ways.walkMinutes(foot, top)).toBeCloseTo(level * Math.exp(3.5 * (200 / 1300)), 0);
});

test('a tile of the same name takes the place of the old one', async () => {
  await importRelief(folder, [writeTile('N06W076.hgt')], FACTS);
  await importRelief(folder, [writeTile('N06W076.hgt', Buffer.alloc(1201 * 1201 * 2))], FACTS);
  expect(await listRelief(folder)).toHaveLength(1);
  expect((await readRelief(folder))?.elevationM(top)).toBe(0);
});

test('one bad file among good ones: nothing is written', async () => {
  const good = writeTile('N06W076.hgt');
  for (const bad of [
    writeTile('N05W076.hgt', Buffer.alloc(9)),
    writeTile('N10W076.hgt'),
    join(folder, 'no.hgt'),
  ]) {
    await expect(importRelief(folder, [good, bad], FACTS)).rejects.toBeInstanceOf(ConfigError);
  }
  expect(existsSync(reliefDir(folder))).toBe(false);
});

test('a damaged manifest is said to be so', async () => {
  await importRelief(folder, [writeTile('N06W076.hgt')], FACTS);
  writeFileSync(join(reliefDir(folder), 'manifest.json'), '{');
  await expect(listRelief(folder)).rejects.toBeInstanceOf(ContractError);
});
