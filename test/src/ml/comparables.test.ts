import {describe, expect, it} from 'vitest';
import {findComparables, indexComparables} from '../../../src/ml/comparables.ts';
import {featureRow} from '../../support/housing-world.ts';

describe('findComparables', () => {
  const home = featureRow({groupId: 'asked'});
  const near = (groupId: string, changes: object = {}) =>
    featureRow({groupId, listingId: groupId, latitude: 6.25, longitude: -75.592, ...changes});

  it('takes near homes of the same type, estrato and about the same area, once each, never itself', () => {
    const rows = [
      home,
      near('a', {priceCop: 80e6}),
      near('b', {priceCop: 160e6}),
      near('c', {priceCop: 240e6}),
      near('c', {priceCop: 240e6}),
      near('too-large', {areaM2: 101}),
      near('too-small', {areaM2: 59}),
      near('house', {propertyType: 'house'}),
      near('estrato', {stratum: 4}),
      near('far', {latitude: 6.27}),
    ];
    expect(findComparables(indexComparables(rows), home)).toEqual({count: 3, medianPerM2: 2e6});
  });

  it("compares by barrio where a point is not the home's own", () => {
    const rows = [
      near('same-barrio', {latitude: 6.9, isSharedPin: true}),
      near('other-barrio', {neighbourhood: 'Belén', isSharedPin: true}),
      near('no-point', {latitude: null, longitude: null}),
    ];
    expect(findComparables(indexComparables(rows), home).count).toBe(2);
  });

  it('says so when there is nobody', () => {
    expect(findComparables(indexComparables([home]), home)).toEqual({count: 0, medianPerM2: null});
  });
});
