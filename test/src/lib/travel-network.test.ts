import {expect, test} from 'vitest';
import {readTravelFacts} from '../../../src/db/travel-facts.ts';
import {type Station, TransitNetwork} from '../../../src/lib/travel-network.ts';

const {lines} = readTravelFacts();
const network = new TransitNetwork(lines);

function station(id: string): Station {
  const found = lines.flatMap(line => line.stations).find(({stationId}) => stationId === id);
  if (found === undefined) throw new Error(`no station ${id}`);
  return found;
}

function minutesBetween(from: string, to: string): number {
  const stops = network.stopsTo(station(to)).filter(stop => stop.station.stationId === from);
  return Math.min(...stops.map(({minutes}) => minutes));
}

// The published time where there is one, else what riders count with; the model must lie within.
test.each([
  ['metro:a:niquia', 'metro:a:itagui', 33, 40],
  ['metro:a:niquia', 'metro:a:la-estrella', 37, 45],
  ['metro:a:niquia', 'metro:a:poblado', 22, 32],
  ['metro:b:san-javier', 'metro:a:san-antonio', 9, 16],
  ['metro:b:san-javier', 'metro:a:poblado', 18, 28],
  ['metrocable:k:santo-domingo-savio', 'metro:a:acevedo', 7, 13],
  ['metrocable:m:miraflores', 'metrocable:m:el-pinal', 2.4, 3.5],
  ['tranvia:t-a:oriente', 'metro:a:san-antonio', 15, 24],
  ['metroplus:1:universidad-de-medellin', 'metroplus:1:parque-aranjuez', 40, 60],
])('%s to %s takes %d to %d minutes', (from, to, least, most) => {
  const minutes = minutesBetween(from, to);
  expect(minutes).toBeGreaterThanOrEqual(least);
  expect(minutes).toBeLessThanOrEqual(most);
});

test('the way there and back differ by the first wait only', () => {
  const there = minutesBetween('metro:a:niquia', 'metro:a:poblado');
  expect(minutesBetween('metro:a:poblado', 'metro:a:niquia')).toBeCloseTo(there, 6);
});

test('legs add up, one leg a ride, and name line and station where people change', () => {
  const stops = network.stopsTo(station('metro:a:poblado'));
  for (const stop of stops) {
    expect(stop.legs().reduce((sum, leg) => sum + leg.minutes, 0)).toBeCloseTo(stop.minutes, 6);
  }
  const aurora = stops.find(stop => stop.station.stationId === 'metrocable:j:la-aurora');
  expect(aurora?.legs().map(({mode, line, to}) => [mode, line, to])).toEqual([
    ['cable', 'J', 'San Javier'],
    ['walk', null, 'San Javier'],
    ['metro', 'B', 'San Antonio'],
    ['walk', null, 'San Antonio'],
    ['metro', 'A', 'Poblado'],
    ['walk', null, null],
  ]);
});

test('every station has a way to the centre but those from which one walks, and none from a place without stops', () => {
  const reached = new Set(
    network.stopsTo(station('metro:a:san-antonio')).map(stop => stop.station.stationId),
  );
  const all = new Set(lines.flatMap(line => line.stations).map(({stationId}) => stationId));
  expect([...all].filter(id => !reached.has(id))).toEqual([
    'metro:a:san-antonio',
    'metro:b:san-antonio',
    'metroplus:2:san-jose',
  ]);
  expect(network.stopsTo({latitude: 6.43, longitude: -75.33})).toEqual([]);
});
