import {expect, test} from 'vitest';
import {contradicts, judgePoint, pinOf} from '../../../pipelines/enrich/quality.ts';
import {PlaceIndex} from '../../../src/lib/geo-places.ts';

test('a pin is 1e-4 degrees', () => {
  expect(pinOf(6.20164, -75.57214)).toBe('62016/-755721');
});

test('the reasons of shared points count who shares them', () => {
  const facts = {
    latitude: 6.2512,
    longitude: -75.5712,
    correction: null,
    pinListings: 31,
    pinNeighbourhoods: 9,
  };
  const judged = judgePoint(facts, null, new Map(), new PlaceIndex([]));
  expect(judged).toMatchObject({geoQuality: 'shared_pin', reason: '31 adverts share this point'});
});

test('a place without a known area contradicts nothing', () => {
  const places = new PlaceIndex([
    {
      placeCode: '05001-14',
      kind: 'district',
      name: 'El Poblado',
      parentCode: '05001',
      geometry: null,
      latitude: 6.2,
      longitude: -75.57,
    },
  ]);
  expect(contradicts('05001-14', {latitude: 6.3, longitude: -75.6}, places)).toBeNull();
});
