import {describe, expect, test} from 'vitest';
import {POI_CATEGORIES} from '../../../src/domain/vocabulary.ts';
import {isOfCategory, OSM_TAGS} from '../../../src/imports/osm-tags.ts';

describe('isOfCategory', () => {
  test.each([
    ['school', {amenity: 'kindergarten'}, true],
    ['school', {'disused:amenity': 'school'}, false],
    ['metro_station', {railway: 'station', station: 'subway'}, true],
    ['metro_station', {railway: 'station'}, false],
    ['brt_station', {highway: 'bus_stop', network: 'Metroplús'}, true],
    ['brt_station', {highway: 'bus_stop'}, false],
    ['pharmacy', {shop: 'chemist'}, true],
    ['main_road', {highway: 'primary'}, true],
    ['main_road', {highway: 'primary', tunnel: 'yes'}, false],
    ['main_road', {highway: 'residential'}, false],
    ['mall', {}, false],
  ] as const)('%s: %o is %s', (category, tags, isOne) => {
    expect(isOfCategory(tags, category)).toBe(isOne);
  });

  test('every category can be met by some object, and no test is empty', () => {
    for (const category of POI_CATEGORIES) {
      expect(OSM_TAGS[category].length, category).toBeGreaterThan(0);
      for (const wanted of OSM_TAGS[category]) {
        const tags = Object.fromEntries(
          Object.entries(wanted).map(([key, values]) => [key, values[0] ?? '']),
        );
        expect(Object.keys(tags).length, category).toBeGreaterThan(0);
        expect(isOfCategory(tags, category), category).toBe(true);
      }
    }
  });
});
