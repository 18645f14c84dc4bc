import {expect, test} from 'vitest';
import {isLive} from '../../../src/cli/health.ts';
import {definePolicy} from '../../../src/config/policy.ts';

const policy = definePolicy({
  portals: {
    toy: {places: ['antioquia/bello'], operations: ['sale'], propertyTypes: ['house'], maxPagesPerRun: 9},
  },
});
const scope = {portal: 'toy', operation: 'sale', propertyType: 'house', place: 'antioquia/bello'} as const;

test.each([
  [scope, true],
  [{...scope, place: 'antioquia/bello/niquia'}, true],
  [{...scope, place: 'antioquia/bello-norte'}, false],
  [{...scope, place: 'antioquia/medellin'}, false],
  [{...scope, operation: 'rent' as const}, false],
  [{...scope, propertyType: 'farm' as const}, false],
  [{...scope, portal: 'elsewhere'}, false],
  [{...scope, operation: null}, false],
])('%j raises alarms: %s', (given, expected) => {
  expect(isLive(policy, given)).toBe(expected);
});
