import {describe, expect, test} from 'vitest';
import {ConfigError} from '../../../src/domain/errors.ts';
import {densifyTile, measureTile, Relief, readReliefTile} from '../../../src/lib/relief.ts';

const SIDE = 1201;

/** Height by row (from the north) and column (from the west); null is a void. */
function encodeTile(heightM: (row: number, column: number) => number | null, side = SIDE): Buffer {
  const bytes = Buffer.alloc(side * side * 2);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      bytes.writeInt16BE(heightM(row, column) ?? -32_768, (row * side + column) * 2);
    }
  }
  return bytes;
}

const slope = readReliefTile(
  'N06W076.hgt',
  encodeTile((row, column) => row + 10 * (column % 100)),
);
const relief = new Relief([slope]);
const at = (row: number, column: number) => ({latitude: 7 - row / 1200, longitude: -76 + column / 1200});

test.each([
  ['a sample', 40, 30, 340],
  ['half-way to the next row', 40.5, 30, 340.5],
  ['half-way to the next column', 40, 30.5, 345],
  ['between four', 40.25, 30.5, 345.25],
  ['the north-west corner', 0, 0, 0],
  ['the last row', 1199.99, 20, 1399.99],
])('%s', (_, row, column, heightM) => {
  expect(relief.elevationM(at(row, column))).toBeCloseTo(heightM, 4);
});

test('outside the tiles nothing is known', () => {
  expect(relief.elevationM({latitude: 5.99, longitude: -75.5})).toBeNull();
  expect(relief.elevationM({latitude: 6.5, longitude: -76.01})).toBeNull();
});

test('beside a void nothing is known, a sample further it is', () => {
  const tile = readReliefTile(
    'n06w076.hgt',
    encodeTile((row, column) => (row === 600 && column === 600 ? null : 7)),
  );
  const holed = new Relief([tile]);
  expect(holed.elevationM(at(600.5, 600.5))).toBeNull();
  expect(holed.elevationM(at(599.5, 599.5))).toBeNull();
  expect(holed.elevationM(at(602, 602))).toBe(7);
  expect(measureTile(tile)).toEqual({lowestM: 7, highestM: 7, known: SIDE * SIDE - 1, samples: SIDE * SIDE});
});

test('south and east are read from the name, and heights below the sea as they are', () => {
  const tile = readReliefTile(
    'S01E010.hgt',
    encodeTile(() => -5),
  );
  expect(new Relief([tile]).elevationM({latitude: -0.5, longitude: 10.5})).toBe(-5);
});

test('three samples for one say the same heights', () => {
  const dense = densifyTile(slope);
  expect(dense.bytes.length).toBe(3601 * 3601 * 2);
  const fine = new Relief([dense]);
  for (const [row, column] of [
    [40, 30],
    [700, 555],
    [1200, 1200],
  ] as const) {
    const point = {
      latitude: Math.max(at(row, column).latitude, 6),
      longitude: at(row, column).longitude - 1e-9,
    };
    expect(Math.abs((fine.elevationM(point) ?? Number.NaN) - (relief.elevationM(point) ?? 0))).toBeLessThan(
      1,
    );
  }
  expect(densifyTile(dense)).toBe(dense);
}, 60_000);

describe('refused', () => {
  test.each([
    ['hill.hgt', Buffer.alloc(2), /named after its south-west corner/],
    ['N06W076.hgt.zip', Buffer.alloc(2), /named after its south-west corner/],
    ['N06W076.hgt', Buffer.alloc(1000), /has 1000 bytes; a tile has 2884802 or 25934402/],
    ['N06W076.hgt', encodeTile(() => null), /every sample is void/],
  ])('%s', (name, bytes, message) => {
    expect(() => readReliefTile(name, bytes)).toThrow(message);
    expect(() => readReliefTile(name, bytes)).toThrow(ConfigError);
  });
});
