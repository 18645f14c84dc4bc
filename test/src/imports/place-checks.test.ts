import {describe, expect, test} from 'vitest';
import {ConfigError} from '../../../src/domain/errors.ts';
import type {AreaGeometry} from '../../../src/domain/market.ts';
import {
  clusterCorners,
  findSelfCrossing,
  measureCoverage,
  refuseScatteredIds,
  refuseSecondCodes,
} from '../../../src/imports/place-checks.ts';

function box(west: number, south: number, side: number): number[][] {
  return [
    [west, south],
    [west + side, south],
    [west + side, south + side],
    [west, south + side],
    [west, south],
  ];
}

const area = (...rings: number[][][]): AreaGeometry => ({type: 'Polygon', coordinates: rings});

describe('findSelfCrossing', () => {
  const bow = (side: number) => [
    [-75.6, 6.2],
    [-75.6 + side, 6.2 + side],
    [-75.6 + side, 6.2],
    [-75.6, 6.2 + side],
    [-75.6, 6.2],
  ];

  test('a square does not, a bow does, and the place is told', () => {
    expect(findSelfCrossing(area(box(-75.6, 6.2, 0.01)))).toBeNull();
    expect(findSelfCrossing(area(bow(0.01)))).toMatch(/^near 6\.2\d*, -75\.\d+$/);
  });

  test('a hole that crosses itself counts too; loops under 15 m are the noise of drawing', () => {
    expect(findSelfCrossing(area(box(-75.7, 6.1, 0.3), bow(0.01)))).not.toBeNull();
    expect(findSelfCrossing(area(bow(0.0001)))).toBeNull();
  });
});

describe('measureCoverage', () => {
  const side = 0.01;
  const squareM2 = 1105.3 * 1112;

  test('two squares side by side cover both, with nothing twice', () => {
    const {areaM2, overlapM2, holesM2} = measureCoverage([
      area(box(-75.6, 6.2, side)),
      area(box(-75.59, 6.2, side)),
    ]);
    expect(areaM2 / squareM2).toBeCloseTo(2, 1);
    expect(overlapM2 / squareM2).toBeLessThan(0.01);
    expect(holesM2).toBe(0);
  });

  test('half over another is half a square of overlap; a hole nobody fills is a hole', () => {
    const half = measureCoverage([area(box(-75.6, 6.2, side)), area(box(-75.595, 6.2, side))]);
    expect(half.overlapM2 / squareM2).toBeCloseTo(0.5, 1);
    const holed = measureCoverage([area(box(-75.6, 6.2, 3 * side), box(-75.59, 6.21, side))]);
    expect(holed.holesM2 / squareM2).toBeCloseTo(1, 1);
  });

  test('nothing covers nothing', () => {
    expect(measureCoverage([])).toEqual({areaM2: 0, overlapM2: 0, holesM2: 0});
  });
});

test('points of one id may stand as far apart as a campus is wide, not farther', () => {
  const near = [
    {latitude: 6.2, longitude: -75.6},
    {latitude: 6.202, longitude: -75.6},
  ];
  expect(() => refuseScatteredIds(new Map([['7', near]]))).not.toThrow();
  const far = [...near, {latitude: 6.21, longitude: -75.6}];
  expect(() => refuseScatteredIds(new Map([['7', far]]))).toThrow(ConfigError);
  expect(() => refuseScatteredIds(new Map([['7', far]]))).toThrow(/^1 ids come twice.*: 7\./);
});

describe('refuseSecondCodes', () => {
  const barrio = {placeCode: '05001-0101', name: 'Santo Domingo', latitude: 6.29, longitude: -75.54};

  test.each([
    ['the same outline under another name and code', {...barrio, placeCode: '05001-1', name: '1'}],
    ['another edition of it', {...barrio, placeCode: '05001-sd', name: 'SANTO DOMINGO', latitude: 6.2905}],
  ])('%s is refused, and both codes are told', (_, twin) => {
    const refuse = () => refuseSecondCodes([twin], [barrio]);
    expect(refuse).toThrow(ConfigError);
    expect(refuse).toThrow(`${twin.placeCode} (${twin.name}) is 05001-0101 (Santo Domingo)`);
  });

  test.each([
    ['a neighbour', {...barrio, placeCode: '05001-2', name: 'Popular', latitude: 6.2905}],
    ['its namesake across the city', {...barrio, placeCode: '05001-3', latitude: 6.2}],
    ['a place without a middle', {placeCode: '05001-4', name: 'Santo Domingo', latitude: null}],
  ])('%s is another place', (_, other) => {
    expect(() => refuseSecondCodes([other], [barrio])).not.toThrow();
  });
});

describe('clusterCorners', () => {
  const corner = (nodeId: number, metresNorth: number) => ({
    nodeId,
    latitude: 6.2 + metresNorth / 111_195,
    longitude: -75.6,
  });

  test('near ones, and farther ones drawn in one go, are one object', () => {
    const clusters = clusterCorners([
      corner(1, 0),
      corner(500_000, 30),
      corner(40, 200),
      corner(900_000, 300),
    ]);
    expect(clusters).toEqual([[0, 1, 2], [3]]);
  });

  test('none are none', () => {
    expect(clusterCorners([])).toEqual([]);
  });
});
