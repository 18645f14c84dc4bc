import {expect, test} from 'vitest';
import {stateWays, walkMinutes} from '../../../src/lib/travel-ways.ts';

const LEVEL = 1000 * 1.3 * (60 / 4800);

test('a kilometre straight on is a quarter of an hour on the level', () => {
  expect(walkMinutes(1000)).toBeCloseTo(16.25, 2);
  expect(walkMinutes(0)).toBe(0);
});

// exp(−3.5 · |slope + 0.05|), the slope over 1300 m of street.
test.each([
  ['10 % up', 130, Math.exp(3.5 * 0.1)],
  ['20 % up', 260, Math.exp(3.5 * 0.2)],
  ['5 % down, the best of all', -65, Math.exp(-3.5 * 0.05)],
  ['10 % down, as quick as level', -130, 1],
  ['20 % down', -260, Math.exp(3.5 * 0.1)],
])('%s: as Tobler has it', (_, climbM, slowing) => {
  expect(walkMinutes(1000, climbM)).toBeCloseTo(LEVEL * slowing, 6);
});

test('a cliff is climbed by a longer way: minutes go with the height, not through the roof', () => {
  const one = walkMinutes(10, 100);
  expect(walkMinutes(10, 200)).toBeCloseTo(2 * one, 6);
  expect(walkMinutes(0, 100)).toBeCloseTo(one, 6);
  // 100 m up at Tobler's quickest climb.
  expect(one).toBeCloseTo((350 / 80) * Math.exp(1), 6);
});

test('more climb is never quicker', () => {
  const minutes = Array.from({length: 60}, (_, step) => walkMinutes(500, step * 10));
  expect(minutes).toEqual([...minutes].sort((a, b) => a - b));
});

test('the climb counts where both ends are known, in its direction; else the walk is level', () => {
  const low = {latitude: 6.2, longitude: -75.57};
  const high = {latitude: 6.2, longitude: -75.56};
  const unknown = {latitude: 6.2, longitude: -75.55};
  const {walkMinutes: minutes, walkQuality} = stateWays(point =>
    point === unknown ? null : point === high ? 1700 : 1500,
  );
  const level = stateWays().walkMinutes(low, high) ?? Number.NaN;
  expect(walkQuality).toBe('estimated');
  expect(minutes(low, high)).toBeGreaterThan((minutes(high, low) ?? Number.NaN) * 1.2);
  expect(minutes(low, high)).toBeGreaterThan(level);
  expect(minutes(low, unknown)).toBeCloseTo(2 * level, 1);
});
