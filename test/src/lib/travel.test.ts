import {describe, expect, test} from 'vitest';
import {readTravelFacts} from '../../../src/db/travel-facts.ts';
import {estimateTravel, planGoal} from '../../../src/lib/travel.ts';
import {TransitNetwork} from '../../../src/lib/travel-network.ts';

const {lines, destinations} = readTravelFacts();
const network = new TransitNetwork(lines);
const eafit = destinations.find(({destination}) => destination === 'eafit');
if (eafit === undefined) throw new Error('no eafit');
const goal = planGoal(network, eafit);

test.each([
  ['beside the campus', 6.2018, -75.5775, 'walk', 2, 8],
  ['Astorga', 6.2087, -75.571, 'walk', 15, 28],
  ['El Poblado, up the hill', 6.2, -75.553, 'bus', 25, 45],
  ['Niquía', 6.337, -75.545, 'transit', 35, 60],
  ['San Antonio de Prado', 6.184, -75.656, 'bus_transit', 45, 90],
])('%s', (_, latitude, longitude, mode, least, most) => {
  const travel = estimateTravel({latitude, longitude}, goal);
  expect(travel).toMatchObject({mode, quality: 'estimated'});
  expect(travel?.minutes).toBeGreaterThanOrEqual(least);
  expect(travel?.minutes).toBeLessThanOrEqual(most);
  expect(travel?.legs.reduce((sum, leg) => sum + leg.minutes, 0)).toBeCloseTo(travel?.minutes ?? 0, 0);
  expect(travel?.legs.at(-1)?.to).toBeNull();
});

test('at the destination itself it is a known zero', () => {
  expect(estimateTravel(eafit, goal)).toMatchObject({minutes: 0, mode: 'walk'});
});

describe('unknown is null', () => {
  test.each([
    ['no point', null],
    ['Bogotá', {latitude: 4.65, longitude: -74.08}],
    ['swapped', {latitude: -75.57, longitude: 6.2}],
    ['not a number', {latitude: Number.NaN, longitude: -75.57}],
  ])('%s', (_, home) => {
    expect(estimateTravel(home, goal)).toBeNull();
  });

  test('a destination outside the valley', () => {
    expect(estimateTravel(eafit, planGoal(network, {latitude: 6.15, longitude: -75.37}))).not.toBeNull();
    expect(estimateTravel(eafit, planGoal(network, {latitude: 4.65, longitude: -74.08}))).toBeNull();
  });
});

test('further along the same street is never quicker', () => {
  const minutes = Array.from({length: 40}, (_, step) => {
    const home = {latitude: 6.2 - step * 0.004, longitude: -75.5};
    return (
      estimateTravel(home, planGoal(new TransitNetwork([]), {latitude: 6.2, longitude: -75.5}))?.minutes ?? 0
    );
  });
  expect(minutes).toEqual([...minutes].sort((a, b) => a - b));
});
