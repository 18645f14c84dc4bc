import {expect, test} from 'vitest';
import {readTravelFacts} from '../../../src/db/travel-facts.ts';
import {isWithin, planeDistanceM, VALLE_DE_ABURRA} from '../../../src/lib/geo.ts';

const {lines, fares, destinations} = readTravelFacts();

test('every line runs from stop to next stop without leaps', () => {
  expect(lines.map(({line}) => line)).toEqual(['A', 'B', 'H', 'J', 'K', 'L', 'M', 'P', 'T-A', '1', '2']);
  for (const {line, stations} of lines) {
    expect(new Set(stations.map(({stationId}) => stationId)).size, line).toBe(stations.length);
    for (const [index, stop] of stations.entries()) {
      const before = stations[index - 1];
      // Arví lies 4.5 km over the ridge; no other two stops are further apart than 2.2 km.
      if (before !== undefined && line !== 'L')
        expect(planeDistanceM(before, stop), `${line} ${stop.name}`).toBeLessThan(2200);
    }
  }
});

test('one fare a day for each service, profile and municipality; every one of the ten has both bus fares', () => {
  const keys = fares.map(fare =>
    [fare.service, fare.profile, fare.municipalityCode, fare.validFrom].join('|'),
  );
  expect(new Set(keys).size).toBe(keys.length);
  for (const service of ['bus', 'bus_transit']) {
    const codes = fares.filter(fare => fare.service === service).map(fare => fare.municipalityCode);
    expect(new Set(codes).size, service).toBe(10);
  }
});

test('destinations have names of their own and lie in the valley', () => {
  expect(new Set(destinations.map(({destination}) => destination)).size).toBe(destinations.length);
  expect(
    destinations.filter(({latitude, longitude}) => !isWithin(VALLE_DE_ABURRA, latitude, longitude)),
  ).toEqual([]);
  const known = destinations.map(({destination}) => destination);
  expect(known).toEqual(
    expect.arrayContaining(['eafit', 'udea', 'unal', 'upb', 'udem', 'itm-robledo', 'sena-pedregal']),
  );
});
