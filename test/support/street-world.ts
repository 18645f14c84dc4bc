/** A few streets that are nowhere, at Medellín's coordinates: two banks of a river, one bridge, a hill, an island. */
import type {Point} from '../../src/lib/geo.ts';
import {encodePbf} from './osm-pbf.ts';

const METRES_PER_DEGREE = 111_195;
const ORIGIN: Point = {latitude: 6.24, longitude: -75.58};
/** OpenStreetMap's ids passed 12 thousand million in 2024. */
const FIRST_ID = 12_000_000_000;
const BLOCK_M = 100;

/** Metres east and north of the middle of the world. */
export function placeAt(eastM: number, northM: number): Point {
  const degrees = northM / METRES_PER_DEGREE;
  return {
    latitude: ORIGIN.latitude + degrees,
    longitude: ORIGIN.longitude + eastM / (METRES_PER_DEGREE * Math.cos((6.25 * Math.PI) / 180)),
  };
}

type Corner = readonly [eastM: number, northM: number];

/** Each from corner to corner, straight, with a node a block. */
const STREETS: readonly (readonly [Corner, Corner])[] = [
  // West bank, east bank (the river between 0 and 200 m east), and the bridge a kilometre north.
  [
    [-1000, 0],
    [0, 0],
  ],
  [
    [0, 0],
    [0, 1000],
  ],
  [
    [0, 1000],
    [200, 1000],
  ],
  [
    [200, 1000],
    [200, 0],
  ],
  [
    [200, 0],
    [1200, 0],
  ],
  // Up the hill, beside the flat street of the same length.
  [
    [200, 500],
    [1200, 500],
  ],
  // Nobody gets here.
  [
    [-1000, -3000],
    [-400, -3000],
  ],
];

export function encodeStreets(): Buffer {
  const nodes = new Map<string, {id: number; place: Point}>();
  const nodeOf = ([east, north]: Corner): number => {
    const key = `${east},${north}`;
    const known = nodes.get(key) ?? {id: FIRST_ID + nodes.size, place: placeAt(east, north)};
    nodes.set(key, known);
    return known.id;
  };
  const ways = STREETS.map(([[x0, y0], [x1, y1]], index) => {
    const blocks = Math.round(Math.hypot(x1 - x0, y1 - y0) / BLOCK_M);
    const nodeIds = Array.from({length: blocks + 1}, (_, n): number =>
      nodeOf([x0 + ((x1 - x0) * n) / blocks, y0 + ((y1 - y0) * n) / blocks]),
    );
    const tags = {highway: 'residential', name: `Calle ${index + 1}`};
    return {type: 'way' as const, id: FIRST_ID + index, nodeIds, tags};
  });
  const points = [...nodes.values()].map(({id, place}) => ({type: 'node' as const, id, ...place}));
  return encodePbf([...points, ...ways]);
}

/** Where the hill's slope runs, metres east; its height at the top. */
const HILL = {fromM: 200, toM: 1200, climbM: 200} as const;

/** Relief of 90 m around the world: 1500 m, but for a slope of 20 % eastwards, north of 300 m north. */
export function encodeHill(): Buffer {
  const side = 1201;
  const bytes = Buffer.alloc(side * side * 2);
  const west = placeAt(HILL.fromM, 0).longitude;
  const east = placeAt(HILL.toM, 0).longitude;
  const south = placeAt(0, 300).latitude;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const latitude = 7 - row / (side - 1);
      const share = Math.max(0, Math.min(1, (column / (side - 1) - 76 - west) / (east - west)));
      const heightM = latitude > south ? 1500 + Math.round(share * HILL.climbM) : 1500;
      bytes.writeInt16BE(heightM, (row * side + column) * 2);
    }
  }
  return bytes;
}
