import {existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {ConfigError, ContractError} from '../../../src/domain/errors.ts';
import type {Point} from '../../../src/lib/geo.ts';
import {estimateTravel, planGoal} from '../../../src/lib/travel.ts';
import {TransitNetwork} from '../../../src/lib/travel-network.ts';
import {stateWays} from '../../../src/lib/travel-ways.ts';
import {loadEngine} from '../../../src/travel/engine.ts';
import {buildNetwork} from '../../../src/travel/network-build.ts';
import {listNetworks, networkDir} from '../../../src/travel/network-folder.ts';
import {askWays} from '../../../src/travel/network-ways.ts';
import {prepareGround} from '../../../src/travel/travel-plan.ts';
import {encodePbf} from '../../support/osm-pbf.ts';
import {encodeHill, encodeStreets, placeAt} from '../../support/street-world.ts';

const loaded = await loadEngine();
const engine = 'engine' in loaded ? loaded.engine : undefined;
const BUILD = {source: 'OpenStreetMap', licence: 'ODbL 1.0', asOf: '2026-11-01'};
const BUILT_AT = new Date('2026-11-23T10:00:00Z');
const MINUTES_PER_KM = 60 / 4.8;

const westBank = placeAt(0, 0);
const eastBank = placeAt(200, 0);
const farWest = placeAt(-1000, 0);
const foot = placeAt(200, 500);
const top = placeAt(1200, 500);
const island = placeAt(-900, -3000);
const wilderness = placeAt(3000, 3000);
const EVERYWHERE = [westBank, eastBank, farWest, foot, top, island, wilderness];

// Left out where the optional package has no program for this machine.
describe.skipIf(engine === undefined)('a street network built by Valhalla from an extract of our own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'raiz-network-'));
  const extract = join(folder, 'streets.osm.pbf');
  const flatDir = join(folder, 'flat');
  const hillyDir = join(folder, 'hilly');
  const elevation = join(folder, 'tiles');

  beforeAll(async () => {
    writeFileSync(extract, encodeStreets());
    mkdirSync(elevation);
    writeFileSync(join(elevation, 'N06W076.hgt'), encodeHill());
    await buildNetwork(flatDir, extract, {...BUILD, builtAt: BUILT_AT});
    await buildNetwork(hillyDir, extract, {...BUILD, elevation, builtAt: BUILT_AT});
  }, 240_000);
  afterAll(() => rmSync(folder, {recursive: true}));

  async function waysOf(dataDir: string, goals: readonly Point[] = EVERYWHERE) {
    const [network] = await listNetworks(dataDir);
    if (network === undefined || engine === undefined) throw new Error('no network');
    return askWays(engine, network.folder, {homes: EVERYWHERE, goals, stations: []});
  }

  test('minutes on foot are street length at walking speed; roads are as long as they are', async () => {
    const ways = await waysOf(flatDir);
    expect(ways.walkQuality).toBe('exact');
    expect(ways.walkMinutes(farWest, westBank)).toBeCloseTo(MINUTES_PER_KM, 0);
    expect(ways.walkMinutes(foot, top)).toBeCloseTo(MINUTES_PER_KM, 0);
    expect(ways.busRoadM(farWest, westBank)).toBeCloseTo(1000, -1);
    expect(ways.walkMinutes(top, top)).toBe(0);
  });

  test('across a river one goes by the bridge, not in a straight line', async () => {
    const ways = await waysOf(flatDir);
    const straight = stateWays().walkMinutes(westBank, eastBank) ?? Number.NaN;
    expect(straight).toBeLessThan(4);
    expect(ways.walkMinutes(westBank, eastBank)).toBeCloseTo(2.2 * MINUTES_PER_KM, 0);
  });

  test('up a street of 20 % is far slower than down it, and both slower than flat', async () => {
    const flat = await waysOf(flatDir);
    const hilly = await waysOf(hillyDir);
    const level = flat.walkMinutes(foot, top) ?? Number.NaN;
    const up = hilly.walkMinutes(foot, top) ?? Number.NaN;
    const down = hilly.walkMinutes(top, foot) ?? Number.NaN;
    expect(down).toBeGreaterThan(level * 1.1);
    expect(up).toBeGreaterThan(down * 1.5);
    expect(hilly.walkMinutes(farWest, westBank)).toBeCloseTo(MINUTES_PER_KM, 0);
  });

  test('minutes are those of the direction asked for, whatever else is asked in the same request', async () => {
    const alone = await waysOf(hillyDir, [top]);
    const together = await waysOf(hillyDir);
    expect(alone.walkMinutes(foot, top)).toBe(together.walkMinutes(foot, top));
    expect(alone.walkMinutes(foot, top)).toBeGreaterThan(together.walkMinutes(top, foot) ?? Number.NaN);
  });

  test.each([
    ['an island', island],
    ['a point off every street', wilderness],
  ])('%s has no way, and none is not zero', async (_, home) => {
    const ways = await waysOf(flatDir, [westBank]);
    expect(ways.walkMinutes(home, westBank)).toBeNull();
    expect(ways.busRoadM(home, westBank)).toBeNull();
    const goal = planGoal(new TransitNetwork([]), westBank, ways);
    expect(estimateTravel(home, goal)).toBeNull();
    expect(estimateTravel(farWest, goal)).toMatchObject({mode: 'walk', quality: 'exact'});
  });

  test('who rides has estimated minutes, also on a network', async () => {
    const goal = planGoal(new TransitNetwork([]), eastBank, await waysOf(flatDir, [eastBank]));
    // 3.2 km of road at 15 km/h, 18 minutes around it; on foot it would be 40.
    expect(estimateTravel(farWest, goal)).toMatchObject({mode: 'bus', quality: 'estimated', minutes: 30.8});
  });

  test('the manifest says what it was built from', async () => {
    const [network] = await listNetworks(hillyDir);
    expect(network?.manifest).toMatchObject({
      file: 'streets.osm.pbf',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      source: 'OpenStreetMap',
      licence: 'ODbL 1.0',
      as_of: '2026-11-01',
      elevation: [{tile: 'N06W076', sha256: expect.stringMatching(/^[0-9a-f]{64}$/)}],
      engine: `valhalla ${engine?.version}`,
      built_at: BUILT_AT.toISOString(),
    });
    expect(readdirSync(network?.folder ?? '').sort()).toEqual(['2', 'manifest.json']);
  });

  test('the same extract again is not built again', async () => {
    const again = await buildNetwork(flatDir, extract, {...BUILD, builtAt: new Date('2027-01-01')});
    expect(again).toMatchObject({isNew: false, manifest: {built_at: BUILT_AT.toISOString()}});
  });

  const inBerlin = encodePbf([
    {type: 'node', id: 1, latitude: 52.5, longitude: 13.4},
    {type: 'node', id: 2, latitude: 52.51, longitude: 13.4},
    {type: 'way', id: 1, nodeIds: [1, 2], tags: {highway: 'residential'}},
  ]);
  test.each([
    ['no extract at all', Buffer.from('hello'), /no street network could be built from it/],
    ['a cut one', encodeStreets().subarray(0, -60), /unexpected EOF/],
    [
      'one without streets',
      encodePbf([{type: 'node', id: 1, latitude: 6.2, longitude: -75.5}]),
      /with streets/,
    ],
    ['one of another city', inBerlin, /no street of the Valle de Aburrá/],
  ])(
    '%s is refused and changes nothing',
    async (_, bytes, message) => {
      const path = join(folder, 'rubbish.osm.pbf');
      writeFileSync(path, bytes);
      const before = readdirSync(networkDir(flatDir));
      const failed = buildNetwork(flatDir, path, {...BUILD, builtAt: BUILT_AT});
      await expect(failed).rejects.toThrow(message);
      await expect(failed).rejects.toBeInstanceOf(ConfigError);
      expect(readdirSync(networkDir(flatDir))).toEqual(before);
    },
    60_000,
  );

  test('refused: a file and a folder that are not there', async () => {
    const missing = join(folder, 'missing.osm.pbf');
    await expect(buildNetwork(flatDir, missing, {...BUILD, builtAt: BUILT_AT})).rejects.toThrow(
      /can't be read/,
    );
    const options = {...BUILD, elevation: flatDir, builtAt: BUILT_AT};
    await expect(buildNetwork(flatDir, extract, options)).rejects.toThrow(/no elevation tile of the Valle/);
    expect(existsSync(missing)).toBe(false);
  });

  test('an installation with a network uses it; without the engine the estimate serves and says why', async () => {
    const ends = {homes: EVERYWHERE, goals: [westBank], stations: []};
    const ground = await prepareGround(flatDir, ends);
    expect(ground).toMatchObject({network: {licence: 'ODbL 1.0'}, passedOver: null});
    const absent = await prepareGround(flatDir, ends, () => Promise.resolve({reason: 'not installed'}));
    expect(absent).toMatchObject({
      network: null,
      passedOver: 'not installed',
      ways: {walkQuality: 'estimated'},
    });
    expect(absent.ways.walkMinutes(westBank, eastBank)).toBeLessThan(4);
  });

  test('a network whose tiles are gone is an error, not an answer', async () => {
    const [network] = await listNetworks(hillyDir);
    if (network === undefined || engine === undefined) throw new Error('no network');
    rmSync(join(network.folder, 'manifest.json'));
    await expect(listNetworks(hillyDir)).rejects.toBeInstanceOf(ContractError);
  });
});
