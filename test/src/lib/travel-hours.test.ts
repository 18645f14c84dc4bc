import {expect, test} from 'vitest';
import {readTravelFacts} from '../../../src/db/travel-facts.ts';
import {estimateTravel, planGoal} from '../../../src/lib/travel.ts';
import {DEFAULT_DEPARTURE_MINUTE, linesAt, readClock, writeClock} from '../../../src/lib/travel-hours.ts';
import {TransitNetwork} from '../../../src/lib/travel-network.ts';

const {lines} = readTravelFacts();

test.each([
  ['00:00', 0],
  ['04:30', 270],
  ['23:59', 1439],
])('%s is minute %d, and back', (text, minute) => {
  expect(readClock(text)).toBe(minute);
  expect(writeClock(minute)).toBe(text);
});

test.each(['24:00', '7:00', '07:60', '7am', ''])('"%s" is no hour', text => {
  expect(readClock(text)).toBeUndefined();
});

test.each([
  ['04:29', 0],
  ['04:30', lines.length - 1],
  ['10:00', lines.length],
  ['18:00', lines.length - 1],
  ['22:59', lines.length - 1],
  ['23:00', 0],
  ['02:00', 0],
])('at %s, %d lines run', (text, running) => {
  expect(linesAt(lines, readClock(text) ?? Number.NaN)).toHaveLength(running);
});

test('at night nobody goes by metro', () => {
  const niquia = {latitude: 6.337, longitude: -75.545};
  const poblado = {latitude: 6.2127, longitude: -75.578};
  const modeAt = (minute: number) =>
    estimateTravel(niquia, planGoal(new TransitNetwork(linesAt(lines, minute)), poblado))?.mode;
  expect([modeAt(DEFAULT_DEPARTURE_MINUTE), modeAt(2 * 60)]).toEqual(['transit', 'bus']);
});
