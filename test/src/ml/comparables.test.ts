import {describe, expect, it} from 'vitest';
import {
  ENOUGH_COMPARABLES,
  findComparables,
  indexComparables,
  listComparables,
} from '../../../src/ml/comparables.ts';
import {featureRow} from '../../support/housing-world.ts';

describe('findComparables', () => {
  const home = featureRow({groupId: 'asked'});
  const near = (groupId: string, changes: object = {}) =>
    featureRow({groupId, listingId: groupId, latitude: 6.25, longitude: -75.592, ...changes});

  it('takes near homes of the same type, estrato and about the same area, once each, never itself', () => {
    const others = Array.from({length: ENOUGH_COMPARABLES - 3}, (_, n) => near(`n${n}`, {priceCop: 160e6}));
    const rows = [
      home,
      ...others,
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
    expect(findComparables(indexComparables(rows), home)).toEqual({
      count: ENOUGH_COMPARABLES,
      medianPerM2: 2e6,
      radiusM: 1500,
    });
  });

  it('widens the circle until there are enough, and says how wide it became', () => {
    const around = (count: number, latitude: number) =>
      Array.from({length: count}, (_, n) => near(`${latitude}/${n}`, {latitude}));
    const found = (...rows: ReturnType<typeof near>[]) =>
      findComparables(indexComparables([home, ...rows]), home);
    expect(found(...around(3, 6.25), ...around(5, 6.265))).toMatchObject({count: 8, radiusM: 3000});
    expect(found(...around(3, 6.25), ...around(4, 6.265), ...around(3, 6.29))).toMatchObject({
      count: 10,
      radiusM: 6000,
    });
    expect(found(...around(3, 6.25), ...around(9, 6.4))).toMatchObject({count: 3, radiusM: 6000});
  });

  it("compares by barrio where a point is not the home's own, by municipality when that is not enough", () => {
    const barrio = (count: number) =>
      Array.from({length: count}, (_, n) => near(`b${n}`, {latitude: 6.9, isSharedPin: true}));
    const others = [
      near('other-barrio', {neighbourhood: 'Belén', isSharedPin: true}),
      near('other-town', {neighbourhood: 'Centro', municipality: 'Bello', latitude: null, longitude: null}),
    ];
    const found = (count: number) => findComparables(indexComparables([...barrio(count), ...others]), home);
    expect(found(8)).toMatchObject({count: 8, radiusM: 1500});
    expect(found(2)).toMatchObject({count: 3, radiusM: 6000});
  });

  it('says so when there is nobody', () => {
    expect(findComparables(indexComparables([home]), home)).toEqual({
      count: 0,
      medianPerM2: null,
      radiusM: 6000,
    });
  });
});

describe('listComparables', () => {
  const home = featureRow({groupId: 'asked'});
  const other = (listingId: string, changes: object = {}) =>
    featureRow({groupId: listingId, listingId, ...changes});
  const rows = [
    other('far', {latitude: 6.2535}),
    other('near'),
    other('small', {areaM2: 64}),
    other('baths', {bathrooms: 4}),
    other('nowhere', {latitude: null, longitude: null}),
    home,
  ];

  it('counts as findComparables does, and lists the most alike first', () => {
    const index = indexComparables(rows);
    const {homes, ...counted} = listComparables(index, home);
    expect(counted).toEqual(findComparables(index, home));
    expect(homes.map(({listingId}) => listingId)).toEqual(['near', 'small', 'baths', 'far', 'nowhere']);
    expect(homes[0]).toMatchObject({areaM2: 80, priceCop: 400_000_000, perM2: 5_000_000, distanceM: 0});
    expect(homes[3]!.distanceM).toBeCloseTo(945, -1);
    expect(homes[4]!.distanceM).toBeNull();
  });

  it('is the same in any order of the adverts', () => {
    const copies = [...rows, other('z', {groupId: 'near'}), other('a', {groupId: 'near'})];
    const listed = (from: typeof copies) => listComparables(indexComparables(from), home);
    expect(listed(copies.toReversed())).toEqual(listed(copies));
  });
});
